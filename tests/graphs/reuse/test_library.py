"""Blocks on disk: saved and read back whole, hostile files in one sentence; those that ship compute what they say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphs.edits import SetFields, enclosing, inside
from graphs.files import atomic
from graphs.files.faults import FileFault
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK, Block, End, Network, Node, Wire
from graphs.reuse import library
from graphs.reuse.fragments import graft
from graphs.reuse.library import SHIPPED, SUFFIX, Entry, Library, file_stem, load
from graphs.reuse.parameters import set_default


def design() -> Network:
    """Two blocks, one in the other, with names of the design in their expressions."""
    inner = Network.of([Node("fc1", "Linear", fields={"out_features": "=width"})], [])
    outer = Network.of(
        [Node("use1", "block-inner"), Node("fc1", "Linear", fields={"out_features": "=width * factor + depth"})], []
    )
    blocks = {
        "inner": Block("inner", "Inner", inner),
        "outer": Block("outer", "Outer: a Test", outer, {"factor": "=depth"}, "Helps."),
        "spare": Block("spare", "Spare"),
    }
    return Network(blocks=blocks, settings={"hyperparameters": {"width": 8, "depth": "=width/4", "rate": 0.1}})


def test_what_is_saved_is_listed_and_needs_nothing_else(tmp_path: Path) -> None:
    shelf = Library(tmp_path / "blocks")
    assert shelf.listing() == ((), ())
    entry = shelf.save(design(), "outer")
    assert entry.path.name == f"outer-a-test{SUFFIX}" and shelf.listing().entries == (entry,)
    assert set(entry.part.blocks) == {"inner", "outer"} and entry.title == "Outer: a Test"
    assert entry.definition.parameters == {"factor": "=depth", "width": 8, "depth": 2}
    assert entry.part.blocks["inner"].network.nodes["fc1"].fields == {"out_features": 8}
    assert load(entry.path) == entry


def test_a_name_is_taken_once_unless_it_is_written_over(tmp_path: Path) -> None:
    shelf = Library(tmp_path)
    first = shelf.save(design(), "spare")
    assert shelf.save(design(), "spare") == first
    other = replace(design(), blocks={"spare": replace(design().blocks["spare"], help="Other.")})
    with pytest.raises(FileFault, match=r"spare\.netloom-block: there is a block of this name already; give"):
        shelf.save(other, "spare")
    assert shelf.save(other, "spare", over=True).definition.help == "Other."
    assert shelf.listing().entries[0].definition.help == "Other."


def test_titles_of_any_script_have_files_of_their_own(tmp_path: Path) -> None:
    shelf = Library(tmp_path)
    titles = [
        "Блок",
        "残差",
        "C",
        "C++",
        "Réseau",
        "Reseau",
        "con",
        "x" * 90,
        "x" * 91,
        "Блок 2",
        "🙂",
        "Stage 1: a (b)",
    ]
    for title in titles:
        shelf.save(Network(blocks={"b": Block("b", title)}), "b")
    assert {entry.title for entry in shelf.listing().entries} == set(titles)
    names = [entry.path.name.removesuffix(SUFFIX) for entry in shelf.listing().entries]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,90}", name) for name in names) and "con" not in names
    assert file_stem("Stage 1: a (b)") == "stage-1-a-b" and file_stem("Re\u0301seau") == file_stem("Réseau")
    with pytest.raises(FileFault, match="of this name already"):
        shelf.save(Network(blocks={"b": Block("b", "блок", help="Other.")}), "b")


def test_a_hyperparameter_that_no_parameter_can_be_called_after_becomes_its_value(tmp_path: Path) -> None:
    inner = Network.of([Node("fc1", "Linear", fields={"out_features": "=repeat*width"})], [])
    sections = {"hyperparameters": {"repeat": 3, "width": 8}}
    network = Network(blocks={"b": Block("b", "B", inner, {"twice": "=repeat*2"})}, settings=sections)
    found = Library(tmp_path).save(network, "b").definition
    assert found.parameters == {"twice": "=3*2", "width": 8}
    assert found.network.nodes["fc1"].fields == {"out_features": "=3*width"}


def test_blocks_are_renamed_and_removed(tmp_path: Path) -> None:
    shelf = Library(tmp_path)
    entry, outer = shelf.save(design(), "spare"), shelf.save(design(), "outer")
    with pytest.raises(FileFault, match="of this name already"):
        shelf.rename(entry, "Outer a  test")
    with pytest.raises(FileFault, match="needs a title"):
        shelf.rename(entry, " ")
    renamed = shelf.rename(entry, " Another   name ")
    assert renamed.title == "Another name" and not entry.path.exists()
    assert shelf.listing().entries == (renamed, outer)
    assert shelf.rename(renamed, "Another NAME").title == "Another NAME"
    shelf.remove(renamed)
    shelf.remove(renamed)
    assert shelf.listing().entries == (outer,)


def test_a_block_comes_into_a_design_once_and_beside_another_of_its_id(tmp_path: Path) -> None:
    entry = Library(tmp_path).save(design(), "outer")
    fresh = graft(Network(), entry.use((40, 80)))
    network = fresh.edit.apply(Network())[0]
    assert network.nodes["outer1"] == Node("outer1", "block-outer", position=(40, 80))
    again = graft(network, entry.use()).edit.apply(network)[0]
    assert again.blocks == network.blocks and set(again.nodes) == {"outer1", "outer2"}
    clash = Network(blocks={"inner": Block("inner", "Something else")})
    beside = graft(clash, entry.use()).edit.apply(clash)[0]
    assert set(beside.blocks) == {"inner", "inner2", "outer"}
    assert beside.blocks["outer"].network.uses == {"inner2"} and beside.blocks["inner"] == clash.blocks["inner"]


def test_blocks_that_share_their_nodes_are_told_apart_by_their_id(tmp_path: Path) -> None:
    entry = Library(tmp_path).save(design(), "outer")
    network = graft(Network(), entry.use()).edit.apply(Network())[0]
    network = set_default(network, "outer", "width", 99).apply(network)[0]
    network = graft(network, entry.use()).edit.apply(network)[0]
    assert enclosing(inside(network, "outer")) is network.blocks["outer"]
    assert enclosing(inside(network, "outer2")) is network.blocks["outer2"]
    assert enclosing(SetFields("fc1", {}).apply(inside(network, "outer2"))[0]) is network.blocks["outer2"]
    assert enclosing(network) is None


def file(**parts: Any) -> str:
    raw: dict[str, Any] = {
        "format": "netloom-block",
        "version": 2,
        "block": "a",
        "nodes": {},
        "blocks": {"a": {"nodes": {}}},
    }
    return json.dumps({**raw, **parts})


HOSTILE = {
    "empty": ("", "line 1"),
    "a project": ('{"format": "netloom", "version": 1, "nodes": {}}', "is no block of Netloom; choose a file"),
    "newer": (file(version=9), "newer Netloom"),
    "no block": (file(block="b"), "blocks: do not hold “b”, which the file is about"),
    "no id": (file(block="a/../b"), "block: may hold letters"),
    "layers": (file(nodes={"x": {"kind": "ReLU"}}), "stand beside layers"),
    "missing": (file(blocks={"a": {"nodes": {"x": {"kind": "block-b"}}}}), "do not hold “b”, which “a” needs"),
    "circle": (file(blocks={"a": {"nodes": {"x": {"kind": "block-a"}}}}), "hold “a”, which is inside itself"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_bad_file_gets_one_clear_sentence_and_leaves_the_others(case: str, tmp_path: Path) -> None:
    content, message = HOSTILE[case]
    shelf = Library(tmp_path)
    good = shelf.save(design(), "spare")
    (tmp_path / f"bad{SUFFIX}").write_text(content)
    entries, faults = shelf.listing()
    assert entries == (good,) and len(faults) == 1 and str(faults[0]).startswith(f"bad{SUFFIX}")
    assert shelf.listing().faults[0] is faults[0]  # not read again
    with pytest.raises(FileFault, match=message):
        load(tmp_path / f"bad{SUFFIX}")


def test_folders_and_files_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileFault, match="could not be written"):
        Library(tmp_path / "file").save(design(), "spare")
    with pytest.raises(FileFault, match="could not be read"):
        Library(tmp_path / "file").listing()
    shelf = Library(tmp_path)
    for i in range(3):
        (tmp_path / f"{i}{SUFFIX}").write_bytes(b"\xff")
    assert len(shelf.listing().faults) == 3
    monkeypatch.setattr(library, "MAX_FILES", 2)
    with pytest.raises(FileFault, match="more than the 2 blocks"):
        shelf.listing()


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Library(tmp_path)
    entry = shelf.save(design(), "spare")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", fail)
    with pytest.raises(FileFault, match="No space left"):
        shelf.rename(entry, "Other")
    monkeypatch.undo()
    assert shelf.listing() == ((entry,), ()) and [path.name for path in tmp_path.iterdir()] == [entry.path.name]


COUNTS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    # what comes in, what goes out, and the parameters: convolutions + biases + batch normalisations (two a channel)
    "residual": ((16, 8, 8), (16, 8, 8), 2 * 16 * 16 * 9 + 2 * 2 * 16),
    "residual_down": ((16, 8, 8), (32, 4, 4), 16 * 32 * 9 + 32 * 32 * 9 + 16 * 32 + 3 * 2 * 32),
    "bottleneck": ((64, 8, 8), (64, 8, 8), 64 * 16 + 16 * 16 * 9 + 16 * 64 + 2 * (16 + 16 + 64)),
    "inception": (
        (16, 8, 8),
        (32, 8, 8),
        (16 * 8 + 8) + (16 * 4 + 4) + (4 * 8 * 9 + 8) + (16 * 4 + 4) + (4 * 8 * 25 + 8) + (16 * 8 + 8),
    ),
    "conv_bn_relu": ((3, 8, 8), (16, 8, 8), 3 * 16 * 9 + 2 * 16),
    "squeeze_excite": ((16, 8, 8), (16, 8, 8), (16 * 4 + 4) + (4 * 16 + 16)),
    "mlp": ((32,), (32,), (32 * 128 + 128) + (128 * 32 + 32)),
    "dense": ((16, 8, 8), (28, 8, 8), 2 * 16 + 16 * 12 * 9),
}


def shipped() -> dict[str, Entry]:
    entries, faults = Library(SHIPPED).listing()
    assert not faults
    return {entry.block: entry for entry in entries}


def around(entry: Entry, shape: tuple[int, ...], **fields: Any) -> Network:
    """A network in which one use of the block stands between an input and an output."""
    if len(shape) == 1:
        begin = Node("input1", "VectorInput", fields={"features": shape[0]})
    else:
        begin = Node("input1", "ImageInput", fields=dict(zip(("channels", "height", "width"), shape, strict=True)))
    network = Network.of([begin, Node("output1", "Output")], [])
    network = graft(network, entry.use()).edit.apply(network)[0]
    use = next(node.id for node in network.nodes.values() if node.kind.startswith(BLOCK))
    network = SetFields(use, fields).apply(network)[0]
    ends = (Wire(End("input1", "out"), End(use, "in1")), Wire(End(use, "out1"), End("output1", "in")))
    return replace(network, wires={w.target: w for w in ends})


def knowing(network: Network) -> Catalogue:
    catalogue = standard().copy()
    catalogue.know(network)
    return catalogue


def between(entry: Entry, shape: tuple[int, ...], **fields: Any) -> tuple[Analysis, tuple[int, ...]]:
    """The analysis of such a network, and the shape that the block gives."""
    network = around(entry, shape, **fields)
    analysis = Inference(knowing(network)).analyse(network)
    assert not analysis.problems, analysis.problems
    given = analysis.output_shape(network.incoming("output1")[0].source)
    assert given is not None
    return analysis, given.dims


def test_all_that_ship_have_a_test_and_help() -> None:
    entries = shipped()
    assert entries.keys() == COUNTS.keys()
    assert len({entry.title for entry in entries.values()}) == len(entries)
    for entry in entries.values():
        assert entry.definition.help.endswith(".") and entry.definition.parameters


@pytest.mark.parametrize("block", COUNTS)
def test_a_shipped_block_has_the_parameters_worked_out_by_hand(block: str) -> None:
    shape, out, count = COUNTS[block]
    analysis, given = between(shipped()[block], shape)
    assert analysis.parameters == count and given == out


@pytest.mark.parametrize(
    ("block", "shape", "fields", "out"),
    [
        ("residual", (6, 8, 8), {"channels": 6, "repeat": 3}, (6, 8, 8)),
        ("residual_down", (6, 9, 9), {"channels": 5, "stride": 3}, (5, 3, 3)),
        ("bottleneck", (10, 4, 4), {"width": 5, "expansion": 2}, (10, 4, 4)),
        ("inception", (3, 7, 7), {"channels": 1}, (4, 7, 7)),
        ("conv_bn_relu", (3, 9, 9), {"channels": 4, "kernel": 5, "stride": 2}, (4, 5, 5)),
        ("squeeze_excite", (3, 7, 7), {"channels": 3, "reduction": 16}, (3, 7, 7)),
        ("mlp", (5,), {"units": 5, "expansion": 2, "dropout": 0.0, "repeat": 2}, (5,)),
        ("dense", (3, 7, 7), {"growth": 2, "repeat": 4}, (11, 7, 7)),
    ],
)
def test_shipped_blocks_follow_their_parameters(
    block: str, shape: tuple[int, ...], fields: dict[str, Any], out: tuple[int, ...]
) -> None:
    assert between(shipped()[block], shape, **fields)[1] == out


def test_shipped_blocks_build() -> None:
    """Each gives numbers of the shape that was worked out."""
    import torch

    from graphs.building.build import build

    for block, (shape, out, _) in COUNTS.items():
        network = around(shipped()[block], shape)
        module = build(network, knowing(network)).module.eval()
        with torch.no_grad():
            assert module(torch.zeros(2, *shape)).shape == (2, *out)
