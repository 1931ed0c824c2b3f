"""How well a model does on samples that it was not trained on, computed by onnxruntime as a program would."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.shipping.cargo import Cargo
from studio.shipping.shipped import Report

if TYPE_CHECKING:
    from torch import Tensor

    from studio.training.goals import Goal

MOST_SAMPLES = 2_000
BATCH = 32
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Held:
    """Samples that a model is judged on, evenly spread over the split, and what the split is called."""

    inputs: Tensor
    targets: Tensor
    goal: Goal | None
    name: str

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Score:
    """Share of right answers and mean loss, nan where there is no such number, and the seconds that a sample took."""

    accuracy: float
    loss: float
    seconds: float

    @property
    def name(self) -> str:
        """The one that counts: accuracy, or loss; empty where there is neither."""
        return "accuracy" if math.isfinite(self.accuracy) else "loss" if math.isfinite(self.loss) else ""

    @property
    def words(self) -> str:
        """What that one is: "97.20%", or "0.031"."""
        if self.name == "accuracy":
            return f"{self.accuracy:.2%}"
        return f"{self.loss:.4g}" if self.name else ""

    def to_json(self) -> dict[str, float | None]:
        """Plain JSON values, null for what there is not."""
        return {key: value if math.isfinite(value) else None for key, value in vars(self).items()}


def held(cargo: Cargo, most: int = MOST_SAMPLES) -> Held | None:
    """The held-out samples of the project's data; None where there are none that fit the network."""
    import torch

    data = cargo.data
    if data is None or not len(data.validation):
        return None
    chosen = spread(len(data.validation), most)
    same = data.validation is data.train
    split = "training samples, for none are held out" if same else "held-out samples"
    part = data.validation
    rows = torch.from_numpy(chosen)
    return Held(part.inputs[rows], part.targets[rows], aim(cargo), f"{len(chosen):,} {split}")


def aim(cargo: Cargo) -> Goal | None:
    """What the recipe trains towards, None where the network's outputs do not fit that."""
    from studio.recipe import output_problems
    from studio.training.goals import goal

    data, recipe = cargo.data, cargo.project.recipe
    shapes = output_shapes(cargo)
    if data is None or any(output_problems(recipe, shapes, data)):
        return None
    return goal(recipe, data.task, len(data.classes), shapes[0])


def output_shapes(cargo: Cargo) -> list[tuple[int, ...]]:
    """The shape of each output, without the batch axis."""
    import torch

    module = cargo.built.module
    mode = module.training
    module.eval()
    try:
        with torch.no_grad():
            given = module(*(tensor[:2] for tensor in cargo.samples(2)))
    finally:
        module.train(mode)
    return [tuple(tensor.shape[1:]) for tensor in (given if isinstance(given, tuple) else (given,))]


def run(model: bytes, inputs: Sequence[Tensor], report: Report, words: str) -> tuple[list[Array], float]:
    """What onnxruntime gives for all samples, an array for each output, and the seconds that it computed.

    Raises what onnxruntime raises where it cannot run the model.
    """
    from graphs.exchange.to_onnx.agreement import session

    engine = session(model)
    names = [entry.name for entry in engine.get_inputs()]
    count, found, seconds = len(inputs[0]), [], 0.0
    for first in range(0, count, BATCH):
        report(first / count, words)
        feed = {
            name: tensor[first : first + BATCH].contiguous().numpy() for name, tensor in zip(names, inputs, strict=True)
        }
        began = time.perf_counter()
        found.append(engine.run(None, feed))
        seconds += time.perf_counter() - began
    return [np.concatenate(parts) for parts in zip(*found, strict=True)], seconds


def score(held: Held, outputs: Sequence[Array], seconds: float) -> Score:
    """How well these outputs answer; they are those of the held samples."""
    import torch

    each = seconds / max(len(held), 1)
    if held.goal is None:
        return Score(math.nan, math.nan, each)
    given = torch.from_numpy(np.ascontiguousarray(outputs[0]))
    loss = float(held.goal.criterion(given, held.goal.encode(held.targets)))
    hits = held.goal.hits(given, held.targets)
    return Score(math.nan if hits is None else hits / len(held), loss, each)


def by_class(cargo: Cargo, held: Held, outputs: Sequence[Array]) -> tuple[tuple[int, int], ...]:
    """How many samples of each class are recognised, and how many there are; nothing without classes."""
    import torch

    if held.goal is None or held.goal.guess is None or cargo.data is None:
        return ()
    guesses, count = held.goal.guess(torch.from_numpy(np.ascontiguousarray(outputs[0]))), len(cargo.data.classes)
    right = torch.bincount(held.targets[guesses == held.targets], minlength=count)
    return tuple(zip(right.tolist(), torch.bincount(held.targets, minlength=count).tolist(), strict=True))


def spread(count: int, most: int) -> Array:
    """Up to `most` of `count` rows, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
