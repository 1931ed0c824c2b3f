"""Same seed, same curve, whatever else happens in the program."""

from __future__ import annotations

import threading
import time

import torch
from tests_training import DROPOUT, Runs, chain

from graphs.building.build import build
from graphs.layers.catalogue import standard
from studio.recipe import Recipe
from studio.training.randomness import exclusive

RECIPE = Recipe(batch_size=16, epochs=25)


def test_another_thread_that_builds_and_draws_changes_nothing(runs: Runs) -> None:
    quiet = runs.finished(DROPOUT, RECIPE)
    done = threading.Event()

    def disturb() -> None:
        while not done.is_set():
            build(chain(DROPOUT), standard(), seed=5)
            with exclusive:
                torch.rand(10)
            time.sleep(0.0005)

    thread = threading.Thread(target=disturb)
    thread.start()
    loud = runs.trainer(DROPOUT, RECIPE)
    loud.start()
    while not loud.join(0.002) and loud.ended is None:
        loud.step(7)
    done.set()
    thread.join()
    assert loud.history.loss.tolist() == quiet.history.loss.tolist()


def test_dropout_differs_from_step_to_step_and_seed_to_seed(runs: Runs) -> None:
    curves = [runs.finished(DROPOUT, RECIPE.model_copy(update={"seed": seed})).history.loss.tolist() for seed in (0, 1)]
    assert curves[0] != curves[1]
    assert len(set(curves[0])) > 100
