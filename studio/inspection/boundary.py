"""What the network answers everywhere in a plane: decision regions for inputs of two numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from studio.inspection.base import (
    Floats,
    InspectionFault,
    Integers,
    Options,
    Progress,
    Result,
    Split,
    Table,
    finite,
    split_field,
)
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor


class BoundaryOptions(Options):
    """Options of the decision regions."""

    help: ClassVar[str] = "What the network answers for every point of the plane, with the samples on it."

    resolution: int = Field(
        default=120, title="Resolution", description="Points along each side of the grid.", ge=8, le=600
    )
    margin: float = Field(
        default=0.15,
        title="Margin",
        description="How far the picture reaches beyond the samples, as a share of their range.",
        ge=0,
        le=5,
        json_schema_extra={"step": 0.05},
    )
    split: Split = split_field()
    points: int = Field(
        default=1000, title="Points", description="At most this many samples are drawn.", ge=0, le=20_000
    )


@dataclass(frozen=True, eq=False)
class BoundaryResult(Result):
    """Over the grid `x` [r] × `y` [r], in raw units: `values` [r (y), r (x), k].

    For classification `values` are the class probabilities and `predicted` int64 [r, r] the likeliest class;
    for regression the outputs, and `predicted` is None. `points` [n, 2] are samples in raw units, `labels`
    int64 [n] their classes (−1 for regression), `targets` [n] the first target value as a number, `indices`
    [n] their positions in the part `split`.
    """

    x: Floats
    y: Floats
    values: Floats
    predicted: Integers | None
    split: str
    points: Floats
    labels: Integers
    targets: Floats
    indices: Integers
    classes: tuple[str, ...]

    def table(self) -> Table:
        """A row per grid point."""
        outputs = self.values.shape[-1]
        names = self.classes if len(self.classes) == outputs else tuple(f"output {k}" for k in range(outputs))
        rows = [
            (float(x), float(y), *map(float, self.values[j, i]))
            for j, y in enumerate(self.y)
            for i, x in enumerate(self.x)
        ]
        return Table(("x", "y", *names), rows)


def analyse(probe: Probe, options: BoundaryOptions, progress: Progress) -> BoundaryResult:
    """Answer every grid point. Raises InspectionFault for inputs of more or less than two numbers."""
    import numpy as np
    import torch

    if math.prod(probe.data.shape) != 2:
        dims = "×".join(map(str, probe.data.shape))
        raise InspectionFault(f"Decision regions need samples of two numbers; these are {dims}.")
    whole = probe.raw(probe.inputs(options.split)).reshape(-1, 2)
    x, y = (_axis(whole[:, k], options) for k in range(2))
    grid = torch.cartesian_prod(y, x).flip(1).reshape(-1, *probe.data.shape)
    values = _answers(probe, probe.data.normalisation.apply(grid), progress)
    values = values.reshape(options.resolution, options.resolution, -1)
    classification = probe.data.task == "classification"
    indices = probe.spread(options.split, options.points) if options.points else np.zeros(0, np.int64)
    targets = probe.targets(options.split, indices)
    targets = targets if targets.dim() == 1 else targets.flatten(1)[:, 0]
    return BoundaryResult(
        x=x.numpy(),
        y=y.numpy(),
        values=values.numpy(),
        predicted=values.argmax(dim=2).numpy() if classification else None,
        split=options.split,
        points=whole[torch.from_numpy(indices)].numpy(),
        labels=targets.numpy() if classification else np.full(len(indices), -1),
        targets=targets.float().numpy(),
        indices=indices,
        classes=probe.data.classes,
    )


def _axis(values: Tensor, options: BoundaryOptions) -> Tensor:
    """Grid coordinates [resolution] over the samples' range and a margin on both sides."""
    import torch

    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = options.margin * ((high - low) or 1.0)
    return torch.linspace(low - margin, high + margin, options.resolution)


def _answers(probe: Probe, inputs: Tensor, progress: Progress) -> Tensor:
    """Class probabilities [n, classes], or outputs [n, k] of a regression, in batches."""
    import torch

    if probe.data.task == "classification":
        probe.classify()
    parts, size = [], 4096
    for start in range(0, len(inputs), size):
        with torch.no_grad():
            scores = finite(probe.scores(inputs[start : start + size]))
        parts.append(probe.head.probabilities(scores) if probe.data.task == "classification" else scores)
        progress(min(1.0, (start + size) / len(inputs)))
    return torch.cat(parts)
