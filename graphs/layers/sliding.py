"""Convolutions in parts, and those whose bias differs from place to place."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from graphs.layers.base import Fault, Padding2, Pair, Shape, setting
from graphs.layers.convolution import Conv2d, Convolution, _dilation, _filters, _kernel, _padding, _stride
from graphs.layers.weights import Initialise, bias_field, initialise_field
from graphs.layers.windows import spread


class SeparableConv2d(Convolution):
    title: ClassVar[str] = "SeparableConv2d"
    help: ClassVar[str] = "Looks at each channel by itself, then mixes the channels: far fewer weights than Conv2d."
    synonyms: ClassVar[tuple[str, ...]] = ("depthwise separable", "xception", "mobilenet", "pointwise")
    torch: ClassVar[str] = "modules.SeparableConv2d"

    out_channels: int = _filters()
    kernel_size: Pair = _kernel(2)
    stride: Pair = _stride(2)
    padding: Padding2 = _padding()
    dilation: Pair = _dilation(2)
    bias: bool = bias_field()
    groups: ClassVar[int] = 1  # type: ignore[misc]
    initialise: ClassVar[Initialise] = "default"  # type: ignore[misc]

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"in_channels": inputs[0].dims[0], **self.model_dump()}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        channels, places = inputs[0].dims[0], math.prod(outputs[0].dims[1:])
        return places * channels * (math.prod(self.kernel_size) + self.out_channels)


class DepthwiseConv2d(Convolution):
    title: ClassVar[str] = "DepthwiseConv2d"
    help: ClassVar[str] = "Gives each channel filters of its own, which see that channel alone."
    synonyms: ClassVar[tuple[str, ...]] = ("depthwise", "grouped", "mobilenet", "separable", "convnext")
    torch: ClassVar[str] = "nn.Conv2d"

    multiplier: int = setting(1, "Filters a channel", "How many filters each channel has.", ge=1, le=4096)
    kernel_size: Pair = _kernel(2)
    stride: Pair = _stride(2)
    padding: Padding2 = _padding()
    dilation: Pair = _dilation(2)
    bias: bool = bias_field()
    initialise: Initialise = initialise_field()
    groups: ClassVar[int] = 1  # type: ignore[misc]

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        channels = inputs[0].dims[0]
        shape = self.model_dump(exclude={"initialise", "multiplier"})
        return {"in_channels": channels, "out_channels": channels * self.multiplier, **shape, "groups": channels}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * math.prod(self.kernel_size)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return _like(self, 1).fault(inputs)

    def summary(self) -> str:
        return _like(self, 1).summary().partition(" · ")[2]


class UntiedConv2d(Convolution):
    title: ClassVar[str] = "UntiedConv2d"
    help: ClassVar[str] = "A convolution that learns a bias for every place of the map instead of one a filter."
    synonyms: ClassVar[tuple[str, ...]] = ("bias per position", "untied biases", "local bias", "convolution")
    torch: ClassVar[str] = "modules.UntiedConv2d"

    out_channels: int = _filters()
    kernel_size: Pair = _kernel(2)
    stride: Pair = _stride(2)
    padding: Padding2 = _padding()
    dilation: Pair = _dilation(2)
    groups: int = setting(1, "Groups", "Splits the channels into groups with filters of their own.", ge=1, le=65536)
    initialise: Initialise = initialise_field()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {**super().arguments(inputs), "size": self.size(inputs[0].dims[1:])}

    def size(self, dims: tuple[int, ...]) -> tuple[int, ...]:
        """Height and width of the result."""
        if self.padding == "same":
            return dims
        pairs = zip(dims, self._reach(), self.stride, spread(self.padding, 2), strict=True)
        return tuple((n + 2 * p - reach) // s + 1 for n, reach, s, p in pairs)


def _like(layer: DepthwiseConv2d, filters: int) -> Conv2d:
    """The plain convolution with the same window."""
    shared = {name: getattr(layer, name) for name in ("kernel_size", "stride", "padding", "dilation", "bias")}
    return Conv2d(out_channels=filters, **shared)
