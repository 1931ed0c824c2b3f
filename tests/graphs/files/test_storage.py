"""Round trips of the project's file, and what happens to broken and hostile ones."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graphs.edits import EditError, SetBlocks
from graphs.files import atomic, records, storage
from graphs.files.storage import FileFault
from graphs.network import Block, End, Frame, Mark, Network, Node, Note, Wire
from graphs.reuse.fragments import fragment, graft

ids = st.from_regex(r"[a-zA-Zé_][\w\-]{0,8}", fullmatch=True)
ports = st.sampled_from(["in", "out", "a", "b-1"])
text = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | text, lambda v: st.lists(v, max_size=3) | st.dictionaries(text, v, max_size=3), max_leaves=8
)
pixels = st.floats(-1e6, 1e6)


modes = st.sampled_from(["", "", "bypass", "mute"])
colours = st.sampled_from(["", "convolution", "io"])
extents = st.tuples(st.floats(1, 1e4), st.floats(1, 1e4))


@st.composite
def insides(draw: st.DrawFn, kinds: st.SearchStrategy[str] = ids) -> Network:
    """Nodes, wires, frames and notes."""
    names = draw(st.lists(ids, max_size=9, unique=True))
    nodes = [
        Node(
            i,
            draw(kinds),
            draw(text),
            draw(st.dictionaries(text, values, max_size=3)),
            draw(st.tuples(pixels, pixels)),
            draw(modes),
        )
        for i in names[:6]
    ]
    ends = st.builds(End, st.sampled_from([n.id for n in nodes]), ports) if nodes else st.nothing()
    wires = draw(st.lists(st.builds(Wire, ends, ends), max_size=6, unique_by=lambda w: w.target)) if nodes else []
    notes = [Note(i, draw(text), draw(st.tuples(pixels, pixels)), draw(extents), draw(colours)) for i in names[6:8]]
    marks: dict[str, Mark] = {note.id: note for note in notes}
    members, held = draw(st.permutations(names[:6])), tuple(note.id for note in notes)
    if members and draw(st.booleans()):
        marks["frame_1"] = Frame("frame_1", draw(text), draw(colours), tuple(members[:3]), held[:1])
        if members[3:]:
            marks["frame_2"] = Frame("frame_2", draw(text), draw(colours), tuple(members[3:]), held[1:])
    marks = {key: mark for key, mark in marks.items() if key not in names[:6]}
    return Network({n.id: n for n in nodes}, {w.target: w for w in wires}, marks=marks)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    names = st.from_regex(r"[a-z]\w{0,5}", fullmatch=True).filter(str.isascii)
    kinds, blocks = ids, dict[str, Block]()
    for key in draw(st.lists(ids, max_size=3, unique=True)):
        parameters = draw(st.dictionaries(names, scalars | text, max_size=2))
        blocks[key] = Block(key, draw(text), draw(insides(kinds)), parameters)
        kinds = ids | st.sampled_from([f"block-{known}" for known in blocks])
    top = draw(insides(kinds))
    some = values.filter(lambda value: value is not None)
    return replace(top, settings=draw(st.dictionaries(text, some, max_size=3)), blocks=blocks)


@given(networks())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_is_written_is_read_back(network: Network) -> None:
    written = storage.dumps(network)
    assert storage.loads(written) == network
    assert tuple(storage.loads(written).nodes) == network.ids
    assert storage.dumps(storage.loads(written)) == written
    assert storage.digest(storage.loads(written)) == storage.digest(network)


@given(networks())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_fragments_keep_nodes_the_wires_between_them_and_the_blocks_they_use(network: Network) -> None:
    chosen = list(network.nodes)[::2]
    part = storage.fragment_loads(storage.fragment_dumps(network, chosen))
    assert part.nodes == {i: network.nodes[i] for i in chosen}
    inner = {w for w in network.wires.values() if {w.source.node, w.target.node} <= set(chosen)}
    assert set(part.wires.values()) == inner and not part.settings
    assert part.blocks.items() <= network.blocks.items()
    for place in (part, *(block.network for block in part.blocks.values())):
        assert place.uses & network.blocks.keys() <= part.blocks.keys()
    frames = {key for key, mark in network.marks.items() if isinstance(mark, Frame) and {*mark.members} <= {*chosen}}
    assert {key for key, mark in part.marks.items() if isinstance(mark, Frame)} == frames


@given(networks(), networks())
@settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_a_fragment_takes_root_anywhere_and_twice_means_one_definition(network: Network, other: Network) -> None:
    part = fragment(other, other.nodes)
    once = graft(network, part)
    after, back = once.edit.apply(network)
    assert back.apply(after)[0] == network and storage.loads(storage.dumps(after)) == after
    assert len(after.nodes) == len(network.nodes) + len(part.nodes) and len(once.nodes) == len(part.nodes)
    assert len(after.marks) == len(network.marks) + len(part.marks)
    assert len(graft(after, part).edit.apply(after)[0].blocks) == len(after.blocks)


@given(st.text(max_size=60) | st.recursive(scalars, lambda v: st.lists(v) | st.dictionaries(text, v)).map(json.dumps))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_no_text_gives_anything_but_a_network_or_a_fault(content: str) -> None:
    with pytest.raises(FileFault):
        storage.loads(content)


def small() -> Network:
    nodes = [
        Node("conv10", "Conv2d", "first", {"kernel": [5, 5], "filters": 6}, (1.5, 2)),
        Node("conv2", "Conv2d"),
        Node("odd1", "FromTheFuture", fields={"depth": {"a": [1, None]}}),
    ]
    wires = [Wire(End("conv10", "out"), End("conv2", "in"))]
    return Network.of(nodes, wires, {"data": {"source": "digits", "sizes": [[1, 2], 3]}})


def test_the_file_reads_and_compares_well() -> None:
    assert (
        storage.dumps(small())
        == """\
{
  "format": "netloom",
  "version": 1,
  "nodes": {
    "conv2": {"kind": "Conv2d", "at": [0, 0]},
    "conv10": {"kind": "Conv2d", "name": "first", "at": [1.5, 2], "fields": {"filters": 6, "kernel": [5, 5]}},
    "odd1": {"kind": "FromTheFuture", "at": [0, 0], "fields": {"depth": {"a": [1, null]}}}
  },
  "wires": [
    "conv10.out -> conv2.in"
  ],
  "settings": {
    "data": {
      "source": "digits",
      "sizes": [
        [1, 2],
        3
      ]
    }
  }
}
"""
    )


def drawn() -> Network:
    """Everything that the second version of the format brought."""
    inner = Network.of(
        [Node("in1", "BlockInput"), Node("conv1", "Conv2d", fields={"out_channels": "=width"})],
        [Wire(End("in1", "out"), End("conv1", "in"))],
    )
    block = Block("res", "Residual", replace(inner, marks={"note1": Note("note1", "Inside")}), {"width": 8})
    marks: dict[str, Mark] = {
        "frame1": Frame("frame1", "Stem", "convolution", ("res1", "relu1"), ("note1",)),
        "note1": Note("note1", "Why\nnot", (1.5, 2)),
    }
    nodes = {n.id: n for n in (Node("relu1", "ReLU", mode="mute"), Node("res1", "block-res", fields={"repeat": 2}))}
    return Network(nodes, {}, {}, {"res": block}, marks)


def test_blocks_frames_and_notes_read_and_compare_well() -> None:
    assert (
        storage.dumps(drawn())
        == """\
{
  "format": "netloom",
  "version": 2,
  "nodes": {
    "relu1": {"kind": "ReLU", "at": [0, 0], "mode": "mute"},
    "res1": {"kind": "block-res", "at": [0, 0], "fields": {"repeat": 2}}
  },
  "wires": [],
  "frames": {
    "frame1": {"title": "Stem", "colour": "convolution", "members": ["res1", "relu1"], "notes": ["note1"]}
  },
  "notes": {
    "note1": {"text": "Why\\nnot", "at": [1.5, 2], "size": [200, 96]}
  },
  "blocks": {
    "res": {
      "title": "Residual",
      "parameters": {"width": 8},
      "nodes": {
        "conv1": {"kind": "Conv2d", "at": [0, 0], "fields": {"out_channels": "=width"}},
        "in1": {"kind": "BlockInput", "at": [0, 0]}
      },
      "wires": [
        "in1.out -> conv1.in"
      ],
      "notes": {
        "note1": {"text": "Inside", "at": [0, 0], "size": [200, 96]}
      }
    }
  }
}
"""
    )
    assert storage.loads(storage.dumps(drawn())) == drawn()


def rewritten(*path: Any, **parts: Any) -> str:
    """The file of `drawn` with some parts changed at the end of a path."""
    raw = at = json.loads(storage.dumps(drawn()))
    for key in path:
        at = at[key]
    at.update(parts)
    return json.dumps(raw)


def many() -> str:
    """A file in which each block holds a few nodes, and all of them more than are read."""
    inside = {f"n{i}": {"kind": "ReLU"} for i in range(200)}
    return changed(version=2, nodes={}, wires=[], blocks={f"b{i}": {"nodes": inside} for i in range(600)})


def chain(length: int) -> dict[str, Any]:
    """Blocks that each hold the next."""
    kinds = [f"block-b{i + 1}" for i in range(length - 1)] + ["ReLU"]
    return {f"b{i}": {"nodes": {"u": {"kind": kind}}} for i, kind in enumerate(kinds)}


def changed(**parts: Any) -> str:
    return json.dumps({**json.loads(storage.dumps(small())), **parts})


def node(**parts: Any) -> str:
    return changed(nodes={"a": {"kind": "ReLU", **parts}}, wires=[])


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = {
    "empty": ("", "line 1, column 1"),
    "truncated": (storage.dumps(small())[:200], "no valid JSON"),
    "other JSON": ("[1, 2]", "no Netloom project"),
    "number": ("12", "no Netloom project"),
    "fragment": (storage.fragment_dumps(small(), ["conv2"]), "no Netloom project"),
    "newer": (changed(version=7), r"newer Netloom \(format 7.*update Netloom"),
    "no version": (changed(version=None), "no version"),
    "true version": (changed(version=True), "no version"),
    "deep": ("[" * 100_000, "nested more than 32"),
    "deep field": (node(fields={"a": nested(40)}), "nested more than 32"),
    "NaN": (node(fields={"a": float("nan")}), "NaN"),
    "overflow": (node(fields={"a": 1}).replace("1}", "1e999}"), "not finite"),
    "long number": (node(fields={"a": 1}).replace(": 1}", ": " + "9" * 6000 + "}"), "64 bits"),
    "big number": (node(fields={"a": 2**64}), "64 bits"),
    "long text": (node(fields={"a": "x" * 200_000}), "longer than"),
    "half a character": (node(fields={"a": "\ud800"}), "surrogate"),
    "twice": ('{"format": "netloom", "format": "netloom"}', "twice"),
    "node twice": (changed().replace('"conv10": {', '"conv2": {'), "“conv2” twice"),
    "kind of wrong type": (node(kind=3), "nodes › a › kind"),
    "position of wrong length": (node(at=[1]), "nodes › a › at"),
    "position of wrong type": (node(at=["1", 2]), "nodes › a › at"),
    "position far away": (node(at=[1e300, 0]), "nodes › a › at"),
    "unknown part": (node(colour="red"), "colour.*not a part"),
    "bad id": (changed(nodes={"a.b": {"kind": "ReLU"}}, wires=[]), "letters, digits"),
    "line end in id": (changed(nodes={"a\n": {"kind": "ReLU"}}, wires=[]), "letters, digits"),
    "nodes of wrong type": (changed(nodes=[]), "nodes"),
    "wire from nowhere": (changed(wires=["x.out -> conv2.in"]), "wire 1 .*“x”"),
    "wire to nowhere": (changed(wires=["conv2.out -> x.in"]), "wire 1 .*“x”"),
    "unreadable wire": (changed(wires=["conv10.out -> conv2.in", "conv2"]), "wire 2 "),
    "wire of wrong type": (changed(wires=[3]), "wires › 1"),
    "mode": (rewritten("nodes", "relu1", mode="sleep"), "nodes › relu1 › mode.*neither “bypass” nor “mute”"),
    "frame of nothing": (rewritten("frames", frame1={"title": "x"}), "frames › frame1: holds nothing"),
    "frame of a ghost": (rewritten("frames", frame1={"members": ["x"]}), "frame1: holds “x”, which is not there"),
    "frame of a frame": (rewritten("frames", frame1={"notes": ["frame1"]}), "holds “frame1”, which is not there"),
    "frame of a node twice": (rewritten("frames", frame1={"members": ["res1", "res1"]}), "“res1”, which is in a frame"),
    "two frames of a node": (rewritten("frames", frame2={"members": ["res1"]}), "frame2.*in a frame already"),
    "a note that is a node": (rewritten("notes", relu1={"text": ""}), "notes › relu1.*something else has too"),
    "a frame that is a note": (rewritten("frames", note1={"members": ["res1"]}), "frames › note1.*something else"),
    "long note": (rewritten("notes", note1={"text": "x" * 30_000}), "longer than 20,000"),
    "endless note": (rewritten("notes", note1={"size": [1e12, 2]}), "notes › note1 › size"),
    "block id": (rewritten(blocks={"a b": {"nodes": {}}}), "blocks › a b.*letters, digits"),
    "block id too long for a kind": (rewritten(blocks={"a" * 95: {"nodes": {}}}), "letters, digits"),
    "blocks in a block": (rewritten("blocks", "res", blocks={}), "blocks › res › blocks.*not a part"),
    "settings in a block": (rewritten("blocks", "res", settings={}), "blocks › res › settings.*not a part"),
    "a block without nodes": (rewritten(blocks={"a": {}}), "blocks › a › nodes.*missing"),
    "wire in a block": (rewritten("blocks", "res", wires=["in1.out -> x.in"]), "blocks › res › wire 1 .*“x”"),
    "frame in a block": (rewritten("blocks", "res", frames={"f": {"members": ["res1"]}}), "res › frames › f.*“res1”"),
    "too many blocks": (
        rewritten(blocks={f"b{i}": {"nodes": {}} for i in range(1001)}),
        "blocks: holds more than the 1,000",
    ),
    "blocks too deep": (rewritten(blocks=chain(33)), "blocks: stand in each other more than the 32 deep"),
    "too many parameters": (
        rewritten("blocks", "res", parameters={f"p{i}": 1 for i in range(65)}),
        "res › parameters: holds more than the 64",
    ),
    "too many parameters altogether": (
        changed(
            version=2, blocks={f"b{i}": {"nodes": {}, "parameters": {f"p{j}": 1 for j in range(64)}} for i in range(65)}
        ),
        "blocks: have more than the 4,096 parameters",
    ),
    "accent of its own": (changed(nodes={"re\u0301": {"kind": "ReLU"}}, wires=[]), "write it as one letter"),
    "parameter": (rewritten("blocks", "res", parameters={"a b": 1}), "parameters › a b"),
    "too many nodes": (many(), "more than the 100,000 nodes"),
    "two wires into a port": (
        changed(wires=["conv2.out -> odd1.in", "conv10.out -> odd1.in"]),
        "wire 2 .*already",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_bad_file_gets_one_clear_sentence(case: str, tmp_path: Path) -> None:
    content, message = HOSTILE[case]
    file = tmp_path / "net.netloom"
    file.write_text(content)
    with pytest.raises(FileFault, match=message) as fault:
        storage.load(file)
    sentence = str(fault.value)
    assert sentence.startswith("net.netloom")
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400


def test_what_can_be_read_can_be_drawn_and_no_more() -> None:
    network = storage.loads(changed(version=2, blocks=chain(32)))
    with pytest.raises(EditError, match="at most 32 deep"):
        SetBlocks({"c": Block("c", "", Network.of([Node("u", "block-b0")], []))}).apply(network)
    with pytest.raises(EditError, match="at most 64 parameters"):
        SetBlocks({"c": Block("c", parameters={f"p{i}": 1 for i in range(65)})}).apply(network)
    with pytest.raises(EditError, match="at most 1,000 blocks"):
        SetBlocks({f"c{i}": Block(f"c{i}") for i in range(999)}).apply(network)


def test_files_that_are_no_text_or_no_files(tmp_path: Path) -> None:
    (tmp_path / "binary.netloom").write_bytes(bytes(range(256)))
    with pytest.raises(FileFault, match="no text in UTF-8"):
        storage.load(tmp_path / "binary.netloom")
    with pytest.raises(FileFault, match="no such file"):
        storage.load(tmp_path / "missing.netloom")
    with pytest.raises(FileFault, match="no regular file"):
        storage.load(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_BYTES", 100)
    (tmp_path / "a.netloom").write_text(storage.dumps(small()))
    with pytest.raises(FileFault, match="larger than"):
        storage.load(tmp_path / "a.netloom")


def test_windows_text_is_read(tmp_path: Path) -> None:
    content = storage.dumps(small()).replace("\n", "\r\n")
    (tmp_path / "a.netloom").write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert storage.load(tmp_path / "a.netloom") == small()


@pytest.mark.parametrize("fields", [{"a": float("nan")}, {"a": {1, 2}}, {3: 4}, {"a": "\ud800"}, {"a": nested(50)}])
def test_what_no_file_can_hold_is_refused_before_writing(tmp_path: Path, fields: Any) -> None:
    file = tmp_path / "a.netloom"
    storage.save(file, small())
    with pytest.raises(FileFault, match=r"a\.netloom, nodes › x"):
        storage.save(file, Network.of([Node("x", "ReLU", fields=fields)], []))
    assert storage.load(file) == small()


def test_a_save_that_fails_half_way_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.netloom"
    storage.save(file, small())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", fail)
    with pytest.raises(FileFault, match="No space left"):
        storage.save(file, Network())
    monkeypatch.undo()
    assert storage.load(file) == small()
    assert list(tmp_path.iterdir()) == [tmp_path / "a.netloom"]


def test_digest_knows_what_matters() -> None:
    base = storage.digest(small())
    nodes = dict(small().nodes)
    moved = {**nodes, "conv2": Node("conv2", "Conv2d", position=(50, 50))}
    assert storage.digest(Network(moved, small().wires)) == base
    whole = {**nodes, "conv10": Node("conv10", "Conv2d", "first", {"filters": 6.0, "kernel": (5, 5)})}
    assert storage.digest(Network(whole, small().wires)) == base
    other = {**nodes, "conv10": Node("conv10", "Conv2d", "first", {"filters": 7, "kernel": [5, 5]})}
    assert storage.digest(Network(other, small().wires)) != base
    assert storage.digest(Network(nodes)) != base


def test_digest_knows_modes_and_what_blocks_hold() -> None:
    base = storage.digest(drawn())
    marks = replace(drawn(), marks={})
    assert storage.digest(marks) == base
    nodes = {**drawn().nodes, "relu1": Node("relu1", "ReLU")}
    assert storage.digest(replace(marks, nodes=nodes)) != base
    inner = Network.of([Node("conv1", "Conv2d")], [])
    assert storage.digest(replace(drawn(), blocks={"res": Block("res", network=inner)})) != base


def test_natural_order() -> None:
    assert sorted(["a10", "a2", "b", "a", "10", "9"], key=storage.natural) == [
        "9",
        "10",
        "a",
        "a2",
        "a10",
        "b",
    ]
