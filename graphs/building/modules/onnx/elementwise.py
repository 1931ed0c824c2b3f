"""Operators of ONNX that work on each number by itself, or on pairs of them."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import type_of


def onnx_abs(x: Tensor) -> Tensor:
    return torch.abs(x)


def onnx_acos(x: Tensor) -> Tensor:
    return torch.acos(x)


def onnx_acosh(x: Tensor) -> Tensor:
    return torch.acosh(x)


def onnx_asin(x: Tensor) -> Tensor:
    return torch.asin(x)


def onnx_asinh(x: Tensor) -> Tensor:
    return torch.asinh(x)


def onnx_atan(x: Tensor) -> Tensor:
    return torch.atan(x)


def onnx_atanh(x: Tensor) -> Tensor:
    return torch.atanh(x)


def onnx_ceil(x: Tensor) -> Tensor:
    return torch.ceil(x)


def onnx_cos(x: Tensor) -> Tensor:
    return torch.cos(x)


def onnx_cosh(x: Tensor) -> Tensor:
    return torch.cosh(x)


def onnx_erf(x: Tensor) -> Tensor:
    return torch.erf(x)


def onnx_exp(x: Tensor) -> Tensor:
    return torch.exp(x)


def onnx_floor(x: Tensor) -> Tensor:
    return torch.floor(x)


def onnx_identity(x: Tensor) -> Tensor:
    return x


def onnx_is_inf(x: Tensor, detect_negative: int = 1, detect_positive: int = 1) -> Tensor:
    found = torch.isinf(x)
    if not detect_negative:
        found = found & (x > 0)
    return found if detect_positive else found & (x < 0)


def onnx_isnan(x: Tensor) -> Tensor:
    return torch.isnan(x)


def onnx_log(x: Tensor) -> Tensor:
    return torch.log(x)


def onnx_neg(x: Tensor) -> Tensor:
    return -x


def onnx_not(x: Tensor) -> Tensor:
    return torch.logical_not(x)


def onnx_reciprocal(x: Tensor) -> Tensor:
    return torch.reciprocal(x)


def onnx_round(x: Tensor) -> Tensor:
    return torch.round(x)


def onnx_sign(x: Tensor) -> Tensor:
    return torch.sign(x)


def onnx_sin(x: Tensor) -> Tensor:
    return torch.sin(x)


def onnx_sinh(x: Tensor) -> Tensor:
    return torch.sinh(x)


def onnx_sqrt(x: Tensor) -> Tensor:
    return torch.sqrt(x)


def onnx_tan(x: Tensor) -> Tensor:
    return torch.tan(x)


def onnx_tanh(x: Tensor) -> Tensor:
    return torch.tanh(x)


def onnx_add(a: Tensor, b: Tensor) -> Tensor:
    return a + b


def onnx_sub(a: Tensor, b: Tensor) -> Tensor:
    return a - b


def onnx_mul(a: Tensor, b: Tensor) -> Tensor:
    return a * b


def onnx_div(a: Tensor, b: Tensor) -> Tensor:
    """Whole numbers are divided towards zero."""
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def onnx_pow(a: Tensor, b: Tensor) -> Tensor:
    """The result has the type of the first."""
    return torch.pow(a, b).to(a.dtype)


def onnx_mod(a: Tensor, b: Tensor, fmod: int = 0) -> Tensor:
    return torch.fmod(a, b) if fmod else torch.remainder(a, b)


def onnx_and(a: Tensor, b: Tensor) -> Tensor:
    return torch.logical_and(a, b)


def onnx_or(a: Tensor, b: Tensor) -> Tensor:
    return torch.logical_or(a, b)


def onnx_xor(a: Tensor, b: Tensor) -> Tensor:
    return torch.logical_xor(a, b)


def onnx_equal(a: Tensor, b: Tensor) -> Tensor:
    return a == b


def onnx_greater(a: Tensor, b: Tensor) -> Tensor:
    return a > b


def onnx_greater_or_equal(a: Tensor, b: Tensor) -> Tensor:
    return a >= b


def onnx_less(a: Tensor, b: Tensor) -> Tensor:
    return a < b


def onnx_less_or_equal(a: Tensor, b: Tensor) -> Tensor:
    return a <= b


def onnx_where(condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(condition, a, b)


def onnx_max(*values: Tensor) -> Tensor:
    return reduce(torch.maximum, values)


def onnx_min(*values: Tensor) -> Tensor:
    return reduce(torch.minimum, values)


def onnx_sum(*values: Tensor) -> Tensor:
    return reduce(torch.add, values)


def onnx_mean(*values: Tensor) -> Tensor:
    return reduce(torch.add, values) / len(values)


def onnx_cast(x: Tensor, to: str = "float32", saturate: int = 1) -> Tensor:
    return x.to(type_of(to))


def onnx_cast_like(x: Tensor, like: Tensor, saturate: int = 1) -> Tensor:
    return x.to(like.dtype)


def onnx_clip(x: Tensor, min: Tensor | float | None = None, max: Tensor | float | None = None) -> Tensor:
    """Where the bounds cross, the upper one holds."""
    if min is not None:
        x = torch.maximum(x, torch.as_tensor(min, dtype=x.dtype, device=x.device))
    if max is not None:
        x = torch.minimum(x, torch.as_tensor(max, dtype=x.dtype, device=x.device))
    return x
