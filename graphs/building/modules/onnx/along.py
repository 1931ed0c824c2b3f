"""Pairs as opsets before 7 have them: the second tensor lies along some axes of the first."""

from __future__ import annotations

import torch
from torch import Tensor


def aligned(a: Tensor, b: Tensor, axis: int | None) -> Tensor:
    """`b` with axes of one behind it, so that its first axis meets `axis` of `a`."""
    if axis is None:
        return b
    behind = a.ndim - axis % a.ndim - b.ndim
    return b.reshape(*b.shape, *(1,) * behind)


def onnx_add_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a + aligned(a, b, axis)


def onnx_sub_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a - aligned(a, b, axis)


def onnx_mul_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a * aligned(a, b, axis)


def onnx_div_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    other = aligned(a, b, axis)
    return a / other if a.is_floating_point() else torch.div(a, other, rounding_mode="trunc")


def onnx_pow_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return torch.pow(a, aligned(a, b, axis))


def onnx_and_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return torch.logical_and(a, aligned(a, b, axis))


def onnx_or_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return torch.logical_or(a, aligned(a, b, axis))


def onnx_xor_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return torch.logical_xor(a, aligned(a, b, axis))


def onnx_equal_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a == aligned(a, b, axis)


def onnx_greater_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a > aligned(a, b, axis)


def onnx_less_along(a: Tensor, b: Tensor, axis: int | None = None, broadcast: int = 0) -> Tensor:
    return a < aligned(a, b, axis)
