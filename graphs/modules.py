"""Modules that torch.nn lacks: one for each layer kind that is a call, not a class, in PyTorch.

A build has one fresh module per node, since attribution and hooks need one to hold on to. The recurrent ones
have the parameters of PyTorch's own, under the same names, and return one tensor.
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul
from typing import Any

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


class RNN(nn.RNN):
    """nn.RNN that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, state = super().forward(_short(x))
        return _result(self, x, steps, state)


class LSTM(nn.LSTM):
    """nn.LSTM that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, (state, _) = super().forward(_short(x))
        return _result(self, x, steps, state)


class GRU(nn.GRU):
    """nn.GRU that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, state = super().forward(_short(x))
        return _result(self, x, steps, state)


def _short(x: Tensor) -> Tensor:
    """On the meta device one step stands for all: PyTorch unrolls the series there, 80 ms for 10 steps."""
    return x[:, :1] if x.is_meta else x


def _result(module: RNN | LSTM | GRU, x: Tensor, steps: Tensor, state: Tensor) -> Tensor:
    if module.last:
        return state[-2:].transpose(0, 1).flatten(1) if module.bidirectional else state[-1]
    return steps.expand(-1, x.shape[1], -1) if x.is_meta else steps
