"""How well a network does on samples it does not learn from."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from studio.training.goals import Goal

LEAST_BATCH = 256


class Score(NamedTuple):
    """Mean loss and share of right guesses; nan where there is no such number."""

    loss: float
    accuracy: float


class Evaluation:
    """Samples on the device, to be scored again and again."""

    def __init__(self, inputs: Tensor, targets: Tensor, labels: Tensor, goal: Goal, device: torch.device) -> None:
        self._parts = [part.to(device) for part in (inputs, targets, labels)]
        self._goal = goal

    def score(self, module: nn.Module, batch: int) -> Score:
        """Scores the network in evaluation mode, `batch` samples at a time (at least 256), and gives its
        mode back."""
        count = len(self._parts[0])
        if not count:
            return Score(float("nan"), float("nan"))
        mode = module.training
        module.eval()
        try:
            with torch.no_grad():
                loss, hits = self._sums(module, max(batch, LEAST_BATCH))
        finally:
            module.train(mode)
        return Score(loss / count, float("nan") if hits is None else hits / count)

    def _sums(self, module: nn.Module, batch: int) -> tuple[float, int | None]:
        loss, hits = 0.0, None
        for inputs, targets, labels in zip(*(torch.split(part, batch) for part in self._parts), strict=True):
            output = module(inputs)
            loss += float(self._goal.criterion(output, targets)) * len(inputs)
            found = self._goal.hits(output, labels)
            hits = hits if found is None else (hits or 0) + found
        return loss, hits
