"""Cards of the normalisations and dropouts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.cards.base import Card, Cell, Demonstration, Line, Nested, Part, Source, Step, Table
from graphs.cards.lines import keeps as unchanged
from graphs.cards.lines import multiply_adds, parameters, times, whole
from graphs.cards.nested import added, factor, number, table
from graphs.cards.sources import arxiv
from graphs.layers.base import Shape

EPS = 1e-5
Spot = tuple[str, Cell]
"""The name of a table and a cell of it."""


def _scaled(count: tuple[int, ...], learnt: bool, outputs: tuple[Shape, ...], note: str) -> tuple[Line, ...]:
    line = parameters(f"2·{times(count)}", 2 * math.prod(count), note) if learnt else parameters(note="none is learnt")
    return (whole(outputs[0], "as many as came in"), line, multiply_adds(note="only products with weights count"))


def per_channel(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """A factor and an offset for each channel."""
    return _scaled(inputs[0].dims[:1], layer.affine, outputs, "a factor and an offset for each channel")


def per_number(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """A factor and an offset for each number of the axes that are scaled."""
    dims = inputs[0].dims[-layer.axes :]
    if not layer.elementwise_affine or layer.bias:
        return _scaled(dims, layer.elementwise_affine, outputs, "a factor and an offset for each number")
    _, _, adds = _scaled(dims, True, outputs, "")
    return (
        whole(outputs[0], "as many as came in"),
        parameters(times(dims), math.prod(dims), "a factor for each number"),
        adds,
    )


def _normalised(
    tables: Mapping[str, Nested], groups: Mapping[str, tuple[Spot, ...]], learnt: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, Nested], list[Step], tuple[Table, ...]]:
    """Tables scaled group by group to mean 0 and spread 1; `learnt` is factor and offset of each group."""
    made = {name: [list(row) for row in rows] for name, rows in tables.items()}
    known = {name: [[0] * len(rows[0]) for _ in rows] for name, rows in tables.items()}
    steps: list[Step] = []
    figures: list[tuple[float, float]] = []
    begins: list[int] = []
    for place, (group, spots) in enumerate(groups.items()):
        values = [tables[name][i][j] for name, (i, j) in spots]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        figures.append((round(mean, 3), round(variance, 3)))
        looked = _marks(spots)
        begins.append(len(steps))
        steps.append(
            Step(
                (f"{group}: mean ({added(values)}) / {len(values)} = {number(mean)}",),
                looked | {"mean and variance": ((place, 0),)},
            )
        )
        squares = " + ".join(f"{factor(v - mean)}²" for v in values)
        words = f"{group}: variance ({squares}) / {len(values)} = {number(variance)}"
        steps.append(Step((words,), looked | {"mean and variance": ((place, 1),)}))
        gamma, beta = learnt[group]
        for (name, (i, j)), value in zip(spots, values, strict=True):
            scaled = (value - mean) / math.sqrt(variance + EPS)
            made[name][i][j], known[name][i][j] = scaled * gamma + beta, len(steps)
            words = f"({number(value)} − {factor(mean)}) / √{number(variance)} = {number(scaled)}"
            if (gamma, beta) != (1, 0):
                words += f";  {number(gamma)}·{factor(scaled)} + {number(beta)} = {number(made[name][i][j])}"
            marks = {name: ((i, j),), name.replace("x", "y"): ((i, j),), "mean and variance": ((place, 0), (place, 1))}
            steps.append(Step((words,), marks))
    asked = tuple(step for begin in begins for step in (begin, begin + 1))
    shown = [
        Table("mean and variance", tuple(figures), "state", asked, across=("mean", "variance"), down=tuple(groups))
    ]
    for name, rows in made.items():
        rounded = [[round(v, 2) for v in row] for row in rows]
        shown.append(
            Table(name.replace("x", "y"), table(rounded), "output", tuple(n for row in known[name] for n in row))
        )
    return made, steps, tuple(shown)


def _marks(spots: tuple[Spot, ...]) -> dict[str, tuple[Cell, ...]]:
    names = dict.fromkeys(name for name, _ in spots)
    return {name: tuple(cell for other, cell in spots if other == name) for name in names}


def batch1d() -> Demonstration:
    """A batch of four rows with two features: down each column."""
    x = ((1.0, 10.0), (2.0, 30.0), (4.0, 20.0), (5.0, 40.0))
    groups: dict[str, tuple[Spot, ...]] = {f"feature {j + 1}": tuple(("x", (i, j)) for i in range(4)) for j in range(2)}
    made, steps, shown = _normalised({"x": x}, groups, {"feature 1": (1, 0), "feature 2": (2, 1)})
    down = tuple(f"sample {i + 1}" for i in range(4))
    rows: tuple[tuple[Part | str, ...], ...] = ((Table("x", x, down=down), "→", shown[1]), (shown[0],))
    weights = {"weight": (1, 2), "bias": (0, 1)}
    caption = "Each column is scaled over the batch; feature 2 has learnt the factor 2 and the offset 1."
    return Demonstration(rows, tuple(steps), (x,), made["x"], {}, weights, True, caption=caption)


def batch2d() -> Demonstration:
    """Two samples with two channels: a channel over the whole batch."""
    maps = {
        "x₁, channel 1": ((1.0, 2.0), (3.0, 4.0)),
        "x₁, channel 2": ((0.0, 10.0), (20.0, 30.0)),
        "x₂, channel 1": ((5.0, 6.0), (7.0, 8.0)),
        "x₂, channel 2": ((40.0, 50.0), (60.0, 70.0)),
    }
    cells = [(i, j) for i in range(2) for j in range(2)]
    groups: dict[str, tuple[Spot, ...]] = {
        f"channel {c}": tuple((f"x{'₀₁₂'[s]}, channel {c}", cell) for s in (1, 2) for cell in cells) for c in (1, 2)
    }
    made, steps, shown = _normalised(maps, groups, {"channel 1": (1, 0), "channel 2": (1, 0)})
    inputs = [Table(name, rows) for name, rows in maps.items()]
    rows: tuple[tuple[Part | str, ...], ...] = (
        (*inputs[:2], "→", *shown[1:3]),
        (*inputs[2:], "→", *shown[3:]),
        (shown[0],),
    )

    def nested(values: Mapping[str, Nested]) -> Nested:
        return [[values[f"x{'₀₁₂'[s]}, channel {c}"] for c in (1, 2)] for s in (1, 2)]

    caption = "Mean and variance of a channel go over all places of both samples of the batch, x₁ and x₂."
    return Demonstration(rows, tuple(steps), (nested(maps),), nested(made), {}, {}, True, caption=caption)


def layer() -> Demonstration:
    """Two samples with four numbers: along each row."""
    x = ((1.0, 2.0, 3.0, 6.0), (10.0, 0.0, 20.0, 10.0))
    groups: dict[str, tuple[Spot, ...]] = {f"sample {i + 1}": tuple(("x", (i, j)) for j in range(4)) for i in range(2)}
    made, steps, shown = _normalised({"x": x}, groups, dict.fromkeys(groups, (1.0, 0.0)))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("x", x, down=tuple(groups)),),
        (shown[0],),
        (shown[1],),
    )
    caption = "Each sample is scaled by itself: the others of the batch do not matter."
    return Demonstration(rows, tuple(steps), (x,), made["x"], caption=caption)


def group() -> Demonstration:
    """One sample with four channels in two groups."""
    x = ((1.0, 3.0), (5.0, 7.0), (10.0, 30.0), (20.0, 20.0))
    groups: dict[str, tuple[Spot, ...]] = {
        f"group {g + 1}": tuple(("x", (i, j)) for i in (2 * g, 2 * g + 1) for j in range(2)) for g in range(2)
    }
    made, steps, shown = _normalised({"x": x}, groups, dict.fromkeys(groups, (1.0, 0.0)))
    down = tuple(f"channel {i + 1}" for i in range(4))
    rows: tuple[tuple[Part | str, ...], ...] = ((Table("x", x, down=down), "→", shown[1]), (shown[0],))
    caption = "Channels 1 and 2 share a mean and a variance, and so do channels 3 and 4."
    return Demonstration(rows, tuple(steps), ([x],), [made["x"]], {"num_groups": 2}, caption=caption)


def dropout() -> Demonstration:
    """Half of twelve numbers go, the others double."""
    x = ((2, 1, 4, 3), (5, 2, 1, 6), (3, 4, 2, 1))
    mask = ((1, 0, 1, 1), (0, 1, 0, 0), (1, 0, 0, 1))
    result = tuple(tuple(v * k * 2 for v, k in zip(a, b, strict=True)) for a, b in zip(x, mask, strict=True))
    steps = []
    gone = tuple((i, j) for i in range(3) for j in range(4) if not mask[i][j])
    for i in range(3):
        for j in range(4):
            said = f"{x[i][j]}·1 / (1 − 0.5) = {result[i][j]}" if mask[i][j] else f"{x[i][j]}·0 = 0: dropped"
            marks = dict.fromkeys(("x", "kept", "y"), ((i, j),))
            steps.append(Step((said,), marks, off={"x": gone, "kept": gone}))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("x", x), "·", Table("kept", mask, "state"), "→", Table("y", result, "output", tuple(range(12)))),
    )
    caption = "With a share of 0.5 the kept numbers are doubled, so that the sum stays about the same."
    return Demonstration(rows, tuple(steps), ([x],), [result], {"p": 0.5}, {}, True, [mask], caption)


def dropout2d() -> Demonstration:
    """One of three channels goes as a whole."""
    maps = (((1, 2), (3, 4)), ((5, 1), (0, 2)), ((2, 2), (6, 1)))
    kept = (1, 0, 1)
    result = tuple(tuple(tuple(v * k * 2 for v in row) for row in rows) for rows, k in zip(maps, kept, strict=True))
    cells = tuple((i, j) for i in range(2) for j in range(2))
    steps = []
    for c, k in enumerate(kept):
        said = (
            f"Channel {c + 1} is kept, every number times 1 / (1 − 0.5) = 2." if k else f"Channel {c + 1} is dropped."
        )
        marks = {f"x, channel {c + 1}": cells, f"y, channel {c + 1}": cells, "kept": ((0, c),)}
        steps.append(Step((said,), marks, off={"x, channel 2": cells, "kept": ((0, 1),)}))
    inputs = tuple(Table(f"x, channel {c + 1}", rows) for c, rows in enumerate(maps))
    outputs = tuple(Table(f"y, channel {c + 1}", rows, "output", (c,) * 4) for c, rows in enumerate(result))
    rows = (inputs, (Table("kept", (kept,), "state"),), outputs)
    mask = [[[[k, k], [k, k]] for k in kept]]
    caption = "Neighbours in a map are alike, so whole channels are dropped."
    return Demonstration(rows, tuple(steps), ([maps],), [result], {"p": 0.5}, {}, True, mask, caption)


_FORMULA = r"y = γ \frac{x - μ}{\sqrt{σ^2 + ε}} + β"
_BATCH = (
    ("μ, σ^2", "mean and variance of a channel over the batch; remembered ones when not training"),
    ("γ, β", "a factor and an offset, learnt"),
)
_IOFFE = arxiv(
    "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
    "Ioffe, Szegedy",
    2015,
    "1502.03167",
)
_DROP = r"y_i = \frac{m_i}{1 - p} · x_i,   m_i = 0 with probability p, else 1"
_SHARE = (("p", "the share that is dropped"), ("m_i", "drawn anew each step; when not training y = x"))

CARDS: Mapping[str, Card] = {
    "BatchNorm2d": Card((_FORMULA,), _BATCH, _IOFFE, per_channel, batch2d),
    "BatchNorm1d": Card((_FORMULA,), _BATCH, _IOFFE, per_channel, batch1d),
    "LayerNorm": Card(
        (_FORMULA,),
        (("μ, σ^2", "mean and variance of one sample along its last axes"), ("γ, β", "learnt, for each number")),
        arxiv("Layer Normalization", "Ba, Kiros, Hinton", 2016, "1607.06450"),
        per_number,
        layer,
    ),
    "GroupNorm": Card(
        (_FORMULA,),
        (("μ, σ^2", "mean and variance of a group of channels of one sample"), ("γ, β", "learnt, for each channel")),
        arxiv("Group Normalization", "Wu, He", 2018, "1803.08494"),
        per_channel,
        group,
    ),
    "Dropout": Card(
        (_DROP,),
        _SHARE,
        Source(
            "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
            "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov",
            2014,
            "https://jmlr.org/papers/v15/srivastava14a.html",
        ),
        unchanged,
        dropout,
    ),
    "Dropout2d": Card(
        (r"y_c = \frac{m_c}{1 - p} · x_c,   m_c = 0 with probability p, else 1",),
        (("p", "the share of channels that is dropped"), ("m_c", "drawn anew each step; when not training y = x")),
        arxiv(
            "Efficient Object Localization Using Convolutional Networks",
            "Tompson, Goroshin, Jain, LeCun, Bregler",
            2015,
            "1411.4280",
        ),
        unchanged,
        dropout2d,
    ),
}
