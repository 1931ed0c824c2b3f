"""Cutting, padding and reordering, products of two inputs, means and constants, as modules."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Slice(nn.Module):
    """A part of one axis: from `start` to before `end`, every `step`-th; `drop` takes an axis of one away."""

    def __init__(self, axis: int, start: int, end: int | None = None, step: int = 1, drop: bool = False) -> None:
        super().__init__()
        self.axis, self.part, self.drop = axis, slice(start, end, step), drop

    def forward(self, x: Tensor) -> Tensor:
        around = (slice(None),) * (self.axis if self.axis > 0 else x.ndim + self.axis)
        y = x[(*around, self.part)]
        return y.squeeze(self.axis) if self.drop else y

    def extra_repr(self) -> str:
        return f"axis={self.axis}, {self.part}"


class Pad(nn.Module):
    """Numbers around a map: (left, right, top, bottom, …), the last axis first."""

    def __init__(self, padding: tuple[int, ...], mode: str = "constant", value: float = 0.0) -> None:
        super().__init__()
        self.padding, self.mode, self.value = tuple(padding), mode, value

    def forward(self, x: Tensor) -> Tensor:
        if self.mode == "constant":
            return functional.pad(x, self.padding, value=self.value)
        return functional.pad(x, self.padding, mode=self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}, mode={self.mode}"


class Split(nn.Module):
    """Equal parts of one axis."""

    def __init__(self, count: int, axis: int = 1) -> None:
        super().__init__()
        self.count, self.axis = count, axis

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return torch.chunk(x, self.count, dim=self.axis)

    def extra_repr(self) -> str:
        return f"{self.count}, axis={self.axis}"


class ChannelShuffle(nn.Module):
    """Deals the channels of the groups out in turn: [N, C, …] as groups × C/groups, transposed."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        groups = x.reshape(x.shape[0], self.groups, -1, *x.shape[2:])
        return groups.transpose(1, 2).flatten(1, 2)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"


class MatMul(nn.Module):
    """The product of two matrices, sample by sample: [N, …, n, k] · [N, …, k, m]."""

    def __init__(self, transpose: bool = False) -> None:
        super().__init__()
        self.transpose = transpose

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a @ (b.transpose(-2, -1) if self.transpose else b)

    def extra_repr(self) -> str:
        return f"transpose={self.transpose}"


class Mean(nn.Module):
    """The mean along some axes; `keep` leaves axes of one."""

    def __init__(self, axes: tuple[int, ...], keep: bool = False) -> None:
        super().__init__()
        self.axes, self.keep = tuple(axes), keep

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(self.axes, keepdim=self.keep)

    def extra_repr(self) -> str:
        return f"axes={self.axes}, keep={self.keep}"


class Constant(nn.Module):
    """The same number everywhere, for as many samples as come in."""

    def __init__(self, shape: tuple[int, ...], value: float = 0.0) -> None:
        super().__init__()
        self.shape, self.value = tuple(shape), value

    def forward(self, x: Tensor) -> Tensor:
        return torch.full((x.shape[0], *self.shape), self.value, device=x.device)

    def extra_repr(self) -> str:
        return f"shape={self.shape}, value={self.value}"
