"""A program that was traced with one size of batch takes any: sizes among its numbers that were the batch become it.

The program is run twice on the meta device, as it was traced and with another batch. Where a reshape says a number that
held the batch, it is found by how far apart two samples lie among the numbers of the value; where more than one place
fits (a batch of 1), the first is tried that lets the rest run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.program import Call, Program, Ref, needed

if TYPE_CHECKING:
    from torch import Tensor

BATCH = "batch~"
SIZED = {"reshape", "expand", "zeros", "ones", "full", "new_zeros", "new_ones", "new_full"}
"""Functions that are told a shape."""
MOST_TRIES = 200
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class _Place:
    """Where the batch is in a value: its axis, and how many numbers along this axis belong to one sample in a row."""

    axis: int
    inner: int = 1


def freed(program: Program, batch: int) -> Program:
    """The same program for a batch of any size; as it is, where no such places are found."""
    return _Freeing(program, batch).run()


class _Freeing:
    """One search."""

    def __init__(self, program: Program, batch: int) -> None:
        self.program, self.batch, self.other = program, batch, 3 if batch != 3 else 5
        self.calls: list[Call] = list(program.calls)
        self.values: list[dict[str, Any]] = [{}, {}]
        self.places: dict[str, _Place] = {}

    def run(self) -> Program:
        """The program with the batch where it belongs."""
        import torch

        with torch.device("meta"), torch.no_grad():
            self._start()
            self._search()
        times = sorted(
            {int(name.removeprefix(BATCH)) for call in self.calls for name in call.takes() if name.startswith(BATCH)}
        )
        first = Call("aten.sym_size.int", {"self": Ref(self.program.inputs[0]), "dim": 0}, (BATCH,))
        sizes = [Call("operator.mul", {"a": Ref(BATCH), "b": n}, (f"{BATCH}{n}",)) for n in times]
        return replace(self.program, calls=tuple(needed([first, *sizes, *self.calls], self.program.outputs)))

    def _start(self) -> None:
        import torch

        for place, batch in enumerate((self.batch, self.other)):
            found = self.values[place]
            for key, (sizes, dtype) in self.program.examples.items():
                found[key] = torch.empty((batch, *sizes[1:]), dtype=getattr(torch, dtype))
                self.places[key] = _Place(0)
            found |= {key: self.program.state[fqn].to("meta") for key, fqn in self.program.tensors.items()}

    def _search(self) -> None:
        """Goes on from call to call; where one cannot run, the last place that could be another one is."""
        at, tries, open_ = 0, 0, list[tuple[int, list[Call]]]()
        while at < len(self.program.calls):
            ways = self._ways(self.program.calls[at])
            while ways and not self._take(ways[0], at):
                ways = ways[1:]
            tries += 1
            if not ways:
                if not open_ or tries > MOST_TRIES * len(self.program.calls):
                    return
                at, ways = open_.pop()
                self._take(ways[0], at)
            if len(ways) > 1:
                open_.append((at, ways[1:]))
            at += 1

    def _ways(self, call: Call) -> list[Call]:
        """The call, and what it may have been with a batch of any size: the likeliest first."""
        key = next((key for key in ("size", "shape") if isinstance(call.given.get(key), list)), "")
        if call.operation not in SIZED or not key:
            return [call]
        sizes = call.given[key]
        if not all(isinstance(n, int) for n in sizes):
            return [call]
        source = call.given.get("self")
        name = source.name if isinstance(source, Ref) else ""
        if call.operation == "reshape" and name in self.places:
            spots = self._spots(name, sizes)
        else:
            spots = [] if name in self.places and call.operation == "expand" else self._alike(sizes)
            if name in self.places:
                spots = [self.places[name].axis + len(sizes) - self.values[0][name].ndim]
        made = [
            self._with(call, key, sizes, spot) for spot in spots if sizes[spot] > 0 and sizes[spot] % self.batch == 0
        ]
        return [*made, call]

    def _alike(self, sizes: Sequence[int]) -> list[int]:
        """Places that say the batch; the batch of 1 is in front, where it is anywhere."""
        found = [i for i, n in enumerate(sizes) if n == self.batch]
        return found if self.batch > 1 else [i for i in found if i == 0]

    def _with(self, call: Call, key: str, sizes: Sequence[int], spot: int) -> Call:
        times = sizes[spot] // self.batch
        new = [Ref(f"{BATCH}{times}") if i == spot else n for i, n in enumerate(sizes)]
        for found, batch in zip(self.values, (self.batch, self.other), strict=True):
            found[f"{BATCH}{times}"] = times * batch
        return replace(call, given={**call.given, key: new})

    def _spots(self, name: str, sizes: Sequence[int]) -> list[int]:
        """The axes of a new shape that may hold the batch: two samples lie as far apart as before."""
        place, before = self.places[name], tuple(self.values[0][name].shape)
        apart = place.inner * math.prod(before[place.axis + 1 :])
        whole = [n if n >= 0 else self._left(before, sizes) for n in sizes]
        behind = [math.prod(whole[i + 1 :]) for i in range(len(whole))]
        first = [i for i, n in enumerate(whole) if n == self.batch and behind[i] == apart]
        within = [i for i, n in enumerate(whole) if behind[i] <= apart < behind[i] * n]
        outer = [i for i, n in enumerate(whole) if behind[i] * n == apart * self.batch]
        return list(dict.fromkeys((*first, *(outer if self.batch == 1 else within), *within, *outer)))

    def _left(self, before: Sizes, sizes: Sequence[int]) -> int:
        known = math.prod(n for n in sizes if n > 0)
        return math.prod(before) // known if known else 0

    def _take(self, call: Call, at: int) -> bool:
        """Runs a call at both sizes; whether it can be, and where the batch is in what it gives."""
        from graphs.exchange.from_torch.running import run_call

        made = list[tuple[Any, ...]]()
        for found in self.values:
            try:
                made.append(run_call(call, found, "meta"))
            except (RuntimeError, ValueError, IndexError, TypeError, KeyError, NotImplementedError):
                return False
        self.calls[at] = call
        for name, first, second in zip(call.outputs, *made, strict=False):
            self.values[0][name], self.values[1][name] = first, second
            self.places.pop(name, None)
            if hasattr(first, "shape") and (place := self._place(call, first, second)):
                self.places[name] = place
        return all(name in self.places or not self._follows(call) for name in call.outputs[:1])

    def _follows(self, call: Call) -> bool:
        return call.operation in ("reshape", "expand") and any(name in self.places for name in call.takes())

    def _place(self, call: Call, first: Tensor, second: Tensor) -> _Place | None:
        pairs = enumerate(zip(first.shape, second.shape, strict=False))
        axis = next((i for i, (a, b) in pairs if a != b), None)
        if axis is None or first.ndim != second.ndim:
            return None
        source = next((name for name in call.takes() if name in self.places), "")
        inner = self.places[source].inner if source else 1
        if call.operation == "reshape" and source:
            before = tuple(self.values[0][source].shape)
            apart = inner * math.prod(before[self.places[source].axis + 1 :])
            inner = max(1, apart // max(1, math.prod(first.shape[axis + 1 :])))
        return _Place(axis, inner)


def batch_of(examples: Mapping[str, tuple[Sizes, str]]) -> int | None:
    """The batch that all inputs were traced with; None where they differ."""
    found = {sizes[0] for sizes, _ in examples.values() if sizes}
    return next(iter(found)) if len(found) == 1 else None
