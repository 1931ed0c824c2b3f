"""The loop that everybody writes, to compare training with: it indexes the same tensors for every batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from graphs.building.build import build
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio.data.prepare import Part, Prepared
from studio.recipe import Recipe

OPTIMISERS = {
    "sgd": lambda weights, rate: torch.optim.SGD(weights, lr=rate),
    "adam": lambda weights, rate: torch.optim.Adam(weights, lr=rate),
}


class PlainLoop:
    """Steps of a network on samples; with `validates` the validation loss and accuracy after every epoch."""

    def __init__(
        self,
        network: Network,
        catalogue: Catalogue,
        data: Prepared,
        recipe: Recipe,
        *,
        device: str,
        threads: int,
        validates: bool = False,
    ) -> None:
        self.module = build(network, catalogue, seed=recipe.seed).module.to(device)
        self.inputs, self.targets = data.train.inputs.to(device), data.train.targets.to(device)
        self.optimiser = OPTIMISERS[recipe.optimiser](list(self.module.parameters()), recipe.learning_rate)
        self.criterion = nn.CrossEntropyLoss()
        self.batch, self.threads, self.device = recipe.batch_size, threads, device
        self._validation = data.validation if validates else None
        self._rows = self._endless()

    def speed(self, seconds: float) -> float:
        """Steps a second over about so many seconds."""
        with threads(self.threads):
            count, start = 0, time.perf_counter()
            while time.perf_counter() - start < seconds:
                self._step(next(self._rows))
                count += 1
            if self.device == "cuda":
                torch.cuda.synchronize()
            return count / (time.perf_counter() - start)

    def _step(self, rows: torch.Tensor) -> None:
        inputs, targets = self.inputs[rows], self.targets[rows]
        self.optimiser.zero_grad()
        loss = self.criterion(self.module(inputs), targets)
        loss.backward()
        self.optimiser.step()
        if self.device == "cpu":
            loss.item()

    def _endless(self) -> Iterator[torch.Tensor]:
        while True:
            order = torch.randperm(len(self.inputs), device=self.device)
            for start in range(0, len(order), self.batch):
                yield order[start : start + self.batch]
            if self._validation is not None:
                self._validate(self._validation)

    def _validate(self, part: Part) -> None:
        self.module.eval()
        with torch.no_grad():
            inputs, targets = part.inputs.to(self.device), part.targets.to(self.device)
            output = self.module(inputs)
            self.criterion(output, targets).item()
            (output.argmax(1) == targets).sum().item()
        self.module.train()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many torch threads in this thread of the program."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
