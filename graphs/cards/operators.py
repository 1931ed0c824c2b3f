"""The card of operators of ONNX."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphs.cards.base import Card, Demonstration, Line, Source
from graphs.cards.lines import axis, multiply_adds, parameters, times
from graphs.cards.nested import number
from graphs.cards.worked import Told, worked
from graphs.layers.base import Shape

Shapes = tuple[Shape, ...]
ONNX = Source("ONNX Operators", "The ONNX community", 2017, "https://onnx.ai/onnx/operators/")
X = (-1.0, 0.0, 0.5, 2.0)


def operated(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """What the operator gives, and the numbers that belong to it."""
    lines, several = [], len(outputs) > 1
    for port, shape in enumerate(outputs):
        name = f"Result {port + 1}, axis" if several else "Axis"
        lines += [axis(f"{name} {i + 1}", n, n, i, f"as {layer.op} gives it", port) for i, n in enumerate(shape.dims)]
    learnt = [slot["shape"] for slot in layer.slots if slot and slot.get("learn")]
    working = " + ".join(times(shape) for shape in learnt) or "0"
    count = sum(math.prod(shape) for shape in learnt)
    adds = layer.multiply_adds(inputs, outputs)
    return (*lines, parameters(working, count, "tensors of its own"), multiply_adds(str(adds), adds))


def told(card: Card, layer: Any) -> Card:
    """The card of one operator, with the page of ONNX that says what it computes."""
    source = replace(ONNX, title=layer.op, url=f"{ONNX.url}onnx__{layer.op}.html")
    return replace(card, symbols=(("f", f"{layer.op} of ONNX, opset {layer.version}"), card.symbols[1]), source=source)


def errors() -> Demonstration:
    """Erf of four numbers."""
    values = [math.erf(x) for x in X]

    def says(i: int) -> Told:
        return f"erf({number(X[i])}) = {number(values[i], 3)}", {"x": [(i,)]}

    return worked({"x": X}, values, says, "Here Erf, the default: each number by itself.")


CARDS: Mapping[str, Card] = {
    "OnnxOp": Card(
        (r"y_1, y_2, … = f(x_1, x_2, …)",),
        (("f", "the operator that is named"), ("x_1, x_2, …", "wires, constants and tensors, in the order of ONNX")),
        ONNX,
        operated,
        errors,
        told,
    ),
}
