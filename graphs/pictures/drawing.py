"""A drawing that grows mark by mark, knows how far it reaches and where its texts stand, and becomes SVG text.

It keeps to what every SVG program and Qt's renderer draw alike: no filters, markers, masks or style sheets.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from graphs.pictures.lettering import safe, width

__all__ = ["FONT", "Drawing", "Pen", "Point", "Words"]

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARGIN = 24.0
BEND = 8.0
Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


class Words(NamedTuple):
    """A text that was drawn and the box it takes."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Pen(NamedTuple):
    """How an outline is drawn; `dash` as SVG says it."""

    colour: str = "none"
    width: float = 1.0
    dash: str = ""
    opacity: float = 1.0

    def __str__(self) -> str:
        if self.colour == "none":
            return 'stroke="none"'
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        faint = f' stroke-opacity="{self.opacity:g}"' if self.opacity < 1 else ""
        return f'stroke="{self.colour}" stroke-width="{self.width:g}"{dash}{faint}'


NONE = Pen()


@dataclass
class Drawing:
    """Marks in the order in which they are drawn, in pixels; y grows downwards."""

    marks: list[str] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    box: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom of everything drawn."""

    def reach(self, points: Iterable[Point]) -> None:
        """Count these points as part of the drawing."""
        for x, y in points:
            left, top, right, bottom = self.box or (x, y, x, y)
            self.box = (min(left, x), min(top, y), max(right, x), max(bottom, y))

    def polygon(self, points: Sequence[Point], fill: str, pen: Pen = NONE, opacity: float = 1.0) -> None:
        """A closed shape with straight sides."""
        self.reach(points)
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.marks.append(f'<polygon points="{at}" fill="{fill}"{faint} {pen} stroke-linejoin="round"/>')

    def rounded(self, box: tuple[float, float, float, float], radius: float, fill: str, pen: Pen = NONE) -> None:
        """A rectangle with round corners: left, top, width, height."""
        x, y, w, h = box
        self.reach([(x, y), (x + w, y + h)])
        place = f'x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius:g}" ry="{radius:g}"'
        self.marks.append(f'<rect {place} fill="{fill}" {pen}/>')

    def line(self, start: Point, end: Point, pen: Pen) -> None:
        """A straight line."""
        self.reach([start, end])
        place = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
        self.marks.append(f"<line {place} {pen}/>")

    def circle(self, middle: Point, radius: float, fill: str, pen: Pen = NONE) -> None:
        """A circle."""
        x, y = middle
        self.reach([(x - radius, y - radius), (x + radius, y + radius)])
        self.marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" {pen}/>')

    def way(self, points: Sequence[Point], pen: Pen, head: float = 0.0, bend: float = BEND) -> None:
        """A line through points with round turns, with an arrowhead of length `head` at its end."""
        self.reach(points)
        shown = _shortened(points, head * 0.8)
        self.marks.append(f'<path d="{_turns(shown, bend)}" fill="none" {pen}/>')
        if head:
            self.arrowhead(points[-2], points[-1], head, pen.colour)

    def curve(self, start: Point, first: Point, second: Point, end: Point, pen: Pen, head: float = 0.0) -> None:
        """A cubic Bézier curve, with an arrowhead of length `head` at its end."""
        self.reach([start, end])
        x, y = _shortened([second, end], head * 0.8)[-1]
        turn = f"C{first[0]:.1f} {first[1]:.1f} {second[0]:.1f} {second[1]:.1f} {x:.1f} {y:.1f}"
        self.marks.append(f'<path d="M{start[0]:.1f} {start[1]:.1f}{turn}" fill="none" {pen}/>')
        if head:
            self.arrowhead(second, end, head, pen.colour)

    def arrowhead(self, before: Point, at: Point, length: float, colour: str) -> None:
        """A filled arrowhead that points from `before` to `at`."""
        angle = math.atan2(at[1] - before[1], at[0] - before[0])
        sides = [(at[0] - length * math.cos(angle + s), at[1] - length * math.sin(angle + s)) for s in (-0.38, 0.38)]
        self.polygon([at, *sides], colour)

    def text(
        self,
        at: Point,
        text: str,
        colour: str,
        size: float = 11.0,
        *,
        anchor: Anchor = "middle",
        bold: bool = False,
        italic: bool = False,
    ) -> None:
        """One line of text; `at` is on its baseline."""
        if not text:
            return
        (x, y), wide = at, width(text, size) * (1.08 if bold else 1.0)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        words = Words(text, left, y - 0.78 * size, left + wide, y + 0.22 * size)
        self.words.append(words)
        self.reach([words[1:3], words[3:5]])
        look = f' font-weight="{600 if bold else 400}"' + (' font-style="italic"' if italic else "")
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"'
        self.marks.append(f'<text {place}{look} fill="{colour}">{safe(text)}</text>')

    def svg(self, title: str, background: str = "", margin: float = MARGIN) -> str:
        """The drawing as a file; without a background what lies below it shows."""
        left, top, right, bottom = self.box or (0.0, 0.0, 0.0, 0.0)
        left, top = math.floor(left - margin), math.floor(top - margin)
        wide, tall = math.ceil(right + margin) - left, math.ceil(bottom + margin) - top
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {wide} {tall}" width="{wide}" '
            f'height="{tall}" font-family="{FONT}" role="img">'
        )
        ground = f'<rect x="{left}" y="{top}" width="{wide}" height="{tall}" fill="{background}"/>'
        return "\n".join(
            [head, f"<title>{safe(title)}</title>", *([ground] if background else []), *self.marks, "</svg>\n"]
        )


def _shortened(points: Sequence[Point], by: float) -> list[Point]:
    """The line without its last bit, which an arrowhead covers."""
    (ax, ay), (bx, by_) = points[-2], points[-1]
    length = math.hypot(bx - ax, by_ - ay) or 1.0
    share = max(0.0, 1 - by / length)
    return [*points[:-1], (ax + (bx - ax) * share, ay + (by_ - ay) * share)]


def _turns(points: Sequence[Point], bend: float) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        turn = min(bend, math.dist(before, at) / 2, math.dist(at, after) / 2)
        (ix, iy), (ox, oy) = _towards(at, before, turn), _towards(at, after, turn)
        parts.append(f"L{ix:.1f} {iy:.1f}Q{at[0]:.1f} {at[1]:.1f} {ox:.1f} {oy:.1f}")
    return "".join([*parts, f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"])


def _towards(at: Point, other: Point, by: float) -> Point:
    length = math.dist(at, other) or 1.0
    return at[0] + (other[0] - at[0]) * by / length, at[1] + (other[1] - at[1]) * by / length


def overlaps(words: Sequence[Words], tolerance: float = 1.0) -> list[tuple[str, str]]:
    """Pairs of texts that lie over each other by more than `tolerance` pixels either way."""
    return [
        (a.text, b.text)
        for a, b in itertools.combinations(words, 2)
        if min(a.right, b.right) - max(a.left, b.left) > tolerance
        and min(a.bottom, b.bottom) - max(a.top, b.top) > tolerance
    ]
