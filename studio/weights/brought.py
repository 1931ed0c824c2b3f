"""Weights that came with what was imported or opened, and are in no file of Netloom's yet. Light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio.design import design_of
from studio.weights.following import names_of
from studio.weights.learnt import Learnt

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Brought:
    """The weights of this network, after `step` steps of training. `begins`: training goes on from them."""

    network: Network
    catalogue: Catalogue
    weights: Mapping[str, Tensor]
    step: int = 0
    begins: bool = True

    @property
    def digest(self) -> str:
        """That of the design that they belong to."""
        return design_of(self.network, self.catalogue)

    def __call__(self) -> Learnt:
        """As what it has learnt elsewhere."""
        names = names_of(self.network, self.catalogue)
        return Learnt(self.digest, self.weights, self.step, names=names, begins=self.begins)
