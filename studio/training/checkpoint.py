"""A run's state and history in one file that is replaced in one step: safetensors with JSON in its header,
no pickle.

It holds weights, the optimiser's memory, the place in the run, learning rate, early stopping and all rows
of the history. Random numbers and the order of samples follow from the seed and the step, so a run that was
killed goes on from here and, on the CPU with the same number of threads, gives the numbers it would have
given, bit by bit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from graphs.files.faults import FileFault
from graphs.files.weights import load_weights, save_weights
from studio.training.fit import REMEDY, check_place
from studio.training.history import History
from studio.training.state import State

FORMAT = "1"
LEAST_SECONDS = 5.0
SHARE = 0.01


class Saved(NamedTuple):
    """What a checkpoint holds."""

    state: State
    history: History


class Checkpoint:
    """The checkpoint file of a run. `due` spaces writes out so that they take one hundredth of the time at
    most."""

    def __init__(self, path: Path, least_seconds: float = LEAST_SECONDS) -> None:
        self.path = path
        self._least = least_seconds
        self._next = time.monotonic() + least_seconds

    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() >= self._next

    def save(self, state: State, history: History) -> None:
        """Replaces the file. Raises FileFault where the disk refuses; the old file then stays."""
        start = time.monotonic()
        arrays = {f"history.{name}": torch.from_numpy(array) for name, array in history.arrays().items()}
        save_weights(self.path, {**_tensors(state), **arrays}, {"netloom.checkpoint": FORMAT, "run": _json(state)})
        end = time.monotonic()
        self._next = end + max(self._least, (end - start) / SHARE)

    def load(self) -> Saved | None:
        """What was saved last, on the CPU; None when there is no file. Raises FileFault if broken."""
        if not self.path.exists():
            return None
        tensors, metadata = load_weights(self.path)
        if metadata.get("netloom.checkpoint") != FORMAT:
            raise FileFault(self.path.name, "", "is no checkpoint of this version of Netloom", REMEDY)
        try:
            saved = _saved(tensors, json.loads(metadata["run"]))
            check_place(*saved)
        except FileFault:
            raise
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise FileFault(self.path.name, "", "is no complete checkpoint", REMEDY) from error
        return saved


def _tensors(state: State) -> dict[str, Tensor]:
    memory = {f"memory.{name}.{i}": t for name, tensors in state.memory.items() for i, t in enumerate(tensors)}
    gradients = {f"gradients.{name}": tensor for name, tensor in state.gradients.items()}
    return {**{f"weights.{name}": tensor for name, tensor in state.weights.items()}, **memory, **gradients}


def _json(state: State) -> str:
    slots = {name: len(tensors) for name, tensors in state.memory.items()}
    told = {"step": state.step, "updates": state.updates, "slots": slots, "notes": state.notes}
    return json.dumps({**told, "names": dict(state.names)})


def _saved(tensors: Mapping[str, Tensor], run: Mapping[str, Any]) -> Saved:
    memory = {name: [tensors[f"memory.{name}.{i}"] for i in range(count)] for name, count in run["slots"].items()}
    weights, gradients = _under(tensors, "weights."), _under(tensors, "gradients.")
    names = {str(node): str(name) for node, name in run.get("names", {}).items()}
    state = State(int(run["step"]), weights, memory, int(run["updates"]), gradients, run["notes"], names)
    rows = {name: tensor.numpy() for name, tensor in _under(tensors, "history.").items()}
    return Saved(state, History.from_arrays(rows))


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
