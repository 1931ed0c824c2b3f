"""Which parts of a sample the network's answer depends on: attributions by captum."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import Floats, InspectionFault, Progress, Result, SampleOptions, Table, finite
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor, nn


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
            "Gradient: how much the score changes with each value. Guided back-propagation: only what speaks "
            "for it. Integrated gradients: the gradient on the way from an empty sample, times the sample."
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


def analyse(probe: Probe, options: SaliencyOptions, progress: Progress) -> SaliencyResult:
    """Attribute the score of one class (or output) to the values of one sample."""
    import torch

    inputs, label = probe.sample(options)
    if not inputs.is_floating_point():
        raise InspectionFault("Saliency needs inputs that are numbers; this network reads tokens.")
    classification = probe.data.task == "classification"
    with torch.no_grad():
        scores = finite(probe.scores(inputs))
    target = _target(options.target, scores)
    progress(0.1)
    values = _attribute(probe, options, inputs, target, progress).detach()[0]
    strength = values.abs()
    return SaliencyResult(
        split=options.split,
        sample=options.sample,
        method=options.method,
        target=target,
        label=int(label[0]) if classification else None,
        predicted=int(scores[0].argmax()) if classification else None,
        classes=probe.data.classes,
        image=probe.raw(inputs)[0].numpy(),
        attributions=values.numpy(),
        map=(strength.amax(dim=0) if strength.dim() == 3 else strength).numpy(),
        probabilities=probe.head.probabilities(scores)[0].numpy() if classification else None,
        score=float(scores[0, target]),
    )


def _target(wanted: int | None, scores: Tensor) -> int:
    if wanted is None:
        return int(scores[0].argmax())
    if wanted >= scores.shape[1]:
        raise InspectionFault(f"There is no output {wanted}: the network has {scores.shape[1]}, counted from 0.")
    return wanted


def _attribute(probe: Probe, options: SaliencyOptions, inputs: Tensor, target: int, progress: Progress) -> Tensor:
    """Signed attributions [1, *shape]."""
    import torch

    inputs = inputs.clone().requires_grad_()
    progress(0.3)
    if options.method != "saliency":
        return _by_captum(probe, options, inputs, target)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(probe.scores(inputs)[0, target], inputs)
    return gradient


def _by_captum(probe: Probe, options: SaliencyOptions, inputs: Tensor, target: int) -> Tensor:
    """The methods that need more than one gradient; captum takes long to import."""
    from captum.attr import GuidedBackprop, IntegratedGradients

    warnings.filterwarnings("ignore", module="captum")  # that hooks are set, and removed afterwards
    model: nn.Module = probe.scores
    if options.method == "guided":
        guided: Tensor = GuidedBackprop(model).attribute(inputs, target=target)
        return guided
    method = IntegratedGradients(model)
    found: Tensor = method.attribute(
        inputs, _empty(probe, inputs), target=target, n_steps=options.steps, internal_batch_size=16
    )
    return found


def _empty(probe: Probe, inputs: Tensor) -> Tensor:
    """A sample without anything in it: a picture at the data's lower bound, or a row of zeros as the network
    sees it.
    """
    import torch

    if inputs.dim() < 4:
        return torch.zeros_like(inputs)
    return probe.data.normalisation.apply(torch.full_like(inputs, probe.data.bounds[0]))
