"""The inner loop: as little as possible between two steps of torch.

What makes it fast for small networks: batches are slices of samples that were shuffled once (`batches`),
gradients come from `torch.autograd.grad` without ever being stored on the weights, updates change all
weights in one call (`rules`), guesses are compared with labels for many batches at once, and nothing is
looked up or allocated that can be prepared.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.recipe import Recipe
from studio.training.batches import Batches, Piece
from studio.training.goals import Goal
from studio.training.randomness import exclusive, seed_step
from studio.training.rules import Update
from studio.training.scaling import Scaler
from studio.training.schedule import Rates
from studio.training.state import State

MOST_STEPS = 256
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
    ) -> None:
        self.module, self.batches, self.goal, self.recipe = module, batches, goal, recipe
        self.names, self.weights = list(trained), list(trained.values())
        self.step = 0
        self.attention = False
        self.rates = Rates(recipe, batches.per_epoch)
        self.update = Update(trained, recipe)
        self.scaler = Scaler() if recipe.precision == "float16" else None
        self.gradients: tuple[Tensor, ...] = ()
        self._random = random
        self._pass = 0
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
        count = min(most, len(piece.sizes) - start, MOST_STEPS)
        sizes = piece.sizes[start : start + count]
        guesses = torch.empty(sum(sizes), dtype=torch.int64, device=self.batches.device)
        first = self.step
        losses, rates, bad = self._run(piece, start, torch.split(guesses, list(sizes)), until)
        done = len(losses)
        self.step += done
        accuracy = self._accuracy(guesses, piece, start, done)
        return Stretch(first + 1, losses, accuracy, rates, sum(sizes[:done]), bad)

    def compute_at(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Output and loss of a batch as the present step would see it, random numbers included."""
        self._pass = self.step
        return self.compute(inputs, targets)

    def _run(
        self, piece: Piece, start: int, guesses: tuple[Tensor, ...], until: float
    ) -> tuple[list[float], list[float], bool]:
        """The steps themselves: losses and rates of those done, and whether the next loss is not finite."""
        compute, weights, update, scaler = self.compute, self.weights, self.update, self.scaler
        guess, grad, clock = self.goal.guess, torch.autograd.grad, time.perf_counter
        on_cpu = self.batches.device.type == "cpu"
        losses: list[Any] = []
        used: list[float] = []
        self._pass = self.step
        for inputs, targets, into, rate in self._lines(piece, start, guesses):
            output, loss = compute(inputs, targets)
            value = loss.item() if on_cpu else loss.detach()  # reading it would make a CUDA device wait
            if on_cpu and not -LARGEST <= value <= LARGEST:
                return losses, used, True
            if scaler is None:
                self.gradients = gradients = grad(loss, weights)
                update(gradients, rate)
            else:
                self.gradients = scaler.update(loss, weights, update, rate)
            if guess is not None:
                guess(output.detach(), into)
            losses.append(value)
            used.append(rate)
            if self.attention or clock() >= until:
                break
        if not on_cpu:
            losses = torch.stack(losses).tolist() if losses else []
        return losses, used, not all(map(math.isfinite, losses))

    def _lines(
        self, piece: Piece, start: int, guesses: tuple[Tensor, ...]
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
        stop = start + len(guesses)
        rates = self.rates.series(self.step)
        return zip(piece.inputs[start:stop], piece.targets[start:stop], guesses, rates, strict=False)

    def _accuracy(self, guesses: Tensor, piece: Piece, start: int, done: int) -> NDArray[np.float32]:
        if self.goal.guess is None or not done:
            return np.full(done, np.nan, np.float32)
        sizes = piece.sizes[start : start + done]
        before, count = sum(piece.sizes[:start]), sum(sizes)
        right = (guesses[:count] == piece.labels[before : before + count]).cpu().numpy()
        ends = np.cumsum(sizes)
        hits = np.add.reduceat(right.astype(np.int64), ends - np.asarray(sizes))
        accuracy: NDArray[np.float32] = (hits / np.asarray(sizes)).astype(np.float32)
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
        return State(self.step, weights, memory, rule.updates, self.named_gradients(), notes)

    def restore(self, state: State) -> None:
        """Goes back (or on) to where `capture` was called. Raises KeyError and ValueError where it does not
        fit."""
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
        """The gradients of the last step by the names of the weights; nothing before the first step."""
        return dict(zip(self.names, self.gradients, strict=False))
