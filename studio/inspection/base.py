"""What every way of looking inside a network has in common: options, progress, and results.

An analysis is a pure function `analyse(probe, options, progress) -> Result` of a snapshot (held by the
probe), the data and its options. Nothing here draws from torch's global random generator: that would disturb
the training's determinism.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from torch import Tensor

Floats: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]
Split = Literal["validation", "train"]


class Cancelled(Exception):
    """Raised by `progress` inside an analysis that nobody waits for any more."""


class InspectionFault(ValueError):
    """Why a network cannot be looked at this way: one sentence for a person."""


class Table(NamedTuple):
    """Numbers as rows, for CSV."""

    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Result:
    """What an analysis gives: a frozen dataclass of numpy arrays and plain values."""

    def table(self) -> Table:
        """Its numbers as rows under a header."""
        raise NotImplementedError


class Progress(Protocol):
    """Told by an analysis how far it is (0…1); raises Cancelled when the analysis is to end."""

    def __call__(self, fraction: float, partial: Result | None = None) -> None: ...


def quiet(fraction: float, partial: Result | None = None) -> None:
    """A progress that nobody watches."""


def superseded(progress: Progress) -> bool:
    """Whether newer weights wait: an analysis that can go on from its last result may then end early."""
    return bool(getattr(progress, "superseded", False))


class Options(BaseModel):
    """Options of an analysis; its form is generated from the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    help: ClassVar[str] = ""


def split_field() -> Any:
    """The declaration of `split`."""
    return Field(
        default="validation",
        title="Samples from",
        description="Validation samples are new to the network; training samples are those it learns from.",
        json_schema_extra={"labels": {"validation": "validation", "train": "training"}},
    )


def node_field(description: str, none: str) -> Any:
    """The declaration of `node`: the id of a node, None for what `none` says."""
    return Field(
        default=None,
        title="Layer",
        description=description,
        json_schema_extra={"choices": "node", "none": none},
    )


def seed_field() -> Any:
    """The declaration of `seed`."""
    return Field(
        default=0,
        title="Seed",
        description="Decides the random choices; the same seed gives the same result.",
        ge=0,
        le=2**31 - 1,
    )


class SampleOptions(Options):
    """Options of an analysis that looks at one sample."""

    split: Split = split_field()
    sample: int = Field(
        default=0, title="Sample", description="Which sample to look at, counted from 0.", ge=0, le=2**31 - 1
    )


Analysis: TypeAlias = "Callable[..., Result]"
"""`analyse(probe, options, progress) -> Result`, pure in its arguments.

Raises InspectionFault where it does not apply, and Cancelled when told to end. One with a fourth parameter
`previous` goes on from the last result of the same view.
"""


Rest = Callable[[float], float]
"""Given the seconds just worked, the seconds to rest for (the governor's duty cycle)."""


def finite(answers: Tensor) -> Tensor:
    """What the network answers, as it is. Raises InspectionFault where it is no number any more."""
    if not bool(answers.isfinite().all()):
        raise InspectionFault("The network gives values that are not finite; train again with a lower learning rate.")
    return answers


def titled(titles: Mapping[str, str], node: str) -> str:
    """The title of a node, or its id where none is known."""
    return titles.get(node) or node


def class_name(classes: tuple[str, ...], index: int) -> str:
    """The name of a class, or its number where it has none."""
    return classes[index] if 0 <= index < len(classes) else str(index)
