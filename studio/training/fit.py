"""Whether a saved state belongs to the run that would go on from it: said in a sentence before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from graphs.files.faults import FileFault
from graphs.files.weights import check_fit
from studio.training.state import State

if TYPE_CHECKING:
    from studio.training.history import History
    from studio.training.loop import Loop

FILE = "checkpoint.safetensors"
REMEDY = "start the run anew"


def check_place(state: State, history: History) -> None:
    """Raises FileFault unless the step is one that a run can stand at, after the rows of its history."""
    table = history.steps_table()
    told = int(table.step[-1]) if len(history) else state.step
    if state.step < 0 or state.step != told or not 0 <= state.updates <= state.step:
        raise FileFault(FILE, "", f"says that it stands at step {state.step}, which does not fit its rows", REMEDY)


def check_state(state: State, loop: Loop) -> None:
    """Raises FileFault unless weights, the optimiser's memory, gradients and notes are such as `loop` has."""
    own = {name: tensor.detach() for name, tensor in zip(loop.names, loop.weights, strict=True)}
    _fits(state.weights, loop.module.state_dict())
    for name in loop.update.rule.slots:
        kept = state.memory.get(name, [])
        if len(kept) != len(own):
            raise FileFault(FILE, "", f"lacks a part of the optimiser's memory ({name})", REMEDY)
        _fits(dict(zip(own, kept, strict=True)), own)
    if state.gradients:
        _fits(state.gradients, {name: own[name] for name in own if name in state.gradients})
    _check_notes(state.notes)


def _fits(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    try:
        check_fit(found, wanted, FILE)
    except FileFault as fault:
        raise FileFault(FILE, fault.place, fault.problem, REMEDY) from fault


def _check_notes(notes: Any) -> None:
    """The learning rate as `Rates.state` tells it, and the scale of float16 where there is one."""
    try:
        rates, scaler = notes["rates"], notes.get("scaler")
        numbers = [rates["base"], rates["fall"], rates["waited"], rates["best"] or 0.0]
        numbers += [scaler["scale"], scaler["good"]] if scaler else []
        sound = all(math.isfinite(float(number)) for number in numbers) and min(map(float, numbers[:3])) >= 0
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise FileFault(FILE, "", "does not say the learning rate that it went on with", REMEDY)
