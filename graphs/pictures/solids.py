"""The bodies that stand for what a network computes: stacks of planes and slabs for maps, thin bars for vectors.

Sizes are in pixels of the figure. Larger maps, more channels and longer vectors are always drawn larger, on scales
that keep both ends of what networks have readable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from graphs.pictures.drawing import Drawing, Pen, Point
from graphs.pictures.inks import Ink

__all__ = ["Solid", "bar", "planes", "sheet", "slab"]

STEP = 5.0
"""How far each plane of a stack stands from the one before, down and to the right."""
SLANT = 0.36
"""How much of a map's width is seen from the side."""
CELLS = 16
"""Vectors up to this length show their numbers as cells."""
TALLEST, LEAST = 180.0, 9.0
Form = Literal["planes", "slab", "bar", "sheet"]


@dataclass(frozen=True)
class Solid:
    """A body: `front` is the face at which windows are drawn, as corners from the upper left one clockwise."""

    form: Form
    wide: float
    tall: float
    """The box around it all."""
    front: tuple[Point, Point, Point, Point]
    back: Point
    """Where lines from the stage before end, from the upper left corner of the box."""
    count: int = 1
    depth: float = 0.0

    def at(self, across: float, down: float, corner: Point) -> Point:
        """A point of the front face, as shares of its width and height, for a body at this corner."""
        (ax, ay), (bx, by), _, (dx, dy) = self.front
        x = ax + (bx - ax) * across + (dx - ax) * down
        y = ay + (by - ay) * across + (dy - ay) * down
        return corner[0] + x, corner[1] + y

    def draw(self, drawing: Drawing, corner: Point, ink: Ink, family: str) -> None:
        """Draw it with the upper left corner of its box here."""
        {"planes": _planes, "slab": _slab, "bar": _bar, "sheet": _sheet}[self.form](self, drawing, corner, ink, family)


def length(size: int, largest: int) -> float:
    """How long the side of a map is: grows as the square root of its size, with the largest map of the figure."""
    most = min(TALLEST, max(84.0, 60 + 18 * math.log2(max(largest, 1))))
    return max(LEAST, most * math.sqrt(size / max(largest, 1)))


def planes(channels: int, height: int, width: int, largest: int) -> Solid:
    """Maps one behind the other: all of them up to eight, more by the logarithm of how many there are."""
    count = channels if channels <= 8 else round(8 + 3 * math.log2(channels / 8))
    w, h = length(width, largest), length(height, largest)
    reach = STEP * (count - 1)
    front = ((reach, reach), (reach + w, reach), (reach + w, reach + h), (reach, reach + h))
    return Solid("planes", w + reach, h + reach, front, (reach + w * 0.3, reach + h * 0.45), count)


def slab(channels: int, height: int, width: int, largest: int) -> Solid:
    """A body whose thickness follows the channels, seen slightly from the right and from above."""
    thick = min(120.0, 4 + 0.9 * channels**0.62)
    w, h = length(width, largest) * SLANT, length(height, largest)
    lift = w * 0.62
    front = ((thick, lift), (thick + w, 0.0), (thick + w, h), (thick, h + lift))
    return Solid("slab", thick + w, h + lift, front, (0.0, lift + h / 2), channels, thick)


def bar(count: int) -> Solid:
    """A vector as a thin standing bar."""
    tall = min(220.0, 16 + 11 * math.log2(max(count, 1) + 1))
    front = ((9.0, 3.0), (13.0, 0.0), (13.0, tall - 3), (9.0, tall))
    return Solid("bar", 13.0, tall, front, (0.0, tall / 2), count, 9.0)


def sheet(rows: int, columns: int) -> Solid:
    """A table of rows and columns, such as a series of steps × features, flat."""
    tall, wide = (min(150.0, 16 + 15 * math.log2(n + 1)) for n in (rows, columns))
    front = ((0.0, 0.0), (wide * 0.6, 0.0), (wide * 0.6, tall), (0.0, tall))
    return Solid("sheet", wide * 0.6, tall, front, (0.0, tall / 2))


def _planes(self: Solid, drawing: Drawing, corner: Point, ink: Ink, family: str) -> None:
    first = [(x - STEP * (self.count - 1), y - STEP * (self.count - 1)) for x, y in self.front]
    pen = Pen(ink.edge(family), 0.9)
    for index in range(self.count):
        shift = STEP * index
        share = 0.2 + 0.14 * (index + 1) / self.count
        points = [(corner[0] + x + shift, corner[1] + y + shift) for x, y in first]
        drawing.polygon(points, ink.fill(family, share), pen)


def _slab(self: Solid, drawing: Drawing, corner: Point, ink: Ink, family: str) -> None:
    x, y = corner
    (ax, ay), (bx, by), _, (dx, dy) = self.front
    face = [(x + px, y + py) for px, py in self.front]
    top = [(x, y + ay), (x + ax, y + ay), (x + bx, y + by), (x + bx - self.depth, y + by)]
    side = [(x, y + ay), (x + ax, y + ay), (x + dx, y + dy), (x, y + dy)]
    pen = Pen(ink.edge(family), 0.9)
    for points, share in ((top, 0.16), (side, 0.34), (face, 0.24)):
        drawing.polygon(points, ink.fill(family, share), pen)


def _bar(self: Solid, drawing: Drawing, corner: Point, ink: Ink, family: str) -> None:
    _slab(self, drawing, corner, ink, family)
    if self.count > CELLS:
        return
    top, height = self.front[0][1], self.front[3][1] - self.front[0][1]
    pen = Pen(ink.edge(family), 0.6)
    for index in range(1, self.count):
        y = corner[1] + top + height * index / self.count
        drawing.line((corner[0], y), (corner[0] + self.depth, y), pen)


def _sheet(self: Solid, drawing: Drawing, corner: Point, ink: Ink, family: str) -> None:
    points = [(corner[0] + x, corner[1] + y) for x, y in self.front]
    drawing.polygon(points, ink.fill(family), Pen(ink.edge(family), 0.9))
    for share in (0.2, 0.4, 0.6, 0.8):
        start, end = self.at(0, share, corner), self.at(1, share, corner)
        drawing.line(start, end, Pen(ink.edge(family), 0.5, opacity=0.6))
