"""Ranks: how far right each node stands, and the items between which wires run one rank at a time.

A wire that passes ranks gets a bend (an item without a node) in each of them, so that room is kept for it.
Wires from one node share their bends. Everything works on whole numbers, a node being its index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

MAX_BENDS = 40_000


class Cancelled(Exception):
    """The layout was not wanted any more."""


def checkpoint(cancel: Callable[[], bool] | None) -> None:
    """Raises Cancelled where `cancel` says so."""
    if cancel is not None and cancel():
        raise Cancelled


@dataclass
class Grid:
    """Items by rank, in their order, and their neighbours in the ranks before and after.

    Items below `count` are nodes, the others bends. `lane_before` and `lane_after` link the items of a lane:
    a wire around other nodes that runs straight because it is the longest at both of its ends.
    """

    count: int
    ranks: list[list[int]]
    rank_of: list[int]
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    lane_before: dict[int, int] = field(default_factory=dict)
    lane_after: dict[int, int] = field(default_factory=dict)

    def places(self) -> list[int]:
        """The place of each item within its rank."""
        place = [0] * len(self.rank_of)
        for items in self.ranks:
            for index, item in enumerate(items):
                place[item] = index
        return place


def make_grid(count: int, edges: list[tuple[int, int]], cancel: Callable[[], bool] | None = None) -> Grid:
    """The grid of the nodes 0 … count - 1 and the wires between them, which may hold cycles."""
    forward = _acyclic(count, edges)
    checkpoint(cancel)
    rank_of = _ranks(count, forward)
    checkpoint(cancel)
    grid = Grid(count, [[] for _ in range(max(rank_of, default=-1) + 1)], rank_of)
    grid.before, grid.after = [[] for _ in rank_of], [[] for _ in rank_of]
    _link(grid, forward)
    checkpoint(cancel)
    _fill(grid)
    checkpoint(cancel)
    return grid


def _acyclic(count: int, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges with those turned round that close a cycle in a depth-first walk, each once."""
    after: list[list[int]] = [[] for _ in range(count)]
    fed = [False] * count
    for a, b in edges:
        if a != b:
            after[a].append(b)
            fed[b] = True
    state = [0] * count  # 1 while on the path, 2 when done
    kept: dict[tuple[int, int], None] = {}
    for start in sorted(range(count), key=fed.__getitem__):
        if state[start]:
            continue
        state[start] = 1
        path = [(start, iter(after[start]))]
        while path:
            node, rest = path[-1]
            for other in rest:
                kept[(other, node) if state[other] == 1 else (node, other)] = None
                if not state[other]:
                    state[other] = 1
                    path.append((other, iter(after[other])))
                    break
            else:
                state[node] = 2
                path.pop()
    return list(kept)


def _ranks(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Longest path from the start; chains that nothing feeds then move right, beside what they feed."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        after[a].append(b)
        before[b].append(a)
    waiting = [len(nodes) for nodes in before]
    order = [node for node in range(count) if not waiting[node]]
    rank = [0] * count
    own = [True] * count  # nothing else hangs on what leads here
    for node in order:
        for other in after[node]:
            rank[other] = max(rank[other], rank[node] + 1)
            own[other] = own[other] and own[node] and len(after[node]) == 1
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for node in reversed(order):
        if own[node] and after[node]:
            rank[node] = min(rank[other] for other in after[node]) - 1
    return rank


def _link(grid: Grid, edges: list[tuple[int, int]]) -> None:
    """Connects items of adjacent ranks, with shared bends where a wire passes ranks, the longest first."""
    rank = grid.rank_of
    longest_out: dict[int, int] = {}
    longest_in: dict[int, int] = {}
    outgoing: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        outgoing[a].append(b)
        if a not in longest_out or rank[b] > rank[longest_out[a]]:
            longest_out[a] = b
        if b not in longest_in or rank[a] < rank[longest_in[b]]:
            longest_in[b] = a
    for a, targets in outgoing.items():
        chain = [a]
        for b in sorted(targets, key=lambda node: -rank[node]):
            while len(chain) < rank[b] - rank[a] and len(rank) - grid.count < MAX_BENDS:
                chain.append(_bend(grid, chain[-1]))
            if len(chain) >= rank[b] - rank[a]:
                last = chain[rank[b] - rank[a] - 1]
                grid.after[last].append(b)
                grid.before[b].append(last)
        b = longest_out[a]
        skips = len(targets) > 1 and rank[b] - rank[a] > 1
        if skips and longest_in[b] == a and len(chain) == rank[b] - rank[a]:
            lane = [*chain, b]
            grid.lane_after.update(pairwise(lane))
            grid.lane_before.update((b, a) for a, b in pairwise(lane))


def _bend(grid: Grid, last: int) -> int:
    bend = len(grid.rank_of)
    grid.rank_of.append(grid.rank_of[last] + 1)
    grid.before.append([last])
    grid.after.append([])
    grid.after[last].append(bend)
    return bend


def _fill(grid: Grid) -> None:
    """A first order: as a walk from the start meets the items, the wires that go farthest first."""
    seen = [False] * len(grid.rank_of)
    starts = [item for item in range(grid.count) if not grid.before[item]]
    for start in sorted(starts, key=lambda item: (grid.rank_of[item], item)):
        stack = [start]
        while stack:
            item = stack.pop()
            if seen[item]:
                continue
            seen[item] = True
            grid.ranks[grid.rank_of[item]].append(item)
            stack.extend(reversed(_farthest_first(grid, item)))


def _farthest_first(grid: Grid, item: int) -> list[int]:
    """What follows `item`: bends before nodes, since they go farther."""
    return sorted(grid.after[item], key=lambda other: (other < grid.count, other))
