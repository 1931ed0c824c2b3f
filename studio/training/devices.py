"""Where and how wide a run computes."""

from __future__ import annotations

import os

import torch

from studio.recipe import Recipe

WORK_PER_THREAD = 10_000_000
"""Multiply-adds of one forward pass that make another thread worth its waking (measured on two cores)."""


def device_of(recipe: Recipe) -> torch.device:
    """The device that the recipe means here."""
    if recipe.device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda")


def threads_for(work: int, cores: int | None = None) -> int:
    """How many threads train a network whose forward pass on a batch takes `work` multiply-adds.

    A function of the work and the machine alone, so that a run can be repeated bit by bit.
    """
    return min(cores or os.cpu_count() or 1, 1 + work // WORK_PER_THREAD)
