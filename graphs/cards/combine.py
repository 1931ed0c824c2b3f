"""Cards of the layers that join wires, and of those that give numbers another shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from graphs.cards import shaped
from graphs.cards.base import Card, Line
from graphs.cards.lines import SPATIAL, axis, free, times, whole
from graphs.cards.sources import NUMPY, arxiv, doi
from graphs.layers.base import Shape

Shapes = tuple[Shape, ...]


def broadcast(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Axes that are alike, or repeated where an input has one of 1."""
    if all(shape.dims == outputs[0].dims for shape in inputs):
        return (whole(outputs[0], "all inputs have this shape"), *free())
    lines = []
    for i, n in enumerate(outputs[0].dims):
        sizes = ", ".join(str(shape.dims[i]) for shape in inputs)
        lines.append(axis(f"Axis {i + 1}", f"max({sizes})", n, i, "an axis of 1 is repeated"))
    return (*lines, *free())


def joined(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """One axis adds up, the others stay."""
    dims = outputs[0].dims
    along = layer.axis - 1 if layer.axis > 0 else len(dims) + layer.axis
    lines = []
    for i, n in enumerate(dims):
        name = "Channels" if i == 0 and len(dims) == 3 else f"Axis {i + 1}"
        if i == along:
            lines.append(axis(name, " + ".join(str(shape.dims[i]) for shape in inputs), n, i))
        else:
            lines.append(axis(name, n, n, i, "the same in all inputs"))
    return (*lines, *free())


def flattened(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The axes that become one are multiplied."""
    dims, count = inputs[0].dims, len(inputs[0].dims)
    start = layer.start_dim - 1
    end = layer.end_dim if layer.end_dim > 0 else layer.end_dim + count + 1
    laid = dims[start:end]
    lines = [axis(f"Axis {i + 1}", n, n, i, "stays") for i, n in enumerate(dims[:start])]
    lines.append(axis("Row", times(laid), math.prod(laid), start))
    lines += [axis(f"Axis {i + 1}", n, n, start + 1 + i - end, "stays") for i, n in enumerate(dims) if i >= end]
    return (*lines, *free())


def reshaped(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The axes that were asked for; −1 is what is left."""
    known = [n for n in layer.shape if n > 0]
    lines = []
    for i, (asked, n) in enumerate(zip(layer.shape, outputs[0].dims, strict=True)):
        if asked > 0:
            lines.append(axis(f"Axis {i + 1}", n, n, i, "as asked for"))
        else:
            working = f"{inputs[0].size} / ({times(known)})" if len(known) > 1 else f"{inputs[0].size} / {times(known)}"
            lines.append(axis(f"Axis {i + 1}", working, n, i, "what is left"))
    return (*lines, whole(outputs[0], "as many as came in"), *free())


def permuted(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Each axis comes from another place."""
    lines = (axis(f"Axis {i + 1}", n, n, i, f"axis {layer.axes[i]} before") for i, n in enumerate(outputs[0].dims))
    return (*lines, *free())


def enlarged(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Each axis times the factor, or the size asked for."""
    channels = inputs[0].dims[0]
    lines = [axis("Channels", channels, channels, 0, "each channel by itself")]
    sizes = zip(SPATIAL[layer.rank], inputs[0].dims[1:], outputs[0].dims[1:], strict=True)
    for i, (name, before, n) in enumerate(sizes, 1):
        if layer.size is None:
            lines.append(axis(name, f"{before}·{layer.scale_factor}", n, i))
        else:
            lines.append(axis(name, n, n, i, "as asked for"))
    return (*lines, *free())


def _numpy(formula: str, symbols: tuple[tuple[str, str], ...], arithmetic: Any, example: Callable[[], Any]) -> Card:
    return Card((formula,), symbols, NUMPY, arithmetic, example)


CARDS: Mapping[str, Card] = {
    "Add": Card(
        (r"y_i = a_i + b_i + …",),
        (("a, b, …", "the inputs"),),
        arxiv("Deep Residual Learning for Image Recognition", "He, Zhang, Ren, Sun", 2015, "1512.03385"),
        broadcast,
        shaped.add,
    ),
    "Multiply": Card(
        (r"y_i = a_i · b_i · …",),
        (("a, b, …", "the inputs"),),
        arxiv("Squeeze-and-Excitation Networks", "Hu, Shen, Albanie, Sun, Wu", 2017, "1709.01507"),
        broadcast,
        shaped.multiply,
    ),
    "Subtract": _numpy(r"y_i = a_i - b_i", (("a, b", "the inputs"),), broadcast, shaped.subtract),
    "Divide": _numpy(r"y_i = \frac{a_i}{b_i}", (("a, b", "the inputs"),), broadcast, shaped.divide),
    "Concat": Card(
        (r"y = [a; b; …],   C_{out} = C_a + C_b + …",),
        (("C_a", "channels of input a"),),
        arxiv("Densely Connected Convolutional Networks", "Huang, Liu, van der Maaten, Weinberger", 2016, "1608.06993"),
        joined,
        shaped.concat,
    ),
    "Flatten": _numpy(
        r"y_{(c · H + i) · W + j} = x_{c,i,j}", (("H, W", "height and width of the map"),), flattened, shaped.flatten
    ),
    "Reshape": _numpy(
        r"y_k = x_k   for every k, counted row by row", (("k", "the place of a number"),), reshaped, shaped.reshape
    ),
    "Permute": _numpy(r"y_{j,i} = x_{i,j}", (("i, j", "places along two axes"),), permuted, shaped.permute),
    "Upsample": Card(
        (r"y_{c,i,j} = x_{c, ⌊i/s⌋, ⌊j/s⌋},   H_{out} = s · H",),
        (("s", "how many times larger; by blending, neighbours are mixed instead"),),
        doi("Deconvolution and Checkerboard Artifacts", "Odena, Dumoulin, Olah", 2016, "10.23915/distill.00003"),
        enlarged,
        shaped.upsample,
    ),
}
