"""Columns side by side, and rows of columns where one row would be too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from graphs.placing.layered.grid import checkpoint

CUT = 3.0
"""What it costs to end a row inside a branch, per wire beyond the first, against squares of unused width."""


def cut_rows(
    widths: Sequence[float],
    gap: float,
    crossing: Sequence[int],
    width: float,
    cancel: Callable[[], bool] | None = None,
) -> list[int]:
    """The first column of each row, so that rows are about `width` long and cut few wires.

    `crossing[i]` is the number of different values that pass from columns before `i` to `i` or later. A row
    may be longer than `width` where every cut would fall into a branch. Dynamic programming over the cuts.
    """
    count = len(widths)
    best = np.zeros(count + 1)
    start = [0] * (count + 1)
    ends = np.concatenate([[0.0], np.cumsum(np.asarray(widths, dtype=np.float64) + gap)])
    cut = CUT * np.maximum(np.asarray(crossing[:count], dtype=np.float64) - 1, 0)
    cut[:1] = 0.0
    for end in range(1, count + 1):
        checkpoint(cancel)
        longest = max(0, int(np.searchsorted(ends, ends[end] - gap - 4 * width)) - 1)
        unused = (width - (ends[end] - ends[longest:end] - gap)) / width
        cost = best[longest:end] + cut[longest:end] + np.where(unused >= 0, 1, 20) * unused**2
        shortest = int(cost[::-1].round(9).argmin())  # of rows that are as good, the shortest
        best[end], start[end] = cost[len(cost) - 1 - shortest], end - 1 - shortest
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
