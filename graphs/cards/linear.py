"""Cards of the layers in which every result looks at every input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.cards.base import Card, Demonstration, Line, Part, Step, Table
from graphs.cards.lines import axis, multiply_adds, parameters, product, times
from graphs.cards.nested import added, factor, number, products
from graphs.cards.sources import doi
from graphs.layers.base import Shape


def _positions(dims: tuple[int, ...]) -> list[Line]:
    """Axes in front of the last one, each worked on by itself."""
    return [axis(f"Axis {i + 1}", n, n, i, "each position by itself") for i, n in enumerate(dims[:-1])]


def arithmetic(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Units, parameters and multiply-adds of a linear layer."""
    width, units, dims = inputs[0].dims[-1], layer.out_features, outputs[0].dims
    learnt = f"{units}·({width} + 1)" if layer.bias else f"{units}·{width}"
    return (
        *_positions(dims),
        axis("Units", units, units, len(dims) - 1),
        parameters(learnt, units * (width + layer.bias)),
        multiply_adds(f"{times(inputs[0].dims)}·{units}", inputs[0].size * units),
    )


def paired(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """The same for pairs of inputs."""
    first, second, units, dims = inputs[0].dims[-1], inputs[1].dims[-1], layer.out_features, outputs[0].dims
    learnt = f"{units}·({first}·{second} + 1)" if layer.bias else f"{units}·{first}·{second}"
    adds = product((*dims, first, second))
    return (
        *_positions(dims),
        axis("Units", units, units, len(dims) - 1),
        parameters(learnt, units * (first * second + layer.bias)),
        multiply_adds(times((*dims, first, second)), adds),
    )


def matrix() -> Demonstration:
    """A matrix of 3×4 times four numbers."""
    w, x, b = ((1, -2, 0, 1), (0, 1, 3, -1), (2, 0, -1, 1)), (2, 1, -1, 3), (1, 0, -2)
    result, steps = [], []
    for i, row in enumerate(w):
        total = sum(a * v for a, v in zip(row, x, strict=True))
        result.append(total + b[i])
        words = (
            f"{products(row, x)} = {number(total)}",
            f"with the bias: {added([total, b[i]])} = {number(total + b[i])}",
        )
        marks = {"W": tuple((i, j) for j in range(4)), "x": tuple((j, 0) for j in range(4))}
        steps.append(Step(words, marks | {"b": ((i, 0),), "y": ((i, 0),)}))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (
            Table("W", w, "weight"),
            "·",
            Table("x", tuple((v,) for v in x)),
            "+",
            Table("b", tuple((v,) for v in b), "weight"),
            "=",
            Table("y", tuple((v,) for v in result), "output", (0, 1, 2)),
        ),
    )
    caption = "Three units: each weighs all four numbers with a row of its own."
    weights = {"weight": w, "bias": b}
    return Demonstration(rows, tuple(steps), ([x],), [result], {"out_features": 3}, weights, caption=caption)


def pairs() -> Demonstration:
    """Every product of two numbers with three numbers, weighed."""
    first, second, w, b = (2, -1), (1, 3, 2), ((1, 0, -1), (2, 1, 0)), 1
    steps, total = [], 0
    weighed = [[a * v * w[i][j] for j, v in enumerate(second)] for i, a in enumerate(first)]
    for i, a in enumerate(first):
        for j, v in enumerate(second):
            total += weighed[i][j]
            words = f"{factor(a)}·{factor(w[i][j])}·{factor(v)} = {number(weighed[i][j])}, so far {number(total)}"
            steps.append(Step((words,), {"a": ((i, 0),), "A": ((i, j),), "b": ((0, j),), "products": ((i, j),)}))
    cells = tuple((i, j) for i in range(2) for j in range(3))
    words = f"Together {number(total)}, with the bias {b}: {number(total + b)}"
    steps.append(Step((words,), {"products": cells, "y": ((0, 0),)}))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("a", tuple((v,) for v in first)), "·", Table("A", w, "weight"), "·", Table("b", (second,))),
        (
            Table("products", tuple(map(tuple, weighed)), "state", tuple(range(6))),
            "→",
            Table("y", ((total + b,),), "output", (6,)),
        ),
    )
    caption = "One unit: each product of a number of a with a number of b has a weight."
    weights = {"weight": [w], "bias": [b]}
    inputs = ([first], [second])
    return Demonstration(rows, tuple(steps), inputs, [[total + b]], {"out_features": 1}, weights, caption=caption)


CARDS: Mapping[str, Card] = {
    "Linear": Card(
        (r"y = Wx + b", r"y_i = b_i + \sum_{j=1}^{n} W_{i,j} · x_j"),
        (("W", "the weights, a row for each unit"), ("b", "a bias for each unit"), ("n", "how many numbers come in")),
        doi(
            "The perceptron: a probabilistic model for information storage and organization in the brain",
            "Rosenblatt",
            1958,
            "10.1037/h0042519",
        ),
        arithmetic,
        matrix,
    ),
    "Bilinear": Card(
        (r"y_k = c_k + \sum_{i,j} a_i · A_{k,i,j} · b_j",),
        (("a, b", "the two inputs"), ("A_k", "the weights of unit k"), ("c_k", "its bias")),
        doi(
            "Separating Style and Content with Bilinear Models",
            "Tenenbaum, Freeman",
            2000,
            "10.1162/089976600300015349",
        ),
        paired,
        pairs,
    ),
}
