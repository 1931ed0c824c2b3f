"""The card of a layer that a person writes in Python: shown with the layer that the template holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.cards import activation
from graphs.cards.base import Card, Line, Source
from graphs.cards.lines import whole
from graphs.layers.base import Shape

PYTORCH = Source(
    "PyTorch: An Imperative Style, High-Performance Deep Learning Library",
    "Paszke et al.",
    2019,
    "https://arxiv.org/abs/1912.01703",
)


def given(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """What comes out is the code's to say."""
    return tuple(whole(shape, f"as {layer.name} gives it", port=port) for port, shape in enumerate(outputs))


CARDS: Mapping[str, Card] = {
    "CustomLayer": Card(
        (r"y = f(x_1, x_2, …)",),
        (("f", "what forward of your class computes"), ("x_1, x_2, …", "the inputs that it names")),
        PYTORCH,
        given,
        activation.CARDS["SiLU"].example,
    ),
}
