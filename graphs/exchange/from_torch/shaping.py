"""Functions that join, cut and shape values, as the layers that do the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.exchange.from_torch.matching import Match, Matcher, Sight, Unsuited, check, product
from graphs.exchange.from_torch.program import Ref

MOST_JOINED = 26
END = 2**31
"""What torch.export writes where a slice has no end is larger."""


def same(sight: Sight, x: str) -> Match:
    """Nothing at all."""
    return Match("", (x,), (sight.output,))


def _reshape(sight: Sight) -> Match:
    """Axes of one sample laid out anew, the batch where it was: what stands before and behind it is not mixed."""
    x, out = sight.wire(), sight.output
    a, b = sight.seen(x), sight.seen(out)
    check(b.wired and a.axis is not None and b.axis is not None)
    check(product(a.sizes[0][: a.axis]) == product(b.sizes[0][: b.axis]))
    if a.dims == b.dims:
        return same(sight, x)
    if a.dims == (1,):
        return Match("Slice", (x,), (out,), {"axis": 1, "end": 1, "drop": True}) if not b.dims else _laid(sight, x)
    check(bool(b.dims) and len(b.dims) <= 8)
    if len(b.dims) == 1 and len(a.dims) > 1:
        return Match("Flatten", (x,), (out,))
    return _laid(sight, x)


def _laid(sight: Sight, x: str) -> Match:
    """Flatten where it says the same, else Reshape."""
    a, b, out = sight.seen(x), sight.seen(sight.output), sight.output
    start = _laid_out(a.dims, b.dims)
    if sight.call.operation == "flatten" and start:
        return Match("Flatten", (x,), (out,), start)
    return Match("Reshape", (x,), (out,), {"shape": b.dims})


def _laid_out(before: tuple[int, ...], after: tuple[int, ...]) -> dict[str, int]:
    """The axes that Flatten lays out, so that one shape becomes the other; nothing where it does not."""
    count = len(before) - len(after) + 1
    for first in range(len(after)):
        if before[:first] == after[:first] and before[first + count :] == after[first + 1 :]:
            last = first + count
            return {"start_dim": first + 1, "end_dim": -1 if last == len(before) else last}
    return {}


def _permute(sight: Sight) -> Match:
    x = sight.wire()
    count = len(sight.sizes(x))
    if sight.call.operation == "permute":
        order = [n % count for n in sight.number("dims")]
    else:
        check(count == 2 or sight.call.operation != "t")
        first, second = (sight.number(n) % count for n in ("dim0", "dim1")) if sight.call.operation != "t" else (0, 1)
        order = list(range(count))
        order[first], order[second] = second, first
    batch = sight.seen(x).axis
    axes = [sight.axis(x, n) for n in order if n != batch]
    if axes == sorted(axes):
        return same(sight, x)
    return Match("Permute", (x,), (sight.output,), {"axes": axes})


def _add(sight: Sight) -> Match:
    check(sight.number("alpha") == 1)
    return _pair(sight, "Add")


def _pair(sight: Sight, kind: str) -> Match:
    """Two wires, or a wire and a number or a parameter."""
    first, second = sight.raw("self"), sight.raw("other")
    values = [value.name for value in (first, second) if isinstance(value, Ref) and value.name in sight.known.values]
    wired = [name for name in values if sight.seen(name).wired]
    if len(values) == 2 == len(wired):
        check(all(sight.seen(name).dtype == sight.seen(sight.output).dtype for name in values))
        return sight.match(kind, *sight.alike((values[0], values[1])))
    check(len(wired) == 1 and sight.seen(sight.output).dims == sight.seen(wired[0]).dims)
    if len(values) == 1:
        other = sight.number("other" if isinstance(first, Ref) and first.name in values else "self")
        return _scaled(sight, wired[0], **({"offset": other} if kind == "Add" else {"factor": other}))
    weight = next(name for name in values if name not in wired)
    check(weight in sight.known.program.tensors and sight.known.program.tensors[weight] in sight.known.program.learnt)
    return (_positions if kind == "Add" else _gains)(sight, sight.front(wired[0]), weight)


def _scaled(sight: Sight, x: str, factor: float = 1.0, offset: float = 0.0) -> Match:
    check(sight.seen(x).dtype.startswith("float") and not isinstance(factor, bool) and not isinstance(offset, bool))
    return sight.match("Scale", x, factor=float(factor), offset=float(offset))


def _positions(sight: Sight, x: str, weight: str) -> Match:
    dims = sight.seen(x).dims
    check(len(dims) == 2 and sight.sizes(weight) in (dims, (1, *dims)))
    return sight.match("PositionalEmbedding", x, tensors={"weight": weight})


def _gains(sight: Sight, x: str, weight: str) -> Match:
    dims, sizes = sight.seen(x).dims, sight.sizes(weight)
    sizes = sizes[1:] if len(sizes) == len(dims) + 1 and sizes[0] == 1 else sizes
    along = len(dims) - len(sizes)
    while sizes and sizes[0] == 1 and along < len(dims) - 1:
        sizes, along = sizes[1:], along + 1
    check(0 <= along < len(dims) and sizes == (dims[along], *(1,) * (len(dims) - along - 1)))
    axis = -1 if along == len(dims) - 1 and along else along + 1
    return sight.match("LayerScale", x, tensors={"weight": weight}, axis=axis, init=1.0)


def _sub(sight: Sight) -> Match:
    check(sight.number("alpha") == 1)
    if (both := _both(sight)) is not None:
        return sight.match("Subtract", *both)
    return _scaled(sight, sight.wire(), offset=-sight.number("other"))


def _both(sight: Sight) -> tuple[str, ...] | None:
    """Both operands where both run along wires, as numbers of one kind; None where the second is a number."""
    first, second = sight.raw("self"), sight.raw("other")
    if not isinstance(second, Ref) or second.name not in sight.known.values or not sight.seen(second.name).wired:
        return None
    check(isinstance(first, Ref) and first.name in sight.known.values and sight.seen(first.name).wired)
    types = {sight.seen(name).dtype for name in (first.name, second.name, sight.output)}
    check(len(types) == 1 and min(types).startswith("float"))
    return sight.alike((first.name, second.name))


def _rsub(sight: Sight) -> Match:
    check(sight.number("alpha") == 1)
    return _scaled(sight, sight.wire(), factor=-1.0, offset=sight.number("other"))


def _div(sight: Sight) -> Match:
    check(sight.call.target in ("aten.div.Tensor", "aten.div.Scalar"))
    if (both := _both(sight)) is not None:
        return sight.match("Divide", *both)
    check(sight.number("other") != 0)
    return _scaled(sight, sight.wire(), factor=1 / sight.number("other"))


def _neg(sight: Sight) -> Match:
    return _scaled(sight, sight.wire(), factor=-1.0)


def _cat(sight: Sight) -> Match:
    token = _token(sight)
    if token is not None:
        return token
    values = sight.alike(sight.wires("tensors"))
    check(2 <= len(values) <= MOST_JOINED)
    check(len({sight.seen(name).dtype for name in values}) == 1)
    return sight.match("Concat", *values, count=len(values), axis=sight.axis(values[0], sight.number("dim")))


def _token(sight: Sight) -> Match | None:
    """A learned step in front of a series."""
    given = sight.raw("tensors")
    if len(given) != 2 or sight.number("dim") != 1:
        return None
    first, second = (item.name for item in given)
    maker, x = sight.known.makers.get(first), sight.seen(second)
    if maker is None or maker.operation not in ("expand", "repeat") or not x.wired or x.axis != 0 or len(x.dims) != 2:
        return None
    weight = maker.given["self"].name
    if weight not in sight.known.program.tensors or sight.sizes(weight) != (1, 1, x.dims[-1]):
        return None
    return sight.match("ClassToken", second, tensors={"weight": weight})


def _stack(sight: Sight) -> Match:
    values = sight.alike(sight.wires("tensors"))
    check(2 <= len(values) <= MOST_JOINED)
    return Match(
        "Stack", values, (sight.output,), {"count": len(values), "axis": sight.axis(sight.output, sight.number("dim"))}
    )


def _matmul(sight: Sight) -> Match:
    other = "other" if "other" in sight.call.given else "mat2"
    first, second = sight.front(sight.wire()), sight.front(sight.wire(other))
    check(len(sight.seen(first).dims) == len(sight.seen(second).dims) >= 2)
    return sight.match("MatMul", first, second)


def _mean(sight: Sight) -> Match:
    x, dims = sight.wire(), sight.number("dim")
    check(sight.raw("dtype") is None and bool(dims) and sight.seen(x).dtype.startswith("float"))
    axes = sorted(sight.axis(x, dim) for dim in (dims if isinstance(dims, list) else [dims]))
    return Match("Mean", (x,), (sight.output,), {"axes": axes, "keep": bool(sight.raw("keepdim"))})


def _slice(sight: Sight) -> Match:
    x, dim, step = sight.wire(), sight.number("dim"), sight.number("step")
    start, end = sight.raw("start"), sight.raw("end")
    if start in (0, None) and step == 1 and sight.seen(x).sizes == sight.seen(sight.output).sizes:
        return same(sight, x)
    axis, size = sight.axis(x, dim), sight.sizes(x)[dim]
    start, end = sight.number("start") or 0, sight.number("end")
    end = None if end is None or end >= min(END, size) else end
    return sight.match("Slice", x, axis=axis, start=max(start, -size), end=end, step=step)


def _select(sight: Sight) -> Match:
    x, dim, index = sight.wire(), sight.number("dim"), sight.number("index")
    end = None if index in (-1, sight.sizes(x)[dim] - 1) else index + 1
    fields = {"axis": sight.axis(x, dim), "start": index, "end": end, "drop": True}
    return Match("Slice", (x,), (sight.output,), fields)


def _narrow(sight: Sight) -> Match:
    x, start, length = sight.wire(), sight.number("start"), sight.number("length")
    return sight.match("Slice", x, axis=sight.axis(x, sight.number("dim")), start=start, end=start + length)


def _split(sight: Sight) -> Match | list[Match]:
    x, outputs = sight.wire(), sight.call.outputs
    dim = sight.number("dim")
    axis, whole = sight.axis(x, dim), sight.sizes(x)[dim]
    sizes = _parts(sight, whole)
    check(len(sizes) == len(outputs) >= 2)
    if len(set(sizes)) == 1 and len(sizes) <= MOST_JOINED:
        return Match("Split", (x,), outputs, {"count": len(sizes), "axis": axis})
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [
        Match("Slice", (x,), (out,), {"axis": axis, "start": start, "end": start + n if start + n < whole else None})
        for out, start, n in zip(outputs, starts, sizes, strict=True)
        if out
    ]


def _parts(sight: Sight, whole: int) -> list[int]:
    """The sizes of the parts of an axis."""
    if sight.call.operation == "split_with_sizes" or sight.call.target == "aten.split.sizes":
        found: list[int] = sight.number("split_sizes" if "split_sizes" in sight.call.given else "split_size")
        return found
    size = sight.number("split_size") if sight.call.operation == "split" else -(-whole // sight.number("chunks"))
    check(isinstance(size, int) and size > 0)
    return [min(size, whole - start) for start in range(0, whole, size)]


def _pad(sight: Sight) -> Match:
    x, padding = sight.front(sight.wire()), sight.number("pad")
    check(len(padding) // 2 <= len(sight.seen(x).dims) and min(padding) >= 0)
    mode = sight.raw("mode") or "constant"
    value = sight.number("value") or 0.0
    return sight.match("Pad", x, padding=padding, mode=mode, **({"value": float(value)} if mode == "constant" else {}))


def _expand(sight: Sight) -> Match:
    x = sight.wire()
    check(sight.sizes(x) == sight.sizes(sight.output))
    return same(sight, x)


def _typed(sight: Sight) -> Match:
    x = sight.wire()
    check(sight.seen(x).dtype == sight.seen(sight.output).dtype)
    return same(sight, x)


def _mul(sight: Sight) -> Match:
    return _pair(sight, "Multiply")


SHAPING: Mapping[str, Matcher] = {
    **dict.fromkeys(("reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as"), _reshape),
    **dict.fromkeys(("permute", "transpose", "t", "swapaxes", "swapdims"), _permute),
    "add": _add,
    "mul": _mul,
    "sub": _sub,
    "rsub": _rsub,
    "div": _div,
    "neg": _neg,
    "cat": _cat,
    "concat": _cat,
    "stack": _stack,
    "matmul": _matmul,
    "bmm": _matmul,
    "mean": _mean,
    "slice": _slice,
    "select": _select,
    "narrow": _narrow,
    "split": _split,
    "split_with_sizes": _split,
    "chunk": _split,
    "pad": _pad,
    "constant_pad_nd": _pad,
    "expand": _expand,
    "expand_as": _expand,
    "to": _typed,
    "_to_copy": _typed,
}
"""By the name of the function."""


def unsuited(_: Any) -> Match:
    """For functions that stay as they are."""
    raise Unsuited
