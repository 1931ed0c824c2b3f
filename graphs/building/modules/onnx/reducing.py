"""Operators of ONNX that make one number of many: sums, means, the largest."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import Numbers, given_axes, numbers


def reduced_axes(x: Tensor, axes: Numbers | None, noop_with_empty_axes: int) -> list[int] | None:
    """The axes that go, None where nothing is to be done."""
    if axes is None or not numbers(axes):
        return None if noop_with_empty_axes else list(range(x.ndim))
    return given_axes(axes, x.ndim)


def bounds(x: Tensor) -> tuple[float, float]:
    """The least and the largest number of a type."""
    if x.is_floating_point() or x.dtype == torch.bool:
        return (-math.inf, math.inf) if x.is_floating_point() else (0, 1)
    return torch.iinfo(x.dtype).min, torch.iinfo(x.dtype).max


def empty(x: Tensor, along: list[int], keepdims: int, value: float) -> Tensor:
    """What is left of no numbers."""
    sizes = [1 if i in along else n for i, n in enumerate(x.shape) if keepdims or i not in along]
    return torch.full(sizes, value, dtype=x.dtype, device=x.device)


def onnx_reduce_sum(x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
    along = reduced_axes(x, axes, noop_with_empty_axes)
    return x if along is None else torch.sum(x, along, keepdim=bool(keepdims), dtype=x.dtype) if along else x


def onnx_reduce_mean(
    x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    along = reduced_axes(x, axes, noop_with_empty_axes)
    if not along:
        return x
    if x.is_floating_point():
        return torch.mean(x, along, keepdim=bool(keepdims))
    return torch.mean(x.double(), along, keepdim=bool(keepdims)).to(x.dtype)


def onnx_reduce_max(x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
    along = reduced_axes(x, axes, noop_with_empty_axes)
    if not along:
        return x
    lowest = bounds(x)[0]
    return torch.amax(x, along, keepdim=bool(keepdims)) if x.numel() else empty(x, along, keepdims, lowest)


def onnx_reduce_min(x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
    along = reduced_axes(x, axes, noop_with_empty_axes)
    if not along:
        return x
    highest = bounds(x)[1]
    return torch.amin(x, along, keepdim=bool(keepdims)) if x.numel() else empty(x, along, keepdims, highest)


def onnx_reduce_prod(
    x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    for axis in sorted(reduced_axes(x, axes, noop_with_empty_axes) or (), reverse=True):
        x = torch.prod(x, axis, keepdim=bool(keepdims), dtype=x.dtype)
    return x


def onnx_reduce_l1(x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
    return onnx_reduce_sum(x.abs(), axes, keepdims, noop_with_empty_axes)


def onnx_reduce_l2(x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
    return torch.sqrt(onnx_reduce_sum(x * x, axes, keepdims, noop_with_empty_axes).float()).to(x.dtype)


def onnx_reduce_sum_square(
    x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return onnx_reduce_sum(x * x, axes, keepdims, noop_with_empty_axes)


def onnx_reduce_log_sum(
    x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return torch.log(onnx_reduce_sum(x, axes, keepdims, noop_with_empty_axes))


def onnx_reduce_log_sum_exp(
    x: Tensor, axes: Numbers | None = None, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    along = reduced_axes(x, axes, noop_with_empty_axes)
    return torch.logsumexp(x, along, keepdim=bool(keepdims)) if along else x


def onnx_arg_max(x: Tensor, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Tensor:
    if not select_last_index:
        return torch.argmax(x, axis, keepdim=bool(keepdims))
    return x.shape[axis] - 1 - torch.argmax(x.flip(axis), axis, keepdim=bool(keepdims))


def onnx_arg_min(x: Tensor, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Tensor:
    if not select_last_index:
        return torch.argmin(x, axis, keepdim=bool(keepdims))
    return x.shape[axis] - 1 - torch.argmin(x.flip(axis), axis, keepdim=bool(keepdims))


def onnx_top_k(x: Tensor, k: Numbers = 1, axis: int = -1, largest: int = 1, sorted: int = 1) -> tuple[Tensor, Tensor]:
    """The k largest (or smallest) and their places; of equal ones the first."""
    values, places = torch.sort(x, dim=axis, descending=bool(largest), stable=True)
    count = int(numbers(k)[0])
    return values.narrow(axis, 0, count), places.narrow(axis, 0, count)


def onnx_cum_sum(x: Tensor, axis: Numbers, exclusive: int = 0, reverse: int = 0) -> Tensor:
    along = int(numbers(axis)[0])
    turned = x.flip(along) if reverse else x
    total = torch.cumsum(turned, along, dtype=x.dtype)
    total = total - turned if exclusive else total
    return total.flip(along) if reverse else total


def onnx_cum_prod(x: Tensor, axis: Numbers, exclusive: int = 0, reverse: int = 0) -> Tensor:
    along = int(numbers(axis)[0])
    turned = x.flip(along) if reverse else x
    if exclusive:
        ones = torch.ones_like(turned.narrow(along, 0, 1))
        turned = torch.cat((ones, turned.narrow(along, 0, turned.shape[along] - 1)), along)
    total = torch.cumprod(turned, along, dtype=x.dtype)
    return total.flip(along) if reverse else total
