"""The filters a layer has learnt, as pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, InspectionFault, Options, Progress, Result, Table, node_field, titled
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor


class FiltersOptions(Options):
    """Options of the filters."""

    help: ClassVar[str] = "The weights of a layer as pictures, one per filter and input channel."

    node: str | None = node_field("The layer whose weights to show.", "the first with filters")
    filters: int = Field(default=64, title="Filters", description="At most this many filters are shown.", ge=1, le=1024)
    channels: int = Field(
        default=16,
        title="Channels",
        description="At most this many input channels of each filter.",
        ge=1,
        le=1024,
    )


@dataclass(frozen=True, eq=False)
class FiltersResult(Result):
    """Weights [out, in, height, width] of the first filters and channels of a layer.

    `kind` is "filters" for a convolution, or a linear layer that reads the image (its rows are then folded
    back to the image); "matrix" for any other weights, as one picture [1, 1, out, in]. `limit` is the largest
    absolute weight shown (the common scale is −limit…limit), `norms` [out] the Euclidean norm of each whole
    filter (row, for a matrix), `bias` [out]. `total` is (filters, channels) the layer really has.
    """

    node: str
    title: str
    kind: Literal["filters", "matrix"]
    weights: Floats
    limit: float
    norms: Floats
    bias: Floats | None
    total: tuple[int, int]

    def table(self) -> Table:
        """A row per weight shown."""
        import numpy as np

        header = ("filter", "channel", "row", "column", "weight")
        rows = [(*place, float(value)) for place, value in np.ndenumerate(self.weights)]
        return Table(header, rows)


def analyse(probe: Probe, options: FiltersOptions, progress: Progress) -> FiltersResult:
    """The weights of a layer. Raises InspectionFault for a layer without any."""
    node = options.node or _first(probe)
    weights = _weights(probe, node)
    if weights is None:
        raise InspectionFault(
            f"“{titled(probe.titles, node)}” has no filters: it has no weights with two axes or more."
        )
    folded, kind = _folded(probe, node, weights)
    progress(0.5)
    outputs, inputs = folded.shape[:2]
    if kind == "matrix":
        shown = folded[: options.filters * 16, : options.channels * 64].reshape(
            1, 1, -1, min(inputs, options.channels * 64)
        )
    else:
        shown = folded[: options.filters, : options.channels]
    values = shown.contiguous().clone().numpy()
    limit = float(abs(values).max()) if values.size else 0.0
    return FiltersResult(
        node=node,
        title=titled(probe.titles, node),
        kind=kind,
        weights=values,
        limit=limit or 1.0,
        norms=folded.flatten(1).norm(dim=1).numpy(),
        bias=_bias(probe, node, outputs),
        total=(outputs, inputs),
    )


def _first(probe: Probe) -> str:
    """The first convolution, else the first layer with weights."""
    with_weights = [node for node in probe.order if _weights(probe, node) is not None]
    convolutions = [node for node in with_weights if probe.network.nodes[node].kind.startswith("Conv")]
    if not with_weights:
        raise InspectionFault("This network has no layer with weights.")
    return (convolutions or with_weights)[0]


def _weights(probe: Probe, node: str) -> Tensor | None:
    """The first parameter of a node's module that has two axes or more, None where there is none."""
    module = probe.module_of(node)
    parameters = module.parameters() if module is not None else iter(())
    return next((p.detach() for p in parameters if p.dim() > 1), None)


def _bias(probe: Probe, node: str, outputs: int) -> Floats | None:
    bias = getattr(probe.module_of(node), "bias", None)
    if bias is None or isinstance(bias, bool) or bias.numel() != outputs:
        return None
    values: Floats = bias.detach().clone().numpy()
    return values


def _folded(probe: Probe, node: str, weights: Tensor) -> tuple[Tensor, Literal["filters", "matrix"]]:
    """Weights as [out, in, height, width], or as a matrix [out, in]."""
    kind = probe.network.nodes[node].kind
    if kind.startswith("ConvTranspose"):
        weights = weights.transpose(0, 1)
    if weights.dim() == 2:
        if kind == "Linear" and _reads_picture(probe, node) and weights.shape[1] == math.prod(probe.data.shape):
            return weights.reshape(-1, *probe.data.shape), "filters"
        return weights, "matrix"
    if weights.dim() == 3:
        return weights.unsqueeze(2 if kind.startswith("Conv") else 1), "filters"
    return weights.reshape(*weights.shape[:2], -1, weights.shape[-1]), "filters"


def _reads_picture(probe: Probe, node: str) -> bool:
    """Whether nothing but flattening (or dropout) lies between the input picture and this node."""
    wires = probe.network.incoming(node)
    while wires:
        node = wires[0].source.node
        if node in probe.built.inputs:
            return len(probe.data.shape) == 3
        if probe.network.nodes[node].kind not in ("Flatten", "Dropout"):
            return False
        wires = probe.network.incoming(node)
    return False
