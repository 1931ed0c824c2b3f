"""Automatic layout: data flows from left to right, long chains go on in the next row.

The layout depends on the nodes, their sizes and the wires alone, not on where things were: the same network
always gives the same picture. A branch that skips others runs straight above them, the others hang below it.
Distances are pixels at 100 % zoom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graphs.network import Network, natural
from graphs.placing.layered.align import heights
from graphs.placing.layered.grid import Cancelled, Grid, checkpoint, make_grid
from graphs.placing.layered.order import reduce_crossings
from graphs.placing.layered.rows import column_starts, cut_rows

__all__ = ["Cancelled", "arrange"]

SIZE = (140.0, 80.0)
COLUMN_GAP = 72.0
ROW_GAP = 88.0
NODE_GAP = 32.0
WIRE_GAP = 12.0

Point = tuple[float, float]
Box = tuple[float, float, float]  # width, height above the line, height below the line


def arrange(
    network: Network,
    sizes: Mapping[str, tuple[float, float]],
    ids: Iterable[str] | None = None,
    *,
    wrap_width: float | None = None,
    lines: Mapping[str, float] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, Point]:
    """The top left corner of every node, or of the nodes `ids` alone, which then keep their top left corner.

    `sizes` gives width and height by id (140 × 80 where it says nothing), `lines` how far below a node's top
    its wires run (half its height otherwise), `wrap_width` the length after which a chain goes on in a new row.
    `cancel` is asked again and again; when it says True, Cancelled is raised.
    """
    chosen = sorted((i for i in (network.nodes if ids is None else set(ids)) if i in network.nodes), key=natural)
    checkpoint(cancel)
    boxes = [_box(i, sizes, lines or {}) for i in chosen]
    checkpoint(cancel)
    points: list[Point] = [(0.0, 0.0)] * len(chosen)
    y = 0.0
    for part, edges in _parts(chosen, network, cancel):
        checkpoint(cancel)
        placed, height = _arrange_part([boxes[n] for n in part], edges, wrap_width, cancel)
        for node, (left, top) in zip(part, placed, strict=True):
            points[node] = (left, y + top)
        y += height + ROW_GAP
    corner = (0.0, 0.0) if ids is None else _corner(network, chosen)
    return {i: (round(x + corner[0], 2), round(y + corner[1], 2)) for i, (x, y) in zip(chosen, points, strict=True)}


def _box(node: str, sizes: Mapping[str, tuple[float, float]], lines: Mapping[str, float]) -> Box:
    width, height = sizes.get(node, SIZE)
    above = lines.get(node, height / 2)
    return width, above, height - above


def _corner(network: Network, ids: Sequence[str]) -> Point:
    positions = [network.nodes[i].position for i in ids]
    return min((x for x, _ in positions), default=0.0), min((y for _, y in positions), default=0.0)


def _parts(
    ids: Sequence[str], network: Network, cancel: Callable[[], bool] | None = None
) -> list[tuple[list[int], list[tuple[int, int]]]]:
    """The connected parts: nodes, and wires between their places; single nodes come last, as one part."""
    number = {node: index for index, node in enumerate(ids)}
    edges = [
        (number[w.source.node], number[w.target.node])
        for node in ids
        for w in sorted(network.outgoing(node), key=lambda w: (natural(w.target.node), w.target.port))
        if w.target.node in number
    ]
    checkpoint(cancel)
    group = _groups(len(ids), edges)
    checkpoint(cancel)
    members: dict[int, list[int]] = {}
    for node, root in enumerate(group):
        members.setdefault(root, []).append(node)
    wires: dict[int, list[tuple[int, int]]] = {}
    place = {node: index for nodes in members.values() for index, node in enumerate(nodes)}
    for a, b in edges:
        wires.setdefault(group[a], []).append((place[a], place[b]))
    parts = [(nodes, wires.get(root, [])) for root, nodes in members.items() if len(nodes) > 1]
    singles = [nodes[0] for nodes in members.values() if len(nodes) == 1]
    return [*parts, (singles, [])] if singles else parts


def _groups(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """The smallest node that each node is connected with."""
    root = list(range(count))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return [find(node) for node in range(count)]


def _arrange_part(
    boxes: Sequence[Box],
    edges: list[tuple[int, int]],
    wrap_width: float | None,
    cancel: Callable[[], bool] | None,
) -> tuple[list[Point], float]:
    """Top left corners of the nodes of one part, from (0, 0) on, and the height of it all."""
    if not edges:
        return _shelves(boxes, wrap_width)
    grid = make_grid(len(boxes), edges, cancel)
    reduce_crossings(grid, cancel)
    spare = len(grid.rank_of) - len(boxes)
    above = [box[1] + NODE_GAP / 2 for box in boxes] + [WIRE_GAP] * spare
    below = [box[2] + NODE_GAP / 2 for box in boxes] + [WIRE_GAP] * spare
    ys = heights(grid, (above, below), cancel)
    widths = [max((boxes[i][0] for i in items if i < grid.count), default=0.0) for items in grid.ranks]
    rows = cut_rows(widths, COLUMN_GAP, _crossing(grid), wrap_width, cancel) if wrap_width else [0]
    return _stack(grid, boxes, ys, column_starts(widths, COLUMN_GAP, rows), rows)


def _crossing(grid: Grid) -> list[int]:
    """How many different values pass into each rank from those before it."""
    return [0, *(sum(bool(grid.after[item]) for item in items) for items in grid.ranks[:-1])]


def _stack(
    grid: Grid, boxes: Sequence[Box], ys: Sequence[float], xs: Sequence[float], rows: Sequence[int]
) -> tuple[list[Point], float]:
    """Corners of the nodes with the rows below each other."""
    points: list[Point] = [(0.0, 0.0)] * grid.count
    y = 0.0
    for first, end in zip(rows, [*rows[1:], len(grid.ranks)], strict=True):
        nodes = [i for items in grid.ranks[first:end] for i in items if i < grid.count]
        top = min(ys[i] - boxes[i][1] for i in nodes)
        for i in nodes:
            points[i] = (xs[grid.rank_of[i]], y + ys[i] - boxes[i][1] - top)
        y += max(ys[i] + boxes[i][2] for i in nodes) - top + ROW_GAP
    return points, y - ROW_GAP


def _shelves(boxes: Sequence[Box], wrap_width: float | None) -> tuple[list[Point], float]:
    """Nodes without wires, one after the other, in rows."""
    width = wrap_width or max(6 * (SIZE[0] + COLUMN_GAP), (len(boxes) * SIZE[0] * SIZE[1] * 4) ** 0.5)
    points: list[Point] = []
    x = y = tallest = 0.0
    for box in boxes:
        if x and x + box[0] > width:
            x, y, tallest = 0.0, y + tallest + NODE_GAP, 0.0
        points.append((x, y))
        x += box[0] + COLUMN_GAP
        tallest = max(tallest, box[1] + box[2])
    return points, y + tallest
