"""More pools: sums, norms, the k largest; and layers that undo a pool."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from graphs.layers.base import (
    Fault,
    Layer,
    OptionalPair,
    Pair,
    Pair0,
    Port,
    Positive,
    Remedy,
    Shape,
    Whole,
    Window,
    setting,
    times,
)
from graphs.layers.pooling import _AS_KERNEL, _KERNEL, _PADDING, _STRIDE, Pool
from graphs.layers.windows import map_fault, plain, spread

_UNDONE = "Kernel", "The window of the pool that is undone."
_BY_KERNEL = {"none": "by the kernel"}


class SumPool2d(Pool):
    title: ClassVar[str] = "SumPool2d"
    help: ClassVar[str] = "Adds up the numbers of each window, so the map shrinks."
    synonyms: ClassVar[tuple[str, ...]] = ("sum pooling", "downsample", "add", "neocognitron")
    torch: ClassVar[str] = "modules.SumPool2d"

    kernel_size: Pair = setting((2, 2), *_KERNEL)
    stride: OptionalPair = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Pair0 = setting((0, 0), *_PADDING)


class LPPool2d(Pool):
    title: ClassVar[str] = "LPPool2d"
    help: ClassVar[str] = "Replaces each window by its length as a vector (L2), or by another power mean."
    synonyms: ClassVar[tuple[str, ...]] = ("l2 pooling", "norm", "power average", "root of squares", "downsample")
    torch: ClassVar[str] = "nn.LPPool2d"

    norm_type: float = setting(2.0, "Power", "2 takes the root of the sum of squares.", ge=1, le=10)
    kernel_size: Pair = setting((2, 2), *_KERNEL)
    stride: OptionalPair = setting(None, *_STRIDE, extra=_AS_KERNEL)


class MaxUnpool(Layer):
    """What the layers share that put numbers back to where a pool had found them."""

    family: ClassVar[str] = "pooling"
    stem: ClassVar[str] = "unpool"
    own: ClassVar[tuple[str, ...]] = ("size",)
    rank: ClassVar[int] = 2
    if TYPE_CHECKING:
        kernel_size: int | tuple[int, ...]
        stride: int | tuple[int, ...] | None
        padding: int | tuple[int, ...]
        size: int | tuple[int, ...] | None

    def inputs(self) -> tuple[Port, ...]:
        return (Port("in"), Port("indices", accepts="tokens"))

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {**self.model_dump(exclude={"size"}), "size": self._asked() or self._least(inputs[0].dims[1:])}

    def steps(self) -> tuple[int, ...]:
        """The stride along each axis."""
        return spread(self.kernel_size if self.stride is None else self.stride, self.rank)

    def _least(self, dims: tuple[int, ...]) -> tuple[int, ...]:
        window = (spread(value, self.rank) for value in (self.kernel_size, self.padding))
        return tuple((n - 1) * s - 2 * p + k for n, s, k, p in zip(dims, self.steps(), *window, strict=True))

    def _asked(self) -> tuple[int, ...] | None:
        return None if self.size is None else spread(self.size, self.rank)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], self.rank)
        if wrong is not None:
            return wrong
        if inputs[1].dims != inputs[0].dims:
            message = "Each number needs its place: wire the indices of the pool that made this map smaller."
            cut = Remedy("Remove the wire to indices", cut="indices")
            return Fault(message, str(inputs[0]), str(inputs[1]), (cut,))
        return self._size_fault(self._least(inputs[0].dims[1:]))

    def _size_fault(self, least: tuple[int, ...]) -> Fault | None:
        if min(least) < 1:
            remedy = Remedy("Set the padding to 0", {"padding": plain((0,) * self.rank, self.rank)})
            wanted = f"at least {times((1,) * self.rank)}"
            return Fault("The padding leaves nothing of the result.", wanted, times(least), (remedy,))
        asked = self._asked() or least
        if all(abs(n - m) < s for n, m, s in zip(asked, least, self.steps(), strict=True)):
            return None
        remedy = Remedy(f"Take {times(least)}", {"size": None})
        message = "The size asked for is more than a stride from what the kernel gives."
        return Fault(message, f"about {times(least)}", times(asked), (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        asked = self._asked()
        size = "" if asked is None else f", output_size={list(asked)}"
        return f"self.{module}({', '.join(args)}{size})"

    def window(self, dims: tuple[int, ...]) -> Window | None:
        ones = (1,) * self.rank
        return Window(ones, ones, ones, tuple(map(float, self.steps())))

    def summary(self) -> str:
        asked = self._asked()
        return times(self.kernel_size) if asked is None else f"to {times(asked)}"


class MaxUnpool2d(MaxUnpool):
    title: ClassVar[str] = "MaxUnpool2d"
    help: ClassVar[str] = "Puts numbers back to the places where a MaxPool2d had found them; the rest becomes 0."
    synonyms: ClassVar[tuple[str, ...]] = ("unpooling", "switches", "segnet", "indices", "decoder", "upsample")
    torch: ClassVar[str] = "modules.MaxUnpool2d"
    written: ClassVar[str | None] = "nn.MaxUnpool2d"

    kernel_size: Pair = setting((2, 2), *_UNDONE)
    stride: OptionalPair = setting(None, "Stride", "The stride of the pool that is undone.", extra=_AS_KERNEL)
    padding: Pair0 = setting((0, 0), "Padding", "The padding of the pool that is undone.")
    size: OptionalPair = setting(
        None, "Size", "Height and width of the result, where the pool left a rest.", extra=_BY_KERNEL
    )


class MaxUnpool1d(MaxUnpool):
    title: ClassVar[str] = "MaxUnpool1d"
    help: ClassVar[str] = "Puts numbers back to the steps where a MaxPool1d had found them; the rest becomes 0."
    synonyms: ClassVar[tuple[str, ...]] = ("unpooling", "switches", "indices", "decoder", "upsample", "temporal")
    torch: ClassVar[str] = "modules.MaxUnpool1d"
    written: ClassVar[str | None] = "nn.MaxUnpool1d"
    rank: ClassVar[int] = 1

    kernel_size: Positive = setting(2, *_UNDONE)
    stride: Positive | None = setting(None, "Stride", "The stride of the pool that is undone.", extra=_AS_KERNEL)
    padding: Whole = setting(0, "Padding", "The padding of the pool that is undone.")
    size: Positive | None = setting(None, "Size", "Steps of the result, where the pool left a rest.", extra=_BY_KERNEL)


class BedOfNails(Layer):
    title: ClassVar[str] = "BedOfNails"
    family: ClassVar[str] = "pooling"
    help: ClassVar[str] = "Enlarges a map by zeros: each number stands at the upper left of a square."
    stem: ClassVar[str] = "nails"
    synonyms: ClassVar[tuple[str, ...]] = ("bed of nails", "unpooling", "zeros", "upsample", "decoder")
    torch: ClassVar[str] = "modules.BedOfNails"

    factor: int = setting(2, "Factor", "How many times larger the map becomes.", ge=1, le=64)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 2)

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window((1, 1), (1, 1), (1, 1), (float(self.factor),) * 2)

    def summary(self) -> str:
        return f"×{self.factor}"


class _Largest(Layer):
    """The k largest numbers of each channel of a series, in their order."""

    family: ClassVar[str] = "pooling"
    stem: ClassVar[str] = "kmax"
    torch: ClassVar[str] = "modules.KMaxPool"

    def kept(self, steps: int) -> int:
        """How many steps are kept of so many."""
        raise NotImplementedError

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"k": self.kept(inputs[0].dims[1])}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], 1)
        if wrong is not None or self.kept(inputs[0].dims[1]) <= inputs[0].dims[1]:
            return wrong
        steps = inputs[0].dims[1]
        remedy = Remedy(f"Keep {steps}", {"k": steps})
        message = f"There are {steps} steps only to choose from."
        return Fault(message, f"at most {steps}", str(self.kept(steps)), (remedy,))


class KMaxPool(_Largest):
    title: ClassVar[str] = "KMaxPool"
    help: ClassVar[str] = "Keeps the k largest numbers of each channel of a series, in the order in which they came."
    synonyms: ClassVar[tuple[str, ...]] = ("k-max pooling", "max over time", "sentence", "top k", "dcnn")

    k: int = setting(3, "Kept", "How many steps are kept.", ge=1, le=65536)

    def kept(self, steps: int) -> int:
        return self.k

    def summary(self) -> str:
        return f"{self.k} largest"


class DynamicKMaxPool(_Largest):
    title: ClassVar[str] = "DynamicKMaxPool"
    help: ClassVar[str] = "Keeps the k largest numbers of each channel; k falls from layer to layer with the length."
    synonyms: ClassVar[tuple[str, ...]] = ("dynamic k-max pooling", "sentence", "top k", "dcnn", "kalchbrenner")

    k: int = setting(3, "Kept at the end", "How many steps the last pool keeps, and this one at least.", ge=1, le=65536)
    level: int = setting(1, "Layer", "Which convolution this pool stands behind, from 1.", ge=1, le=64)
    levels: int = setting(2, "Layers", "How many convolutions there are.", ge=1, le=64)
    length: int | None = setting(
        None, "Sentence", "How long the sentence is.", ge=1, le=65536, extra={"none": "as what comes in"}
    )

    def kept(self, steps: int) -> int:
        left = max(self.levels - self.level, 0)
        return max(self.k, math.ceil(left * (self.length or steps) / self.levels))

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], 1)
        if wrong is not None or self.kept(inputs[0].dims[1]) <= inputs[0].dims[1]:
            return wrong
        steps = inputs[0].dims[1]
        remedy = Remedy("Take the length of what comes in", {"length": None, "k": min(self.k, steps)})
        message = f"Of {steps} steps {self.kept(steps)} cannot be kept."
        return Fault(message, f"at most {steps}", str(self.kept(steps)), (remedy,))

    def summary(self) -> str:
        return f"layer {self.level} of {self.levels} · at least {self.k}"
