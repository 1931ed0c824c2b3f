"""The filters a layer has learnt, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, Options, Result, Table, node_field


class FiltersOptions(Options):
    """Options of the filters."""

    help: ClassVar[str] = "The weights of a layer as pictures, one per filter and input channel."

    node: str | None = node_field("The layer whose weights to show.", "the first with filters")
    filters: int = Field(
        default=64, title="Filters", description="At most this many filters are shown.", ge=1, le=1024
    )
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
