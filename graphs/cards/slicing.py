"""Cards of the layers that cut, pad, part and reorder, and of those that reckon with whole inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.cards.base import Card, Demonstration, Line, Step
from graphs.cards.lines import axis, free, keeps, multiply_adds, parameters, product, times
from graphs.cards.nested import added, number, products
from graphs.cards.sources import NUMPY, arxiv, book
from graphs.cards.worked import Told, marks, moved, tables, worked
from graphs.layers.base import Shape
from graphs.layers.slicing import place

Shapes = tuple[Shape, ...]
X = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12))


def _stays(dims: tuple[int, ...], first: int = 0) -> list[Line]:
    return [axis(f"Axis {i + 1 + first}", n, n, i + first, "stays") for i, n in enumerate(dims)]


def sliced(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The places that are left of one axis."""
    dims = inputs[0].dims
    along = place(layer.axis, len(dims))
    start, stop, step = slice(layer.start, layer.end, layer.step).indices(dims[along])
    if layer.drop:
        kept = (*dims[:along], *dims[along + 1 :])
        return (*_stays(kept), *free())
    span = f"{stop} − {start}"
    working = span if step == 1 else f"⌈({span}) / {step}⌉"
    lines = _stays(dims)
    lines[along] = axis(f"Axis {along + 1}", working, len(range(start, stop, step)), along)
    return (*lines, *free())


def slicing() -> Demonstration:
    """Columns 2 and 3."""
    caption = "From place 1 until before place 3 of the last axis, counted from 0."
    fields = {"axis": -1, "start": 1, "end": 3}
    return moved(X, (3, 2), lambda i, j: (i, j + 1), caption, fields=fields)


def padded(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Each axis grows on both sides."""
    dims, lines = inputs[0].dims, []
    for i, n in enumerate(dims):
        back = 2 * (len(dims) - 1 - i)
        before, after = (*layer.padding, *[0] * 16)[back : back + 2]
        lines.append(axis(f"Axis {i + 1}", f"{n} + {before} + {after}", n + before + after, i))
    return (*lines, *free())


def padding() -> Demonstration:
    """Zeros around 2×2."""

    def source(c: int, i: int, j: int) -> tuple[int, ...] | None:
        return (c, i - 1, j - 1) if 0 < i < 3 and 0 < j < 3 else None

    return moved([[[1, 2], [3, 4]]], (1, 4, 4), source, "One zero at each side: left, right, top, bottom.")


def parted(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """One axis is divided, for each part."""
    along, lines = place(layer.axis, len(inputs[0].dims)), []
    for port, shape in enumerate(outputs):
        for i, n in enumerate(shape.dims):
            working = f"{inputs[0].dims[i]} / {layer.count}" if i == along else str(n)
            lines.append(axis(f"Part {port + 1}, axis {i + 1}", working, n, i, "" if i == along else "stays", port))
    return (*lines, *free())


def parting() -> Demonstration:
    """Four rows as two and two."""
    x, steps = ((1, 2), (3, 4), (5, 6), (7, 8)), []
    for i in range(4):
        said = f"Row {i + 1} goes to part {'ab'[i // 2]}."
        steps.append(Step((said,), marks({"x": [(i, 0), (i, 1)], "ab"[i // 2]: [(i % 2, 0), (i % 2, 1)]})))
    known: list[dict[tuple[int, ...], int]] = [
        {(i, j): 2 * part + i for i in range(2) for j in range(2)} for part in range(2)
    ]
    parts = [tables("ab"[p], x[2 * p : 2 * p + 2], "output", known[p])[0] for p in range(2)]
    results = [[x[:2]], [x[2:]]]
    return Demonstration(
        ((*tables("x", x), "→", *parts),), tuple(steps), ([x],), results, several=True, caption="Two parts of two rows."
    )


def stacked(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A new axis with a place for each input."""
    dims = outputs[0].dims
    along = place(layer.axis, len(dims))
    lines = [axis(f"Axis {i + 1}", n, n, i, "one for each input" if i == along else "") for i, n in enumerate(dims)]
    return (*lines, *free())


def stacking() -> Demonstration:
    """Two rows become a table."""
    a, b = (1, 2, 3), (4, 5, 6)

    def says(i: int, j: int) -> Told:
        return f"{(a, b)[i][j]} stands in row {i + 1}, which is input {'ab'[i]}.", {"ab"[i]: [(j,)]}

    return worked({"a": a, "b": b}, [a, b], says, "Each input becomes a row of the result.")


def multiplied(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Rows of the first by columns of the second."""
    dims, inner = outputs[0].dims, inputs[0].dims[-1]
    lines = _stays(dims[:-2])
    count = len(dims)
    lines.append(axis("Rows", dims[-2], dims[-2], count - 2, "those of the first"))
    lines.append(axis("Columns", dims[-1], dims[-1], count - 1, "rows of the second" if layer.transpose else "its own"))
    adds = multiply_adds(f"{times(dims)}·{inner}", outputs[0].size * inner, "each result weighs a row with a column")
    return (*lines, parameters(note="nothing is learnt"), adds)


def multiplying() -> Demonstration:
    """2×3 times 3×2."""
    a, b = ((1, 2, 0), (3, -1, 1)), ((1, 4), (2, 0), (5, -2))
    result = [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(2)] for i in range(2)]

    def says(i: int, j: int) -> Told:
        column = [row[j] for row in b]
        marked = {"a": [(i, k) for k in range(3)], "b": [(k, j) for k in range(3)]}
        return f"{products(a[i], column)} = {number(result[i][j])}", marked

    return worked({"a": a, "b": b}, result, says, "A row of the first with a column of the second.")


def averaged(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The axes that are left."""
    dims = inputs[0].dims
    gone = {place(entry, len(dims)) for entry in layer.axes}
    if layer.keep:
        return (*(axis(f"Axis {i + 1}", n, n, i) for i, n in enumerate(outputs[0].dims)), *free())
    return (*_stays(tuple(n for i, n in enumerate(dims) if i not in gone)), *free())


def averaging() -> Demonstration:
    """The mean of each column."""
    means = [sum(row[j] for row in X) / 3 for j in range(4)]

    def says(j: int) -> Told:
        column = [row[j] for row in X]
        return f"({added(column)}) / 3 = {number(means[j])}", {"x": [(i, j) for i in range(3)]}

    return worked({"x": X}, means, says, "Along axis 1, so each column becomes one number.", {"axes": [1]})


def asked(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The shape that was asked for."""
    lines = [axis(f"Axis {i + 1}", n, n, i, "as asked for") for i, n in enumerate(outputs[0].dims)]
    if layer.kind() == "Constant":
        return (*lines, *free())
    return (*lines, parameters(times(layer.shape), product(layer.shape), "every number"), free()[1])


def constant() -> Demonstration:
    """Halves, whatever comes in."""
    caption = "What comes in does not matter."
    fields = {"shape": [2, 3], "value": 0.5}
    return worked({"x": (7, 8)}, [[0.5] * 3] * 2, lambda i, j: ("0.5, as asked for.", {}), caption, fields)


def parameter() -> Demonstration:
    """Learnt numbers come out as they are."""
    w, caption = ((0.3, -0.1), (0.2, 0.4)), "The same numbers for every sample; training changes them."
    beside = tables("w", w, "weight")

    def says(i: int, j: int) -> Told:
        return f"The learnt number {number(w[i][j])}.", {"w": [(i, j)]}

    return worked({"x": (7, 8)}, w, says, caption, {"shape": [2, 2]}, {"weight": [w]}, beside)


def shuffled(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Channels become rows and columns."""
    r, (channels, height, width) = layer.upscale_factor, inputs[0].dims
    lines = [axis("Channels", f"{channels} / ({r}·{r})", channels // r**2, 0)]
    lines += [axis("Height", f"{height}·{r}", height * r, 1), axis("Width", f"{width}·{r}", width * r, 2)]
    return (*lines, *free())


def unshuffled(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Rows and columns become channels."""
    r, (channels, height, width) = layer.downscale_factor, inputs[0].dims
    lines = [axis("Channels", f"{channels}·{r}·{r}", channels * r**2, 0)]
    lines += [axis("Height", f"{height} / {r}", height // r, 1), axis("Width", f"{width} / {r}", width // r, 2)]
    return (*lines, *free())


_FOUR = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]], [[13, 14], [15, 16]]]


def shuffling() -> Demonstration:
    """Four channels of 2×2 become one of 4×4."""
    caption = "Every square of 2×2 holds one number of each channel."
    return moved(_FOUR, (1, 4, 4), lambda c, i, j: (2 * (i % 2) + j % 2, i // 2, j // 2), caption)


def unshuffling() -> Demonstration:
    """One channel of 4×4 becomes four."""
    x = [[[4 * i + j + 1 for j in range(4)] for i in range(4)]]
    caption = "Each number of a square of 2×2 goes to a channel of its own."
    return moved(x, (4, 2, 2), lambda c, i, j: (0, 2 * i + c // 2, 2 * j + c % 2), caption)


def dealing() -> Demonstration:
    """Two groups of two channels are dealt out in turn."""
    caption = "Channels 1, 2 | 3, 4 become 1, 3 | 2, 4: each group hears of the other."
    return moved(_FOUR, (4, 2, 2), lambda c, i, j: (2 * (c % 2) + c // 2, i, j), caption)


_DOT = book("section 2.2, Multiplying Matrices and Vectors", "linear_algebra")
_SHI = arxiv(
    "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network",
    "Shi, Caballero, Huszár, Totz, Aitken, Bishop, Rueckert, Wang",
    2016,
    "1609.05158",
)
_R = (("r", "the factor"),)
_DETR = arxiv(
    "End-to-End Object Detection with Transformers",
    "Carion, Massa, Synnaeve, Usunier, Kirillov, Zagoruyko",
    2020,
    "2005.12872",
)
_SHUFFLE = arxiv(
    "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices",
    "Zhang, Zhou, Lin, Sun",
    2017,
    "1707.01083",
)
_LIN = arxiv("Network In Network", "Lin, Chen, Yan", 2013, "1312.4400")

CARDS: Mapping[str, Card] = {
    "Slice": Card((r"y_k = x_{a + k · s}",), (("a, s", "first place and step"),), NUMPY, sliced, slicing),
    "Pad": Card((r"H_{out} = H + P_{top} + P_{bottom}",), (("P", "numbers added at a side"),), NUMPY, padded, padding),
    "Split": Card((r"a_k = x_k,   b_k = x_{n/2 + k}",), (("n", "size of the axis"),), NUMPY, parted, parting),
    "Stack": Card((r"y_{k,i} = x^k_i",), (("x^k", "input k"),), NUMPY, stacked, stacking),
    "MatMul": Card(
        (r"y_{i,j} = \sum_{k} a_{i,k} · b_{k,j}",), (("a, b", "the inputs"),), _DOT, multiplied, multiplying
    ),
    "Mean": Card(
        (r"y = \frac{1}{n} \sum_{i=1}^{n} x_i",), (("n", "how many are averaged"),), _LIN, averaged, averaging
    ),
    "Constant": Card((r"y_i = c",), (("c", "the number"),), NUMPY, asked, constant),
    "Parameter": Card((r"y_i = w_i",), (("w", "learnt numbers"),), _DETR, asked, parameter),
    "PixelShuffle": Card(
        (r"y_{c,i,j} = x_{c · r^2 + r(i mod r) + (j mod r), ⌊i/r⌋, ⌊j/r⌋}",), _R, _SHI, shuffled, shuffling
    ),
    "PixelUnshuffle": Card(
        (r"y_{c · r^2 + r · u + v, i, j} = x_{c, r · i + u, r · j + v}",), _R, _SHI, unshuffled, unshuffling
    ),
    "ChannelShuffle": Card(
        (r"y_{k · g + i} = x_{i · C/g + k}",),
        (("g", "how many groups"), ("C", "channels")),
        _SHUFFLE,
        keeps,
        dealing,
    ),
}
