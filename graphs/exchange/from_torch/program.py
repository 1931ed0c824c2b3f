"""A traced PyTorch program as plain values: calls of functions, one after another, and the tensors they start from.

Both a `.pt2` file and a module that was traced here become this. Everything is named; nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

MOST_CALLS = 50_000
"""Calls of one program."""


class Ref(NamedTuple):
    """A value that an earlier call gave, or that the program starts from."""

    name: str


class Word(NamedTuple):
    """A dtype or a memory format, by its name in torch."""

    about: str
    name: str


class Level(NamedTuple):
    """A module that a call was made in: its path, its class, and which of its calls this is, from 0."""

    path: str
    kind: str
    turn: int


@dataclass(frozen=True)
class Call:
    """One call. `target` is "aten.conv2d.default" or "operator.mul"; `given` holds its arguments by their names.

    `outputs` names the results in order, "" for one that nobody can take. `levels` are the modules around it, the
    outermost first.
    """

    target: str
    given: Mapping[str, Any]
    outputs: tuple[str, ...]
    levels: tuple[Level, ...] = ()

    @property
    def operation(self) -> str:
        """ "conv2d" of "aten.conv2d.default"."""
        return self.target.split(".")[1]

    def takes(self) -> Iterator[str]:
        """The names of the values that it takes."""
        return refs(self.given)


@dataclass(frozen=True)
class Program:
    """The calls in order, what goes in and comes out, and the tensors by the names that a state dict has for them.

    `tensors` gives the state-dict name of each parameter, buffer and constant among the values; `learnt` are those
    names that are parameters; into the values `written` a call writes. `examples` holds the sizes and the dtype of each
    input, as it was traced; `free` the inputs' axes that may have another size. `unlearnt` says that weights are used
    where no gradients are followed.
    """

    calls: tuple[Call, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, str]
    state: Mapping[str, Tensor]
    learnt: frozenset[str]
    examples: Mapping[str, tuple[tuple[int, ...], str]]
    free: frozenset[tuple[str, int]] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    unlearnt: bool = False

    def with_calls(self, calls: list[Call], outputs: tuple[str, ...] | None = None) -> Program:
        """The same program with other calls, those left out that nobody needs."""
        results = self.outputs if outputs is None else outputs
        return replace(self, calls=tuple(needed(calls, results)), outputs=results)


def refs(value: Any) -> Iterator[str]:
    """The names of all values in an argument."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list | tuple) and not isinstance(value, Word):
        for item in value:
            yield from refs(item)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """An argument with other names for its values."""
    if isinstance(value, Ref):
        return Ref(names.get(value.name, value.name))
    if isinstance(value, Mapping):
        return {key: renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return value


def needed(calls: list[Call], outputs: tuple[str, ...]) -> list[Call]:
    """The calls that the outputs come from."""
    wanted, kept = set(outputs), list[Call]()
    for call in reversed(calls):
        if wanted.intersection(call.outputs):
            kept.append(call)
            wanted.update(call.takes())
    return kept[::-1]
