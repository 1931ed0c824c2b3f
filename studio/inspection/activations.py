"""What every node computes for one sample, small enough to be drawn on the canvas, and how healthy each node
is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import (
    Floats,
    Result,
    SampleOptions,
    Table,
    node_field,
    titled,
)

if TYPE_CHECKING:
    pass

LARGEST = 48
MOST_MAPS = 16
MOST_VALUES = 128


class ActivationsOptions(SampleOptions):
    """Options of the activations."""

    help: ClassVar[str] = "What each layer computes for one sample."

    node: str | None = node_field("Also give the whole output of this layer.", "only the thumbnails")
    health_samples: int = Field(
        default=48,
        title="Samples for health",
        description="How many validation samples are run to find dead and saturated units; 0 leaves it out.",
        ge=0,
        le=4096,
    )


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A node's output for one sample, downsampled.

    `values` is float32: maps [k, h, w] (h, w ≤ 48, k ≤ 16; k = channels), bars [n] (n ≤ 128), chances
    [classes] (0…1, summing to 1 under a softmax). All maps of a node share the scale `low`…`high`; `signed`
    says that values below zero occur, and then low = −high. `total` is how many maps or values the node
    really has; `chosen` the likeliest class.
    """

    kind: Literal["maps", "bars", "chances"]
    values: Floats
    low: float
    high: float
    total: int
    signed: bool = False
    labels: tuple[str, ...] = ()
    chosen: int | None = None


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


@dataclass(frozen=True, eq=False)
class ActivationsResult(Result):
    """Thumbnails and health by node id, for the sample `sample` of `split`.

    `input` is the sample in raw units [*shape]; `label` its class (None for regression); `probabilities`
    [classes] of the output (None for regression, where `output` holds the values); `full` the whole output of
    `node`, without batch axis.
    """

    split: str
    sample: int
    input: Floats
    label: int | None
    classes: tuple[str, ...]
    thumbnails: Mapping[str, Thumbnail]
    health: Mapping[str, Health]
    probabilities: Floats | None
    predicted: int | None
    output: Floats
    node: str | None = None
    full: Floats | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> Table:
        """A row per node; with a chosen node, a row per value of its output instead."""
        if self.full is not None and self.node is not None:
            return _values_table(titled(self.titles, self.node), self.full)
        header = ("node", "mean", "deviation", "dead share", "saturated share", "gradient norm")
        return Table(
            header,
            [
                (titled(self.titles, node), h.mean, h.std, h.dead, h.saturated, h.gradient)
                for node, h in self.health.items()
            ],
        )
