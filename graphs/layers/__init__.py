"""The catalogue of layer kinds: a file per family, one class per kind, found by itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from graphs.layers import (
    activation,
    attention,
    combine,
    convolution,
    custom,
    instances,
    io,
    linear,
    memory,
    normalisation,
    onnx_op,
    pooling,
    reckoning,
    recurrent,
    routing,
    scaling,
    slicing,
    sliding,
    torch_op,
    transposed,
    units,
    unpooling,
    upsampling,
)
from graphs.layers.base import Layer

FILES = (
    *(io, convolution, transposed, sliding, pooling, unpooling, activation, units, linear, recurrent, memory),
    *(attention, normalisation, instances, scaling, combine, upsampling, slicing, reckoning),
    *(onnx_op, torch_op, custom, routing),
)


def _kinds(file: ModuleType) -> Iterator[type[Layer]]:
    """The kinds that a file declares, in its order; a class without a title of its own is what some have in common."""
    for found in vars(file).values():
        if isinstance(found, type) and found.__module__ == file.__name__ and "title" in vars(found):
            yield found


KINDS: tuple[type[Layer], ...] = tuple(kind for file in FILES for kind in _kinds(file))
"""Every kind that ships, in the order of the palette."""
