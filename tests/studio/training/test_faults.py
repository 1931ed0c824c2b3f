"""Numbers that stop being finite: the run stops before its weights are ruined and names the node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from tests_training import MLP, NORMED, Runs, made_data
from torch import Tensor, nn

from studio.data.prepare import Part
from studio.recipe import Recipe
from studio.training.recorder import Recorder

RECIPE = Recipe(optimiser="sgd", learning_rate=0.05, batch_size=16, epochs=10)


class Breaks(nn.Module):
    """Gives infinities, forward or backward, once its own weight has moved so far: the same after every replay."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where, self.moved = where, nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        out = x + (self.moved - self.moved.detach()) * x.detach().abs().mean()
        if float(self.moved.detach().abs()) < 0.001:
            return out
        if self.where == "forward":
            return out / 0
        return out + (x - x.detach()).abs().sqrt()  # a square root has no finite slope at 0


@pytest.mark.parametrize("layers", [MLP, NORMED])
@pytest.mark.parametrize("where", ["forward", "backward"])
def test_the_first_node_is_named_and_the_weights_are_those_before(runs: Runs, where: str, layers: Any) -> None:
    built = runs.built(layers)
    built.module.relu = Breaks(where)
    recorder = Recorder()
    trainer = runs.finished(recipe=RECIPE, built=built, recorder=recorder)
    ended = trainer.ended
    assert ended.reason == "failed"
    assert ended.node == "relu"
    assert "“relu”" in ended.message
    assert all(torch.isfinite(tensor).all() for tensor in trainer.final.weights.values() if tensor.is_floating_point())
    assert trainer.final.step == ended.step == len(trainer.history) > 0
    assert f"step {ended.step + 1} " in ended.message
    assert recorder.steps()[-1] <= ended.step

    again = runs.built(layers)
    again.module.relu = Breaks(where)
    short = runs.trainer(recipe=RECIPE, built=again)
    short.start()
    short.step(ended.step)
    while len(short.history) < ended.step:
        short.join(0.005)
    short.stop()
    assert short.join(20)
    for name, tensor in short.final.weights.items():
        assert torch.equal(trainer.final.weights[name], tensor), name


def test_samples_that_are_not_finite_are_named(runs: Runs) -> None:
    data = made_data()
    inputs = data.train.inputs.clone()
    inputs[40, 3] = float("nan")
    data = replace(data, train=Part(inputs, data.train.targets, data.train.rows))
    trainer = runs.finished(NORMED, RECIPE, data)
    assert trainer.ended.reason == "failed"
    assert "check the data" in trainer.ended.message
    assert all(torch.isfinite(t).all() for t in trainer.final.weights.values() if t.is_floating_point())


def test_a_learning_rate_that_explodes_is_caught(runs: Runs) -> None:
    recipe = Recipe(loss="mse", optimiser="sgd", learning_rate=10.0, batch_size=16, epochs=200)
    trainer = runs.finished(recipe=recipe)
    assert trainer.ended.reason == "failed"
    assert trainer.ended.node in ("hidden", "last", "relu", "")
    assert "smaller learning rate" in trainer.ended.message
    assert all(torch.isfinite(t).all() for t in trainer.final.weights.values())


def test_a_step_that_ruins_weights_while_the_loss_is_fine_is_undone(runs: Runs, wait: Any) -> None:
    """The last step of a run overflows: no later loss would tell."""
    data = made_data()
    data = replace(data, train=Part(1e4 * data.train.inputs, data.train.targets, data.train.rows))
    recipe = Recipe(optimiser="sgd", learning_rate=1e-8, batch_size=16, epochs=1)
    trainer = runs.trainer(recipe=recipe, data=data)
    trainer.start()
    trainer.step(5)
    wait(lambda: len(trainer.history) == 5 and trainer.phase == "paused")
    trainer._order(lambda course: course.set_rate(3e38))
    trainer.play()
    assert trainer.join(20)
    assert trainer.ended.reason == "failed"
    assert trainer.ended.step == 5
    assert "so large" in trainer.ended.message
    assert trainer.ended.node in ("hidden", "last")
    assert all(torch.isfinite(t).all() for t in trainer.final.weights.values())
