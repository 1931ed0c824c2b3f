"""What convolutions and pools share: maps, windows that slide over them, and the faults of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.layers.base import Fault, Remedy, Shape, times

MAPS: Mapping[int, str] = {
    1: "channels × steps",
    2: "channels × height × width",
    3: "channels × depth × height × width",
}


def spread(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One number per axis: 3 → (3, 3)."""
    return value if isinstance(value, tuple) else (value,) * rank


def reach(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """How far a window stretches along each axis, the gaps of dilation included."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def map_fault(title: str, shape: Shape, rank: int) -> Fault | None:
    """A fault when `shape` is no map of this rank (channels first)."""
    dims = shape.dims
    if len(dims) == rank + 1:
        return None
    message = f"{title} works on a map of {MAPS[rank]}, and this input has {axes(len(dims))}."
    return Fault(message, MAPS[rank], str(shape), tuple(_reshapes(dims, rank)))


def axes(count: int) -> str:
    """ "1 axis", "3 axes"."""
    return "1 axis" if count == 1 else f"{count} axes"


def _reshapes(dims: tuple[int, ...], rank: int) -> list[Remedy]:
    """Ways to make a map: a row of pixels becomes a square, a channel is added or taken away."""
    size = math.prod(dims)
    side = round(size ** (1 / rank))
    if len(dims) == rank or 1 < len(dims) < rank:
        shape: tuple[int, ...] = (*(1,) * (rank + 1 - len(dims)), *dims)
    elif len(dims) == 1 and side**rank == size:
        shape = (1, *(side,) * rank)
    elif len(dims) == rank + 2:
        shape = (dims[0] * dims[1], *dims[2:])
    elif len(dims) == 1:
        shape = (size, *(1,) * rank)
    elif len(dims) > rank + 1:
        shape = (*dims[:rank], math.prod(dims[rank:]))
    else:
        return []
    return [Remedy(f"Reshape to {times(shape)} first", insert="Reshape", insert_fields={"shape": list(shape)})]


def window_fault(title: str, shape: Shape, reached: tuple[int, ...], padding: tuple[int, ...]) -> Fault | None:
    """A fault when the window is larger than the map with its padding; remedies are the layer's own."""
    room = tuple(size + 2 * pad for size, pad in zip(shape.dims[1:], padding, strict=True))
    if all(r <= free for r, free in zip(reached, room, strict=True)):
        return None
    padded = f" ({times(room)} with its padding)" if any(padding) else ""
    message = f"The {times(reached)} window of {title} is larger than its input of {times(shape.dims[1:])}{padded}."
    return Fault(message, f"at least {times(reached)}", f"{times(shape.dims[1:])}{padded}")


def plain(value: tuple[int, ...], rank: int) -> Any:
    """A value of a window's field as JSON: a number for one axis, else a list."""
    return value[0] if rank == 1 else list(value)


def label(value: tuple[int, ...]) -> str:
    """(2, 2) → "2", (1, 2) → "1×2": how a summary names a setting."""
    return str(value[0]) if len(set(value)) == 1 else times(value)
