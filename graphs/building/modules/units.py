"""Activations that torch.nn lacks."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Step(nn.Module):
    """1 from the threshold on and 0 (or −1) below; the slope used for learning is that of `surrogate`, not its own."""

    def __init__(self, threshold: float = 0.0, surrogate: str = "straight", signed: bool = False) -> None:
        super().__init__()
        self.threshold, self.surrogate, self.signed = threshold, surrogate, signed

    def forward(self, x: Tensor) -> Tensor:
        hard = (x >= self.threshold).to(x.dtype)
        hard = 2 * hard - 1 if self.signed else hard
        if self.surrogate == "none":
            return hard
        near = x - self.threshold
        soft = near.sigmoid() if self.surrogate == "sigmoid" else near.clamp(-1, 1)
        return hard + (soft - soft.detach())  # the difference is 0: it brings its slope alone

    def extra_repr(self) -> str:
        return f"{self.threshold}, surrogate={self.surrogate}, signed={self.signed}"


class CenteredSoftplus(nn.Module):
    """Softplus moved down by log(2) / β, so that 0 stays 0."""

    def __init__(self, beta: float = 1.0) -> None:
        super().__init__()
        self.beta = beta

    def forward(self, x: Tensor) -> Tensor:
        return functional.softplus(x, beta=self.beta) - math.log(2) / self.beta

    def extra_repr(self) -> str:
        return f"beta={self.beta}"


class Maxout(nn.Module):
    """The largest of every `pieces` neighbours along an axis."""

    def __init__(self, pieces: int, axis: int = 1) -> None:
        super().__init__()
        self.pieces, self.axis = pieces, axis

    def forward(self, x: Tensor) -> Tensor:
        axis = self.axis if self.axis > 0 else x.ndim + self.axis
        return x.reshape(*x.shape[:axis], -1, self.pieces, *x.shape[axis + 1 :]).amax(axis + 1)

    def extra_repr(self) -> str:
        return f"{self.pieces}, axis={self.axis}"


class APL(nn.Module):
    """max(0, x) + Σ a · max(0, b − x), with slopes a and places b learned for each channel: [pieces, C, 1, …]."""

    def __init__(self, channels: int, pieces: int = 2, axes: int = 0) -> None:
        super().__init__()
        shape = (pieces, channels, *(1 for _ in range(axes)))
        self.slopes = nn.Parameter(torch.empty(shape))
        self.places = nn.Parameter(torch.empty(shape))
        nn.init.normal_(self.slopes, std=0.1)
        nn.init.normal_(self.places, std=0.5)

    def forward(self, x: Tensor) -> Tensor:
        y = x.relu()
        for slope, place in zip(self.slopes.unbind(), self.places.unbind(), strict=True):
            y = y + slope * (place - x).relu()
        return y


class GaussianNoise(nn.Module):
    """Adds normally distributed noise while training."""

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x + self.std * torch.randn_like(x) if self.training else x

    def extra_repr(self) -> str:
        return f"std={self.std}"


class QuickGELU(nn.Module):
    """x · σ(1.702 x): close to GELU in few operations."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)
