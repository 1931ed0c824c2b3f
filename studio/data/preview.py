"""A look at a source before it is used: sizes, classes, a few samples, and what to beware of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.data.base import DataSpec, Raw, Report, Task
from studio.data.prepare import notes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Preview:
    """What a source holds.

    `inputs` are a few raw samples [k, *shape] within `bounds`, `labels` what each is called, and `rows`
    where it stands in the source. `counts` is empty for regression.
    """

    name: str
    shape: tuple[int, ...]
    task: Task
    total: int
    counts: dict[str, int]
    inputs: NDArray[np.generic]
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    bounds: tuple[float, float]
    features: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_pictures(self) -> bool:
        """Whether a sample can be drawn as a grey or colour picture [1 or 3, H, W]."""
        return len(self.shape) == 3 and self.shape[0] in (1, 3)

    def summary(self) -> str:
        """One line: "1,797 samples · 1×28×28 · 10 classes"."""
        shape = "×".join(map(str, self.shape)) or "1"
        what = f"{len(self.counts)} classes" if self.counts else "numbers to predict"
        return f"{self.total:,} samples · {shape} · {what}"


def preview(spec: DataSpec, samples: int = 12, progress: Report | None = None) -> Preview:
    """A look at `spec` with up to `samples` samples spread over the classes. Raises DataFault."""
    peek = spec.peek(samples, progress)
    raw = peek.raw
    chosen = peek.rows if len(raw.targets) == peek.total else range(len(raw.targets))
    rows = [int(row) for row in chosen]
    return Preview(
        name=spec.title,
        shape=raw.inputs.shape[1:],
        task=raw.task,
        total=peek.total,
        counts=peek.counts,
        inputs=raw.inputs[rows],
        labels=tuple(_label(raw, row) for row in rows),
        rows=tuple(int(row) for row in peek.rows),
        bounds=raw.bounds,
        features=raw.features,
        notes=(*raw.notes, *notes(peek.counts, peek.total, spec)),
    )


def _label(raw: Raw, row: int) -> str:
    if raw.classes:
        return raw.classes[int(raw.targets[row])]
    return ", ".join(f"{value:g}" for value in raw.targets[row])
