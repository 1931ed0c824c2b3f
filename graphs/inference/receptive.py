"""Receptive fields: how much of the input one value of a map sees, along each of its axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from graphs.layers.base import Shape, Window


class View(NamedTuple):
    """Size of the field along each axis of a map, and how far apart two neighbours look, in inputs."""

    field: tuple[int, ...]
    jump: tuple[float, ...]


def begin(shape: Shape) -> View | None:
    """The view of an input: each value sees itself. None for rows of numbers."""
    rank = len(shape.dims) - 1
    return View((1,) * rank, (1.0,) * rank) if rank > 0 else None


def through(views: Sequence[View | None], window: Window | None, keeps: bool) -> View | None:
    """The view behind a layer that looks through `window`, as wide as the widest of its inputs.

    Without a window the view stays when the layer `keeps` the map's axes; else it is None: the whole input.
    """
    view = views[0] if len(views) == 1 else _widest(views)
    if view is None or (window is None and not keeps):
        return None
    if window is None or all(k == s == 1 for k, s in zip(window.kernel, window.stride, strict=True)):
        return view if window is None or not window.upscale else _onwards(view, window)
    return _onwards(view, window)


def _widest(views: Sequence[View | None]) -> View | None:
    known = [view for view in views if view is not None]
    if not known or len(known) < len(views) or len({len(view.field) for view in known}) > 1:
        return None
    field = tuple(map(max, *(view.field for view in known)))
    return View(field, tuple(map(max, *(view.jump for view in known))))


def _onwards(view: View, window: Window) -> View:
    axes = range(len(view.field))
    field, jump, up = view.field, view.jump, window.upscale
    reach = [window.dilation[i] * (window.kernel[i] - 1) for i in axes]
    wider = tuple([field[i] + math.ceil(reach[i] * jump[i]) for i in axes])
    return View(wider, tuple([jump[i] * window.stride[i] / (up[i] if up else 1.0) for i in axes]))
