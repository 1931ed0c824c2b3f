"""The learning rate over a run, as a function of the step; light.

Step and exponential fall between epochs; cosine, linear and one-cycle move with every step and are where
torch's own schedulers would be when stepped once a batch over the whole run. A warm-up multiplies any of
them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.recipe import Recipe

ONE_CYCLE_RISE = 0.3
ONE_CYCLE_START = 1 / 25
ONE_CYCLE_END = 1e-4 / 25
THRESHOLD = 1e-4


def share(recipe: Recipe, step: int, per_epoch: int) -> float:
    """What the learning rate is multiplied with at `step` (from 0) when an epoch has `per_epoch` steps."""
    return _warm_up(recipe, step) * _shape(recipe, step, per_epoch)


def _warm_up(recipe: Recipe, step: int) -> float:
    return min(1.0, (step + 1) / (recipe.warm_up + 1)) if recipe.warm_up else 1.0


def _shape(recipe: Recipe, step: int, per_epoch: int) -> float:
    total = recipe.epochs * per_epoch
    match recipe.schedule:
        case "step":
            return recipe.schedule_factor ** (step // per_epoch // recipe.schedule_epochs)
        case "exponential":
            return recipe.schedule_factor ** (step // per_epoch)
        case "cosine":
            fall = (1 + math.cos(math.pi * min(step, total) / total)) / 2
            return recipe.schedule_floor + (1 - recipe.schedule_floor) * fall
        case "linear":
            return 1 - (1 - recipe.schedule_floor) * min(step, total) / total
        case "one-cycle":
            return _one_cycle(step, total)
        case _:
            return 1.0


def _one_cycle(step: int, total: int) -> float:
    """Smith and Topin 2018: up to the full rate over 30 % of the run, then down to almost nothing."""
    peak, last = ONE_CYCLE_RISE * total - 1, total - 1
    if step <= peak:
        return _bent(ONE_CYCLE_START, 1.0, step / peak)
    return _bent(1.0, ONE_CYCLE_END, min(1.0, (step - peak) / max(last - peak, 1e-9)))


def _bent(start: float, end: float, way: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * way))


@dataclass
class Rates:
    """The learning rate of a run that goes on: the schedule, what a person set meanwhile, and what plateaus
    did."""

    recipe: Recipe
    per_epoch: int
    base: float = field(default=0.0)
    fall: float = 1.0
    best: float = math.inf
    waited: int = 0

    def __post_init__(self) -> None:
        self.base = self.base or self.recipe.learning_rate

    def at(self, step: int) -> float:
        """The learning rate of `step`, counted from 0."""
        return self.base * self.fall * share(self.recipe, step, self.per_epoch)

    def series(self, step: int) -> Iterator[float]:
        """The learning rates of `step` and the steps after it, for ever."""
        if self.recipe.schedule in ("constant", "plateau") and not self.recipe.warm_up:
            return itertools.repeat(self.at(step))
        return map(self.at, itertools.count(step))

    def set(self, rate: float, step: int) -> None:
        """Makes `rate` the learning rate of `step`; what follows keeps the schedule's shape."""
        factor = self.fall * share(self.recipe, step, self.per_epoch)
        self.base = rate / factor if factor > 1e-9 else rate

    def epoch_ended(self, loss: float) -> bool:
        """Tells a plateau schedule the validation loss (the training loss without one); True when the rate
        fell."""
        if self.recipe.schedule != "plateau":
            return False
        if loss < self.best * (1 - THRESHOLD):
            self.best, self.waited = loss, 0
            return False
        self.waited += 1
        if self.waited <= self.recipe.schedule_epochs:
            return False
        before, self.waited = self.fall, 0
        self.fall = max(self.fall * self.recipe.schedule_factor, min(self.recipe.schedule_floor, self.fall))
        return self.fall < before

    def state(self) -> dict[str, Any]:
        """What a resumed run needs, as JSON."""
        best = self.best if math.isfinite(self.best) else None
        return {"base": self.base, "fall": self.fall, "best": best, "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave. Raises KeyError, TypeError and ValueError where it is not such."""
        self.base, self.fall, self.waited = float(state["base"]), float(state["fall"]), int(state["waited"])
        self.best = math.inf if state["best"] is None else float(state["best"])
