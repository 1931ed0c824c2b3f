"""Operators of ONNX that work on the bits of whole numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import type_of


def onnx_bit_shift(x: Tensor, by: Tensor, direction: str = "LEFT") -> Tensor:
    return torch.bitwise_left_shift(x, by) if direction == "LEFT" else torch.bitwise_right_shift(x, by)


def onnx_bitwise_and(a: Tensor, b: Tensor) -> Tensor:
    return torch.bitwise_and(a, b)


def onnx_bitwise_or(a: Tensor, b: Tensor) -> Tensor:
    return torch.bitwise_or(a, b)


def onnx_bitwise_xor(a: Tensor, b: Tensor) -> Tensor:
    return torch.bitwise_xor(a, b)


def onnx_bitwise_not(x: Tensor) -> Tensor:
    return torch.bitwise_not(x)


def onnx_bit_cast(x: Tensor, to: str = "float32") -> Tensor:
    """The same bits as another type."""
    return x.view(type_of(to))
