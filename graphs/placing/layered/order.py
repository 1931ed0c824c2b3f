"""The order within each rank: sweeps by barycentre that keep the order with the fewest crossings.

Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable
from itertools import pairwise

from graphs.placing.layered.grid import Grid, checkpoint

SWEEPS = 8


def reduce_crossings(grid: Grid, cancel: Callable[[], bool] | None = None) -> None:
    """Reorders the ranks of `grid` so that fewer wires cross; equal orders stay as they are."""
    best, fewest = [list(items) for items in grid.ranks], crossings(grid, cancel)
    stale = 0
    for sweep in range(SWEEPS):
        if not fewest or stale == 3:
            break
        checkpoint(cancel)
        _sweep(grid, sweep % 2 == 0, cancel)
        count = crossings(grid, cancel)
        stale = stale + 1 if count >= fewest else 0
        if count < fewest:
            best, fewest = [list(items) for items in grid.ranks], count
    grid.ranks = best


def _sweep(grid: Grid, forward: bool, cancel: Callable[[], bool] | None) -> None:
    place = grid.places()
    neighbours = grid.before if forward else grid.after
    for items in grid.ranks if forward else reversed(grid.ranks):
        checkpoint(cancel)
        if len(items) > 1:
            centre = {i: _mean([place[n] for n in neighbours[i]], place[i]) for i in items}
            items.sort(key=centre.__getitem__)
            for index, item in enumerate(items):
                place[item] = index


def _mean(values: list[int], otherwise: int) -> float:
    return sum(values) / len(values) if values else otherwise


def crossings(grid: Grid, cancel: Callable[[], bool] | None = None) -> int:
    """How many pairs of wires cross between adjacent ranks."""
    place, count = grid.places(), 0
    for items in grid.ranks:
        checkpoint(cancel)
        count += _between(grid, place, items)
    return count


def _between(grid: Grid, place: list[int], items: list[int]) -> int:
    """Crossings between `items` and the next rank: pairs of wires whose ends stand in opposite orders."""
    ends = [sorted(place[n] for n in grid.after[item]) for item in items]
    flat = [end for group in ends for end in group]
    if all(a <= b for a, b in pairwise(flat)):
        return 0
    count = 0
    passed: list[int] = []
    for end in flat:
        count += len(passed) - bisect_right(passed, end)
        insort(passed, end)
    return count
