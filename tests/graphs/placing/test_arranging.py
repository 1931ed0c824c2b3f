"""Aligning, distributing, and the layout of networks with frames and notes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.edits import SetMarks
from graphs.network import End, Frame, Mark, Network, Node, Note, Wire
from graphs.placing.arranging import LEAST_GAP, Box, Side, aligned, distributed, framed, free_level, touch
from graphs.placing.framed import Places, placed_among, tidied

SIZE = (140.0, 80.0)
ROW: dict[str, Box] = {"a": (0, 0, 100, 40), "b": (150, 30, 60, 80), "c": (500, 10, 80, 60)}


@pytest.mark.parametrize(
    ("side", "value"),
    [
        ("left", lambda b: b[0]), ("right", lambda b: b[0] + b[2]), ("centre", lambda b: b[0] + b[2] / 2),
        ("top", lambda b: b[1]), ("bottom", lambda b: b[1] + b[3]), ("middle", lambda b: b[1] + b[3] / 2),
    ],
)  # fmt: skip
def test_aligned_boxes_share_a_side(side: Side, value: object) -> None:
    moved = aligned(ROW, side)
    after = {i: (*moved.get(i, b[:2]), *b[2:]) for i, b in ROW.items()}
    assert len({value(b) for b in after.values()}) == 1  # type: ignore[operator]
    assert aligned(after, side) == {}


@pytest.mark.parametrize("across", [True, False])
def test_distributed_boxes_have_equal_gaps(across: bool) -> None:
    moved = distributed(ROW, across)
    after = sorted((*moved.get(i, b[:2]), *b[2:]) for i, b in ROW.items())
    low, size = (0, 2) if across else (1, 3)
    after.sort(key=lambda b: b[low])
    gaps = [b[low] - a[low] - a[size] for a, b in pairwise(after)]
    assert max(gaps) - min(gaps) < 1e-9 and min(gaps) >= LEAST_GAP - 1e-9
    assert distributed({i: ROW[i] for i in "ab"}, across) == {}


def test_free_level_is_the_nearest_that_is_free() -> None:
    others: list[Box] = [(0, 0, 100, 50), (0, 60, 100, 50), (300, 0, 100, 500)]
    assert free_level((10, 30, 50, 30), others, 8) == -38  # the gap of ten between the two is too small
    assert free_level((10, 100, 50, 30), others, 8) == 118
    assert free_level((150, 40, 50, 30), others, 8) == 40


# Layout with frames


def boxes(network: Network, places: Places) -> dict[str, Box]:
    found: dict[str, Box] = {i: (*places.nodes.get(i, n.position), *SIZE) for i, n in network.nodes.items()}
    for id, mark in network.marks.items():
        if isinstance(mark, Note):
            found[id] = (*places.notes.get(id, mark.position), *mark.size)
    return found


def check_frames(network: Network, places: Places) -> None:
    """No frame overlaps what it does not hold, no two frames overlap, and no two nodes do."""
    all_boxes = boxes(network, places)
    frames = {i: m for i, m in network.marks.items() if isinstance(m, Frame)}
    around = {i: framed(all_boxes[h] for h in (*m.members, *m.notes)) for i, m in frames.items()}
    for id, frame in frames.items():
        for other in network.nodes.keys() - set(frame.members):
            assert not touch(around[id], all_boxes[other]), (id, other)  # type: ignore[arg-type]
    for a, b in combinations(frames, 2):
        assert not touch(around[a], around[b])  # type: ignore[arg-type]
    for a, b in combinations(sorted(network.nodes), 2):
        assert not touch(all_boxes[a], all_boxes[b]), (a, b)


@st.composite
def designs(draw: st.DrawFn) -> Network:
    """Random acyclic networks with frames across them, so that the frames among each other may form loops."""
    count = draw(st.integers(2, 14))
    names = [f"n{i}" for i in range(count)]
    places = draw(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600)), min_size=count, max_size=count))
    nodes = [Node(n, "ReLU", position=(float(x), float(y))) for n, (x, y) in zip(names, places, strict=True)]
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20))
    wires = [Wire(End(names[a], "out"), End(names[b], f"in{a}")) for a, b in sorted(pairs) if a < b]
    owner = draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))
    marks: dict[str, Mark] = {}
    for number in range(3):
        members = tuple(n for n, o in zip(names, owner, strict=True) if o == number)
        if members:
            marks[f"frame{number}"] = Frame(f"frame{number}", members=members)
    network = Network.of(nodes, wires)
    return SetMarks(marks).apply(network)[0] if marks else network


@settings(max_examples=60, deadline=None)
@given(designs())
def test_a_layout_keeps_frames_together(network: Network) -> None:
    places = tidied(network, {}, wrap_width=1200)
    assert places.nodes.keys() == network.nodes.keys()
    check_frames(network, places)


def chain(count: int, marks: dict[str, Mark] | None = None) -> Network:
    nodes = [Node(f"n{i}", "ReLU", position=(i * 220.0, 0.0)) for i in range(count)]
    wires = [Wire(End(f"n{i}", "out"), End(f"n{i + 1}", "in")) for i in range(count - 1)]
    return replace(Network.of(nodes, wires), marks=marks or {})


def test_notes_go_along_with_what_they_stand_beside() -> None:
    note = Note("note1", "Look", (2 * 220.0, -140.0))
    network = chain(4, {"note1": note})
    nodes = {**network.nodes, "n2": replace(network.nodes["n2"], position=(440.0, 900.0))}
    network = replace(network, nodes=nodes, marks={"note1": replace(note, position=(440.0, 760.0))})
    places = tidied(network, {})
    x, y = places.nodes["n2"]
    assert places.notes["note1"] == (x, y - 140.0)


def test_a_note_in_a_frame_stays_in_it_and_covers_nothing() -> None:
    note = Note("note1", "Look", (5000.0, 0.0))
    network = chain(4, {"note1": note, "f1": Frame("f1", members=("n1", "n2"), notes=("note1",))})
    places = tidied(network, {})
    check_frames(network, places)
    found = boxes(network, places)
    assert not any(touch(found["note1"], found[i]) for i in network.nodes)
    assert abs(found["note1"][0] - found["n1"][0]) < 300


def test_a_selection_inside_one_frame_keeps_its_corner() -> None:
    network = chain(5, {"f1": Frame("f1", members=("n1", "n2", "n3"))})
    places = tidied(network, {}, ["n1", "n2"])
    assert places.nodes.keys() == {"n1", "n2"}
    assert min(x for x, _ in places.nodes.values()) == 220.0


def test_a_small_change_moves_little() -> None:
    before = chain(12, {"f1": Frame("f1", members=("n3", "n4", "n5"))})
    first = tidied(before, {}).nodes
    nodes = [replace(n, position=first[i]) for i, n in before.nodes.items()]
    aside = Node("side1", "ReLU", position=(900.0, 300.0))
    wires = [*before.wires.values(), Wire(End("n7", "out"), End("side1", "in"))]
    after = replace(Network.of([*nodes, aside], wires), marks=before.marks)
    second = tidied(after, {}).nodes
    down = second["n0"][1] - first["n0"][1]  # the frame may need room above
    steps = [abs(second[i][0] - first[i][0]) + abs(second[i][1] - first[i][1] - down) for i in first]
    assert sorted(steps)[len(steps) // 2] <= 8 and max(steps) <= SIZE[1] + 64 and abs(down) <= 64
    assert tidied(after, {}).nodes == second


def test_what_is_new_finds_a_place_and_the_rest_stays() -> None:
    network = chain(4, {"f1": Frame("f1", members=("n2", "n3"))})
    new = [Node("x1", "ReLU", position=(0.0, 0.0)), Node("x2", "ReLU", position=(0.0, 0.0))]
    wires = [*network.wires.values(), Wire(End("n0", "out"), End("x1", "in")), Wire(End("x1", "out"), End("x2", "in"))]
    grown = replace(Network.of([*network.nodes.values(), *new], wires), marks=network.marks)
    places = placed_among(grown, {}, ["x1", "x2", "nobody"])
    assert places.nodes.keys() == {"x1", "x2"}
    check_frames(grown, places)
    assert places.nodes["x1"][0] == SIZE[0] + 72.0 and places.nodes["x2"][0] > places.nodes["x1"][0]
    alone = placed_among(replace(grown, wires=network.wires), {}, ["x1"])
    assert alone.nodes["x1"][1] > 80.0
