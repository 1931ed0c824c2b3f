"""Activations: bend each number, so that layers in a row can do more than one layer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from graphs.layers.base import Fault, Layer, Remedy, Shape, setting


class Activation(Layer):
    """What all activations share: any shape goes in and comes out."""

    family: ClassVar[str] = "activation"


class ReLU(Activation):
    title: ClassVar[str] = "ReLU"
    help: ClassVar[str] = "Lets positive numbers pass and sets negative ones to zero."
    stem: ClassVar[str] = "relu"
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "activation", "nonlinearity")
    torch: ClassVar[str] = "nn.ReLU"


class LeakyReLU(Activation):
    title: ClassVar[str] = "LeakyReLU"
    help: ClassVar[str] = "As ReLU, but a small share of negative numbers passes, so units do not die."
    stem: ClassVar[str] = "leaky"
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "activation", "lrelu", "very leaky", "vlrelu")
    torch: ClassVar[str] = "nn.LeakyReLU"

    negative_slope: float = setting(0.01, "Slope", "The share of a negative number that passes.", ge=0, le=1)


class PReLU(Activation):
    title: ClassVar[str] = "PReLU"
    help: ClassVar[str] = "As LeakyReLU, but the share that passes is learned."
    stem: ClassVar[str] = "prelu"
    synonyms: ClassVar[tuple[str, ...]] = ("parametric", "rectifier", "activation")
    torch: ClassVar[str] = "nn.PReLU"

    per_channel: bool = setting(False, "For each channel", "Learn one share for each channel instead of one for all.")
    init: float = setting(0.25, "First slope", "The share before training.", ge=-1, le=1)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"num_parameters": inputs[0].dims[0] if self.per_channel else 1, "init": self.init}


class ELU(Activation):
    title: ClassVar[str] = "ELU"
    help: ClassVar[str] = "Lets positive numbers pass and bends negative ones smoothly towards a floor."
    stem: ClassVar[str] = "elu"
    synonyms: ClassVar[tuple[str, ...]] = ("exponential", "activation")
    torch: ClassVar[str] = "nn.ELU"

    alpha: float = setting(1.0, "Floor", "How far below zero the floor lies.", ge=0.01, le=100)


class CELU(Activation):
    title: ClassVar[str] = "CELU"
    help: ClassVar[str] = "An ELU without a kink, however deep its floor lies."
    stem: ClassVar[str] = "celu"
    synonyms: ClassVar[tuple[str, ...]] = ("continuously differentiable", "exponential", "elu", "activation")
    torch: ClassVar[str] = "nn.CELU"

    alpha: float = setting(1.0, "Floor", "How far below zero the floor lies.", ge=0.01, le=100)


class SELU(Activation):
    title: ClassVar[str] = "SELU"
    help: ClassVar[str] = "An ELU scaled so that numbers keep a mean of 0 and a spread of 1 from layer to layer."
    stem: ClassVar[str] = "selu"
    synonyms: ClassVar[tuple[str, ...]] = ("self-normalising", "activation")
    torch: ClassVar[str] = "nn.SELU"


class GELU(Activation):
    title: ClassVar[str] = "GELU"
    help: ClassVar[str] = "A smooth ReLU that transformers use: each number is weighed by how unusually large it is."
    stem: ClassVar[str] = "gelu"
    synonyms: ClassVar[tuple[str, ...]] = ("transformer", "gaussian", "activation")
    torch: ClassVar[str] = "nn.GELU"

    approximate: Literal["none", "tanh"] = setting(
        "none",
        "Formula",
        "Exact, or the faster approximation by tanh.",
        extra={"labels": {"none": "exact", "tanh": "by tanh"}},
    )


class QuickGELU(Activation):
    title: ClassVar[str] = "QuickGELU"
    help: ClassVar[str] = "Close to GELU by a sigmoid: fewer steps, as CLIP takes it."
    stem: ClassVar[str] = "gelu"
    synonyms: ClassVar[tuple[str, ...]] = ("gelu", "clip", "sigmoid", "transformer", "activation")
    torch: ClassVar[str] = "modules.QuickGELU"


class ReLU6(Activation):
    title: ClassVar[str] = "ReLU6"
    help: ClassVar[str] = "A ReLU that stops at 6, which suits arithmetic with few bits."
    stem: ClassVar[str] = "relu"
    synonyms: ClassVar[tuple[str, ...]] = ("mobile", "clipped", "activation")
    torch: ClassVar[str] = "nn.ReLU6"


class Sigmoid(Activation):
    title: ClassVar[str] = "Sigmoid"
    help: ClassVar[str] = "Squeezes each number between 0 and 1, as a probability of yes."
    stem: ClassVar[str] = "sigmoid"
    synonyms: ClassVar[tuple[str, ...]] = ("logistic", "squash", "gate", "activation")
    torch: ClassVar[str] = "nn.Sigmoid"


class Tanh(Activation):
    title: ClassVar[str] = "Tanh"
    help: ClassVar[str] = "Squeezes each number between −1 and 1."
    stem: ClassVar[str] = "tanh"
    synonyms: ClassVar[tuple[str, ...]] = ("hyperbolic tangent", "squash", "activation")
    torch: ClassVar[str] = "nn.Tanh"


class Hardtanh(Activation):
    title: ClassVar[str] = "Hardtanh"
    help: ClassVar[str] = "Cuts numbers off below one bound and above another; between them nothing changes."
    stem: ClassVar[str] = "hardtanh"
    synonyms: ClassVar[tuple[str, ...]] = ("clip", "clamp", "bounds", "squash", "activation")
    torch: ClassVar[str] = "nn.Hardtanh"

    min_val: float = setting(-1.0, "Lower bound", "What smaller numbers become.", ge=-1e6, le=1e6)
    max_val: float = setting(1.0, "Upper bound", "What larger numbers become.", ge=-1e6, le=1e6)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if self.min_val < self.max_val:
            return None
        low, high = (f"{bound:g}".replace("-", "−") for bound in (self.min_val, self.max_val))
        remedies = [Remedy("Take −1 and 1", {"min_val": -1.0, "max_val": 1.0})]
        if self.min_val > self.max_val:
            remedies.insert(0, Remedy("Swap the bounds", {"min_val": self.max_val, "max_val": self.min_val}))
        message = "The lower bound of Hardtanh must lie below the upper one."
        return Fault(message, f"less than {high}", low, tuple(remedies))

    def summary(self) -> str:
        return f"{self.min_val:g} to {self.max_val:g}".replace("-", "−")


class Softsign(Activation):
    title: ClassVar[str] = "Softsign"
    help: ClassVar[str] = "Squeezes each number between −1 and 1, more slowly than Tanh."
    stem: ClassVar[str] = "softsign"
    synonyms: ClassVar[tuple[str, ...]] = ("squash", "smooth", "activation")
    torch: ClassVar[str] = "nn.Softsign"


class LogSigmoid(Activation):
    title: ClassVar[str] = "LogSigmoid"
    help: ClassVar[str] = "The logarithm of Sigmoid, reckoned without rounding trouble."
    stem: ClassVar[str] = "logsigmoid"
    synonyms: ClassVar[tuple[str, ...]] = ("logistic", "log probability", "contrastive", "activation")
    torch: ClassVar[str] = "nn.LogSigmoid"


class Softplus(Activation):
    title: ClassVar[str] = "Softplus"
    help: ClassVar[str] = "A smooth ReLU that is always above zero."
    stem: ClassVar[str] = "softplus"
    synonyms: ClassVar[tuple[str, ...]] = ("smooth", "positive", "activation")
    torch: ClassVar[str] = "nn.Softplus"

    beta: float = setting(1.0, "Sharpness", "Larger is closer to a ReLU.", ge=0.01, le=100)


class Hardswish(Activation):
    title: ClassVar[str] = "Hardswish"
    help: ClassVar[str] = "Close to SiLU with plain arithmetic, which small devices like."
    stem: ClassVar[str] = "swish"
    synonyms: ClassVar[tuple[str, ...]] = ("hswish", "mobilenet", "activation")
    torch: ClassVar[str] = "nn.Hardswish"


class Hardsigmoid(Activation):
    title: ClassVar[str] = "Hardsigmoid"
    help: ClassVar[str] = "Close to Sigmoid with straight lines: 0 below −3, 1 above 3."
    stem: ClassVar[str] = "sigmoid"
    synonyms: ClassVar[tuple[str, ...]] = ("squash", "gate", "mobilenet", "activation")
    torch: ClassVar[str] = "nn.Hardsigmoid"


class SiLU(Activation):
    title: ClassVar[str] = "SiLU"
    help: ClassVar[str] = "Weighs each number by its own sigmoid: a smooth ReLU that dips a little below zero."
    stem: ClassVar[str] = "silu"
    synonyms: ClassVar[tuple[str, ...]] = ("swish", "efficientnet", "smooth", "activation")
    torch: ClassVar[str] = "nn.SiLU"


class Mish(Activation):
    title: ClassVar[str] = "Mish"
    help: ClassVar[str] = "Weighs each number by the tanh of its softplus: a smooth ReLU, close to SiLU."
    stem: ClassVar[str] = "mish"
    synonyms: ClassVar[tuple[str, ...]] = ("smooth", "yolo", "activation")
    torch: ClassVar[str] = "nn.Mish"


class _Shares(Activation):
    """Softmax and its logarithm: one axis is turned into shares of a whole."""

    axis: int = setting(
        1,
        "Axis",
        "The axis whose values become shares: 1 is the first after the batch, −1 the last.",
        ge=-8,
        le=8,
    )

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"dim": self.axis}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        if self.axis and -count <= self.axis <= count:
            return None
        message = f"{self.title} cannot work along axis {self.axis}: the input has {count}, and 0 is the batch."
        return Fault(message, f"1 to {count}, or −1", str(self.axis), (Remedy("Use the last axis", {"axis": -1}),))


class Softmax(_Shares):
    title: ClassVar[str] = "Softmax"
    help: ClassVar[str] = "Turns scores into probabilities that add up to 1."
    stem: ClassVar[str] = "softmax"
    synonyms: ClassVar[tuple[str, ...]] = ("probabilities", "classes", "shares")
    torch: ClassVar[str] = "nn.Softmax"
    holds: ClassVar[Literal["scores", "probabilities", "log probabilities"]] = "probabilities"


class LogSoftmax(_Shares):
    title: ClassVar[str] = "LogSoftmax"
    help: ClassVar[str] = (
        "Turns scores into logarithms of probabilities, which losses can use without rounding trouble."
    )
    stem: ClassVar[str] = "logsoftmax"
    synonyms: ClassVar[tuple[str, ...]] = ("log probabilities", "classes", "nll")
    torch: ClassVar[str] = "nn.LogSoftmax"
    holds: ClassVar[Literal["scores", "probabilities", "log probabilities"]] = "log probabilities"
