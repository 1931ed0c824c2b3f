"""How wires run: smooth curves forwards, and around the rows for wires that lead back.

A route is a chain of cubic Bézier segments. Forwards it is one segment with level ends. A wire that leads
back (from the end of a row to the beginning of the next) leaves to the right, turns in a half ellipse into a
lane between the rows, runs level, and turns back into its target from the left. Where cards stand in the way it
takes level and upright legs beside them. Dots that the flow passes from right to left have their ports the other
way round.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from widgets.editor.mirror.corridors import around_cards, rounded

LANE_ROOM = 20.0
LONG = 160.0
"""Wires at least this long could pass behind a node."""
TALL = 64.0
"""So could those that climb this far."""
AROUND = 160.0
"""How far around its simple way another one is looked for."""
RISE, BESIDE = 56.0, 18.0
"""How long a wire takes to swerve at most, and how far from nodes it then runs."""
Obstacles = Callable[[QRectF], "np.ndarray | Sequence[float]"]
"""Left, top, right and bottom of the nodes inside a rectangle, float64 [count, 4]; nothing where there is none."""
Segment = tuple[float, float, float, float, float, float, float, float]


class Route:
    """One wire's way: Bézier segments, the box around them, and where its label stands."""

    __slots__ = ("_line", "_moved", "_path", "_segments", "anchor", "rect", "room", "wraps")

    def __init__(self, segments: list[Segment], anchor: QPointF, room: float, wraps: bool) -> None:
        self._segments: list[Segment] | None = segments
        self.anchor = anchor
        self.room = room
        self.wraps = wraps
        self.rect = _box(segments)
        self._moved: tuple[Route, float, float] | None = None
        self._path: QPainterPath | None = None
        self._line: QLineF | None = None

    @property
    def segments(self) -> list[Segment]:
        """The curve: start, two handles and end of each piece."""
        if self._segments is None:
            assert self._moved is not None
            way, x, y = self._moved
            self._segments = [
                (a + x, b + y, c + x, d + y, e + x, f + y, g + x, h + y) for a, b, c, d, e, f, g, h in way.segments
            ]
        return self._segments

    @property
    def path(self) -> QPainterPath:
        """The curve, in scene pixels."""
        if self._path is None and self._moved is not None:
            way, x, y = self._moved
            self._path = way.path.translated(x, y)
        if self._path is None:
            path = QPainterPath(QPointF(*self.segments[0][:2]))
            for _, _, ax, ay, bx, by, x, y in self.segments:
                path.cubicTo(ax, ay, bx, by, x, y)
            self._path = path
        return self._path

    @property
    def line(self) -> QLineF:
        """The straight line between both ends, for far zoom."""
        if self._line is None:
            self._line = QLineF(*self.segments[0][:2], *self.segments[-1][6:])
        return self._line

    @property
    def swerves(self) -> bool:
        """Whether nodes that come or go can change this way."""
        first, last = self.segments[0], self.segments[-1]
        return self.wraps or abs(last[6] - first[0]) >= LONG or abs(last[7] - first[1]) >= TALL

    def moved(self, dx: float, dy: float) -> Route:
        """The same way elsewhere; what it is made of is worked out when it is asked for."""
        way, x, y = self._moved or (self, 0.0, 0.0)
        made = Route.__new__(Route)
        made._moved, made._segments = (way, x + dx, y + dy), None
        made.anchor, made.rect = self.anchor + QPointF(dx, dy), self.rect.translated(dx, dy)
        made.room, made.wraps = self.room, self.wraps
        made._path = made._line = None
        return made

    def distance(self, point: QPointF) -> float:
        """How far a scene point is from the curve, in pixels."""
        points = list(self.samples())
        pairs = itertools.pairwise(points)
        return min(_to_segment(point.x(), point.y(), *a, *b) for a, b in pairs)

    def samples(self, each: int = 16) -> Iterable[tuple[float, float]]:
        """Points along the curve, `each` per segment."""
        for x0, y0, ax, ay, bx, by, x1, y1 in self.segments:
            for step in range(each + 1):
                t = step / each
                u = 1 - t
                i, j, k, m = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
                yield i * x0 + j * ax + k * bx + m * x1, i * y0 + j * ay + k * by + m * y1


def route(
    start: QPointF,
    end: QPointF,
    source: QRectF,
    target: QRectF,
    obstacles: Obstacles,
    turned: tuple[bool, bool] = (False, False),
) -> Route:
    """The way from an output port at `start` to an input port at `end`.

    `source` and `target` are the boxes of their nodes, `obstacles` the boxes of nodes inside a rectangle; `turned` says
    of both whether they are dots that the flow passes from right to left.
    """
    if turned == (True, True):
        return _mirrored(start, end, source, target, obstacles)
    if turned != (False, False):
        return _half_turn(start, end, turned[1])
    if end.x() - start.x() >= LONG:
        return _over(start, end, source, target, obstacles)
    if end.x() - start.x() >= 16:
        return _clear(_forwards(start, end), start, end, source, target, obstacles)
    return _clear(_around(start, end, source, target, obstacles), start, end, source, target, obstacles)


def _mirrored(start: QPointF, end: QPointF, source: QRectF, target: QRectF, obstacles: Obstacles) -> Route:
    """The way from right to left: that of the mirrored picture, mirrored."""

    def mirror(rect: QRectF) -> QRectF:
        return QRectF(-rect.right(), rect.top(), rect.width(), rect.height())

    def near(rect: QRectF) -> np.ndarray:
        boxes = np.reshape(obstacles(mirror(rect)), (-1, 4))
        seen: np.ndarray = boxes[:, [2, 1, 0, 3]] * np.array([-1.0, 1.0, -1.0, 1.0])
        return seen

    way = route(QPointF(-start.x(), start.y()), QPointF(-end.x(), end.y()), mirror(source), mirror(target), near)
    segments = [(-a, b, -c, d, -e, f, -g, h) for a, b, c, d, e, f, g, h in way.segments]
    return Route(segments, QPointF(-way.anchor.x(), way.anchor.y()), way.room, way.wraps)


def _half_turn(start: QPointF, end: QPointF, arrives: bool) -> Route:
    """A way that comes back from the side to which it left: at the right into a dot that is turned (`arrives`), or at
    the left out of one."""
    x0, y0, x1, y1 = start.x(), start.y(), end.x(), end.y()
    bulge = _bulge(y1 - y0) * (1 if arrives else -1)
    edge = max(x0, x1) if arrives else min(x0, x1)
    turn = (edge, y0, edge + bulge, y0, edge + bulge, y1, edge, y1)
    before, after = (x0, edge, y0), (edge, x1, y1)
    segments = [_level(*before), turn, _level(*after)]
    a, b, y = max(before, after, key=lambda leg: abs(leg[1] - leg[0]))
    return Route([s for s in segments if s[:2] != s[6:]], QPointF((a + b) / 2, y), abs(b - a), True)


def _level(a: float, b: float, y: float) -> Segment:
    return (a, y, a + (b - a) / 3, y, b - (b - a) / 3, y, b, y)


def _clear(way: Route, start: QPointF, end: QPointF, source: QRectF, target: QRectF, obstacles: Obstacles) -> Route:
    """The way, or another where it would pass behind cards and one beside them is found."""
    if not way.wraps and abs(end.y() - start.y()) < TALL:
        return way
    near = np.reshape(obstacles(way.rect), (-1, 4))
    others = _others(near, source, target)
    met = _met(way, others) if len(others) else 0
    if not met:
        return way
    wide = way.rect.adjusted(-AROUND, -AROUND, AROUND, AROUND)
    boxes = np.reshape(obstacles(wide), (-1, 4))
    corners = around_cards(start.toTuple(), end.toTuple(), boxes)
    if corners is None:
        return way
    legs = [(a, b) for a, b in itertools.pairwise(corners) if abs(a[1] - b[1]) < 0.5]
    a, b = max(legs, key=lambda leg: abs(leg[1][0] - leg[0][0]))
    found = Route(rounded(corners), QPointF((a[0] + b[0]) / 2, a[1]), abs(b[0] - a[0]) - 16, True)
    return found if _met(found, others) < met else way


def _met(way: Route, boxes: np.ndarray) -> int:
    """How many of these boxes a way passes behind."""
    return int(_hits(way, boxes).sum())


def _hits(way: Route, boxes: np.ndarray) -> np.ndarray:
    """Which of these boxes a way passes behind, bool [count]."""
    x, y = np.array(list(way.samples())).T[:, :, None]
    left, top, right, bottom = boxes.T
    hit: np.ndarray = ((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).any(axis=0)
    return hit


def loose(start: QPointF, end: QPointF) -> Route:
    """The way of a wire that is still in the hand."""
    return _forwards(start, end)


def _forwards(start: QPointF, end: QPointF) -> Route:
    x0, y0, x1, y1 = start.x(), start.y(), end.x(), end.y()
    reach = abs(x1 - x0) * 0.5 if x1 >= x0 else 40 + abs(x1 - x0) * 0.25
    reach = max(reach, min(40.0, abs(y1 - y0) * 0.5))
    anchor = QPointF((x0 + x1) / 2, (y0 + y1) / 2)
    return Route([(x0, y0, x0 + reach, y0, x1 - reach, y1, x1, y1)], anchor, abs(x1 - x0) - 16, False)


def _over(start: QPointF, end: QPointF, source: QRectF, target: QRectF, obstacles: Obstacles) -> Route:
    """Straight on, or above or below the nodes in between where it would pass behind them."""
    way = _forwards(start, end)
    field = QRectF(start.x() + 4, way.rect.top() - 1, end.x() - start.x() - 8, way.rect.height() + 2)
    boxes = _others(obstacles(field), source, target)
    if not len(boxes):
        return way
    hit = boxes[_hits(way, boxes)]
    if not len(hit):
        return way
    left, right = float(hit[:, 0].min()), float(hit[:, 2].max())
    above = _free_level(float(hit[:, 1].min()), -1, left, right, obstacles)
    below = _free_level(float(hit[:, 3].max()), 1, left, right, obstacles)
    middle = (start.y() + end.y()) / 2
    bow = _bow(start, end, left, right, above if middle - above <= below - middle else below)
    return _clear(bow, start, end, source, target, obstacles)


def _others(boxes: np.ndarray | Sequence[float], source: QRectF, target: QRectF) -> np.ndarray:
    """These without the boxes of the nodes that a wire joins."""
    found = np.reshape(boxes, (-1, 4))
    for own in (source, target):
        found = found[(found != own.getCoords()).any(axis=1)]
    return found


def _free_level(edge: float, way: int, left: float, right: float, obstacles: Obstacles) -> float:
    """A level beyond `edge`, upwards (-1) or downwards (1), at which no node stands."""
    level = edge + way * BESIDE
    for _ in range(8):
        boxes = np.reshape(obstacles(QRectF(left, level - 4, right - left, 8)), (-1, 4))
        if not len(boxes):
            break
        level = float(boxes[:, 1].min() if way < 0 else boxes[:, 3].max()) + way * BESIDE
    return level


def _bow(start: QPointF, end: QPointF, left: float, right: float, lane: float) -> Route:
    """Swerves to `lane` before `left` and back behind `right`."""
    x0, y0, x1, y1 = start.x(), start.y(), end.x(), end.y()
    up, down = max(x0 + 8, min(left, x0 + RISE)), min(x1 - 8, max(right, x1 - RISE))
    out, back = (up - x0) * 0.75, (x1 - down) * 0.75
    segments = [
        (x0, y0, x0 + out, y0, up - out, lane, up, lane),
        (up, lane, up + (down - up) / 3, lane, down - (down - up) / 3, lane, down, lane),
        (down, lane, down + back, lane, x1 - back, y1, x1, y1),
    ]
    return Route(segments, QPointF((up + down) / 2, lane), down - up, True)


def _around(start: QPointF, end: QPointF, source: QRectF, target: QRectF, obstacles: Obstacles) -> Route:
    lane = _lane(source, target, obstacles)
    x0, y0, x1, y1 = start.x(), start.y(), end.x(), end.y()
    out, back = _bulge(lane - y0), _bulge(lane - y1)
    left, right = min(x1, x0), max(x1, x0)
    if x1 > x0:  # hardly any room: the lane is as short as it can be
        left = right = (x0 + x1) / 2
    segments = [
        (x0, y0, x0 + out, y0, right + out, lane, right, lane),
        (right, lane, right - (right - left) / 3, lane, left + (right - left) / 3, lane, left, lane),
        (left, lane, left - back, lane, x1 - back, y1, x1, y1),
    ]
    return Route(segments, QPointF((left + right) / 2, lane), right - left, True)


def _bulge(height: float) -> float:
    """How far the handles of a turn reach: a half ellipse three quarters as wide as it is high at most."""
    return max(40.0, min(104.0, abs(height) * 0.9))


def _lane(source: QRectF, target: QRectF, obstacles: Obstacles) -> float:
    """A level between the two rows where no node stands, or one below both."""
    upper, lower = (source, target) if source.center().y() <= target.center().y() else (target, source)
    left, right = min(source.left(), target.left()), max(source.right(), target.right())
    between = QRectF(left, upper.top(), right - left, lower.bottom() - upper.top())
    boxes = np.reshape(obstacles(between), (-1, 4))
    middle = (upper.bottom() + lower.top()) / 2
    above = (boxes[:, 1] + boxes[:, 3]) / 2 < middle
    floor = max([upper.bottom(), *boxes[above, 3].tolist()])
    ceiling = min([lower.top(), *boxes[~above, 1].tolist()])
    if ceiling - floor >= LANE_ROOM:
        return (floor + ceiling) / 2
    return max(boxes[:, 3].tolist(), default=lower.bottom()) + 32


def _box(segments: list[Segment]) -> QRectF:
    xs = [v for s in segments for v in (s[0], s[2], s[4], s[6])]
    ys = [v for s in segments for v in (s[1], s[3], s[5], s[7])]
    left, top = min(xs), min(ys)
    return QRectF(left, top, max(xs) - left, max(ys) - top)


def _to_segment(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / length))
    return math.hypot(x - x0 - t * dx, y - y0 - t * dy)
