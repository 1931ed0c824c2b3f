"""What a trainer tells: small frozen values, each with the id of its run; light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["done", "stopped", "failed"]
State = Literal["paused", "running"]


@dataclass(frozen=True)
class Event:
    """Something that happened in the run `run`."""

    run: str


@dataclass(frozen=True)
class Started(Event):
    """The trainer is ready: on `device` with `threads` threads, from `step` of `steps`."""

    device: str
    threads: int
    step: int
    steps: int
    epochs: int


@dataclass(frozen=True)
class Progress(Event):
    """How far the run is: `epoch` counts fractions, `step` ends at `steps`; times are None until measured."""

    state: State
    step: int
    steps: int
    epoch: float
    epochs: int
    loss: float
    learning_rate: float
    samples_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class EpochEnd(Event):
    """An epoch is complete. Accuracies are shares of 1; nan where there are no classes or no validation
    samples."""

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Notice(Event):
    """A sentence for a person that needs no answer."""

    message: str


@dataclass(frozen=True)
class Ended(Event):
    """The run is over. `message` is one sentence; `node` the id of the node at fault, "" for none."""

    reason: Reason
    message: str = ""
    node: str = ""
    step: int = 0
