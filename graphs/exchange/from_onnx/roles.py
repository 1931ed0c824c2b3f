"""Which constants of an operator are learnt, and which stand still."""

from __future__ import annotations

from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.operators import parameters_of
from graphs.exchange.from_onnx.sketch import Sketch

_WEIGHTS = {
    **dict.fromkeys(words("Conv ConvTranspose Gemm LayerNormalization RMSNormalization"), (1, 2)),
    **dict.fromkeys(words("BatchNormalization InstanceNormalization GroupNormalization"), (1, 2)),
    **dict.fromkeys(words("GRU RNN"), (1, 2, 3)),
    **dict.fromkeys(words("MatMul Einsum"), (0, 1)),
    "LSTM": (1, 2, 3, 7),
    "DeformConv": (1, 3),
    "PRelu": (1,),
    "Gather": (0,),
}
"""The operands of operators that are weights, offsets and tables by their role."""
_NORMS = words(
    "BatchNormalization InstanceNormalization GroupNormalization LayerNormalization RMSNormalization LpNormalization"
)
_PRODUCTS = words("Conv ConvTranspose Gemm MatMul")


def learns(sketch: Sketch, op: Op, place: int) -> bool:
    """Whether a constant operand is learnt: whether it is a weight by its role.

    That is what leads back to a constant that the file keeps by name (an initialiser), no value that its operators
    spell out, and is a weight, an offset or a table of its operator; or is a factor directly behind a normalisation; or
    is added, a row for one axis, directly behind a normalisation or a product with weights. All else stands still: what
    is subtracted and divided by, masks, the states that a recurrent layer begins with.
    """
    name = op.inputs[place]
    tensor = sketch.constant(name)
    if tensor is None or not tensor.is_floating_point() or tensor.numel() < 2 or name not in sketch.origins:
        return False
    if op.type in ("Add", "Mul"):
        return _belongs(sketch, op, place)
    return place in _WEIGHTS.get(op.type, ())


def _belongs(sketch: Sketch, op: Op, place: int) -> bool:
    """Whether a factor or an offset goes with the normalisation or product in front of it."""
    other = sketch.values.get(op.inputs[1 - place]) if len(op.inputs) == 2 else None
    if other is None:
        return False
    before = sketch.behind(other).op
    if before.type in _NORMS:
        return True
    row = sum(size > 1 for size in sketch.full(op.inputs[place])) == 1
    weighed = before.type in _PRODUCTS and any(sketch.constant(name) is not None for name in before.inputs if name)
    return op.type == "Add" and row and weighed


def still(sketch: Sketch) -> list[str]:
    """What is told of the constants of operators that stand still while a network learns: how many they are."""
    count = sum(
        _still(made.op, made.fields.get("slots", [])) for made in sketch.nodes.values() if made.kind == "OnnxOp"
    )
    if not count:
        return []
    what = "1 constant of an operator is no weight by its role, and stands"
    if count > 1:
        what = f"{count} constants of operators are no weights by their role, and stand"
    return [f"{what} still in training."]


def _still(op: Op, slots: list[dict[str, object] | None]) -> int:
    """How many fractional operands of more than one number are not learnt; those that say a shape are none."""
    told = parameters_of(op)
    given = [slot for place, slot in enumerate(slots) if slot and place not in told and "wire" not in slot]
    return sum("float" in str(slot["dtype"]) and not slot.get("learn") and _many(slot) for slot in given)


def _many(slot: dict[str, object]) -> bool:
    value = slot.get("value")
    return value is None or (isinstance(value, list) and bool(value) and (len(value) > 1 or _many({"value": value[0]})))
