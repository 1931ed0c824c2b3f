"""Cards of local and root-mean-square normalisation, instance and channel normalisation, dropped paths and scales."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.cards.base import Card, Demonstration, Line, Source, Step, Table
from graphs.cards.lines import keeps, multiply_adds, parameters, product, times, whole
from graphs.cards.nested import added, factor, number, places
from graphs.cards.normalisation import per_channel
from graphs.cards.sources import arxiv
from graphs.cards.worked import Index, Told, marks, tables, worked
from graphs.layers.base import Shape
from graphs.layers.slicing import place

Shapes = tuple[Shape, ...]
MAPS = [[[1.0, 2.0], [3.0, 0.0]], [[2.0, 2.0], [1.0, 4.0]], [[0.0, 1.0], [2.0, 2.0]]]


def _learnt(count: tuple[int, ...], each: int, outputs: Shapes, note: str) -> tuple[Line, ...]:
    working = times(count) if each == 1 else f"{each}·{times(count)}"
    line = parameters(working, each * product(count), note) if each else parameters(note="none is learnt")
    return (whole(outputs[0], "as many as came in"), line, multiply_adds(note="only products with weights count"))


def per_number(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """RMSNorm learns a factor for each number along its axes."""
    dims = inputs[0].dims[-layer.axes :]
    return _learnt(dims, int(layer.elementwise_affine), outputs, "a factor for each number")


def at_places(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """LayerNorm2d learns a factor and an offset for each channel."""
    dims = inputs[0].dims[:1]
    return _learnt(dims, 2 * layer.elementwise_affine, outputs, "a factor and an offset for each channel")


def learnt_scale(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A factor for each place of one axis."""
    dims = inputs[0].dims
    return _learnt((dims[place(layer.axis, len(dims))],), 1, outputs, "a factor for each place of the axis")


def _responding(neighbours: Any, count: int, alpha: float, beta: float, k: float) -> tuple[Any, Any]:
    """The result of a local response normalisation over MAPS, and what it says of each number."""

    def value(index: Index) -> float:
        squares = sum(_at(other) ** 2 for other in neighbours(index))
        return float(_at(index) / (k + alpha * squares / count) ** beta)

    def says(*index: int) -> Told:
        near = list(neighbours(index))
        squares = " + ".join(f"{number(_at(other))}²" for other in near)
        below = f"({number(k)} + {number(alpha)}·({squares}) / {count})"
        return f"{number(_at(index))} / {below} = {number(value(index), 3)}", {"x": near}

    result = [[[value((c, i, j)) for j in range(2)] for i in range(2)] for c in range(3)]
    return result, says


def _at(index: Index) -> float:
    return MAPS[index[0]][index[1]][index[2]]


def across() -> Demonstration:
    """Three channels; each looks at its neighbours."""

    def near(index: Index) -> list[Index]:
        return [(c, *index[1:]) for c in range(3) if abs(c - index[0]) <= 1]

    result, says = _responding(near, 3, 1.0, 1.0, 1.0)
    fields = {"size": 3, "alpha": 1.0, "beta": 1.0, "k": 1.0}
    return worked({"x": MAPS}, result, says, "Neighbouring channels at the same place damp each other.", fields)


def within() -> Demonstration:
    """Three channels; each number looks around itself."""

    def near(index: Index) -> list[Index]:
        c, i, j = index
        return [(c, u, v) for u, v in places((2, 2)) if abs(u - i) <= 1 and abs(v - j) <= 1]

    result, says = _responding(near, 9, 1.0, 1.0, 1.0)
    fields = {"size": 3, "alpha": 1.0, "beta": 1.0, "k": 1.0}
    caption = "Numbers in a square of 3×3 damp each other; outside the map there are zeros."
    return worked({"x": MAPS}, result, says, caption, fields)


def root_mean_square() -> Demonstration:
    """Two samples' worth of one: four numbers."""
    x = (1.0, 2.0, 2.0, 4.0)
    mean = sum(v * v for v in x) / 4
    result = [v / math.sqrt(mean + 1e-6) for v in x]
    squares = " + ".join(f"{number(v)}²" for v in x)

    def says(j: int) -> Told:
        said = f"{number(x[j])} / √(({squares}) / 4) = {number(x[j])} / {number(math.sqrt(mean))}"
        return f"{said} = {number(result[j], 3)}", {"x": [(i,) for i in range(4)]}

    return worked({"x": x}, result, says, "Only the size is taken out; the mean stays.")


def _normal(values: list[float], eps: float) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / len(values) + eps


def _scaled(group: Any, eps: float, caption: str) -> Demonstration:
    """MAPS scaled to mean 0 and spread 1 within groups; `group(index)` are the numbers that go together."""

    def figures(index: Index) -> tuple[float, float]:
        return _normal([_at(other) for other in group(index)], eps)

    def says(*index: int) -> Told:
        mean, variance = figures(index)
        done = (_at(index) - mean) / math.sqrt(variance)
        said = f"({number(_at(index))} − {factor(mean)}) / √{number(variance)} = {number(done, 3)}"
        return f"mean ({added(_at(o) for o in group(index))}) / {len(group(index))};  {said}", {"x": group(index)}

    result = [[[0.0] * 2 for _ in range(2)] for _ in range(3)]
    for c, i, j in places((3, 2, 2)):
        mean, variance = figures((c, i, j))
        result[c][i][j] = (_at((c, i, j)) - mean) / math.sqrt(variance)
    return worked({"x": MAPS}, result, says, caption)


def instance() -> Demonstration:
    """Each channel by itself."""
    caption = "Each channel of each sample has a mean and a variance of its own."
    return _scaled(lambda index: [(index[0], i, j) for i, j in places((2, 2))], 1e-5, caption)


def channels() -> Demonstration:
    """Each place by itself."""
    return _scaled(lambda index: [(c, *index[1:]) for c in range(3)], 1e-6, "All channels at one place are scaled.")


def dropped() -> Demonstration:
    """Two samples, of which one goes."""
    x, kept = ((1, 2, 3), (4, 5, 6)), (1, 0)
    result = tuple(tuple(2 * v * k for v in row) for row, k in zip(x, kept, strict=True))
    row = tuple
    steps = [
        Step(("Sample 1 is kept, every number times 1 / (1 − 0.5) = 2.",), marks({"x": [(0, j) for j in range(3)]})),
        Step(("Sample 2 is dropped: its block is skipped.",), marks({"x": [(1, j) for j in range(3)]})),
    ]
    down = ("sample 1", "sample 2")
    shown = Table("y", row(result), "output", (0, 0, 0, 1, 1, 1))
    mask = Table("kept", ((1,), (0,)), "state")
    rows = ((Table("x", x, down=down), "·", mask, "→", shown),)
    caption = "In a block with a skip, what is left of a dropped sample is the skip."
    mask_of = [[1], [0]]
    return Demonstration(rows, tuple(steps), (x,), result, {"p": 0.5}, {}, True, mask_of, caption=caption)


def scaled() -> Demonstration:
    """Times a half, plus one."""
    x = ((2, -4, 0), (1, 3, 6))
    result = [[0.5 * v + 1 for v in row] for row in x]

    def says(i: int, j: int) -> Told:
        return f"{factor(x[i][j])}·0.5 + 1 = {number(result[i][j])}", {"x": [(i, j)]}

    return worked({"x": x}, result, says, "The same for every number.", {"factor": 0.5, "offset": 1.0})


def scaled_channels() -> Demonstration:
    """Two channels with a factor each."""
    x, w = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], (0.5, 2)
    result = [[[v * w[c] for v in row] for row in rows] for c, rows in enumerate(x)]

    def says(c: int, i: int, j: int) -> Told:
        return f"{x[c][i][j]}·{number(w[c])} = {number(result[c][i][j])}", {"x": [(c, i, j)], "w": [(c,)]}

    weights, beside = {"weight": [[[v]] for v in w]}, tables("w", w, "weight")
    return worked({"x": x}, result, says, "One learnt factor for each channel.", {"init": 0.5}, weights, beside)


_RESPONSE = r"y = \frac{x}{(k + \frac{α}{n} \sum_{j} x_j^2)^β}"
_LETTERS = (("n", "how many numbers are looked at"), ("α, β, k", "constants"))
_KRIZHEVSKY = Source(
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "Krizhevsky, Sutskever, Hinton",
    2012,
    "https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
)
_CAFFE = arxiv(
    "Caffe: Convolutional Architecture for Fast Feature Embedding",
    "Jia, Shelhamer, Donahue, Karayev, Long, Girshick, Guadarrama, Darrell",
    2014,
    "1408.5093",
)
_NORMAL = r"y = γ \frac{x - μ}{\sqrt{σ^2 + ε}} + β"

CARDS: Mapping[str, Card] = {
    "LocalResponseNorm": Card((_RESPONSE,), (("x_j", "neighbouring channels"), *_LETTERS), _KRIZHEVSKY, keeps, across),
    "LocalResponseNorm2d": Card((_RESPONSE,), (("x_j", "numbers around it"), *_LETTERS), _CAFFE, keeps, within),
    "RMSNorm": Card(
        (r"y_i = γ_i \frac{x_i}{\sqrt{\frac{1}{n} \sum_{j=1}^{n} x_j^2 + ε}}",),
        (("γ", "a factor for each number, learnt"),),
        arxiv("Root Mean Square Layer Normalization", "Zhang, Sennrich", 2019, "1910.07467"),
        per_number,
        root_mean_square,
    ),
    "InstanceNorm2d": Card(
        (_NORMAL,),
        (("μ, σ^2", "mean and variance of one channel of one sample"), ("γ, β", "1 and 0 unless learnt")),
        arxiv(
            "Instance Normalization: The Missing Ingredient for Fast Stylization",
            "Ulyanov, Vedaldi, Lempitsky",
            2016,
            "1607.08022",
        ),
        per_channel,
        instance,
    ),
    "LayerNorm2d": Card(
        (_NORMAL,),
        (("μ, σ^2", "mean and variance of all channels at one place"), ("γ, β", "learnt, for each channel")),
        arxiv("A ConvNet for the 2020s", "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie", 2022, "2201.03545"),
        at_places,
        channels,
    ),
    "DropPath": Card(
        (r"y = \frac{m}{1 - p} · x,   m = 0 with probability p, else 1",),
        (("p", "the share of samples that is dropped"), ("m", "one for each sample, drawn anew each step")),
        arxiv("Deep Networks with Stochastic Depth", "Huang, Sun, Liu, Sedra, Weinberger", 2016, "1603.09382"),
        keeps,
        dropped,
    ),
    "Scale": Card(
        (r"y = a · x + b",),
        (("a, b", "factor and offset, fixed"),),
        arxiv("Attention Is All You Need", "Vaswani et al.", 2017, "1706.03762"),
        keeps,
        scaled,
    ),
    "LayerScale": Card(
        (r"y_c = γ_c · x_c",),
        (("γ_c", "learnt, for each channel"),),
        arxiv(
            "Going deeper with Image Transformers", "Touvron, Cord, Sablayrolles, Synnaeve, Jégou", 2021, "2103.17239"
        ),
        learnt_scale,
        scaled_channels,
    ),
}
