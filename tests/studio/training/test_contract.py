"""What holds for every optimiser with every schedule: it learns, and a run repeats and resumes bit by bit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio.recipe import Optimiser, Recipe, ScheduleKind
from studio.training.recorder import Recorder
from studio.training.stream import Stream

RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.05, "adadelta": 2.0}
CASES = [(optimiser, schedule) for optimiser in get_args(Optimiser) for schedule in get_args(ScheduleKind)]


def recipe(optimiser: str, schedule: str, **more: Any) -> Recipe:
    rate = RATES.get(optimiser, 0.01)
    factor = {"exponential": 0.9}.get(schedule, 0.3)
    options = {"batch_size": 16, "epochs": 6, "schedule_epochs": 2, "schedule_factor": factor, "weight_decay": 0.001}
    return Recipe(optimiser=optimiser, schedule=schedule, learning_rate=rate, **{**options, **more})


@pytest.mark.parametrize(("optimiser", "schedule"), CASES)
def test_it_learns_and_resumes_bit_by_bit(runs: Any, optimiser: str, schedule: str) -> None:
    chosen = recipe(optimiser, schedule)
    recorder = Recorder()
    whole = runs.finished(recipe=chosen, recorder=recorder)
    assert whole.ended.reason == "done", whole.ended
    assert whole.history.loss[-5:].mean() < 0.9 * whole.history.loss[:3].mean()

    state = recorder.nearest(len(whole.history) // 2 + 1)
    history = whole.history.copy(state.step)
    part = runs.finished(recipe=chosen, state=state, history=history)
    for name, column in whole.history.arrays().items():
        if name != "epochs.seconds":
            np.testing.assert_array_equal(part.history.arrays()[name], column, err_msg=name)
    for name, tensor in whole.final.weights.items():
        assert torch.equal(part.final.weights[name], tensor), name


@pytest.mark.parametrize("loss", ["cross-entropy", "mse", "l1", "huber", "binary cross-entropy"])
def test_every_loss_of_classes_learns(runs: Any, loss: str) -> None:
    run = runs.finished(recipe=Recipe(loss=loss, learning_rate=0.01, batch_size=16, epochs=12))
    assert run.ended.reason == "done"
    assert run.history.epochs[-1].val_accuracy > 0.9
    assert run.history.epochs[-1].val_loss < run.history.epochs[0].val_loss


def test_nll_takes_log_probabilities(runs: Any) -> None:
    from tests_training import MLP

    layers = [*MLP[:-1], ("logs", "LogSoftmax", {}), MLP[-1]]
    nll = runs.finished(layers, Recipe(loss="nll", learning_rate=0.01, batch_size=16, epochs=4))
    entropy = runs.finished(recipe=Recipe(learning_rate=0.01, batch_size=16, epochs=4))
    np.testing.assert_allclose(nll.history.loss, entropy.history.loss, rtol=1e-4)


def test_losses_are_those_of_a_plain_loop(runs: Any) -> None:
    """The whole trainer against the loop everybody would write, on the same batches."""
    from tests_training import made_data

    from studio.training.batches import batch_sizes
    from studio.training.randomness import order

    chosen = Recipe(optimiser="adam", learning_rate=0.01, batch_size=16, epochs=3)
    run = runs.finished(recipe=chosen)
    data, module = made_data(), runs.built().module
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01, fused=True)
    losses = []
    for epoch in range(3):
        for rows in order(0, epoch, len(data.train)).split(list(batch_sizes(len(data.train), 16))):
            loss = torch.nn.functional.cross_entropy(module(data.train.inputs[rows]), data.train.targets[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert run.history.loss.tolist() == losses


@pytest.mark.parametrize("layers", ["DROPOUT", "NORMED"])
def test_layers_with_randomness_or_statistics_resume_too(runs: Any, layers: str) -> None:
    import tests_training

    chosen = Recipe(learning_rate=0.01, batch_size=16, epochs=4)
    recorder = Recorder()
    whole = runs.finished(getattr(tests_training, layers), chosen, recorder=recorder)
    state = recorder.nearest(12)
    torch.manual_seed(12345)
    part = runs.finished(getattr(tests_training, layers), chosen, state=state, history=whole.history.copy(state.step))
    assert part.history.loss.tolist() == whole.history.loss.tolist()
    assert all(torch.equal(part.final.weights[name], tensor) for name, tensor in whole.final.weights.items())


def test_the_seed_decides(runs: Any) -> None:
    curves = [
        runs.finished(recipe=Recipe(batch_size=16, epochs=2, seed=seed)).history.loss.tolist() for seed in (1, 1, 2)
    ]
    assert curves[0] == curves[1] != curves[2]


def test_bfloat16_learns(runs: Any) -> None:
    run = runs.finished(recipe=Recipe(precision="bfloat16", learning_rate=0.01, batch_size=16, epochs=12))
    assert run.ended.reason == "done"
    assert run.history.epochs[-1].val_accuracy > 0.9
    assert all(tensor.dtype == torch.float32 for tensor in run.final.weights.values())


def test_rows_of_epochs_say_what_steps_said(runs: Any) -> None:
    stream = Stream()
    run = runs.finished(stream=stream)
    ends = [event for event in stream.drain().events if type(event).__name__ == "EpochEnd"]
    assert [{**asdict(row)} for row in run.history.epochs] == [
        {key: value for key, value in asdict(event).items() if key != "run"} for event in ends
    ]
    sizes = np.array([16] * 5 + [17])
    first = run.history.epochs[0]
    assert first.step == 6
    assert first.train_loss == pytest.approx(float((run.history.loss[:6] * sizes).sum() / 97), rel=1e-6)
    assert first.train_accuracy == pytest.approx(float((run.history.accuracy[:6] * sizes).sum() / 97), rel=1e-6)


def test_shared_weights_are_trained_once_and_resume(runs: Any) -> None:
    from tests_training import chain

    from graphs.building.build import build
    from graphs.layers.catalogue import standard

    names = ("first", "second")
    linear = [(name, "Linear", {"out_features": 8}) for name in names]
    layers = [("input", "VectorInput", {"features": 8}), *linear, ("last", "Linear", {"out_features": 3})]
    network = chain([*layers, ("output", "Output", {})], ties={"second": "first"})
    chosen, recorder = Recipe(optimiser="adam", learning_rate=0.01, batch_size=16, epochs=3), Recorder()
    whole = runs.finished(built=build(network, standard(), seed=0), recipe=chosen, recorder=recorder)
    weights, memory = whole.final.weights, recorder.nearest(12).memory
    assert torch.equal(weights["first.weight"], weights["second.weight"])
    assert all("second.weight" not in slots for slots in (memory, *memory.values()))

    state = recorder.nearest(12)
    part = runs.finished(
        built=build(network, standard(), seed=1), recipe=chosen, state=state, history=whole.history.copy(state.step)
    )
    assert part.history.loss.tolist() == whole.history.loss.tolist()
    assert all(torch.equal(part.final.weights[name], tensor) for name, tensor in weights.items())
