"""The reverse of convolutions: learned patterns painted onto a larger map, series or volume."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from graphs.layers.base import (
    Fault,
    Pair,
    Pair0,
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
from graphs.layers.convolution import Convolution, _dilation, _filters, _groups, groups_fault
from graphs.layers.weights import Initialise, bias_field, initialise_field
from graphs.layers.windows import label, map_fault, plain, spread

_KERNEL = "Kernel", "The size of a filter."
_STRIDE = "Stride", "How far apart the patterns are painted; 2 doubles the map."
_PADDING = "Padding", "Rows and columns cut off around the result."
_EXTRA = "Extra size", "Rows and columns added at one side of the result."


class Transposed(Convolution):
    """What all transposed convolutions share; the subclass declares the fields in the order of its form."""

    if TYPE_CHECKING:
        output_padding: int | tuple[int, ...]

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return inputs[0].size * self.out_channels // self.groups * math.prod(self._spread(self.kernel_size))

    def window(self, dims: tuple[int, ...]) -> Window | None:
        stride, ones = self._spread(self.stride), (1,) * self.rank
        seen = tuple(-(-r // s) for r, s in zip(self._reach(), stride, strict=True))
        return Window(seen, ones, ones, tuple(map(float, stride)))

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        shape = inputs[0]
        return (
            map_fault(self.title, shape, self.rank)
            or groups_fault(self, shape.dims[0], shape)
            or self._extra_fault()
            or self._size_fault(shape)
        )

    def _spread(self, value: int | tuple[int, ...]) -> tuple[int, ...]:
        return spread(value, self.rank)

    def _extra_fault(self) -> Fault | None:
        extra = self._spread(self.output_padding)
        limit = tuple(max(s, d) for s, d in zip(self._spread(self.stride), self._spread(self.dilation), strict=True))
        if all(e < top for e, top in zip(extra, limit, strict=True)):
            return None
        less = tuple(min(e, top - 1) for e, top in zip(extra, limit, strict=True))
        remedy = Remedy(f"Set the extra size to {label(less)}", {"output_padding": plain(less, self.rank)})
        message = "The extra size must be smaller than the stride or the dilation."
        return Fault(message, f"less than {label(limit)}", label(extra), (remedy,))

    def _size_fault(self, shape: Shape) -> Fault | None:
        padding, extra = self._spread(self.padding), self._spread(self.output_padding)
        full = tuple(
            (n - 1) * s + r + e
            for n, s, r, e in zip(shape.dims[1:], self._spread(self.stride), self._reach(), extra, strict=True)
        )
        if all(f > 2 * p for f, p in zip(full, padding, strict=True)):
            return None
        less = tuple(min(p, (f - 1) // 2) for f, p in zip(full, padding, strict=True))
        remedy = Remedy(f"Set the padding to {label(less)}", {"padding": plain(less, self.rank)})
        message = f"The padding of {label(padding)} cuts away the whole result of {times(full)}."
        return Fault(message, f"padding of at most {label(less)}", label(padding), (remedy,))


class ConvTranspose2d(Transposed):
    title: ClassVar[str] = "ConvTranspose2d"
    help: ClassVar[str] = "The reverse of a convolution: paints learned patterns onto a larger map."
    synonyms: ClassVar[tuple[str, ...]] = ("deconvolution", "upsample", "transposed", "decoder", "generator")
    torch: ClassVar[str] = "nn.ConvTranspose2d"

    out_channels: int = _filters()
    kernel_size: Pair = setting((2, 2), *_KERNEL)
    stride: Pair = setting((2, 2), *_STRIDE)
    padding: Pair0 = setting((0, 0), *_PADDING)
    output_padding: Pair0 = setting((0, 0), *_EXTRA)
    dilation: Pair = _dilation(2)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()


class ConvTranspose1d(Transposed):
    title: ClassVar[str] = "ConvTranspose1d"
    help: ClassVar[str] = "The reverse of a convolution: paints learned patterns along a longer series."
    synonyms: ClassVar[tuple[str, ...]] = ("deconvolution", "upsample", "transposed", "decoder", "vocoder", "sound")
    torch: ClassVar[str] = "nn.ConvTranspose1d"
    rank: ClassVar[int] = 1

    out_channels: int = _filters()
    kernel_size: Positive = setting(2, *_KERNEL)
    stride: Positive = setting(2, "Stride", "How far apart the patterns are painted; 2 doubles the series.")
    padding: Whole = setting(0, "Padding", "Steps cut off at both ends of the result.")
    output_padding: Whole = setting(0, "Extra size", "Steps added at the end of the result.")
    dilation: Positive = _dilation(1)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()


class ConvTranspose3d(Transposed):
    title: ClassVar[str] = "ConvTranspose3d"
    help: ClassVar[str] = "The reverse of a convolution: paints learned patterns into a larger volume."
    synonyms: ClassVar[tuple[str, ...]] = ("deconvolution", "upsample", "transposed", "decoder", "volume", "voxel")
    torch: ClassVar[str] = "nn.ConvTranspose3d"
    rank: ClassVar[int] = 3

    out_channels: int = _filters()
    kernel_size: Triple = setting((2, 2, 2), *_KERNEL)
    stride: Triple = setting((2, 2, 2), "Stride", "How far apart the patterns are painted; 2 doubles the volume.")
    padding: Triple0 = setting((0, 0, 0), "Padding", "Slices, rows and columns cut off around the result.")
    output_padding: Triple0 = setting((0, 0, 0), "Extra size", "Slices, rows and columns added at one side.")
    dilation: Triple = _dilation(3)
    groups: int = _groups()
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()
