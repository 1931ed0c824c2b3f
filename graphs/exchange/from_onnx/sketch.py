"""The network while it is drawn from operators: values, the nodes that give them, and their weights.

A value of ONNX has the batch along one of its axes, or none where it is made for each sample alone. Ours has the batch
in front of what one sample has. `Drawn` says how the two relate; another shape is only noted and drawn as a Reshape
when something takes it, so a Squeeze behind an Unsqueeze leaves nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.constants import Folded, Known
from graphs.exchange.from_onnx.model import Model, Op
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End, Node, Wire

if TYPE_CHECKING:
    from torch import Tensor


MOST_MADE = 2**28
"""Numbers of all weights beyond those that the file holds: what it only says how to fill takes memory as well."""


class Unsuited(Exception):
    """No layer of ours does what an operator does."""


class Whole(Exception):
    """The samples of a batch are mixed: the model can be had for its whole input alone."""


def as_written(value: float) -> float:
    """A number of single precision as a person writes it, in the fewest digits that lead back to it: 1e-05."""
    import numpy as np

    with np.errstate(over="ignore"):
        single = np.float32(value)
    return float(str(single)) if float(single) == value else value


@dataclass(frozen=True)
class Drawn:
    """A value of ours. `made` is the shape of one sample as the node gives it, `shape` as ONNX has it: without the axis
    `batch`, or all axes at a batch of one where `batch` is None."""

    end: End
    made: tuple[int, ...]
    shape: tuple[int, ...]
    batch: int | None = 0
    dtype: str = "float32"

    @property
    def full(self) -> tuple[int, ...]:
        """All axes of ONNX at a batch of one."""
        return self.shape if self.batch is None else (*self.shape[: self.batch], 1, *self.shape[self.batch :])

    @property
    def rank(self) -> int:
        """How many axes ONNX's value has."""
        return len(self.shape) + (self.batch is not None)

    def axis(self, axis: int) -> int:
        """Our number, from 1 on, of an axis of ONNX. Raises Unsuited for that of the batch."""
        place = axis % self.rank if -self.rank <= axis < self.rank else -1
        if place < 0 or place == self.batch:
            raise Unsuited("it works along the batch")
        return place + (self.batch is None or place < self.batch)

    def seen(self, shape: Sequence[int], batch: int | None) -> Drawn:
        """The same numbers in another shape."""
        return replace(self, shape=tuple(shape), batch=batch)


@dataclass
class Made:
    """A node while it is drawn. `path` is where it stands, its own name last; empty until it is named."""

    kind: str
    fields: dict[str, Any]
    op: Op
    weights: dict[str, Tensor] = field(default_factory=dict)
    named: str = ""
    title: str = ""


class Sketch:
    """Nodes and wires so far. `known` says what is constant and the shape of all values."""

    def __init__(self, folded: Folded, catalogue: Catalogue) -> None:
        self.model: Model = folded.model
        self.plan, self.known, self.catalogue = folded.plan, folded.known, catalogue
        self.ops, self.origins = folded.ops, folded.origins
        self.nodes: dict[str, Made] = {}
        self.wires: dict[End, Wire] = {}
        self.values: dict[str, Drawn] = {}
        self.uses = Counter(name for op in folded.ops for name in op.inputs if name)
        self.uses.update(folded.model.outputs)
        self.notes: list[str] = []
        self.inputs: list[str] = []
        self.ordered: dict[tuple[Hashable, ...], Tensor] = {}
        self._numbers: Counter[str] = Counter()
        self._left = MOST_MADE + folded.model.held
        self._shaped: dict[tuple[End, tuple[int, ...]], End] = {}
        self._parameters: dict[str, Drawn] = {}

    # What is known

    def constant(self, name: str) -> Tensor | None:
        """The constant of this name, for a batch of one; None where it is none."""
        known = self.known.get(name)
        return known.one if known is not None and known.constant else None

    def weight(self, name: str) -> Tensor:
        """A constant that does not depend on the batch. Raises Unsuited where it is none."""
        known = self.known.get(name)
        if known is None or not known.fixed:
            raise Unsuited("its weights are no constants")
        return known.one

    def numbers(self, name: str) -> list[Any] | None:
        """The numbers of a small constant, None where it is left out. Raises Unsuited where it is no constant."""
        if not name:
            return None
        tensor = self.constant(name)
        if tensor is None or tensor.numel() > 4096:
            raise Unsuited("its numbers are no constants")
        found: list[Any] = tensor.flatten().tolist()
        return found

    def scalar(self, name: str) -> float | None:
        """The one number of a constant, None where it is no constant of one number."""
        tensor = self.constant(name)
        return float(tensor.reshape(-1)[0]) if tensor is not None and tensor.numel() == 1 else None

    def full(self, name: str) -> tuple[int, ...]:
        """All axes of a value at a batch of one."""
        return self.known[name].shape

    def value(self, name: str) -> Drawn:
        """A value that is fed by the data; a constant becomes a node that gives it for every sample."""
        if name in self.values:
            return self.values[name]
        known = self.known.get(name)
        if known is None or not known.constant:
            raise Unsuited("it takes what nothing gives")
        if name not in self._parameters:
            self._parameters[name] = self._parameter(name, known)
        return self._parameters[name]

    def alone(self, name: str) -> bool:
        """Whether one operator only takes this value."""
        return self.uses[name] == 1

    def behind(self, drawn: Drawn) -> Made:
        """The node that gives a value."""
        return self.nodes[drawn.end.node]

    # The forms of a value

    def batched(self, name: str) -> Drawn:
        """The value with the batch in front. Raises Unsuited where it is elsewhere."""
        drawn = self.value(name)
        if drawn.batch is None and drawn.shape[:1] == (1,):
            return drawn.seen(drawn.shape[1:], 0)
        if drawn.batch != 0:
            raise Unsuited("its batch is not in front")
        return drawn

    def single(self, drawn: Drawn) -> Drawn:
        """The value as one sample alone has it, with an axis of one for the batch."""
        if drawn.batch is not None and self.plan.batched and self.plan.written not in (None, 1):
            raise Whole
        return drawn.seen(drawn.full, None)

    def together(self, *drawn: Drawn) -> list[Drawn]:
        """Values with as many axes each, and the batch at the same place in all of them or in none."""
        rank = max(d.rank for d in drawn)
        places = {d.batch - d.rank for d in drawn if d.batch is not None}
        padded = [(*(1,) * (rank - d.rank), *d.full) for d in drawn]
        if len(places) == 1:
            place = rank + places.pop()
            if all(d.batch is not None or shape[place] == 1 for d, shape in zip(drawn, padded, strict=True)):
                return [
                    d.seen((*shape[:place], *shape[place + 1 :]), place) for d, shape in zip(drawn, padded, strict=True)
                ]
        return [self.single(d).seen(shape, None) for d, shape in zip(drawn, padded, strict=True)]

    # Drawing

    def put(self, name: str, drawn: Drawn) -> None:
        """Notes which value of ours is the value `name`."""
        self.values[name] = drawn

    def layer(
        self,
        op: Op,
        kind: str,
        inputs: Sequence[Drawn],
        fields: Mapping[str, Any] | None = None,
        weights: Mapping[str, Tensor] | None = None,
        named: str = "",
    ) -> list[End]:
        """A layer fed by these values in the order of its ports. `named` is the constant that says its name best.

        Raises Unsuited where the layer does not take its fields or values.
        """
        try:
            layer = self.catalogue.parse(kind, fields or {})
        except BadFields as error:
            raise Unsuited(str(error)) from error
        ports = layer.inputs()
        if any(
            port.accepts == "float" and not d.dtype.startswith("float") for port, d in zip(ports, inputs, strict=True)
        ):
            raise Unsuited("it works on whole numbers")
        self._left -= sum(tensor.numel() for tensor in (weights or {}).values())
        if self._left < 0:
            problem = "makes the weights far larger than the file that should hold them"
            raise self.model.fault(op, problem, "choose a smaller model")
        sources = [self._drawn(op, d) for d in inputs]
        id = self._fresh(layer.stem)
        usual = type(layer)().model_dump(mode="json")
        given = layer.model_dump(mode="json", include=set(fields or {}))
        chosen = {key: value for key, value in given.items() if key == "op" or value != usual.get(key, ...)}
        self.nodes[id] = Made(kind, chosen, op, dict(weights or {}), named)
        for port, source in zip(ports, sources, strict=True):
            self.wires[End(id, port.name)] = Wire(source, End(id, port.name))
        return [End(id, port.name) for port in layer.outputs()]

    def like(self, op: Op, kind: str, drawn: Drawn, fields: Mapping[str, Any] | None = None, **more: Any) -> None:
        """A layer that leaves the shape as it is."""
        (end,) = self.layer(op, kind, [drawn], fields, **more)
        self.put(op.gives, Drawn(end, drawn.shape, drawn.shape, drawn.batch, drawn.dtype))

    def result(self, op: Op, end: End, like: Drawn, place: int = 0) -> Drawn:
        """Notes that `end` gives a result whose batch lies where that of `like` does."""
        full = self.full(op.outputs[place])
        shape = full if like.batch is None else (*full[: like.batch], *full[like.batch + 1 :])
        dtype = str(self.known[op.outputs[place]].dtype).removeprefix("torch.")
        drawn = Drawn(end, shape, shape, like.batch, dtype)
        self.put(op.outputs[place], drawn)
        return drawn

    def drawn(self, op: Op, value: Drawn) -> Drawn:
        """The value in the shape that it is noted to have."""
        return replace(value, end=self._drawn(op, value), made=value.shape)

    def _drawn(self, op: Op, value: Drawn) -> End:
        if value.made == value.shape:
            return value.end
        key = (value.end, value.shape)
        if key not in self._shaped:
            self._shaped[key] = self._reshape(op, value)
        return self._shaped[key]

    def _reshape(self, op: Op, value: Drawn) -> End:
        plain = value.seen(value.made, None)
        if value.made == (1,) and not value.shape:
            return self.layer(op, "Slice", [plain], {"axis": 1, "start": 0, "end": 1, "drop": True})[0]
        if not value.shape or any(n < 1 for n in value.shape) or len(value.shape) > 8:
            return self.layer(op, "OnnxOp", [plain], self._as_operation(value))[0]
        if value.shape == (math.prod(value.made),) and value.made:
            return self.layer(op, "Flatten", [plain])[0]
        return self.layer(op, "Reshape", [plain], {"shape": list(value.shape)})[0]

    def _as_operation(self, value: Drawn) -> dict[str, Any]:
        slots = [{"wire": 0}, {"value": list(value.shape), "dtype": "int64"}]
        return {"op": "Reshape", "version": max(13, self.model.version), "slots": slots, "each": True}

    def _parameter(self, name: str, known: Known) -> Drawn:
        """A node that gives a constant for every sample."""
        along, tensor = known.along, known.one
        if not tensor.is_floating_point() or (not known.fixed and along is None):
            raise Unsuited("it takes constants that are no numbers")
        shape = tuple(tensor.shape) if along is None else tuple(n for i, n in enumerate(tensor.shape) if i != along)
        if not self.inputs or not 1 <= len(shape) <= 8:
            raise Unsuited("it takes a constant that no layer gives")
        op = Op(name, "Constant", (), (name,))
        feed = self.values[self.inputs[0]]
        weights = {"weight": tensor.reshape(1, *shape)}
        (end,) = self.layer(op, "Parameter", [feed.seen(feed.made, None)], {"shape": list(shape)}, weights, name)
        return Drawn(end, shape, shape, along)

    def _fresh(self, stem: str) -> str:
        self._numbers[stem] += 1
        return f"{stem}{self._numbers[stem]}"

    # Afterwards

    def feeds(self) -> Mapping[str, list[Wire]]:
        """The wires that start at each node."""
        found: dict[str, list[Wire]] = {}
        for wire in self.wires.values():
            found.setdefault(wire.source.node, []).append(wire)
        return found

    def cut(self, id: str) -> None:
        """Takes out a node of one input; what it fed is fed by what fed it."""
        (into,) = [wire for wire in self.wires.values() if wire.target.node == id]
        del self.wires[into.target], self.nodes[id]
        for wire in [wire for wire in self.wires.values() if wire.source.node == id]:
            self.wires[wire.target] = Wire(into.source, wire.target)

    def network_nodes(self) -> list[Node]:
        """The nodes as they are."""
        return [Node(id, made.kind, made.title, made.fields) for id, made in self.nodes.items()]


Handler = Callable[[Sketch, Op], None]
HANDLERS: dict[str, Handler] = {}


def reads(*types: str) -> Callable[[Handler], Handler]:
    """Says which operators a function draws."""

    def note(function: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(types, function))
        return function

    return note
