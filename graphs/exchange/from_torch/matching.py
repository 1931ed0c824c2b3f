"""What a matcher sees of a call, and what it says: layers that do the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphs.exchange.from_torch.program import Call, Ref
from graphs.exchange.from_torch.running import Known, Seen, function_of


class Unsuited(Exception):
    """No layer does what a call does."""


@dataclass(frozen=True)
class Match:
    """A layer in place of calls. `inputs` and `outputs` are the values at its ports, `tensors` the values that are its
    weights by their names in it; `covers` are the values that other calls give which it stands for as well.

    No `kind` says that the outputs are the inputs.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()


class Sight:
    """A call and what is known of its values."""

    def __init__(self, call: Call, known: Known, users: Mapping[str, list[Call]]) -> None:
        self.call, self.known, self.users = call, known, users
        schema = function_of(call.target)._schema.arguments if call.target.startswith("aten.") else ()
        self._defaults = {a.name: a.default_value for a in schema if a.has_default_value()}

    # Arguments

    def raw(self, name: str) -> Any:
        """An argument as it is."""
        return self.call.given.get(name, self._defaults.get(name))

    def number(self, name: str) -> Any:
        """A number, or a list of numbers, that does not follow from the batch."""
        value = self.raw(name)
        made = [self.known.number(item) for item in value] if isinstance(value, list) else self.known.number(value)
        if isinstance(made, dict) or (isinstance(made, list) and any(isinstance(item, dict) for item in made)):
            raise Unsuited
        return made

    def several(self, name: str, count: int) -> list[int]:
        """So many whole numbers; one stands for all."""
        value = self.number(name)
        found = value if isinstance(value, list) else [value]
        found = found * count if len(found) == 1 else found
        if len(found) != count or not all(isinstance(item, int) for item in found):
            raise Unsuited
        return found

    def wire(self, name: str = "self") -> str:
        """The value of an argument that can run along a wire."""
        value = self.raw(name)
        if not isinstance(value, Ref) or value.name not in self.known.values or not self.seen(value.name).wired:
            raise Unsuited
        return value.name

    def wires(self, name: str) -> tuple[str, ...]:
        """The values of a list that can all run along wires."""
        found = self.raw(name)
        names = tuple(item.name for item in found if isinstance(item, Ref)) if isinstance(found, list) else ()
        if not names or len(names) != len(found) or not all(self.seen(item).wired for item in names):
            raise Unsuited
        return names

    def tensor(self, name: str) -> str | None:
        """The value of an argument that is a parameter or a buffer as it is; None where it is left out."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, Ref) or value.name not in self.known.program.tensors:
            raise Unsuited
        return value.name

    def tensors(self, **names: str) -> dict[str, str]:
        """Those arguments that are given, by the name of the weight that they are."""
        found = {name: self.tensor(argument) for name, argument in names.items()}
        return {name: value for name, value in found.items() if value is not None}

    # Values

    def seen(self, name: str) -> Seen:
        """What is known of a value."""
        return self.known.values[name]

    def sizes(self, name: str) -> tuple[int, ...]:
        """The sizes of a value with all its axes."""
        return self.seen(name).sizes[0]

    def axis(self, name: str, dim: Any) -> int:
        """An axis of a value as an axis of one sample, from 1; the batch is none."""
        count, batch = len(self.sizes(name)), self.seen(name).axis
        if not isinstance(dim, int) or not -count <= dim < count or dim % count == batch or batch is None:
            raise Unsuited
        return dim % count + 1 if dim % count < batch else dim % count

    def front(self, name: str, *ranks: int) -> str:
        """The same value; Unsuited unless it has the batch in front and as many axes as one of `ranks`."""
        if self.seen(name).axis != 0 or (ranks and len(self.seen(name).dims) not in ranks):
            raise Unsuited
        return name

    def alike(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The same values; Unsuited unless all have as many axes and the batch at the same one."""
        first = self.seen(names[0])
        if any(self.seen(n).axis != first.axis or len(self.sizes(n)) != len(first.sizes[0]) for n in names):
            raise Unsuited
        return names

    @property
    def output(self) -> str:
        """The first result."""
        return self.call.outputs[0]

    def used(self, index: int) -> str:
        """The name of a result that somebody takes; "" otherwise."""
        name = self.call.outputs[index] if index < len(self.call.outputs) else ""
        return name if name and (name in self.users or name in self.known.program.outputs) else ""

    def match(self, kind: str, *inputs: str, tensors: Any = None, **fields: Any) -> Match:
        """One layer with one result; the batch stays where it is."""
        if inputs and self.seen(self.output).axis != self.seen(inputs[0]).axis:
            raise Unsuited
        return Match(kind, inputs, (self.output,), fields, tensors or {})


Matcher = Callable[[Sight], Match | list[Match]]


def check(fine: bool) -> None:
    """Raises Unsuited unless it is."""
    if not fine:
        raise Unsuited


def product(sizes: tuple[int, ...]) -> int:
    """How many numbers there are."""
    return math.prod(sizes)
