from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from studio.training.history import EPOCH_COLUMNS, EpochRow, History, csv_line


def row(epoch: int, step: int) -> EpochRow:
    return EpochRow(epoch, step, 0.5, 0.75, 0.25, math.nan, 0.1, 1.5)


def filled(steps: int = 3000) -> History:
    history = History()
    for start in range(0, steps, 100):
        count = min(100, steps - start)
        history.extend(start + 1, [start + i + 0.5 for i in range(count)], np.full(count, 0.5), [0.1] * count)
    for epoch in range(1, 4):
        history.append_epoch(row(epoch, epoch * 1000))
    return history


def test_rows_stay_in_order_while_it_grows() -> None:
    history = filled()
    assert len(history) == 3000
    assert history.steps.tolist() == list(range(1, 3001))
    assert history.loss.tolist() == [i + 0.5 for i in range(3000)]
    assert [r.step for r in history.epochs] == [1000, 2000, 3000]


def test_what_a_reader_holds_never_changes() -> None:
    history = filled(10)
    held = history.loss
    before = held.copy()
    history.truncate(4)
    history.extend(5, [99.0] * 2000, np.zeros(2000), [0.1] * 2000)
    assert np.array_equal(held, before)
    assert len(history) == 2004


def test_truncating_and_copying() -> None:
    history = filled()
    copy, part = history.copy(), history.copy(1500)
    history.truncate(1000)
    assert (len(history), len(history.epochs)) == (1000, 1)
    assert (len(copy), len(copy.epochs)) == (3000, 3)
    assert (len(part), len(part.epochs)) == (1500, 1)
    part.extend(1501, [0.0], np.zeros(1), [0.1])
    assert len(copy) == 3000


def test_arrays_bring_it_back() -> None:
    history = filled()
    other = History.from_arrays(history.arrays())
    for name, array in history.arrays().items():
        np.testing.assert_array_equal(other.arrays()[name], array)
    assert [r.epoch for r in other.epochs] == [1, 2, 3]
    with pytest.raises(ValueError, match="different lengths"):
        History.from_arrays({**history.arrays(), "loss": np.zeros(2)})


def test_a_reader_in_another_thread_sees_whole_rows() -> None:
    history, bad = History(), []

    def read() -> None:
        while len(history) < 50_000:
            table = history.steps_table()
            if len({len(column) for column in table}) != 1 or not np.array_equal(table.step, table.loss):
                bad.append(len(table.step))

    thread = threading.Thread(target=read)
    thread.start()
    for start in range(0, 50_000, 500):
        history.extend(start + 1, list(map(float, range(start + 1, start + 501))), np.zeros(500), [0.1] * 500)
    thread.join()
    assert not bad


def test_missing_numbers_are_empty_in_csv() -> None:
    assert csv_line(row(1, 10)) == "1,10,0.5,0.75,0.25,,0.1,1.5"
    assert len(EPOCH_COLUMNS) == 8
