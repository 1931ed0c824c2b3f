"""How open views are arranged: rows of names, as a value, and what a person can do to it as functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

Side = Literal["left", "right", "above", "below"]
Rows = tuple[tuple[str, ...], ...]
MOST_IN_A_ROW = 4


def tidy(rows: Iterable[Sequence[str]], known: Sequence[str] | None = None) -> Rows:
    """Rows without empty ones, without names that are not known, each name once."""
    seen: set[str] = set()
    made = []
    for row in rows:
        kept = [name for name in row if name not in seen and (known is None or name in known)]
        seen.update(kept)
        made.append(tuple(dict.fromkeys(kept)))
    return tuple(row for row in made if row)


def names(rows: Rows) -> list[str]:
    """The open views, row by row."""
    return [name for row in rows for name in row]


def opened(rows: Rows, name: str) -> Rows:
    """With `name` at the end of the shortest row; a new row once all are full."""
    if name in names(rows):
        return rows
    room = [index for index, row in enumerate(rows) if len(row) < MOST_IN_A_ROW]
    if not room:
        return (*rows, (name,))
    goal = min(room, key=lambda index: (len(rows[index]), index))
    return tuple((*row, name) if index == goal else row for index, row in enumerate(rows))


def closed(rows: Rows, name: str) -> Rows:
    """Without `name`."""
    return tidy([tuple(other for other in row if other != name) for row in rows])


def moved(rows: Rows, name: str, target: str, side: Side) -> Rows:
    """With `name` put on a side of `target`; opens it where it was closed."""
    if name == target or target not in names(rows):
        return opened(rows, name)
    made: list[tuple[str, ...]] = []
    for row in closed(rows, name):
        if target not in row:
            made.append(row)
        elif side in ("above", "below"):
            made.extend([(name,), row] if side == "above" else [row, (name,)])
        else:
            at = row.index(target) + (side == "right")
            made.append((*row[:at], name, *row[at:]))
    return tidy(made)


def side_of(x: float, y: float, width: float, height: float) -> Side:
    """The side of a box that a point in it is nearest to, as shares of its width and height."""
    across, down = x / max(width, 1.0), y / max(height, 1.0)
    distances: dict[Side, float] = {"left": across, "right": 1 - across, "above": down, "below": 1 - down}
    return min(distances, key=lambda side: distances[side])
