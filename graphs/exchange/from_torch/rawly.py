"""A program as it was traced, writes in place included: run call by call, as PyTorch itself runs it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.freeing import batch_of
from graphs.exchange.from_torch.program import Call, Program
from graphs.exchange.from_torch.running import Known, always_trains, function_of, run_call
from graphs.layers.torch_allowed import OPERATIONS

if TYPE_CHECKING:
    from torch import Tensor

MOST_LIVE = 2**33
"""Bytes of the values that are held at once."""
_READ = frozenset(["detach", "lift"])
_WRITTEN = frozenset(["copy_", "zero_", "fill_", "detach_"])
Run = Callable[[Sequence["Tensor"]], list["Tensor"]]


def writes(call: Call) -> bool:
    """Whether a call writes into what it takes: aten.relu_.default."""
    return call.target.startswith("aten.") and call.operation.endswith("_") and not call.operation.startswith("__")


def raw_function(target: str) -> Any:
    """The function of torch.ops, also where it writes into its first argument. Raises ValueError, AttributeError."""
    import torch

    place, operation, overload = target.split(".")
    known = operation in _READ | _WRITTEN or operation.removesuffix("_") in OPERATIONS
    if place != "aten" or not known or not overload.isidentifier() or overload.startswith("_"):
        raise ValueError(f"{target} is no function that may run")
    if not operation.endswith("_") and operation not in _READ:
        return function_of(target)
    function = getattr(getattr(torch.ops.aten, operation), overload)
    written = [bool(a.alias_info and a.alias_info.is_write) for a in function._schema.arguments]
    if any(written[1:]) or [str(result.type) for result in function._schema.returns] != ["Tensor"]:
        raise ValueError(f"{target} writes into more than one tensor")
    return function


def as_traced(program: Program, known: Known) -> Run:
    """What a program computes as it stands, when nothing trains: for as many samples as there are, in batches of the
    size that it was traced with where it takes no other. The batch comes out in front.

    `known` is of the same program without writes. The function raises ValueError where it would hold too much.
    """
    if _live(known) > MOST_LIVE:
        raise ValueError("holds too much at once")
    free = any(axis == 0 for _, axis in program.free)
    size = None if free else batch_of(program.examples)
    calls = _alive(program)
    ends = [(a, known.values[b]) for a, b in zip(program.outputs, known.program.outputs, strict=True)]
    axes = [(name, seen.axis) for name, seen in ends if seen.follows]

    def run(inputs: Sequence[Tensor]) -> list[Tensor]:
        import torch

        count = len(inputs[0])
        step, parts = size or count, []
        for start in range(0, count, step):
            rows = torch.arange(start, start + step) % count
            values = _once(program, calls, [value[rows] for value in inputs], known.program.written)
            parts.append([values[name].movedim(axis or 0, 0)[: count - start] for name, axis in axes])
        return [torch.cat(several) for several in zip(*parts, strict=True)]

    return run


def _once(program: Program, calls: list[Call], inputs: Sequence[Tensor], written: frozenset[str]) -> dict[str, Any]:
    import torch

    values: dict[str, Any] = dict(zip(program.inputs, inputs, strict=True))
    for name, fqn in program.tensors.items():
        values[name] = program.state[fqn].clone() if name in written else program.state[fqn]
    last = {name: place for place, call in enumerate(calls) for name in call.takes()}
    with torch.no_grad():
        for place, call in enumerate(calls):
            values |= dict(zip(call.outputs, run_call(at_rest(call), values, "cpu", raw_function), strict=False))
            for name in set(call.takes()) - set(program.outputs):
                if last[name] == place:
                    del values[name]
    return values


def at_rest(call: Call) -> Call:
    """The call as it is while nothing trains; normalisation that keeps no statistics always follows its batch."""
    named = () if always_trains(call.given) else ("train", "training")
    still = {name: False for name in named if name in call.given}
    return replace(call, given={**call.given, **still})


def _alive(program: Program) -> list[Call]:
    """The calls whose results are needed, or that write into something."""
    wanted, kept = set(program.outputs), list[Call]()
    for call in reversed(program.calls):
        if wanted.intersection(call.outputs) or writes(call):
            kept.append(call)
            wanted.update(call.takes())
    return kept[::-1]


def _live(known: Known) -> int:
    """Bytes that the values of a program take together while they are needed, for the batches that it was looked at
    with."""
    import torch

    last = {name: place for place, call in enumerate(known.program.calls) for name in call.takes()}
    sizes = {
        name: math.prod(seen.sizes[0]) * int(getattr(torch, seen.dtype).itemsize)
        for name, seen in known.values.items()
        if name not in known.program.tensors
    }
    now: int = sum(sizes.get(name, 0) for name in known.program.inputs)
    most = now
    for place, call in enumerate(known.program.calls):
        now += sum(sizes.get(name, 0) for name in call.outputs)
        most = max(most, now)
        now -= sum(sizes.get(name, 0) for name in {*call.takes(), *call.outputs} if last.get(name, place) == place)
    return most
