"""Where and how wide a run computes."""

from __future__ import annotations

import os

import torch

from studio.recipe import Recipe

WORK_PER_THREAD = 50_000_000
"""Multiply-adds of one forward pass that make another thread worth its waking. Measured on two cores: LeNet on
batches of 64 (27 million) makes 190 steps a second with one thread and 178 with two."""


def device_of(recipe: Recipe) -> torch.device:
    """The device that the recipe means here."""
    if recipe.device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda")


def threads_for(work: int, spare: int = 0) -> int:
    """How many threads train a network whose forward pass on a batch takes `work` multiply-adds.

    A function of the work and the machine alone, so that a run can be repeated bit by bit. `spare` processors
    are left to others: two threads that share a processor with a window wait for each other at every layer
    and were measured at a tenth of the speed of one.
    """
    return max(1, min(processors() - spare, 1 + work // WORK_PER_THREAD))


def processors() -> int:
    """The processors that this process may use; OMP_NUM_THREADS can say fewer."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
