"""One line of a benchmark, and how a list of them is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A measured figure beside what it is compared with.

    `ours` and `reference` are in `unit`; `ratio` is what the aim speaks of (for a plain limit: ours
    itself). With `least` the ratio must reach the aim, without it it must stay below.
    """

    name: str
    ours: float
    reference: float
    ratio: float
    aim: float
    unit: str = ""
    least: bool = True
    note: str = ""

    @property
    def ok(self) -> bool:
        return self.ratio >= self.aim if self.least else self.ratio <= self.aim

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ok": self.ok}


def render(rows: Sequence[Row]) -> str:
    """The rows as a table of plain text."""
    head = ("name", "ours", "reference", "unit", "ratio", "aim", "ok", "")
    body = [_cells(row) for row in rows]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in [head, *body]]
    return "\n".join(line.rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.least else "≤"
    numbers = [f"{value:,.4g}" for value in (row.ours, row.reference)]
    return (
        row.name,
        *numbers,
        row.unit,
        f"{row.ratio:.3g}",
        f"{sign} {row.aim:g}",
        "yes" if row.ok else "NO",
        row.note,
    )
