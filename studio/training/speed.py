"""How fast a run goes, smoothed over the last seconds; light."""

from __future__ import annotations

import math

SMOOTHED_OVER = 2.0


class Speed:
    """Samples and steps a second, of the time in which the run was not paused."""

    def __init__(self) -> None:
        self._seconds = self._samples = self._steps = 0.0

    def ran(self, seconds: float, samples: int, steps: int) -> None:
        """Adds a stretch; older ones fade."""
        fade = math.exp(-seconds / SMOOTHED_OVER)
        self._seconds = self._seconds * fade + seconds
        self._samples = self._samples * fade + samples
        self._steps = self._steps * fade + steps

    @property
    def samples_per_second(self) -> float | None:
        """None before anything ran."""
        return self._samples / self._seconds if self._seconds > 0 else None

    def seconds_for(self, steps: int) -> float | None:
        """How long so many steps will take; None before anything ran."""
        return steps * self._seconds / self._steps if self._steps > 0 else None
