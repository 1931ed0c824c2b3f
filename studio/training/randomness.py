"""Randomness that a run can repeat from any step: every use has its own seed, made from the run's seed and
a place.

Training owns torch's global generator only while one forward pass runs: it seeds it for that step and holds
`exclusive` meanwhile. Code beside it that must draw from the global generator (a build that initialises
weights) takes `exclusive`. Nothing has to be saved for a resumed run, and what happens between two steps
cannot change the second.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

ORDER, STEP = 1, 2
"""What a seed is for: the order of an epoch's samples, the dropout of a step."""

exclusive = threading.RLock()
_MASK = 2**64 - 1


def mix(seed: int, purpose: int, number: int) -> int:
    """A seed for one use: 63 bits, unrelated for neighbouring arguments (splitmix64, Steele 2014)."""
    value = (seed * 0x9E3779B97F4A7C15 + purpose * 0xD1B54A32D192ED03 + number + 1) & _MASK
    for _ in range(2):
        value = (value + 0x9E3779B97F4A7C15) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value >> 1


def order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which `count` samples are seen in an epoch: int64 [count], the same for the same
    arguments."""
    import torch

    generator = torch.Generator().manual_seed(mix(seed, ORDER, epoch))
    return torch.randperm(count, generator=generator)


def seed_step(seed: int, step: int, device: str) -> None:
    """Seeds the global generators that a forward pass on `device` draws from; `exclusive` is to be held."""
    import torch

    value = mix(seed, STEP, step)
    torch.default_generator.manual_seed(value)
    if device == "cuda":
        torch.cuda.manual_seed(value)
