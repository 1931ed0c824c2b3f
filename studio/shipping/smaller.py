"""A smaller model beside the float32 one: both run by onnxruntime on the same held-out samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.shipping.cargo import Cargo
from studio.shipping.judging import Array, Held, Score, by_class, held, run, score
from studio.shipping.shipped import Report, ShippingFault, part, size_of

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor

FALL = 0.01
"""A fall of the accuracy that a person should know of before using a model."""
RISE = 1.1
"""The same for a loss, as the share of what it was."""


@dataclass(frozen=True)
class Compared:
    """A smaller model beside the float32 one: bytes and scores of both, and the largest difference of an output.

    `held` is what both were judged on, None where they were compared on made samples and there is no score.
    `found` says of each class how many of its samples the smaller model recognises, and how many there are.
    """

    model: bytes
    sizes: tuple[int, int]
    scores: tuple[Score, Score]
    difference: float
    scale: float
    held: Held | None
    samples: int
    found: tuple[tuple[int, int], ...] = ()

    @property
    def warning(self) -> str:
        """What the smaller numbers cost, where that is much."""
        before, after = self.scores
        if before.accuracy - after.accuracy > FALL:
            return f"The accuracy falls from {before.words} to {after.words}."
        worse = not math.isfinite(before.accuracy) and after.loss > RISE * before.loss + 1e-6
        return f"The loss rises from {before.loss:.4g} to {after.loss:.4g}." if worse else ""

    @property
    def summary(self) -> str:
        """What judging found, on one line."""
        before, after = self.scores
        apart = f"largest difference {self.difference:.2g} of values up to {self.scale:.2g}"
        if self.held is None or not before.name:
            return apart
        return f"{before.name} {before.words} in float32 and {after.words} now, on {self.held.name}; {apart}"

    def details(self) -> list[tuple[str, str]]:
        """Lines for a person."""
        before, after = self.scores
        found = [("Size", f"{size_of(self.sizes[1])} of {size_of(self.sizes[0])}")]
        name = before.name.capitalize()
        if name and before is not after:
            found.append((f"{name} in float32", before.words))
        if name:
            found.append((name if before is after else f"{name} now", after.words))
        found += [("Largest difference", f"{self.difference:.2g}"), ("Largest value", f"{self.scale:.3g}")]
        return [*found, ("Judged on", self.held.name if self.held else f"{self.samples} made samples")]

    def facts(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        before, after = self.scores
        return {
            "bytes": self.sizes[1],
            "float_bytes": self.sizes[0],
            "largest_difference": self.difference,
            "largest_value": self.scale,
            "before": before.to_json(),
            "after": after.to_json(),
            "judged_on": self.held.name if self.held else "made samples",
            "samples": self.samples,
        }


def checked(model: ModelProto, what: str) -> bytes:
    """The bytes of a model that onnx finds sound. Raises ShippingFault."""
    import onnx

    from graphs.exchange.to_onnx.agreement import first_line

    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:
        raise ShippingFault(f"onnx refuses the {what} model: {first_line(error)}") from error
    data: bytes = model.SerializeToString()
    return data


def alone(cargo: Cargo, model: bytes, report: Report) -> Compared:
    """The float32 model itself, judged once. Raises ShippingFault."""
    from graphs.exchange.to_onnx.agreement import first_line

    judged = held(cargo)
    inputs: Sequence[Tensor] = [judged.inputs] if judged else cargo.samples(8)
    try:
        outputs, seconds = run(model, inputs, report, "Judging the model")
    except RuntimeError as error:
        raise ShippingFault(f"onnxruntime cannot run the model: {first_line(error)}") from error
    each = score(judged, outputs, seconds) if judged else Score(math.nan, math.nan, seconds / len(inputs[0]))
    scale = max(float(np.abs(out[np.isfinite(out)]).max(initial=0.0)) for out in outputs)
    found = by_class(cargo, judged, outputs) if judged else ()
    return Compared(model, (len(model), len(model)), (each, each), 0.0, scale, judged, len(inputs[0]), found)


def compare(cargo: Cargo, original: bytes, smaller: bytes, report: Report, what: str) -> Compared:
    """Runs both models on the same samples. Raises ShippingFault where the smaller one does not run or gives no
    numbers where the float32 one does."""
    from graphs.exchange.to_onnx.agreement import first_line

    judged = held(cargo)
    inputs: Sequence[Tensor] = [judged.inputs] if judged else cargo.samples(8)
    try:
        first, before = run(original, inputs, part(report, 0.0, 0.5), "Judging the float32 model")
        second, after = run(smaller, inputs, part(report, 0.5, 1.0), f"Judging the {what} model")
    except RuntimeError as error:  # the base of what onnxruntime raises
        raise ShippingFault(f"onnxruntime cannot run the {what} model: {first_line(error)}") from error
    if not all(np.isfinite(b[np.isfinite(a)]).all() for a, b in zip(first, second, strict=True)):
        raise ShippingFault(f"In {what} some outputs are no numbers any more, so nothing was written; keep float32.")
    worst = max(_apart(a, b) for a, b in zip(first, second, strict=True))
    scale = max(float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in first)
    none = Score(math.nan, math.nan, before / len(inputs[0])), Score(math.nan, math.nan, after / len(inputs[0]))
    scores = (score(judged, first, before), score(judged, second, after)) if judged else none
    sizes, found = (len(original), len(smaller)), by_class(cargo, judged, second) if judged else ()
    return Compared(smaller, sizes, scores, worst, scale, judged, len(inputs[0]), found)


def _apart(one: Array, other: Array) -> float:
    from graphs.exchange.to_onnx.agreement import difference

    return difference(other, one)
