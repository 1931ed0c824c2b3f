"""Heights: items that belong together share a line, the longest wires first.

After Brandes and Köpf, "Fast and simple horizontal coordinate assignment", 2001, with the compaction over
blocks that dagre uses: four alignments, each pressed to one side, and for every item the mean of the middle two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate, pairwise

from graphs.placing.layered.grid import Grid, checkpoint

Edge = tuple[int, int]
Room = tuple[list[float], list[float]]


def heights(grid: Grid, room: Room, cancel: Callable[[], bool] | None = None) -> list[float]:
    """The height of every item's line. `room` is the space above and below it, in the same unit."""
    refused = _refused(grid, cancel)
    layouts = []
    for from_left in (True, False):
        for from_top in (True, False):
            checkpoint(cancel)
            layouts.append(_layout(grid, room, refused, (from_left, from_top), cancel))
    checkpoint(cancel)
    return _balanced(layouts, room)


def _balanced(layouts: list[list[float]], room: Room) -> list[float]:
    """The mean of the two middle heights, after moving all layouts onto the one that needs the least room."""
    above, below = room
    tops = [min((y - a for y, a in zip(ys, above, strict=True)), default=0.0) for ys in layouts]
    ends = [max((y + b for y, b in zip(ys, below, strict=True)), default=0.0) for ys in layouts]
    best = min(range(4), key=lambda k: ends[k] - tops[k])
    shifts = [tops[best] - tops[k] if k % 2 == 0 else ends[best] - ends[k] for k in range(4)]
    moved = [[y + shift for y in ys] for ys, shift in zip(layouts, shifts, strict=True)]
    return [sum(sorted(ys)[1:3]) / 2 for ys in zip(*moved, strict=True)]


def _layout(
    grid: Grid, room: Room, refused: set[Edge], sides: tuple[bool, bool], cancel: Callable[[], bool] | None
) -> list[float]:
    """One alignment, from the left and from the top or not. Pressing to the bottom is pressing to the top of the
    mirrored picture."""
    from_left, from_top = sides
    ranks = grid.ranks if from_top else [items[::-1] for items in grid.ranks]
    above, below = room if from_top else (room[1], room[0])
    root = _blocks(grid, ranks, refused, from_left)
    checkpoint(cancel)
    ys = _compact(ranks, root, above, below)
    return ys if from_top else [-y for y in ys]


def _blocks(grid: Grid, ranks: list[list[int]], refused: set[Edge], from_left: bool) -> list[int]:
    """The first item of the line that each item belongs to."""
    neighbours = grid.before if from_left else grid.after
    lane = grid.lane_before if from_left else grid.lane_after
    reserved = grid.lane_after if from_left else grid.lane_before
    place = [0] * len(grid.rank_of)
    for items in ranks:
        for index, item in enumerate(items):
            place[item] = index
    root = list(range(len(grid.rank_of)))
    for items in ranks if from_left else reversed(ranks):
        last = -1
        for item in items:
            for other in _candidates(item, neighbours, lane, reserved, place):
                edge = (other, item) if from_left else (item, other)
                if place[other] > last and edge not in refused:
                    root[item] = root[other]
                    last = place[other]
                    break
    return root


def _candidates(
    item: int, neighbours: list[list[int]], lane: dict[int, int], reserved: dict[int, int], place: list[int]
) -> list[int]:
    """What `item` may share a line with: its lane, or else the middle of its free neighbours."""
    if item in lane:
        return [lane[item]]
    free = sorted((n for n in neighbours[item] if n not in reserved), key=place.__getitem__)
    middle = len(free) // 2
    return free[middle : middle + 1] if len(free) % 2 else free[max(middle - 1, 0) : middle + 1]


def _refused(grid: Grid, cancel: Callable[[], bool] | None = None) -> set[Edge]:
    """Edges that may not be straight, since they cross the inner part of a long wire or a lane."""
    place = grid.places()
    refused: set[Edge] = set()
    for items in grid.ranks:
        checkpoint(cancel)
        edges = sorted((place[a], place[b], a, b) for a in items for b in grid.after[a])
        firm = [(p, q) for p, q, a, b in edges if _firm(grid, a, b)]
        if not firm or len(edges) == len(firm) == 1:
            continue
        starts = [p for p, _ in firm]
        highest = list(accumulate((q for _, q in firm), max))
        lowest = list(accumulate((q for _, q in reversed(firm)), min))[::-1]
        for p, q, a, b in edges:
            left, right = bisect_left(starts, p), bisect_right(starts, p)
            crosses = (left and highest[left - 1] > q) or (right < len(firm) and lowest[right] < q)
            if crosses and grid.lane_after.get(a) != b:
                refused.add((a, b))
    return refused


def _firm(grid: Grid, a: int, b: int) -> bool:
    return (a >= grid.count and b >= grid.count) or grid.lane_after.get(a) == b


def _compact(ranks: list[list[int]], root: list[int], above: list[float], below: list[float]) -> list[float]:
    """Every block as high as it can be, then as close to what is below it as it can be."""
    pairs: dict[Edge, float] = {}
    for items in ranks:
        for upper, lower in pairwise(items):
            key = (root[upper], root[lower])
            pairs[key] = max(pairs.get(key, 0.0), below[upper] + above[lower])
    under: dict[int, list[tuple[int, float]]] = {}
    waiting: dict[int, int] = dict.fromkeys(root, 0)
    for (upper, lower), gap in pairs.items():
        under.setdefault(upper, []).append((lower, gap))
        waiting[lower] += 1
    order = [block for block, count in waiting.items() if not count]
    y = dict.fromkeys(order, 0.0)
    for block in order:
        for lower, gap in under.get(block, ()):
            y[lower] = max(y.get(lower, 0.0), y[block] + gap)
            waiting[lower] -= 1
            if not waiting[lower]:
                order.append(lower)
    for block in reversed(order):
        if block in under:
            y[block] = max(y[block], min(y[lower] - gap for lower, gap in under[block]))
    return [y[block] for block in root]
