"""More activations: steps, noise, and units that learn their own shape."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from graphs.layers.activation import Activation
from graphs.layers.base import Fault, Layer, Remedy, Shape, setting
from graphs.layers.slicing import axis_fault, axis_field, place


class Step(Activation):
    title: ClassVar[str] = "Step"
    help: ClassVar[str] = "Says 1 from a threshold on and 0 below, as the first perceptrons did."
    stem: ClassVar[str] = "step"
    synonyms: ClassVar[tuple[str, ...]] = ("heaviside", "threshold", "binary", "perceptron", "sign", "spiking")
    torch: ClassVar[str] = "modules.Step"

    threshold: float = setting(0.0, "Threshold", "The smallest number that gives 1.", ge=-1e6, le=1e6)
    surrogate: Literal["straight", "sigmoid", "none"] = setting(
        "straight",
        "Slope for learning",
        "A step has no slope to learn by; this one stands in its place, close to the threshold.",
        extra={
            "labels": {
                "straight": "1 within 1 of the threshold (straight-through)",
                "sigmoid": "that of a sigmoid",
                "none": "0: what lies before it does not learn",
            }
        },
    )
    signed: bool = setting(False, "Signed", "Give −1 instead of 0 below the threshold.")

    def summary(self) -> str:
        return f"from {self.threshold:g}"


class CenteredSoftplus(Activation):
    title: ClassVar[str] = "CenteredSoftplus"
    help: ClassVar[str] = "A smooth ReLU that is moved down so that 0 stays 0."
    stem: ClassVar[str] = "softplus"
    synonyms: ClassVar[tuple[str, ...]] = ("centred softplus", "smooth", "shifted softplus", "schnet")
    torch: ClassVar[str] = "modules.CenteredSoftplus"

    beta: float = setting(1.0, "Sharpness", "Larger is closer to a ReLU.", ge=0.01, le=100)


class Maxout(Activation):
    title: ClassVar[str] = "Maxout"
    help: ClassVar[str] = "Keeps the largest of every few neighbouring channels, so a unit can learn any convex curve."
    stem: ClassVar[str] = "maxout"
    synonyms: ClassVar[tuple[str, ...]] = ("maximum", "pieces", "activation", "channels", "max")
    torch: ClassVar[str] = "modules.Maxout"

    pieces: int = setting(2, "Pieces", "How many channels compete for one.", ge=1, le=4096)
    axis: int = axis_field(1, "The axis whose neighbours compete")

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = axis_fault(self.title, self.axis, inputs[0])
        if wrong is not None:
            return wrong
        size = inputs[0].dims[place(self.axis, len(inputs[0].dims))]
        if size % self.pieces == 0:
            return None
        fits = max(n for n in range(1, self.pieces) if size % n == 0)
        remedy = Remedy(f"Set the pieces to {fits}", {"pieces": fits})
        message = f"An axis of {size} does not part into groups of {self.pieces}."
        return Fault(message, f"a multiple of {self.pieces}", str(inputs[0]), (remedy,))

    def summary(self) -> str:
        return f"of {self.pieces}"


class GLU(Activation):
    title: ClassVar[str] = "GLU"
    help: ClassVar[str] = "Halves an axis: the sigmoid of the second half says how much of the first passes."
    stem: ClassVar[str] = "glu"
    synonyms: ClassVar[tuple[str, ...]] = ("gated linear unit", "gate", "conformer", "wavenet", "activation")
    torch: ClassVar[str] = "nn.GLU"

    axis: int = axis_field(1, "The axis that is halved")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"dim": self.axis}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = axis_fault(self.title, self.axis, inputs[0])
        if wrong is not None:
            return wrong
        dims = inputs[0].dims
        if dims[place(self.axis, len(dims))] % 2 == 0:
            return None
        even = [i + 1 for i, n in enumerate(dims) if n % 2 == 0]
        remedies = tuple(Remedy(f"Use axis {axis}", {"axis": axis}) for axis in even[:1])
        size = dims[place(self.axis, len(dims))]
        return Fault(f"An axis of {size} cannot be halved.", "an even number of places", str(inputs[0]), remedies)

    def summary(self) -> str:
        return "" if self.axis == 1 else f"axis {self.axis}".replace("-", "−")


class APL(Activation):
    title: ClassVar[str] = "APL"
    help: ClassVar[str] = "A ReLU with a few hinges more, whose places and slopes are learned for each channel."
    stem: ClassVar[str] = "apl"
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive piecewise linear", "learned activation", "hinges")
    torch: ClassVar[str] = "modules.APL"

    pieces: int = setting(2, "Hinges", "How many hinges each channel learns.", ge=1, le=64)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"channels": inputs[0].dims[0], "pieces": self.pieces, "axes": len(inputs[0].dims) - 1}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if inputs[0].dims:
            return None
        return Fault("APL needs an axis of channels.", "channels", str(inputs[0]))

    def summary(self) -> str:
        return "1 hinge" if self.pieces == 1 else f"{self.pieces} hinges"


class RReLU(Activation):
    title: ClassVar[str] = "RReLU"
    help: ClassVar[str] = "As LeakyReLU, but the share that passes is drawn at random while training."
    stem: ClassVar[str] = "rrelu"
    synonyms: ClassVar[tuple[str, ...]] = ("randomised", "randomized", "rectifier", "leaky", "activation")
    torch: ClassVar[str] = "nn.RReLU"

    lower: float = setting(0.125, "Smallest slope", "The smallest share that is drawn.", ge=0, le=1)
    upper: float = setting(0.3333, "Largest slope", "The largest; their mean is used when not training.", ge=0, le=1)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if self.lower <= self.upper:
            return None
        remedy = Remedy("Swap them", {"lower": self.upper, "upper": self.lower})
        message = "The smallest slope is larger than the largest."
        return Fault(message, f"at most {self.upper:g}", f"{self.lower:g}", (remedy,))


class GaussianNoise(Layer):
    title: ClassVar[str] = "GaussianNoise"
    family: ClassVar[str] = "normalisation"
    help: ClassVar[str] = "Adds random numbers while training, so that the network does not rely on details."
    stem: ClassVar[str] = "noise"
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "denoising", "jitter", "random")
    torch: ClassVar[str] = "modules.GaussianNoise"

    std: float = setting(0.1, "Spread", "How large the noise is.", ge=0, le=100, extra={"step": 0.05})

    def summary(self) -> str:
        return f"± {self.std:g}"
