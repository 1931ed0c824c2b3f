"""Convolutions: learned filters that slide over a map."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from graphs.layers.base import (
    Fault,
    Layer,
    Padding1,
    Padding2,
    Padding3,
    Pair,
    Positive,
    Remedy,
    Shape,
    Triple,
    Window,
    setting,
    times,
)
from graphs.layers.weights import Initialise, bias_field, initial, initialise_field
from graphs.layers.windows import label, map_fault, plain, reach, spread, window_fault

_ONE = {1: 1, 2: (1, 1), 3: (1, 1, 1)}


def _filters() -> Any:
    return setting(
        16, "Filters", "How many filters are learned, each giving one channel of the result.", ge=1, le=65536
    )


def _kernel(rank: int) -> Any:
    return setting({1: 3, 2: (3, 3), 3: (3, 3, 3)}[rank], "Kernel", "The size of a filter.")


def _stride(rank: int) -> Any:
    return setting(_ONE[rank], "Stride", "How far a filter moves at each step; 2 halves the map.")


def _padding() -> Any:
    text = "Zeros added around the map. “same” keeps the size of the map."
    return setting(0, "Padding", text, validate_default=True)


def _dilation(rank: int) -> Any:
    return setting(_ONE[rank], "Dilation", "Distance between the points a filter reads; 1 has no gaps.")


def _groups() -> Any:
    text = "Splits the channels into groups with filters of their own; one group a channel is depthwise."
    return setting(1, "Groups", text, ge=1, le=65536)


class Convolution(Layer):
    """What all convolutions share; the subclass declares the fields in the order of its form."""

    family: ClassVar[str] = "convolution"
    stem: ClassVar[str] = "conv"
    rank: ClassVar[int] = 2
    if TYPE_CHECKING:
        out_channels: int
        kernel_size: int | tuple[int, ...]
        stride: int | tuple[int, ...]
        padding: Any
        dilation: int | tuple[int, ...]
        groups: int
        bias: bool
        initialise: Initialise

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"in_channels": inputs[0].dims[0], **self.model_dump(exclude={"initialise"})}

    def initial(self) -> tuple[str, dict[str, Any]] | None:
        return initial(self.initialise)

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        taps = math.prod(spread(self.kernel_size, self.rank))
        return outputs[0].size * inputs[0].dims[0] // self.groups * taps

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window(*(spread(v, self.rank) for v in (self.kernel_size, self.stride, self.dilation)))

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        shape = inputs[0]
        return (
            map_fault(self.title, shape, self.rank)
            or groups_fault(self, shape.dims[0], shape)
            or self._stride_fault()
            or self._window_fault(shape)
        )

    def _reach(self) -> tuple[int, ...]:
        return reach(spread(self.kernel_size, self.rank), spread(self.dilation, self.rank))

    def _stride_fault(self) -> Fault | None:
        stride = spread(self.stride, self.rank)
        if self.padding != "same" or max(stride) == 1:
            return None
        half = tuple(r // 2 for r in self._reach())
        remedies = (
            Remedy(f"Set the padding to {label(half)}", {"padding": plain(half, self.rank)}),
            Remedy("Set the stride to 1", {"stride": plain((1,) * self.rank, self.rank)}),
        )
        return Fault("The padding “same” needs a stride of 1.", "stride 1", f"stride {label(stride)}", remedies)

    def _window_fault(self, shape: Shape) -> Fault | None:
        reached = self._reach()
        padding = tuple(reached) if self.padding == "same" else spread(self.padding, self.rank)
        fault = window_fault(self.title, shape, reached, padding)
        if fault is None:
            return None
        sizes = shape.dims[1:]
        enough = tuple(max(p, -(-(r - s) // 2)) for p, r, s in zip(padding, reached, sizes, strict=True))
        room = tuple(s + 2 * p for s, p in zip(sizes, padding, strict=True))
        gaps = spread(self.dilation, self.rank)
        kernel = tuple(
            min(k, (free - 1) // d + 1)
            for k, free, d in zip(spread(self.kernel_size, self.rank), room, gaps, strict=True)
        )
        remedies = (
            Remedy(f"Set the padding to {label(enough)}", {"padding": plain(enough, self.rank)}),
            Remedy(f"Set the kernel to {times(kernel)}", {"kernel_size": plain(kernel, self.rank)}),
        )
        return replace(fault, remedies=remedies)

    def summary(self) -> str:
        parts = [str(self.out_channels), times(spread(self.kernel_size, self.rank))]
        stride, gaps = spread(self.stride, self.rank), spread(self.dilation, self.rank)
        if max(stride) > 1:
            parts.append(f"stride {label(stride)}")
        if self.padding == "same":
            parts.append("same")
        elif any(spread(self.padding, self.rank)):
            parts.append(f"pad {label(spread(self.padding, self.rank))}")
        if max(gaps) > 1:
            parts.append(f"dilation {label(gaps)}")
        if self.groups > 1:
            parts.append(f"{self.groups} groups")
        return " · ".join(parts)


def groups_fault(layer: Convolution, channels: int, shape: Shape) -> Fault | None:
    """A fault when the groups do not divide the channels that come in and go out."""
    groups, filters = layer.groups, layer.out_channels
    if channels % groups == 0 and filters % groups == 0:
        return None
    common = math.gcd(channels, math.gcd(filters, groups))
    remedies = [Remedy(f"Set groups to {common}", {"groups": common})]
    if channels % groups == 0:
        more = -(-filters // groups) * groups
        remedies.append(Remedy(f"Set the filters to {more}", {"out_channels": more}))
    message = f"{groups} groups do not divide {channels} channels in and {filters} filters out evenly."
    return Fault(message, f"channels and filters that {groups} divides", str(shape), tuple(remedies))


class Conv2d(Convolution):
    title: ClassVar[str] = "Conv2d"
    help: ClassVar[str] = "Slides learned filters over the image, each looking for one pattern everywhere."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "filter", "cnn", "depthwise", "dilated", "kernel")
    torch: ClassVar[str] = "nn.Conv2d"

    out_channels: int = _filters()
    kernel_size: Pair = _kernel(2)
    stride: Pair = _stride(2)
    padding: Padding2 = _padding()
    dilation: Pair = _dilation(2)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()


class Conv1d(Convolution):
    title: ClassVar[str] = "Conv1d"
    help: ClassVar[str] = "Slides learned filters along a series of channels × steps, such as sound."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "temporal", "filter", "signal", "tcn")
    torch: ClassVar[str] = "nn.Conv1d"
    rank: ClassVar[int] = 1

    out_channels: int = _filters()
    kernel_size: Positive = _kernel(1)
    stride: Positive = _stride(1)
    padding: Padding1 = _padding()
    dilation: Positive = _dilation(1)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()


class Conv3d(Convolution):
    title: ClassVar[str] = "Conv3d"
    help: ClassVar[str] = "Slides learned filters through a volume, such as a scan or a video."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "volume", "video", "voxel")
    torch: ClassVar[str] = "nn.Conv3d"
    rank: ClassVar[int] = 3

    out_channels: int = _filters()
    kernel_size: Triple = _kernel(3)
    stride: Triple = _stride(3)
    padding: Padding3 = _padding()
    dilation: Triple = _dilation(3)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()
