"""Where a run stands, completely: what is needed to go on from a step as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from studio.weights.following import Names, alike, renamed


@dataclass(frozen=True)
class State:
    """A frozen copy of a run after `step` steps.

    `weights` go by state-dict names; `memory` is the optimiser's, a list beside the trained weights for
    each slot, after `updates` updates; `gradients` are those of the last step. `notes` are small JSON
    values: the learning rate, early stopping, the scale of float16. Random numbers need no place here: they
    follow from the seed and the step. `names` tells which node each name belongs to.
    """

    step: int
    weights: Mapping[str, Tensor]
    memory: Mapping[str, list[Tensor]]
    updates: int
    gradients: Mapping[str, Tensor] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    names: Names = field(default_factory=dict)

    def under(self, names: Names) -> State:
        """The same, by the names that the layers have now; the optimiser's memory goes by the order of the weights."""
        if alike(self.names, names):
            return self
        weights, gradients = (renamed(tensors, self.names, names) for tensors in (self.weights, self.gradients))
        return replace(self, weights=weights, gradients=gradients, names=names)

    def size(self) -> int:
        """The bytes its tensors take."""
        lists = [list(self.weights.values()), *self.memory.values(), list(self.gradients.values())]
        return sum(tensor.numel() * tensor.element_size() for tensors in lists for tensor in tensors)
