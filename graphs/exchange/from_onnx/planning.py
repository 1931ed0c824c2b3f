"""How the inputs of a model are taken: which axis holds the samples, and how large what the file leaves open is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graphs.exchange.from_onnx.constants import Plan
from graphs.exchange.from_onnx.model import Given, Model
from graphs.files.faults import FileFault, shown

_BATCH = re.compile(r"^(n|b|bs|batch.*|.*batch(_?size)?|samples|unk__\d+)$", re.IGNORECASE)
_SIDES = (224, 32, 28, 64, 256, 128, 299, 512, 96, 16)
_LENGTHS = (32, 16, 64, 128, 10, 8, 100, 4, 256, 512)
"""Sizes that are tried for axes that a file leaves open: of pictures, and of anything else."""


def plans(model: Model, sizes: Mapping[str, Sequence[int]] | None = None) -> Iterator[Plan]:
    """Ways to take the inputs, the likeliest first. `sizes` gives the shape of one sample by the name of an input, or
    by "" for the first. Raises FileFault where such a shape has another number of axes."""
    batched = _batched(model)
    written = _written(model, batched)
    rounds = max(1, *(len(_choices(given, batched.get(given.name))) for given in model.inputs))
    for attempt in range(rounds):
        axes = {
            given.name: _axes(model, given, batched.get(given.name), attempt, sizes or {}) for given in model.inputs
        }
        yield Plan(axes, batched, written)


def without_batches(plan: Plan) -> Iterator[Plan]:
    """The same looked at for one batch only: with the samples in front, then with all of an input as one sample."""
    if not plan.batched:
        return
    written = plan.written or 1
    if written == 1:
        yield replace(plan, both=False)
    axes = {
        name: tuple(written if place == plan.batched.get(name) else n for place, n in enumerate(axes))
        for name, axes in plan.axes.items()
    }
    yield Plan(axes, {}, plan.written)


def _batched(model: Model) -> dict[str, int]:
    """The axis of each input that holds the samples."""
    named = {given.name: place for given in model.inputs if (place := _named(given)) is not None}
    if named:
        said = {str(given.axes[named[given.name]]) for given in model.inputs if given.name in named}
        if len(said) == 1:
            return named
    firsts = [given.axes[0] if given.axes else 0 for given in model.inputs]
    if len(set(firsts)) == 1 and firsts[0] != 0:
        return {given.name: 0 for given in model.inputs}
    free = [given.name for given, first in zip(model.inputs, firsts, strict=True) if first is None]
    symbols = [first for first in firsts if isinstance(first, str)]
    if symbols:
        most = max(symbols, key=symbols.count)
        return {given.name: 0 for given, first in zip(model.inputs, firsts, strict=True) if first == most}
    return dict.fromkeys(free, 0)


def _named(given: Given) -> int | None:
    """The axis whose name says that it is the batch."""
    return next((i for i, axis in enumerate(given.axes) if isinstance(axis, str) and _BATCH.match(axis)), None)


def _written(model: Model, batched: Mapping[str, int]) -> int | None:
    found = [given.axes[batched[given.name]] for given in model.inputs if given.name in batched]
    return found[0] if found and isinstance(found[0], int) else None


def _open(given: Given, along: int | None) -> list[int]:
    return [place for place, axis in enumerate(given.axes) if not isinstance(axis, int) and place != along]


def _choices(given: Given, along: int | None) -> Sequence[int]:
    if not _open(given, along):
        return (0,)
    return _SIDES if len(given.axes) - (along is not None) == 3 and given.dtype.startswith("float") else _LENGTHS


def _axes(
    model: Model, given: Given, along: int | None, attempt: int, sizes: Mapping[str, Sequence[int]]
) -> tuple[int, ...]:
    """All axes at a batch of one."""
    asked = sizes.get(given.name) or (sizes.get("") if given is model.inputs[0] else None)
    choices, open_ = _choices(given, along), set(_open(given, along))
    side = choices[attempt % len(choices)]
    found = [1 if place == along else axis if isinstance(axis, int) else side for place, axis in enumerate(given.axes)]
    if along == 0 and 1 in open_ and len(found) == 4:
        found[1] = 3
    if asked is None:
        return tuple(found)
    rest = [place for place in range(len(found)) if place != along]
    if len(rest) != len(asked):
        problem = f"takes {len(rest)} sizes for one sample, and {len(asked)} were given"
        raise FileFault(model.file, f"input {shown(given.name)}", problem, "give one size for each axis")
    for place, size in zip(rest, asked, strict=True):
        found[place] = int(size) if place in open_ else found[place]
    return tuple(found)
