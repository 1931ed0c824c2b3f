"""From a built network, data and a recipe to a loop that can run, or to the sentence that says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from studio.data.prepare import Part, Prepared
from studio.recipe import Recipe, problems
from studio.training.batches import Batches
from studio.training.devices import device_of, threads_for
from studio.training.evaluate import Evaluation
from studio.training.goals import Goal, goal
from studio.training.loop import Loop
from studio.training.rehearsal import Rehearsed, rehearse


class CannotTrain(ValueError):
    """Why this run cannot start: one sentence for a person."""


class Trainable(Protocol):
    """The part of `graphs.building.build.Built` that training needs."""

    @property
    def module(self) -> nn.Module: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def network(self) -> Any: ...


@dataclass
class Setup:
    """Everything a trainer runs with."""

    loop: Loop
    evaluation: Evaluation
    device: torch.device
    threads: int
    rehearsed: Rehearsed


def set_up(built: Trainable, data: Prepared, recipe: Recipe, threads: int | None = None, spare: int = 0) -> Setup:
    """Moves the network to its device and readies the data. Sets the calling thread's number of torch
    threads.

    `threads` repeats an earlier run; None chooses by the work, leaving `spare` processors to others. Raises
    CannotTrain.
    """
    if len(built.inputs) != 1:
        raise CannotTrain(f"Training needs exactly one input, and this network has {len(built.inputs)}.")
    device = device_of(recipe)
    _refuse(problems(recipe, [_no_shape(data)], data, cuda=torch.cuda.is_available()))
    module = built.module.to(device)
    rehearsed = _rehearsed(module, data.train.inputs[:2].to(device))
    _refuse(problems(recipe, [rehearsed.output], data))
    if not rehearsed.trained:
        raise CannotTrain("This network has no weights that could learn: add a layer such as Linear.")
    count = threads or threads_for(rehearsed.work * recipe.batch_size, spare)
    torch.set_num_threads(count)
    aim = goal(recipe, data.task, len(data.classes), rehearsed.output)
    batches = _batches(data.train, aim, recipe, device)
    loop = Loop(module, rehearsed.trained, batches, aim, recipe, random=rehearsed.random, layers=built.names)
    module.train()
    return Setup(loop, _evaluation(data.validation, aim, device), device, count, rehearsed)


def _refuse(found: Sequence[str]) -> None:
    if found:
        raise CannotTrain(found[0])


def _no_shape(data: Prepared) -> tuple[int, ...]:
    """An output that fits, for the checks that must come before the first pass."""
    return (len(data.classes),) if data.task == "classification" else tuple(data.train.targets.shape[1:])


def _rehearsed(module: nn.Module, samples: Tensor) -> Rehearsed:
    pair = samples if len(samples) > 1 else samples.expand(2, *samples.shape[1:])
    try:
        return rehearse(module, pair)
    except TypeError as error:
        raise CannotTrain(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def _batches(part: Part, aim: Goal, recipe: Recipe, device: torch.device) -> Batches:
    return Batches(
        part.inputs,
        aim.encode(part.targets),
        part.targets,
        batch=recipe.batch_size,
        seed=recipe.seed,
        device=device,
    )


def _evaluation(part: Part, aim: Goal, device: torch.device) -> Evaluation:
    return Evaluation(part.inputs, aim.encode(part.targets), part.targets, aim, device)
