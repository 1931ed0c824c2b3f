"""The weights of a network at one step, apart from the one that trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.weights.following import Names, alike, renamed

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Snapshot:
    """Frozen copies of a network's state at `step` of the run `run`.

    `weights` go by their names in the state dict (parameters and buffers), `gradients` by the names of
    parameters; they are those of the step that led here, and empty before the first. `epoch` counts
    fractions. `names` tells which node each name belongs to.
    """

    run: str
    step: int
    epoch: float
    weights: Mapping[str, Tensor]
    gradients: Mapping[str, Tensor] = field(default_factory=dict)
    names: Names = field(default_factory=dict)

    def under(self, names: Names) -> Snapshot:
        """The same, by the names that the layers have now."""
        if alike(self.names, names):
            return self
        weights, gradients = (renamed(tensors, self.names, names) for tensors in (self.weights, self.gradients))
        return replace(self, weights=weights, gradients=gradients, names=names)
