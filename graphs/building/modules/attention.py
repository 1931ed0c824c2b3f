"""Attention and what stands around it, for series [N, steps, features]; torch's layers with one tensor as result."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Parameter(nn.Module):
    """Numbers that are learned, the same for every sample; `x` says how many samples there are."""

    def __init__(self, shape: tuple[int, ...], std: float = 0.02) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, *shape))
        nn.init.normal_(self.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.repeat(x.shape[0], *(1 for _ in self.weight.shape[1:]))


class ClassToken(nn.Module):
    """Puts one learned step in front of a series: [N, T, E] → [N, T + 1, E]."""

    def __init__(self, features: int, std: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, 1, features))
        nn.init.normal_(self.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.weight.expand(x.shape[0], -1, -1), x), dim=1)


class PositionalEmbedding(nn.Module):
    """Adds a learned row of numbers for each place of a series."""

    def __init__(self, steps: int, features: int, std: float = 0.02) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, steps, features))
        nn.init.normal_(self.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class PositionalEncoding(nn.Module):
    """Adds sines and cosines of the place: sin(t / base^(2i/E)) at feature 2i, the cosine at 2i + 1."""

    table: Tensor

    def __init__(self, steps: int, features: int, base: float = 10000.0) -> None:
        super().__init__()
        rates = torch.exp(torch.arange(0, features, 2, dtype=torch.float64) * (-math.log(base) / features))
        angles = torch.arange(steps, dtype=torch.float64)[:, None] * rates
        table = torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)[:, :features]
        self.register_buffer("table", table.to(torch.get_default_dtype()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class PatchEmbedding(nn.Conv2d):
    """A picture as a series of patches: a convolution whose windows lie side by side, [N, C, H, W] → [N, T, E]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).flatten(2).transpose(1, 2)


class MultiheadAttention(nn.MultiheadAttention):
    """nn.MultiheadAttention that takes one series (or query, key and value) and returns one tensor."""

    def __init__(self, *args: Any, causal: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.causal = causal

    def forward(self, query: Tensor, key: Tensor | None = None, value: Tensor | None = None) -> Tensor:  # type: ignore[override]
        key = query if key is None else key
        value = key if value is None else value
        if not self.causal:
            return super().forward(query, key, value, need_weights=False)[0]
        mask = nn.Transformer.generate_square_subsequent_mask(query.shape[1], device=query.device)
        return super().forward(query, key, value, need_weights=False, attn_mask=mask, is_causal=True)[0]


class TransformerEncoderLayer(nn.TransformerEncoderLayer):
    """nn.TransformerEncoderLayer that makes the mask of a causal one itself."""

    def __init__(self, *args: Any, causal: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.causal = causal

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        if not self.causal:
            return super().forward(x)
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device)
        return super().forward(x, src_mask=mask, is_causal=True)


class TransformerDecoderLayer(nn.TransformerDecoderLayer):
    """nn.TransformerDecoderLayer that makes the mask of a causal one itself."""

    def __init__(self, *args: Any, causal: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.causal = causal

    def forward(self, target: Tensor, memory: Tensor) -> Tensor:  # type: ignore[override]
        if not self.causal:
            return super().forward(target, memory)
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1], device=target.device)
        return super().forward(target, memory, tgt_mask=mask, tgt_is_causal=True)


class SqueezeExcitation(nn.Module):
    """Scales each channel by a gate between 0 and 1 that is worked out from the means of all channels."""

    def __init__(self, channels: int, squeezed: int, activation: str = "relu", gate: str = "sigmoid") -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation, self.gate = activation, gate

    def forward(self, x: Tensor) -> Tensor:
        squeezed = self.fc1(functional.adaptive_avg_pool2d(x, 1))
        excited = self.fc2(functional.silu(squeezed) if self.activation == "silu" else functional.relu(squeezed))
        return x * (functional.hardsigmoid(excited) if self.gate == "hardsigmoid" else excited.sigmoid())

    def extra_repr(self) -> str:
        return f"activation={self.activation}, gate={self.gate}"
