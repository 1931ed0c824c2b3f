"""Operators of ONNX that bring numbers to a common size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from graphs.building.modules.onnx.common import Numbers, numbers


def onnx_batch_normalization(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    mean: Tensor,
    var: Tensor,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
    spatial: int = 1,
    is_test: int = 1,
    outputs: int = 1,
) -> tuple[Tensor, ...]:
    """With the statistics given; while it trains, with those of the batch, and moves them a little."""
    shape = (1, *x.shape[1:]) if not spatial else (1, -1, *(1,) * (x.ndim - 2))
    if training_mode:
        axes = [axis for axis in range(x.ndim) if axis != 1]
        now, spread = x.mean(axes), x.var(axes, unbiased=False)
        moved = [momentum * old + (1 - momentum) * new for old, new in ((mean, now), (var, spread))]
        mean, var = now, spread
    weight = (scale * torch.rsqrt(var + epsilon)).reshape(shape)
    y = ((x - mean.reshape(shape)) * weight + bias.reshape(shape)).to(x.dtype)
    return (y, *moved)[:outputs] if training_mode else (y, mean, var, mean, var)[:outputs]


def onnx_instance_normalization(x: Tensor, scale: Tensor, bias: Tensor, epsilon: float = 1e-5) -> Tensor:
    axes = tuple(range(2, x.ndim))
    spread, mean = torch.var_mean(x, axes, unbiased=False, keepdim=True)
    shape = (1, -1, *(1,) * len(axes))
    return (x - mean) * torch.rsqrt(spread + epsilon) * scale.reshape(shape) + bias.reshape(shape)


def onnx_layer_normalization(
    x: Tensor,
    scale: Tensor,
    bias: Tensor | None = None,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: int = 1,
    outputs: int = 1,
) -> tuple[Tensor, ...]:
    """Over all axes from `axis` on; also gives the means and the inverse deviations."""
    axes = tuple(range(axis % x.ndim, x.ndim))
    spread, mean = torch.var_mean(x, axes, unbiased=False, keepdim=True)
    inverse = torch.rsqrt(spread + epsilon)
    y = (x - mean) * inverse * scale
    return (y if bias is None else y + bias, mean, inverse)[:outputs]


def onnx_group_normalization(
    x: Tensor, scale: Tensor, bias: Tensor, epsilon: float = 1e-5, num_groups: int = 1, stash_type: int = 1
) -> Tensor:
    """Scale and bias are one number a channel; before opset 21, one a group."""
    groups = functional.group_norm(x, num_groups, eps=epsilon)
    each, shape = x.shape[1] // scale.shape[0], (1, -1, *(1,) * (x.ndim - 2))
    return groups * scale.repeat_interleave(each).reshape(shape) + bias.repeat_interleave(each).reshape(shape)


def onnx_rms_normalization(
    x: Tensor, scale: Tensor, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1
) -> Tensor:
    axes = tuple(range(axis % x.ndim, x.ndim))
    return x * torch.rsqrt(x.square().mean(axes, keepdim=True) + epsilon) * scale


def onnx_lrn(x: Tensor, size: int = 1, alpha: float = 0.0001, beta: float = 0.75, bias: float = 1.0) -> Tensor:
    """Each number over the squares of its neighbours among the channels."""
    before = (size - 1) // 2
    squares = x.square().movedim(1, -1)
    squares = functional.pad(squares, (before, size - 1 - before)).unfold(-1, size, 1).sum(-1).movedim(-1, 1)
    return x / (bias + alpha / size * squares) ** beta


def onnx_lp_normalization(x: Tensor, axis: int = -1, p: int = 2) -> Tensor:
    """Over the p-norm along an axis; where that is 0, the numbers stay 0."""
    norm = torch.linalg.vector_norm(x, p, axis, keepdim=True)
    return x / torch.where(norm == 0, torch.ones_like(norm), norm)


def onnx_mean_variance_normalization(x: Tensor, axes: Sequence[int] = (0, 2, 3)) -> Tensor:
    spread, mean = torch.var_mean(x, tuple(axes), unbiased=False, keepdim=True)
    return (x - mean) / (torch.sqrt(spread) + 1e-9)


def onnx_dropout(
    x: Tensor,
    ratio: Numbers | None = None,
    training_mode: Numbers | None = None,
    seed: int | None = None,
    is_test: int = 0,
    outputs: int = 1,
) -> tuple[Tensor, ...]:
    """As it is when nothing is trained, unless the file asks for training; also gives what is kept."""
    chance = float(numbers(0.5 if ratio is None else ratio)[0])
    if training_mode is None or not numbers(training_mode)[0] or not chance:
        return (x, torch.ones_like(x, dtype=torch.bool))[:outputs]
    kept = torch.rand_like(x) >= chance
    return (torch.where(kept, x / (1 - chance), 0).to(x.dtype), kept)[:outputs]
