"""Columns side by side, and rows of columns where one row would be too long."""

from __future__ import annotations

from collections.abc import Sequence

CUT = 3.0
"""What it costs to end a row inside a branch, per wire beyond the first, against squares of unused width."""


def cut_rows(widths: Sequence[float], gap: float, crossing: Sequence[int], width: float) -> list[int]:
    """The first column of each row, so that rows are about `width` long and cut few wires.

    `crossing[i]` is the number of different values that pass from columns before `i` to `i` or later. A row
    may be longer than `width` where every cut would fall into a branch. Dynamic programming over the cuts.
    """
    count = len(widths)
    best = [0.0] + [float("inf")] * count
    start = [0] * (count + 1)
    for end in range(1, count + 1):
        length = -gap
        for first in range(end - 1, -1, -1):
            length += widths[first] + gap
            unused = (width - length) / width
            cost = best[first] + (unused**2 if unused >= 0 else 20 * unused**2)
            cost += CUT * max(crossing[first] - 1, 0) if first else 0.0
            if cost < best[end]:
                best[end], start[end] = cost, first
            if length > 4 * width:
                break
    cuts, end = [], count
    while end:
        end = start[end]
        cuts.append(end)
    return cuts[::-1]


def column_starts(widths: Sequence[float], gap: float, rows: Sequence[int]) -> list[float]:
    """The left edge of each column; every row begins at 0."""
    starts, x, first = [], 0.0, set(rows)
    for index, width in enumerate(widths):
        x = 0.0 if index in first else x
        starts.append(x)
        x += width + gap
    return starts
