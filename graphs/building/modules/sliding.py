"""Convolutions and pools that torch.nn lacks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class SeparableConv2d(nn.Module):
    """A filter for each channel, then a 1×1 convolution that mixes them."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | str | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding, dilation, in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.pointwise(self.depthwise(x))
        return mixed


class UntiedConv2d(nn.Conv2d):
    """A convolution with a bias of its own at every place of the map: `offset` is [filters, height, width]."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | str | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        size: tuple[int, ...] = (1, 1),
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias=False)
        self.offset = nn.Parameter(torch.zeros(out_channels, *size))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + self.offset


class SumPool2d(nn.AvgPool2d):
    """The sum of each window: its mean times its size."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.kernel_size if isinstance(self.kernel_size, tuple) else (self.kernel_size,) * 2
        return super().forward(x) * (height * width)


class MaxUnpool2d(nn.MaxUnpool2d):
    """nn.MaxUnpool2d to a size that is known when it is made."""

    def __init__(self, *args: Any, size: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.size = tuple(size)

    def forward(self, x: Tensor, indices: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, indices, output_size=list(self.size))


class MaxUnpool1d(nn.MaxUnpool1d):
    """nn.MaxUnpool1d to a length that is known when it is made."""

    def __init__(self, *args: Any, size: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.size = tuple(size)

    def forward(self, x: Tensor, indices: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, indices, output_size=list(self.size))


class BedOfNails(nn.Module):
    """Enlarges a map by zeros: each number stands at the upper left of a square."""

    def __init__(self, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        zeros = self.factor - 1
        return functional.pad(x[:, :, :, None, :, None], (0, zeros, 0, 0, 0, zeros)).flatten(4).flatten(2, 3)

    def extra_repr(self) -> str:
        return f"factor={self.factor}"


class KMaxPool(nn.Module):
    """The k largest numbers of each channel of [N, C, T], in the order in which they came."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(self, x: Tensor) -> Tensor:
        places = x.topk(self.k, dim=-1).indices.sort(dim=-1).values
        return x.gather(-1, places)

    def extra_repr(self) -> str:
        return f"k={self.k}"
