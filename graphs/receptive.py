"""Receptive fields: how much of the input one value of a map sees, along each of its axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from graphs.layers.base import Layer, Shape


class View(NamedTuple):
    """Size of the field along each axis of a map, and how far apart the fields of two neighbours lie (in inputs)."""

    field: tuple[int, ...]
    jump: tuple[float, ...]


def begin(shape: Shape) -> View | None:
    """The view of an input: each value sees itself. None for rows of numbers, which have no axes to see along."""
    rank = len(shape.dims) - 1
    return View((1,) * rank, (1.0,) * rank) if rank > 0 else None


def through(
    layer: Layer, inputs: Sequence[Shape], views: Sequence[View | None], output: Shape
) -> View | None:
    """The view behind a layer, as wide as the widest of its inputs; None once a value sees the whole input."""
    known = [view for view in views if view is not None]
    if not known or len(known) < len(views) or len({len(view.field) for view in known}) > 1:
        return None
    field = tuple(max(sizes) for sizes in zip(*(view.field for view in known), strict=True))
    jump = tuple(max(steps) for steps in zip(*(view.jump for view in known), strict=True))
    window = layer.window(inputs[0].dims)
    if window is None:
        return View(field, jump) if inputs[0].dims[1:] == output.dims[1:] else None
    up = window.upscale or (1.0,) * len(field)
    seen = zip(field, jump, window.kernel, window.dilation, strict=True)
    wider = tuple(math.ceil(f + d * (k - 1) * j) for f, j, k, d in seen)
    return View(wider, tuple(j * s / u for j, s, u in zip(jump, window.stride, up, strict=True)))
