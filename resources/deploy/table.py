"""From a table to what the network is fed: a CSV file with a sample in each row, or an array of numpy."""

import csv
import io
from pathlib import Path

import numpy as np
from arrays import fitted, loaded


def samples(file, told):
    """{input: rows [samples, columns]}: columns found by their names, or all of them in order where none is named."""
    if str(file).lower().endswith((".npy", ".npz")):
        return loaded(file, told)
    text = Path(file).read_text(encoding="utf-8-sig")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    between = max(",;\t|", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=between) if any(row)]
    places = _places([cell.strip() for cell in rows[0]] if rows else [], told["columns"])
    rows = rows if places is None else rows[1:]
    if not rows:
        raise ValueError("it holds no row of numbers")
    values = [_numbers(row, number, places, told["columns"], between) for number, row in enumerate(rows, 1)]
    one = told["inputs"][0]
    return {one["name"]: fitted(np.array(values, np.float32), one, told)}


def _places(names, columns):
    """Where each column stands by the names in the first row; None where that row holds numbers already."""
    if all(column in names for column in columns):
        return [names.index(column) for column in columns]
    try:
        [float(name.replace(",", ".")) for name in names]
    except ValueError:
        missing = [column for column in columns if column not in names]
        raise ValueError(f"it has no column “{missing[0]}”; it needs {', '.join(columns)}") from None
    return None


def _numbers(row, number, places, columns, between):
    cells = row if places is None else [row[place] if place < len(row) else "" for place in places]
    if len(cells) != len(columns):
        raise ValueError(f"row {number} has {len(cells)} cells, and a sample is {len(columns)}: {', '.join(columns)}")
    try:
        found = [float(cell.strip() if between == "," else cell.strip().replace(",", ".")) for cell in cells]
    except ValueError:
        raise ValueError(f"row {number} holds a cell that is no number: {', '.join(cells)}") from None
    if not np.isfinite(found).all():
        raise ValueError(f"row {number} holds a value that is missing or not finite")
    return found
