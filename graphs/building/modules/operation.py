"""What operations of other programs have in common: the tensors that belong to one, and working sample by sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


class Tensors(nn.Module):
    """Tensors that belong to one operation.

    `tensors` gives shape, type and whether it is learnt, by name: they are in the state dict. `constants` gives
    numbers and type: they are part of the design.
    """

    def __init__(
        self,
        tensors: Mapping[str, tuple[tuple[int, ...], str, bool]] | None = None,
        constants: Mapping[str, tuple[Any, str]] | None = None,
    ) -> None:
        super().__init__()
        for name, (shape, kind, learnt) in (tensors or {}).items():
            if learnt:
                drawn = torch.empty(tuple(shape), dtype=getattr(torch, kind)).normal_(std=0.02)
                self.register_parameter(name, nn.Parameter(drawn))
            else:
                self.register_buffer(name, torch.zeros(tuple(shape), dtype=getattr(torch, kind)))
        for name, (numbers, kind) in (constants or {}).items():
            self.register_buffer(name, torch.tensor(numbers, dtype=getattr(torch, kind)), persistent=False)


def each(function: Callable[..., Any], *values: Tensor) -> Any:
    """`function` of every sample alone, its results stacked along the batch axis."""
    return torch.vmap(function, randomness="different")(*values)
