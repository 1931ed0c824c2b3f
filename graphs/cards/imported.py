"""Cards of the layers that stand for one operation of PyTorch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphs.cards.base import Card, Demonstration, Line, Source
from graphs.cards.lines import multiply_adds, parameters, times, whole
from graphs.cards.worked import moved
from graphs.layers.base import Shape

Shapes = tuple[Shape, ...]
ATEN = Source(
    "PyTorch: An Imperative Style, High-Performance Deep Learning Library",
    "Paszke et al.",
    2019,
    "https://arxiv.org/abs/1912.01703",
)


def operated(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """What comes out is PyTorch's to say; what it learns are the tensors that it keeps."""
    lines = [whole(shape, "as PyTorch gives it", port=port) for port, shape in enumerate(outputs)]
    learnt = [tensor["shape"] for tensor in layer.tensors().values() if tensor.get("learn")]
    working = " + ".join(map(times, learnt)) or "0"
    count = sum(math.prod(shape) for shape in learnt)
    adds = layer.multiply_adds(inputs, outputs)
    return (*lines, parameters(working, count), multiply_adds(str(adds), adds, "as PyTorch counts them"))


def told(card: Card, layer: Any) -> Card:
    """The card of one function, named."""
    name = layer.operation
    steps = " after ".join(dict.fromkeys(str(call["target"]).split(".")[1] for call in reversed(layer.steps)))
    source = replace(ATEN, url=f"https://docs.pytorch.org/docs/stable/search.html?q={name}", title=f"{name} in PyTorch")
    return replace(card, symbols=(("f", f"{steps} of PyTorch"), card.symbols[1]), source=source)


def rolling() -> Demonstration:
    """The last number comes first."""
    caption = "Here torch.roll: each number moves on by one place, and the last comes first."
    return moved(((1, 2, 3, 4), (5, 6, 7, 8)), (2, 4), lambda i, j: (i, (j - 1) % 4), caption)


CARDS: Mapping[str, Card] = {
    "TorchOp": Card(
        (r"y = f(x_1, x_2, …)",),
        (("f", "the function of PyTorch that is named"), ("x_1, x_2, …", "the wires that it takes")),
        ATEN,
        operated,
        rolling,
        told,
    ),
}
