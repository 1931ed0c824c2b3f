"""Scales, normalisations and noise that torch.nn lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Scale(nn.Module):
    """Every number times a fixed factor, plus a fixed offset."""

    def __init__(self, factor: float = 1.0, offset: float = 0.0) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor + self.offset if self.offset else x * self.factor

    def extra_repr(self) -> str:
        return f"{self.factor}, {self.offset}"


class LayerScale(nn.Module):
    """A learned factor for each channel; `weight` has the shape that one sample is multiplied by."""

    def __init__(self, shape: tuple[int, ...], init: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(tuple(shape), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}"


class LocalResponseNorm2d(nn.Module):
    """Divides each number by those around it in its own channel: x / (k + α · mean of x²)^β over a square."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        before, after = self.size // 2, (self.size - 1) // 2
        squares = functional.pad(x * x, (before, after, before, after))
        return x / (self.k + self.alpha * functional.avg_pool2d(squares, self.size, 1)).pow(self.beta)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class LayerNorm2d(nn.LayerNorm):
    """LayerNorm over the channels of a map, at each place by itself."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class DropPath(nn.Module):
    """Sets whole samples to zero while training, and scales the others up (stochastic depth)."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.p:
            return x
        kept = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p) if self.p < 1 else x * kept

    def extra_repr(self) -> str:
        return f"p={self.p}"
