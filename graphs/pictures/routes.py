"""How wires run in a picture: a smooth curve forwards, a lane between the rows for a wire that leads back.

Everything is in pixels. A route is the `d` of an SVG path, with the place and the room for its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LANE_ROOM = 20.0


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


class Box(NamedTuple):
    """Where a node stands."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


class Route(NamedTuple):
    """The curve, where its label stands, the length that the label may take, and the box around it all."""

    path: str
    label: Point
    room: float
    extent: Box


def route(start: Point, end: Point, source: Box, target: Box, boxes: Sequence[Box]) -> Route:
    """The way from the output port at `start` to the input port at `end` past the nodes in `boxes`."""
    if end.x - start.x >= 16:
        return _forwards(start, end)
    return _around(start, end, _lane(source, target, boxes))


def _forwards(start: Point, end: Point) -> Route:
    across = end.x - start.x
    reach = max(across / 2, min(40.0, abs(end.y - start.y) / 2))
    path = f"M{_at(*start)}C{_at(start.x + reach, start.y)} {_at(end.x - reach, end.y)} {_at(*end)}"
    extent = Box(start.x, min(start.y, end.y), across, abs(end.y - start.y))
    return Route(path, Point((start.x + end.x) / 2, (start.y + end.y) / 2), across - 12, extent)


def _around(start: Point, end: Point, lane: float) -> Route:
    """Out to the right, back along the lane, and into the target from the left."""
    out, back = _bulge(lane - start.y), _bulge(lane - end.y)
    left, right = (end.x, start.x) if start.x > end.x else ((start.x + end.x) / 2,) * 2
    path = (
        f"M{_at(*start)}C{_at(start.x + out, start.y)} {_at(right + out, lane)} {_at(right, lane)}"
        f"L{_at(left, lane)}C{_at(left - back, lane)} {_at(end.x - back, end.y)} {_at(*end)}"
    )
    levels = (start.y, end.y, lane)
    most_left, most_right = (
        left - 0.75 * back,
        right + 0.75 * out,
    )  # a turn reaches 3/4 of the way to its handles
    extent = Box(most_left, min(levels), most_right - most_left, max(levels) - min(levels))
    return Route(path, Point((left + right) / 2, lane), right - left, extent)


def _bulge(height: float) -> float:
    return max(40.0, min(128.0, abs(height) * 0.9))


def _lane(source: Box, target: Box, boxes: Sequence[Box]) -> float:
    """A level between the two rows where no node stands, or one below everything in the way."""
    upper, lower = (source, target) if source.middle <= target.middle else (target, source)
    left, right = min(source.left, target.left), max(source.right, target.right)
    near = [b for b in boxes if b.left < right and b.right > left and b.top < lower.bottom and b.bottom > upper.top]
    middle = (upper.bottom + lower.top) / 2
    floor = max([upper.bottom, *(b.bottom for b in near if b.middle < middle)])
    ceiling = min([lower.top, *(b.top for b in near if b.middle >= middle)])
    if ceiling - floor >= LANE_ROOM:
        return (floor + ceiling) / 2
    return max((b.bottom for b in near), default=lower.bottom) + 32


def _at(x: float, y: float) -> str:
    return f"{x:g} {y:g}" if abs(x) < 1e5 and abs(y) < 1e5 else f"{x:.1f} {y:.1f}"
