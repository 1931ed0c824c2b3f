"""What a network is trained towards: the loss, the targets in the form it takes, and what counts as right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.recipe import Loss, Recipe

Criterion = Callable[[Tensor, Tensor], Tensor]

CRITERIA: dict[Loss, Criterion] = {
    "cross-entropy": functional.cross_entropy,
    "nll": functional.nll_loss,
    "mse": functional.mse_loss,
    "l1": functional.l1_loss,
    "huber": functional.huber_loss,
    "binary cross-entropy": functional.binary_cross_entropy_with_logits,
}


@dataclass(frozen=True)
class Goal:
    """A loss over batches. `threshold` decides a single output between two classes; None where there are no
    classes."""

    criterion: Criterion
    encode: Callable[[Tensor], Tensor]
    guess: Callable[[Tensor, Tensor], object] | None

    def hits(self, output: Tensor, labels: Tensor) -> int | None:
        """How many outputs say the right class; None for regression."""
        if self.guess is None:
            return None
        guesses = torch.empty(len(labels), dtype=torch.int64, device=labels.device)
        self.guess(output.detach(), guesses)
        return int((guesses == labels).sum())


def goal(recipe: Recipe, task: str, classes: int, output: Sequence[int]) -> Goal:
    """The goal for outputs of the shape `output` (no batch axis); `recipe.problems` must have found
    nothing."""
    criterion = CRITERIA[recipe.loss]
    if task != "classification":
        return Goal(criterion, lambda targets: targets, None)
    if recipe.loss in ("cross-entropy", "nll"):
        return Goal(criterion, lambda labels: labels, _largest)
    if output[0] == 1:
        threshold = 0.0 if recipe.loss == "binary cross-entropy" else 0.5
        return Goal(criterion, lambda labels: labels.float().unsqueeze(1), _above(threshold))
    return Goal(criterion, lambda labels: functional.one_hot(labels, classes).float(), _largest)


def _largest(output: Tensor, into: Tensor) -> None:
    torch.argmax(output, 1, out=into)


def _above(threshold: float) -> Callable[[Tensor, Tensor], object]:
    def guess(output: Tensor, into: Tensor) -> None:
        into.copy_(output.squeeze(1) > threshold)

    return guess
