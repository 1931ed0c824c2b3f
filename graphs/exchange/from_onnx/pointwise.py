"""Operators that work on each number, or on pairs of numbers, as layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Op
from graphs.exchange.from_onnx.norms import biased_before, scaled_before
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited, as_written, reads

if TYPE_CHECKING:
    from torch import Tensor

_PLAIN = {
    "Relu": "ReLU",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "Softplus": "Softplus",
    "HardSwish": "Hardswish",
    "Mish": "Mish",
    "Swish": "SiLU",
    "Softsign": "Softsign",
    "LogSigmoid": "LogSigmoid",
}
"""Operators that are one of our activations as they are."""
MOST_INPUTS = 26


@reads(*_PLAIN)
def plain(sketch: Sketch, op: Op) -> None:
    """An activation without fields."""
    kind, slope = _PLAIN[op.type], op.attributes.get("alpha", 1.0)
    if op.type == "Swish" and abs(slope - 1) > 1e-7:
        if abs(slope - 1.702) > 1e-6:
            raise Unsuited("its slope is its own")
        kind = "QuickGELU"
    sketch.like(op, kind, sketch.value(op.inputs[0]))


@reads("LeakyRelu", "Elu", "Celu")
def sloped(sketch: Sketch, op: Op) -> None:
    """Activations with one number."""
    kind, field, usual = {
        "LeakyRelu": ("LeakyReLU", "negative_slope", 0.01),
        "Elu": ("ELU", "alpha", 1.0),
        "Celu": ("CELU", "alpha", 1.0),
    }[op.type]
    alpha = as_written(op.attributes.get("alpha", usual))
    sketch.like(op, kind, sketch.value(op.inputs[0]), {field: alpha})


@reads("Selu", "Gelu", "HardSigmoid")
def special(sketch: Sketch, op: Op) -> None:
    """Activations that are ours at their usual numbers only."""
    usual: dict[str, dict[str, float]] = {
        "Selu": {"alpha": 1.6732632, "gamma": 1.050701},
        "HardSigmoid": {"alpha": 1 / 6, "beta": 0.5},
        "Gelu": {},
    }
    given = {"HardSigmoid": {"alpha": 0.2}}.get(op.type, {})
    for name, value in usual[op.type].items():
        if abs(op.attributes.get(name, given.get(name, value)) - value) > 5e-7:
            raise Unsuited("its numbers are its own")
    kind = {"Selu": "SELU", "Gelu": "GELU", "HardSigmoid": "Hardsigmoid"}[op.type]
    fields = {"approximate": op.attributes.get("approximate", "none")} if op.type == "Gelu" else {}
    sketch.like(op, kind, sketch.value(op.inputs[0]), fields)


@reads("PRelu")
def prelu(sketch: Sketch, op: Op) -> None:
    """A slope that is learned, for each channel or for all."""
    x, slope = sketch.value(op.inputs[0]), sketch.weight(op.inputs[1])
    shape = tuple(slope.shape)
    channels = (x.shape[0], *(1,) * (len(x.shape) - 1)) if x.shape else ()
    early = sketch.model.version < 7 and shape == channels[:1]
    if slope.numel() != 1 and not (x.batch == 0 and (shape[-len(channels) :] == channels or early)):
        raise Unsuited("its slopes lie along other axes")
    fields = {"per_channel": slope.numel() > 1}
    sketch.like(op, "PReLU", x, fields, weights={"weight": slope.reshape(-1)}, named=op.inputs[1])


@reads("Clip")
def clip(sketch: Sketch, op: Op) -> None:
    """Between two bounds, or from 0 on."""
    import math

    low = sketch.scalar(op.input(1)) if op.input(1) else op.attributes.get("min", -math.inf)
    high = sketch.scalar(op.input(2)) if op.input(2) else op.attributes.get("max", math.inf)
    bounds = (low, math.inf if high is not None and high > 1e30 else high)
    named: dict[tuple[float | None, float | None], str] = {(0.0, 6.0): "ReLU6", (0.0, math.inf): "ReLU"}
    x, plain = sketch.value(op.inputs[0]), named.get(bounds)
    if plain is not None:
        sketch.like(op, plain, x)
    elif low is None or high is None or not -1e6 <= low < high <= 1e6:
        raise Unsuited("its bounds are its own")
    else:
        sketch.like(op, "Hardtanh", x, {"min_val": as_written(low), "max_val": as_written(high)})


@reads("Softmax", "LogSoftmax")
def shares(sketch: Sketch, op: Op) -> None:
    """Shares along an axis; before opset 13 along all axes from one on."""
    x, early = sketch.value(op.inputs[0]), sketch.model.version < 13
    axis = op.attributes.get("axis", 1 if early else -1) % x.rank
    if early and any(n != 1 for n in x.full[axis + 1 :]):
        behind = tuple(n for n in x.full[axis:])
        if sum(n != 1 for n in behind) > 1:
            raise Unsuited("it takes several axes as one")
        axis += next(i for i, n in enumerate(behind) if n != 1)
    ours = x.axis(axis)
    sketch.like(op, op.type, x, {"axis": -1 if ours == len(x.shape) > 1 else ours})


@reads("GLU")
def gated(sketch: Sketch, op: Op) -> None:
    """Half of an axis as gates for the other half."""
    x = sketch.value(op.inputs[0])
    axis = x.axis(op.attributes["axis"])
    last = {"axis": -1} if axis == len(x.shape) > 1 else {"axis": axis}
    (end,) = sketch.layer(op, "GLU", [x], last)
    sketch.result(op, end, x)


@reads("Identity", "Cast", "CastLike")
def same(sketch: Sketch, op: Op) -> None:
    """Nothing is done, or nothing that shows here."""
    x = sketch.value(op.inputs[0])
    if op.type != "Identity" and str(sketch.known[op.gives].dtype).removeprefix("torch.") != x.dtype:
        raise Unsuited("it changes the type")
    sketch.put(op.gives, x)


@reads("Neg", "Add", "Sub", "Mul", "Div", "Sum")
def arithmetic(sketch: Sketch, op: Op) -> None:
    """Sums and products, of values or with constants."""
    constants = [_aligned(sketch, op, place) for place in range(len(op.inputs))]
    if op.type == "Neg":
        _scale(sketch, op, sketch.value(op.inputs[0]), -1.0, 0.0)
    elif all(constant is None for constant in constants):
        _joined(sketch, op)
    elif len(constants) == 2 and any(constant is None for constant in constants):
        place = 0 if constants[0] is not None else 1
        constant = constants[place]
        assert constant is not None
        _with_constant(sketch, op, sketch.value(op.inputs[1 - place]), constant, place)
    else:
        raise Unsuited("it takes several constants")


def _aligned(sketch: Sketch, op: Op, place: int) -> Tensor | None:
    """A constant operand with its axes where those of the other are; before opset 7 the operator says where."""
    constant, axis = sketch.constant(op.inputs[place]), op.attributes.get("axis")
    if sketch.model.version >= 7 or axis is None:
        return constant
    if place == 1 and constant is None:
        raise Unsuited("its axes are given")
    rank = len(sketch.full(op.inputs[0]))
    if constant is None or place == 0:
        return constant
    return constant.reshape(*constant.shape, *(1,) * (rank - axis % rank - constant.ndim))


def _joined(sketch: Sketch, op: Op) -> None:
    values = [sketch.value(name) for name in op.inputs]
    if len(values) == 1:
        sketch.put(op.gives, values[0])
        return
    if len(values) > MOST_INPUTS:
        raise Unsuited("it takes more than any layer")
    drawn = sketch.together(*values)
    kind = {"Sub": "Subtract", "Div": "Divide", "Mul": "Multiply"}.get(op.type, "Add")
    (end,) = sketch.layer(op, kind, drawn, {"count": len(drawn)} if kind in ("Multiply", "Add") else {})
    sketch.result(op, end, drawn[0])


def _with_constant(sketch: Sketch, op: Op, x: Drawn, constant: Tensor, place: int) -> None:
    """A value and a constant; `place` says which input the constant is."""
    if not constant.is_floating_point() or not x.dtype.startswith("float"):
        raise Unsuited("it reckons with whole numbers")
    if not sketch.known[op.inputs[place]].fixed:
        raise Unsuited("its constant depends on the batch")
    first, plain = place == 0, op.type in ("Add", "Mul") and op.inputs[place] in sketch.origins
    if op.type == "Sub" and not first:
        op, constant = op.take(type="Add"), -constant
    if op.type == "Div" and not first:
        op, constant = op.take(type="Mul"), 1 / constant
    if op.type in ("Add", "Mul") and scaled_before(sketch, op, x, constant):
        return
    if op.type == "Add" and biased_before(sketch, op, x, constant):
        return
    if constant.numel() == 1 and constant.ndim <= x.rank:
        _scalar(sketch, op, x, float(constant.reshape(-1)[0]))
    elif plain:
        _learned(sketch, op, x, constant, place)
    else:
        raise Unsuited("its constant is not learnt")


def _scalar(sketch: Sketch, op: Op, x: Drawn, number: float) -> None:
    ways = {"Mul": (number, 0.0), "Add": (1.0, number), "Sub": (-1.0, number)}
    if op.type not in ways:
        raise Unsuited("there is no layer for it")
    _scale(sketch, op, x, *ways[op.type])


def _scale(sketch: Sketch, op: Op, x: Drawn, factor: float, offset: float) -> None:
    if not x.dtype.startswith("float"):
        raise Unsuited("it reckons with whole numbers")
    fields = {"factor": as_written(factor), "offset": as_written(offset)}
    sketch.like(op, "Scale", x, {name: value for name, value in fields.items() if name == "factor" or value})


def _learned(sketch: Sketch, op: Op, x: Drawn, constant: Tensor, place: int) -> None:
    """Factors for each channel, rows for each step of a series."""
    shape = tuple(constant.shape)
    while len(shape) > 1 and shape[0] == 1 and len(shape) > len(x.shape):
        shape = shape[1:]
    named = op.inputs[place]
    if x.batch is None or len(shape) > len(x.shape):
        raise Unsuited("there is no layer for it")
    sizes = [i for i, n in enumerate(shape) if n > 1]
    along = len(x.shape) - len(shape) + (sizes[0] if sizes else 0)
    if op.type == "Mul" and len(sizes) == 1 and x.shape[along] == shape[sizes[0]] and _behind_batch(x, along):
        weight = constant.reshape(-1, *(1,) * (len(x.shape) - along - 1))
        fields: dict[str, Any] = {"axis": along + 1, "init": 1.0}
        sketch.like(op, "LayerScale", x, fields, weights={"weight": weight}, named=named)
        return
    if op.type == "Add" and len(x.shape) == 2 and shape == x.shape and x.batch == 0:
        sketch.like(op, "PositionalEmbedding", x, weights={"weight": constant.reshape(1, *shape)}, named=named)
        return
    raise Unsuited("there is no layer for it")


def _behind_batch(x: Drawn, along: int) -> bool:
    """Whether a constant of our shape lies along the same axes in ONNX: the batch is in front of them."""
    return x.batch is not None and x.batch <= along
