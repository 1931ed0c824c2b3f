"""Pools: summarise a window, or a whole map, by its largest or its mean value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from graphs.layers.base import (
    Fault,
    Layer,
    OptionalPair,
    OptionalTriple,
    Pair,
    Pair0,
    Port,
    Positive,
    Remedy,
    Shape,
    Triple,
    Triple0,
    Whole,
    Window,
    setting,
    times,
)
from graphs.layers.windows import label, map_fault, plain, reach, spread, window_fault

_KERNEL = "Kernel", "The size of the window."
_STRIDE = "Stride", "How far the window moves at each step; as the kernel where nothing is said."
_PADDING = "Padding", "Rows and columns added around the map, at most half the kernel."
_DILATION = "Dilation", "Distance between the points a window reads; 1 has no gaps."
_CEIL = "Round up", "Keep the rest at the edge where the window does not fit evenly."
_COUNTED = "Count padding", "Let the zeros around the map count in the mean."
_AS_KERNEL = {"none": "as the kernel"}


class Pool(Layer):
    """What all sliding pools share; the subclass declares the fields."""

    family: ClassVar[str] = "pooling"
    stem: ClassVar[str] = "pool"
    rank: ClassVar[int] = 2
    if TYPE_CHECKING:
        kernel_size: int | tuple[int, ...]
        stride: int | tuple[int, ...] | None
        padding: int | tuple[int, ...]

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window(self._kernel(), self._stride(), self._gaps())

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], self.rank) or self._padding_fault() or self._window_fault(inputs[0])

    def summary(self) -> str:
        parts = [times(self._kernel())]
        if self._stride() != self._kernel():
            parts.append(f"stride {label(self._stride())}")
        if any(self._padding()):
            parts.append(f"pad {label(self._padding())}")
        return " · ".join(parts)

    def _kernel(self) -> tuple[int, ...]:
        return spread(self.kernel_size, self.rank)

    def _stride(self) -> tuple[int, ...]:
        return self._kernel() if self.stride is None else spread(self.stride, self.rank)

    def _padding(self) -> tuple[int, ...]:
        return spread(getattr(self, "padding", 0), self.rank)

    def _gaps(self) -> tuple[int, ...]:
        return spread(getattr(self, "dilation", 1), self.rank)

    def _padding_fault(self) -> Fault | None:
        padding, most = self._padding(), tuple(k // 2 for k in self._kernel())
        if all(p <= m for p, m in zip(padding, most, strict=True)):
            return None
        fitting = tuple(min(p, m) for p, m in zip(padding, most, strict=True))
        remedy = Remedy(f"Set the padding to {label(fitting)}", {"padding": plain(fitting, self.rank)})
        message = f"The padding of {self.title} can be at most half its kernel."
        return Fault(message, f"at most {label(most)}", label(padding), (remedy,))

    def _window_fault(self, shape: Shape) -> Fault | None:
        kernel, gaps, padding = self._kernel(), self._gaps(), self._padding()
        fault = window_fault(self.title, shape, reach(kernel, gaps), padding)
        if fault is None:
            return None
        room = tuple(s + 2 * p for s, p in zip(shape.dims[1:], padding, strict=True))
        fits = tuple(min(k, (free - 1) // d + 1) for k, free, d in zip(kernel, room, gaps, strict=True))
        fits = tuple(max(f, 2 * p) for f, p in zip(fits, padding, strict=True))
        remedy = Remedy(f"Set the kernel to {times(fits)}", {"kernel_size": plain(fits, self.rank)})
        return replace(fault, remedies=(remedy,))


class MaxPool(Pool):
    """What the pools share that can say where they found their numbers."""

    if TYPE_CHECKING:
        return_indices: bool

    def outputs(self) -> tuple[Port, ...]:
        said = getattr(self, "return_indices", False)
        return (Port("out"), Port("indices", accepts="tokens")) if said else (Port("out"),)


def _where(unpool: str) -> Any:
    return setting(False, "Say where", f"Give the places of the largest values too, so {unpool} can put them back.")


class MaxPool2d(MaxPool):
    title: ClassVar[str] = "MaxPool2d"
    help: ClassVar[str] = "Keeps the largest value of each window, so the map shrinks and small shifts matter less."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "subsample", "shrink")
    torch: ClassVar[str] = "nn.MaxPool2d"

    kernel_size: Pair = setting((2, 2), *_KERNEL)
    stride: OptionalPair = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Pair0 = setting((0, 0), *_PADDING)
    dilation: Pair = setting((1, 1), *_DILATION)
    ceil_mode: bool = setting(False, *_CEIL)
    return_indices: bool = _where("MaxUnpool2d")


class MaxPool1d(MaxPool):
    title: ClassVar[str] = "MaxPool1d"
    help: ClassVar[str] = "Keeps the largest value of each stretch of a series, so the series becomes shorter."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "temporal")
    torch: ClassVar[str] = "nn.MaxPool1d"
    rank: ClassVar[int] = 1

    kernel_size: Positive = setting(2, *_KERNEL)
    stride: Positive | None = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Whole = setting(0, *_PADDING)
    dilation: Positive = setting(1, *_DILATION)
    ceil_mode: bool = setting(False, *_CEIL)
    return_indices: bool = _where("MaxUnpool1d")


class MaxPool3d(Pool):
    title: ClassVar[str] = "MaxPool3d"
    help: ClassVar[str] = "Keeps the largest value of each box of a volume, so the volume shrinks."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "volume", "video", "voxel")
    torch: ClassVar[str] = "nn.MaxPool3d"
    rank: ClassVar[int] = 3

    kernel_size: Triple = setting((2, 2, 2), *_KERNEL)
    stride: OptionalTriple = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Triple0 = setting((0, 0, 0), *_PADDING)
    dilation: Triple = setting((1, 1, 1), *_DILATION)
    ceil_mode: bool = setting(False, *_CEIL)


class AvgPool2d(Pool):
    title: ClassVar[str] = "AvgPool2d"
    help: ClassVar[str] = "Replaces each window by its mean, so the map shrinks and becomes smoother."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "mean", "downsample", "subsample", "shrink")
    torch: ClassVar[str] = "nn.AvgPool2d"

    kernel_size: Pair = setting((2, 2), *_KERNEL)
    stride: OptionalPair = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Pair0 = setting((0, 0), *_PADDING)
    ceil_mode: bool = setting(False, *_CEIL)
    count_include_pad: bool = setting(True, *_COUNTED)


class AvgPool1d(Pool):
    title: ClassVar[str] = "AvgPool1d"
    help: ClassVar[str] = "Replaces each stretch of a series by its mean, so the series becomes shorter and smoother."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "mean", "downsample", "temporal")
    torch: ClassVar[str] = "nn.AvgPool1d"
    rank: ClassVar[int] = 1

    kernel_size: Positive = setting(2, *_KERNEL)
    stride: Positive | None = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Whole = setting(0, *_PADDING)
    ceil_mode: bool = setting(False, *_CEIL)
    count_include_pad: bool = setting(True, *_COUNTED)


class AvgPool3d(Pool):
    title: ClassVar[str] = "AvgPool3d"
    help: ClassVar[str] = "Replaces each box of a volume by its mean, so the volume shrinks and becomes smoother."
    synonyms: ClassVar[tuple[str, ...]] = ("average pooling", "mean", "downsample", "volume", "video", "voxel")
    torch: ClassVar[str] = "nn.AvgPool3d"
    rank: ClassVar[int] = 3

    kernel_size: Triple = setting((2, 2, 2), *_KERNEL)
    stride: OptionalTriple = setting(None, *_STRIDE, extra=_AS_KERNEL)
    padding: Triple0 = setting((0, 0, 0), *_PADDING)
    ceil_mode: bool = setting(False, *_CEIL)
    count_include_pad: bool = setting(True, *_COUNTED)


class AdaptivePool(Layer):
    """What all adaptive pools share; the subclass declares the size."""

    family: ClassVar[str] = "pooling"
    stem: ClassVar[str] = "pool"
    rank: ClassVar[int] = 2
    if TYPE_CHECKING:
        output_size: int | tuple[int, ...]

    def size(self) -> tuple[int, ...]:
        """The size of the result along each axis."""
        return spread(self.output_size, self.rank)

    def window(self, dims: tuple[int, ...]) -> Window | None:
        pairs = list(zip(dims[1:], self.size(), strict=True))
        seen, stride = (tuple(-(-n // out) for n, out in pairs), tuple(max(n // out, 1) for n, out in pairs))
        return Window(seen, stride, (1,) * self.rank)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], self.rank)

    def summary(self) -> str:
        return f"to {times(self.size())}"


class AdaptiveAvgPool2d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveAvgPool2d"
    help: ClassVar[str] = "Takes means over windows chosen so that the map gets exactly the size you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "average pooling", "mean", "resize")
    torch: ClassVar[str] = "nn.AdaptiveAvgPool2d"

    output_size: Pair = setting((1, 1), "Size", "Rows and columns of the result.")


class AdaptiveMaxPool2d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveMaxPool2d"
    help: ClassVar[str] = "Takes the largest value of windows chosen so that the map gets exactly the size you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "max pooling", "resize")
    torch: ClassVar[str] = "nn.AdaptiveMaxPool2d"

    output_size: Pair = setting((1, 1), "Size", "Rows and columns of the result.")


class AdaptiveAvgPool1d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveAvgPool1d"
    help: ClassVar[str] = "Takes means over stretches chosen so that the series gets exactly the length you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "average pooling", "mean", "temporal", "resize")
    torch: ClassVar[str] = "nn.AdaptiveAvgPool1d"
    rank: ClassVar[int] = 1

    output_size: Positive = setting(1, "Size", "Steps of the result.")


class AdaptiveAvgPool3d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveAvgPool3d"
    help: ClassVar[str] = "Takes means over boxes chosen so that the volume gets exactly the size you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "average pooling", "mean", "volume", "video", "resize")
    torch: ClassVar[str] = "nn.AdaptiveAvgPool3d"
    rank: ClassVar[int] = 3

    output_size: Triple = setting((1, 1, 1), "Size", "Slices, rows and columns of the result.")


class AdaptiveMaxPool1d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveMaxPool1d"
    help: ClassVar[str] = "Takes the largest value of stretches chosen so that the series gets the length you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "max pooling", "temporal", "resize")
    torch: ClassVar[str] = "nn.AdaptiveMaxPool1d"
    rank: ClassVar[int] = 1

    output_size: Positive = setting(1, "Size", "Steps of the result.")


class AdaptiveMaxPool3d(AdaptivePool):
    title: ClassVar[str] = "AdaptiveMaxPool3d"
    help: ClassVar[str] = "Takes the largest value of boxes chosen so that the volume gets the size you ask for."
    synonyms: ClassVar[tuple[str, ...]] = ("adaptive", "max pooling", "volume", "video", "resize")
    torch: ClassVar[str] = "nn.AdaptiveMaxPool3d"
    rank: ClassVar[int] = 3

    output_size: Triple = setting((1, 1, 1), "Size", "Slices, rows and columns of the result.")


class GlobalAvgPool(Layer):
    title: ClassVar[str] = "GlobalAvgPool"
    family: ClassVar[str] = "pooling"
    help: ClassVar[str] = "Replaces each channel of a map by its mean, which leaves a row of numbers."
    stem: ClassVar[str] = "pool"
    synonyms: ClassVar[tuple[str, ...]] = ("global average pooling", "gap", "mean", "squeeze")
    torch: ClassVar[str] = "modules.GlobalAvgPool"
    written: ClassVar[str | None] = ""

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 2) if len(inputs[0].dims) < 2 else None

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]}.flatten(2).mean(2)"

    def summary(self) -> str:
        return "means"

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {}
