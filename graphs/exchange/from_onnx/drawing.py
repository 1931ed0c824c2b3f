"""Draws the operators of a model as layers: each by the function that knows it, else as it is."""

from __future__ import annotations

from collections.abc import Callable

from graphs.exchange.from_onnx import norms, pointwise, products, shaping, windows
from graphs.exchange.from_onnx.constants import Folded
from graphs.exchange.from_onnx.mixing import told_of
from graphs.exchange.from_onnx.model import Given, Op
from graphs.exchange.from_onnx.operations import operation
from graphs.exchange.from_onnx.sketch import HANDLERS, Drawn, Handler, Sketch, Unsuited, Whole
from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue

FAMILIES = (norms, pointwise, products, shaping, windows)
"""The files that say which operators they draw."""


def drawn(folded: Folded, catalogue: Catalogue, told: Callable[[float], None] = lambda share: None) -> Sketch:
    """The sketch of a model. Raises Unsuited for what cannot even stay an operator, and Whole."""
    sketch = Sketch(folded, catalogue)
    for place, given in enumerate(folded.model.inputs):
        _input(sketch, given, place)
    for place, op in enumerate(folded.ops):
        if place % 16 == 0:
            told(place / len(folded.ops))
        _draw(sketch, op)
        told_of(sketch, op)
    for place, name in enumerate(folded.model.outputs):
        _output(sketch, name, place)
    return sketch


WRONG = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError)
"""What attributes out of a file may lead to that no operator has."""


def _draw(sketch: Sketch, op: Op) -> None:
    """Draws one operator: as a layer, else as it is. Raises FileFault where neither can be."""
    if op.type in HANDLERS and _drawn_by(HANDLERS[op.type], sketch, op) is None:
        return
    if (reason := _drawn_by(operation, sketch, op)) is not None:
        raise sketch.model.fault(op, f"cannot be drawn, for {reason}")


def _drawn_by(handler: Handler, sketch: Sketch, op: Op) -> str | None:
    """Why the function could not draw it, None where it did."""
    try:
        handler(sketch, op)
    except Unsuited as reason:
        return str(reason)
    except WRONG as error:
        if isinstance(error, FileFault):
            raise
        return "what it is told suits no operator"
    return None


def _input(sketch: Sketch, given: Given, place: int) -> None:
    """An input of the kind that suits it best: a picture, a row, a series, a text, or any tensor."""
    full = sketch.plan.axes[given.name]
    along = sketch.plan.batched.get(given.name)
    shape = full if along is None else tuple(n for axis, n in enumerate(full) if axis != along)
    kind, fields = _kind(sketch, given, shape, along)
    op = Op(given.name, "Input", (), (given.name,))
    (end,) = sketch.layer(op, kind, [], fields)
    id = end.node
    sketch.inputs.append(given.name)
    sketch.nodes[id].title = given.name
    sketch.put(given.name, Drawn(end, shape, shape, along, given.dtype))


def _kind(sketch: Sketch, given: Given, shape: tuple[int, ...], along: int | None) -> tuple[str, dict[str, object]]:
    numbers = given.dtype == "float32" and along is not None
    if numbers and len(shape) == 3 and shape[0] <= 4096 and max(shape[1:]) <= 4096:
        return "ImageInput", {"channels": shape[0], "height": shape[1], "width": shape[2]}
    if numbers and len(shape) == 1:
        return "VectorInput", {"features": shape[0]}
    if numbers and len(shape) == 2:
        return "SequenceInput", {"length": shape[0], "features": shape[1]}
    if given.dtype == "int64" and along is not None and len(shape) == 1:
        rows = [
            sketch.known[op.inputs[0]].shape[0]
            for op in sketch.ops
            if op.type == "Gather" and op.inputs[1] == given.name and sketch.constant(op.inputs[0]) is not None
        ]
        if rows:
            return "TokensInput", {"length": shape[0], "vocabulary": min(rows)}
    dtype = given.dtype if given.dtype in ("float32", "float64", "int64", "int32", "uint8", "bool") else "int64"
    return "TensorInput", {"shape": list(shape), "dtype": dtype}


def _output(sketch: Sketch, name: str, place: int) -> None:
    """A result of the network; the batch stays in front."""
    value = sketch.value(name)
    fixed = sketch.plan.written not in (None, 1) or (sketch.plan.written == 1 and value.batch not in (0, None))
    if sketch.plan.batched and value.batch != 0 and fixed:
        raise Whole
    if value.batch is None and sketch.plan.written in (None, 1) and value.shape[:1] == (1,) and _began(sketch):
        value = sketch.batched(name)
    if value.batch not in (0, None):
        sketch.notes.append(
            f"The result “{name[:80]}” has the batch in front here, in the file along axis {value.batch}."
        )
    op = Op(name, "Output", (name,), ("",))
    sketch.layer(op, "Output", [value])
    sketch.nodes[next(reversed(sketch.nodes))].title = name


def _began(sketch: Sketch) -> bool:
    """Whether the inputs have the batch in front."""
    return any(sketch.values[name].batch is not None for name in sketch.inputs)
