"""What hands on the canvas mean as edits: adding, chaining, inserting, pasting, taking out. Qt-free.

Nothing here changes anything: each function gives an edit (or None where there is nothing to do) that the canvas
applies to the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graphs.edits import AddNodes, Batch, Connect, Disconnect, Edit, Move, RemoveNodes
from graphs.layers.base import Layer
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import BLOCK, End, Network, Node, Wire
from graphs.reuse.fragments import fresh_titles

GRID = 8
ROOM = 72.0
"""Space kept between two nodes for a wire and its shape, as the layout keeps it."""
CLEAR = 24.0
"""Space kept at least between a node that came and what stood there."""
Box = tuple[float, float, float, float]  # left, top, width, height
Boxes = Mapping[str, Box]
Places = dict[str, tuple[float, float]]


def snap(value: float) -> float:
    """To the grid."""
    return float(round(value / GRID) * GRID)


def snapped(x: float, y: float) -> tuple[float, float]:
    """A position on the grid."""
    return snap(x), snap(y)


def new_node(network: Network, catalogue: Catalogue, kind: str, position: tuple[float, float]) -> Node:
    """A node of this kind under an id that is not in use, with the kind's own defaults.

    A use of a block is called as the block, with a number where another node is called so already.
    """
    layer = catalogue.kinds[kind]
    name = fresh_titles(network, (layer.title,))[0] if kind.startswith(BLOCK) else ""
    return Node(network.fresh_id(layer.stem), kind, name, position=snapped(*position))


def layer_of(catalogue: Catalogue, node: Node) -> Layer | None:
    """The node's layer; None where its fields cannot be read."""
    try:
        return catalogue.layer(node)
    except BadFields:
        return None


def first_input(catalogue: Catalogue, node: Node) -> End | None:
    """The first port that wires can end in."""
    layer = layer_of(catalogue, node)
    ports = layer.inputs() if layer else ()
    return End(node.id, ports[0].name) if ports else None


def first_output(catalogue: Catalogue, node: Node) -> End | None:
    """The first port that wires can start at."""
    layer = layer_of(catalogue, node)
    ports = layer.outputs() if layer else ()
    return End(node.id, ports[0].name) if ports else None


def attach(network: Network, catalogue: Catalogue, node: Node, end: End, output: bool) -> Edit:
    """A new node wired to `end`, an output port (`output`) that feeds it or an input port that it feeds."""
    if output:
        port = first_input(catalogue, node)
        wires = (Wire(end, port),) if port else ()
    else:
        port = first_output(catalogue, node)
        wires = (Wire(port, end),) if port else ()
    return AddNodes((node,), wires)


def insert(network: Network, catalogue: Catalogue, node: Node, target: End, boxes: Boxes) -> Edit | None:
    """Puts a node into the wire that ends in `target`; neighbours to the right move over.

    The node may be new or in the network already; its box is in `boxes`. None where it has no port to spare.
    """
    wire, entry, leave = network.wires.get(target), first_input(catalogue, node), first_output(catalogue, node)
    if wire is None or entry is None or leave is None or node.id in (wire.source.node, target.node):
        return None
    wires = (Wire(wire.source, entry), Wire(leave, target))
    node, moved = placed_between(network, node, wire.source.node, target.node, boxes)
    there = node.id in network.nodes
    edits: list[Edit] = [Connect(wires)] if there else [AddNodes((node,), wires)]
    if there and network.nodes[node.id].position != node.position:
        edits.insert(0, Move({node.id: node.position}))
    if moved:
        edits.append(Move(moved))
    return Batch(tuple(edits), f"Insert {node.title}")


def placed_between(
    network: Network, node: Node, before: str, after: str, boxes: Boxes
) -> tuple[Node, dict[str, tuple[float, float]]]:
    """A node, whose box is in `boxes`, in its place between two others, and where what gives way to it then stands."""
    node = _between(node, boxes[node.id], boxes[before], boxes[after])
    boxes = {**boxes, node.id: (*node.position, *boxes[node.id][2:])}
    moved = moved_over(network, node.id, after, boxes)
    return node, moved | room_for(node.id, _moved_boxes(boxes, moved))


def _between(node: Node, box: Box, before: Box, after: Box) -> Node:
    """The node level with its neighbours and clear of the one before it, where the wire runs straight on."""
    left = before[0] + before[2] + ROOM
    middle, other = before[1] + before[3] / 2, after[1] + after[3] / 2
    if after[0] < before[0] + before[2] and not _small(box):  # to the next row: at its beginning, or at the end of this
        begins = node.position[0] + box[2] / 2 < (before[0] + after[0] + after[2]) / 2
        begins = begins and level(other, box[3]) >= before[1] + before[3] + CLEAR  # else no wire fits between the rows
        return replace(node, position=(after[0], level(other, box[3])) if begins else (left, level(middle, box[3])))
    if abs(middle - other) > 3 * GRID or _small(box):
        return node
    return replace(node, position=(snap(max(box[0], left)), level(middle, box[3])))


def level(line: float, height: float) -> float:
    """The top of a node of this height whose middle, where its port is, lies on a line."""
    return round(line - height / 2, 1)


def _small(box: Box) -> bool:
    """Whether this is a dot, which may lie anywhere in a wire."""
    return box[3] < 3 * GRID


def chain(network: Network, catalogue: Catalogue, node: Node, after: str, boxes: Boxes) -> Edit | None:
    """Puts a new node behind `after`: it is fed by it and takes over what it fed."""
    leave = first_output(catalogue, network.nodes[after])
    entry = first_input(catalogue, node)
    if leave is None or entry is None:
        return None
    out = first_output(catalogue, node)
    fed = [w.target for w in network.outgoing(after) if w.source == leave] if out else []
    wires = (Wire(leave, entry), *(Wire(out, target) for target in fed if out))
    edits: list[Edit] = [AddNodes((node,), wires)]
    moved: dict[str, tuple[float, float]] = {}
    for target in fed:
        moved |= moved_over(network, node.id, target.node, boxes)
    moved |= room_for(node.id, _moved_boxes(boxes, moved))
    if moved:
        edits.append(Move(moved))
    return Batch(tuple(edits), f"Add {node.title}")


def beside(box: Box, height: float, line: float | None = None, room: float = ROOM) -> tuple[float, float]:
    """Where a node of this height stands to the right of a box, its middle on a line, by default that of the box."""
    left, top, wide, high = box
    return snap(left + wide + room + GRID / 2 - 1), level(top + high / 2 if line is None else line, height)


def moved_over(network: Network, inserted: str, neighbour: str, boxes: Boxes) -> dict[str, tuple[float, float]]:
    """New positions for the row from `neighbour` on, so that `inserted` has room before it."""
    left, _, width, _ = boxes[inserted]
    near = boxes[neighbour]
    short = left + width + ROOM - near[0]
    if short <= 0 or near[0] + near[2] < left or not _level(boxes[inserted], near):
        return {}
    shift = snap(short + GRID / 2)
    row = [i for i in network.downstream({neighbour}) if i in boxes and i != inserted]
    row = [i for i in row if _level(near, boxes[i]) and boxes[i][0] >= near[0]]
    return {i: (boxes[i][0] + shift, boxes[i][1]) for i in row}


def room_for(placed: str, boxes: Boxes) -> dict[str, tuple[float, float]]:
    """New positions for what `placed` stands on, and for what that runs into in turn: all give way to the right."""
    now, moved = dict(boxes), dict[str, tuple[float, float]]()
    pushing = [placed]
    while pushing and len(moved) < 400:
        left, _, width, _ = now[pusher := pushing.pop(0)]
        for id, box in now.items():
            if id not in (pusher, placed) and _touch(now[pusher], box) and (box[0] >= left or pusher == placed):
                shift = snap(left + width + CLEAR - box[0] + GRID / 2)
                moved[id] = (box[0] + shift, box[1])
                now[id] = (*moved[id], *box[2:])
                pushing.append(id)
    return moved


def _touch(first: Box, second: Box) -> bool:
    """Whether two boxes overlap or stand too close for a wire between them."""
    apart = first[0] + first[2] + CLEAR <= second[0] or second[0] + second[2] <= first[0]
    return _level(first, second) and not apart


def _moved_boxes(boxes: Boxes, moved: Mapping[str, tuple[float, float]]) -> dict[str, Box]:
    return {i: (*moved.get(i, box[:2]), *box[2:]) for i, box in boxes.items()}


def _level(first: Box, second: Box) -> bool:
    """Whether two boxes stand in the same row."""
    return first[1] < second[1] + second[3] and second[1] < first[1] + first[3]


def take_out(network: Network, catalogue: Catalogue, ids: Iterable[str], keep: bool = True) -> Edit | None:
    """Loosens nodes from the network so that the flow goes on without them; deletes them unless `keep`."""
    ids = tuple(i for i in ids if i in network.nodes)
    if not ids:
        return None
    healed = tuple(Wire(source, target) for source, target in bridges(network, ids))
    loose = [w.target for i in ids for w in (*network.incoming(i), *network.outgoing(i))]
    edits: list[Edit] = [Disconnect(tuple(loose))] if keep else [RemoveNodes(ids)]
    return Batch((*edits, Connect(healed)), f"Take out {', '.join(ids[:2])}")


def bridges(network: Network, ids: Iterable[str]) -> list[tuple[End, End]]:
    """The wires, from port to port, by which the flow goes on where these nodes are taken out."""
    gone, found = set(ids), list[tuple[End, End]]()
    for id in ids:
        feed = next(iter(network.incoming(id)), None)
        for wire in network.outgoing(id):
            source = _origin(network, feed, gone)
            if source and wire.target.node not in gone:
                found.append((source, wire.target))
    return found


def _origin(network: Network, wire: Wire | None, within: set[str]) -> End | None:
    """Where a flow comes from that enters a set of nodes through `wire`."""
    seen: set[str] = set()
    while wire is not None and wire.source.node in within:
        if wire.source.node in seen:
            return None
        seen.add(wire.source.node)
        wire = next(iter(network.incoming(wire.source.node)), None)
    return wire.source if wire else None


def connecting(network: Network, source: End, target: End, moved_from: End | None = None) -> Edit | None:
    """A wire, replacing what ended there; `moved_from` is the input port it was taken from. None changes nothing."""
    wire = Wire(source, target)
    if network.wires.get(target) == wire:
        return None
    if moved_from is None or moved_from == target:
        return Connect((wire,))
    return Batch((Disconnect((moved_from,)), Connect((wire,))), f"Connect {wire}")
