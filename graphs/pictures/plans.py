"""Where boxes and arrows of a layered figure stand: data flows from above, ranks below each other, wrapped in columns.

A plan is made in its own pixels from (0, 0) on, so that the inside of an opened block is planned by itself and then
stands as one box in the plan around it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphs.network import End, Network, Node, Wire
from graphs.pictures.drawing import Point
from graphs.pictures.stages import Stage
from graphs.placing.layout import arrange

__all__ = ["Item", "Plan", "Way", "planned"]

RANK = 73.0
"""How far apart the layout puts ranks whose boxes count as one pixel high."""
GAP, BUS, CLEAR = 40.0, 15.0, 5.0
LANE, TRIES = 16.0, 40
COLUMN_GAP, APART = 72.0, 16.0
TALLEST, ACROSS = 900.0, 220.0
"""A plan higher than this goes on in a column beside it, where one arrow alone leads across; so do very long ones, in
columns of about the second width, so that they come out about as wide as high."""


@dataclass
class Item:
    """A box of a plan: how large it is, and where arrows from above and below reach it, from its left edge on."""

    stage: Stage
    wide: float
    tall: float
    room: float = 0.0
    """How wide it counts as, with the text beside its arrow."""
    inside: Plan | None = None
    entries: tuple[float, ...] = ()
    exits: tuple[float, ...] = ()
    shift: float = 0.0
    """How far from its left edge its inside begins."""
    left: float = 0.0
    top: float = 0.0
    column: int = 0
    rank: int = 0

    @property
    def middle(self) -> float:
        return self.left + self.wide / 2

    @property
    def centre(self) -> float:
        return self.top + self.tall / 2

    @property
    def right(self) -> float:
        return self.left + self.wide

    @property
    def bottom(self) -> float:
        return self.top + self.tall

    def exit(self) -> float:
        """Where an arrow leaves its lower edge."""
        return self.left + self.exits[0] if len(self.exits) == 1 else self.middle

    def reached(self, sources: Sequence[float]) -> list[float]:
        """Where the arrow at each input reaches its upper edge, from boxes above in the middle at `sources`."""
        count = len(sources)
        if len(self.entries) == count:
            return [self.left + at for at in self.entries]
        if count < 2 or self.wide < 40:
            return [self.middle] * count
        ends = [min(max(x, self.left + 14), self.right - 14) for x in sources]
        order = sorted(range(count), key=lambda i: sources[i])
        if all(ends[b] - ends[a] >= APART for a, b in itertools.pairwise(order)):
            return ends
        return [self.left + self.wide * (order.index(i) + 1) / (count + 1) for i in range(count)]


@dataclass(frozen=True)
class Way:
    """An arrow: its points, and the stages at both ends."""

    points: tuple[Point, ...]
    source: str
    target: str


@dataclass
class Plan:
    """Boxes by the id of their stage, arrows, and how large it all is."""

    items: dict[str, Item]
    ways: list[Way] = field(default_factory=list)
    wide: float = 0.0
    tall: float = 0.0


def planned(items: Mapping[str, Item], wrap: bool) -> Plan:
    """The boxes put in place, with their arrows."""
    plan = Plan(dict(items))
    past = _past(plan)
    _place(plan, wrap, past)
    router = _Router(plan)
    arrows: list[tuple[Item, Item, float, str, str]] = []
    for id, item in plan.items.items():
        sources = [s for s in item.stage.sources if s in plan.items]
        above = [source for source in sources if (source, id) not in past] or sources
        ends = dict(zip(above, item.reached([plan.items[source].exit() for source in above]), strict=True))
        arrows += [(plan.items[source], item, ends.get(source, item.middle), source, id) for source in sources]
    for source_item, item, end, source, id in sorted(arrows, key=lambda a: a[1].rank - a[0].rank):
        plan.ways.append(Way(router.way(source_item, item, end), source, id))
    _bound(plan)
    return plan


def _place(plan: Plan, wrap: bool, past: set[tuple[str, str]]) -> None:
    """Ranks from above, each box in the middle of its rank."""
    nodes = [Node(id, "box") for id in plan.items]
    wires = [
        Wire(End(source, f"o{index}"), End(id, f"i{index}"))
        for id, item in plan.items.items()
        for index, source in enumerate(item.stage.sources)
        if source in plan.items and (source, id) not in past
    ]
    sizes = {id: (1.0, max(item.wide, item.room)) for id, item in plan.items.items()}
    places = arrange(Network.of(nodes, wires), sizes)
    ranks: dict[int, list[Item]] = {}
    for id, (along, across) in places.items():
        item = plan.items[id]
        item.rank = round(along / RANK)
        item.left = across + (max(item.wide, item.room) - item.wide) / 2
        ranks.setdefault(item.rank, []).append(item)
    order = [ranks[rank] for rank in sorted(ranks)]
    cuts = _cuts(plan, order) if wrap else [0]
    x = 0.0
    for column, (first, end) in enumerate(zip(cuts, [*cuts[1:], len(order)], strict=True)):
        x = _column(order[first:end], column, x) + COLUMN_GAP


def _past(plan: Plan) -> set[tuple[str, str]]:
    """The arrows that lead past others: from a box to one that it reaches another way, too. They run beside them."""
    bit = {id: 1 << index for index, id in enumerate(plan.items)}
    above: dict[str, int] = {}
    found = set()
    for id, item in plan.items.items():
        sources = [s for s in item.stage.sources if s in above]
        for source in sources:
            if any(above[other] & bit[source] for other in sources if other != source):
                found.add((source, id))
        above[id] = bit[id]
        for source in sources:
            above[id] |= above[source]
    return found


def _column(ranks: Sequence[Sequence[Item]], column: int, left: float) -> float:
    """Put ranks below each other with their left edge here; gives their right edge."""
    items = [item for rank in ranks for item in rank]
    shift = left - min(item.middle - max(item.wide, item.room) / 2 for item in items)
    y = 0.0
    for rank in ranks:
        tall = max(item.tall for item in rank)
        for item in rank:
            item.left, item.top, item.column = item.left + shift, y + (tall - item.tall) / 2, column
        y += tall + GAP
    return max(item.middle + max(item.wide, item.room) / 2 for item in items)


def _cuts(plan: Plan, ranks: Sequence[Sequence[Item]]) -> list[int]:
    """The ranks with which columns begin."""
    heights = [max(item.tall for item in rank) + GAP for rank in ranks]
    total = sum(heights)
    tallest = max(TALLEST, math.sqrt(total * ACROSS / 1.4))
    if total <= tallest * 1.2:
        return [0]
    goal = total / -(-total // tallest)
    crossing = _crossing(plan, ranks)
    cuts, length = [0], 0.0
    for index, tall in enumerate(heights):
        if index and crossing[index] <= 1 and length + tall / 2 > goal:
            cuts.append(index)
            length = 0.0
        length += tall
    return cuts[:-1] if length < goal / 2 and len(cuts) > 1 else cuts


def _crossing(plan: Plan, ranks: Sequence[Sequence[Item]]) -> list[int]:
    """How many stages' results pass into each rank from those before it."""
    index = {id(item): at for at, rank in enumerate(ranks) for item in rank}
    change = [0] * (len(ranks) + 1)
    last: dict[str, int] = {}
    for item in plan.items.values():
        for source in item.stage.sources:
            last[source] = max(last.get(source, 0), index[id(item)])
    for source, end in last.items():
        start = index[id(plan.items[source])] if source in plan.items else end
        change[min(start + 1, end)] += 1
        change[end + 1] -= 1
    found, here = [], 0
    for step in change[: len(ranks)]:
        here += step
        found.append(here)
    return found


class _Router:
    """Finds ways for arrows past the boxes of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lanes: list[tuple[float, float, float]] = []
        self.by_rank: dict[int, list[Item]] = {}
        for item in plan.items.values():
            self.by_rank.setdefault(item.rank, []).append(item)

    def way(self, source: Item, target: Item, end: float) -> tuple[Point, ...]:
        """Straight down, with a step to the side, or along a lane beside what is in between."""
        start = source.exit()
        if source.column != target.column:
            return self._across(source, target, start, end)
        between = self._between(source, target)
        for level in (target.top - BUS, source.bottom + GAP - BUS):
            points = _step(start, end, source.bottom, target.top, level)
            if not any(_hits(points, item) for item in between):
                return points
        return self._lane(source, target, between)

    def _between(self, source: Item, target: Item) -> list[Item]:
        ranks = range(source.rank, target.rank + 1)
        boxes = (item for rank in ranks for item in self.by_rank.get(rank, ()))
        return [item for item in boxes if item is not source and item is not target]

    def _lane(self, source: Item, target: Item, between: Sequence[Item]) -> tuple[Point, ...]:
        y0, y1 = source.centre, target.centre
        edges = [x for item in (*between, source, target) for x in (item.left - LANE, item.right + LANE)]
        near = sorted(edges, key=lambda x: abs(x - target.middle) + abs(x - source.middle))[:TRIES]
        outer = max(edges)
        for x in (*near, *(outer + 12.0 * i for i in range(1, 200))):
            points = _round(source, target, x)
            taken = any(abs(x - lane) < 10 and a < y1 and y0 < b for lane, a, b in self.lanes)
            if not taken and not any(_hits(points, item) for item in between):
                self.lanes.append((x, y0, y1))
                return points
        return _round(source, target, outer + LANE)

    def _across(self, source: Item, target: Item, start: float, end: float) -> tuple[Point, ...]:
        """From the foot of one column to the head of the next."""
        column = [item for item in self.plan.items.values() if item.column == source.column]
        low = max(item.bottom for item in column) + 18
        right = max(item.middle + max(item.wide, item.room) / 2 for item in column) + COLUMN_GAP / 2
        high = min(-18.0, target.top - 18) if target.top < 60 else target.top - 18
        return ((start, source.bottom), (start, low), (right, low), (right, high), (end, high), (end, target.top))


def _step(start: float, end: float, top: float, bottom: float, level: float) -> tuple[Point, ...]:
    if abs(start - end) < 1:
        return (end, top), (end, bottom)
    return (start, top), (start, level), (end, level), (end, bottom)


def _round(source: Item, target: Item, x: float) -> tuple[Point, ...]:
    out = source.right if x > source.middle else source.left
    back = target.right if x > target.middle else target.left
    return (out, source.centre), (x, source.centre), (x, target.centre), (back, target.centre)


def _hits(points: Sequence[Point], item: Item) -> bool:
    """Whether a way of level and upright parts meets a box."""
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        apart = max(ax, bx) < item.left - CLEAR or min(ax, bx) > item.right + CLEAR
        if not apart and max(ay, by) > item.top - CLEAR and min(ay, by) < item.bottom + CLEAR:
            return True
    return False


def _bound(plan: Plan) -> None:
    """Shift it all so that it begins at (0, 0), and say how large it is."""
    items = plan.items.values()
    xs = [x for i in items for x in (i.left, i.right, i.middle + i.room / 2, i.middle - i.room / 2)]
    ys = [y for i in items for y in (i.top, i.bottom)]
    xs += [x for way in plan.ways for x, _ in way.points]
    ys += [y for way in plan.ways for _, y in way.points]
    left, top = min(xs, default=0.0), min(ys, default=0.0)
    for item in items:
        item.left, item.top = item.left - left, item.top - top
    moved = [Way(tuple((x - left, y - top) for x, y in way.points), way.source, way.target) for way in plan.ways]
    plan.ways, plan.wide, plan.tall = moved, max(xs, default=0.0) - left, max(ys, default=0.0) - top
