"""Layers that join several wires, and layers that give the same numbers another shape."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import field_validator

from graphs.layers.base import Axes, Fault, Layer, Port, Remedy, Shape, setting, times

_ANY = (Port("in", accepts="any"),)
_PORTS = "abcdefghijklmnopqrstuvwxyz"


class Join(Layer):
    """What layers with several inputs share."""

    family: ClassVar[str] = "combine"
    written: ClassVar[str | None] = ""

    count: int = setting(2, "Inputs", "How many wires it takes.", ge=2, le=26)

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(_PORTS[index]) for index in range(self.count))

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {}


class Elementwise(Join):
    """Add and Multiply: inputs of one shape, or an axis of 1 that is repeated."""

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return _unlike(self.title, inputs)


class _Pairwise(Layer):
    """Subtract and Divide: two inputs that are not the same to it, of one shape, or with an axis of 1."""

    written: ClassVar[str | None] = ""
    sign: ClassVar[str] = ""

    def inputs(self) -> tuple[Port, ...]:
        return (Port("a", "first"), Port("b", "second"))

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return _unlike(self.title, inputs)

    def call(self, module: str, args: list[str]) -> str:
        return f" {self.sign} ".join(args)

    def summary(self) -> str:
        return f"a {self.sign} b".replace("-", "−")


def _unlike(title: str, inputs: tuple[Shape, ...]) -> Fault | None:
    """A fault where one of the inputs does not go with the first, number by number."""
    first = inputs[0]
    for port, shape in zip(_PORTS[1:], inputs[1:], strict=False):
        if not _alike(first.dims, shape.dims):
            message = f"{title} needs inputs of one shape, and they differ."
            return Fault(message, str(first), str(shape), _matching(first, shape, port) or _cut(port))
    return None


def _alike(first: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return len(first) == len(other) and all(a == b or 1 in (a, b) for a, b in zip(first, other, strict=True))


def _matching(goal: Shape, shape: Shape, port: str) -> tuple[Remedy, ...]:
    """What to put in front of `port` so that `shape` becomes `goal`."""
    if goal.size == shape.size and goal.dims:
        return (_insert("Reshape", port, {"shape": list(goal.dims)}),)
    if len(goal.dims) == len(shape.dims) == 3:
        return _matching_maps(goal.dims, shape.dims, port)
    if goal.dims[:-1] == shape.dims[:-1] and goal.dims:
        return (_insert("Linear", port, {"out_features": goal.dims[-1]}),)
    if len(goal.dims) == 1:
        return _matching_row(goal.dims[0], shape.dims, port)
    if len(shape.dims) == 1 and len(goal.dims) in (2, 3):
        return _spread(goal.dims, shape.dims[0], port)
    return ()


def _matching_row(goal: int, dims: tuple[int, ...], port: str) -> tuple[Remedy, ...]:
    """What makes a row of `goal` numbers of a map or a series."""
    linear = _insert("Linear", port, {"out_features": goal})
    flat = replace(_insert("Flatten", port, {}), label=f"Insert Flatten and Linear before {port}", then=linear)
    if len(dims) != 3:
        return (flat,) if len(dims) > 1 else ()
    pool = _insert("GlobalAvgPool", port, {})
    if dims[0] != goal:
        pool = replace(pool, label=f"Insert GlobalAvgPool and Linear before {port}", then=linear)
    return (pool, flat)


def _spread(goal: tuple[int, ...], size: int, port: str) -> tuple[Remedy, ...]:
    """What makes a row one number for each channel of a map, or each feature of a series, the same at every place."""
    wide = goal[0] if len(goal) == 3 else goal[1]
    shape = [wide, 1, 1] if len(goal) == 3 else [1, wide]
    reshape = _insert("Reshape", port, {"shape": shape}, f"Reshape to {times(tuple(shape))}")
    if size == wide:
        return (reshape,)
    label = f"Insert Linear and Reshape before {port}"
    return (replace(_insert("Linear", port, {"out_features": wide}), label=label, then=reshape),)


def _matching_maps(goal: tuple[int, ...], dims: tuple[int, ...], port: str) -> tuple[Remedy, ...]:
    if goal[1:] == dims[1:]:
        return (_insert("Conv2d", port, {"out_channels": goal[0], "kernel_size": [1, 1]}, "Conv2d 1×1"),)
    strides = [-(-d // g) for d, g in zip(dims[1:], goal[1:], strict=True)]
    even = all((d - 1) // s + 1 == g for d, g, s in zip(dims[1:], goal[1:], strides, strict=True))
    if even and max(strides) > 1:
        fields = {"out_channels": goal[0], "kernel_size": [1, 1], "stride": strides}
        return (_insert("Conv2d", port, fields, f"Conv2d 1×1 with stride {times(tuple(strides))}"),)
    upsample = _insert("Upsample", port, {"size": list(goal[1:])}, "Upsample")
    if goal[0] == dims[0]:
        return (upsample,)
    conv = _insert("Conv2d", port, {"out_channels": goal[0], "kernel_size": [1, 1]})
    return (replace(conv, label=f"Insert Conv2d 1×1 and Upsample before {port}", then=upsample),)


def _cut(port: str) -> tuple[Remedy, ...]:
    return (Remedy(f"Remove the wire to {port}", cut=port),)


def _insert(kind: str, port: str, fields: dict[str, Any], name: str = "") -> Remedy:
    return Remedy(f"Insert {name or kind} before {port}", insert=kind, insert_fields=fields, port=port)


class Add(Elementwise):
    title: ClassVar[str] = "Add"
    help: ClassVar[str] = "Adds its inputs number by number, as a skip connection does."
    stem: ClassVar[str] = "add"
    synonyms: ClassVar[tuple[str, ...]] = ("skip", "residual connection", "sum", "plus", "shortcut", "merge")
    torch: ClassVar[str] = "modules.Add"

    def call(self, module: str, args: list[str]) -> str:
        return " + ".join(args)


class Multiply(Elementwise):
    title: ClassVar[str] = "Multiply"
    help: ClassVar[str] = "Multiplies its inputs number by number, as a gate does."
    stem: ClassVar[str] = "multiply"
    synonyms: ClassVar[tuple[str, ...]] = ("gate", "attention", "product", "times", "scale", "merge")
    torch: ClassVar[str] = "modules.Multiply"

    def call(self, module: str, args: list[str]) -> str:
        return " * ".join(args)


class Subtract(_Pairwise):
    title: ClassVar[str] = "Subtract"
    help: ClassVar[str] = "Takes the second input from the first, number by number."
    stem: ClassVar[str] = "subtract"
    synonyms: ClassVar[tuple[str, ...]] = ("minus", "difference", "sub", "residual", "compare", "siamese")
    torch: ClassVar[str] = "modules.Subtract"
    sign: ClassVar[str] = "-"


class Divide(_Pairwise):
    title: ClassVar[str] = "Divide"
    help: ClassVar[str] = "Divides the first input by the second, number by number."
    stem: ClassVar[str] = "divide"
    synonyms: ClassVar[tuple[str, ...]] = ("quotient", "ratio", "div", "normalise", "share", "merge")
    torch: ClassVar[str] = "modules.Divide"
    sign: ClassVar[str] = "/"


class Concat(Join):
    title: ClassVar[str] = "Concat"
    help: ClassVar[str] = "Puts its inputs side by side, so that channels add up."
    stem: ClassVar[str] = "concat"
    synonyms: ClassVar[tuple[str, ...]] = ("concatenate", "cat", "join", "merge", "stack", "dense", "skip")
    torch: ClassVar[str] = "modules.Concat"

    axis: int = setting(
        1, "Axis", "The axis that grows: 1 is the first after the batch (channels), −1 the last.", ge=-8, le=8
    )

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"axis": self.axis}

    def call(self, module: str, args: list[str]) -> str:
        return f"torch.cat(({', '.join(args)}), dim={self.axis})"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        if not self.axis or not -count <= self.axis <= count:
            remedy = (Remedy("Use axis 1", {"axis": 1}),) if count else ()
            return Fault("Concat cannot work along this axis.", f"1 to {count}, or −1", str(self.axis), remedy)
        axis = self.axis - 1 if self.axis > 0 else self.axis % count
        for port, shape in zip(_PORTS[1:], inputs[1:], strict=False):
            if not _same_but(inputs[0].dims, shape.dims, axis):
                return self._mismatch(inputs[0], shape, port)
        return None

    def _mismatch(self, first: Shape, shape: Shape, port: str) -> Fault:
        message = f"Concat needs inputs that differ along axis {self.axis} only."
        remedies: tuple[Remedy, ...] = ()
        if len(first.dims) == len(shape.dims) == 3 and self.axis in (1, -3):
            size = {"size": list(first.dims[1:])}
            remedies = (_insert("Upsample", port, size, f"Upsample to {times(first.dims[1:])}"),)
        elif len(first.dims) == 1:
            remedies = (_insert("Flatten", port, {}),)
        elif len(first.dims) == 3 and len(shape.dims) == 1 and self.axis in (1, -3):
            remedies = _plane(first.dims[1:], port)
        return Fault(message, str(first), str(shape), remedies or _cut(port))


def _plane(size: tuple[int, ...], port: str) -> tuple[Remedy, ...]:
    """What makes a row one more channel of maps of this size."""
    reshape = _insert("Reshape", port, {"shape": [1, *size]})
    linear = _insert("Linear", port, {"out_features": math.prod(size)})
    return (replace(linear, label=f"Insert Linear and Reshape before {port}", then=reshape),)


def _same_but(first: tuple[int, ...], other: tuple[int, ...], axis: int) -> bool:
    pairs = zip(first, other, strict=False)
    return len(first) == len(other) and all(a == b for i, (a, b) in enumerate(pairs) if i != axis)


class _Shaping(Layer):
    """Layers that move numbers about without changing them, tokens too."""

    family: ClassVar[str] = "combine"

    def inputs(self) -> tuple[Port, ...]:
        return _ANY


class Flatten(_Shaping):
    title: ClassVar[str] = "Flatten"
    help: ClassVar[str] = "Lays all numbers of a map out in one row, ready for Linear."
    stem: ClassVar[str] = "flatten"
    synonyms: ClassVar[tuple[str, ...]] = ("vector", "reshape", "unroll", "row")
    torch: ClassVar[str] = "nn.Flatten"

    start_dim: int = setting(
        1, "From axis", "The first axis that is laid out; 1 is the first after the batch.", ge=1, le=8
    )
    end_dim: int = setting(-1, "To axis", "The last axis that is laid out; −1 is the last.", ge=-8, le=8)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        end = self.end_dim if self.end_dim > 0 else self.end_dim + count + 1
        if 1 <= self.start_dim <= end <= count:
            return None
        remedy = Remedy("Flatten all axes", {"start_dim": 1, "end_dim": -1})
        message = "Flatten cannot lay out these axes of its input."
        return Fault(message, f"axes 1 to {count}", f"axes {self.start_dim} to {self.end_dim}", (remedy,))

    def summary(self) -> str:
        return "" if (self.start_dim, self.end_dim) == (1, -1) else f"axes {self.start_dim} to {self.end_dim}"


class Reshape(_Shaping):
    title: ClassVar[str] = "Reshape"
    help: ClassVar[str] = "Gives the same numbers another shape."
    stem: ClassVar[str] = "reshape"
    synonyms: ClassVar[tuple[str, ...]] = ("view", "unflatten", "fold", "shape")
    torch: ClassVar[str] = "modules.Reshape"
    written: ClassVar[str | None] = ""

    shape: Axes = setting(
        (-1,), "Shape", "The axes of one sample; −1 stands for what is left.", min_length=1, max_length=8
    )

    @field_validator("shape")
    @classmethod
    def _sizes(cls, shape: tuple[int, ...]) -> tuple[int, ...]:
        if any(size < 1 and size != -1 for size in shape) or shape.count(-1) > 1:
            raise ValueError("takes whole numbers from 1, and −1 once")
        return shape

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        known, size = math.prod(n for n in self.shape if n > 0), inputs[0].size
        if size % known == 0 if -1 in self.shape else size == known:
            return None
        message = f"The {size} numbers of the input do not fill the shape {self.summary()}."
        remedy = Remedy("Lay the numbers out in a row", {"shape": [-1]})
        wanted = f"a multiple of {known} numbers" if -1 in self.shape else f"{known} numbers"
        return Fault(message, wanted, f"{inputs[0]} ({size} numbers)", (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]}.reshape({args[0]}.shape[0], {', '.join(map(str, self.shape))})"

    def summary(self) -> str:
        return times(self.shape).replace("-1", "any")


class Permute(_Shaping):
    title: ClassVar[str] = "Permute"
    help: ClassVar[str] = "Puts the axes of its input into another order."
    stem: ClassVar[str] = "permute"
    synonyms: ClassVar[tuple[str, ...]] = ("transpose", "swap", "axes", "reorder")
    torch: ClassVar[str] = "modules.Permute"
    written: ClassVar[str | None] = ""

    axes: Axes = setting(
        (2, 1), "Order", "The old axes in their new order, counted from 1.", min_length=1, max_length=8
    )

    @field_validator("axes")
    @classmethod
    def _order(cls, axes: tuple[int, ...]) -> tuple[int, ...]:
        if sorted(axes) != list(range(1, len(axes) + 1)):
            raise ValueError("names each axis from 1 once, such as 2, 1")
        return axes

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        if len(self.axes) == count:
            return None
        order = list(range(1, count + 1))
        order = [*order[1:], 1] if count > 1 else order
        remedies = (Remedy(f"Set the order to {', '.join(map(str, order))}", {"axes": order}),) if count else ()
        message = f"Permute orders {len(self.axes)} axes, and its input has {count}."
        return Fault(message, f"{len(self.axes)} axes", str(inputs[0]), remedies)

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]}.permute(0, {', '.join(map(str, self.axes))})"

    def summary(self) -> str:
        return ", ".join(map(str, self.axes))
