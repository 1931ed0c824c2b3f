"""Automatic layout of a network with frames and notes, and of what is new in it.

Every frame is laid out by itself and then stands in the whole as one node, so nothing that it does not hold can
lie inside it. A note stays beside what it stood beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphs.network import End, Frame, Network, Node, Note, Wire, natural
from graphs.placing.arranging import ABOVE, BESIDE, Box, Point, around, distance, framed, free_level
from graphs.placing.layout import COLUMN_GAP, NODE_GAP, SIZE, arrange

NOTE_GAP = 16.0
NEAR = 480.0
"""A note farther than this from everything stays where it is."""
Sizes = Mapping[str, tuple[float, float]]
Cancel = Callable[[], bool] | None


class Places(NamedTuple):
    """Where things shall stand: top left corners of nodes and of notes, by id."""

    nodes: dict[str, Point]
    notes: dict[str, Point]


class _Group(NamedTuple):
    """A frame laid out by itself: corners from the frame's own corner on, and how large it is."""

    nodes: dict[str, Point]
    notes: dict[str, Point]
    size: tuple[float, float]
    line: float
    """How far below its top the wires run that come in, or go out where none comes in."""


def tidied(
    network: Network,
    sizes: Sizes,
    ids: Iterable[str] | None = None,
    *,
    wrap_width: float | None = None,
    cancel: Cancel = None,
) -> Places:
    """The layout of the network, or of the nodes `ids` alone, with frames kept together and notes near.

    `sizes`, `wrap_width` and `cancel` are as for `graphs.placing.layout.arrange`, which raises Cancelled.
    """
    chosen = [i for i in (network.nodes if ids is None else dict.fromkeys(ids)) if i in network.nodes]
    groups = _members(network, chosen)
    outside = len(chosen) - sum(map(len, groups.values()))
    if not groups or (ids is not None and len(groups) == 1 and not outside):
        nodes = arrange(network, sizes, ids, wrap_width=wrap_width, cancel=cancel)
        return Places(nodes, _carried(network, sizes, nodes, {}))
    inner = None if wrap_width is None else wrap_width - 2 * BESIDE
    made = {f: _group(network, sizes, f, members, inner, cancel) for f, members in groups.items()}
    drawn = _quotient(network, sizes, chosen, made)
    outer = {**{i: sizes.get(i, SIZE) for i in drawn.nodes}, **{f: group.size for f, group in made.items()}}
    lines = {f: group.line for f, group in made.items()}
    within = None if ids is None else drawn.nodes
    spots = arrange(drawn, outer, within, wrap_width=wrap_width, lines=lines, cancel=cancel)
    nodes = {i: p for i, p in spots.items() if i not in made}
    notes: dict[str, Point] = {}
    for frame, group in made.items():
        nodes |= _shifted(group.nodes, spots[frame])
        notes |= _shifted(group.notes, spots[frame])
    return Places(nodes, notes | _carried(network, sizes, nodes, notes))


def _members(network: Network, chosen: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for id in chosen:
        if (frame := network.frame_of.get(id)) is not None:
            groups.setdefault(frame, []).append(id)
    return groups


def _group(
    network: Network, sizes: Sizes, frame: str, members: list[str], wrap_width: float | None, cancel: Cancel
) -> _Group:
    """The members laid out among themselves, the frame's notes in a row above them."""
    mark = network.marks[frame]
    assert isinstance(mark, Frame)
    notes: dict[str, Point] = {}
    x, y = BESIDE, ABOVE
    for id in mark.notes:
        note = network.marks[id]
        if isinstance(note, Note):
            notes[id] = (x, ABOVE)
            x, y = x + note.size[0] + NOTE_GAP, max(y, ABOVE + note.size[1] + NOTE_GAP)
    placed = arrange(network, sizes, members, wrap_width=wrap_width, cancel=cancel)
    left, top = min(p[0] for p in placed.values()), min(p[1] for p in placed.values())
    nodes = _shifted(placed, (BESIDE - left, y - top))
    boxes = [(*p, *sizes.get(i, SIZE)) for i, p in nodes.items()]
    boxes += [(*p, *_size(network, i)) for i, p in notes.items()]
    whole = framed(boxes)
    assert whole is not None
    return _Group(nodes, notes, whole[2:], _line(network, sizes, nodes, whole[3]))


def _line(network: Network, sizes: Sizes, nodes: Mapping[str, Point], height: float) -> float:
    """How far below a frame's top its wires to the outside run, on average."""
    entered = [i for i in nodes if any(w.source.node not in nodes for w in network.incoming(i))]
    left = [i for i in nodes if any(w.target.node not in nodes for w in network.outgoing(i))]
    levels = [nodes[i][1] + sizes.get(i, SIZE)[1] / 2 for i in entered or left]
    return sum(levels) / len(levels) if levels else height / 2


def _quotient(network: Network, sizes: Sizes, chosen: Iterable[str], groups: Mapping[str, _Group]) -> Network:
    """The network with each frame as one node, and the wires that lead from one such node to another."""
    owner = {i: network.frame_of.get(i, i) for i in chosen}
    nodes = [network.nodes[i] for i, own in owner.items() if own == i]
    for frame, group in groups.items():
        box = framed((*network.nodes[i].position, *sizes.get(i, SIZE)) for i in group.nodes)
        assert box is not None
        nodes.append(Node(frame, "frame", position=box[:2]))
    wires = []
    for wire in network.wires.values():
        start, end = owner.get(wire.source.node), owner.get(wire.target.node)
        if start is not None and end is not None and start != end:
            wires.append(Wire(End(start, str(wire.source)), End(end, str(wire.target))))
    return Network.of(nodes, wires)


def _carried(
    network: Network, sizes: Sizes, nodes: Mapping[str, Point], placed: Mapping[str, Point]
) -> dict[str, Point]:
    """Notes outside of frames go along with the node or frame that they stand nearest to, onto free ground."""
    notes = {i: m for i, m in network.marks.items() if isinstance(m, Note) and i not in network.frame_of}
    if not notes or not nodes:
        return {}
    before = _solids(network, sizes, {}, {})
    after = _solids(network, sizes, nodes, placed)
    found: dict[str, Point] = {}
    for id in sorted(notes, key=natural):
        box: Box = (*notes[id].position, *notes[id].size)
        near = min(before, key=lambda i: distance(before[i], box))
        step = (after[near][0] - before[near][0], after[near][1] - before[near][1])
        if distance(before[near], box) > NEAR:
            step = (0.0, 0.0)
        goal: Box = (box[0] + step[0], box[1] + step[1], box[2], box[3])
        top = free_level(goal, after.values(), NOTE_GAP)
        found[id] = (goal[0], top)
        after[id] = (goal[0], top, *box[2:])
    return found


def _solids(network: Network, sizes: Sizes, nodes: Mapping[str, Point], notes: Mapping[str, Point]) -> dict[str, Box]:
    """The boxes of frames and of nodes outside of them, at these places or where they stand."""
    boxes = {i: (*nodes.get(i, n.position), *sizes.get(i, SIZE)) for i, n in network.nodes.items()}
    for id, mark in network.marks.items():
        if isinstance(mark, Note):
            boxes[id] = (*notes.get(id, mark.position), *mark.size)
    solid: dict[str, Box] = {i: boxes[i] for i in network.nodes if i not in network.frame_of}
    for id, mark in network.marks.items():
        box = framed(boxes[i] for i in (*mark.members, *mark.notes)) if isinstance(mark, Frame) else None
        if box is not None:
            solid[id] = box
    return solid


def placed_among(network: Network, sizes: Sizes, new: Iterable[str], *, cancel: Cancel = None) -> Places:
    """Places for the nodes `new` beside what they are wired with; everything else stays where it is."""
    waiting = {i for i in new if i in network.nodes}
    taken: dict[str, Box] = {
        i: (*n.position, *sizes.get(i, SIZE)) for i, n in network.nodes.items() if i not in waiting
    }
    taken |= {i: (*m.position, *m.size) for i, m in network.marks.items() if isinstance(m, Note)}
    places: dict[str, Point] = {}
    for part in _connected(network, waiting):
        local = arrange(network, sizes, part, cancel=cancel)
        whole = around((*p, *sizes.get(i, SIZE)) for i, p in local.items())
        assert whole is not None
        x, y = _beside(network, taken, part, whole)
        home = {network.frame_of.get(i) for i in part}
        walls = [*taken.values(), *_walls(network, taken, home)]
        y = free_level((x, y, *whole[2:]), walls, NODE_GAP)
        moved = _shifted(local, (x - whole[0], y - whole[1]))
        places |= moved
        taken |= {i: (*p, *sizes.get(i, SIZE)) for i, p in moved.items()}
    return Places(places, {})


def _walls(network: Network, taken: Mapping[str, Box], home: set[str | None]) -> list[Box]:
    """The frames that what is placed must keep out of."""
    frames = (m for i, m in network.marks.items() if isinstance(m, Frame) and i not in home)
    found = (framed(taken[i] for i in (*frame.members, *frame.notes) if i in taken) for frame in frames)
    return [box for box in found if box is not None]


def _beside(network: Network, taken: Mapping[str, Box], part: Iterable[str], whole: Box) -> Point:
    """Right of what feeds a group, level with it; or left of what it feeds; or below everything."""
    members = list(part)
    feeds = [taken[w.source.node] for i in members for w in network.incoming(i) if w.source.node in taken]
    fed = [taken[w.target.node] for i in members for w in network.outgoing(i) if w.target.node in taken]
    level = [b[1] + b[3] / 2 for b in feeds or fed]
    if level:
        top = sum(level) / len(level) - whole[3] / 2
        right = max((b[0] + b[2] for b in feeds), default=0.0) + COLUMN_GAP
        return (right if feeds else min(b[0] for b in fed) - COLUMN_GAP - whole[2]), top
    everything = around(taken.values())
    return (whole[0], whole[1]) if everything is None else (everything[0], everything[1] + everything[3] + COLUMN_GAP)


def _connected(network: Network, ids: set[str]) -> list[list[str]]:
    """Groups of these nodes that hang together by wires and stand in the same frame, in natural order."""
    left, groups = set(ids), []
    for start in sorted(ids, key=natural):
        if start not in left:
            continue
        left.discard(start)
        group, stack = [start], [start]
        while stack:
            here = stack.pop()
            near = [w.source.node for w in network.incoming(here)] + [w.target.node for w in network.outgoing(here)]
            same = [i for i in near if i in left and network.frame_of.get(i) == network.frame_of.get(start)]
            for node in dict.fromkeys(same):
                left.discard(node)
                group.append(node)
                stack.append(node)
        groups.append(group)
    return groups


def _size(network: Network, note: str) -> tuple[float, float]:
    mark = network.marks[note]
    return mark.size if isinstance(mark, Note) else (0.0, 0.0)


def _shifted(points: Mapping[str, Point], step: Point) -> dict[str, Point]:
    return {i: (x + step[0], y + step[1]) for i, (x, y) in points.items()}
