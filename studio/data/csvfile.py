"""The text of a CSV file as rows: separator, names of the columns, and rows of equal length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import BinaryIO, TypeAlias

from graphs.files.faults import shown
from studio.data.base import DataFault, Report

MOST_COLUMNS = 20_000
Row: TypeAlias = tuple[int, list[str]]
"""The number of a row in the file, from 1 and with the header, and its cells."""


@dataclass(frozen=True)
class Table:
    """A CSV file that is being read: the names of its columns, and its rows still to come."""

    file: str
    names: tuple[str, ...]
    delimiter: str
    rows: Iterator[Row]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.names)

    def column(self, wanted: str, option: str) -> int:
        """The index of a column by its name, or by its number from 1. Raises DataFault."""
        name = wanted.strip()
        if name in self.names:
            return self.names.index(name)
        if name.isdecimal() and 1 <= int(name[:9]) <= self.width:
            return int(name) - 1
        close = get_close_matches(name, self.names, 1)
        hint = f"did you mean {shown(close[0])}?" if close else f"it has {self._listed()}: name one of them."
        raise DataFault(f"{self.file} has no column {shown(name)} ({option}); {hint}")

    def decimal(self, cell: str) -> str:
        """A number as Python writes it: a decimal comma becomes a point where the comma separates nothing."""
        return cell if self.delimiter == "," else cell.replace(",", ".")

    def _listed(self) -> str:
        return ", ".join(shown(n, 30) for n in self.names[:8]) + ("…" if self.width > 8 else "")


def open_table(file: str, binary: BinaryIO, size: int, header: str, report: Report | None = None) -> Table:
    """Finds separator and header ("auto", "yes", "no"), and gives the rows. Raises DataFault, csv.Error."""
    text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
    delimiter = _delimiter(text.read(65536))
    text.seek(0)
    lines = _reported(text, binary, size, report)
    rows = ((n, cells) for n, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1) if any(cells))
    first = next(rows, None)
    if first is None:
        raise DataFault(f"{file} is empty; choose a file with rows of numbers.")
    _check_width(file, len(first[1]))
    second = next(rows, None)
    named = header == "yes" or (header == "auto" and _reads_as_names(first[1], second[1] if second else None))
    names = _unique([c.strip() for c in first[1]] if named else [""] * len(first[1]))
    start = [row for row in (None if named else first, second) if row]
    return Table(file, names, delimiter, _even(file, len(names), chain(start, rows)))


def _delimiter(head: str) -> str:
    """The separator that the first line has most of."""
    line = head.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t|", key=line.count)


def _reported(text: io.TextIOWrapper, binary: BinaryIO, size: int, report: Report | None) -> Iterator[str]:
    """The lines of a file, telling `report` now and then how far it is."""
    for count, line in enumerate(text):
        if report and count % 5000 == 0:
            report(min(binary.tell() / max(size, 1), 1.0))
        yield line


def _check_width(file: str, width: int) -> None:
    if width < 2:
        raise DataFault(f"{file} has a single column; inputs and a target need at least two, separated by commas.")
    if width > MOST_COLUMNS:
        raise DataFault(f"{file} has more than {MOST_COLUMNS:,} columns; check that it is the right file.")


def _reads_as_names(first: list[str], second: list[str] | None) -> bool:
    """Whether fewer cells of the first row are numbers than of the second."""
    return sum(map(_is_number, first)) < sum(map(_is_number, second if second is not None else first))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _unique(names: list[str]) -> tuple[str, ...]:
    """Names for all columns: what has none is called by its number, and a second "x" becomes "x (3)"."""
    found: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        free = name if name and name not in found else f"{name} ({number})" if name else f"column {number}"
        found[free if free not in found else f"{free} ({number})"] = None
    return tuple(found)


def _even(file: str, width: int, rows: Iterator[Row]) -> Iterator[Row]:
    for number, cells in rows:
        if len(cells) != width:
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            raise DataFault(f"{file}, row {number:,}: has {count} where the first row has {width}; correct the row.")
        yield number, cells
