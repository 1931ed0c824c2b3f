"""Layers that reckon with whole inputs, and numbers that come from no input."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from pydantic import field_validator

from graphs.layers.base import Axes, Fault, Layer, Port, Remedy, Shape, setting, times
from graphs.layers.slicing import place


class MatMul(Layer):
    title: ClassVar[str] = "MatMul"
    help: ClassVar[str] = "Multiplies two matrices, as attention does with its queries and keys."
    stem: ClassVar[str] = "matmul"
    synonyms: ClassVar[tuple[str, ...]] = ("matrix product", "dot product", "attention", "scores", "bmm", "gemm")
    torch: ClassVar[str] = "modules.MatMul"
    written: ClassVar[str | None] = ""

    transpose: bool = setting(False, "Turn the second", "Swap the last two axes of the second input first.")

    def inputs(self) -> tuple[Port, ...]:
        return (Port("a", "first"), Port("b", "second"))

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * inputs[0].dims[-1]

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        first, second = inputs
        for port, shape in zip("ab", inputs, strict=True):
            if len(shape.dims) < 2:
                insert = {"shape": [1, *shape.dims] if port == "a" else [*shape.dims, 1]} if shape.dims else {}
                remedies = (
                    (Remedy("Insert Reshape", insert="Reshape", insert_fields=insert, port=port),) if insert else ()
                )
                return Fault(
                    "MatMul multiplies matrices, and this input is none.", "rows × columns", str(shape), remedies
                )
        if first.dims[:-2] != second.dims[:-2]:
            message = "The axes before the last two must be the same in both inputs."
            return Fault(message, str(first), str(second), (Remedy("Remove the wire to b", cut="b"),))
        across, down = first.dims[-1], second.dims[-1 if self.transpose else -2]
        if across == down:
            return None
        other = second.dims[-2 if self.transpose else -1]
        turn = Remedy(
            "Turn the second" if not self.transpose else "Do not turn the second", {"transpose": not self.transpose}
        )
        message = f"The first has {across} columns, and the second {down} {'columns' if self.transpose else 'rows'}."
        remedies = (turn,) if other == across else (Remedy("Remove the wire to b", cut="b"),)
        return Fault(message, f"{across} {'columns' if self.transpose else 'rows'}", str(second), remedies)

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]} @ {args[1]}" + (".transpose(-2, -1)" if self.transpose else "")

    def summary(self) -> str:
        return "a · bᵀ" if self.transpose else "a · b"


class Mean(Layer):
    title: ClassVar[str] = "Mean"
    help: ClassVar[str] = "Takes the mean along one or several axes, such as over the steps of a series."
    stem: ClassVar[str] = "mean"
    synonyms: ClassVar[tuple[str, ...]] = ("average", "reduce", "global average pooling", "pool", "squeeze")
    torch: ClassVar[str] = "modules.Mean"
    written: ClassVar[str | None] = ""

    axes: Axes = setting(
        (1,),
        "Axes",
        "The axes that are averaged: 1 is the first after the batch, −1 the last.",
        min_length=1,
        max_length=8,
    )
    keep: bool = setting(False, "Keep the axes", "Leave an axis of one for each, so that the result fits the input.")

    @field_validator("axes")
    @classmethod
    def _named(cls, axes: tuple[int, ...]) -> tuple[int, ...]:
        if any(axis == 0 or not -8 <= axis <= 8 for axis in axes):
            raise ValueError("names axes from 1, or from −1 backwards, such as 2, 3")
        return axes

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        found = [place(axis, count) for axis in self.axes]
        if min(found) >= 0 and len(set(found)) == len(found):
            return None
        remedies = (Remedy("Average the last axis", {"axes": [-1]}),) if count else ()
        message = "Mean cannot average these axes of its input."
        return Fault(message, f"axes 1 to {count}, each once", self.summary(), remedies)

    def call(self, module: str, args: list[str]) -> str:
        keep = ", keepdim=True" if self.keep else ""
        return f"{args[0]}.mean({self.axes if len(self.axes) > 1 else self.axes[0]}{keep})"

    def summary(self) -> str:
        return f"{'axis' if len(self.axes) == 1 else 'axes'} {', '.join(map(str, self.axes))}".replace("-", "−")


def fixed_shape() -> Any:
    """The field of the shape of numbers that come from no input."""
    return setting((1,), "Shape", "The axes of one sample.", min_length=1, max_length=8)


class _Given(Layer):
    """Numbers of a shape of their own; the input says how many samples there are."""

    shape: Axes = fixed_shape()

    @field_validator("shape")
    @classmethod
    def _sizes(cls, shape: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= size <= 65536 for size in shape) or math.prod(shape) > 2**24:
            raise ValueError("takes whole numbers from 1, at most 16,777,216 numbers in all")
        return shape

    def inputs(self) -> tuple[Port, ...]:
        return (Port("in", "as many samples as", "any"),)

    def summary(self) -> str:
        return times(self.shape)


class Constant(_Given):
    title: ClassVar[str] = "Constant"
    help: ClassVar[str] = "Gives the same number everywhere; its input only says how many samples there are."
    stem: ClassVar[str] = "constant"
    synonyms: ClassVar[tuple[str, ...]] = ("number", "fixed", "zeros", "ones", "fill")
    torch: ClassVar[str] = "modules.Constant"
    written: ClassVar[str | None] = ""

    value: float = setting(0.0, "Number", "What stands at every place.", ge=-1e6, le=1e6)

    def call(self, module: str, args: list[str]) -> str:
        shape = ", ".join(map(str, self.shape))
        return f"torch.full(({args[0]}.shape[0], {shape}), {self.value}, device={args[0]}.device)"

    def summary(self) -> str:
        return f"{self.value:g} · {times(self.shape)}"


class Parameter(_Given):
    title: ClassVar[str] = "Parameter"
    help: ClassVar[str] = "Gives numbers that are learned themselves, the same for every sample."
    stem: ClassVar[str] = "parameter"
    synonyms: ClassVar[tuple[str, ...]] = ("learned constant", "queries", "variable", "weights", "token")
    torch: ClassVar[str] = "modules.Parameter"

    std: float = setting(0.02, "Spread", "How far from 0 they are drawn before training.", ge=0, le=100)
