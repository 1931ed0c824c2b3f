"""Convolutions and pools of ONNX as layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from graphs.exchange.from_onnx.model import Op
from graphs.exchange.from_onnx.sketch import Drawn, Sketch, Unsuited, reads

_POOLS = {"MaxPool": "MaxPool", "AveragePool": "AvgPool"}


def _plain(values: Sequence[int]) -> Any:
    """As a field has it: one number for a series, else a list."""
    return values[0] if len(values) == 1 else list(values)


def _spaced(attributes: Mapping[str, Any], name: str, rank: int) -> list[int]:
    values = list(attributes.get(name) or [1] * rank)
    if len(values) != rank:
        raise Unsuited(f"its {name} do not suit its input")
    return values


def _margins(op: Op, sizes: Sequence[int], kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """What is added before and behind each axis."""
    rank, way = len(kernel), op.attributes.get("auto_pad", "NOTSET")
    stride, gaps = _spaced(op.attributes, "strides", rank), _spaced(op.attributes, "dilations", rank)
    if way == "VALID":
        return [0] * rank, [0] * rank
    if way in ("SAME_UPPER", "SAME_LOWER"):
        both = [
            max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n)
            for n, s, d, k in zip(sizes, stride, gaps, kernel, strict=True)
        ]
        less, more = [b // 2 for b in both], [b - b // 2 for b in both]
        return (less, more) if way == "SAME_UPPER" else (more, less)
    pads = list(op.attributes.get("pads") or [0] * 2 * rank)
    if len(pads) != 2 * rank or min(pads) < 0:
        raise Unsuited("its margins do not suit its input")
    return pads[:rank], pads[rank:]


def _padded(sketch: Sketch, op: Op, x: Drawn, before: Sequence[int], behind: Sequence[int]) -> Drawn:
    """The map with zeros around it."""
    if not any((*before, *behind)):
        return x
    padding = [n for pair in zip(reversed(before), reversed(behind), strict=True) for n in pair]
    (end,) = sketch.layer(op, "Pad", [x], {"padding": padding})
    shape = (x.shape[0], *(a + n + b for a, n, b in zip(before, x.shape[1:], behind, strict=True)))
    return Drawn(end, shape, shape, x.batch)


@reads("Conv")
def conv(sketch: Sketch, op: Op) -> None:
    """A convolution; a margin that differs from side to side becomes a Pad in front of it."""
    weight, x = sketch.weight(op.inputs[1]), sketch.batched(op.inputs[0])
    rank = weight.ndim - 2
    if rank not in (1, 2, 3) or len(x.shape) != rank + 1:
        raise Unsuited("there are convolutions of one to three axes")
    kernel = list(weight.shape[2:])
    before, behind = _margins(op, x.shape[1:], kernel)
    if before != behind:
        x, before = _padded(sketch, op, x, before, behind), [0] * rank
    bias = sketch.weight(op.input(2)) if op.input(2) else None
    fields = {
        "out_channels": weight.shape[0],
        "kernel_size": _plain(kernel),
        "stride": _plain(_spaced(op.attributes, "strides", rank)),
        "padding": _plain(before),
        "dilation": _plain(_spaced(op.attributes, "dilations", rank)),
        "groups": op.attributes.get("group", 1),
        "bias": bias is not None,
    }
    weights = {"weight": weight} | ({} if bias is None else {"bias": bias})
    (end,) = sketch.layer(op, f"Conv{rank}d", [x], fields, weights, op.inputs[1])
    sketch.result(op, end, x)


@reads("ConvTranspose")
def conv_transpose(sketch: Sketch, op: Op) -> None:
    """The reverse of a convolution."""
    weight, x = sketch.weight(op.inputs[1]), sketch.batched(op.inputs[0])
    rank, groups = weight.ndim - 2, op.attributes.get("group", 1)
    unusual = op.attributes.get("output_shape") or op.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    before, behind = _margins(op, x.shape[1:], list(weight.shape[2:]))
    if rank not in (1, 2, 3) or len(x.shape) != rank + 1 or unusual or before != behind:
        raise Unsuited("there is none of this form")
    bias = sketch.weight(op.input(2)) if op.input(2) else None
    extra = list(op.attributes.get("output_padding") or [0] * rank)
    fields = {
        "out_channels": weight.shape[1] * groups,
        "kernel_size": _plain(list(weight.shape[2:])),
        "stride": _plain(_spaced(op.attributes, "strides", rank)),
        "padding": _plain(before),
        "output_padding": _plain(extra),
        "dilation": _plain(_spaced(op.attributes, "dilations", rank)),
        "groups": groups,
        "bias": bias is not None,
    }
    weights = {"weight": weight} | ({} if bias is None else {"bias": bias})
    (end,) = sketch.layer(op, f"ConvTranspose{rank}d", [x], fields, weights, op.inputs[1])
    sketch.result(op, end, x)


@reads("MaxPool", "AveragePool")
def pool(sketch: Sketch, op: Op) -> None:
    """A pool. A margin at the end alone is what rounding up means; zeros that count become a Pad."""
    x = sketch.batched(op.inputs[0])
    kernel = list(op.attributes["kernel_shape"])
    rank = len(kernel)
    if rank not in (1, 2, 3) or len(x.shape) != rank + 1 or op.attributes.get("storage_order"):
        raise Unsuited("there is no such pool")
    stride, gaps = _spaced(op.attributes, "strides", rank), _spaced(op.attributes, "dilations", rank)
    before, behind = _margins(op, x.shape[1:], kernel)
    counted = op.type == "AveragePool" and bool(op.attributes.get("count_include_pad", 0))
    if counted and (before != behind or op.attributes.get("ceil_mode")):
        x, before = _padded(sketch, op, x, before, behind), [0] * rank
    goal = sketch.full(op.gives)[2:]
    reached = [k - p >= n for k, p, n in zip(kernel, before, x.shape[1:], strict=True)]
    if op.type == "AveragePool" and not counted and set(goal) == {1} and all(reached) and max(gaps) == 1:
        _whole(sketch, op, x)
        return
    up = _rounded(x.shape[1:], kernel, stride, gaps, before, goal)
    fields: dict[str, Any] = {"kernel_size": _plain(kernel), "stride": _plain(stride), "padding": _plain(before)}
    fields["ceil_mode"] = up
    if op.type == "MaxPool":
        fields["dilation"] = _plain(gaps)
    elif max(gaps) > 1:
        raise Unsuited("a mean has no gaps")
    else:
        fields["count_include_pad"] = counted
    if any(p > k // 2 for p, k in zip(before, kernel, strict=True)) or (op.type == "AveragePool" and up and counted):
        raise Unsuited("its margin is wider than half its window")
    wanted = len(op.outputs) > 1 and bool(op.outputs[1]) and sketch.uses[op.outputs[1]] > 0
    if wanted:
        _only_unpooled(sketch, op)
        fields["return_indices"] = True
    ends = sketch.layer(op, f"{_POOLS[op.type]}{rank}d", [x], fields)
    sketch.result(op, ends[0], x)
    if wanted:
        sketch.result(op, ends[1], x, 1)


def _whole(sketch: Sketch, op: Op, x: Drawn) -> None:
    """One mean for each channel, of a window that takes in the whole map."""
    _all_over(sketch, op, x, "AdaptiveAvgPool")


def _all_over(sketch: Sketch, op: Op, x: Drawn, kind: str) -> None:
    rank = len(x.shape) - 1
    (end,) = sketch.layer(op, f"{kind}{rank}d", [x], {"output_size": _plain([1] * rank)})
    sketch.result(op, end, x)


def _rounded(
    sizes: Sequence[int], kernel: list[int], stride: list[int], gaps: list[int], pads: list[int], goal: Sequence[int]
) -> bool:
    """Whether torch must round up to give maps of the size `goal`. Raises Unsuited where neither way does."""
    room = [n + 2 * p - d * (k - 1) - 1 for n, p, d, k in zip(sizes, pads, gaps, kernel, strict=True)]
    down = [r // s + 1 for r, s in zip(room, stride, strict=True)]
    if down == list(goal):
        return False
    up = [-(-r // s) + 1 for r, s in zip(room, stride, strict=True)]
    inside = [m - ((m - 1) * s >= n + p) for m, s, n, p in zip(up, stride, sizes, pads, strict=True)]
    if inside == list(goal):
        return True
    raise Unsuited("its margins are those of no pool of ours")


def _only_unpooled(sketch: Sketch, op: Op) -> None:
    takers = [other for other in sketch.ops if op.outputs[1] in other.inputs]
    if len(op.attributes["kernel_shape"]) > 2 or any(taker.type != "MaxUnpool" for taker in takers):
        raise Unsuited("its places are counted over the whole batch")


@reads("MaxUnpool")
def unpool(sketch: Sketch, op: Op) -> None:
    """Puts numbers back where a pool had found them, whose places must come from one of our pools."""
    x, places = sketch.batched(op.inputs[0]), sketch.value(op.inputs[1])
    kernel = list(op.attributes["kernel_shape"])
    rank = len(kernel)
    if places.end.port != "indices" or rank not in (1, 2) or len(x.shape) != rank + 1:
        raise Unsuited("its places come from elsewhere")
    before, behind = _margins(op, x.shape[1:], kernel)
    if before != behind:
        raise Unsuited("its margin differs from side to side")
    stride = _spaced(op.attributes, "strides", rank)
    fields = {"kernel_size": _plain(kernel), "stride": _plain(stride), "padding": _plain(before)}
    fields["size"] = _plain(list(sketch.full(op.gives)[2:]))
    (end,) = sketch.layer(op, f"MaxUnpool{rank}d", [x, places], fields)
    sketch.result(op, end, x)


@reads("GlobalAveragePool", "GlobalMaxPool")
def over_all(sketch: Sketch, op: Op) -> None:
    """One number for each channel."""
    x = sketch.batched(op.inputs[0])
    if len(x.shape) not in (2, 3, 4):
        raise Unsuited("it works on maps")
    _all_over(sketch, op, x, "AdaptiveAvgPool" if op.type == "GlobalAveragePool" else "AdaptiveMaxPool")


@reads("LpPool")
def lp_pool(sketch: Sketch, op: Op) -> None:
    """A power mean of a window."""
    x, kernel = sketch.batched(op.inputs[0]), list(op.attributes["kernel_shape"])
    before, behind = _margins(op, x.shape[1:], kernel)
    if len(kernel) != 2 or any((*before, *behind)) or op.attributes.get("ceil_mode"):
        raise Unsuited("there is no such pool")
    fields = {"norm_type": float(op.attributes.get("p", 2)), "kernel_size": kernel}
    fields["stride"] = _spaced(op.attributes, "strides", 2)
    if max(_spaced(op.attributes, "dilations", 2)) > 1:
        raise Unsuited("it has no gaps")
    (end,) = sketch.layer(op, "LPPool2d", [x], fields)
    sketch.result(op, end, x)


@reads("Resize", "Upsample")
def resize(sketch: Sketch, op: Op) -> None:
    """A larger map, where the way of reading between values is one of ours."""
    x, full = sketch.batched(op.inputs[0]), sketch.full(op.gives)
    mode = op.attributes.get("mode", "nearest")
    usual = "half_pixel" if op.type == "Resize" and sketch.model.version > 10 else "asymmetric"
    where = op.attributes.get("coordinate_transformation_mode", usual)
    rank = len(x.shape) - 1
    if rank not in (1, 2, 3) or full[1] != x.shape[0] or op.attributes.get("antialias"):
        raise Unsuited("it resizes more than the places of a map")
    if op.attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch" or op.attributes.get("exclude_outside"):
        raise Unsuited("it resizes in a way of its own")
    factors = [goal / size for goal, size in zip(full[2:], x.shape[1:], strict=True)]
    whole = all(factor == int(factor) >= 1 for factor in factors)
    rounding = op.attributes.get("nearest_mode", "round_prefer_floor" if usual == "half_pixel" else "floor")
    if mode == "nearest":
        pairs = zip(x.shape[1:], full[2:], strict=True)
        if where == "tf_crop_and_resize" or not all(_repeats(*pair, where, rounding) for pair in pairs):
            raise Unsuited("it repeats values in a way of its own")
    elif mode in ("linear", "cubic"):
        halved = where == "half_pixel" or (where == "pytorch_half_pixel" and min(full[2:]) > 1)
        bent = mode == "cubic" and (rank != 2 or abs(op.attributes.get("cubic_coeff_a", -0.75) + 0.75) > 1e-6)
        if not (halved or where == "align_corners") or bent:
            raise Unsuited("it blends values in a way of its own")
    else:
        raise Unsuited("it resizes in a way of its own")
    if where != "align_corners":  # there the corners say where values lie, not the factor
        _exact(sketch, op, x, full)
    blended = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank]
    ways = {"nearest": "nearest", "linear": blended, "cubic": "bicubic"}
    alike = whole and len(set(factors)) == 1 and factors[0] <= (16 if rank == 3 else 64)
    fields: dict[str, Any] = {"scale_factor": int(factors[0])} if alike else {"size": _plain(list(full[2:]))}
    fields |= {"mode": ways[mode], "align_corners": where == "align_corners" and mode != "nearest"}
    kind = {1: "Upsample1d", 2: "Upsample", 3: "Upsample3d"}[rank]
    (end,) = sketch.layer(op, kind, [x], fields)
    sketch.result(op, end, x)


def _repeats(size: int, goal: int, where: str, rounding: str) -> bool:
    """Whether torch reads every place of a result of size `goal` where ONNX does."""
    import torch
    from torch.nn import functional

    from graphs.building.modules.onnx.resizing import origin, shares

    found = []
    for place in range(goal):
        at = origin(place, size, goal / size, where, (0.0, 1.0), goal)
        behind = shares(at - math.ceil(at) + 1, 1.0, "nearest", rounding, 0.0, False)[1]
        found.append(min(max(math.ceil(at) - 1 + int(behind), 0), size - 1))
    ours = functional.interpolate(torch.arange(float(size))[None, None], size=goal, mode="nearest")
    return ours.flatten().tolist() == found


def _exact(sketch: Sketch, op: Op, x: Drawn, full: Sequence[int]) -> None:
    """Raises Unsuited where the factors that are said do not lead to whole sizes: values then lie elsewhere."""
    said = op.attributes.get("scales") or (sketch.numbers(op.input(2 if len(op.inputs) > 2 else 1)) or [])
    if op.type == "Resize" and op.input(3):
        return
    if axes := op.attributes.get("axes"):
        said = [dict(zip((axis % x.rank for axis in axes), said, strict=True)).get(i, 1.0) for i in range(x.rank)]
    if len(said) != x.rank:
        raise Unsuited("it does not say by how much for each axis")
    if any(abs(size * factor - goal) > 1e-4 for size, factor, goal in zip(x.full, said, full, strict=True)):
        raise Unsuited("its factor leads between two sizes")
