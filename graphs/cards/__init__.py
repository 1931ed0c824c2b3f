"""Help cards: what each kind of layer does, with numbers. A file per family declares them by the name of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from graphs.cards import (
    activation,
    attention,
    combine,
    convolution,
    custom,
    imported,
    io,
    linear,
    normalisation,
    operators,
    pooling,
    recurrent,
    scaling,
    separate,
    slicing,
    spatial,
    units,
)
from graphs.cards.base import Card, Demonstration, Line
from graphs.layers.base import Layer, Shape

__all__ = [
    "CARDS",
    "Card",
    "Demonstration",
    "Line",
    "card_for",
    "card_of",
    "demonstration",
    "lines_of",
    "sample",
    "shown_by",
]

_FAMILIES = (
    *(io, convolution, pooling, activation, units, linear, recurrent, attention),
    *(normalisation, scaling, combine, slicing, separate, spatial, imported, operators, custom),
)
CARDS: Mapping[str, Card] = {kind: card for family in _FAMILIES for kind, card in family.CARDS.items()}
TRIED = (
    Shape((1, 28, 28)),
    Shape((4, 9, 8)),
    Shape((6,)),
    Shape((4, 5)),
    Shape((7,), "int64", 11),
    Shape((4, 3, 4, 5)),
    Shape((8, 8)),
)
"""Shapes that a kind is tried with where a card is shown without a node."""


def card_of(kind: str) -> Card | None:
    """The card of a kind; None for blocks and for kinds of another version."""
    return CARDS.get(kind)


def card_for(layer: Layer) -> Card | None:
    """The card of a layer: that of its kind, and of an operation what is known of the one that it computes."""
    card = card_of(layer.kind())
    return card.told(card, layer) if card is not None and card.told is not None else card


def shown_by(layer: Layer) -> bool:
    """Whether the worked example of its kind shows what this layer computes."""
    card = card_of(layer.kind())
    return card is not None and (card.told is None or layer.label == type(layer)().label)


@cache
def demonstration(kind: str) -> Demonstration:
    """The worked example of a kind. Raises KeyError where there is no card."""
    return CARDS[kind].example()


def lines_of(layer: Layer, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """The arithmetic of one node, for one sample; nothing for a kind without a card."""
    card = card_of(layer.kind())
    return card.arithmetic(layer, inputs, outputs) if card is not None else ()


def alike(layer: Layer, shape: Shape) -> tuple[Shape, ...]:
    """The same shape for every port; where some take tokens and others numbers, each of its type."""
    ports = layer.inputs()
    if len({port.accepts for port in ports}) < 2:
        return (shape,) * len(ports)
    return tuple(Shape(shape.dims, "int64" if port.accepts == "tokens" else "float32") for port in ports)


def sample(layer: Layer) -> tuple[Shape, ...]:
    """Shapes that suit a layer, empty where none of those that are tried does. Asks PyTorch."""
    from graphs.inference.measure import Unfit, measure
    from graphs.inference.problems import wrong_values

    ports = layer.inputs()
    for shape in TRIED:
        shapes = alike(layer, shape)
        wrong = any(wrong_values(given, port) for given, port in zip(shapes, ports, strict=True))
        if wrong or (ports and layer.fault(shapes)):
            continue
        try:
            measure(layer, shapes)
        except Unfit:
            continue
        return shapes
    return ()
