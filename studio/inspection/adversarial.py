"""Samples changed so little that a person hardly sees it, and yet the network answers differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import (
    Floats,
    Result,
    SampleOptions,
    Table,
    class_name,
    seed_field,
)

if TYPE_CHECKING:
    pass


class AdversarialOptions(SampleOptions):
    """Options of the attack."""

    help: ClassVar[str] = "Changes a sample a little so that the network takes it for something else."

    method: Literal["fgsm", "iterated", "pgd"] = Field(
        default="fgsm",
        title="Method",
        description=(
            "Fast gradient sign: one step. Iterated: many small steps. PGD: many small steps from a random start."
        ),
        json_schema_extra={
            "labels": {
                "fgsm": "fast gradient sign",
                "iterated": "iterated gradient sign",
                "pgd": "PGD (random start)",
            }
        },
    )
    epsilon: float = Field(
        default=0.1,
        title="Largest change ε",
        description="The most that any input value changes, as a share of the range of the inputs (0…1).",
        ge=0,
        le=1,
        json_schema_extra={"step": 0.01},
    )
    target: int | None = Field(
        default=None,
        title="Towards class",
        description="The class the network is to be led to; without one it is led away from the right class.",
        ge=0,
        le=2**31 - 1,
        json_schema_extra={"none": "away from the right one", "choices": "class"},
    )
    steps: int = Field(
        default=20,
        title="Steps",
        description="How many steps are taken.",
        ge=1,
        le=500,
        json_schema_extra={"when": {"method": ["iterated", "pgd"]}},
    )
    step: float | None = Field(
        default=None,
        title="Step size",
        description="How far one step changes each value, as a share of the range of the inputs.",
        gt=0,
        le=1,
        json_schema_extra={"none": "2.5 ε / steps", "when": {"method": ["iterated", "pgd"]}},
    )
    seed: int = seed_field()


@dataclass(frozen=True, eq=False)
class AdversarialResult(Result):
    """A sample before and after, in raw units and inside the data's bounds `low`…`high`.

    `original`, `adversarial` and `difference` (adversarial − original, |difference| ≤ `epsilon`, here in raw
    units) are [*shape]; `before` and `after` the probabilities [classes]. `success`: untargeted, the network
    no longer says `label`; targeted, it says `target`. `losses` [steps + 1] is the loss that the attack
    raises (targeted: lowers), from the start on.
    """

    split: str
    sample: int
    method: str
    epsilon: float
    low: float
    high: float
    label: int
    target: int | None
    classes: tuple[str, ...]
    original: Floats
    adversarial: Floats
    difference: Floats
    before: Floats
    after: Floats
    predicted_before: int
    predicted_after: int
    success: bool
    losses: Floats

    def table(self) -> Table:
        """A row per class."""
        rows = [
            (class_name(self.classes, k), float(b), float(a))
            for k, (b, a) in enumerate(zip(self.before, self.after, strict=True))
        ]
        return Table(("class", "probability before", "probability after"), rows)
