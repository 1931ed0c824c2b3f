"""Products with learned matrices, and layers that read a series step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Op
from graphs.exchange.from_onnx.sharing import lies_at
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited, reads

if TYPE_CHECKING:
    from torch import Tensor

_ORDER = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""Which gate of ONNX each gate of torch is."""
_BENT = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


@reads("Gemm")
def gemm(sketch: Sketch, op: Op) -> None:
    """A fully connected layer."""
    weight, x = sketch.weight(op.inputs[1]), sketch.value(op.inputs[0])
    if x.batch is None and x.shape[:1] == (1,):
        x = sketch.batched(op.inputs[0])
    if op.attributes.get("transA") or x.batch == 1 or weight.ndim != 2:
        raise Unsuited("its first matrix lies on its side")
    weight = _times(weight if op.attributes.get("transB") else weight.T, op.attributes.get("alpha", 1.0))
    weights = {"weight": weight}
    if op.input(2):
        bias = _times(sketch.weight(op.inputs[2]), op.attributes.get("beta", 1.0))
        if bias.numel() not in (1, weight.shape[0]) or (bias.numel() > 1 and bias.shape[-1] != weight.shape[0]):
            raise Unsuited("its offset is no row")
        weights["bias"] = bias.reshape(-1).expand(weight.shape[0])
    _linear(sketch, op, x, weights)


def _times(weight: Tensor, factor: float) -> Tensor:
    return weight if factor == 1 else weight * factor


def _linear(sketch: Sketch, op: Op, x: Drawn, weights: dict[str, Tensor]) -> None:
    out, into = weights["weight"].shape
    if not x.shape or x.shape[-1] != into or x.batch == x.rank - 1:
        raise Unsuited("it does not work along the last axis")
    fields = {"out_features": out, "bias": "bias" in weights, "last_axis": len(x.shape) > 2}
    (end,) = sketch.layer(op, "Linear", [x], fields, weights, op.inputs[1])
    shape = (*x.shape[:-1], out)
    sketch.put(op.gives, Drawn(end, shape, shape, x.batch, x.dtype))


@reads("MatMul")
def matmul(sketch: Sketch, op: Op) -> None:
    """A product with a constant is a Linear without bias, of two values a product of matrices."""
    weight = sketch.constant(op.inputs[1])
    if weight is not None and weight.ndim == 2 and sketch.constant(op.inputs[0]) is None:
        x = sketch.value(op.inputs[0])
        if x.batch is None and x.shape[:1] == (1,) and len(x.shape) > 1:
            x = sketch.batched(op.inputs[0])
        _linear(sketch, op, x, {"weight": sketch.weight(op.inputs[1]).T})
        return
    a, b = sketch.together(sketch.value(op.inputs[0]), sketch.value(op.inputs[1]))
    if len(a.shape) < 2 or a.shape[:-2] != b.shape[:-2] or (a.batch is not None and a.batch >= a.rank - 2):
        raise Unsuited("it repeats one for the other")
    if len(sketch.full(op.inputs[0])) != len(sketch.full(op.inputs[1])):
        raise Unsuited("one has fewer axes")
    fields: dict[str, Any] = {}
    if (turned := _turned(sketch, b)) is not None:
        b, fields = turned, {"transpose": True}
    (end,) = sketch.layer(op, "MatMul", [a, b], fields)
    shape = (*a.shape[:-1], b.shape[-2] if fields else b.shape[-1])
    sketch.put(op.gives, Drawn(end, shape, shape, a.batch, a.dtype))


def _turned(sketch: Sketch, b: Drawn) -> Drawn | None:
    """What a Permute took that does nothing but turn the last two axes."""
    made = sketch.behind(b)
    count = len(b.shape)
    if made.kind != "Permute" or b.made != b.shape or count < 2:
        return None
    axes = made.fields.get("axes", [2, 1])
    if list(axes) != [*range(1, count - 1), count, count - 1]:
        return None
    source = next(wire.source for wire in sketch.wires.values() if wire.target.node == b.end.node)
    shape = (*b.shape[:-2], b.shape[-1], b.shape[-2])
    return Drawn(source, shape, shape, b.batch, b.dtype)


@reads("LSTM", "GRU", "RNN")
def recurrent(sketch: Sketch, op: Op) -> None:
    """A series read step by step; its gates stand in another order in torch."""
    front = bool(op.attributes.get("layout", 0))
    x = _series(sketch, op, 0 if front else 1)
    weight, again = sketch.weight(op.inputs[1]), sketch.weight(op.inputs[2])
    ways, hidden = weight.shape[0], again.shape[-1]
    _usual(sketch, op, ways, x)
    both = [sketch.weight(op.inputs[3]).chunk(2, 1)] if op.input(3) else []
    weights: dict[str, Tensor] = {}
    for way in range(ways):
        suffix = "_reverse" if way else ""
        weights[f"weight_ih_l0{suffix}"] = _gates(sketch, weight[way], op.type)
        weights[f"weight_hh_l0{suffix}"] = _gates(sketch, again[way], op.type)
        for name, part in zip(("bias_ih_l0", "bias_hh_l0"), both[0] if both else (), strict=False):
            weights[name + suffix] = _gates(sketch, part[way], op.type)
    every = bool(sketch.uses[op.outputs[0]]) if op.outputs[0] else False
    last = len(op.outputs) > 1 and bool(op.outputs[1]) and sketch.uses[op.outputs[1]] > 0
    if (len(op.outputs) > 2 and op.outputs[2] and sketch.uses[op.outputs[2]]) or (every and last and ways > 1):
        raise Unsuited("what it remembers at the end is used")
    fields: dict[str, Any] = {"hidden_size": hidden, "bidirectional": ways == 2, "bias": bool(both)}
    fields["result"] = "all" if every else "last"
    if op.type == "RNN":
        fields["nonlinearity"] = op.attributes.get("activations", ["Tanh"])[0].lower()
    (made,) = sketch.layer(op, op.type, [x], fields, weights, op.inputs[1])
    _give(sketch, op, made, x, (ways, hidden), every, last, front)


def _series(sketch: Sketch, op: Op, place: int) -> Drawn:
    """The series with the batch along this axis of ONNX."""
    x = sketch.value(op.inputs[0])
    if x.batch is None and x.rank == 3 and x.shape[place] == 1:
        return x.seen((*x.shape[:place], *x.shape[place + 1 :]), place)
    if x.batch != place or x.rank != 3:
        raise Unsuited("its batch lies elsewhere")
    return x


def _usual(sketch: Sketch, op: Op, ways: int, x: Drawn) -> None:
    """Raises Unsuited for what torch's layers do not do."""
    said = op.attributes
    wanted = "bidirectional" if ways == 2 else "forward"
    bent = said.get("activations") or _BENT[op.type] * ways
    relu = op.type == "RNN" and set(bent) == {"Relu"}
    usual = [name.lower() for name in bent] == [name.lower() for name in _BENT[op.type] * ways]
    if said.get("direction", "forward") != wanted or not (usual or relu):
        raise Unsuited("it reads or bends in a way of its own")
    if said.get("clip") or said.get("input_forget") or (op.type == "GRU" and not said.get("linear_before_reset")):
        raise Unsuited("its gates are its own")
    lengths = sketch.numbers(op.input(4))
    if lengths is not None and any(length != x.shape[0] for length in lengths):
        raise Unsuited("its series differ in length")
    for name in op.inputs[5:]:
        if name and ((given := sketch.constant(name)) is None or bool(given.any())):
            raise Unsuited("it begins with a memory")


def _gates(sketch: Sketch, weight: Tensor, kind: str) -> Tensor:
    """The gates in the order of torch; made once for each weight, so that layers of one weight are seen to share it."""
    import torch

    key = (kind, *lies_at(weight))
    if key not in sketch.ordered:
        parts = weight.chunk(len(_ORDER[kind]))
        sketch.ordered[key] = torch.cat([parts[gate] for gate in _ORDER[kind]])
    return sketch.ordered[key]


def _give(
    sketch: Sketch, op: Op, end: Any, x: Drawn, size: tuple[int, int], every: bool, last: bool, front: bool
) -> None:
    """Notes the results: of every step [T, D, N, H] and the last [D, N, H], with the batch in front where `front`."""
    (ways, hidden), steps = size, x.shape[0]
    if every:
        shape = (steps, ways, hidden)
        sketch.put(op.outputs[0], Drawn(end, (steps, ways * hidden), shape, 0 if front else 2))
    if last:
        if every:
            fields = {"axis": 1, "start": -1, "drop": True}
            series = Drawn(end, (steps, hidden), (steps, hidden), 0)
            (end,) = sketch.layer(op, "Slice", [series], fields)
        sketch.put(op.outputs[1], Drawn(end, (ways * hidden,), (ways, hidden), 0 if front else 1))
