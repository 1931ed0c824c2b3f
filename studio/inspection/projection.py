"""Where a layer places the samples: its output laid out in two dimensions by t-SNE (openTSNE) or PCA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import (
    Floats,
    Integers,
    Options,
    Result,
    Split,
    Table,
    class_name,
    node_field,
    seed_field,
    split_field,
)

if TYPE_CHECKING:
    pass


class ProjectionOptions(Options):
    """Options of the projection."""

    help: ClassVar[str] = "Each sample as a point; samples the layer treats alike lie together."

    method: Literal["tsne", "pca"] = Field(
        default="tsne",
        title="Method",
        description="t-SNE keeps neighbours together; PCA shows the two directions of largest spread.",
        json_schema_extra={"labels": {"tsne": "t-SNE", "pca": "PCA"}},
    )
    node: str | None = node_field("The layer whose output is laid out.", "the last before the answer")
    split: Split = split_field()
    samples: int = Field(
        default=500,
        title="Samples",
        description="How many samples, evenly spread over the set.",
        ge=5,
        le=5000,
    )
    perplexity: float = Field(
        default=30.0,
        title="Perplexity",
        description="About how many neighbours each sample keeps close.",
        ge=2,
        le=200,
        json_schema_extra={"step": 5, "when": {"method": "tsne"}},
    )
    iterations: int = Field(
        default=500,
        title="Iterations",
        description="Steps of a layout from scratch; the first quarter sorts it coarsely.",
        ge=20,
        le=5000,
        json_schema_extra={"when": {"method": "tsne"}},
    )
    refresh: int = Field(
        default=40,
        title="Iterations per refresh",
        description="Steps that move an existing layout on when the weights have changed.",
        ge=5,
        le=1000,
        json_schema_extra={"when": {"method": "tsne"}},
    )
    seed: int = seed_field()


@dataclass(frozen=True, eq=False)
class ProjectionResult(Result):
    """`embedding` [n, 2]; `indices` [n] are positions in the part `split` of the data; `labels` [n] their
    classes (−1: none).

    `iteration` of `iterations` were done (0: the PCA that t-SNE starts from); `divergence` is t-SNE's
    Kullback-Leibler divergence (None until known), `explained` [2] the share of variance of each axis of a
    PCA (None for t-SNE).
    """

    method: str
    node: str
    title: str
    split: str
    embedding: Floats
    indices: Integers
    labels: Integers
    classes: tuple[str, ...]
    iteration: int
    iterations: int
    divergence: float | None = None
    explained: Floats | None = None

    @property
    def finished(self) -> bool:
        """Whether all iterations are done."""
        return self.iteration >= self.iterations

    def table(self) -> Table:
        """A row per sample."""
        rows = [
            (int(i), class_name(self.classes, int(k)) if k >= 0 else "", float(x), float(y))
            for i, k, (x, y) in zip(self.indices, self.labels, self.embedding, strict=True)
        ]
        return Table(("sample", "class", "x", "y"), rows)
