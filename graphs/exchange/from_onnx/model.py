"""An ONNX file as plain values: operators in an order in which they can run, constants as tensors, nothing executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphs.files.faults import FileFault, shown

if TYPE_CHECKING:
    from torch import Tensor

MOST_OPERATORS = 20_000
MOST_AXES = 8
OLDEST = 6
NEWEST = 28
"""Opsets between which the meaning of operators is known."""


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Op:
    """One operator. `inputs` and `outputs` are names of values, empty where an optional one is left out; `scope` is
    where in a program it stood ("layer1", "0", "conv1"), `classes` what is around it there, as far as the file says."""

    name: str
    type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    scope: tuple[str, ...] = ()
    classes: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def input(self, place: int) -> str:
        """The name of an input, empty where there is none."""
        return self.inputs[place] if place < len(self.inputs) else ""

    @property
    def gives(self) -> str:
        """The name of the first result that has one."""
        return next((name for name in self.outputs if name), "")

    def take(self, **changes: Any) -> Op:
        """The operator with other inputs, outputs or type."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Given:
    """An input of the model: its axes, None or a name where the size is free, and its torch type by name."""

    name: str
    axes: tuple[int | str | None, ...]
    dtype: str


@dataclass
class Model:
    """What a file says. `tensors` are its constants by name."""

    file: str
    version: int
    ops: list[Op]
    inputs: tuple[Given, ...]
    outputs: tuple[str, ...]
    tensors: dict[str, Tensor]
    origin: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many numbers the file holds as constants."""
        spoken = (value for op in self.ops for value in op.attributes.values() if hasattr(value, "numel"))
        return sum(int(tensor.numel()) for tensor in (*self.tensors.values(), *spoken))

    def fault(self, op: Op, problem: str, remedy: str = "") -> FileFault:
        """What is wrong with one operator."""
        where = f"operator {shown(op.name or op.gives)} ({op.type})"
        return FileFault(self.file, where, problem, remedy or "export the model without it, or another model")


def sorted_ops(model: Model) -> list[Op]:
    """The operators in an order in which they can run; those that no output needs are left out. Raises FileFault."""
    maker = {name: op for op in model.ops for name in op.outputs if name}
    known = set(model.tensors) | {given.name for given in model.inputs}
    done: set[int] = set()
    order: list[Op] = []
    for goal in model.outputs:
        if goal in maker:
            _visit(model, maker[goal], maker, known, done, order)
        elif goal not in known:
            raise FileFault(model.file, f"output {shown(goal)}", "comes from nowhere", "export the model again")
    return order


def _visit(model: Model, goal: Op, maker: Mapping[str, Op], known: set[str], done: set[int], order: list[Op]) -> None:
    """Appends what `goal` needs, and `goal`: depth first, without recursion."""
    stack: list[tuple[Op, int]] = [(goal, 0)]
    open_: set[int] = {id(goal)}
    if id(goal) in done:
        return
    while stack:
        op, place = stack.pop()
        if place == len(op.inputs):
            open_.discard(id(op))
            done.add(id(op))
            order.append(op)
            continue
        stack.append((op, place + 1))
        name = op.inputs[place]
        if not name or name in known:
            continue
        if name not in maker:
            raise model.fault(op, f"takes {shown(name)}, which nothing gives", "export the model again")
        before = maker[name]
        if id(before) in open_:
            raise model.fault(op, "feeds itself, and a network is no circle", "export the model again")
        if id(before) not in done:
            open_.add(id(before))
            stack.append((before, 0))
