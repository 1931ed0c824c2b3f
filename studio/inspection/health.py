"""How healthy each node is: dead and saturated units, mean and deviation, measured over a few samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor

RELUS = ("ReLU", "ReLU6")
LIMITS = {"Sigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
NEAR = 0.02
"""How near to its limits a sigmoid or tanh counts as saturated, as a share of its range."""


@dataclass(frozen=True)
class Health:
    """How a node's output behaves over a few validation samples.

    `mean` and `std` are over all values. `dead` is the share of units (channels of maps) of a ReLU that are
    zero for every sample, None for other kinds. `saturated` is the share of values of a sigmoid or tanh
    within 2 % of its range from its limits, None for other kinds. `gradient` is the norm of the gradients of
    the node's own parameters, None where unknown.
    """

    mean: float
    std: float
    dead: float | None = None
    saturated: float | None = None
    gradient: float | None = None
    finite: bool = True


@dataclass
class Tally:
    """Sums over the batches of one node's outputs, from which its health follows."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    saturated: float = 0.0
    highest: Tensor | None = None

    def health(self, kind: str, gradient: float | None) -> Health:
        """The health of a node of this kind."""
        mean = self.total / self.count
        variance = self.squares / self.count - mean * mean
        finite = math.isfinite(mean) and math.isfinite(variance)
        return Health(
            mean=mean,
            std=math.sqrt(max(variance, 0.0)) if finite else math.nan,
            dead=None if self.highest is None else float((self.highest <= 0).float().mean()),
            saturated=self.saturated / self.count if kind in LIMITS else None,
            gradient=gradient,
            finite=finite,
        )


@dataclass
class Checkup:
    """Gathers outputs batch by batch; `health` sums them up."""

    probe: Probe
    tallies: dict[str, Tally] = field(default_factory=dict)

    def see(self, node: str, output: Tensor) -> None:
        """Count in a batch [N, …] of a node's outputs; nothing of it is kept."""
        if not len(output):
            return
        kind = self.probe.network.nodes[node].kind
        tally = self.tallies.setdefault(node, Tally())
        values = output.float() if not output.is_floating_point() else output
        tally.count += values.numel()
        tally.total += float(values.sum())
        tally.squares += _square_sum(values)
        if kind in RELUS:
            highest = _highest(self.probe, node, values)
            tally.highest = highest if tally.highest is None else highest.maximum(tally.highest)
        elif kind in LIMITS:
            tally.saturated += _near_limits(values, *LIMITS[kind])

    def health(self) -> dict[str, Health]:
        """Health by node id, of the nodes seen."""
        nodes = self.probe.network.nodes
        return {
            node: tally.health(nodes[node].kind, gradient_norm(self.probe, node))
            for node, tally in self.tallies.items()
        }


def measure(probe: Probe, samples: int) -> dict[str, Health]:
    """Health of every node over at most `samples` validation samples; nothing where there are none."""
    checkup = Checkup(probe)
    if samples and len(probe.part("validation").targets):
        indices = probe.spread("validation", samples)
        for batch in probe.batches("validation", indices, batch_size(probe)):
            probe.visit(batch, checkup.see)
    return checkup.health()


def batch_size(probe: Probe, values: int = 2**19) -> int:
    """How many samples to run at once so that they hold at most `values` numbers: large pictures go one by
    one.
    """
    return max(1, min(256, values // max(1, math.prod(probe.data.shape))))


def gradient_norm(probe: Probe, node: str) -> float | None:
    """Euclidean norm of the gradients of a node's parameters in the snapshot, None where there are none."""
    import torch

    start = f"{probe.built.names.get(node)}."
    found = [gradient for name, gradient in probe.gradients.items() if name.startswith(start)]
    if not found:
        return None
    return math.hypot(*(float(torch.linalg.vector_norm(gradient.float())) for gradient in found))


def _square_sum(values: Tensor) -> float:
    """The sum of the squares; thirty times quicker than torch.var_mean, and exact enough for a figure on a
    node.
    """
    import torch

    return float(torch.linalg.vector_norm(values)) ** 2


def _near_limits(values: Tensor, low: float, high: float) -> float:
    margin = NEAR * (high - low)
    return float(((values < low + margin) | (values > high - margin)).sum())


def _highest(probe: Probe, node: str, values: Tensor) -> Tensor:
    """The highest value of each unit [units] over samples and places."""
    axis = unit_axis(probe, node, values.dim())
    if axis == 1 and values.dim() > 2:
        return values.amax(dim=0).flatten(1).amax(dim=1)  # samples first: several times quicker
    return values.amax(dim=[d for d in range(values.dim()) if d != axis])


def unit_axis(probe: Probe, node: str, dims: int) -> int:
    """The axis that counts units: channels behind a convolution, the last for rows of a sequence."""
    if dims != 3:
        return 1 if dims > 1 else 0
    learns = ("Conv", "Linear", "Embedding", "RNN", "LSTM", "GRU")
    while not (kind := probe.network.nodes[node].kind).startswith(learns):
        wires = probe.network.incoming(node)
        if not wires:
            return 1
        node = wires[0].source.node
    return 1 if kind.startswith("Conv") else 2
