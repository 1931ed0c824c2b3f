"""Dense layers as columns of circles, every one wired with all of the next; long layers with dots in their middle."""

from __future__ import annotations

import itertools
import math

from graphs.layers.base import times
from graphs.pictures.drawing import Drawing, Pen, Point
from graphs.pictures.inks import Ink
from graphs.pictures.lettering import elided, width
from graphs.pictures.stages import Line, Stage

__all__ = ["draw_columns"]

RADIUS, PITCH, COLUMN = 9.0, 27.0, 150.0
MOST, ENDS = 10, 4
"""Circles in a column; of a longer one this many at each end, around dots."""
NAME, SIZE, FINE, LEADING = 12.0, 11.0, 10.0, 14.0


def draw_columns(drawing: Drawing, line: Line, ink: Ink, details: bool = True) -> None:
    """Draw the layers from left to right."""
    columns = _places(line, details)
    for before, after in itertools.pairwise(columns):
        thin = Pen(ink.line, 0.6, opacity=0.5)
        for start in before:
            for end in after:
                drawing.line(start, end, thin)
    lowest = max(y for column in columns for _, y in column) + RADIUS
    for stage, column in zip(line.stages, columns, strict=True):
        _column(drawing, ink, stage, column)
        _labels(drawing, ink, stage, column, lowest, details)


def _places(line: Line, details: bool) -> list[list[Point]]:
    found = []
    x, before = 0.0, 0.0
    for index, stage in enumerate(line.stages):
        texts = [elided(stage.head.title, COLUMN, NAME), str(_count(stage))]
        half = max(width(t, NAME) * 1.08 for t in [*texts, *(_below(stage, details))]) / 2
        x = x + max(COLUMN * 0.8, before + half + 18) if index else 0.0
        before = half
        count = _count(stage)
        slots = count if count <= MOST else 2 * ENDS + 1
        ys = [(i - (slots - 1) / 2) * PITCH for i in range(slots)]
        found.append([(x, y) for i, y in enumerate(ys) if count <= MOST or i != ENDS])
    return found


def _count(stage: Stage) -> int:
    """How many numbers it gives."""
    return math.prod(stage.shape or (1,))


def _column(drawing: Drawing, ink: Ink, stage: Stage, column: list[Point]) -> None:
    family = "loss" if stage.result else stage.head.family
    for at in column:
        drawing.circle(at, RADIUS, ink.fill(family, 0.32), Pen(ink.edge(family), 1.1))
    if _count(stage) > MOST:
        for step in (-6.5, 0.0, 6.5):
            drawing.circle((column[0][0], step), 1.7, ink.dim)


def _labels(drawing: Drawing, ink: Ink, stage: Stage, column: list[Point], lowest: float, details: bool) -> None:
    """The name above the column, how wide it is and what follows it on common lines below."""
    x = column[0][0]
    name = elided(stage.head.title, COLUMN, NAME)
    drawing.text((x, column[0][1] - RADIUS - 9), name, ink.text, NAME, bold=True)
    drawing.text((x, lowest + 20), f"{_count(stage):,}", ink.text, SIZE)
    for index, text in enumerate(_below(stage, details)):
        drawing.text((x, lowest + 20 + LEADING * (index + 1)), text, ink.dim, FINE, italic=True)


def _below(stage: Stage, details: bool) -> list[str]:
    maps = [times(stage.shape)] if stage.shape and len(stage.shape) > 1 else []
    lines = [*maps, *(stage.folded if details else []), *([stage.result] if stage.result else [])]
    return [elided(text, COLUMN, FINE) for text in lines]
