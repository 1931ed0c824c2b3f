"""Operators of ONNX that round numbers to few bits, and reckon with those."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import type_of
from graphs.building.modules.onnx.windows import onnx_conv


def along(values: Tensor, x: Tensor, axis: int, block_size: int = 0) -> Tensor:
    """One number for all of `x`, one for each place along an axis, or one for each block of it."""
    if values.numel() == 1:
        return values.reshape(())
    if values.ndim == 1:
        return values.reshape([-1 if place == axis % x.ndim else 1 for place in range(x.ndim)])
    return values.repeat_interleave(block_size or 1, axis).narrow(axis, 0, x.shape[axis])


def rounded(x: Tensor, zero: Tensor | int, kind: torch.dtype) -> Tensor:
    """`x` to the nearest whole numbers, moved by `zero`, within the bounds of the type."""
    bounds = torch.iinfo(kind)
    return (torch.round(x) + zero).clamp(bounds.min, bounds.max).to(kind)


def onnx_quantize_linear(
    x: Tensor,
    scale: Tensor,
    zero_point: Tensor | None = None,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: str = "type 0",
    precision: int = 0,
    saturate: int = 1,
) -> Tensor:
    named = torch.uint8 if output_dtype == "type 0" else type_of(output_dtype)
    kind = named if zero_point is None else zero_point.dtype
    zero = 0 if zero_point is None else along(zero_point.to(torch.int32), x, axis, block_size)
    return rounded(x.float() / along(scale, x, axis, block_size).float(), zero, kind)


def onnx_dequantize_linear(
    x: Tensor,
    scale: Tensor,
    zero_point: Tensor | None = None,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: str = "type 0",
) -> Tensor:
    kind = scale.dtype if output_dtype == "type 0" else type_of(output_dtype)
    moved = x.to(torch.float32)
    if zero_point is not None:
        moved = moved - along(zero_point.to(torch.float32), x, axis, block_size)
    return (moved * along(scale, x, axis, block_size)).to(kind)


def onnx_dynamic_quantize_linear(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """To 8 bits with a scale that fits the numbers; also gives the scale and what stands for 0."""
    least, most = x.min().clamp(max=0), x.max().clamp(min=0)
    scale = (most - least) / 255
    zero = torch.round((-least / scale).clamp(0, 255)).to(torch.uint8)
    return rounded(x / scale, zero.to(torch.int32), torch.uint8), scale, zero


def onnx_mat_mul_integer(a: Tensor, b: Tensor, a_zero: Tensor | None = None, b_zero: Tensor | None = None) -> Tensor:
    first, second = a.to(torch.int32), b.to(torch.int32)
    if a_zero is not None:
        first = first - (a_zero.unsqueeze(-1) if a_zero.ndim else a_zero).to(torch.int32)
    if b_zero is not None:
        second = second - b_zero.to(torch.int32)
    return torch.matmul(first, second)


def onnx_conv_integer(
    x: Tensor,
    weight: Tensor,
    x_zero: Tensor | None = None,
    w_zero: Tensor | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """In numbers of 64 bits, which hold every sum exactly."""
    moved = x.double() - (0 if x_zero is None else x_zero.double())
    weights = weight.double() - (0 if w_zero is None else along(w_zero.double(), weight, 0))
    y = onnx_conv(moved, weights, None, auto_pad, dilations, group, kernel_shape, pads, strides)
    return y.to(torch.int32)


def onnx_q_linear_conv(
    x: Tensor,
    x_scale: Tensor,
    x_zero: Tensor,
    weight: Tensor,
    w_scale: Tensor,
    w_zero: Tensor,
    y_scale: Tensor,
    y_zero: Tensor,
    bias: Tensor | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    moved, weights = x.double() - x_zero.double(), weight.double() - along(w_zero.double(), weight, 0)
    offset = None if bias is None else bias.double()
    y = onnx_conv(moved, weights, offset, auto_pad, dilations, group, kernel_shape, pads, strides)
    scale = along(x_scale.double() * w_scale.double() / y_scale.double(), y, 1)
    return rounded(y * scale, y_zero.to(torch.int32), y_zero.dtype)


def onnx_q_linear_mat_mul(
    a: Tensor,
    a_scale: Tensor,
    a_zero: Tensor,
    b: Tensor,
    b_scale: Tensor,
    b_zero: Tensor,
    y_scale: Tensor,
    y_zero: Tensor,
) -> Tensor:
    first = (a.float() - by_rows(a_zero.float(), a)) * by_rows(a_scale.float(), a)
    second = (b.float() - b_zero.float()) * b_scale.float()
    return rounded(torch.matmul(first, second) / y_scale.float(), y_zero.to(torch.int32), y_zero.dtype)


def by_rows(values: Tensor, x: Tensor) -> Tensor:
    """One number, or one for each row."""
    return values.unsqueeze(-1) if values.ndim == 1 and values.numel() > 1 else values
