"""Learning rates against torch's own schedulers."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler as torchs

from studio.recipe import Recipe
from studio.training.schedule import Rates, share

EPOCHS, PER_EPOCH = 12, 7
TOTAL = EPOCHS * PER_EPOCH
RATE = 0.1


def reference(make: Any, every: int = 1) -> list[float]:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimiser)
    rates = []
    for step in range(TOTAL):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if (step + 1) % every == 0:
            scheduler.step()
    return rates


def ours(**options: Any) -> list[float]:
    rates = Rates(Recipe(learning_rate=RATE, epochs=EPOCHS, **options), PER_EPOCH)
    return [rates.at(step) for step in range(TOTAL)]


def test_constant() -> None:
    assert ours() == [RATE] * TOTAL


def test_step() -> None:
    theirs = reference(lambda o: torchs.StepLR(o, 3, gamma=0.5), PER_EPOCH)
    assert ours(schedule="step", schedule_epochs=3, schedule_factor=0.5) == pytest.approx(theirs)


def test_exponential() -> None:
    theirs = reference(lambda o: torchs.ExponentialLR(o, gamma=0.8), PER_EPOCH)
    assert ours(schedule="exponential", schedule_factor=0.8) == pytest.approx(theirs)


def test_cosine() -> None:
    theirs = reference(lambda o: torchs.CosineAnnealingLR(o, TOTAL, eta_min=0.1 * RATE))
    assert ours(schedule="cosine", schedule_floor=0.1) == pytest.approx(theirs)


def test_linear() -> None:
    theirs = reference(lambda o: torchs.LinearLR(o, 1.0, 0.2, TOTAL))
    assert ours(schedule="linear", schedule_floor=0.2) == pytest.approx(theirs)


def test_one_cycle() -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = torchs.OneCycleLR(optimiser, RATE, total_steps=TOTAL)
    theirs = []
    for step in range(TOTAL):
        theirs.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if step < TOTAL - 1:
            scheduler.step()
    assert ours(schedule="one-cycle") == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_plateau(floor: float) -> None:
    losses = [1.0, 0.9, 0.9, 0.9, 0.89999, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9]
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = torchs.ReduceLROnPlateau(optimiser, factor=0.1, patience=2, min_lr=floor * RATE)
    recipe = Recipe(learning_rate=RATE, schedule="plateau", schedule_epochs=2, schedule_floor=floor)
    rates = Rates(recipe, PER_EPOCH)
    for loss in losses:
        scheduler.step(loss)
        before = rates.at(0)
        assert rates.epoch_ended(loss) == (rates.at(0) < before)
        assert rates.at(0) == pytest.approx(optimiser.param_groups[0]["lr"])


def test_warm_up_rises_to_the_schedule() -> None:
    recipe = Recipe(learning_rate=RATE, epochs=EPOCHS, warm_up=9, schedule="cosine")
    plain = recipe.model_copy(update={"warm_up": 0})
    shares = [share(recipe, step, PER_EPOCH) for step in range(TOTAL)]
    assert shares[0] == pytest.approx(0.1 * share(plain, 0, PER_EPOCH))
    assert shares[:8] == sorted(shares[:8])
    assert shares[9:] == [share(plain, step, PER_EPOCH) for step in range(9, TOTAL)]


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "linear", "one-cycle", "plateau"])
def test_a_rate_set_in_mid_run_is_met_exactly_and_survives_saving(schedule: str) -> None:
    recipe = Recipe(learning_rate=RATE, epochs=EPOCHS, schedule=schedule)
    rates = Rates(recipe, PER_EPOCH)
    rates.set(0.033, 20)
    assert rates.at(20) == pytest.approx(0.033, rel=1e-12)
    other = Rates(recipe, PER_EPOCH)
    other.restore(rates.state())
    assert [other.at(step) for step in range(TOTAL)] == [rates.at(step) for step in range(TOTAL)]


@pytest.mark.parametrize("total", range(1, 40))
def test_no_length_of_run_breaks_one_cycle(total: int) -> None:
    recipe = Recipe(epochs=total, schedule="one-cycle")
    shares = [share(recipe, step, 1) for step in range(total + 3)]
    assert all(math.isfinite(value) and 0 < value <= 1 for value in shares)


def test_the_series_is_the_rates_in_a_row() -> None:
    for schedule in ("constant", "cosine"):
        rates = Rates(Recipe(epochs=EPOCHS, schedule=schedule), PER_EPOCH)
        series = rates.series(5)
        assert [next(series) for _ in range(10)] == [rates.at(step) for step in range(5, 15)]
