"""What several operators of ONNX need: numbers that must be known, axes, types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Numbers = Tensor | Sequence[Any] | float
"""Numbers that decide a shape: a list in generated source, a tensor where a constant is computed."""


def numbers(values: Numbers) -> list[Any]:
    """The numbers as a plain list. Raises ValueError for a tensor whose numbers are not there (yet)."""
    if isinstance(values, Tensor):
        if values.device.type == "meta":
            raise ValueError("the shape of the result depends on numbers that are known only when it runs")
        return list(values.flatten().tolist())
    return list(values) if isinstance(values, Sequence) else [values]


def given_axes(axes: Numbers | None, rank: int) -> list[int]:
    """Axes counted from the front; all of them where none are given."""
    chosen = range(rank) if axes is None else numbers(axes)
    return [int(axis) % rank if rank else 0 for axis in chosen]


def picked(x: Tensor, axis: int, places: Tensor) -> Tensor:
    """The slices of `x` at some places of an axis, in the shape of the places."""
    before: tuple[Any, ...] = (slice(None),) * axis
    return x[(*before, places)]


def type_of(name: str) -> torch.dtype:
    """The type of this name. Raises ValueError where torch has none."""
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise ValueError(f"tensors of {name} are not computed here")
    return found
