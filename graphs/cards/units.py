"""Cards of steps, hinges, Maxout and noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.cards.activation import POINTS, curve
from graphs.cards.base import Card, Demonstration, Line
from graphs.cards.lines import axis, free, keeps, multiply_adds, parameters, whole
from graphs.cards.nested import factor, number
from graphs.cards.sources import arxiv, doi
from graphs.cards.worked import Told, tables, worked
from graphs.layers.base import Shape
from graphs.layers.slicing import place

Shapes = tuple[Shape, ...]
SLOPE = (0.125 + 0.3333) / 2


def fewer(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """One axis has so many times fewer places."""
    dims = inputs[0].dims
    along = place(layer.axis, len(dims))
    lines = [axis(f"Axis {i + 1}", n, n, i, "stays") for i, n in enumerate(dims)]
    n = dims[along]
    lines[along] = axis(f"Axis {along + 1}", f"{n} / {layer.pieces}", n // layer.pieces, along)
    return (*lines, *free())


def hinges(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A place and a slope for each hinge of each channel."""
    channels, pieces = inputs[0].dims[0], layer.pieces
    learnt = parameters(f"2·{pieces}·{channels}", 2 * pieces * channels, "a slope and a place for each hinge")
    return (whole(outputs[0], "as many as came in"), learnt, multiply_adds(note="only products with weights count"))


def halved(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """One axis has half as many places."""
    dims = inputs[0].dims
    along = place(layer.axis, len(dims))
    lines = [axis(f"Axis {i + 1}", n, n, i, "stays") for i, n in enumerate(dims)]
    lines[along] = axis(f"Axis {along + 1}", f"{dims[along]} / 2", dims[along] // 2, along)
    return (*lines, *free())


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def gated() -> Demonstration:
    """Six numbers become three."""
    x = (2.0, -1.0, 3.0, 0.0, 2.0, -2.0)
    result = [a * _sigmoid(b) for a, b in zip(x[:3], x[3:], strict=True)]

    def says(j: int) -> Told:
        gate = _sigmoid(x[j + 3])
        said = f"{number(x[j])}·σ({number(x[j + 3])}) = {number(x[j])}·{number(gate, 3)} = {number(result[j], 3)}"
        return said, {"x": [(j,), (j + 3,)]}

    caption = "The second half opens and closes gates for the first: σ lies between 0 and 1."
    return worked({"x": x}, result, says, caption)


def maxout() -> Demonstration:
    """Four numbers become two."""
    x = (1, 3, -2, -5)
    result = [max(x[:2]), max(x[2:])]

    def says(j: int) -> Told:
        pair = x[2 * j : 2 * j + 2]
        said = f"max({number(pair[0])}, {number(pair[1])}) = {number(result[j])}"
        return said, {"x": [(2 * j,), (2 * j + 1,)]}

    return worked({"x": x}, result, says, "Pairs of neighbours compete; the larger goes on.", {"pieces": 2})


def hinged() -> Demonstration:
    """Two channels with one hinge each."""
    x, a, b = (-2.0, 1.0), (0.5, -1.0), (1.0, 2.0)
    result = [max(v, 0.0) + s * max(p - v, 0.0) for v, s, p in zip(x, a, b, strict=True)]

    def says(j: int) -> Told:
        said = f"max(0, {number(x[j])}) + {factor(a[j])}·max(0, {number(b[j])} − {factor(x[j])}) = {number(result[j])}"
        return said, {"x": [(j,)], "a": [(j,)], "b": [(j,)]}

    beside = (*tables("a", a, "weight"), *tables("b", b, "weight"))
    weights = {"slopes": [a], "places": [b]}
    return worked({"x": x}, result, says, "Each channel has a hinge at its own b.", {"pieces": 1}, weights, beside)


def noisy() -> Demonstration:
    """When it is not training nothing is added."""
    x = (1.0, -2.0, 0.5)
    caption = "While training, each number gets a random one added; shown is the network in use."
    return worked({"x": x}, x, lambda j: (f"{number(x[j])} + 0 = {number(x[j])}", {"x": [(j,)]}), caption)


def _softplus(x: float) -> float:
    return math.log1p(math.exp(x)) - math.log(2)


def _step(x: float) -> float:
    return float(x >= 0)


CARDS: Mapping[str, Card] = {
    "Step": Card(
        (r"f(x) = 1 for x ≥ θ, else 0",),
        (("θ", "the threshold"), ("f′", "0; for learning, the slope of another function stands in its place")),
        arxiv(
            "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation",
            "Bengio, Léonard, Courville",
            2013,
            "1308.3432",
        ),
        keeps,
        curve(
            _step,
            lambda x: float(-1 <= x <= 1),
            lambda x: f"{_step(x):g}, since {number(x)} is {'not ' if x >= 0 else ''}below 0; the slope is a stand-in",
        ),
    ),
    "CenteredSoftplus": Card(
        (r"f(x) = \frac{1}{β} log(1 + e^{βx}) - \frac{log 2}{β}",),
        (("β", "sharpness, 1 unless set"),),
        arxiv(
            "SchNet: A continuous-filter convolutional neural network for modeling quantum interactions",
            "Schütt, Kindermans, Sauceda, Chmiela, Tkatchenko, Müller",
            2017,
            "1706.08566",
        ),
        keeps,
        curve(
            _softplus,
            lambda x: 1 / (1 + math.exp(-x)),
            lambda x: f"log(1 + exp({number(x)})) − 0.693 = {number(_softplus(x), 3)}",
        ),
    ),
    "GLU": Card(
        (r"y = a · σ(b)",),
        (("a, b", "the first and the second half of the axis"), ("σ", "the sigmoid")),
        arxiv(
            "Language Modeling with Gated Convolutional Networks", "Dauphin, Fan, Auli, Grangier", 2016, "1612.08083"
        ),
        halved,
        gated,
    ),
    "Maxout": Card(
        (r"y_j = \max_{i} x_{jk+i}",),
        (("k", "how many compete"),),
        arxiv("Maxout Networks", "Goodfellow, Warde-Farley, Mirza, Courville, Bengio", 2013, "1302.4389"),
        fewer,
        maxout,
    ),
    "APL": Card(
        (r"f(x) = \max(0, x) + \sum_{s} a_s · \max(0, b_s - x)",),
        (("a_s, b_s", "slope and place of hinge s, learnt for each channel"),),
        arxiv(
            "Learning Activation Functions to Improve Deep Neural Networks",
            "Agostinelli, Hoffman, Sadowski, Baldi",
            2014,
            "1412.6830",
        ),
        hinges,
        hinged,
    ),
    "RReLU": Card(
        (r"f(x) = \max(0, x) + a · min(0, x)",),
        (("a", "drawn between two bounds while training, their mean in use"),),
        arxiv(
            "Empirical Evaluation of Rectified Activations in Convolutional Network",
            "Xu, Wang, Chen, Li",
            2015,
            "1505.00853",
        ),
        keeps,
        curve(
            lambda x: x if x > 0 else SLOPE * x,
            lambda x: 1.0 if x > 0 else SLOPE,
            lambda x: number(x) if x > 0 else f"{number(SLOPE, 3)}·{factor(x)} = {number(SLOPE * x, 3)}",
            points=POINTS,
        ),
    ),
    "GaussianNoise": Card(
        (r"y = x + σ · n,   n drawn from N(0, 1)",),
        (("σ", "the spread; 0 when not training"),),
        doi(
            "Training with Noise is Equivalent to Tikhonov Regularization", "Bishop", 1995, "10.1162/neco.1995.7.1.108"
        ),
        keeps,
        noisy,
    ),
}
