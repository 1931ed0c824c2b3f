"""Demonstrations made from their numbers: tables for what goes in and comes out, and a step for each result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphs.cards.base import Cell, Demonstration, Nested, Part, Role, Step, Table
from graphs.cards.nested import build, dims, number, places, table

Index = tuple[int, ...]
Told = tuple[str, Mapping[str, Iterable[Index]]]
"""What one result comes from: in words, and by the places that are looked at in each table's numbers."""
Says = Callable[..., Told]


def tables(name: str, x: Nested, role: Role = "input", appears: Mapping[Index, int] | None = None) -> tuple[Table, ...]:
    """A table for a row or a matrix, one for each channel of a map."""
    sizes = dims(x)
    if len(sizes) <= 2:
        rows = x if len(sizes) == 2 else [x]
        return (_table(name, rows, role, appears, () if len(sizes) == 2 else None),)
    return tuple(_table(f"{name}, channel {c + 1}", rows, role, appears, (c,)) for c, rows in enumerate(x))


def _table(name: str, rows: Nested, role: Role, appears: Mapping[Index, int] | None, at: Index | None) -> Table:
    cells = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    known = tuple(appears[(j,) if at is None else (*at, i, j)] for i, j in cells) if appears else ()
    rounded = [[round(v, 3) if isinstance(v, float) else v for v in row] for row in rows]
    return Table(name, table(rounded), role, known)


def spot(name: str, index: Index) -> tuple[str, Cell]:
    """The table and the cell where the number at an index stands."""
    match index:
        case (j,):
            return name, (0, j)
        case (i, j):
            return name, (i, j)
        case (c, i, j):
            return f"{name}, channel {c + 1}", (i, j)
    raise ValueError(index)


def marks(looked: Mapping[str, Iterable[Index]]) -> dict[str, tuple[Cell, ...]]:
    """The cells of each table."""
    found: dict[str, list[Cell]] = {}
    for name, indices in looked.items():
        for index in indices:
            place, cell = spot(name, index)
            found.setdefault(place, []).append(cell)
    return {name: tuple(cells) for name, cells in found.items()}


def worked(
    inputs: Mapping[str, Nested],
    result: Nested,
    says: Says,
    caption: str,
    fields: Mapping[str, Any] | None = None,
    weights: Mapping[str, Nested] | None = None,
    beside: tuple[Part, ...] = (),
    **more: Any,
) -> Demonstration:
    """One sample that is worked out number by number; `says(*index)` tells where the result at an index comes from.

    `inputs` by their names, without the batch axis; `beside` are tables of weights or of what stands in between.
    """
    steps: list[Step] = []
    appears: dict[Index, int] = {}
    for index in places(dims(result)):
        words, looked = says(*index)
        appears[index] = len(steps)
        steps.append(Step((words,), marks(looked) | marks({"y": [index]})))
    taken = [part for name, x in inputs.items() for part in tables(name, x)]
    given = tables("y", result, "output", appears)
    wide = len(taken) + len(beside) + len(given) > 3 or any(len(part.rows[0]) > 6 for part in (*taken, *given))
    rows: tuple[tuple[Part | str, ...], ...] = ((*taken, *beside, "→", *given),)
    if wide:
        rows = ((*taken,), (*beside,), (*given,)) if beside else ((*taken,), (*given,))
    ends = tuple([x] for x in inputs.values())
    return Demonstration(rows, tuple(steps), ends, [result], fields or {}, weights or {}, caption=caption, **more)


def moved(x: Nested, sizes: Index, source: Callable[..., Index | None], caption: str, **more: Any) -> Demonstration:
    """Numbers that only change their places: `source(*index)` is where the one at an index was, None for a 0."""

    def value(*index: int) -> Any:
        where = source(*index)
        return 0 if where is None else _at(x, where)

    def says(*index: int) -> Told:
        where = source(*index)
        if where is None:
            return f"{_said(index)} is filled with 0.", {}
        return f"{number(_at(x, where))} from {_said(where)} goes to {_said(index)}.", {"x": [where]}

    return worked({"x": x}, build(sizes, value), says, caption, **more)


def _at(x: Nested, index: Index) -> Any:
    for place in index:
        x = x[place]
    return x


def _said(index: Index) -> str:
    words = {1: ("place",), 2: ("row", "column"), 3: ("channel", "row", "column")}[len(index)]
    return ", ".join(f"{word} {place + 1}" for word, place in zip(words, index, strict=True))
