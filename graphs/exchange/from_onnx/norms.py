"""Normalisations of ONNX as layers, and what exporters write behind them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphs.exchange.from_onnx.model import Op
from graphs.exchange.from_onnx.sketch import Drawn, Made, Sketch, Unsuited, as_written, reads
from graphs.files.faults import shown

if TYPE_CHECKING:
    from torch import Tensor


@reads("BatchNormalization")
def batch_norm(sketch: Sketch, op: Op) -> None:
    """Batch normalisation with what it has learned."""
    import torch

    x = sketch.batched(op.inputs[0])
    kind = {1: "BatchNorm1d", 2: "BatchNorm1d", 3: "BatchNorm2d", 4: "BatchNorm3d"}.get(len(x.shape))
    if kind is None or op.attributes.get("spatial", 1) == 0 or op.attributes.get("training_mode"):
        raise Unsuited("there is no such normalisation")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: sketch.weight(input) for name, input in zip(names, op.inputs[1:5], strict=True)}
    weights["num_batches_tracked"] = torch.tensor(0)
    momentum = float(f"{1 - op.attributes.get('momentum', 0.9):.6g}")  # it only counts while the network learns
    fields = {"eps": as_written(op.attributes.get("epsilon", 1e-5)), "momentum": momentum}
    (end,) = sketch.layer(op, kind, [x], fields, weights, op.inputs[1])
    sketch.result(op, end, x)


@reads("InstanceNormalization")
def instance_norm(sketch: Sketch, op: Op) -> None:
    """Each channel of each sample by itself."""
    x = sketch.batched(op.inputs[0])
    rank = len(x.shape) - 1
    if rank not in (1, 2, 3) or math.prod(x.shape[1:]) < 2:
        raise Unsuited("it works on maps")
    weights = {"weight": sketch.weight(op.inputs[1]), "bias": sketch.weight(op.inputs[2])}
    fields = {"eps": as_written(op.attributes.get("epsilon", 1e-5)), "affine": True}
    (end,) = sketch.layer(op, f"InstanceNorm{rank}d", [x], fields, weights, op.inputs[1])
    sketch.result(op, end, x)


@reads("GroupNormalization")
def group_norm(sketch: Sketch, op: Op) -> None:
    """Groups of channels of each sample by themselves; before opset 21 a factor stands for a whole group."""
    x, groups = sketch.batched(op.inputs[0]), int(op.attributes["num_groups"])
    scale, bias = (sketch.weight(name).reshape(-1) for name in op.inputs[1:3])
    if scale.numel() != x.shape[0]:
        scale, bias = (t.repeat_interleave(x.shape[0] // groups) for t in (scale, bias))
    fields = {"num_groups": groups, "eps": as_written(op.attributes.get("epsilon", 1e-5))}
    (end,) = sketch.layer(op, "GroupNorm", [x], fields, {"weight": scale, "bias": bias}, op.inputs[1])
    sketch.result(op, end, x)


@reads("LayerNormalization", "RMSNormalization")
def layer_norm(sketch: Sketch, op: Op) -> None:
    """The last axes of each sample by themselves."""
    import torch

    x, plain = sketch.value(op.inputs[0]), op.type == "LayerNormalization"
    first = op.attributes.get("axis", -1) % x.rank
    if any(sketch.uses[name] for name in op.outputs[1:] if name) or (x.batch is not None and first <= x.batch):
        raise Unsuited("it gives more than what is scaled")
    shape = x.full[first:]
    weights: dict[str, Tensor] = {}
    if op.input(1):
        weights["weight"] = sketch.weight(op.inputs[1]).broadcast_to(shape)
    if plain and op.input(2):
        weights["bias"] = sketch.weight(op.inputs[2]).broadcast_to(shape)
    if plain and weights:
        weights.setdefault("weight", torch.ones(1).expand(shape))
    fields = {"axes": len(shape), "eps": as_written(op.attributes.get("epsilon", 1e-5))}
    fields["elementwise_affine"] = bool(weights)
    if plain and weights:
        fields["bias"] = "bias" in weights
    sketch.like(op, "LayerNorm" if plain else "RMSNorm", x, fields, weights=weights, named=op.input(1))


@reads("LRN")
def local_response(sketch: Sketch, op: Op) -> None:
    """Neighbouring channels against each other; windows of an even size lie elsewhere in torch."""
    x, size = sketch.batched(op.inputs[0]), int(op.attributes["size"])
    if size % 2 == 0 or len(x.shape) < 2:
        raise Unsuited("its window is of an even size")
    fields = {"size": size, "alpha": as_written(op.attributes.get("alpha", 1e-4))}
    fields |= {"beta": as_written(op.attributes.get("beta", 0.75)), "k": as_written(op.attributes.get("bias", 1.0))}
    (end,) = sketch.layer(op, "LocalResponseNorm", [x], fields)
    sketch.result(op, end, x)


@reads("Dropout")
def dropout(sketch: Sketch, op: Op) -> None:
    """It does nothing unless the network learns."""
    share = sketch.scalar(op.input(1)) if op.input(1) else op.attributes.get("ratio", 0.5)
    if len(op.outputs) > 1 and sketch.uses[op.outputs[1]]:
        raise Unsuited("its mask is used")
    if op.input(2):
        _never_always(sketch, op)
    x = sketch.value(op.inputs[0])
    if share is None or not 0 <= share <= 1 or not x.dtype.startswith("float"):
        sketch.notes.append(f"{_named(op)} drops no share that is known, and is left out.")
        sketch.put(op.gives, x)
    else:
        sketch.like(op, "Dropout", x, {"p": as_written(share)})


def _never_always(sketch: Sketch, op: Op) -> None:
    """Raises Unsuited for a Dropout that drops while nothing is learnt too; tells of one that is told from outside."""
    always = sketch.constant(op.inputs[2])
    if always is None:
        sketch.notes.append(f"{_named(op)} is told by another value when to drop; here it does so while it learns.")
    elif bool(always.any()):
        raise Unsuited("it drops numbers always, also while nothing is learnt")


def _named(op: Op) -> str:
    return f"The Dropout {shown(op.name or op.gives)}"


# What stands behind a normalisation or a product and belongs to it

_SCALED = {f"{norm}{rank}d" for norm in ("BatchNorm", "InstanceNorm") for rank in (1, 2, 3)} | {"GroupNorm"}
_BIASED = {f"{conv}{rank}d" for conv in ("Conv", "ConvTranspose") for rank in (1, 2, 3)} | {"Linear"}


def scaled_before(sketch: Sketch, op: Op, x: Drawn, constant: Tensor) -> bool:
    """Takes a factor or an offset for each channel into the normalisation in front; whether that was possible."""
    made = sketch.behind(x)
    if made.kind not in _SCALED or not sketch.alone(_other(sketch, op)) or x.batch != 0 or x.made != x.shape:
        return False
    channels = (x.shape[0], *(1,) * (len(x.shape) - 1))
    if tuple(constant.shape)[-len(channels) :] not in (channels, ()) or constant.numel() not in (1, x.shape[0]):
        return False
    values = constant.reshape(-1).expand(x.shape[0])
    weights = made.weights
    if op.type == "Mul":
        weights["weight"], weights["bias"] = weights["weight"] * values, weights["bias"] * values
    else:
        weights["bias"] = weights["bias"] + values
    sketch.put(op.gives, x)
    return True


def _other(sketch: Sketch, op: Op) -> str:
    return next(name for name in op.inputs if name in sketch.values)


def biased_before(sketch: Sketch, op: Op, x: Drawn, constant: Tensor) -> bool:
    """Takes an offset into the product or convolution in front, where that has none; whether that was possible."""
    made: Made = sketch.behind(x)
    if made.kind not in _BIASED or x.made != x.shape:
        return False
    if made.fields.get("bias", True) or not sketch.alone(_other(sketch, op)) or x.batch is None or not x.shape:
        return False
    shapes: set[tuple[int, ...]]
    if made.kind == "Linear":
        size, shapes = x.shape[-1], {(x.shape[-1],)}
        if x.batch == x.rank - 1:
            return False
    else:
        size, shapes = x.shape[0], {(x.shape[0], *(1,) * (len(x.shape) - 1))}
    shape = tuple(constant.shape)
    while shape and shape[0] == 1 and shape not in shapes and len(shape) > 1:
        shape = shape[1:]
    if shape not in shapes or math.prod(constant.shape) != size:
        return False
    made.weights["bias"] = constant.reshape(-1)
    made.fields.pop("bias", None)
    sketch.put(op.gives, x)
    return True
