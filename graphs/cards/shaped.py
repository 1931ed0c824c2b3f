"""Joining and reshaping, shown with numbers that are easily followed."""

from __future__ import annotations

from collections.abc import Callable

from graphs.cards.base import Cell, Demonstration, Part, Step, Table
from graphs.cards.nested import factor, number

A, B = ((1, 2, 3), (4, 5, 6)), ((10, 0, -1), (2, 3, -4))


def _pairwise(
    sign: str, name: str, work: Callable[[int, int], float], caption: str, other: tuple[tuple[int, ...], ...] = B
) -> Demonstration:
    result = tuple(tuple(work(a, b) for a, b in zip(r, s, strict=True)) for r, s in zip(A, other, strict=True))
    steps = []
    for i in range(2):
        for j in range(3):
            said = f"{number(A[i][j])} {name} {factor(other[i][j])} = {number(result[i][j])}"
            steps.append(Step((said,), dict.fromkeys(("a", "b", "y"), ((i, j),))))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("a", A), sign, Table("b", other), "=", Table("y", result, "output", tuple(range(6)))),
    )
    return Demonstration(rows, tuple(steps), ([A], [other]), [result], caption=caption)


def add() -> Demonstration:
    """Number by number."""
    return _pairwise("+", "+", lambda a, b: a + b, "Numbers at the same place are added, as a skip connection does.")


def multiply() -> Demonstration:
    """Number by number."""
    return _pairwise(
        "⊙", "·", lambda a, b: a * b, "Numbers at the same place are multiplied: 0 closes a gate, 1 opens it."
    )


def subtract() -> Demonstration:
    """Number by number."""
    caption = "What the second has is taken from the first, number by number."
    return _pairwise("−", "−", lambda a, b: a - b, caption)


def divide() -> Demonstration:
    """Number by number."""
    caption = "Numbers at the same place are divided; a divisor of 0 gives no number."
    return _pairwise("/", "/", lambda a, b: a / b, caption, ((2, 4, -1), (8, 5, 4)))


def concat() -> Demonstration:
    """Two channels and one become three."""
    first, second = (((1, 2), (3, 4)), ((5, 6), (7, 8))), (((10, 20), (30, 40)),)
    result = (*first, *second)
    cells = tuple((i, j) for i in range(2) for j in range(2))
    names = ("a, channel 1", "a, channel 2", "b, channel 1")
    steps = [
        Step((f"{name} becomes channel {c + 1} of the result.",), {name: cells, f"y, channel {c + 1}": cells})
        for c, name in enumerate(names)
    ]
    inputs = tuple(Table(name, rows) for name, rows in zip(names, result, strict=True))
    outputs = tuple(Table(f"y, channel {c + 1}", rows, "output", (c,) * 4) for c, rows in enumerate(result))
    caption = "Channels are laid one after another: 2 + 1 = 3."
    return Demonstration((inputs, outputs), tuple(steps), ([first], [second]), [result], caption=caption)


def _moved(
    inputs: tuple[Table, ...],
    output: Table,
    ways: list[tuple[str, Cell, Cell]],
    beside: bool,
) -> tuple[tuple[tuple[Part | str, ...], ...], tuple[Step, ...]]:
    """Tables and a step for each number that moves: (table, from, to)."""
    where = {cell: i for i, (_, _, cell) in enumerate(ways)}
    known = tuple(where[(i, j)] for i, row in enumerate(output.rows) for j in range(len(row)))
    output = Table(output.name, output.rows, "output", known)
    steps = []
    values = {table.name: table.rows for table in inputs}
    for name, start, end in ways:
        value = values[name][start[0]][start[1]]
        said = f"{value} goes from row {start[0] + 1}, column {start[1] + 1} to row {end[0] + 1}, column {end[1] + 1}."
        steps.append(Step((said,), {name: (start,), output.name: (end,)}))
    rows: tuple[tuple[Part | str, ...], ...] = ((*inputs, "→", output),) if beside else (inputs, (output,))
    return rows, tuple(steps)


def flatten() -> Demonstration:
    """Two channels of 2×3 become a row of twelve."""
    x = (((1, 2, 3), (4, 5, 6)), ((7, 8, 9), (10, 11, 12)))
    row = tuple(range(1, 13))
    inputs = tuple(Table(f"x, channel {c + 1}", rows) for c, rows in enumerate(x))
    ways = [
        (f"x, channel {c + 1}", (i, j), (0, (c * 2 + i) * 3 + j)) for c in range(2) for i in range(2) for j in range(3)
    ]
    rows, steps = _moved(inputs, Table("y", (row,)), ways, False)
    caption = "Row by row, channel by channel; no number changes."
    return Demonstration(rows, steps, ([x],), [row], caption=caption)


def reshape() -> Demonstration:
    """Twelve numbers in 3×4."""
    row = tuple(range(1, 13))
    result = tuple(row[i * 4 : i * 4 + 4] for i in range(3))
    ways = [("x", (0, k), (k // 4, k % 4)) for k in range(12)]
    rows, steps = _moved((Table("x", (row,)),), Table("y", result), ways, False)
    caption = "The numbers keep their order; only rows and columns are counted anew."
    return Demonstration(rows, steps, ([row],), [result], {"shape": [3, 4]}, caption=caption)


def permute() -> Demonstration:
    """2×3 to 3×2."""
    x = ((1, 2, 3), (4, 5, 6))
    result = tuple(zip(*x, strict=True))
    ways = [("x", (i, j), (j, i)) for i in range(2) for j in range(3)]
    rows, steps = _moved((Table("x", x),), Table("y", result), ways, True)
    caption = "Rows become columns: axis 2 comes first, then axis 1."
    return Demonstration(rows, steps, ([x],), [result], {"axes": [2, 1]}, caption=caption)


def upsample() -> Demonstration:
    """2×2 to 4×4 by repeating."""
    x = ((1, 2), (3, 4))
    result = tuple(tuple(x[i // 2][j // 2] for j in range(4)) for i in range(4))
    steps, known = [], []
    for i in range(2):
        for j in range(2):
            cells = tuple((2 * i + u, 2 * j + v) for u in range(2) for v in range(2))
            steps.append(Step((f"{x[i][j]} is repeated in a square of 2×2.",), {"x": ((i, j),), "y": cells}))
    known = [(i // 2) * 2 + j // 2 for i in range(4) for j in range(4)]
    rows: tuple[tuple[Part | str, ...], ...] = ((Table("x", x), "→", Table("y", result, "output", tuple(known))),)
    caption = "With “repeat” each number fills a square; with “blend” neighbours are mixed."
    return Demonstration(rows, tuple(steps), ([[x]],), [[result]], {"scale_factor": 2}, caption=caption)
