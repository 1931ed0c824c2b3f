"""Shaking: a node that is shaken in the hand falls out of the network."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

TURNS, WITHIN_S = 3, 0.5
SWING = 18.0
"""How far the hand goes back before it counts as a turn, in pixels on the screen."""


class Shake:
    """Counts how often the pointer turns back from left to right and from right to left."""

    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, x: float) -> None:
        self._extreme = x
        self._way = 0
        self._turns: deque[float] = deque(maxlen=TURNS)

    def feed(self, x: float) -> bool:
        """The pointer is at `x` now; True when it has turned often enough in a short time."""
        step = x - self._extreme
        if self._way == 0:
            if abs(step) >= SWING:
                self._way, self._extreme = (1 if step > 0 else -1), x
        elif step * self._way >= 0:
            self._extreme = x
        elif abs(step) >= SWING:
            self._way, self._extreme = -self._way, x
            self._turns.append(self.clock())
        return len(self._turns) == TURNS and self._turns[-1] - self._turns[0] <= WITHIN_S
