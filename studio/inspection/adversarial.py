"""Samples changed so little that a person hardly sees it, and yet the network answers differently."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.inspection.base import (
    Floats,
    InspectionFault,
    Progress,
    Result,
    SampleOptions,
    Table,
    class_name,
    finite,
    seed_field,
)
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from torch import Tensor


class AdversarialOptions(SampleOptions):
    """Options of the attack."""

    help: ClassVar[str] = "Changes a sample a little so that the network takes it for something else."

    method: Literal["fgsm", "iterated", "pgd"] = Field(
        default="fgsm",
        title="Method",
        description=(
            "Fast gradient sign takes one step, the iterated one many small ones; PGD does so from a random start."
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


def analyse(probe: Probe, options: AdversarialOptions, progress: Progress) -> AdversarialResult:
    """Attack one sample. Raises InspectionFault without classes, for tokens, or for a class there is not."""
    import numpy as np
    import torch

    inputs, label = probe.sample(options)
    if not inputs.is_floating_point():
        raise InspectionFault("An attack needs inputs that are numbers; this network reads tokens.")
    probe.classify()
    with torch.no_grad():
        finite(probe.scores(inputs))
    classes = len(probe.data.classes)
    if options.target is not None and options.target >= classes:
        raise InspectionFault(f"There is no class {options.target}: there are {classes}, counted from 0.")
    low, high = _bounds(probe)
    original = probe.raw(inputs).clamp(low, high)
    aim = torch.tensor([int(label[0]) if options.target is None else options.target])
    attack = Attack(probe, aim, options.target is not None, original, low, high)
    adversarial = attack.run(options, progress)
    with torch.no_grad():
        before, after = (probe.head.probabilities(attack.scores(x))[0].numpy() for x in (original, adversarial))
    first, last = int(before.argmax()), int(after.argmax())
    return AdversarialResult(
        split=options.split,
        sample=options.sample,
        method=options.method,
        epsilon=options.epsilon * (high - low),
        low=low,
        high=high,
        label=int(label[0]),
        target=options.target,
        classes=probe.data.classes,
        original=original[0].numpy(),
        adversarial=adversarial[0].numpy(),
        difference=(adversarial - original)[0].numpy(),
        before=before,
        after=after,
        predicted_before=first,
        predicted_after=last,
        success=last != int(label[0]) if options.target is None else last == options.target,
        losses=np.array(attack.losses, dtype=np.float32),
    )


def _bounds(probe: Probe) -> tuple[float, float]:
    """Lowest and highest raw input value. Raises InspectionFault where they are no range."""
    low, high = (float(bound) for bound in probe.data.bounds)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InspectionFault("The data gives no range of input values, so there is no measure for a change.")
    return low, high


@dataclass
class Attack:
    """Signed-gradient steps in raw units, inside the bounds and the ε-ball around `original` [1, *shape]
    (L∞).

    Goodfellow et al. 2014 (one step), Kurakin et al. 2016 (iterated), Madry et al. 2017 (PGD: with a random
    start).
    """

    probe: Probe
    aim: Tensor
    targeted: bool
    original: Tensor
    low: float
    high: float
    losses: list[float] = field(default_factory=list)

    def run(self, options: AdversarialOptions, progress: Progress) -> Tensor:
        """The attacked sample [1, *shape]; `losses` has the loss before each step, and after the last."""
        single = options.method == "fgsm"
        steps = 1 if single else options.steps
        step = options.epsilon if single else options.step or 2.5 * options.epsilon / steps
        scale = self.high - self.low
        current = self._random_start(options) if options.method == "pgd" else self.original
        for number in range(steps):
            current = self._step(current, step * scale, options.epsilon * scale)
            progress((number + 1) / (steps + 1))
        self.losses.append(self._loss(current)[0])
        return current

    def scores(self, raw: Tensor) -> Tensor:
        """Scores [1, classes] of a sample in raw units."""
        found: Tensor = self.probe.scores(self.probe.data.normalisation.apply(raw))
        return found

    def _loss(self, raw: Tensor) -> tuple[float, Tensor]:
        """The loss and its gradient with regard to the sample."""
        import torch

        with torch.enable_grad():
            raw = raw.clone().requires_grad_()
            loss = self.probe.head.loss(self.scores(raw), self.aim).sum()
            (gradient,) = torch.autograd.grad(loss, raw)
        return float(loss.detach()), gradient

    def _step(self, current: Tensor, size: float, epsilon: float) -> Tensor:
        loss, gradient = self._loss(current)
        self.losses.append(loss)
        moved = current + (-size if self.targeted else size) * gradient.sign()
        return self._inside(moved, epsilon)

    def _random_start(self, options: AdversarialOptions) -> Tensor:
        import torch

        generator = torch.Generator().manual_seed(options.seed)
        epsilon = options.epsilon * (self.high - self.low)
        noise = torch.rand(self.original.shape, generator=generator) * 2 - 1
        return self._inside(self.original + epsilon * noise, epsilon)

    def _inside(self, moved: Tensor, epsilon: float) -> Tensor:
        inside = moved.clamp(self.original - epsilon, self.original + epsilon)
        return inside.clamp(self.low, self.high)
