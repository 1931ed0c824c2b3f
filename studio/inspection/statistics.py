"""How weights and gradients are distributed, layer by layer, and how strongly the gradient flows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, Integers, Options, Progress, Result, Table, titled
from studio.inspection.health import RELUS, Health, measure
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor


class StatisticsOptions(Options):
    """Options of the weight and gradient statistics."""

    help: ClassVar[str] = (
        "Histograms of the weights and gradients of each layer, and the gradient's size from layer to layer."
    )

    bins: int = Field(
        default=61,
        title="Bins",
        description="Bars of each histogram; one more for an even number, so that zero has a bar of its own.",
        ge=9,
        le=401,
    )
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
        le=1000,
        json_schema_extra={"none": "as in the recipe"},
    )
    health_samples: int = Field(
        default=32,
        title="Samples for health",
        description="How many validation samples are run to find dead units; 0 leaves it out.",
        ge=0,
        le=4096,
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

    `update_ratio` is how much one step changes the weights, relative to their size: learning rate · gradient
    norm / weight norm for plain gradient descent at a known rate, else the change per step since the snapshot
    looked at before; None where neither is known. `dead` is the share of dead units of the ReLU behind the
    layer, None where there is none.
    """

    node: str
    title: str
    weights: Spread
    gradients: Spread | None
    update_ratio: float | None
    dead: float | None


@dataclass(frozen=True, eq=False)
class StatisticsResult(Result):
    """Nodes with parameters in the order of the forward pass; `flow` [layers] is the gradient norm of each
    (NaN: unknown).
    """

    layers: tuple[LayerStatistics, ...]
    flow: Floats

    def table(self) -> Table:
        """A row per layer."""
        weights = ("layer", "parameters", "mean", "deviation", "norm", "largest")
        gradients = ("gradient mean", "gradient deviation", "gradient norm", "update / weight", "dead share")
        return Table((*weights, *gradients), [_row(layer) for layer in self.layers])


def _row(layer: LayerStatistics) -> tuple[object, ...]:
    w, g = layer.weights, layer.gradients
    gradient = (g.mean, g.std, g.norm) if g else (None, None, None)
    return (layer.title, w.count, w.mean, w.std, w.norm, w.largest, *gradient, layer.update_ratio, layer.dead)


def analyse(probe: Probe, options: StatisticsOptions, progress: Progress) -> StatisticsResult:
    """Statistics of every node with parameters. Memory: a few times that of the largest parameter."""
    import numpy as np

    weights = {node: tensors for node in probe.order if (tensors := _weights(probe, node, options.biases))}
    gradients = {node: _gradients(probe, list(tensors)) for node, tensors in weights.items()}
    shared = options.scale == "shared"
    weight_limit = _limit([t for tensors in weights.values() for t in tensors.values()]) if shared else None
    gradient_limit = _limit([t for tensors in gradients.values() for t in tensors]) if shared else None
    health = measure(probe, options.health_samples)
    layers = []
    for number, (node, tensors) in enumerate(weights.items()):
        w = spread(list(tensors.values()), options.bins, weight_limit)
        g = spread(gradients[node], options.bins, gradient_limit) if gradients[node] else None
        ratio = _update_ratio(probe, options, tensors, w, g)
        layers.append(LayerStatistics(node, titled(probe.titles, node), w, g, ratio, _dead(probe, node, health)))
        progress((number + 1) / len(weights))
    flow = np.array([layer.gradients.norm if layer.gradients else np.nan for layer in layers], dtype=np.float32)
    return StatisticsResult(tuple(layers), flow)


def _weights(probe: Probe, node: str, biases: bool) -> dict[str, Tensor]:
    """Parameters of a node by their names in the whole network."""
    module, start = probe.module_of(node), probe.built.names.get(node)
    named = module.named_parameters() if module is not None else ()
    return {f"{start}.{name}": p.detach() for name, p in named if biases or "bias" not in name}


def _gradients(probe: Probe, names: list[str]) -> list[Tensor]:
    return [probe.gradients[name].detach().float().cpu() for name in names if name in probe.gradients]


def _limit(tensors: list[Tensor]) -> float:
    """The largest absolute finite value, 1 where there is none but zero."""
    largest = max((float(_finite(t).abs().max()) for t in tensors if _finite(t).numel()), default=0.0)
    return largest or 1.0


def _finite(values: Tensor) -> Tensor:
    return values if bool(values.isfinite().all()) else values[values.isfinite()]


def spread(tensors: list[Tensor], bins: int, limit: float | None = None) -> Spread:
    """How the values of all these tensors together are distributed, with bins (an odd number) over
    −limit…limit.
    """
    import numpy as np
    import torch

    bins |= 1
    limit = _limit(tensors) if limit is None else limit
    counts = torch.zeros(bins)
    total, squares, number, zeros, all_finite, largest = 0.0, 0.0, 0, 0, True, 0.0
    for tensor in tensors:
        values = _finite(tensor).flatten()
        all_finite = all_finite and values.numel() == tensor.numel()
        if values.numel():
            counts += torch.histc(values, bins, -limit, limit)
            total += float(values.sum(dtype=torch.float64))
            squares += float(torch.linalg.vector_norm(values, dtype=torch.float64)) ** 2
            largest = max(largest, float(values.abs().max()))
            zeros += values.numel() - int(values.count_nonzero())
            number += values.numel()
    mean = total / max(number, 1)
    return Spread(
        counts=counts.numpy().astype(np.int64),
        edges=np.linspace(-limit, limit, bins + 1, dtype=np.float32),
        count=number,
        mean=mean,
        std=math.sqrt(max(squares / max(number, 1) - mean * mean, 0.0)),
        norm=math.sqrt(squares),
        largest=largest,
        zeros=zeros / max(number, 1),
        finite=all_finite,
    )


def _update_ratio(
    probe: Probe, options: StatisticsOptions, weights: dict[str, Tensor], w: Spread, g: Spread | None
) -> float | None:
    """How much one step changes the weights, relative to their size; None where that is unknown."""
    recipe = probe.network.settings.get("recipe") or {}
    rate = options.learning_rate
    if rate is None and recipe.get("optimiser") == "sgd" and recipe.get("schedule", "constant") == "constant":
        rate = recipe.get("learning_rate")
    if rate is not None:
        return rate * g.norm / w.norm if g is not None and w.norm else None
    return _movement(probe, weights)


def _movement(probe: Probe, weights: dict[str, Tensor]) -> float | None:
    """The change since the snapshot before, per step, relative to the weights then."""
    earlier, now = probe.earlier, probe.snapshot
    if earlier is None or now is None or earlier.run != now.run or now.step <= earlier.step:
        return None
    moved = before = 0.0
    for name, tensor in weights.items():
        old = earlier.weights[name].float().cpu()
        moved += float((tensor - old).square().sum())
        before += float(old.square().sum())
    return math.sqrt(moved / before) / (now.step - earlier.step) if before else None


def _dead(probe: Probe, node: str, health: Mapping[str, Health]) -> float | None:
    """The share of dead units of the ReLU that this layer feeds, through nothing but normalisation and
    dropout.
    """
    wires = probe.network.outgoing(node)
    while len(wires) == 1:
        following = wires[0].target.node
        kind = probe.network.nodes[following].kind
        if kind in RELUS:
            return health[following].dead if following in health else None
        if not kind.startswith(("BatchNorm", "Dropout", "LayerNorm", "GroupNorm")):
            return None
        wires = probe.network.outgoing(following)
    return None
