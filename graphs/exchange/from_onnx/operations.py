"""Operators that no layer says, as nodes that compute them as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.operators import plain_attributes
from graphs.exchange.from_onnx.roles import learns
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited

if TYPE_CHECKING:
    from torch import Tensor

SMALL = 1024
_PAIRS = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "And", "Or", "Xor", "Equal", "Greater"}
_PAIRS |= {"Less", "GreaterOrEqual", "LessOrEqual", "Where", "Mod", "PRelu", "BitShift", "Clip"}
_SINGLE = words(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish IsInf "
    "IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt "
    "Tan Tanh ThresholdedRelu Cast Identity BitwiseNot"
)
_FRONT = words(
    "Conv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool BatchNormalization "
    "InstanceNormalization GroupNormalization LRN DepthToSpace SpaceToDepth"
)
"""Operators that work on each sample along axis 0 by themselves."""
_ALONG = words("Softmax LogSoftmax Hardmax ArgMax ArgMin LpNormalization TopK CumSum")


def operation(sketch: Sketch, op: Op) -> None:
    """Draws an operator as it is. Raises Unsuited where even that cannot be."""
    named = {name: sketch.value(name) for name in op.inputs if name and sketch.constant(name) is None}
    if not named:
        raise Unsuited("nothing feeds it")
    like = _form(sketch, op, named)
    if like is None:
        named = {name: sketch.single(value) for name, value in named.items()}
    slots: list[Any] = []
    weights: dict[str, Tensor] = {}
    places = {name: place for place, name in enumerate(named)}
    for place, name in enumerate(op.inputs):
        constant = sketch.constant(name) if name else None
        if not name:
            slots.append(None)
        elif constant is None:
            slots.append({"wire": places[name]})
        else:
            slots.append(_slot(sketch, op, place, constant, weights))
    while slots and slots[-1] is None:
        slots.pop()
    gives = max(place for place, name in enumerate(op.outputs) if name and sketch.uses[name]) + 1
    fields: dict[str, Any] = {
        "op": op.type,
        "version": sketch.model.version,
        "attributes": {name: value for name, value in plain_attributes(op).items() if _is_plain(value)},
        "takes": len(named),
        "gives": gives,
        "slots": [] if slots == [{"wire": place} for place in range(len(named))] else slots,
        "each": like is None,
    }
    first = next((n for i, n in enumerate(op.inputs) if slots[i : i + 1] and "tensor" in (slots[i] or {})), "")
    ends = sketch.layer(op, "OnnxOp", list(named.values()), fields, weights, first)
    for place, end in enumerate(ends):
        if op.outputs[place]:
            sketch.result(op, end, like or Drawn(end, (), (), None), place)


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str | list)


def _slot(sketch: Sketch, op: Op, place: int, constant: Tensor, weights: dict[str, Tensor]) -> dict[str, Any]:
    dtype = str(constant.dtype).removeprefix("torch.")
    learnt = learns(sketch, op, place)
    if not learnt and constant.numel() <= SMALL:
        return {"value": _written(constant.tolist()), "dtype": dtype}
    if constant.numel() > 2**31:
        raise Unsuited("it holds too many numbers")
    weights[f"input_{place}"] = constant
    return {"tensor": f"input_{place}", "shape": list(constant.shape), "dtype": dtype, "learn": learnt}


def _written(value: Any) -> Any:
    """Numbers that JSON lacks in words."""
    if isinstance(value, list):
        return [_written(inner) for inner in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return value


def _form(sketch: Sketch, op: Op, named: dict[str, Drawn]) -> Drawn | None:
    """A value whose batch lies where that of the results does, None where each sample must be computed alone."""
    values = list(named.values())
    first, rest = values[0], [name for name in op.inputs if name and name not in named]
    rank = len(sketch.full(op.gives))
    if op.type in _SINGLE and len(values) == 1 and all(sketch.full(name) in ((), (1,)) for name in rest):
        return first
    if any(value.batch != 0 for value in values):
        return None
    if op.type in _PAIRS and all(value.rank == rank for value in values) and "axis" not in op.attributes:
        return first if all(_spared(sketch.full(name), rank) for name in rest) else None
    if op.type in _FRONT and len(values) == 1 and op.inputs[0] in named:
        return first if not (op.type == "MaxPool" and len(op.outputs) > 1) else None
    if op.type in _ALONG and len(values) == 1:
        return first if not _touches(sketch, op, first) else None
    if op.type.startswith("Reduce") and len(values) == 1:
        axes = sketch.numbers(op.input(1)) or op.attributes.get("axes") or []
        return first if axes and all(axis % first.rank for axis in axes) else None
    return None


def _spared(shape: tuple[int, ...], rank: int) -> bool:
    """Whether a constant leaves axis 0 of values with so many axes alone."""
    return len(shape) < rank or shape[:1] == (1,) or not rank


def _touches(sketch: Sketch, op: Op, value: Drawn) -> bool:
    """Whether an operator works along the batch, or may."""
    early = sketch.model.version < 13 and op.type in ("Softmax", "LogSoftmax", "Hardmax")
    usual = 0 if op.type in ("ArgMax", "ArgMin") else 1 if early else -1
    axis = op.attributes.get("axis", usual)
    if op.type == "CumSum":
        axis = (sketch.numbers(op.input(1)) or [0])[0]
    return bool(axis % value.rank == 0)
