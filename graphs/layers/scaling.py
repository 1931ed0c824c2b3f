"""More layers that keep numbers in a good range: local and root-mean-square normalisation, scales, dropped paths."""

from __future__ import annotations

from typing import Any, ClassVar

from graphs.layers.base import Fault, Layer, Remedy, Shape, Window, setting
from graphs.layers.normalisation import LastAxes, last_axes
from graphs.layers.slicing import axis_fault, axis_field, place
from graphs.layers.windows import axes, map_fault

_EPS = "Epsilon", "A small number that keeps the division safe."


class LocalResponse(Layer):
    """What both local response normalisations share: x / (k + α · mean of x²)^β."""

    family: ClassVar[str] = "normalisation"
    stem: ClassVar[str] = "lrn"

    size: int = setting(5, "Size", "How many neighbours are looked at, the number itself included.", ge=1, le=4096)
    alpha: float = setting(1e-4, "Alpha", "How much the mean of their squares counts.", ge=0, le=1e4)
    beta: float = setting(0.75, "Beta", "The power of the sum.", ge=0, le=10)
    k: float = setting(1.0, "K", "What is added, so that the division is safe.", ge=0.001, le=100)

    def summary(self) -> str:
        return str(self.size)


class LocalResponseNorm(LocalResponse):
    title: ClassVar[str] = "LocalResponseNorm"
    help: ClassVar[str] = "Divides each number by the strength of neighbouring channels at the same place."
    synonyms: ClassVar[tuple[str, ...]] = ("lrn", "alexnet", "across channels", "inter-map", "lateral inhibition")
    torch: ClassVar[str] = "nn.LocalResponseNorm"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if len(inputs[0].dims) >= 2:
            return None
        message = f"LocalResponseNorm works on channels with places, and this input has {axes(len(inputs[0].dims))}."
        shape = {"shape": [*inputs[0].dims, 1]}
        remedies = (Remedy("Insert Reshape", insert="Reshape", insert_fields=shape),) if inputs[0].dims else ()
        return Fault(message, "channels × places", str(inputs[0]), remedies)


class LocalResponseNorm2d(LocalResponse):
    title: ClassVar[str] = "LocalResponseNorm2d"
    help: ClassVar[str] = "Divides each number by the strength of those around it in the same channel."
    synonyms: ClassVar[tuple[str, ...]] = ("lrn", "within channel", "intra-map", "contrast", "lateral inhibition")
    torch: ClassVar[str] = "modules.LocalResponseNorm2d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 2)

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window((self.size, self.size), (1, 1), (1, 1))


class RMSNorm(LastAxes):
    title: ClassVar[str] = "RMSNorm"
    help: ClassVar[str] = "Divides the numbers of each sample by their root mean square; a LayerNorm without the mean."
    synonyms: ClassVar[tuple[str, ...]] = ("root mean square", "normalization", "llama", "transformer")
    torch: ClassVar[str] = "nn.RMSNorm"

    axes: int = last_axes()
    eps: float = setting(1e-6, *_EPS, gt=0, le=1)
    elementwise_affine: bool = setting(True, "Learn a scale", "Learn a factor for each number.")


class LayerNorm2d(Layer):
    title: ClassVar[str] = "LayerNorm2d"
    family: ClassVar[str] = "normalisation"
    help: ClassVar[str] = "Scales the channels at each place of a map to mean 0 and spread 1, as ConvNeXt does."
    stem: ClassVar[str] = "norm"
    synonyms: ClassVar[tuple[str, ...]] = ("ln", "channels first", "convnext", "normalization", "layer normalisation")
    torch: ClassVar[str] = "modules.LayerNorm2d"

    eps: float = setting(1e-6, *_EPS, gt=0, le=1)
    elementwise_affine: bool = setting(True, "Learn scale and shift", "Learn a factor and an offset for each channel.")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"normalized_shape": inputs[0].dims[:1], **self.model_dump()}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 2)


class DropPath(Layer):
    title: ClassVar[str] = "DropPath"
    family: ClassVar[str] = "normalisation"
    help: ClassVar[str] = "Sets whole samples to zero at random while training, so that a block is skipped for them."
    stem: ClassVar[str] = "drop"
    synonyms: ClassVar[tuple[str, ...]] = ("stochastic depth", "regularisation", "regularization")
    torch: ClassVar[str] = "modules.DropPath"

    p: float = setting(0.1, "Share", "The share of samples for which it is dropped.", ge=0, le=1, extra={"step": 0.05})

    def summary(self) -> str:
        return f"{self.p:.0%}"


class Scale(Layer):
    title: ClassVar[str] = "Scale"
    help: ClassVar[str] = "Multiplies every number by a fixed factor and adds a fixed offset."
    stem: ClassVar[str] = "scale"
    synonyms: ClassVar[tuple[str, ...]] = ("factor", "constant", "multiply", "temperature", "offset", "slope")
    torch: ClassVar[str] = "modules.Scale"
    written: ClassVar[str | None] = ""

    factor: float = setting(1.0, "Factor", "What every number is multiplied by.", ge=-1e6, le=1e6)
    offset: float = setting(0.0, "Offset", "What is added then.", ge=-1e6, le=1e6)

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]} * {self.factor}" + (f" + {self.offset}" if self.offset else "")

    def summary(self) -> str:
        return f"× {self.factor:g}" + (f" + {self.offset:g}" if self.offset else "")


class LayerScale(Layer):
    title: ClassVar[str] = "LayerScale"
    help: ClassVar[str] = "Multiplies each channel by a factor that is learned and begins close to zero."
    stem: ClassVar[str] = "scale"
    synonyms: ClassVar[tuple[str, ...]] = ("learned scale", "gamma", "per channel", "convnext", "cait", "gain")
    torch: ClassVar[str] = "modules.LayerScale"

    axis: int = axis_field(1, "The axis that has a factor for each place")
    init: float = setting(1e-6, "First factor", "The factor before training.", ge=-100, le=100)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        dims = inputs[0].dims
        along = place(self.axis, len(dims))
        return {"shape": (dims[along], *(1,) * (len(dims) - along - 1)), "init": self.init}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return axis_fault(self.title, self.axis, inputs[0])

    def summary(self) -> str:
        return f"from {self.init:g}"
