"""The numbers of a run: one row a step and one row an epoch, in arrays that grow; light."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
FIRST_ROOM = 1024


@dataclass(frozen=True)
class EpochRow:
    """One epoch: mean loss and accuracy over it, then on the validation samples; nan where there is no such
    number."""

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float


EPOCH_COLUMNS = tuple(field.name for field in fields(EpochRow))


class Steps(NamedTuple):
    """The per-step columns at one moment, all of one length; treat them as read-only."""

    step: NDArray[np.int64]
    loss: Floats
    accuracy: Floats
    learning_rate: Floats


class History:
    """One thread writes, any thread reads: readers see whole rows only, and what they hold never changes.

    Rows are replaced, never edited: `truncate` starts new arrays.
    """

    def __init__(self) -> None:
        self._now = (
            _room(FIRST_ROOM),
            0,
        )  # one value, so that a reader never sees columns of one time and a count of another
        self._epochs: list[EpochRow] = []
        self.version = 0

    def __len__(self) -> int:
        return self._now[1]

    def extend(self, first_step: int, loss: Sequence[float], accuracy: Any, learning_rate: Sequence[float]) -> None:
        """Appends rows for `first_step` and those after it."""
        start, count = len(self), len(loss)
        columns = self._grown(start + count)
        columns.step[start : start + count] = np.arange(first_step, first_step + count)
        columns.loss[start : start + count] = loss
        columns.accuracy[start : start + count] = accuracy
        columns.learning_rate[start : start + count] = learning_rate
        self._now = (columns, start + count)
        self.version += 1

    def append_epoch(self, row: EpochRow) -> None:
        """Appends the row of an epoch."""
        self._epochs.append(row)
        self.version += 1

    def steps_table(self) -> Steps:
        """All rows so far, without copying them."""
        columns, count = self._now
        step, loss, accuracy, rate = columns
        return Steps(step[:count], loss[:count], accuracy[:count], rate[:count])

    @property
    def steps(self) -> NDArray[np.int64]:
        """The number of each step, from 1."""
        return self.steps_table().step

    @property
    def loss(self) -> Floats:
        """The loss of each step's batch, before the step, without penalties."""
        return self.steps_table().loss

    @property
    def accuracy(self) -> Floats:
        """The share of each batch that was right, before the step; nan without classes."""
        return self.steps_table().accuracy

    @property
    def learning_rate(self) -> Floats:
        """The learning rate of each step."""
        return self.steps_table().learning_rate

    @property
    def epochs(self) -> tuple[EpochRow, ...]:
        """The rows of the epochs so far."""
        return tuple(self._epochs)

    def truncate(self, step: int) -> None:
        """Forgets everything after `step`; rows that readers hold stay as they are."""
        table = self.steps_table()
        keep: int = (table.step <= step).sum().item()
        fresh = _room(max(FIRST_ROOM, keep))
        for new, old in zip(fresh, table, strict=True):
            new[:keep] = old[:keep]
        self._now = (fresh, keep)
        self._epochs = [row for row in self._epochs if row.step <= step]
        self.version += 1

    def copy(self, step: int | None = None) -> History:
        """Its own history with the same rows, up to `step` where that is given."""
        other = History()
        other._now, other._epochs = self._now, list(self._epochs)
        other.truncate(2**62 if step is None else step)
        return other

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as named arrays, for the checkpoint."""
        table = self.steps_table()
        rows = self.epochs
        epochs = {name: np.array([getattr(row, name) for row in rows], np.float64) for name in EPOCH_COLUMNS}
        return {**table._asdict(), **{f"epochs.{name}": column for name, column in epochs.items()}}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> History:
        """The history that gave these arrays. Raises KeyError and ValueError where they are not such."""
        history = cls()
        steps = arrays["step"]
        columns = Steps(*(np.array(arrays[name]) for name in Steps._fields))
        if any(column.shape != steps.shape for column in columns):
            raise ValueError("the columns of the history have different lengths")
        history._now = (columns, len(steps))
        rows = zip(*(arrays[f"epochs.{name}"].tolist() for name in EPOCH_COLUMNS), strict=True)
        history._epochs = [EpochRow(int(row[0]), int(row[1]), *row[2:]) for row in rows]
        return history

    def _grown(self, needed: int) -> Steps:
        columns, count = self._now
        if needed <= len(columns.step):
            return columns
        larger = _room(max(needed, 2 * len(columns.step)))
        for new, old in zip(larger, columns, strict=True):
            new[:count] = old[:count]
        return larger


def csv_line(row: EpochRow) -> str:
    """A row of metrics.csv; a missing number is left empty."""
    cells = ("" if isinstance(value, float) and math.isnan(value) else repr(value) for value in astuple(row))
    return ",".join(cells)


def _room(size: int) -> Steps:
    return Steps(
        np.zeros(size, np.int64),
        np.zeros(size, np.float32),
        np.zeros(size, np.float32),
        np.zeros(size, np.float64),
    )
