"""Which operators of a file take the samples of a batch together. Here every sample is computed alone, as the file does
for a batch of one, and where that makes a difference it is told."""

from __future__ import annotations

from graphs.exchange.from_onnx.constants import OTHER
from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited
from graphs.files.faults import shown

_AXIS = {"ArgMax": 0, "ArgMin": 0, "Gather": 0, "TopK": -1, "LpNormalization": -1, "CumSum": 0, "CumProd": 0}
"""Operators that work along one axis, and along which where nothing is said."""
_SHARES = words("Softmax LogSoftmax Hardmax")
_VALUES = words("Add Sub Mul Div Pow Min Max Clip Pad Where Mod Sum Mean")
"""Operators for which a number that is reckoned from how many samples there are is more than a size."""


def told_of(sketch: Sketch, op: Op) -> None:
    """Notes that an operator mixes samples, or reckons with how many there are."""
    if not sketch.plan.batched or sketch.plan.written is not None:
        return
    if _mixes(sketch, op) or _counts(sketch, op) or any(_cut(sketch, name) for name in op.outputs):
        name = f"{op.type} {shown(op.name or op.gives)}"
        sketch.notes.append(
            f"{name} takes the samples of a batch together; here each is computed alone, as for a batch of one."
        )


def _counts(sketch: Sketch, op: Op) -> bool:
    known = (sketch.known[name] for name in op.inputs if name)
    return op.type in _VALUES and any(k.constant and not k.fixed and k.dtype.is_floating_point for k in known)


def _cut(sketch: Sketch, name: str) -> bool:
    """Whether a value is not as long along the batch as there are samples."""
    drawn: Drawn | None = sketch.values.get(name)
    worlds = sketch.known[name].worlds if name else ()
    if drawn is None or drawn.batch is None or len(worlds) < 2 or worlds[1] is None:
        return False
    return tuple(worlds[1].shape) != (*drawn.shape[: drawn.batch], OTHER, *drawn.shape[drawn.batch :])


def _mixes(sketch: Sketch, op: Op) -> bool:
    known = [sketch.known[name] if name else None for name in op.inputs]
    if not known or known[0] is None:
        return False
    along, rank = known[0].along, len(known[0].shape)
    if op.type == "MatMul" and len(known) > 1 and known[1] is not None:
        other = known[1].along
        return (along == rank - 1 and rank > 1) or (other is not None and other == max(len(known[1].shape) - 2, 0))
    if along is None:
        return False
    axes = _axes(sketch, op, rank)
    return axes is not None and along in axes


def _axes(sketch: Sketch, op: Op, rank: int) -> set[int] | None:
    """The axes along which an operator mixes numbers, None where it is not known to."""
    if op.type.startswith("Reduce"):
        try:
            said = sketch.numbers(op.input(1)) or op.attributes.get("axes")
        except Unsuited:
            return None
        if not said and op.attributes.get("noop_with_empty_axes"):
            return None
        return {int(axis) % rank for axis in (said or range(rank))}
    if op.type in _SHARES:
        early = sketch.model.version < 13
        first = op.attributes.get("axis", 1 if early else -1) % rank
        return set(range(first, rank)) if early else {first}
    if op.type not in _AXIS:
        return None
    axis = op.attributes.get("axis", _AXIS[op.type])
    if op.type in ("CumSum", "CumProd"):
        axis = int(sketch.scalar(op.input(1)) or 0)
    return {axis % rank}
