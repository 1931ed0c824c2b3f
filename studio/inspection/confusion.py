"""Which classes the network takes for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from studio.inspection.base import (
    Floats,
    Integers,
    Options,
    Progress,
    Result,
    Split,
    Table,
    class_name,
    finite,
    split_field,
)
from studio.inspection.probe import Probe


class ConfusionOptions(Options):
    """Options of the confusion matrix."""

    help: ClassVar[str] = "How many samples of each class the network takes for each class."

    split: Split = split_field()
    samples: int = Field(
        default=10_000,
        title="Samples",
        description="At most this many, evenly spread over the set.",
        ge=1,
        le=1_000_000,
    )


@dataclass(frozen=True, eq=False)
class ConfusionResult(Result):
    """`matrix` int64 [true class, predicted class]; `precision`, `recall`, `f1` [classes] (0 where
    undefined).

    For the n samples looked at: `indices` int64 [n] (positions in the part `split`), `labels`, `predictions`
    int64 [n] and `confidence` [n], the probability of the predicted class.
    """

    split: str
    classes: tuple[str, ...]
    matrix: Integers
    precision: Floats
    recall: Floats
    f1: Floats
    accuracy: float
    indices: Integers
    labels: Integers
    predictions: Integers
    confidence: Floats

    def cell(self, label: int, predicted: int) -> Integers:
        """Indices of the samples of class `label` that were taken for `predicted`, the surest first."""
        import numpy as np

        found = np.flatnonzero((self.labels == label) & (self.predictions == predicted))
        return self.indices[found[np.argsort(-self.confidence[found], kind="stable")]]

    def table(self) -> Table:
        """A row per true class: its counts per predicted class, then precision, recall and F1."""
        names = tuple(class_name(self.classes, k) for k in range(len(self.matrix)))
        header = ("true class", *(f"taken for {name}" for name in names), "precision", "recall", "F1")
        rows = [
            (
                name,
                *map(int, self.matrix[k]),
                float(self.precision[k]),
                float(self.recall[k]),
                float(self.f1[k]),
            )
            for k, name in enumerate(names)
        ]
        return Table(header, rows)


def analyse(probe: Probe, options: ConfusionOptions, progress: Progress) -> ConfusionResult:
    """Classify the samples in batches and count. Raises InspectionFault without classes."""
    import numpy as np
    import torch

    probe.classify()
    indices = probe.spread(options.split, options.samples)
    predictions, confidence, done = [], [], 0
    for batch in probe.batches(options.split, indices):
        with torch.no_grad():
            sure, best = probe.head.probabilities(finite(probe.scores(batch))).max(dim=1)
        predictions.append(best.numpy())
        confidence.append(sure.numpy())
        done += len(batch)
        progress(done / len(indices))
    labels = probe.targets(options.split, indices).numpy()
    predicted = np.concatenate(predictions)
    matrix = count(labels, predicted, len(probe.data.classes))
    precision, recall, f1 = scores_of(matrix)
    return ConfusionResult(
        split=options.split,
        classes=probe.data.classes,
        matrix=matrix,
        precision=precision,
        recall=recall,
        f1=f1,
        accuracy=float(np.trace(matrix) / max(matrix.sum(), 1)),
        indices=indices,
        labels=labels,
        predictions=predicted,
        confidence=np.concatenate(confidence),
    )


def count(labels: Integers, predictions: Integers, classes: int) -> Integers:
    """The confusion matrix int64 [true class, predicted class]."""
    import numpy as np

    flat = np.bincount(labels * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def scores_of(matrix: Integers) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of each class [classes], 0 where there is nothing to divide by."""
    import numpy as np

    right = np.diag(matrix).astype(np.float64)
    predicted, true = matrix.sum(axis=0), matrix.sum(axis=1)
    precision = right / np.maximum(predicted, 1)
    recall = right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(predicted + true, 1)
    return precision.astype(np.float32), recall.astype(np.float32), f1.astype(np.float32)
