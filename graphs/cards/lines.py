"""The pieces that arithmetic is put together from."""

from __future__ import annotations

import math
from collections.abc import Iterable

from graphs.cards.base import Line
from graphs.layers.base import Layer, Shape

SPATIAL = {1: ("Steps",), 2: ("Height", "Width"), 3: ("Depth", "Height", "Width")}


def times(values: Iterable[int | str]) -> str:
    """ "6·5·5"."""
    return "·".join(map(str, values)) or "1"


def axis(name: str, working: str | int, value: int, index: int, note: str = "", port: int = 0) -> Line:
    """The size of an axis of an output."""
    return Line(name, str(working), value, ("axis", port, index), note)


def parameters(working: str = "0", value: int = 0, note: str = "") -> Line:
    """What is learnt."""
    return Line("Parameters", working, value, ("parameters",), note)


def multiply_adds(working: str = "0", value: int = 0, note: str = "") -> Line:
    """What is worked out for one sample."""
    return Line("Multiply-adds", working, value, ("multiply_adds",), note)


def free() -> tuple[Line, Line]:
    """Nothing is learnt and nothing is weighed."""
    return parameters(note="nothing is learnt"), multiply_adds(note="only products with weights count")


def whole(shape: Shape, note: str, name: str = "Numbers", port: int = 0) -> Line:
    """How many numbers come out at a port."""
    return Line(name, times(shape.dims), shape.size, ("size", port), note)


def keeps(layer: Layer, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """A layer that works on each number by itself and learns nothing."""
    kept = [whole(shape, "as many as came in") for shape in outputs[:1]]
    return (*kept, *free())


def window_size(size: int, kernel: int, stride: int, pad: int, dilation: int = 1, up: bool = False) -> tuple[str, int]:
    """⌊(28 + 2·2 − 5) / 1⌋ + 1 and what it comes to; `up` rounds up, as pools can be told to."""
    reach = f"{kernel}" if dilation == 1 else f"{dilation}·({kernel} − 1) − 1"
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    left, right = ("⌈", "⌉") if up else ("⌊", "⌋")
    working = f"{left}({size} + 2·{pad} − {reach}) / {stride}{right} + 1"
    value = (-(-room // stride) if up else room // stride) + 1
    if up and (value - 1) * stride >= size + pad:
        return f"{working} − 1", value - 1
    return working, value


def product(values: Iterable[int]) -> int:
    """The product of whole numbers."""
    return math.prod(values)
