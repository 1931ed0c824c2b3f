"""Operators of ONNX that multiply matrices."""

from __future__ import annotations

import torch
from torch import Tensor


def onnx_mat_mul(a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)


def onnx_gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,  # noqa: N803
    transB: int = 0,  # noqa: N803
    broadcast: int = 0,
) -> Tensor:
    """alpha · a · b + beta · c."""
    product = torch.matmul(a.T if transA else a, b.T if transB else b)
    product = product if alpha == 1 else (product * alpha).to(product.dtype)
    if c is None:
        return product
    return product + (c if beta == 1 else (c * beta).to(c.dtype))


def onnx_einsum(*values: Tensor, equation: str = "") -> Tensor:
    return torch.einsum(equation, *values)


def onnx_det(x: Tensor) -> Tensor:
    result: Tensor = torch.linalg.det(x)
    return result
