"""What a help card holds: formula, source, the arithmetic of one node, and a worked demonstration.

Everything here is plain data without Qt and torch; the window draws it, the tests check it against PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphs.layers.base import Layer, Shape

Cell = tuple[int, int]
"""Row and column within a table."""
Value = float | int | str
Rows = tuple[tuple[Value, ...], ...]
Role = Literal["input", "weight", "output", "state", "picture"]
Nested = Any
"""Numbers in lists of lists, as deep as there are axes."""


@dataclass(frozen=True)
class Source:
    """Where a layer was first described, or where a textbook explains it; `url` opens in the browser."""

    title: str
    authors: str
    year: int
    url: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}): {self.title}"


@dataclass(frozen=True)
class Line:
    """One line of arithmetic: "Height = ⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28".

    `about` says what the value is in an analysis: ("axis", port, axis) of an output, ("size", port) for all
    numbers of an output, ("parameters",) or ("multiply_adds",).
    """

    name: str
    working: str
    value: int
    about: tuple[str | int, ...]
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name} = {self.result}" if self.plain else f"{self.name} = {self.working} = {self.result}"

    @property
    def plain(self) -> bool:
        """Whether there is nothing to work out."""
        return self.working == str(self.value)

    @property
    def result(self) -> str:
        """The value as it is written."""
        return f"{self.value:,}"


@dataclass(frozen=True)
class Table:
    """Numbers in rows and columns. `appears` gives the step at which each cell, row by row, is known;
    `frames` the whole table at each step where its numbers grow; `border` how many cells around are padding."""

    name: str
    rows: Rows
    role: Role = "input"
    appears: tuple[int, ...] = ()
    frames: tuple[Rows, ...] = ()
    border: int = 0
    across: tuple[str, ...] = ()
    """Words over the columns."""
    down: tuple[str, ...] = ()
    """Words before the rows."""


@dataclass(frozen=True)
class Curve:
    """A function and its slope over an interval."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class Bars:
    """Values as bars; `appears` as in a table."""

    name: str
    values: tuple[float, ...]
    labels: tuple[str, ...] = ()
    role: Role = "output"
    appears: tuple[int, ...] = ()


Part = Table | Curve | Bars


@dataclass(frozen=True)
class Step:
    """One moment: what it says in words, which cells it looks at, by the name of their table, and which stand out.

    `at` is the place on a curve.
    """

    words: tuple[str, ...]
    marks: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    best: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    off: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    at: tuple[float, float, float] | None = None
    """x, value and slope of the point on a curve."""


@dataclass(frozen=True)
class Demonstration:
    """A worked example: rows of tables, curves and signs between them, and the steps through it.

    `inputs`, `weights` and `result` are its numbers with the batch axis, and `fields` those of the layer, so that
    PyTorch can be asked the same; `mask` holds what a dropout keeps, `training` that it is shown while training.
    `several`: `result` is a list of results, one for each output port.
    """

    rows: tuple[tuple[Part | str, ...], ...]
    steps: tuple[Step, ...]
    inputs: tuple[Nested, ...]
    result: Nested
    fields: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Nested] = field(default_factory=dict)
    training: bool = False
    mask: Nested = None
    caption: str = ""
    several: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """The tables, curves and bars."""
        return tuple(part for row in self.rows for part in row if not isinstance(part, str))


Arithmetic = Callable[[Any, tuple[Shape, ...], tuple[Shape, ...]], tuple[Line, ...]]
"""(layer, shapes in, shapes out) → the lines, for one sample."""


@dataclass(frozen=True)
class Card:
    """The help card of one kind. `formula` is in the markup of `graphs.cards.maths`, a line each; `symbols` says
    what its letters stand for."""

    formula: tuple[str, ...]
    symbols: tuple[tuple[str, str], ...]
    source: Source
    arithmetic: Arithmetic
    example: Callable[[], Demonstration]
    told: Callable[[Card, Any], Card] | None = None
    """The card of one layer of a kind that stands for many operations, of which the example shows but one."""


def described(kind: type[Layer], card: Card, lines: tuple[Line, ...] = (), title: str = "") -> str:
    """The whole card as plain text, for screen readers; `title` where it is not that of the kind."""
    from graphs.cards.maths import plain

    said = [f"{title or kind.title}. {kind.help}", *(plain(text) for text in card.formula)]
    said += [f"{plain(sign)}: {meaning}" for sign, meaning in card.symbols]
    said += [f"{line}{f', {line.note}' if line.note else ''}" for line in lines]
    return "\n".join([*said, f"Source: {card.source}"])
