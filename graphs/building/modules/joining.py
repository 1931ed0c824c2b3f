"""Calls of PyTorch that join and shape values, as modules."""

from __future__ import annotations

from functools import reduce
from operator import add, mul

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """Adds its inputs number by number."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(add, inputs)


class Multiply(nn.Module):
    """Multiplies its inputs number by number."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(mul, inputs)


class Subtract(nn.Module):
    """Takes the second input from the first, number by number."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b


class Divide(nn.Module):
    """Divides the first input by the second, number by number."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a / b


class Concat(nn.Module):
    """Puts its inputs side by side along an axis; 0 is the batch."""

    def __init__(self, axis: int = 1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, dim=self.axis)

    def extra_repr(self) -> str:
        return f"axis={self.axis}"


class Reshape(nn.Module):
    """Gives each sample another shape; the batch axis stays."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.shape)

    def extra_repr(self) -> str:
        return f"shape={self.shape}"


class Permute(nn.Module):
    """Puts the axes of each sample, counted from 1, into another order."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, *self.axes)

    def extra_repr(self) -> str:
        return f"axes={self.axes}"


class GlobalAvgPool(nn.Module):
    """The mean of each channel: [N, C, …] → [N, C]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(2)


class Stack(nn.Module):
    """Lays its inputs one behind the other along a new axis; 1 is the first after the batch."""

    def __init__(self, axis: int = 1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.stack(inputs, dim=self.axis)

    def extra_repr(self) -> str:
        return f"axis={self.axis}"
