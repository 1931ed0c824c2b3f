"""A comparison is complete, symmetric, finds renamed nodes again, and says what is different in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from graphs.comparing.compare import Both, compare, figures
from graphs.comparing.compare_words import Line, lines, value_words
from graphs.edits import AddNodes, Connect, Move, RemoveNodes, Rename, SetFields, SetMode, SetSetting
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import Block, End, Frame, Network, Node, Note, Wire
from studio.recipe import Recipe

IDS = ("a1", "a2", "b1", "b10", "c")
KINDS = ("ReLU", "Linear", "Add")


@st.composite
def networks(draw: st.DrawFn, depth: int = 1) -> Network:
    """Networks that share ids, names and kinds by chance, with blocks, marks and settings."""
    ids = draw(st.lists(st.sampled_from(IDS), unique=True))
    nodes = {
        i: Node(
            i,
            draw(st.sampled_from(KINDS)),
            draw(st.sampled_from(("", "First", "Last"))),
            draw(st.sampled_from(({}, {"out_features": 3}, {"out_features": 4}))),
            (float(draw(st.integers(0, 2))), 0.0),
            draw(st.sampled_from(("", "mute"))),
        )
        for i in ids
    }
    ends = st.tuples(st.sampled_from(ids), st.sampled_from(("in", "b"))) if ids else st.nothing()
    wires = draw(st.lists(st.tuples(st.sampled_from(ids), ends), max_size=6)) if ids else []
    made = [Wire(End(source, "out"), End(*target)) for source, target in wires]
    members = tuple(draw(st.lists(st.sampled_from(ids), unique=True))) if ids else ()
    marks = draw(st.sampled_from(({}, {"note1": Note("note1", "x")}, {"frame1": Frame("frame1", "F", "", members)})))
    blocks = {"x": Block("x", "X", draw(networks(0)))} if depth and draw(st.booleans()) else {}
    sections = draw(st.sampled_from(({}, {"recipe": {"seed": 1}}, {"recipe": {"seed": 2}, "data": {"source": "x"}})))
    return Network(nodes, {w.target: w for w in made}, sections, blocks, marks)


@settings(max_examples=150, deadline=None)
@given(networks(), networks())
def test_a_comparison_leads_from_one_to_the_other_and_back(before: Network, after: Network) -> None:
    found = compare(before, after)
    assert found.lead(before) == after
    assert found.flipped.lead(after) == before
    assert compare(after, before) == found.flipped
    assert bool(found) == (before != after)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_nothing_is_different_from_itself(network: Network) -> None:
    same = replace(network, nodes={i: replace(node) for i, node in reversed(network.nodes.items())})
    found = compare(network, same)
    assert not found and not found.structural
    assert said(network, same) == ()


@settings(max_examples=60, deadline=None)
@given(networks(), networks())
def test_every_structural_difference_has_a_line(before: Network, after: Network) -> None:
    found, told = compare(before, after), said(before, after)
    nodes = {(line.sort, line.node) for line in told if line.what == "node"}
    assert {("added", i) for i in found.added} | {("removed", i) for i in found.removed} <= nodes
    assert len([line for line in told if line.what == "wire"]) == len(found.wires_added) + len(found.wires_removed)
    assert len([line for line in told if line.what == "block"]) == len(found.blocks)


def renamed(network: Network, names: Mapping[str, str]) -> Network:
    nodes = {names.get(i, i): replace(node, id=names.get(i, i)) for i, node in network.nodes.items()}
    wires = [
        Wire(End(names.get(w.source.node, w.source.node), w.source.port),
             End(names.get(w.target.node, w.target.node), w.target.port))
        for w in network.wires.values()
    ]  # fmt: skip
    return Network(nodes, {w.target: w for w in wires}, network.settings)


def test_nodes_under_other_ids_are_found_again(lenet: Network, branches: Network) -> None:
    for network in (lenet, branches):
        some = {i: f"x{n}" for n, i in enumerate(network.ids) if n % 3}
        assert {a: b for a, b in compare(network, renamed(network, some)).pairs.items() if a != b} == some
        everything = {i: f"x{n}" for n, i in enumerate(reversed(network.ids))}
        found = compare(network, renamed(network, everything))
        assert dict(found.pairs) == everything
        assert not found.added and not found.removed and not found.wires_added and not found.wires_removed


def models(section: str, _values: Mapping[str, Any]) -> type[BaseModel] | None:
    return Recipe if section == "recipe" else None


def said(before: Network, after: Network) -> tuple[Line, ...]:
    return lines(compare(before, after), before, after, Both(standard(), standard()), models)


def test_words_are_those_of_the_forms(lenet: Network) -> None:
    after = lenet
    for edit in (
        SetFields("conv1", {"out_channels": 8, "padding": "same"}),
        SetMode(("relu1",), "bypass"),
        Rename("fc1", "Dense"),
        SetFields("fc2", {"out_features": "=width*2"}),
        SetSetting("recipe", {"learning_rate": 0.01}),
        RemoveNodes(("pool2",)),
        AddNodes((Node("extra", "Dropout"),)),
        Connect((Wire(End("relu2", "out"), End("flatten", "in")),)),
        Move({"image": (9.0, 9.0)}),
    ):
        after = edit.apply(after)[0]
    told = said(lenet, after)
    by = {line.title: [str(d) for d in line.details] for line in told if line.what != "wire"}
    assert by["conv1"] == ["Filters: 6 → 8", "Padding: 2 × 2 → same"]
    assert by["relu1"] == ["Mode: computes → bypassed"]
    assert by["Dense"] == ["Name: fc1 → Dense"]
    assert by["fc2"][0].endswith("84 → =width*2")
    assert by["Recipe"] == ["Learning rate: 0.001 → 0.01"]
    assert [line.title for line in told if line.sort == "moved"] == ["image"]
    assert {(line.sort, line.title) for line in told if line.what == "wire"} == {
        ("removed", "relu2 → pool2"), ("removed", "pool2 → flatten"), ("added", "relu2 → flatten"),
    }  # fmt: skip


def test_a_default_that_is_written_down_is_no_difference(lenet: Network) -> None:
    explicit = SetFields("pool1", {"kernel_size": [2, 2]}).apply(lenet)[0]
    assert [line for line in said(lenet, explicit) if line.what == "node"] == []


def test_what_a_change_costs(lenet: Network) -> None:
    after = SetFields("conv1", {"out_channels": 8}).apply(lenet)[0]
    first, second = (Inference(standard()).analyse(n) for n in (lenet, after))
    found = figures(compare(lenet, after), first, second)
    assert (found.parameters.before, found.parameters.after) == (61_706, 61_706 + 2 * 26 + 2 * 25 * 16)
    assert found.nodes["conv1"][0] == Both(6 * 26, 8 * 26)
    assert [str(s) for s in found.nodes["pool1"][1].after] == ["8×14×14"]
    assert "fc1" not in found.nodes


def test_blocks_are_compared_inside(lenet: Network) -> None:
    inner = Network.of([Node("conv1", "Conv2d", fields={"out_channels": 4})], [])
    other = Network.of([Node("conv1", "Conv2d", fields={"out_channels": 5})], [])
    before = replace(lenet, blocks={"res": Block("res", "Residual", inner)})
    after = replace(lenet, blocks={"res": Block("res", "Residual", other)})
    (line,) = said(before, after)
    assert (line.sort, line.title) == ("changed", "Block Residual")
    assert [str(d) for d in line.within[0].details] == ["Filters: 4 → 5"]


def test_values_in_words() -> None:
    assert [value_words(v) for v in (None, True, 0.1, [3, 5], "cross_entropy", "=width_a", {"a_b": [1]})] == [
        "", "yes", "0.1", "3 × 5", "cross entropy", "=width_a", "a b 1",
    ]  # fmt: skip
    assert len(value_words("x" * 1000)) == 80


def test_names_that_a_person_chose_are_told_as_they_are() -> None:
    old, new = (Network(settings={"hyperparameters": {"hidden_width": value}}) for value in (8, 16))
    catalogues = Both(standard(), standard())
    (line,) = lines(compare(old, new), old, new, catalogues, lambda key, values: None)
    assert [str(said) for said in line.details] == ["hidden_width: 8 → 16"]
