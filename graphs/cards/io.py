"""Cards of inputs, the output, and what only guides wires."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from graphs.cards.base import Bars, Card, Demonstration, Line, Part, Step, Table
from graphs.cards.lines import axis, free, keeps, multiply_adds, parameters
from graphs.cards.nested import number
from graphs.cards.sources import ELMAN, LENET, arxiv, book, doi
from graphs.layers.base import Shape

SEVEN = (
    (0.0, 0.6, 0.9, 1.0, 0.9, 0.1),
    (0.0, 0.1, 0.1, 0.3, 0.9, 0.1),
    (0.0, 0.0, 0.0, 0.7, 0.5, 0.0),
    (0.0, 0.1, 0.6, 1.0, 0.6, 0.0),
    (0.0, 0.0, 0.4, 0.6, 0.0, 0.0),
    (0.0, 0.0, 0.8, 0.2, 0.0, 0.0),
)
FLOWER = (5.1, 3.5, 1.4, 0.2)
WAVE = ((0.0, 1.0), (0.5, 0.9), (0.8, 0.6), (1.0, 0.1), (0.9, -0.4))
LETTERS = "ehlo"


def fed(*names: str) -> Callable[[Any, tuple[Shape, ...], tuple[Shape, ...]], tuple[Line, ...]]:
    """The axes that the data feeds, by their names."""

    def arithmetic(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
        lines = (axis(name, n, n, i) for i, (name, n) in enumerate(zip(names, outputs[0].dims, strict=True)))
        return (*lines, *free())

    return arithmetic


def result(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Nothing goes on from an output."""
    return (parameters(note="nothing is learnt"), multiply_adds(note="it only marks the result"))


def _data(
    name: str, rows: Any, value: Any, fields: Mapping[str, Any], words: tuple[str, ...], **look: Any
) -> Demonstration:
    table = Table(name, rows, look.pop("role", "output"), **look)
    steps = []
    for i, line in enumerate(words):
        steps.append(
            Step(
                (line,),
                {name: tuple((i, j) for j in range(len(rows[0])))} if len(rows) == len(words) else {name: ((0, i),)},
            )
        )
    shown: tuple[tuple[Part | str, ...], ...] = ((table,),)
    return Demonstration(shown, tuple(steps), (), [value], fields)


def image() -> Demonstration:
    """A seven as 6×6 numbers."""
    words = tuple(f"Row {i + 1}: {', '.join(map(number, row))}" for i, row in enumerate(SEVEN))
    made = _data("grey", SEVEN, [SEVEN], {"height": 6, "width": 6}, words, role="picture")
    caption = "A grey picture is one channel: 0 is black, 1 is white. A colour picture has three such tables."
    return _captioned(made, caption)


def vector() -> Demonstration:
    """One row of a table."""
    names = ("sepal length", "sepal width", "petal length", "petal width")
    words = tuple(f"{name}: {number(v)} cm" for name, v in zip(names, FLOWER, strict=True))
    made = _data("one flower", (FLOWER,), FLOWER, {"features": 4}, words, across=names)
    return _captioned(made, "One sample is one row of a table, a column for each feature.")


def sequence() -> Demonstration:
    """Five steps of two features."""
    words = tuple(f"Step {t + 1}: {number(a)} and {number(b)}" for t, (a, b) in enumerate(WAVE))
    down = tuple(f"step {t + 1}" for t in range(5))
    fields = {"length": 5, "features": 2}
    made = _data("one series", WAVE, WAVE, fields, words, across=("feature 1", "feature 2"), down=down)
    return _captioned(made, "One sample is a series: a row of numbers for each step in time.")


def tokens() -> Demonstration:
    """The word “hello” as whole numbers."""
    codes = tuple(LETTERS.index(letter) for letter in "hello")
    words = tuple(
        f"“{letter}” is number {code} of the vocabulary." for letter, code in zip("hello", codes, strict=True)
    )
    fields = {"length": 5, "vocabulary": 4}
    made = _data("tokens", (codes,), codes, fields, words, across=tuple("hello"))
    return _captioned(
        made, "Vocabulary: 0 is e, 1 is h, 2 is l, 3 is o. An Embedding turns tokens into numbers to weigh."
    )


def numbered(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """The axes that the data feeds, by their numbers."""
    lines = (axis(f"Axis {i + 1}", n, n, i, "as the data has it") for i, n in enumerate(outputs[0].dims))
    return (*lines, *free())


def tensor() -> Demonstration:
    """Three rows of four whole numbers."""
    rows = ((1, 1, 1, 0), (1, 1, 0, 0), (1, 0, 0, 0))
    words = tuple(f"Row {i + 1}: {', '.join(map(str, row))}" for i, row in enumerate(rows))
    made = _data("mask", rows, rows, {"shape": [3, 4], "dtype": "int64"}, words)
    return _captioned(made, "Any shape and type, such as a mask that says which words of a text are there.")


def _captioned(made: Demonstration, caption: str) -> Demonstration:
    return Demonstration(made.rows, made.steps, made.inputs, made.result, made.fields, caption=caption)


def compared() -> Demonstration:
    """Scores, shares, and the loss when class 1 is right."""
    scores = (2.0, 1.0, 0.1)
    total = sum(math.exp(s) for s in scores)
    parts = tuple(math.exp(s) / total for s in scores)
    loss = -math.log(parts[0])
    labels = ("class 1", "class 2", "class 3")
    steps = (
        Step(("The network says a score for each class.",), {"scores": ((0, 0), (0, 1), (0, 2))}),
        Step(
            (f"Softmax makes shares of them: {', '.join(number(p) for p in parts)}",),
            {"shares": ((0, 0), (0, 1), (0, 2))},
        ),
        Step(
            (f"Class 1 is right: loss = −log {number(parts[0], 3)} = {number(loss, 3)}",),
            {"loss": ((0, 0),), "scores": ((0, 0),)},
        ),
    )
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("scores", (scores,), across=labels), "→", Table("loss", ((round(loss, 3),),), "output", (2,))),
        (Bars("shares", parts, labels, "state", (1, 1, 1)),),
    )
    caption = "What arrives here is the result; while training, the loss compares it with the right answer."
    return Demonstration(rows, steps, ([scores],), [loss], caption=caption)


def passed() -> Demonstration:
    """What comes in goes out."""
    rows = ((1, 2, 3), (4, 5, 6))
    cells = tuple((i, j) for i in range(2) for j in range(3))
    steps = (Step(("Every number passes as it is.",), {"in": cells, "out": cells}),)
    shown: tuple[tuple[Part | str, ...], ...] = ((Table("in", rows), "→", Table("out", rows, "output")),)
    return Demonstration(shown, steps, ([rows],), [rows], caption="It guides wires and changes nothing.")


_GRAPH = book("section 6.5.1, Computational Graphs", "mlp")
_SAME = (r"y = x",)

CARDS: Mapping[str, Card] = {
    "ImageInput": Card(
        (r"x ∈ R^{N × C × H × W}",),
        (("N", "pictures in a batch"), ("C, H, W", "channels, height, width")),
        LENET,
        fed("Channels", "Height", "Width"),
        image,
    ),
    "VectorInput": Card(
        (r"x ∈ R^{N × F}",),
        (("N", "rows in a batch"), ("F", "features")),
        doi(
            "The use of multiple measurements in taxonomic problems",
            "Fisher",
            1936,
            "10.1111/j.1469-1809.1936.tb02137.x",
        ),
        fed("Features"),
        vector,
    ),
    "SequenceInput": Card(
        (r"x ∈ R^{N × T × F}",),
        (("N", "series in a batch"), ("T, F", "steps and features")),
        ELMAN,
        fed("Steps", "Features"),
        sequence,
    ),
    "TokensInput": Card(
        (r"x_t ∈ \{0, 1, …, V - 1\}",),
        (("N, T", "texts in a batch, tokens of a text"), ("V", "size of the vocabulary")),
        arxiv("Generating Sequences With Recurrent Neural Networks", "Graves", 2013, "1308.0850"),
        fed("Tokens"),
        tokens,
    ),
    "TensorInput": Card(
        (r"x ∈ R^{N × d_1 × d_2 × …}",),
        (("N", "samples in a batch"), ("d_1, d_2, …", "the axes of one sample")),
        book("section 2.1, Scalars, Vectors, Matrices and Tensors", "linear_algebra"),
        numbered,
        tensor,
    ),
    "Output": Card(
        (r"L = - log \frac{e^{y_k}}{\sum_{j} e^{y_j}}",),
        (("y", "what arrives here, for classes: a score each"), ("k", "the right class"), ("L", "the loss")),
        book("section 6.2, Gradient-Based Learning", "mlp"),
        result,
        compared,
    ),
    "Reroute": Card(_SAME, (("x", "what comes in"),), _GRAPH, keeps, passed),
    "BlockInput": Card(_SAME, (("x", "what the block is given at this port"),), _GRAPH, keeps, passed),
    "BlockOutput": Card(_SAME, (("x", "what the block gives at this port"),), _GRAPH, keeps, passed),
}
