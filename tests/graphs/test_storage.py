"""Round trips of the project's file, and what happens to broken and hostile ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs import atomic, storage
from graphs.network import End, Network, Node, Wire
from graphs.storage import FileFault

ids = st.from_regex(r"[a-zA-Zé_][\w\-]{0,8}", fullmatch=True)
ports = st.sampled_from(["in", "out", "a", "b"])
text = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | text, lambda v: st.lists(v, max_size=3) | st.dictionaries(text, v, max_size=3), max_leaves=8
)
pixels = st.floats(-1e6, 1e6)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    nodes = [
        Node(
            i,
            draw(ids),
            draw(text),
            draw(st.dictionaries(text, values, max_size=3)),
            draw(st.tuples(pixels, pixels)),
        )
        for i in draw(st.lists(ids, max_size=6, unique=True))
    ]
    ends = st.builds(End, st.sampled_from([n.id for n in nodes]), ports) if nodes else st.nothing()
    wires = draw(st.lists(st.builds(Wire, ends, ends), max_size=6, unique_by=lambda w: w.target)) if nodes else []
    return Network.of(nodes, wires, draw(st.dictionaries(text, values, max_size=3)))


@given(networks())
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_back(network: Network) -> None:
    written = storage.dumps(network)
    assert storage.loads(written) == network
    assert tuple(storage.loads(written).nodes) == network.ids
    assert storage.dumps(storage.loads(written)) == written
    assert storage.digest(storage.loads(written)) == storage.digest(network)


@given(networks())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_fragments_keep_nodes_and_the_wires_between_them(network: Network) -> None:
    chosen = list(network.nodes)[::2]
    nodes, wires = storage.fragment_loads(storage.fragment_dumps(network, chosen))
    assert {n.id: n for n in nodes} == {i: network.nodes[i] for i in chosen}
    inner = {w for w in network.wires.values() if {w.source.node, w.target.node} <= set(chosen)}
    assert set(wires) == inner


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


def test_files_that_are_no_text_or_no_files(tmp_path: Path) -> None:
    (tmp_path / "binary.netloom").write_bytes(bytes(range(256)))
    with pytest.raises(FileFault, match="no text in UTF-8"):
        storage.load(tmp_path / "binary.netloom")
    with pytest.raises(FileFault, match="no such file"):
        storage.load(tmp_path / "missing.netloom")
    with pytest.raises(FileFault, match="no regular file"):
        storage.load(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_BYTES", 100)
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


def test_natural_order() -> None:
    assert sorted(["a10", "a2", "b", "a", "10", "9"], key=storage.natural) == [
        "9",
        "10",
        "a",
        "a2",
        "a10",
        "b",
    ]
