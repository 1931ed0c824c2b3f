"""Where a layer places the samples: its output laid out in two dimensions by t-SNE (openTSNE) or PCA."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from studio.inspection import dense
from studio.inspection.base import (
    Floats,
    InspectionFault,
    Integers,
    Options,
    Progress,
    Result,
    Split,
    Table,
    class_name,
    node_field,
    seed_field,
    split_field,
    superseded,
    titled,
)
from studio.inspection.embedding import affinities, align, optimise, pca
from studio.inspection.health import batch_size
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor

    from studio.inspection.embedding import Doubles

FRAME = 10
"""Iterations from one streamed layout to the next."""
MOST_NUMBERS = 2**27
"""The most numbers (512 MiB) that the outputs of all samples may take."""


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
        default=300,
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
        description="Steps of a layout from scratch; the first tenth sorts it coarsely.",
        ge=20,
        le=5000,
        json_schema_extra={"when": {"method": "tsne"}},
    )
    refresh: int = Field(
        default=12,
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


def analyse(
    probe: Probe, options: ProjectionOptions, progress: Progress, previous: ProjectionResult | None = None
) -> ProjectionResult:
    """Lay out the samples by a layer's output.

    With `previous`, the last result of the same view, a t-SNE of the same samples moves on from there, and
    any layout keeps its orientation. Raises InspectionFault where there is nothing to lay out.
    """
    import numpy as np

    node = options.node or last_before_answer(probe)
    indices = probe.spread(options.split, options.samples)
    values = _outputs(probe, node, options, indices, progress)
    labels = np.full(len(indices), -1, np.int64)
    if probe.data.task == "classification":
        labels = probe.targets(options.split, indices).numpy()
    shared = {
        "method": options.method,
        "node": node,
        "title": titled(probe.titles, node),
        "split": options.split,
        "indices": indices,
        "labels": labels,
        "classes": probe.data.classes,
    }
    before = previous if previous is not None and _same_samples(previous, indices, options) else None
    if options.method == "pca":
        return _pca(values, options, shared, before)
    return _Layout(values, options, shared, before, progress).run()


def last_before_answer(probe: Probe) -> str:
    """The node whose output the last layer reads: the network's own summary of a sample."""
    wires = probe.network.incoming(probe.head.node)
    return wires[0].source.node if wires else probe.head.node


def _outputs(probe: Probe, node: str, options: ProjectionOptions, indices: Integers, progress: Progress) -> Tensor:
    """A node's flattened outputs [n, d], in batches. Raises InspectionFault where they are too large or all
    alike.
    """
    import torch

    from studio.inspection.head import first_tensor

    part, done = probe.up_to(node), 0
    found: list[Tensor] = []
    for batch in probe.batches(options.split, indices, batch_size(probe)):
        with torch.no_grad():
            found.append(first_tensor(part(batch)).flatten(1).float())
        done += len(batch)
        size = found[0].shape[1]
        if size * len(indices) > MOST_NUMBERS:
            title = titled(probe.titles, node)
            raise InspectionFault(f"“{title}” gives {size:,} numbers a sample: take fewer samples or a later layer.")
        progress(0.05 * done / len(indices))
    values = torch.cat(found)
    if len(values) < 5:
        raise InspectionFault(f"A layout needs at least 5 samples; there are {len(values)}.")
    if not bool(values.isfinite().all()):
        raise InspectionFault(f"“{titled(probe.titles, node)}” gives values that are not finite.")
    if not bool((values != values[0]).any()):
        raise InspectionFault(f"“{titled(probe.titles, node)}” gives the same output for every sample.")
    return values


def _same_samples(previous: ProjectionResult, indices: Integers, options: ProjectionOptions) -> bool:
    import numpy as np

    return previous.split == options.split and np.array_equal(previous.indices, indices)


def _pca(
    values: Tensor, options: ProjectionOptions, shared: dict[str, Any], before: ProjectionResult | None
) -> ProjectionResult:
    """The principal components, each axis mirrored where that brings it nearer to the layout before."""
    import numpy as np

    found, explained = pca(values, options.seed)
    if before is not None and before.method == "pca":
        found *= np.where((found * before.embedding).sum(axis=0) < 0, -1, 1)
    return ProjectionResult(
        embedding=found.astype(np.float32),
        iteration=1,
        iterations=1,
        explained=explained.astype(np.float32),
        **shared,
    )


class _Layout:
    """A run of t-SNE: from scratch, on from an unfinished layout, or moving a finished one to new values."""

    def __init__(
        self,
        values: Tensor,
        options: ProjectionOptions,
        shared: dict[str, Any],
        before: ProjectionResult | None,
        progress: Progress,
    ) -> None:
        self.values, self.options, self.shared, self.before, self.progress = (
            values,
            options,
            shared,
            before,
            progress,
        )
        warm = before is not None and before.method == "tsne" and before.node == shared["node"]
        self.done = before.iteration if before is not None and warm else 0
        self.until = max(options.iterations, self.done + options.refresh)
        self.first = self.done
        self.early = options.iterations // 10

    def run(self) -> ProjectionResult:
        """The layout when all iterations are done, or after a refresh when newer weights wait."""
        import numpy as np

        if self.before is not None and self.done:
            start = self.before.embedding.astype(np.float64)
        else:
            start, _ = pca(self.values, self.options.seed)
            start /= start[:, 0].std() or 1.0
            self._tell(0, float("nan"), start)
            start *= 1e-4
        small = len(self.values) <= dense.MOST
        known: Any = self._affinities(small)
        self.progress(0.1)
        move: Any = dense.descend if small else optimise
        every = FRAME if self.done < self.options.iterations else max(FRAME, self.options.refresh)
        layout, done, error = move(
            start, known, self.done, self.until, self.early, every, self._tell, self.options.seed
        )
        return self._result(done, error, layout)

    def _affinities(self, small: bool) -> Any:
        if small:
            return dense.joint(self.values, self.options.perplexity)
        return affinities(self.values, self.options.perplexity, lambda: self.progress(0.1))

    def _tell(self, iteration: int, error: float, layout: Doubles) -> bool:
        """Shows the layout so far, but not while it is still pressed together: the PCA stays until then."""
        done = (iteration - self.first) / (self.until - self.first)
        pressed = 0 < iteration <= self.early
        self.progress(0.1 + 0.9 * done, None if pressed else self._result(iteration, error, layout))
        return not pressed and iteration - self.first >= self.options.refresh and superseded(self.progress)

    def _result(self, iteration: int, error: float, layout: Doubles) -> ProjectionResult:
        import numpy as np

        if self.before is not None:
            layout = align(layout, self.before.embedding.astype(np.float64))
        return ProjectionResult(
            embedding=layout.astype(np.float32),
            iteration=iteration,
            iterations=self.until,
            divergence=None if math.isnan(error) else error,
            **self.shared,
        )
