"""Cards of the pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.cards.base import Card, Cell, Demonstration, Line, Part, Step, Table
from graphs.cards.lines import SPATIAL, axis, free, window_size
from graphs.cards.nested import added, number, places, table
from graphs.cards.sources import LENET, PYRAMID, arxiv, doi
from graphs.layers.base import Shape
from graphs.layers.windows import spread

Span = tuple[int, int]
X = ((1, 3, 2, 4), (5, 7, 6, 8), (0, 0, 3, 3), (5, 5, 0, 0))
WIDE = ((1, 3, 2, 4, 0), (5, 7, 6, 8, 1), (0, 2, 3, 3, 9), (5, 4, 0, 1, 2))


def arithmetic(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Sizes behind a sliding pool."""
    rank, shape = layer.rank, inputs[0]
    kernel, padding = spread(layer.kernel_size, rank), spread(layer.padding, rank)
    stride = kernel if layer.stride is None else spread(layer.stride, rank)
    gaps = spread(getattr(layer, "dilation", 1), rank)
    lines = [_channels(shape)]
    for i, name in enumerate(SPATIAL[rank]):
        sized = window_size(shape.dims[i + 1], kernel[i], stride[i], padding[i], gaps[i], layer.ceil_mode)
        lines.append(axis(name, *sized, i + 1))
    if getattr(layer, "return_indices", False):
        named = zip(("Channels", *SPATIAL[rank]), outputs[1].dims, strict=True)
        lines += [axis(f"{name} of indices", n, n, i, "as above", 1) for i, (name, n) in enumerate(named)]
    return (*lines, *free())


def _channels(shape: Shape) -> Line:
    return axis("Channels", shape.dims[0], shape.dims[0], 0, "each channel by itself")


def adaptive(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """The size that was asked for."""
    sizes = (
        axis(name, size, size, i + 1, "as asked for")
        for i, (name, size) in enumerate(zip(SPATIAL[layer.rank], layer.size(), strict=True))
    )
    return (_channels(inputs[0]), *sizes, *free())


def whole_map(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """One number for each channel."""
    channels = inputs[0].dims[0]
    return (axis("Numbers", channels, channels, 0, "one mean for each channel"), *free())


def even(count: int, kernel: int) -> list[Span]:
    """Windows side by side."""
    return [(i * kernel, (i + 1) * kernel) for i in range(count // kernel)]


def adapted(size: int, out: int) -> list[Span]:
    """Windows that cover `size` cells with `out` of them: from ⌊i·size/out⌋ to ⌈(i + 1)·size/out⌉."""
    return [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]


def _largest(values: list[int], cells: list[Cell]) -> tuple[float, str, tuple[Cell, ...]]:
    best = max(values)
    said = ", ".join(map(number, values))
    return best, f"The largest of {said} is {number(best)}.", (cells[values.index(best)],)


def _mean(values: list[int], cells: list[Cell]) -> tuple[float, str, tuple[Cell, ...]]:
    mean = sum(values) / len(values)
    return mean, f"({added(values)}) / {len(values)} = {number(mean)}", ()


Summary = Callable[[list[int], list[Cell]], tuple[float, str, tuple[Cell, ...]]]


def _pooled(
    x: tuple[tuple[int, ...], ...], rows: list[Span], columns: list[Span], summary: Summary
) -> tuple[list[list[float]], list[Step]]:
    """What each window comes to, and a step for each."""
    result: list[list[float]] = [[0.0] * len(columns) for _ in rows]
    steps = []
    for i, j in places((len(rows), len(columns))):
        cells = [(r, c) for r in range(*rows[i]) for c in range(*columns[j])]
        result[i][j], words, best = summary([x[r][c] for r, c in cells], cells)
        steps.append(Step((words,), {"x": tuple(cells), "y": ((i, j),)}, {"x": best} if best else {}))
    return result, steps


def _example(
    x: tuple[tuple[int, ...], ...],
    windows: tuple[list[Span], list[Span]],
    summary: Summary,
    fields: Mapping[str, Any],
    caption: str,
    flat: bool = False,
) -> Demonstration:
    result, steps = _pooled(x, *windows, summary)
    shown = Table("y", table(result), "output", tuple(range(len(steps))))
    rows: tuple[tuple[Part | str, ...], ...] = ((Table("x", x),), (shown,)) if flat else ((Table("x", x), "→", shown),)
    ends = ([x], [result]) if flat else ([[x]], [[result]])
    return Demonstration(rows, tuple(steps), (ends[0],), ends[1], fields, caption=caption)


def max2d() -> Demonstration:
    """The lecture's 4×4 with windows of 2×2."""
    caption = "Windows of 2×2 side by side: each keeps its largest number."
    return _example(X, (even(4, 2), even(4, 2)), _largest, {"kernel_size": 2}, caption)


def max1d() -> Demonstration:
    """A series, two by two."""
    caption = "Two steps become one: the larger stays."
    return _example(((1, 3, 2, 0, 5, 4, 7, 7),), ([(0, 1)], even(8, 2)), _largest, {"kernel_size": 2}, caption, True)


def mean2d() -> Demonstration:
    """The lecture's 4×4, by its means."""
    caption = "Windows of 2×2 side by side: each becomes its mean."
    return _example(X, (even(4, 2), even(4, 2)), _mean, {"kernel_size": 2}, caption)


def adaptive_mean() -> Demonstration:
    """4×5 to 2×3: windows that overlap where the size does not divide."""
    caption = "Windows are laid so that 2×3 numbers come out; here neighbours share a column."
    return _example(WIDE, (adapted(4, 2), adapted(5, 3)), _mean, {"output_size": [2, 3]}, caption)


def adaptive_max() -> Demonstration:
    """4×5 to 2×3, by the largest."""
    caption = "Windows are laid so that 2×3 numbers come out; here neighbours share a column."
    return _example(WIDE, (adapted(4, 2), adapted(5, 3)), _largest, {"output_size": [2, 3]}, caption)


def global_mean() -> Demonstration:
    """Two channels become two numbers."""
    maps = (((1, 3, 2), (0, 4, 1), (2, 5, 0)), ((0, 0, 1), (1, 0, 6), (2, 3, 5)))
    steps, means = [], []
    for c, values in enumerate(maps):
        numbers = [v for row in values for v in row]
        mean, words, _ = _mean(numbers, [])
        means.append(mean)
        marks = {f"x, channel {c + 1}": tuple((i, j) for i in range(3) for j in range(3)), "y": ((0, c),)}
        steps.append(Step((words,), marks))
    inputs = tuple(Table(f"x, channel {c + 1}", values) for c, values in enumerate(maps))
    result = Table("y", table(means), "output", (0, 1))
    caption = "Each channel becomes one number, its mean."
    return Demonstration(((*inputs, "→", result),), tuple(steps), ([maps],), [means], caption=caption)


_SIZE = r"H_{out} = ⌊\frac{H + 2P - D(K - 1) - 1}{S}⌋ + 1"
_LETTERS = ("K, S, P, D", "kernel, stride, padding, dilation")
_WINDOW = r"start_i = ⌊\frac{i · H}{O}⌋,   end_i = ⌈\frac{(i + 1) · H}{O}⌉"
_MAX = doi("Hierarchical models of object recognition in cortex", "Riesenhuber, Poggio", 1999, "10.1038/14819")
_ASKED = (("H", "size of the input along an axis"), ("O", "the size asked for"))

CARDS: Mapping[str, Card] = {
    "MaxPool2d": Card((r"y_{c,i,j} = \max_{u,v} x_{c, iS+u, jS+v}", _SIZE), (_LETTERS,), _MAX, arithmetic, max2d),
    "MaxPool1d": Card(
        (r"y_{c,t} = \max_{u} x_{c, tS+u}", r"T_{out} = ⌊\frac{T + 2P - D(K - 1) - 1}{S}⌋ + 1"),
        (_LETTERS,),
        arxiv(
            "Natural Language Processing (almost) from Scratch",
            "Collobert, Weston, Bottou, Karlen, Kavukcuoglu, Kuksa",
            2011,
            "1103.0398",
        ),
        arithmetic,
        max1d,
    ),
    "AvgPool2d": Card(
        (r"y_{c,i,j} = \frac{1}{K^2} \sum_{u,v} x_{c, iS+u, jS+v}", r"H_{out} = ⌊\frac{H + 2P - K}{S}⌋ + 1"),
        (("K, S, P", "kernel, stride, padding"),),
        LENET,
        arithmetic,
        mean2d,
    ),
    "AdaptiveAvgPool2d": Card(
        (r"y_{c,i,j} = mean of x_c over window i, j", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_mean
    ),
    "AdaptiveMaxPool2d": Card(
        (r"y_{c,i,j} = \max of x_c over window i, j", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_max
    ),
    "GlobalAvgPool": Card(
        (r"y_c = \frac{1}{H · W} \sum_{i,j} x_{c,i,j}",),
        (("H, W", "height and width of the map"),),
        arxiv("Network In Network", "Lin, Chen, Yan", 2013, "1312.4400"),
        whole_map,
        global_mean,
    ),
}
