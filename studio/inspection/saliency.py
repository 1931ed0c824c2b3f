"""Which parts of a sample the network's answer depends on: attributions by captum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, Result, SampleOptions, Table


class SaliencyOptions(SampleOptions):
    """Options of the saliency map."""

    help: ClassVar[str] = "Which parts of the sample change the network's answer most."

    target: int | None = Field(
        default=None,
        title="Explain class",
        description="The class (or output) whose score is explained.",
        ge=0,
        le=2**31 - 1,
        json_schema_extra={"none": "the one it predicts", "choices": "class"},
    )
    method: Literal["saliency", "guided", "integrated"] = Field(
        default="saliency",
        title="Method",
        description=(
            "Gradient: how much the score changes with each value. Guided back-propagation: only what "
            "speaks for it. Integrated gradients: the gradient summed on the way from an empty sample, times the sample."
        ),
        json_schema_extra={
            "labels": {
                "saliency": "gradient",
                "guided": "guided back-propagation",
                "integrated": "integrated gradients",
            }
        },
    )
    steps: int = Field(
        default=32,
        title="Steps",
        description="Steps on the way from an empty sample; more is more exact and slower.",
        ge=2,
        le=512,
        json_schema_extra={"when": {"method": "integrated"}},
    )


@dataclass(frozen=True, eq=False)
class SaliencyResult(Result):
    """The explained score is that of class `target` before any softmax.

    `image` is the sample in raw units [*shape]; `attributions` [*shape] the signed values; `map` their
    absolute values, for pictures [channels, height, width] the largest over the channels [height, width],
    else [*shape]. `probabilities` [classes] (None for regression), `predicted` and `label` are None for
    regression too. `score` is the explained output.
    """

    split: str
    sample: int
    method: str
    target: int
    label: int | None
    predicted: int | None
    classes: tuple[str, ...]
    image: Floats
    attributions: Floats
    map: Floats
    probabilities: Floats | None
    score: float

    def table(self) -> Table:
        """A row per input value."""
        import numpy as np

        header = ("place", "value", "attribution")
        rows = [
            (" ".join(map(str, place)), float(value), float(self.attributions[place]))
            for place, value in np.ndenumerate(self.image)
        ]
        return Table(header, rows)
