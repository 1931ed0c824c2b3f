"""Convolutions worked out number by number.

The example of two dimensions is that of the lecture (Stanford CS231n): 5×5×3 with a border of zeros, two
filters of 3×3×3, stride 2. The slide's first filter lacks one minus in its text: with it, all 18 results agree.
"""

from __future__ import annotations

from typing import Any

from graphs.cards.base import Cell, Demonstration, Nested, Part, Role, Step, Table
from graphs.cards.nested import added, at, build, dims, number, places, products, table

X = (
    ((0, 0, 0, 1, 0), (2, 1, 2, 2, 0), (2, 0, 2, 0, 1), (1, 0, 0, 0, 1), (1, 1, 0, 2, 1)),
    ((2, 1, 0, 1, 2), (0, 1, 0, 1, 1), (1, 2, 0, 0, 2), (1, 1, 1, 2, 1), (2, 0, 0, 0, 2)),
    ((2, 0, 1, 0, 1), (0, 0, 1, 1, 1), (1, 0, 2, 2, 2), (0, 0, 2, 2, 2), (1, 2, 1, 1, 2)),
)
W = (
    (
        ((-1, 0, 0), (1, 1, -1), (1, -1, -1)),
        ((1, 0, 1), (-1, 1, 1), (0, 0, -1)),
        ((-1, -1, -1), (1, 0, -1), (-1, -1, 1)),
    ),
    (
        ((1, 1, 1), (1, 1, -1), (1, 0, -1)),
        ((1, -1, 1), (1, -1, 0), (-1, 0, 0)),
        ((1, 1, -1), (-1, 0, 1), (-1, 0, -1)),
    ),
)
BIAS = (1, 0)


def padded(x: Nested, border: int) -> Nested:
    """A map [channels, rows, columns] with zeros around each channel."""
    height, width = len(x[0]), len(x[0][0])

    def value(c: int, i: int, j: int) -> float:
        row, column = i - border, j - border
        return x[c][row][column] if 0 <= row < height and 0 <= column < width else 0

    return build((len(x), height + 2 * border, width + 2 * border), value)


def convolve(x: Nested, w: Nested, bias: Nested, stride: int = 1) -> Nested:
    """x [C, …] with filters w [F, C, …] → [F, …], for any number of axes, nothing added around."""
    size, kernel = dims(x)[1:], dims(w)[2:]
    out = tuple((n - k) // stride + 1 for n, k in zip(size, kernel, strict=True))

    def value(f: int, *place: int) -> Any:
        terms = (seen(x, w[f], c, place, stride) for c in range(len(x)))
        return sum(a * b for inputs, weights in terms for a, b in zip(inputs, weights, strict=True)) + bias[f]

    return build((len(w), *out), value)


def seen(
    x: Nested, filter_: Nested, channel: int, place: tuple[int, ...], stride: int
) -> tuple[list[float], list[float]]:
    """What a filter sees of one channel at a place, and its weights, in the same order."""
    offsets = list(places(dims(filter_)[1:]))
    inputs = [at(x[channel], [p * stride + o for p, o in zip(place, offset, strict=True)]) for offset in offsets]
    return inputs, [at(filter_[channel], offset) for offset in offsets]


def _sum_in_words(x: Nested, w: Nested, bias: float, place: tuple[int, ...], stride: int) -> tuple[str, ...]:
    """The products channel by channel, then what they add up to."""
    lines, sums = [], []
    for channel in range(len(x)):
        inputs, weights = seen(x, w, channel, place, stride)
        total = sum(a * b for a, b in zip(inputs, weights, strict=True))
        sums.append(total)
        name = f"Channel {channel + 1}: " if len(x) > 1 else ""
        lines.append(f"{name}{products(inputs, weights)} = {number(total)}")
    return (
        *lines,
        f"Together with the bias: {added([*sums, bias])} = {number(sum(sums) + bias)}",
    )


def _box(place: tuple[int, int], kernel: tuple[int, int], stride: int) -> tuple[Cell, ...]:
    top, left = (p * stride for p in place)
    return tuple((top + i, left + j) for i in range(kernel[0]) for j in range(kernel[1]))


def _all(rows: int, columns: int) -> tuple[Cell, ...]:
    return tuple(places((rows, columns)))  # type: ignore[arg-type]


def _bias(f: int, value: float) -> Table:
    return Table(f"b{'₀₁₂'[f]}", ((value,),), "weight")


def conv2d() -> Demonstration:
    """The lecture's example."""
    x, y = padded(X, 1), convolve(padded(X, 1), W, BIAS, 2)
    steps: list[Step] = []
    for f in range(2):
        for place in places((3, 3)):
            marks = {f"x, channel {c + 1}": _box((place[0], place[1]), (3, 3), 2) for c in range(3)}
            marks |= {f"w{'₀₁'[f]}, channel {c + 1}": _all(3, 3) for c in range(3)}
            marks |= {f"b{'₀₁'[f]}": ((0, 0),), f"y, channel {f + 1}": ((place[0], place[1]),)}
            steps.append(Step(_sum_in_words(x, W[f], BIAS[f], place, 2), marks))
    inputs = tuple(Table(f"x, channel {c + 1}", table(x[c]), border=1) for c in range(3))
    rows: list[tuple[Part | str, ...]] = [inputs]
    for f in range(2):
        filters = (Table(f"w{'₀₁'[f]}, channel {c + 1}", table(W[f][c]), "weight") for c in range(3))
        known = tuple(range(f * 9, f * 9 + 9))
        result = Table(f"y, channel {f + 1}", table(y[f]), "output", known)
        rows.append((*filters, "+", _bias(f, BIAS[f]), "=", result))
    return Demonstration(
        tuple(rows),
        tuple(steps),
        ([X],),
        [y],
        {"out_channels": 2, "kernel_size": 3, "stride": 2, "padding": 1},
        {"weight": W, "bias": BIAS},
        caption="Two filters move over three channels by two, with a border of zeros.",
    )


def conv1d() -> Demonstration:
    """A filter of three along a series of two channels."""
    x = ((1, 2, 0, 1, 3, 1, 0), (0, 1, 1, 2, 0, 1, 2))
    w = (((1, 0, -1), (0, 2, 0)),)
    y = convolve(x, w, (1,))
    steps = []
    for i in range(5):
        marks = {
            "x": tuple((c, i + k) for c in range(2) for k in range(3)),
            "w": _all(2, 3),
            "b₀": ((0, 0),),
            "y": ((0, i),),
        }
        steps.append(Step(_sum_in_words(x, w[0], 1, (i,), 1), marks))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("x", x, down=("channel 1", "channel 2")),),
        (Table("w", w[0], "weight", down=("channel 1", "channel 2")), "+", _bias(0, 1)),
        (Table("y", table(y), "output", tuple(range(5))),),
    )
    fields = {"out_channels": 1, "kernel_size": 3}
    caption = "One filter moves along the steps and looks at both channels."
    return Demonstration(rows, tuple(steps), ([x],), [y], fields, {"weight": w, "bias": (1,)}, caption=caption)


def conv3d() -> Demonstration:
    """A filter of 2×2×2 through a volume of 3×3×3."""
    x = ((((1, 0, 2), (0, 1, 1), (2, 1, 0)), ((0, 2, 1), (1, 0, 2), (1, 1, 0)), ((2, 1, 0), (0, 1, 1), (1, 0, 2))),)
    w = ((((1, 0), (0, -1)), ((0, 1), (1, 0))),)
    y = convolve(x, (w,), (0,))
    steps = []
    for d, i, j in places((2, 2, 2)):
        marks = {f"x, depth {d + s + 1}": _box((i, j), (2, 2), 1) for s in range(2)}
        marks |= {f"w, depth {s + 1}": _all(2, 2) for s in range(2)} | {f"y, depth {d + 1}": ((i, j),)}
        steps.append(Step(_sum_in_words(x, w, 0, (d, i, j), 1), marks))

    def slices(name: str, values: Nested, role: Role = "input") -> tuple[Table, ...]:
        made = []
        for s, one in enumerate(values):
            appears = tuple(range(s * 4, s * 4 + 4)) if role == "output" else ()
            made.append(Table(f"{name}, depth {s + 1}", table(one), role, appears))
        return tuple(made)

    rows = (slices("x", x[0]), slices("w", w[0], "weight"), slices("y", y[0], "output"))
    caption = "The filter looks at two slices of the volume at once, and moves in all three directions."
    weights = {"weight": (w,), "bias": (0,)}
    return Demonstration(
        rows, tuple(steps), ([x],), [y], {"out_channels": 1, "kernel_size": 2}, weights, caption=caption
    )


def transposed() -> Demonstration:
    """Each number of 2×2 paints a filter of 3×3 onto 5×5; what overlaps adds up."""
    x, w, stride = ((1, 2), (3, -1)), ((1, 0, 1), (0, 2, 0), (1, 0, 1)), 2
    y = [[0.0] * 5 for _ in range(5)]
    steps, frames = [], []
    for i, j in places((2, 2)):
        box = _box((i, j), (3, 3), stride)
        for row, column in box:
            y[row][column] += x[i][j] * w[row - i * stride][column - j * stride]
        frames.append(table([[int(v) for v in line] for line in y]))
        said = number(x[i][j])
        words = (
            f"{said} times the filter is added to rows {i * 2 + 1} to {i * 2 + 3}, columns {j * 2 + 1} to {j * 2 + 3}.",
            "Where filters overlap, their numbers add up.",
        )
        steps.append(Step(words, {"x": ((i, j),), "w": _all(3, 3), "y": box}))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("x", x), "·", Table("w", w, "weight")),
        (Table("y", frames[-1], "output", frames=tuple(frames)),),
    )
    fields = {"out_channels": 1, "kernel_size": 3, "stride": 2}
    weights = {"weight": [[w]], "bias": (0,)}
    caption = "The reverse of a convolution: every number paints the filter onto a larger map."
    return Demonstration(rows, tuple(steps), ([[x]],), [[y]], fields, weights, caption=caption)
