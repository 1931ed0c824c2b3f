"""Orders to a trainer, and how runs end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from tests_training import MLP, Runs, made_data

from studio.data.prepare import Part
from studio.recipe import Recipe
from studio.training.events import Ended, Notice, Started
from studio.training.recorder import Recorder
from studio.training.trainer import Trainer

Wait = Callable[[Callable[[], bool]], None]
LONG = Recipe(batch_size=16, epochs=100_000)


def resting(trainer: Trainer, steps: int) -> Callable[[], bool]:
    return lambda: trainer.phase == "paused" and len(trainer.history) == steps


def test_it_waits_for_orders(runs: Runs, wait: Wait) -> None:
    trainer = runs.trainer(recipe=LONG)
    trainer.start()
    wait(resting(trainer, 0))
    trainer.step()
    wait(resting(trainer, 1))
    trainer.step(4)
    wait(resting(trainer, 5))
    trainer.epoch()
    wait(resting(trainer, 6))
    trainer.epoch()
    wait(resting(trainer, 12))
    assert [row.epoch for row in trainer.history.epochs] == [1, 2]


def test_pause_rests_play_goes_on_stop_ends(runs: Runs, wait: Wait) -> None:
    trainer = runs.trainer(recipe=LONG)
    trainer.start()
    trainer.play()
    wait(lambda: len(trainer.history) > 30)
    trainer.pause()
    wait(lambda: trainer.phase == "paused")
    count = len(trainer.history)
    assert trainer.stream.drain().progress.state == "paused"
    trainer.play()
    wait(lambda: len(trainer.history) > count)
    trainer.stop()
    assert trainer.join(20)
    assert trainer.ended == Ended("run", "stopped", "", "", len(trainer.history))
    assert trainer.final.step == len(trainer.history)


def test_orders_before_the_start_and_after_the_end_are_harmless(runs: Runs) -> None:
    trainer = runs.trainer()
    trainer.play()
    trainer.start()
    assert trainer.join(30)
    assert trainer.ended.reason == "done"
    for order in (trainer.play, trainer.pause, trainer.step, trainer.epoch, trainer.stop, trainer.request_snapshot):
        order()
    trainer.set_learning_rate(0.1)
    with pytest.raises(ValueError, match="between 0 and"):
        trainer.set_learning_rate(float("nan"))


def test_pauses_and_snapshots_leave_the_curve_alone(runs: Runs, wait: Wait) -> None:
    recipe = Recipe(batch_size=16, epochs=40)
    plain = runs.finished(recipe=recipe)
    stirred = runs.trainer(recipe=recipe, recorder=Recorder())
    stirred.start()
    for count in (1, 3, 10):
        stirred.step(count)
        stirred.request_snapshot()
    stirred.epoch()
    wait(resting(stirred, 18))
    stirred.play()
    while not stirred.join(0.001):
        stirred.request_snapshot()
    assert stirred.history.loss.tolist() == plain.history.loss.tolist()


def test_a_snapshot_is_what_the_steps_led_to(runs: Runs, wait: Wait) -> None:
    trainer = runs.trainer(recipe=LONG)
    trainer.start()
    trainer.step(3)
    wait(resting(trainer, 3))
    trainer.request_snapshot()
    found: list[Any] = []
    wait(lambda: bool(found) or found.extend((trainer.stream.drain().latest or {}).values()) or bool(found))
    snapshot = found[0]
    assert (snapshot.step, snapshot.epoch) == (3, 0.5)
    state = trainer.built.module.state_dict()
    assert all(torch.equal(snapshot.weights[name], tensor) for name, tensor in state.items())
    assert {name: g.shape for name, g in snapshot.gradients.items()} == {
        name: p.shape for name, p in trainer.built.module.named_parameters()
    }
    trainer.step()
    wait(resting(trainer, 4))
    assert not all(torch.equal(snapshot.weights[name], tensor) for name, tensor in state.items())


def test_the_learning_rate_changes_in_mid_run(runs: Runs, wait: Wait) -> None:
    trainer = runs.trainer(recipe=Recipe(batch_size=16, epochs=3, learning_rate=0.001))
    trainer.start()
    trainer.step(5)
    wait(resting(trainer, 5))
    trainer.set_learning_rate(0.02)
    trainer.play()
    assert trainer.join(20)
    assert trainer.history.learning_rate.tolist() == [0.001] * 5 + [0.02] * 13


def test_early_stopping_says_when_it_was_best(runs: Runs) -> None:
    recipe = Recipe(optimiser="sgd", learning_rate=5.0, batch_size=16, epochs=500, patience=3)
    trainer = runs.finished(recipe=recipe)
    rows = trainer.history.epochs
    best = min(rows, key=lambda row: row.val_loss)
    assert trainer.ended.reason == "done"
    assert len(rows) == best.epoch + 3 < 500
    assert f"after epoch {best.epoch}" in trainer.ended.message


def test_regression_learns_and_has_no_accuracy(runs: Runs) -> None:
    data = made_data()

    def numbers(part: Part) -> Part:
        return Part(part.inputs, part.inputs[:, :2] * 2 + 1, part.rows)

    data = replace(data, train=numbers(data.train), validation=numbers(data.validation), classes=(), task="regression")
    layers = [*MLP[:3], ("last", "Linear", {"out_features": 2}), MLP[-1]]
    trainer = runs.finished(layers, Recipe(loss="mse", learning_rate=0.02, batch_size=16, epochs=30), data)
    assert trainer.ended.reason == "done"
    assert trainer.history.epochs[-1].val_loss < 0.1 * trainer.history.epochs[0].val_loss
    assert np.isnan(trainer.history.accuracy).all()
    assert np.isnan(trainer.history.epochs[-1].val_accuracy)


def test_it_says_what_it_starts_with(runs: Runs) -> None:
    trainer = runs.finished()
    started = trainer.stream.drain().events[0]
    assert started == Started("run", "cpu", 1, 0, 18, 3)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (Recipe(batch_size=16, device="cuda"), "no CUDA device"),
        (Recipe(batch_size=16, precision="float16"), "float16"),
    ],
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="speaks of a computer without CUDA")
def test_what_cannot_run_ends_with_one_sentence(runs: Runs, recipe: Recipe, words: str) -> None:
    trainer = runs.finished(recipe=recipe)
    assert trainer.ended.reason == "failed"
    assert words in trainer.ended.message
    assert "\n" not in trainer.ended.message


def test_a_network_without_weights_says_so(runs: Runs) -> None:
    layers = [("input", "VectorInput", {"features": 3}), ("relu", "ReLU", {}), ("output", "Output", {})]
    trainer = runs.finished(layers, data=made_data(features=3))
    assert "no weights" in trainer.ended.message


def test_too_few_outputs_say_so(runs: Runs) -> None:
    layers = [*MLP[:3], ("last", "Linear", {"out_features": 2}), MLP[-1]]
    assert "2 outputs for 3 classes" in runs.finished(layers).ended.message


class Bursting(torch.nn.Module):
    """Fails in the third pass of training."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.linear, self.error, self.passes = torch.nn.Linear(8, 3), error, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        if self.passes > 3:
            raise self.error
        return self.linear(x)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8 GiB"), "Memory ran out"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"), "such as 8 "),
        (MemoryError(), "Memory ran out"),
        (RuntimeError("something odd\nwith a second line"), "Training failed: something odd."),
        (KeyError(), "Training failed: KeyError."),
    ],
)
def test_any_mishap_ends_the_run_and_nothing_else(
    runs: Runs, caplog: pytest.LogCaptureFixture, error: Exception, words: str
) -> None:
    built = replace(runs.built(), module=Bursting(error))
    trainer = runs.finished(recipe=Recipe(batch_size=16), built=built)
    assert trainer.ended.reason == "failed"
    assert words in trainer.ended.message
    assert "\n" not in trainer.ended.message
    assert caplog.records[0].exc_info is not None
    assert runs.finished().ended.reason == "done"


def test_weights_without_a_way_to_the_output_are_told(runs: Runs) -> None:
    class Loose(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.loose = torch.nn.Linear(8, 3), torch.nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.used(x)

    trainer = runs.finished(built=replace(runs.built(), module=Loose()))
    notices = [event.message for event in trainer.stream.drain().events if isinstance(event, Notice)]
    assert trainer.ended.reason == "done"
    assert any("loose" in message for message in notices)
