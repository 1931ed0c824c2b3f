"""What the network answers everywhere in a plane: decision regions for inputs of two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from studio.inspection.base import (
    Floats,
    Integers,
    Options,
    Result,
    Split,
    Table,
    split_field,
)


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
