"""Operators that move, cut and join values, as layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.constants import OTHER, batch_axis
from graphs.exchange.from_onnx.model import Op
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited, as_written, reads

if TYPE_CHECKING:
    from torch import Tensor

MOST_INPUTS = 26


@reads("Reshape", "Squeeze", "Unsqueeze", "Flatten")
def reshaped(sketch: Sketch, op: Op) -> None:
    """The same numbers in another shape: nothing is drawn before something takes them."""
    x, goal = sketch.value(op.inputs[0]), sketch.full(op.gives)
    if x.batch is None:
        sketch.put(op.gives, x.seen(goal, None))
        return
    axis = _kept(sketch, op, x, goal)
    if axis is None:
        sketch.put(op.gives, sketch.single(x).seen(goal, None))
    else:
        sketch.put(op.gives, x.seen((*goal[:axis], *goal[axis + 1 :]), axis))


def _kept(sketch: Sketch, op: Op, x: Drawn, goal: Sequence[int]) -> int | None:
    """Where the batch lies afterwards; None where it is no axis of its own any more."""
    assert x.batch is not None
    known = sketch.known[op.gives]
    if known.along is not None:
        size = math.prod(x.full[: x.batch])
        return known.along if math.prod(goal[: known.along]) == size else None
    if len(known.worlds) > 1 and known.worlds[1] is not None and OTHER not in known.worlds[1].shape:
        return None
    return batch_axis(x.full, x.batch, goal, 1)


@reads("Transpose")
def transpose(sketch: Sketch, op: Op) -> None:
    """Another order of axes; where only the batch moves, nothing is drawn."""
    x = sketch.value(op.inputs[0])
    order = [axis % x.rank for axis in op.attributes.get("perm") or reversed(range(x.rank))]
    kept = [axis for axis in order if axis != x.batch]
    batch = None if x.batch is None else order.index(x.batch)
    goal = tuple(x.full[axis] for axis in kept)
    if kept == sorted(kept):
        sketch.put(op.gives, x.seen(goal, batch))
        return
    moved = [axis for axis in kept if x.full[axis] != 1]
    if moved == sorted(moved):
        sketch.put(op.gives, x.seen(goal, batch))
        return
    (end,) = sketch.layer(op, "Permute", [x], {"axes": [x.axis(axis) for axis in kept]})
    sketch.put(op.gives, Drawn(end, goal, goal, batch, x.dtype))


@reads("Concat")
def concat(sketch: Sketch, op: Op) -> None:
    """Values side by side."""
    values = [sketch.value(name) for name in op.inputs if math.prod(sketch.full(name))]
    if len(values) == 1:
        sketch.put(op.gives, values[0])
        return
    drawn = sketch.together(*values)
    axis = drawn[0].axis(op.attributes.get("axis", 1))
    while len(drawn) > MOST_INPUTS:
        groups = [drawn[i : i + MOST_INPUTS] for i in range(0, len(drawn), MOST_INPUTS)]
        drawn = [_concat(sketch, op, group, axis) if len(group) > 1 else group[0] for group in groups]
    whole = _concat(sketch, op, drawn, axis)
    sketch.result(op, whole.end, whole)


def _concat(sketch: Sketch, op: Op, drawn: Sequence[Drawn], axis: int) -> Drawn:
    if any(not d.dtype.startswith("float") for d in drawn):
        raise Unsuited("it joins whole numbers")
    (end,) = sketch.layer(op, "Concat", drawn, {"count": len(drawn), "axis": axis})
    first = drawn[0]
    shape = (*first.shape[: axis - 1], sum(d.shape[axis - 1] for d in drawn), *first.shape[axis:])
    return Drawn(end, shape, shape, first.batch, first.dtype)


@reads("Slice")
def slices(sketch: Sketch, op: Op) -> None:
    """Parts of some axes, one after another."""
    x = sketch.value(op.inputs[0])
    starts = sketch.numbers(op.input(1)) or op.attributes.get("starts") or []
    ends = sketch.numbers(op.input(2)) or op.attributes.get("ends") or []
    axes = sketch.numbers(op.input(3)) or op.attributes.get("axes") or list(range(len(starts)))
    steps = sketch.numbers(op.input(4)) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        x = _part(sketch, op, x, axis, start, end, step)
    sketch.put(op.gives, x)


def _part(sketch: Sketch, op: Op, x: Drawn, axis: int, start: int, end: int, step: int = 1) -> Drawn:
    """A part of one axis of ONNX; the value as it is where that is all of it."""
    size = x.full[axis % x.rank]
    first, last, _ = slice(start, end, step).indices(size)
    if step < 1 or last <= first:
        raise Unsuited("it turns an axis round or leaves nothing")
    if (first, step) == (0, 1) and last == size:
        return x
    ours = x.axis(axis)
    fields: dict[str, Any] = {"axis": ours, "start": first - size if start < 0 else first, "step": step}
    if last < size:
        fields["end"] = last - size if end < 0 else last
    (made,) = sketch.layer(op, "Slice", [x], fields)
    shape = (*x.shape[: ours - 1], len(range(first, last, step)), *x.shape[ours:])
    return Drawn(made, shape, shape, x.batch, x.dtype)


@reads("Split")
def split(sketch: Sketch, op: Op) -> None:
    """Equal parts of an axis, or parts cut one by one."""
    x = sketch.value(op.inputs[0])
    axis = op.attributes.get("axis", 0) % x.rank
    sizes = [sketch.full(name)[axis] if name else 0 for name in op.outputs]
    if len(sizes) == 1:
        sketch.put(op.gives, x)
        return
    if len(set(sizes)) == 1 and len(sizes) <= MOST_INPUTS:
        ends = sketch.layer(op, "Split", [x], {"count": len(sizes), "axis": x.axis(axis)})
        for place, end in enumerate(ends):
            sketch.result(op, end, x, place)
        return
    if not all(op.outputs):
        raise Unsuited("a part is left out")
    start = 0
    for name, size in zip(op.outputs, sizes, strict=True):
        sketch.put(name, _part(sketch, op, x, axis, start, start + size))
        start += size


@reads("Gather")
def gather(sketch: Sketch, op: Op) -> None:
    """A table looked up by tokens, or one place or stretch of an axis."""
    table, places = sketch.constant(op.inputs[0]), sketch.constant(op.inputs[1])
    if table is not None and places is None:
        _looked_up(sketch, op, table)
        return
    if places is None or places.numel() > 65536:
        raise Unsuited("its places are no constants")
    x = sketch.value(op.inputs[0])
    axis = op.attributes.get("axis", 0) % x.rank
    chosen = [int(n) for n in places.flatten().tolist()]
    size = x.full[axis]
    steps = [n % size if -size <= n < size else size for n in chosen]
    if places.ndim > 1 or not steps or steps != list(range(steps[0], steps[0] + len(steps))):
        raise Unsuited("its places are in an order of their own")
    negative = chosen[0] < 0
    first = steps[0] - size if negative else steps[0]
    last = first + len(steps)
    if places.ndim == 1:
        sketch.put(op.gives, _part(sketch, op, x, axis, first, last if last or not negative else size))
        return
    ours = x.axis(axis)
    fields: dict[str, Any] = {"axis": ours, "start": first, "drop": True}
    if last or not negative:
        fields["end"] = last
    (end,) = sketch.layer(op, "Slice", [x], fields)
    shape = (*x.shape[: ours - 1], *x.shape[ours:])
    batch = x.batch if x.batch is None or x.batch < axis else x.batch - 1
    sketch.put(op.gives, Drawn(end, shape, shape, batch, x.dtype))


def _looked_up(sketch: Sketch, op: Op, table: Tensor) -> None:
    tokens = sketch.value(op.inputs[1])
    if table.ndim != 2 or op.attributes.get("axis", 0) != 0 or not table.is_floating_point():
        raise Unsuited("it is no table of rows")
    if tokens.dtype != "int64":
        raise Unsuited("its tokens are of another type")
    fields = {"num_embeddings": table.shape[0], "embedding_dim": table.shape[1]}
    (end,) = sketch.layer(op, "Embedding", [tokens], fields, {"weight": table}, op.inputs[0])
    sketch.result(op, end, tokens)


@reads("Pad")
def pad(sketch: Sketch, op: Op) -> None:
    """Numbers around a value."""
    x = sketch.value(op.inputs[0])
    pads = sketch.numbers(op.input(1)) or op.attributes.get("pads") or op.attributes.get("paddings") or []
    axes = sketch.numbers(op.input(3)) or list(range(x.rank))
    before, behind = dict(zip(axes, pads[: len(axes)], strict=True)), dict(zip(axes, pads[len(axes) :], strict=True))
    both = {axis % x.rank: (before[axis], behind[axis]) for axis in axes}
    if any(n < 0 for pair in both.values() for n in pair):
        raise Unsuited("it cuts away")
    if not any(n for pair in both.values() for n in pair):
        sketch.put(op.gives, x)
        return
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}[
        op.attributes.get("mode", "constant")
    ]
    by_axis = {x.axis(axis): pair for axis, pair in both.items() if any(pair)}
    first = min(by_axis) if mode == "constant" else 2
    if mode != "constant" and (min(by_axis) < 2 or not 2 <= len(x.shape) <= 4):
        raise Unsuited("it mirrors more than a map")
    padding = [n for ours in range(len(x.shape), first - 1, -1) for n in by_axis.get(ours, (0, 0))]
    value = sketch.scalar(op.input(2)) if op.input(2) else op.attributes.get("value", 0.0)
    if value is None:
        raise Unsuited("its numbers are no constants")
    fields: dict[str, Any] = {"padding": padding, "mode": mode}
    if mode == "constant" and value:
        fields["value"] = as_written(value)
    (end,) = sketch.layer(op, "Pad", [x], fields)
    sketch.result(op, end, x)


@reads("ReduceMean")
def mean(sketch: Sketch, op: Op) -> None:
    """The mean along some axes; of whole maps as a global pool."""
    x, keep = sketch.value(op.inputs[0]), bool(op.attributes.get("keepdims", 1))
    axes = sketch.numbers(op.input(1)) or op.attributes.get("axes")
    if not axes and op.attributes.get("noop_with_empty_axes"):
        sketch.put(op.gives, x)
        return
    ours = sorted(x.axis(axis) for axis in (axes or range(x.rank)))
    if x.batch == 0 and len(x.shape) in (3, 4) and ours == list(range(2, len(x.shape) + 1)):
        _pooled(sketch, op, x, keep)
        return
    goal = sketch.full(op.gives)
    gone = 0 if keep or x.batch is None else sum(axis % x.rank < x.batch for axis in axes or range(x.rank))
    batch = None if x.batch is None else x.batch - gone
    (end,) = sketch.layer(op, "Mean", [x], {"axes": ours, "keep": keep})
    shape = goal if batch is None else (*goal[:batch], *goal[batch + 1 :])
    sketch.put(op.gives, Drawn(end, shape, shape, batch, x.dtype))


def _pooled(sketch: Sketch, op: Op, x: Drawn, keep: bool) -> None:
    """One mean for each channel."""
    channels, ones = x.shape[0], (1,) * (len(x.shape) - 1)
    if keep:
        (end,) = sketch.layer(op, f"AdaptiveAvgPool{len(ones)}d", [x], {"output_size": list(ones)})
    else:
        (end,) = sketch.layer(op, "GlobalAvgPool", [x])
    shape = (channels, *ones) if keep else (channels,)
    sketch.put(op.gives, Drawn(end, shape, shape, 0, x.dtype))


@reads("DepthToSpace", "SpaceToDepth")
def depth(sketch: Sketch, op: Op) -> None:
    """Channels laid side by side, and back, in the order that torch has."""
    x, size = sketch.batched(op.inputs[0]), int(op.attributes["blocksize"])
    if op.type == "SpaceToDepth" or op.attributes.get("mode", "DCR") != "CRD" or len(x.shape) != 3:
        raise Unsuited("its order of channels is its own")
    (end,) = sketch.layer(op, "PixelShuffle", [x], {"upscale_factor": size})
    sketch.result(op, end, x)


@reads("ChannelShuffle", "PixelUnshuffle")
def shuffled(sketch: Sketch, op: Op) -> None:
    """What several operators were that move channels about."""
    x = sketch.batched(op.inputs[0])
    fields = (
        {"groups": op.attributes["groups"]}
        if op.type == "ChannelShuffle"
        else {"downscale_factor": op.attributes["blocksize"]}
    )
    (end,) = sketch.layer(op, op.type, [x], fields)
    sketch.result(op, end, x)


@reads("Expand")
def expand(sketch: Sketch, op: Op) -> None:
    """What has the shape already stays as it is."""
    x = sketch.value(op.inputs[0])
    if x.full != sketch.full(op.gives):
        raise Unsuited("it repeats values")
    sketch.put(op.gives, x)
