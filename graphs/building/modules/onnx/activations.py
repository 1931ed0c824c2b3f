"""Activations of ONNX."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def onnx_relu(x: Tensor) -> Tensor:
    return torch.relu(x)


def onnx_sigmoid(x: Tensor) -> Tensor:
    return torch.sigmoid(x)


def onnx_leaky_relu(x: Tensor, alpha: float = 0.01) -> Tensor:
    return functional.leaky_relu(x, alpha)


def onnx_prelu(x: Tensor, slope: Tensor) -> Tensor:
    return torch.where(x < 0, x * slope, x)


def onnx_prelu_channels(x: Tensor, slope: Tensor) -> Tensor:
    """Before opset 7: one slope for all, or one a channel."""
    shape = (-1, *(1,) * (x.ndim - 2)) if slope.ndim == 1 and slope.numel() > 1 else slope.shape
    return torch.where(x < 0, x * slope.reshape(shape), x)


def onnx_elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return functional.elu(x, alpha)


def onnx_celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return functional.celu(x, alpha)


def onnx_selu(x: Tensor, alpha: float = 1.6732632423543772, gamma: float = 1.0507009873554805) -> Tensor:
    return gamma * torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0)))


def onnx_gelu(x: Tensor, approximate: str = "none") -> Tensor:
    return functional.gelu(x, approximate=approximate)


def onnx_mish(x: Tensor) -> Tensor:
    return functional.mish(x)


def onnx_hard_sigmoid(x: Tensor, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    return torch.clamp(alpha * x + beta, 0, 1)


def onnx_hard_swish(x: Tensor) -> Tensor:
    return x * torch.clamp(x / 6 + 0.5, 0, 1)


def onnx_softplus(x: Tensor) -> Tensor:
    return functional.softplus(x)


def onnx_softsign(x: Tensor) -> Tensor:
    return x / (1 + x.abs())


def onnx_shrink(x: Tensor, bias: float = 0.0, lambd: float = 0.5) -> Tensor:
    moved = torch.where(x < -lambd, x + bias, torch.where(x > lambd, x - bias, 0))
    return moved.to(x.dtype)


def onnx_thresholded_relu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return torch.where(x > alpha, x, 0).to(x.dtype)


def onnx_softmax(x: Tensor, axis: int = -1) -> Tensor:
    return torch.softmax(x, axis)


def onnx_log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    return torch.log_softmax(x, axis)


def onnx_hardmax(x: Tensor, axis: int = -1) -> Tensor:
    """1 at the first of the largest, 0 elsewhere."""
    best = torch.argmax(x, axis, keepdim=True)
    return torch.zeros_like(x).scatter(axis, best, 1)


def flattened(x: Tensor, axis: int) -> Tensor:
    """All axes from `axis` on as one."""
    return x.flatten(axis) if -x.ndim <= axis < x.ndim else x.unsqueeze(-1)


def onnx_softmax_flat(x: Tensor, axis: int = 1) -> Tensor:
    """Before opset 13: over all axes from `axis` on at once."""
    return torch.softmax(flattened(x, axis), -1).reshape(x.shape)


def onnx_log_softmax_flat(x: Tensor, axis: int = 1) -> Tensor:
    return torch.log_softmax(flattened(x, axis), -1).reshape(x.shape)


def onnx_hardmax_flat(x: Tensor, axis: int = 1) -> Tensor:
    flat = flattened(x, axis)
    best = torch.argmax(flat, -1, keepdim=True)
    return torch.zeros_like(flat).scatter(-1, best, 1).reshape(x.shape)


def onnx_swish(x: Tensor, alpha: float = 1.0) -> Tensor:
    return x * torch.sigmoid(alpha * x)


def onnx_swi_glu(a: Tensor, b: Tensor, alpha: float = 1.0) -> Tensor:
    return a * torch.sigmoid(alpha * a) * b
