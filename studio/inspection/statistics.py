"""How weights and gradients are distributed, layer by layer, and how strongly the gradient flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, Integers, Options, Result, Table


class StatisticsOptions(Options):
    """Options of the weight and gradient statistics."""

    help: ClassVar[str] = (
        "Histograms of the weights and gradients of each layer, and the gradient's size from layer to layer."
    )

    bins: int = Field(default=60, title="Bins", description="Bars of each histogram.", ge=8, le=400)
    scale: Literal["own", "shared"] = Field(
        default="own",
        title="Scale",
        description="Whether each layer has bins of its own, or all share one axis to be compared.",
        json_schema_extra={"labels": {"own": "each layer its own", "shared": "the same for all"}},
    )
    biases: bool = Field(default=True, title="Biases", description="Whether biases are counted in.")
    learning_rate: float | None = Field(
        default=None,
        title="Learning rate",
        description="For the ratio of an update to its weights, with plain gradient descent.",
        gt=0,
        json_schema_extra={"none": "as in the recipe"},
    )


@dataclass(frozen=True, eq=False)
class Spread:
    """How some numbers are distributed: `counts` int64 [bins] between `edges` [bins + 1], symmetric about
    zero.

    Values that are not finite are left out of all figures; `finite` says that there were none.
    """

    counts: Integers
    edges: Floats
    count: int
    mean: float
    std: float
    norm: float
    largest: float
    zeros: float
    finite: bool


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """One node with parameters: its weights, its gradients (None where the snapshot has none).

    `update_ratio` is learning rate · gradient norm / weight norm (None where one is unknown or the weights
    are zero).
    """

    node: str
    title: str
    weights: Spread
    gradients: Spread | None
    update_ratio: float | None


@dataclass(frozen=True, eq=False)
class StatisticsResult(Result):
    """Nodes with parameters in the order of the forward pass; `flow` [layers] is the gradient norm of each
    (NaN: unknown).
    """

    layers: tuple[LayerStatistics, ...]
    flow: Floats

    def table(self) -> Table:
        """A row per layer."""
        header = (
            "layer",
            "parameters",
            "mean",
            "deviation",
            "norm",
            "largest",
            "gradient mean",
            "gradient deviation",
        )
        header += ("gradient norm", "update / weight")
        return Table(header, [_row(layer) for layer in self.layers])


def _row(layer: LayerStatistics) -> tuple[object, ...]:
    w, g = layer.weights, layer.gradients
    gradient = (g.mean, g.std, g.norm) if g else (None, None, None)
    return (layer.title, w.count, w.mean, w.std, w.norm, w.largest, *gradient, layer.update_ratio)
