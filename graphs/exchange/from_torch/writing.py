"""Writes in place as new values: the function that gives what a write leaves, and the whole around a written part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphs.exchange.from_torch.program import Call, Ref
from graphs.exchange.from_torch.running import function_of

UNREAD = "unread_write"
"""In place of a write that nothing says; it may stay where nobody takes what comes of it."""
_MODES = "dropout feature_dropout alpha_dropout feature_alpha_dropout"
MODES = frozenset(_MODES.split())
"""Functions that give the very tensor that they take, unless the network trains."""
_SHAPED = """
    view reshape _unsafe_view flatten unflatten squeeze unsqueeze view_as reshape_as ravel atleast_1d atleast_2d
    atleast_3d contiguous to _to_copy type_as
"""
SHAPED = frozenset(_SHAPED.split())
"""Views that lay the same numbers out in other axes, in the same order."""
_TURNING = frozenset(["transpose", "swapaxes", "swapdims", "t", "adjoint", "mT"])
"""Views that are undone by doing the same again."""
_SPREADING = frozenset(["expand", "expand_as", "broadcast_to", "broadcast_tensors", "meshgrid"])
_CUTTING = frozenset(["split", "chunk", "split_with_sizes"])
Sizes = tuple[int, ...]


def functional(call: Call, function: Any, target: str, values: Mapping[str, Any]) -> Call:
    """The call that gives what a write leaves. `function` is the writing one, `values` hold numbers by their names."""
    _, operation, overload = call.target.split(".")
    into = Ref(target)
    if operation == "copy_":
        return Call("aten.expand_as.default", {"self": call.given["src"], "other": into}, call.outputs)
    if operation in ("zero_", "fill_"):
        value = call.given.get("value", 0)
        if isinstance(value, Ref) and hasattr(values.get(value.name), "shape"):
            return Call("aten.expand_as.default", {"self": value, "other": into}, call.outputs)
        return Call("aten.full_like.default", {"self": into, "fill_value": value}, call.outputs)
    found = new(call.target, function)
    if not found:
        return Call(f"aten.{operation[:-1]}.{overload}", call.given, call.outputs)
    pairs = zip(function._schema.arguments, function_of(found)._schema.arguments, strict=False)
    names = {writing.name: plain.name for writing, plain in pairs}
    return Call(found, {names.get(key, key): value for key, value in call.given.items()}, call.outputs)


def new(target: str, function: Any) -> str:
    """The function that takes the same as this one that works in place, and gives a new tensor; "" for none."""
    import torch

    name = target.split(".")[1][:-1]
    packet = getattr(torch.ops.aten, name, None)
    wanted = [str(argument.type) for argument in function._schema.arguments]
    for overload in packet.overloads() if packet is not None else ():
        found = getattr(packet, overload)._schema
        if not found.is_mutable and [str(argument.type) for argument in found.arguments] == wanted:
            return f"aten.{name}.{overload}"
    return ""


def unread(old: str, new: str) -> Call:
    """A write that nothing here says."""
    return Call(f"aten.{UNREAD}.default", {"self": Ref(old), "src": Ref(new)}, ("",))


def whole(view: Call, part: int, old: str, new: str, sizes: tuple[Sizes, Sizes], batch: int) -> Call | None:
    """The call that gives a tensor with a new view of it in its place; None where the view is all of it.

    `view` is the call that gives the view, as its result number `part`; `sizes` are those of the tensor and of the
    view, `batch` the size that stands for any size in them.
    """
    base, source = sizes
    name, given = view.operation, view.given
    both: dict[str, Any] = {"self": Ref(old), "src": Ref(new)}
    rest = {key: value for key, value in given.items() if key != "self"}
    if view.target.endswith(".dtype") and name == "view":
        return unread(old, new)
    if name in MODES or (name in _SPREADING | {"to", "type_as", "contiguous"} and base == source):
        return None
    if name in ("slice", "select", "diagonal"):
        return Call(f"aten.{name}_scatter.default", {**both, **rest}, ("",))
    if name in SHAPED:
        return Call("aten.reshape_as.default", {"self": Ref(new), "other": Ref(old)}, ("",))
    if name in _TURNING:
        return Call(view.target, {**rest, "self": Ref(new)}, ("",))
    if name in ("movedim", "moveaxis"):
        turned = {"source": rest["destination"], "destination": rest["source"]}
        return Call(view.target, {"self": Ref(new), **turned}, ("",))
    if name == "permute":
        dims = [int(dim) % len(base) for dim in rest["dims"]]
        return Call(view.target, {"self": Ref(new), "dims": [dims.index(n) for n in range(len(dims))]}, ("",))
    if name in _CUTTING | {"narrow", "unbind"}:
        return _cut(view, part, both, sizes, batch)
    return unread(old, new)


def _cut(view: Call, part: int, both: Mapping[str, Any], sizes: tuple[Sizes, Sizes], batch: int) -> Call:
    """One part of several along an axis, back in its place."""
    base, source = sizes
    dim = view.given.get("dim", 0)
    if not isinstance(dim, int) or not base or (batch and base[dim] % batch == 0):
        return unread(both["self"].name, both["src"].name)
    if view.operation == "unbind":
        return Call("aten.select_scatter.default", {**both, "dim": dim, "index": part}, ("",))
    start = view.given.get("start") if view.operation == "narrow" else _start(view, part, base[dim])
    if not isinstance(start, int):
        return unread(both["self"].name, both["src"].name)
    start = start + base[dim] if start < 0 else start
    return Call("aten.slice_scatter.default", {**both, "dim": dim, "start": start, "end": start + source[dim]}, ("",))


def _start(view: Call, part: int, size: int) -> int | None:
    """Where a part begins; None where it cannot be told."""
    given = view.given
    sizes = given.get("split_sizes", given.get("split_size"))
    if isinstance(sizes, Sequence) and all(isinstance(n, int) for n in sizes):
        return sum(sizes[:part])
    if isinstance(sizes, int):
        return sizes * part
    chunks = given.get("chunks")
    return part * -(-size // chunks) if isinstance(chunks, int) else None
