"""Running means for curves: of a whole array at once, and of one that grows, where only the new end is worked out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def running_mean(values: Floats, window: int) -> Floats:
    """The mean of the last values, twice over: `values` [n] smoothed over about `window` of them.

    Values that are not finite are left out; where a window holds none at all the mean is nan.
    """
    first = max(1, window // 2)
    return _trailing_mean(_trailing_mean(np.asarray(values, np.float64), first), max(1, window - first))


class RunningMean:
    """`running_mean` of an array that grows at its end: a longer one costs what was added, not what it is."""

    def __init__(self) -> None:
        self._window = 0
        self._count = 0
        self._room = np.empty(0)
        self._last = np.nan

    def __call__(self, values: Floats, window: int) -> Floats:
        """The running mean [n] of `values` [n]; treat it as read-only."""
        if not self._goes_on(values, window):
            self._window, self._count = window, 0
        total = len(values)
        if total > len(self._room):
            room = np.empty(max(1024, 2 * total))
            room[: self._count] = self._room[: self._count]
            self._room = room
        start = max(0, self._count - window)
        context = max(0, start - window)
        fresh = running_mean(values[context:], window)
        self._room[start:total] = fresh[start - context :]
        self._count, self._last = total, values[-1] if total else np.nan
        return self._room[:total]

    def _goes_on(self, values: Floats, window: int) -> bool:
        """Whether `values` begins with what was smoothed last."""
        if window != self._window or not 0 < self._count <= len(values):
            return False
        return bool(np.array_equal(values[self._count - 1], self._last, equal_nan=True))


def _trailing_mean(values: Floats, window: int) -> Floats:
    """The mean of the last `window` finite values at each place; nan where there is none."""
    good = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(good, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(good)])
    end = np.arange(1, len(values) + 1)
    start = np.maximum(end - window, 0)
    seen = count[end] - count[start]
    with np.errstate(invalid="ignore"):
        return np.where(seen > 0, (total[end] - total[start]) / np.maximum(seen, 1), np.nan)
