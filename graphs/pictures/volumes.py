"""A convolutional network as a row of volumes, as in the paper on LeNet-5 (LeCun et al. 1998).

Names and sizes stand above the volumes, what is done between them below; windows are drawn with the lines that
lead to the next volume, and ways past others as arcs above it all.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from graphs.layers.windows import spread
from graphs.pictures import solids
from graphs.pictures.drawing import Drawing, Pen, Point
from graphs.pictures.inks import Ink
from graphs.pictures.lettering import elided, width
from graphs.pictures.solids import Solid
from graphs.pictures.stages import Line, Skip, Stage
from graphs.pictures.words import size_words

__all__ = ["draw_sign", "draw_volumes"]

NAME, SIZE, OPERATION, FINE = 12.0, 11.0, 11.0, 10.0
LEADING = 14.0
GAP = 34.0
APART = 14.0
"""Room between neighbouring texts."""
LANE, ARCH = 24.0, 30.0
LABEL = 36.0
"""Room for name and size above a volume."""
ROW_GAP = 46.0
LONGEST_NAME, LONGEST_WORDS = 120.0, 130.0
FEW_CHANNELS = 24
"""Up to here all maps of a stage are drawn as planes."""
WIDEST = 1240.0
"""A row longer than this goes on in the next one, where no arc stands in the way."""


@dataclass
class _Placed:
    stage: Stage
    solid: Solid
    left: float = 0.0
    top: float = 0.0

    @property
    def corner(self) -> Point:
        return self.left, self.top

    @property
    def middle(self) -> float:
        return self.left + self.solid.wide / 2

    @property
    def right(self) -> float:
        return self.left + self.solid.wide


def draw_volumes(drawing: Drawing, line: Line, ink: Ink, details: bool = True) -> None:
    """Draw the row, in several rows where it is long."""
    bodies = _bodies(line.stages)
    rows = _rows(line, bodies)
    y = 0.0
    first = 0
    before: _Placed | None = None
    for count in rows:
        stages, parts = line.stages[first : first + count], bodies[first : first + count]
        skips = [
            Skip(s.start - first, s.end - first, s.sign, s.words)
            for s in line.skips
            if first <= s.start < first + count
        ]
        row = _Row(drawing, ink, details, [_Placed(s, b) for s, b in zip(stages, parts, strict=True)], skips)
        bottom = row.draw(y, before)
        before, first, y = row.placed[-1], first + count, bottom + ROW_GAP


def _bodies(stages: Sequence[Stage]) -> list[Solid]:
    maps = [s.shape for s in stages if s.shape and len(s.shape) >= 3]
    largest = max((max(shape[1:]) for shape in maps), default=1)
    thick = max((shape[0] for shape in maps), default=1) > FEW_CHANNELS
    return [_body(stage.shape, largest, thick) for stage in stages]


def _body(shape: tuple[int, ...] | None, largest: int, thick: bool) -> Solid:
    if not shape:
        return solids.sheet(1, 4)
    if len(shape) == 1:
        return solids.bar(shape[0])
    if len(shape) == 2:
        return solids.sheet(*shape)
    return (solids.slab if thick else solids.planes)(shape[0], shape[-2], shape[-1], largest)


def _rows(line: Line, bodies: Sequence[Solid]) -> list[int]:
    """How many stages each row has: cut where no arc leads across, into rows about equally long."""
    widths = [max(b.wide, _label_width(s)) + GAP + 20 for s, b in zip(line.stages, bodies, strict=True)]
    total = sum(widths)
    if total <= WIDEST * 1.25:
        return [len(widths)]
    goal = total / -(-total // WIDEST)
    free = {i for i in range(1, len(widths)) if not any(s.start < i <= s.end for s in line.skips)}
    cuts, length = [0], 0.0
    for index, wide in enumerate(widths):
        if index in free and length + wide / 2 > goal:
            cuts.append(index)
            length = 0.0
        length += wide
    if length < goal / 2 and len(cuts) > 1:
        cuts.pop()
    return [b - a for a, b in itertools.pairwise([*cuts, len(widths)])]


def _label_width(stage: Stage) -> float:
    name = width(elided(stage.head.title, LONGEST_NAME, NAME), NAME) * 1.08
    return max(name, width(size_words(stage.shape), SIZE))


@dataclass
class _Row:
    drawing: Drawing
    ink: Ink
    details: bool
    placed: list[_Placed]
    skips: list[Skip]

    def draw(self, top: float, before: _Placed | None) -> float:
        """Draw the row with its upper edge here; gives its lower edge."""
        said = [self._said(p.stage) for p in self.placed]
        lead = [max((width(t, OPERATION) for t in lines), default=0.0) for lines in said]
        self._spread(lead, before is not None)
        lanes = _lanes(self.skips)
        tallest = max(p.solid.tall for p in self.placed)
        head = LANE * (max(lanes, default=-1) + 1) + (ARCH if lanes else 0) + LABEL
        for p in self.placed:
            p.top = top + head + (tallest - p.solid.tall) / 2
        base = top + head + tallest + 22
        if before is not None:
            self._from_above(before, top)
        for p in self.placed:
            p.solid.draw(self.drawing, p.corner, self.ink, p.stage.head.family)
        for a, b in zip(self.placed, self.placed[1:], strict=False):
            _lead(self.drawing, self.ink, a, b)
        for p in self.placed:
            self._label(p)
        lowest = self._operations(said, base, before is not None)
        for skip, lane in zip(self.skips, lanes, strict=True):
            self._arc(skip, lane, top + head - LABEL - ARCH)
        return lowest

    def _said(self, stage: Stage) -> list[str]:
        """The lines about what leads to a stage: what is done, and what is folded into it."""
        if stage.head.is_input:
            return []
        lines = [*stage.before, stage.words] if not stage.head.is_output else []
        lines += [", ".join(stage.folded)] if self.details and stage.folded else []
        return [elided(text, LONGEST_WORDS, OPERATION) for text in lines]

    def _spread(self, lead: list[float], led: bool) -> None:
        """Find places from left to right so that no texts touch."""
        edge = centre = half = None
        for index, p in enumerate(self.placed):
            label = max(_label_width(p.stage), width(p.stage.result, SIZE))
            extra = max(0.0, (label - p.solid.wide) / 2)
            if edge is None or centre is None or half is None:
                p.left = max(extra, lead[index] + GAP - 6 if led else 0.0)
                centre, half = (p.left / 2, lead[index] / 2) if led else (p.left + p.solid.wide / 2, 0.0)
            else:
                last = self.placed[index - 1]
                over = max(0.0, (max(_label_width(last.stage), width(last.stage.result, SIZE)) - last.solid.wide) / 2)
                spot = max(edge + GAP, edge + over + extra + APART)
                middle = centre + half + lead[index] / 2 + APART
                spot = max(spot, 2 * middle - edge)
                p.left, centre, half = spot, (edge + spot) / 2, lead[index] / 2
            edge = p.right

    def _label(self, p: _Placed) -> None:
        """Name and size above it."""
        name = elided(p.stage.head.title, LONGEST_NAME, NAME)
        self.drawing.text((p.middle, p.top - 8 - LEADING), name, self.ink.text, NAME, bold=True)
        self.drawing.text((p.middle, p.top - 8), size_words(p.stage.shape), self.ink.dim, SIZE)

    def _operations(self, said: list[list[str]], base: float, led: bool) -> float:
        """What is done, in the middle between two volumes; gives how low it all reaches."""
        lowest = base
        before: _Placed | None = None
        for p, lines in zip(self.placed, said, strict=True):
            x = (
                (before.right + p.left) / 2
                if before
                else p.left - GAP / 2 - max((width(t, OPERATION) for t in lines), default=0.0) / 2
            )
            folded = 1 if self.details and p.stage.folded else 0
            for index, text in enumerate(lines if before or led else []):
                fine = index >= len(lines) - folded
                y = base + LEADING * index
                colour = self.ink.dim if fine else self.ink.text
                self.drawing.text((x, y), text, colour, FINE if fine else OPERATION, italic=fine)
                lowest = max(lowest, y + 4)
            before = p
        last = self.placed[-1]
        if last.stage.result:
            words = elided(last.stage.result, LONGEST_NAME, SIZE)
            self.drawing.text((last.middle, last.top + last.solid.tall + 16), words, self.ink.dim, SIZE)
        return lowest

    def _from_above(self, before: _Placed, top: float) -> None:
        """The way from the end of the row above to the beginning of this one."""
        first = self.placed[0]
        start = (before.right + 8, before.top + before.solid.tall / 2)
        y, level = top - ROW_GAP * 0.4, first.top + first.solid.tall / 2
        out, back = start[0] + 14, min(-4.0, first.left - 40)
        ways = [start, (out, start[1]), (out, y), (back, y), (back, level), (first.left - 6, level)]
        self.drawing.way(ways, Pen(self.ink.line, 1.3), 8.0)

    def _arc(self, skip: Skip, lane: int, level: float) -> None:
        """A way past volumes, above their labels."""
        start, end = self.placed[skip.start], self.placed[skip.end]
        y = level - LANE * lane
        foot, head = start.top - LABEL, end.top - LABEL
        leaving = sum(s.start == skip.start for s in self.skips) > 1 or any(s.end == skip.start for s in self.skips)
        arriving = sum(s.end == skip.end for s in self.skips) > 1 or any(s.start == skip.end for s in self.skips)
        x0, x1 = start.middle + (7 if leaving else 0), end.middle - (7 if arriving else 0)
        pen = Pen(self.ink.line, 1.3)
        mark = skip.sign in ("+", "×")
        self.drawing.way([(x0, foot), (x0, y), (x1, y), (x1, head - (14 if mark else 0))], pen, 8.0)
        if mark:
            draw_sign(self.drawing, self.ink, (x1, head - 7), skip.sign)
        words = skip.words or ("" if mark else skip.sign)
        self.drawing.text(
            ((x0 + x1) / 2, y - 5), elided(words, abs(x1 - x0) - 12, FINE), self.ink.dim, FINE, italic=True
        )


def draw_sign(drawing: Drawing, ink: Ink, at: Point, sign: str, radius: float = 6.5) -> None:
    """A small circle with a plus or a cross."""
    pen = Pen(ink.text, 1.1)
    drawing.circle(at, radius, ink.background, pen)
    (x, y), r = at, radius * 0.55
    a, b = ((r, 0.0), (0.0, r)) if sign == "+" else ((r * 0.75, r * 0.75), (r * 0.75, -r * 0.75))
    for dx, dy in (a, b):
        drawing.line((x - dx, y - dy), (x + dx, y + dy), pen)


def _lanes(skips: Sequence[Skip]) -> list[int]:
    """The level of each arc: above those that it leads over, beside those that it does not meet."""
    order = sorted(range(len(skips)), key=lambda i: skips[i].end - skips[i].start)
    lanes: dict[int, int] = {}
    for i in order:
        own = skips[i]
        met = {lanes[j] for j in lanes if skips[j].start < own.end and own.start < skips[j].end}
        lanes[i] = next(lane for lane in range(len(skips)) if lane > max(met, default=-1))
    return [lanes[i] for i in range(len(skips))]


def _lead(drawing: Drawing, ink: Ink, a: _Placed, b: _Placed) -> None:
    """How a volume becomes the next: a window and its lines, a fan to a vector, or an arrow."""
    flat, vector = len(a.stage.shape or ()) < 2, len(b.stage.shape or ()) == 1
    window = None if flat or vector else _window(b.stage, a.stage)
    if window is not None:
        _project(drawing, ink, a, b, window)
    elif (vector and b.stage.head.family == "linear") or (vector and b.stage.head.family == "pooling" and not flat):
        _fan(drawing, ink, a, b)
    else:
        y = a.top + a.solid.tall / 2
        pen = Pen(ink.line, 1.3)
        drawing.way([(a.right + 6, y), (b.left - 5, y)], pen, 8.0)


def _window(stage: Stage, source: Stage) -> tuple[float, float] | None:
    """The window of a layer as shares of the width and height of the map that it looks at."""
    layer, shape = stage.head.layer, source.shape
    if layer is None or shape is None or stage.head.family not in ("convolution", "pooling") or len(shape) < 3:
        return None
    if stage.head.kind.startswith("ConvTranspose") or len(stage.sources) != 1:
        return None
    seen = layer.window(shape)
    if seen is None:
        return None
    tall, wide = spread(seen.kernel, len(shape) - 1)[-2:]
    return min(1.0, wide / shape[-1]), min(1.0, tall / shape[-2])


def _project(drawing: Drawing, ink: Ink, a: _Placed, b: _Placed, window: tuple[float, float]) -> None:
    wide, tall = (max(share, 0.06) for share in window)
    left, top = (1 - wide) * 0.6, (1 - tall) * 0.42
    spots = ((left, top), (left + wide, top), (left + wide, top + tall), (left, top + tall))
    corners = [a.solid.at(x, y, a.corner) for x, y in spots]
    end = (b.left + b.solid.back[0], b.top + b.solid.back[1])
    pen = Pen(ink.text, 0.8, opacity=0.75)
    for corner in (corners[1], corners[2]):
        drawing.line(corner, end, pen)
    drawing.polygon(corners, ink.text, Pen(ink.text, 0.9), 0.12)
    drawing.circle(end, 1.6, ink.text)


def _fan(drawing: Drawing, ink: Ink, a: _Placed, b: _Placed) -> None:
    """Everything leads to everything: from the edges of one to the edges of the other."""
    if len(a.stage.shape or ()) >= 2:
        start = [a.solid.at(1, 0, a.corner), a.solid.at(1, 1, a.corner)]
    else:
        start = [(a.right, a.top + 1.5), (a.right, a.top + a.solid.front[2][1])]
    top, bottom = b.solid.front[0][1], b.solid.front[3][1]
    end = [(b.left, b.top + bottom), (b.left, b.top + top)]
    drawing.polygon([*start, *end], ink.text, Pen(), 0.06)
    pen = Pen(ink.text, 0.7, opacity=0.55)
    drawing.line(start[0], end[1], pen)
    drawing.line(start[1], end[0], pen)
