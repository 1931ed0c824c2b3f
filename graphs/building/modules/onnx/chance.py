"""Operators of ONNX that draw numbers, from torch's own generator."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import type_of


def onnx_random_normal(
    shape: Sequence[int] = (),
    dtype: str = "float32",
    mean: float = 0.0,
    scale: float = 1.0,
    seed: float | None = None,
) -> Tensor:
    return torch.randn(tuple(shape), dtype=type_of(dtype)) * scale + mean


def onnx_random_normal_like(
    x: Tensor, dtype: str | None = None, mean: float = 0.0, scale: float = 1.0, seed: float | None = None
) -> Tensor:
    return torch.randn_like(x, dtype=x.dtype if dtype is None else type_of(dtype)) * scale + mean


def onnx_random_uniform(
    shape: Sequence[int] = (), dtype: str = "float32", high: float = 1.0, low: float = 0.0, seed: float | None = None
) -> Tensor:
    return torch.rand(tuple(shape), dtype=type_of(dtype)) * (high - low) + low


def onnx_random_uniform_like(
    x: Tensor, dtype: str | None = None, high: float = 1.0, low: float = 0.0, seed: float | None = None
) -> Tensor:
    return torch.rand_like(x, dtype=x.dtype if dtype is None else type_of(dtype)) * (high - low) + low


def onnx_bernoulli(x: Tensor, dtype: str | None = None, seed: float | None = None) -> Tensor:
    """1 as often as each number says."""
    return (torch.rand_like(x) < x).to(x.dtype if dtype is None else type_of(dtype))


def onnx_multinomial(x: Tensor, dtype: str = "int32", sample_size: int = 1, seed: float | None = None) -> Tensor:
    """Classes drawn as often as their scores say."""
    return torch.multinomial(torch.softmax(x, 1), sample_size, replacement=True).to(type_of(dtype))
