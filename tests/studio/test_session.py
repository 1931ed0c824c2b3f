"""The session: a project trained and watched through the methods that the window calls, nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphs.document import Document
from graphs.edits import Move, SetFields, SetSetting
from graphs.network import End, Network, Node, Wire
from studio.inspection.base import Options, Result, Table
from studio.project import Project
from studio.session import Session
from studio.status import Updates

LAYERS: list[tuple[str, str, dict[str, Any]]] = [
    ("input", "VectorInput", {"features": 4}),
    ("hidden", "Linear", {"out_features": 8}),
    ("dropout", "Dropout", {}),
    ("relu", "ReLU", {}),
    ("last", "Linear", {"out_features": 3}),
    ("output", "Output", {}),
]


def project(path: Path, **recipe: Any) -> Project:
    nodes = [Node(name, kind, fields=fields) for name, kind, fields in LAYERS]
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    options = {"learning_rate": 0.01, "batch_size": 16, "epochs": 200, **recipe}
    settings = {"data": {"source": "iris"}, "recipe": options}
    return Project(Document(Network.of(nodes, wires, settings)), path / "test.netloom")


class Driver:
    """Polls a session as the bridge does, and gathers what it says."""

    def __init__(self, session: Session) -> None:
        self.session, self.notices, self.outcomes = session, [], {}

    def until(self, condition: Callable[[Updates], bool]) -> Updates:
        end = time.monotonic() + 60
        while True:
            updates = self.session.poll()
            self.notices += updates.notices
            for key, outcome in updates.outcomes.items():
                self.outcomes.setdefault(key, []).append(outcome)
            if condition(updates):
                return updates
            assert time.monotonic() < end, updates
            time.sleep(0.003)

    def state(self, state: str) -> Updates:
        return self.until(lambda updates: updates.status.state == state)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    sessions = []

    def make(**recipe: Any) -> Driver:
        sessions.append(Session(project(tmp_path, **recipe)))
        return Driver(sessions[-1])

    yield make
    for session in sessions:
        assert session.close()


class WeightResult(Result):
    """The step and the sum of the first layer's weights."""

    def __init__(self, step: int, total: float) -> None:
        self.step, self.total = step, total

    def table(self) -> Table:
        return Table(("step", "total"), [(self.step, self.total)])


class WeightOptions(Options):
    factor: float = 1.0


def weigh(probe: Any, options: WeightOptions, progress: Any) -> WeightResult:
    progress(0.5)
    total = float(probe.module.hidden.weight.sum())
    return WeightResult(probe.snapshot.step if probe.snapshot else 0, options.factor * total)


def total_of(session: Session, step: int | None = None) -> float:
    snapshot = session.snapshot(step)
    assert snapshot is not None
    return float(snapshot.weights["hidden.weight"].sum())


def test_it_is_light() -> None:
    code = "import sys, studio.session; assert 'torch' not in sys.modules; assert 'PySide6' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_data_and_first_weights_are_ready_without_an_order(drive: Any) -> None:
    driver = drive()
    driver.until(lambda _: driver.session.data is not None)
    assert driver.session.data.classes == ("setosa", "versicolor", "virginica")
    assert driver.session.snapshot().step == 0
    assert driver.session.state == "idle"


def test_a_run_from_play_to_the_end(drive: Any) -> None:
    driver = drive(epochs=30)
    driver.session.play()
    assert driver.session.state == "preparing"
    driver.state("running")
    status = driver.state("ended").status
    assert (status.step, status.steps, status.epoch, status.epochs) == (240, 240, 30.0, 30)
    assert len(driver.session.history) == 240
    assert driver.session.history.epochs[-1].val_accuracy > 0.7
    assert driver.session.snapshot().step == 240
    folder = driver.session.project.runs / status.run
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.safetensors", "metrics.csv", "run.json"]
    assert driver.notices == []


def test_step_epoch_pause_stop_and_on(drive: Any) -> None:
    driver = drive()
    session = driver.session
    session.step()
    driver.until(lambda updates: updates.status.state == "paused" and updates.status.step == 1)
    session.epoch()
    driver.until(lambda updates: updates.status.state == "paused" and updates.status.step == 8)
    session.play()
    driver.until(lambda updates: updates.status.step > 20)
    session.pause()
    driver.state("paused")
    session.stop()
    first = driver.state("ended").status
    session.play()
    driver.until(lambda updates: updates.status.state == "running" and updates.status.step > first.step)
    assert driver.until(lambda _: True).status.run == first.run
    session.stop()
    driver.state("ended")
    assert session.history.steps.tolist() == list(range(1, len(session.history) + 1))


def test_reset_brings_the_first_weights_back(drive: Any) -> None:
    driver = drive(epochs=2)
    driver.until(lambda _: driver.session.snapshot() is not None)
    before = total_of(driver.session)
    driver.session.play()
    driver.state("ended")
    assert total_of(driver.session) != before
    driver.session.reset()
    driver.state("idle")
    assert total_of(driver.session) == before
    assert len(driver.session.history) == 0
    driver.session.play()
    assert driver.state("ended").status.step == 16


def test_what_is_watched_follows_the_weights(drive: Any) -> None:
    driver = drive(epochs=400)
    session = driver.session
    session.watch("live", weigh, WeightOptions(), live=True)
    session.watch("still", weigh, WeightOptions(factor=2.0), live=False)
    driver.until(lambda _: {"live", "still"} <= driver.outcomes.keys())
    assert driver.outcomes["live"][-1].result.total == pytest.approx(total_of(session))
    assert driver.outcomes["still"][-1].result.total == pytest.approx(2 * total_of(session))
    session.play()
    driver.until(lambda _: len({outcome.step for outcome in driver.outcomes["live"]}) > 4)
    session.pause()
    at = driver.state("paused").status.step
    driver.until(lambda _: driver.outcomes["live"][-1].step == at == driver.outcomes["still"][-1].step)
    assert driver.outcomes["live"][-1].result.total == pytest.approx(total_of(session))
    session.unwatch("live")
    session.step()
    driver.until(lambda _: driver.outcomes["still"][-1].step == at + 1)
    assert driver.outcomes["live"][-1].step == at
    session.request("once", weigh, WeightOptions())
    driver.until(lambda _: "once" in driver.outcomes)
    assert driver.outcomes["once"][-1].step == at + 1


def test_the_time_machine_shows_recorded_weights(drive: Any) -> None:
    driver = drive(epochs=5)
    session = driver.session
    session.watch("view", weigh, WeightOptions())
    session.play()
    driver.state("ended")
    driver.until(lambda _: "view" in driver.outcomes and driver.outcomes["view"][-1].step == 40)
    session.at_step(10)
    driver.until(lambda _: driver.outcomes["view"][-1].step == 10)
    assert driver.outcomes["view"][-1].result.total == pytest.approx(total_of(session, 10))
    session.at_step(None)
    driver.until(lambda _: driver.outcomes["view"][-1].step == 40)


def test_a_fork_repeats_the_run_it_came_from(drive: Any) -> None:
    driver = drive(epochs=6)
    session = driver.session
    session.play()
    first = driver.state("ended").status
    losses = session.history.loss.copy()
    assert session.fork(17)
    driver.until(lambda updates: updates.status.state == "paused" and updates.status.run != first.run)
    step = session.recorder.steps()[-1]
    assert len(session.history) == step <= 17
    session.play()
    driver.state("ended")
    np.testing.assert_array_equal(session.history.loss, losses)


def test_watching_everything_changes_no_number(drive: Any) -> None:
    driver = drive(epochs=40)
    driver.session.play()
    driver.state("ended")
    alone = driver.session.history.loss.tolist()
    driver.session.reset()
    from studio.inspection import activations

    driver.session.watch("live", weigh, WeightOptions())
    driver.session.watch("thumbnails", activations.analyse, activations.ActivationsOptions())
    driver.session.play()
    driver.state("ended")
    assert [outcome.error for outcome in driver.outcomes["thumbnails"] if outcome.error] == []
    assert driver.session.history.loss.tolist() == alone


def test_an_edit_after_the_end_shows_first_weights_and_undo_the_run_again(drive: Any) -> None:
    driver = drive(epochs=2)
    session, document = driver.session, driver.session.project.document
    session.play()
    driver.state("ended")
    trained = total_of(session)
    document.apply(Move({"relu": (5.0, 5.0)}))
    for _ in range(100):
        assert driver.until(lambda _: True).status.state == "ended"
    document.apply(SetFields("hidden", {"out_features": 9}))
    driver.state("idle")
    assert session.snapshot().weights["hidden.weight"].shape == (9, 4)
    document.undo()
    driver.state("ended")
    assert total_of(session) == trained


def test_an_edit_while_it_trains_waits(drive: Any) -> None:
    driver = drive()
    session = driver.session
    session.play()
    driver.state("running")
    session.project.document.apply(SetFields("hidden", {"out_features": 9}))
    driver.until(lambda updates: updates.status.step > 400)
    session.stop()
    driver.state("ended")
    assert session.snapshot().weights["hidden.weight"].shape == (8, 4)
    session.play()
    driver.until(lambda updates: updates.status.state == "running" and updates.status.step > 0)
    assert session.snapshot().weights["hidden.weight"].shape == (9, 4)


def test_what_cannot_run_is_told_in_a_sentence(drive: Any) -> None:
    driver = drive()
    session, document = driver.session, driver.session.project.document
    document.apply(SetFields("last", {"out_features": 4}))
    session.play()
    status = driver.until(lambda updates: bool(driver.notices) and updates.status.state == "idle").status
    assert "4 outputs for 3 classes" in status.message
    assert driver.notices[0][0] == "error" and "4 outputs for 3 classes" in driver.notices[0][1]
    assert session.fault.node == "last" and session.snapshot() is not None, "it can be looked at all the same"
    document.apply(SetSetting("recipe", {"optimiser": "magic"}))
    session.play()
    driver.until(lambda _: len(driver.notices) == 2)
    assert "magic" in driver.notices[-1][1]
    document.apply(SetSetting("recipe", {}))
    document.apply(SetSetting("data", {"source": "csv", "path": "nowhere.csv"}))
    driver.until(lambda _: "nowhere.csv" in session.problem)
    assert session.data is None
    session.play()
    driver.until(lambda _: len(driver.notices) == 3)
    assert "nowhere.csv" in driver.notices[-1][1]


def test_the_learning_rate_and_resuming_from_disk(drive: Any) -> None:
    driver = drive(epochs=3)
    session = driver.session
    session.step()
    driver.until(lambda updates: updates.status.state == "paused" and updates.status.step == 1)
    session.set_learning_rate(0.5)
    session.epoch()
    run = driver.until(lambda updates: updates.status.state == "paused" and updates.status.step == 8).status.run
    assert session.history.learning_rate.tolist() == [0.01] + [0.5] * 7
    session.stop()
    driver.state("ended")
    session.reset()
    session.resume(run)
    status = driver.until(lambda updates: updates.status.state == "paused").status
    assert (status.step, status.run, status.learning_rate) == (8, run, 0.5)
    session.play()
    driver.state("ended")
    assert session.history.learning_rate.tolist() == [0.01] + [0.5] * 23


def test_closing_in_the_middle_ends_everything(tmp_path: Path) -> None:
    session = Session(project(tmp_path))
    session.play()
    assert session.close()
    other = Session(project(tmp_path))
    driver = Driver(other)
    other.watch("live", weigh, WeightOptions())
    other.play()
    driver.state("running")
    assert other.close()
