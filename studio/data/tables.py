"""Your own table: a CSV file with a sample a row."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, Literal

from pydantic import Field

from graphs.files.faults import shown
from studio.data.base import DataFault, DataSpec, Raw, Report, normalise_field
from studio.data.csvfile import Row, Table, open_table
from studio.data.files import regular_file, unreadable
from studio.data.targets import TaskChoice, from_text, task_field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_FILE = 512 * 1024**2
MOST_ROWS = 5_000_000
MISSING = frozenset(("", "?", "na", "n/a", "nan", "null", "none", "-"))
MISSING_TARGET = frozenset(("", "?", "na", "n/a", "nan"))


class Csv(DataSpec):
    """A table in a file."""

    title = "CSV table"
    help = "A table with a sample a row: numbers, and one column that is to be learnt."

    source: Literal["csv"] = Field(default="csv", title="Source", description="A CSV table.")
    path: str = Field(
        default="",
        title="File",
        description="The .csv file, as UTF-8 text.",
        json_schema_extra={"path": "file", "filter": "Tables (*.csv *.tsv *.txt)"},
    )
    target: str = Field(
        default="",
        title="Target column",
        description="The name (or number, from 1) of the column to learn; empty takes the last one.",
        max_length=500,
    )
    ignore: str = Field(
        default="",
        title="Ignored columns",
        description="Names (or numbers) of columns to leave out, separated by commas.",
        max_length=10_000,
    )
    header: Literal["auto", "yes", "no"] = Field(
        default="auto", title="Header", description="Whether the first row holds the names of the columns."
    )
    missing: Literal["refuse", "skip rows"] = Field(
        default="refuse",
        title="Missing values",
        description="refuse says where the first one is; skip rows leaves out every row that has one.",
    )
    task: TaskChoice = task_field()
    normalise: Literal["none", "standard", "unit"] = normalise_field("standard")

    def load(self, report: Report | None = None) -> Raw:
        """Inputs float32 [N, columns]. Raises DataFault with the row and column of the first bad value."""
        path = regular_file(self.path, "CSV file", MOST_FILE)
        try:
            with path.open("rb") as binary:
                return self._load(path.name, binary, path.stat().st_size, report)
        except UnicodeDecodeError as error:
            raise DataFault(f"{path.name} is no UTF-8 text; save it as “CSV UTF-8”.") from error
        except csv.Error as error:
            raise DataFault(f"{path.name} is no sound CSV file ({error}); save it again as CSV.") from error
        except OSError as error:
            raise unreadable(path, error) from error

    def _load(self, name: str, binary: BinaryIO, size: int, report: Report | None) -> Raw:
        table = open_table(name, binary, size, self.header, report)
        target = table.column(self.target, "Target column") if self.target.strip() else table.width - 1
        ignored = {table.column(part, "Ignored columns") for part in self.ignore.split(",") if part.strip()}
        features = [i for i in range(table.width) if i != target and i not in ignored]
        if not features or target in ignored:
            what = "no column to learn" if features else "no column to learn from"
            raise DataFault(f"{name}: {what} is left; name fewer under Ignored columns.")
        reader = _Reader(table, tuple(features), target, self.missing == "skip rows")
        reader.read(table.rows)
        return reader.raw(self.task)


class _Reader:
    """Gathers the numbers of the features and the text of the target."""

    def __init__(self, table: Table, features: tuple[int, ...], target: int, skip_missing: bool) -> None:
        self.table, self.features, self.target, self.skip_missing = table, features, target, skip_missing
        self.numbers, self.rows = array("f"), array("q")
        self.labels: list[str] = []
        self.skipped = 0

    def read(self, rows: Iterable[Row]) -> None:
        """All rows. Raises DataFault at the first bad value."""
        for number, cells in rows:
            try:
                values = [float(cells[i]) for i in self.features]
            except ValueError:
                values = self._slowly(number, cells)
            if math.isnan(sum(values)):
                values = self._slowly(number, cells)
            label = cells[self.target].strip()
            if label.lower() in MISSING_TARGET:
                self._refuse_missing(number, self.target)
                values = []
            if values:
                self.numbers.extend(values)
                self.labels.append(label)
                self.rows.append(number)
            else:
                self.skipped += 1
            if len(self.labels) > MOST_ROWS:
                raise DataFault(f"{self.table.file} has more than {MOST_ROWS:,} rows; split it, or save it as NPZ.")

    def _slowly(self, number: int, cells: list[str]) -> list[float]:
        """The numbers of a row with a missing value, a text or a decimal comma; empty to skip it."""
        values = []
        for column in self.features:
            cell = cells[column].strip()
            if cell.lower() in MISSING:
                self._refuse_missing(number, column)
                return []
            values.append(self._number(cell, number, column))
        return values

    def _number(self, cell: str, number: int, column: int) -> float:
        try:
            return float(self.table.decimal(cell))
        except ValueError:
            remedy = "correct it, or name the column under Ignored columns"
            raise DataFault(f"{self._place(number, column)}: {shown(cell)} is no number; {remedy}.") from None

    def _refuse_missing(self, number: int, column: int) -> None:
        if not self.skip_missing:
            remedy = "fill it in, delete the row, or choose to skip rows with missing values"
            raise DataFault(f"{self._place(number, column)}: the value is missing; {remedy}.")

    def _place(self, number: int, column: int) -> str:
        return f"{self.table.file}, row {number:,}, column {shown(self.table.names[column])}"

    def raw(self, task: TaskChoice) -> Raw:
        """What was gathered."""
        import numpy as np

        if not self.labels:
            raise DataFault(f"{self.table.file} has no complete row of data; choose a file with at least one.")
        inputs = np.frombuffer(self.numbers, np.float32).reshape(len(self.labels), -1).copy()
        self._check_finite(inputs)
        where = f"{self.table.file}, column {shown(self.table.names[self.target])},"
        found = from_text(self.labels, task, where, self.table.decimal)
        notes = (f"{self.skipped:,} rows with missing values are left out.",) if self.skipped else ()
        bounds = (float(inputs.min()), float(inputs.max()))
        features = tuple(self.table.names[i] for i in self.features)
        return Raw(inputs, found.values, found.classes, bounds, features, found.notes + notes)

    def _check_finite(self, inputs: NDArray[np.float32]) -> None:
        import numpy as np

        if np.isfinite(inputs).all():
            return
        row, feature = np.argwhere(~np.isfinite(inputs))[0]
        place = self._place(self.rows[int(row)], self.features[int(feature)])
        raise DataFault(f"{place}: the number is not finite or too large for float32; correct or remove it.")
