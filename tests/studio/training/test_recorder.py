from __future__ import annotations

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as some
from tests_training import Runs

from studio.training.recorder import Recorder
from studio.training.state import State


def state(step: int, size: int = 10) -> State:
    return State(step, {"w": torch.full((size,), float(step))}, {}, step)


def filled(steps: int, **options: int) -> Recorder:
    recorder = Recorder("run", 10, **options)
    for step in range(steps + 1):
        if step >= recorder.next:
            recorder.record(state(step))
    return recorder


def test_steps_lie_ever_further_apart() -> None:
    steps = filled(5000).steps()
    assert steps[:9] == tuple(range(9))
    gaps = [b - a for a, b in itertools.pairwise(steps)]
    assert gaps == sorted(gaps)
    assert 60 < len(steps) < 100


@given(some.integers(0, 3000), some.integers(2, 40), some.integers(1, 60))
def test_memory_is_bounded_and_first_and_last_stay(steps: int, most: int, room: int) -> None:
    recorder = filled(steps, most_states=most, most_bytes=room * 40)
    kept = recorder.steps()
    assert len(kept) <= max(2, min(most, room))
    assert kept[0] == 0
    assert list(kept) == sorted(set(kept))
    assert recorder.next > steps


def test_the_step_asked_for_or_the_one_before_is_given() -> None:
    recorder = filled(100)
    recorded = recorder.steps()
    for step in (0, 7, 50, 99, 10_000):
        snapshot = recorder.at(step)
        assert snapshot is not None
        assert snapshot.step == max(number for number in recorded if number <= step)
        assert float(snapshot.weights["w"][0]) == snapshot.step
        assert snapshot.epoch == snapshot.step / 10
    assert Recorder().at(3) is None


def test_forgetting_and_copying() -> None:
    recorder = filled(100)
    copy = recorder.copy(20)
    assert copy.steps() == tuple(step for step in recorder.steps() if step <= 20)
    recorder.forget_after(50)
    assert recorder.steps()[-1] <= 50
    assert recorder.next == 51


def test_a_run_from_a_recorded_step_is_the_same_run(runs: Runs) -> None:
    recorder = Recorder()
    whole = runs.finished(recorder=recorder)
    start = recorder.nearest(7)
    fork = runs.finished(state=start, history=whole.history.copy(start.step), recorder=recorder.copy(start.step))
    assert fork.history.loss.tolist() == whole.history.loss.tolist()
    assert fork.recorder.steps() == recorder.steps()
