"""What every node computes for one sample, small enough to be drawn on the canvas, and how healthy each node
is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, InspectionFault, Progress, Result, SampleOptions, Table, node_field, titled
from studio.inspection.health import Checkup, Health, batch_size
from studio.inspection.probe import Probe

LARGEST = 48
MOST_MAPS = 16
MOST_VALUES = 128

if TYPE_CHECKING:
    from torch import Tensor


class ActivationsOptions(SampleOptions):
    """Options of the activations."""

    help: ClassVar[str] = "What each layer computes for one sample."

    node: str | None = node_field("Also give the whole output of this layer.", "only the thumbnails")
    health_samples: int = Field(
        default=32,
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
    really has; `chosen` the likeliest class. `colour` says that the three maps are red, green and blue.
    """

    kind: Literal["maps", "bars", "chances"]
    values: Floats
    low: float
    high: float
    total: int
    signed: bool = False
    colour: bool = False
    labels: tuple[str, ...] = ()
    chosen: int | None = None


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


def analyse(probe: Probe, options: ActivationsOptions, progress: Progress) -> ActivationsResult:
    """Run the sample, together with the first samples for health, and sum up every node's output."""
    import torch

    inputs, target = probe.sample(options)
    label = int(target[0]) if probe.data.task == "classification" else None
    batches = _batches(probe, inputs, options.health_samples)
    checkup = Checkup(probe)
    found: dict[str, Tensor] = {}

    def see(node: str, output: Tensor) -> None:
        if first and node not in found:
            found[node] = output[:1].clone()
            output = output[1:]
        checkup.see(node, output)

    for number, batch in enumerate(batches):
        first = number == 0
        probe.visit(batch, see)
        progress((number + 1) / (len(batches) + 1))
    if options.node is not None and options.node not in found:
        raise InspectionFault(f"There is no layer “{titled(probe.titles, options.node)}” in this network.")
    probabilities = _probabilities(probe, found)
    output = found[probe.built.outputs[0]][0].numpy()
    with torch.no_grad():
        thumbnails = {node: _thumbnail(probe, node, value[0], probabilities) for node, value in found.items()}
    return ActivationsResult(
        split=options.split,
        sample=options.sample,
        input=probe.raw(inputs)[0].numpy(),
        label=label,
        classes=probe.data.classes,
        thumbnails=thumbnails,
        health=checkup.health(),
        probabilities=probabilities,
        predicted=None if probabilities is None else int(probabilities.argmax()),
        output=output,
        node=options.node,
        full=None if options.node is None else found[options.node][0].numpy(),
        titles=probe.titles,
    )


def _batches(probe: Probe, sample: Tensor, count: int) -> list[Tensor]:
    """The sample, joined by the first samples for health, then the rest of those."""
    import torch

    if not count or not len(probe.part("validation").targets):
        return [sample]
    size = batch_size(probe)
    others = list(probe.batches("validation", probe.spread("validation", count), size))
    return [torch.cat([sample, others[0]]), *others[1:]]


def _probabilities(probe: Probe, found: Mapping[str, Tensor]) -> Floats | None:
    """Class probabilities of the sample, None where the network gives none."""
    if probe.data.task != "classification" or len(probe.built.outputs) != 1:
        return None
    scores = probe.spread_scores(found[probe.head.node])
    if scores.shape[1] != len(probe.data.classes):
        return None
    values: Floats = probe.head.probabilities(scores)[0].numpy()
    return values


def _thumbnail(probe: Probe, node: str, value: Tensor, probabilities: Floats | None) -> Thumbnail:
    """The thumbnail of one sample's output, without batch axis."""
    if node in probe.built.outputs and probabilities is not None:
        chosen = int(probabilities.argmax())
        count = len(probabilities)
        return Thumbnail("chances", probabilities, 0.0, 1.0, count, labels=probe.data.classes, chosen=chosen)
    value = value.float()
    if node in probe.built.inputs:
        return _of_input(probe, value)
    if value.dim() < 2:
        values = bars(value)
        return Thumbnail("bars", values, *_scale(values), total=value.numel(), signed=bool((values < 0).any()))
    maps, total = pictures(value)
    return Thumbnail("maps", maps, *_scale(maps), total=total, signed=bool((maps < 0).any()))


def _of_input(probe: Probe, value: Tensor) -> Thumbnail:
    """The input in raw units, on the scale of the data's bounds."""
    raw = probe.raw(value)
    low, high = probe.data.bounds
    if value.dim() < 2:
        return Thumbnail("bars", bars(raw), *_scale(bars(raw)), total=raw.numel(), signed=bool((raw < 0).any()))
    maps, total = pictures(raw)
    return Thumbnail("maps", maps, low, high, total=total, signed=low < 0, colour=value.dim() == 3 and len(value) == 3)


def _scale(values: Floats) -> tuple[float, float]:
    """One scale for all of a node's maps: 0…largest, or −largest…largest where values below zero occur."""
    import numpy as np

    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    return (-largest if finite.size and finite.min() < 0 else 0.0, largest or 1.0)


def bars(value: Tensor) -> Floats:
    """Numbers [n] as at most 128 bars: each the mean of its neighbours where there are more."""
    from torch.nn import functional

    value = value.reshape(1, 1, -1)
    if value.shape[-1] > MOST_VALUES:
        value = functional.adaptive_avg_pool1d(value, MOST_VALUES)
    bars: Floats = value.flatten().numpy()
    return bars


def pictures(value: Tensor) -> tuple[Floats, int]:
    """Maps [k ≤ 16, h ≤ 48, w ≤ 48] of an output [C, H, W] (also [H, W], one map, or [C, D, H, W], its middle
    slices).

    Larger maps are averaged over areas. Also gives the number of maps there really are.
    """
    from torch.nn import functional

    while value.dim() > 3:
        value = value[:, value.shape[1] // 2]
    value = value.unsqueeze(0) if value.dim() == 2 else value
    total = len(value)
    shown = value[:MOST_MAPS]
    height, width = (min(LARGEST, side) for side in shown.shape[1:])
    if (height, width) != tuple(shown.shape[1:]):
        shown = functional.adaptive_avg_pool2d(shown, (height, width))
    maps: Floats = shown.contiguous().numpy()
    return maps, total


def _values_table(title: str, full: Floats) -> Table:
    import numpy as np

    rows = [(title, " ".join(map(str, place)), float(value)) for place, value in np.ndenumerate(full)]
    return Table(("node", "place", "value"), rows)
