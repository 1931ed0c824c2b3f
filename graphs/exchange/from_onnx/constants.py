"""What is constant in a model, and the shape of everything else, found without any data.

Every operator runs on tensors that have a shape and no numbers, for a batch of one and for a batch of `OTHER`
samples: where the two shapes differ, the batch lies. What depends on constants alone is computed, for both batches
where it is a shape itself; so the runs of Shape, Gather and Concat that exporters write before a Reshape vanish.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.bounds import DEEPEST, FLOWING, WIDEST, Budget, TooMuch, plausible
from graphs.exchange.from_onnx.model import Model, Op, sorted_ops
from graphs.exchange.from_onnx.operators import computed, parameters_of
from graphs.files.faults import FileFault, shown

if TYPE_CHECKING:
    import torch
    from torch import Tensor

OTHER = 7
"""The second batch: a number that sizes of layers seldom are."""


class Misfit(Exception):
    """An operator does not take what arrives at it."""

    def __init__(self, op: Op, reason: str) -> None:
        super().__init__(f"{op.name}: {reason}")
        self.op, self.reason = op, reason


@dataclass(frozen=True)
class Plan:
    """How the inputs are taken: the axes of each at a batch of one, and along which axis each holds the samples.

    Without any, an input with all of its axes is one sample. `written` is the batch that the file was written for, None
    where it is free; without `both`, no other batch than that of one is looked at.
    """

    axes: Mapping[str, tuple[int, ...]]
    batched: Mapping[str, int]
    written: int | None = None
    both: bool = True

    @property
    def batches(self) -> tuple[int, ...]:
        """The batches that are looked at."""
        if not (self.batched and self.both):
            return (1,)
        return (1, OTHER) if self.written in (None, 1) else (1, OTHER, int(self.written or 1))


@dataclass(frozen=True)
class Known:
    """A value for each batch: numbers where it is `constant`, else a shape alone; None where it does not run."""

    worlds: tuple[Tensor | None, ...]
    constant: bool

    @property
    def one(self) -> Tensor:
        """The value for a batch of one."""
        assert self.worlds[0] is not None
        return self.worlds[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape for a batch of one, all axes."""
        return tuple(self.one.shape)

    @property
    def dtype(self) -> torch.dtype:
        """The type of its numbers."""
        return self.one.dtype

    @property
    def fixed(self) -> bool:
        """Whether it is a constant that is the same for every batch."""
        return self.constant and all(world is None or _same(world, self.one) for world in self.worlds)

    @property
    def along(self) -> int | None:
        """The axis in which it grows with the batch, None where it does not or where several are mixed."""
        if len(self.worlds) < 2 or self.worlds[1] is None or self.worlds[1].ndim != self.one.ndim:
            return None
        pairs = zip(self.one.shape, self.worlds[1].shape, strict=True)
        axes = [(place, b) for place, (a, b) in enumerate(pairs) if a != b]
        return axes[0][0] if len(axes) == 1 and axes[0][1] == OTHER and self.one.shape[axes[0][0]] == 1 else None


def _same(a: Tensor, b: Tensor) -> bool:
    import torch

    return a is b or (a.shape == b.shape and a.dtype == b.dtype and bool(torch.equal(a, b)))


@dataclass
class Folded:
    """The operators that remain, in order, and what is known of every value."""

    model: Model
    plan: Plan
    ops: list[Op]
    known: dict[str, Known]
    origins: dict[str, str]
    """The constant of the file that a computed one was made of."""


def folded(
    model: Model, plan: Plan, told: Callable[[float], None] = lambda share: None, budget: Budget | None = None
) -> Folded:
    """Computes what is constant and the shape of the rest. `budget` is what is left for the file, of all attempts.

    Raises Misfit, and FileFault for what is unknown and what takes too much.
    """
    import torch

    folding = _Folding(model, plan, budget or Budget())
    order, remaining = sorted_ops(model), []
    with torch.no_grad():
        for place, op in enumerate(order):
            if place % 16 == 0:
                told(place / len(order))
            if not folding.fold(op):
                remaining.append(op)
    return Folded(model, plan, _needed(model, remaining), folding.known, folding.origins)


def _needed(model: Model, ops: Sequence[Op]) -> list[Op]:
    """Those of the operators that lead to an output."""
    wanted, kept = set(model.outputs), []
    for op in reversed(ops):
        if wanted.intersection(op.outputs):
            wanted.update(op.inputs)
            kept.append(op)
    return kept[::-1]


class _Folding:
    def __init__(self, model: Model, plan: Plan, budget: Budget) -> None:
        import torch

        budget.begin()

        self.model, self.plan, self.batches = model, plan, plan.batches
        self.known: dict[str, Known] = {}
        self.origins: dict[str, str] = {}
        self._bare: dict[int, tuple[Tensor, Tensor]] = {}
        self._budget = budget
        count = len(self.batches)
        for name, tensor in model.tensors.items():
            self.known[name], self.origins[name] = Known((tensor,) * count, True), name
        for given in model.inputs:
            axes, dtype, along = plan.axes[given.name], getattr(torch, given.dtype), plan.batched.get(given.name)
            if math.prod(axes) > FLOWING:
                where, problem = f"input {shown(given.name)}", "is larger than any data"
                raise FileFault(model.file, where, problem, "give smaller sizes, or export a smaller model")
            sizes = [tuple(b if place == along else n for place, n in enumerate(axes)) for b in self.batches]
            made = [torch.empty(size, dtype=dtype, device="meta") for size in sizes]
            self.known[given.name] = Known(tuple(made), False)

    def fold(self, op: Op) -> bool:
        """Notes what the operator gives; whether that is constant."""
        takes = [self.known[name] if name else None for name in op.inputs]
        constant = all(value is None or value.constant for value in takes) and not op.type.startswith("Random")
        if op.type in ("Shape", "Size") and takes and takes[0] is not None:
            self._note(op, [[_shape(op, world)] if world is not None else None for world in takes[0].worlds], True)
            return True
        worlds: list[list[Tensor] | None] = []
        for place in range(len(self.batches)):
            inputs = [None if value is None else value.worlds[place] for value in takes]
            lost = any(value is not None and tensor is None for value, tensor in zip(takes, inputs, strict=True))
            same = place and worlds[0] is not None and _alike(takes, place)
            worlds.append(worlds[0] if same else None if lost else self._run(op, inputs, constant, place))
        if op.type == "Reshape" and not constant:
            worlds = self._freed(op, takes, worlds)
            if worlds[0] is None:
                raise Misfit(op, "its shape suits no other batch")
        self._note(op, worlds, constant)
        if constant and (made_of := next((self.origins[n] for n in op.inputs if n in self.origins), "")):
            self.origins.update(dict.fromkeys(filter(None, op.outputs), made_of))
        return constant

    def _note(self, op: Op, worlds: Sequence[Sequence[Tensor] | None], constant: bool) -> None:
        for place, name in enumerate(op.outputs):
            if name:
                values = [None if world is None or place >= len(world) else world[place] for world in worlds]
                if values[0] is not None:
                    self.known[name] = Known(tuple(values), constant)

    def _run(self, op: Op, inputs: list[Tensor | None], constant: bool, place: int) -> list[Tensor] | None:
        try:
            made = self._constant(op, inputs) if constant else self._shaped(op, inputs)
            if any(t.ndim > DEEPEST or (t.numel() > (WIDEST if constant else FLOWING) and not place) for t in made):
                raise TooMuch
            return made
        except FileFault:
            raise
        except TooMuch as error:
            problem = "makes a constant" if constant else "gives a result"
            problem = f"{problem} that is too large, or takes too long to compute"
            raise self.model.fault(op, problem, "export the model again, or choose another") from error
        except Exception as error:  # whatever torch says of numbers out of a file
            if isinstance(error, MemoryError) or not (place or self._may_be_freed(op, constant)):
                raise Misfit(op, _line(error)) from error
            return None

    def _may_be_freed(self, op: Op, constant: bool) -> bool:
        """Whether the operator was written for another batch than that of one, and may be meant for all."""
        return op.type == "Reshape" and not constant and len(self.batches) > 2

    def _shapes_only(self, op: Op, inputs: list[Tensor | None]) -> list[Tensor | None]:
        """The inputs without numbers, but for those that decide about shapes."""
        kept = parameters_of(op)
        return [t if t is None or place in kept else self._without(t) for place, t in enumerate(inputs)]

    def _without(self, tensor: Tensor) -> Tensor:
        import torch

        if tensor.is_meta:
            return tensor
        found = self._bare.get(id(tensor))
        if found is None:
            bare = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
            found = self._bare[id(tensor)] = (tensor, bare)
        return found[1]

    def _constant(self, op: Op, inputs: list[Tensor | None]) -> list[Tensor]:
        bare = self._shapes_only(op, inputs)
        self._budget.foresee(op, inputs, lambda: computed(op, self.model, bare))
        return list(computed(op, self.model, inputs))

    def _shaped(self, op: Op, inputs: list[Tensor | None]) -> list[Tensor]:
        plausible(op, inputs)
        bare = self._shapes_only(op, inputs)
        return list(self._budget.shaped(lambda: computed(op, self.model, bare), not any(t is not None for t in bare)))

    def _freed(
        self, op: Op, takes: Sequence[Known | None], worlds: list[list[Tensor] | None]
    ) -> list[list[Tensor] | None]:
        """A Reshape whose shape was written for one batch, for every batch."""
        value, shape = takes[0], takes[1] if len(takes) > 1 else None
        if value is None or value.along is None or self.plan.written is None or (shape and not shape.fixed):
            return worlds
        written = worlds[self.batches.index(self.plan.written)]
        if written is None:
            return worlds
        whole = tuple(value.worlds[self.batches.index(self.plan.written)].shape)  # type: ignore[union-attr]
        axis = batch_axis(whole, value.along, tuple(written[0].shape), self.plan.written)
        if axis is None:
            return worlds
        import torch

        sizes = list(written[0].shape)
        return [
            [torch.empty((*sizes[:axis], batch, *sizes[axis + 1 :]), dtype=value.dtype, device="meta")]
            for batch in self.batches
        ]


def batch_axis(before: Sequence[int], along: int, after: Sequence[int], batch: int) -> int | None:
    """The axis of `after` that is the axis `along` of `before`, where a Reshape keeps it whole."""
    size = math.prod(before[:along])
    if along < len(after) and math.prod(after[:along]) == size and after[along] == batch:
        return along
    for place, n in enumerate(after):
        if n == batch and math.prod(after[:place]) == size:
            return place
    return None


def _alike(takes: Sequence[Known | None], place: int) -> bool:
    return all(value is None or value.worlds[place] is value.worlds[0] for value in takes)


def _shape(op: Op, world: Tensor) -> Tensor:
    import torch

    if op.type == "Size":
        return torch.tensor(world.numel())
    start, end = op.attributes.get("start", 0), op.attributes.get("end")
    return torch.tensor(list(world.shape)[start:end], dtype=torch.int64)


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"


def listed(value: Known | None) -> list[Any] | None:
    """The numbers of a small constant, None where it is none."""
    if value is None or not value.constant or value.one.numel() > 4096:
        return None
    numbers: list[Any] = value.one.flatten().tolist()
    return numbers
