"""Runs one operator of a model on tensors, with or without numbers: to fold constants and to find shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Model, Op, words

if TYPE_CHECKING:
    from torch import Tensor

_ALIKE = {"Identity", "Dropout"}
_DECIDING = {"ConstantOfShape": frozenset({0}), "Range": frozenset({0, 1, 2}), "Gather": frozenset({1})}
"""Inputs whose numbers are looked at beside those that the table names."""
_KEEPING = words(
    "Relu LeakyRelu Sigmoid Tanh Elu Selu Softplus HardSwish Gelu Erf Neg Sqrt Exp Abs LRN BatchNormalization"
)
"""Operators that leave the shape and the type of their first input as they are; most of a model is of these."""
_PAIRS = words("Add Sub Mul Div Sum")
_STEPPING = {"LSTM": 3, "GRU": 2, "RNN": 2}
"""Operators that go through a series step by step, and how much they give."""
MOST = 2**28
"""Numbers of a constant that is the same everywhere; it takes no memory."""


def parameters_of(op: Op) -> frozenset[int]:
    """The inputs whose numbers decide about the shape."""
    from graphs.layers.onnx_operators import OPERATORS

    known = OPERATORS.get(op.type)
    return (known.known if known is not None else frozenset()) | _DECIDING.get(op.type, frozenset())


def computed(op: Op, model: Model, inputs: Sequence[Tensor | None]) -> tuple[Tensor, ...]:
    """What the operator gives. Raises FileFault for one that is not known, and what torch raises."""
    import torch

    if op.type in _ALIKE and inputs and inputs[0] is not None:
        return (inputs[0], torch.ones_like(inputs[0], dtype=torch.bool))[: len(op.outputs)]
    if op.type in _KEEPING and len(op.outputs) == 1 and inputs and inputs[0] is not None and inputs[0].is_meta:
        return (inputs[0],)
    if op.type in _PAIRS and model.version > 6 and any(t is not None and t.is_meta for t in inputs):
        return (_pair(inputs),)
    if op.type in _STEPPING and len(inputs) > 2 and inputs[0] is not None and inputs[0].is_meta:
        return _stepping(op, inputs[0], inputs[2])
    if op.type == "Constant":
        return (_constant(op, model),)
    if op.type == "ConstantOfShape":
        return (_filled(op, inputs),)
    from graphs.building.modules.onnx import evaluate
    from graphs.layers.onnx_operators import ABSENT, OPERATORS

    if op.type not in OPERATORS:
        reason = ABSENT.get(op.type, "it is not known")
        raise model.fault(op, f"is not read, for {reason}")
    given = list(inputs)
    while given and given[-1] is None:
        given.pop()
    return tuple(evaluate(op.type, model.version, plain_attributes(op), given, len(op.outputs)))


def _pair(inputs: Sequence[Tensor | None]) -> Tensor:
    """The shape and type of a sum or product; torch's own way imports its compiler first, which takes a second."""
    import torch

    given = [t for t in inputs if t is not None]
    dtype = reduce(torch.promote_types, (t.dtype for t in given))
    shape = torch.broadcast_shapes(*(t.shape for t in given))  # type: ignore[no-untyped-call]
    return torch.empty(shape, dtype=dtype, device="meta")


def _stepping(op: Op, x: Tensor, again: Tensor | None) -> tuple[Tensor, ...]:
    """The shapes of [T, N, …] read step by step, without taking the steps: every state, and the last ones."""
    if again is None or again.ndim != 3 or x.ndim != 3:
        raise ValueError(f"{op.type} takes a series, and weights for each direction")
    ways, hidden, front = again.shape[0], again.shape[2], bool(op.attributes.get("layout", 0))
    steps, samples = (x.shape[1], x.shape[0]) if front else (x.shape[0], x.shape[1])
    every = (samples, steps, ways, hidden) if front else (steps, ways, samples, hidden)
    last = (samples, ways, hidden) if front else (ways, samples, hidden)
    shapes = (every, *[last] * (_STEPPING[op.type] - 1))[: len(op.outputs)]
    return tuple(x.new_empty(shape) for shape in shapes)


def plain_attributes(op: Op) -> dict[str, Any]:
    """The attributes; what is written in half or double precision is of single precision here."""
    found = dict(op.attributes)
    if op.type in ("Cast", "EyeLike", "RandomNormal") and found.get("to", found.get("dtype")) in (10, 11, 16):
        found["to" if op.type == "Cast" else "dtype"] = 1
    return found


def _constant(op: Op, model: Model) -> Tensor:
    import torch

    for name, value in op.attributes.items():
        if isinstance(value, torch.Tensor):
            return value
        if name in ("value_int", "value_ints"):
            return torch.tensor(value, dtype=torch.int64)
        if name in ("value_float", "value_floats"):
            return torch.tensor(value, dtype=torch.float32)
    raise model.fault(op, "holds no numbers", "export the model again")


def _filled(op: Op, inputs: Sequence[Tensor | None]) -> Tensor:
    """The same number everywhere, kept once."""
    import torch

    value = op.attributes.get("value")
    number = value.reshape(-1)[0] if isinstance(value, torch.Tensor) else torch.tensor(0.0)
    shape = [] if inputs[0] is None else [int(n) for n in inputs[0].flatten().tolist()]
    if any(n < 0 for n in shape) or len(shape) > 8 or math.prod(shape) > MOST:
        raise ValueError(f"the shape {shape} is none that a constant can have")
    return number.expand(shape)
