"""What a network is trained towards: the loss, the targets in the form it takes, and what counts as right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """A loss over batches: `encode` brings targets into its form, `guess` turns outputs into class numbers (None
    where there are no classes), `outputs` counts the numbers that the network gives for a sample."""

    criterion: Criterion
    encode: Callable[[Tensor], Tensor]
    guess: Callable[[Tensor], Tensor] | None
    outputs: int = 1

    def hits(self, output: Tensor, labels: Tensor) -> int | None:
        """How many outputs say the right class; None for regression."""
        return None if self.guess is None else int((self.guess(output) == labels).sum())


def goal(recipe: Recipe, task: str, classes: int, output: Sequence[int]) -> Goal:
    """The goal for outputs of the shape `output` (no batch axis); `recipe.problems` must have found
    nothing."""
    criterion, size = CRITERIA[recipe.loss], math.prod(output)
    if task != "classification":
        return Goal(criterion, _same, None, size)
    if recipe.loss in ("cross-entropy", "nll"):
        return Goal(criterion, _same, _largest, size)
    if output[0] == 1:
        threshold = 0.0 if recipe.loss == "binary cross-entropy" else 0.5
        return Goal(criterion, _one_number, lambda outputs: (outputs.squeeze(1) > threshold).long(), size)
    return Goal(criterion, lambda labels: functional.one_hot(labels, classes).float(), _largest, size)


def _same(targets: Tensor) -> Tensor:
    return targets


def _one_number(labels: Tensor) -> Tensor:
    return labels.float().unsqueeze(1)


def _largest(outputs: Tensor) -> Tensor:
    return outputs.argmax(1)
