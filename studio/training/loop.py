"""The inner loop: as little as possible between two steps of torch.

What makes it fast for small networks: batches are slices of samples that were shuffled once (`batches`),
gradients come from `torch.autograd.grad` without ever being stored on the weights, updates change all
weights in one call (`rules`), guesses are compared with labels for many batches at once, and nothing is
looked up or allocated that can be prepared.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.recipe import Recipe
from studio.training.batches import Batches, Piece
from studio.training.fit import check_state
from studio.training.goals import Goal
from studio.training.randomness import exclusive, seed_step
from studio.training.rules import Update
from studio.training.scaling import Scaler
from studio.training.schedule import Rates
from studio.training.state import State
from studio.weights.following import Names

MOST_STEPS = 256
MOST_OUTPUTS = 4_000_000
LARGEST = torch.finfo(torch.float32).max
Compute = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Stretch:
    """What some steps in a row gave: a value per step. `bad` when the loss after them was not finite any
    more."""

    first_step: int
    loss: list[float]
    accuracy: NDArray[np.float32]
    learning_rate: list[float]
    samples: int
    bad: bool = False


class Loop:
    """A network in training. `step` counts the steps done; `attention` ends a stretch after the step at
    work."""

    def __init__(
        self,
        module: nn.Module,
        trained: Mapping[str, nn.Parameter],
        batches: Batches,
        goal: Goal,
        recipe: Recipe,
        *,
        random: bool = False,
        layers: Names | None = None,
    ) -> None:
        """`layers` are the names of the modules by the ids of their nodes, for states that are kept."""
        self.layers: Names = layers or {}
        self.module, self.batches, self.goal, self.recipe = module, batches, goal, recipe
        self.names, self.weights = list(trained), list(trained.values())
        self.shared = _shared(module, trained)
        self.step = 0
        self.attention = False
        self.rates = Rates(recipe, batches.per_epoch)
        self.update = Update(trained, recipe)
        self.scaler = Scaler() if recipe.precision == "float16" else None
        self.gradients: tuple[Tensor, ...] = ()
        self._random = random
        self._pass = 0
        self._one = torch.ones((), device=batches.device)
        self.compute: Compute = self._computation()

    @property
    def place(self) -> int:
        """How many steps of the present epoch are done."""
        return self.step % self.batches.per_epoch

    @property
    def epoch(self) -> int:
        """The present epoch, from 0."""
        return self.step // self.batches.per_epoch

    def stretch(self, most: int, until: float = float("inf")) -> Stretch:
        """Up to `most` steps within this epoch, ending early at the time `until` (perf_counter) or for
        `attention`."""
        piece = self.batches.piece(self.epoch, self.place)
        start = self.place - piece.first
        stop = min(start + min(most, MOST_STEPS, self._most_kept), len(piece.sizes))
        first = self.step
        losses, rates, outputs, bad = self._run(piece, start, stop, until)
        sizes = piece.sizes[start : start + len(losses)]
        self.step += len(losses)
        accuracy = self._accuracy(outputs, piece, start, sizes)
        return Stretch(first + 1, losses, accuracy, rates, sum(sizes), bad)

    def compute_at(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Output and loss of a batch as the present step would see it, random numbers included."""
        self._pass = self.step
        return self.compute(inputs, targets)

    def _run(
        self, piece: Piece, start: int, stop: int, until: float
    ) -> tuple[list[float], list[float], list[Tensor], bool]:
        """The steps themselves: losses, rates and outputs, and whether the next loss is not finite."""
        compute, weights, update, scaler = self.compute, self.weights, self.update, self.scaler
        grad, clock, one = torch.autograd.grad, time.perf_counter, self._one
        on_cpu, guessing = self.batches.device.type == "cpu", self.goal.guess is not None
        losses: list[Any] = []
        used: list[float] = []
        outputs: list[Tensor] = []
        self._pass = self.step
        series = self.rates.series(self.step)
        for inputs, targets, rate in zip(piece.inputs[start:stop], piece.targets[start:stop], series, strict=False):
            output, loss = compute(inputs, targets)
            value = loss.item() if on_cpu else loss.detach()  # reading it would make a CUDA device wait
            if on_cpu and not -LARGEST <= value <= LARGEST:
                return losses, used, outputs, True
            if scaler is None:
                self.gradients = gradients = grad(loss, weights, one)
                update(gradients, rate)
            else:
                self.gradients = scaler.update(loss, weights, update, rate)
            if guessing:
                outputs.append(output.detach())
            losses.append(value)
            used.append(rate)
            if self.attention or clock() >= until:
                break
        if not on_cpu:
            losses = torch.stack(losses).tolist() if losses else []
        return losses, used, outputs, not all(map(math.isfinite, losses))

    @property
    def _most_kept(self) -> int:
        """How many steps' outputs may be kept until they are compared with the labels."""
        return max(1, MOST_OUTPUTS // (max(1, self.goal.outputs) * max(self.batches.sizes)))

    def _accuracy(self, outputs: list[Tensor], piece: Piece, start: int, sizes: tuple[int, ...]) -> NDArray[np.float32]:
        """The share of right guesses of each step, for all steps at once."""
        if self.goal.guess is None or not sizes:
            return np.full(len(sizes), np.nan, np.float32)
        before = sum(piece.sizes[:start])
        right = self.goal.guess(torch.cat(outputs)) == piece.labels[before : before + sum(sizes)]
        counts = np.asarray(sizes)
        hits = np.add.reduceat(right.cpu().numpy().astype(np.int64), np.cumsum(counts) - counts)
        accuracy: NDArray[np.float32] = (hits / counts).astype(np.float32)
        return accuracy

    def _computation(self) -> Compute:
        """A pass through network and loss, with just what this recipe needs around it."""
        module, criterion, random = self.module, self.goal.criterion, self._random
        kind, precision = self.batches.device.type, self.recipe.precision

        def plain(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
            output = module(inputs)
            return output, criterion(output, targets)

        def cast(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
            with torch.autocast(kind, dtype=getattr(torch, precision)):
                output = module(inputs)
                return output, criterion(output, targets)

        inner = plain if precision == "float32" else cast
        return self._seeded(inner, kind) if random else inner

    def _seeded(self, inner: Compute, kind: str) -> Compute:
        """The same with the random numbers of this very step; see `randomness`."""
        seed = self.recipe.seed

        def seeded(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
            with exclusive:
                seed_step(seed, self._pass, kind)
                self._pass += 1
                return inner(inputs, targets)

        return seeded

    def capture(self) -> State:
        """A copy of where the run stands, on the device it runs on."""
        weights = {name: tensor.detach().clone() for name, tensor in self.module.state_dict().items()}
        rule = self.update.rule
        memory = {name: [tensor.clone() for tensor in tensors] for name, tensors in rule.slots.items()}
        notes = {"rates": self.rates.state(), "scaler": self.scaler.state() if self.scaler else None}
        gradients = dict(zip(self.names, self.gradients, strict=False))
        return State(self.step, weights, memory, rule.updates, gradients, notes, self.layers)

    def restore(self, state: State) -> None:
        """Goes back (or on) to where `capture` was called, also where layers had other names then. Raises FileFault
        where it does not fit."""
        state = state.under(self.layers)
        check_state(state, self)
        own = self.module.state_dict()
        for name, tensor in own.items():
            tensor.copy_(state.weights[name])
        self.update.rule.restore(state.updates, state.memory)
        self.rates.restore(state.notes["rates"])
        if self.scaler and state.notes.get("scaler"):
            self.scaler.restore(state.notes["scaler"])
        device = self.batches.device
        self.gradients = tuple(state.gradients[name].to(device) for name in self.names if name in state.gradients)
        self.step = state.step

    def named_gradients(self) -> dict[str, Tensor]:
        """The gradients of the last step by the names of the weights, shared ones by each; nothing before the first."""
        found = dict(zip(self.names, self.gradients, strict=False))
        return {**found, **{name: found[first] for name, first in self.shared.items() if first in found}}


def _shared(module: nn.Module, trained: Mapping[str, nn.Parameter]) -> dict[str, str]:
    """The further names of weights that several layers share, by the name they are trained under."""
    first = {id(weight): name for name, weight in trained.items()}
    named = module.named_parameters(remove_duplicate=False)
    return {name: first[id(weight)] for name, weight in named if name not in trained and id(weight) in first}
