"""Losses that are operators of ONNX."""

from __future__ import annotations

import torch
from torch import Tensor


def onnx_negative_log_likelihood_loss(
    x: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int | None = None, reduction: str = "mean"
) -> Tensor:
    """How little is said of the right classes: [N, C, …] with the classes [N, …]."""
    there = torch.ones_like(target, dtype=torch.bool) if ignore_index is None else target != ignore_index
    right = torch.where(there, target, 0).long()
    factor = there.to(x.dtype) if weight is None else there.to(x.dtype) * weight[right]
    loss = -x.gather(1, right.unsqueeze(1)).squeeze(1) * factor
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / factor.sum()


def onnx_softmax_cross_entropy_loss(
    x: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int | None = None, reduction: str = "mean"
) -> tuple[Tensor, Tensor]:
    """The same of scores; also the logarithms of what they say."""
    said = torch.log_softmax(x, 1)
    return onnx_negative_log_likelihood_loss(said, target, weight, ignore_index, reduction), said
