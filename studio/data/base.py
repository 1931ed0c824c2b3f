"""What every source of data has in common: its options, what it loads, and how it says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Task = Literal["classification", "regression"]
Report = Callable[[float], None]

MOST_BYTES = 2 * 1024**3
"""The most that a data set may take in memory as float32, and the most that a file of it may hold."""


class DataFault(ValueError):
    """What is wrong with some data: one sentence that names the file and the remedy."""


@dataclass(frozen=True)
class Raw:
    """What a source loads: numbers as they are, before splitting and normalising.

    `inputs` is float32 [N, *shape] (int64 for tokens); `targets` is int64 [N] with `classes` for
    classification, float32 [N, k] without for regression. `bounds` are the lowest and highest input values
    that make sense (0 and 1 for pictures). `vocabulary` says what each token stands for, where that is known.
    """

    inputs: NDArray[np.generic]
    targets: NDArray[np.generic]
    classes: tuple[str, ...]
    bounds: tuple[float, float]
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """Whether the targets are classes or numbers."""
        return "classification" if self.classes else "regression"


@dataclass(frozen=True)
class Peek:
    """A look at a source before it is used: a few samples, and how many there are of each class."""

    raw: Raw
    rows: NDArray[np.int64]
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0


def normalise_field(default: str) -> Any:
    """The declaration of `normalise`, for sources with a default of their own."""
    return Field(
        default=default,
        title="Normalise",
        description=(
            "none keeps the values; standard shifts and scales each channel to mean 0 and deviation 1; unit "
            "scales each to 0…1. It is measured on the training samples and stored with the model."
        ),
    )


class DataSpec(BaseModel):
    """The options of a source. A subclass declares one source completely: its options and how it loads."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: ClassVar[str]
    help: ClassVar[str]

    source: str = Field(title="Source", description="Where the samples come from.")
    validation: float = Field(
        default=0.2,
        title="Validation share",
        description="The part of the samples kept apart, to see how well the network does on new ones.",
        ge=0,
        le=0.9,
        json_schema_extra={"step": 0.05},
    )
    split_seed: int = Field(
        default=0,
        title="Split seed",
        description="Decides which samples go to validation; the same seed gives the same split.",
        ge=0,
        le=2**31 - 1,
    )
    normalise: Literal["none", "standard", "unit"] = normalise_field("none")

    def load(self, report: Report | None = None) -> Raw:
        """Everything this source holds. `report` hears of the share done, 0…1. Raises DataFault."""
        raise NotImplementedError

    def peek(self, samples: int, report: Report | None = None) -> Peek:
        """A few samples spread over the classes, and the counts. Raises DataFault."""
        raw = self.load(report)
        return Peek(raw, spread(raw, samples), class_counts(raw), len(raw.targets))


def class_counts(raw: Raw) -> dict[str, int]:
    """How many samples there are of each class; nothing for regression."""
    if not raw.classes:
        return {}
    import numpy as np

    counts = np.bincount(raw.targets.astype(np.int64), minlength=len(raw.classes))
    return {name: int(count) for name, count in zip(raw.classes, counts, strict=True)}


def spread(raw: Raw, samples: int) -> NDArray[np.int64]:
    """The rows of up to `samples` samples: one of each class in turn, or evenly spaced for regression."""
    import numpy as np

    total = len(raw.targets)
    if total <= samples or not raw.classes:
        return np.unique(np.linspace(0, max(total - 1, 0), min(samples, total)).astype(np.int64))
    turns = [np.flatnonzero(raw.targets == k)[:samples] for k in range(len(raw.classes))]
    in_turn = [int(rows[i]) for i in range(samples) for rows in turns if i < len(rows)]
    return np.array(in_turn[:samples], dtype=np.int64)
