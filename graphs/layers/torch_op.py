"""One operation of PyTorch that no other layer says: how a network from elsewhere keeps all that it computes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

from pydantic import field_validator, model_validator

from graphs.layers.base import Fault, Layer, Port, Shape, setting
from graphs.layers.torch_allowed import allowed

VALUES, DEPTH, NUMBERS, LARGEST = 20_000, 24, 1024, 2**28
"""Bounds of what an operation is given: values and depth of its arguments, numbers of a constant that is written in
them, numbers of a tensor in the state dict."""
DTYPES = {"float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64"}
_PRODUCTS = """
    addbmm addmm addmv baddbmm bilinear bmm chain_matmul conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d convolution dot einsum gru inner linalg_matmul linear lstm matmul mm mv rnn_relu rnn_tanh
    scaled_dot_product_attention tensordot vdot
"""
PRODUCTS = frozenset(_PRODUCTS.split())
"""Functions that take products of matrices."""
MARKS = {
    "wire": {"axis"},
    "step": {"part"},
    "tensor": {"shape", "dtype", "learn"},
    "value": {"dtype"},
    "list": set(),
    "batch": set(),
    "training": set(),
    "dtype": set(),
    "device": set(),
    "float": set(),
    "memory_format": set(),
}
"""What an object among the arguments may say, by its first word, and what it may say beside it."""


class TorchOp(Layer):
    """One function of torch.ops.aten.

    Its arguments are JSON: numbers, words, lists, and objects for what JSON lacks. {"wire": 0, "axis": 1} is an input
    (its batch moved to axis 1), {"step": 0, "part": 1} a result of `before`, {"tensor": "weight", "shape": […],
    "dtype": …, "learn": true} numbers in the state dict, {"value": […], "dtype": …} numbers written here, {"batch": 2}
    twice as many as there are samples, {"training": true} whether it trains; then {"dtype": "float32"},
    {"device": true}, {"float": "-inf"}. `results` says for each output which step, which part of it and which of its
    axes is the batch.
    """

    title: ClassVar[str] = "PyTorch operation"
    family: ClassVar[str] = "combine"
    help: ClassVar[str] = "One function of PyTorch that no other layer says, as a network from elsewhere uses it."
    stem: ClassVar[str] = "torch"
    synonyms: ClassVar[tuple[str, ...]] = ("aten", "function", "operation", "imported", "torch.export", "roll")
    torch: ClassVar[str] = "modules.TorchOp"

    target: str = setting(
        "aten.roll.default", "Function", "Its name among torch.ops, with its overload.", max_length=80
    )
    takes: int = setting(1, "Inputs", "How many wires it takes.", ge=1, le=64)
    args: list[Any] = setting(
        [{"wire": 0}, [1], [-1]], "Arguments", "What it is called with, in order, as JSON.", max_length=64
    )
    kwargs: dict[str, Any] = setting({}, "Keywords", "What it is called with by name, as JSON.", max_length=64)
    before: list[Any] = setting([], "Before", "Calls whose results it takes, as JSON.", max_length=2000)
    results: list[Any] = setting(
        [{}],
        "Results",
        "Which results it gives and which of their axes is the batch, as JSON.",
        min_length=1,
        max_length=64,
    )

    @field_validator("target")
    @classmethod
    def _known(cls, target: str) -> str:
        if not allowed(target):
            raise ValueError("is no function that may run")
        return target

    @field_validator("before")
    @classmethod
    def _calls(cls, before: list[Any]) -> list[Any]:
        for call in before:
            if not isinstance(call, dict) or not call.keys() <= {"target", "args", "kwargs"}:
                raise ValueError("takes calls of a target, args and kwargs")
            if not allowed(str(call.get("target"))) or not isinstance(call.get("args", []), list):
                raise ValueError("takes calls of functions that may run")
        return before

    @model_validator(mode="after")
    def _bounded(self) -> TorchOp:
        for count, (value, depth) in enumerate(self._values()):
            if count > VALUES or depth > DEPTH:
                raise ValueError("is larger than an operation may be")
            if isinstance(value, dict) and (problem := self._problem(value)):
                raise ValueError(problem)
        for result in self.results:
            if not isinstance(result, dict) or not result.keys() <= {"step", "part", "axis"}:
                raise ValueError("takes results of a step, a part and an axis")
            if not all(_whole(value, -1, 2000) for value in result.values()):
                raise ValueError("takes results of a step, a part and an axis")
        return self

    def __hash__(self) -> int:
        return hash(self._text)

    @cached_property
    def _text(self) -> str:
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def _values(self) -> Iterator[tuple[Any, int]]:
        """Everything among the arguments of all its calls, with how deep it stands; numbers of a constant as one."""
        stack: list[tuple[Any, int]] = [(self.args, 0), *((value, 0) for value in self.kwargs.values())]
        for call in self.before:
            stack += [
                (call.get("args", []), 0),
                *((value, 0) for value in dict(call.get("kwargs", {})).values()),
            ]
        while stack:
            value, depth = stack.pop()
            yield value, depth
            if isinstance(value, list):
                stack += [(item, depth + 1) for item in value]
            elif isinstance(value, dict) and "list" in value:
                stack.append((value["list"], depth + 1))

    def _problem(self, value: Mapping[str, Any]) -> str:
        """What is wrong with an object among the arguments; empty where nothing is."""
        word = next(iter(value), "")
        if word not in MARKS or not value.keys() <= {word, *MARKS[word]}:
            return "holds an object that says nothing to it"
        said = value[word]
        judged: dict[str, Callable[[], bool]] = {
            "wire": lambda: _whole(said, 0, self.takes - 1) and _whole(value.get("axis", 0), 0, 16),
            "step": lambda: _whole(said, 0, len(self.before) - 1) and _whole(value.get("part", 0), 0, 64),
            "tensor": lambda: _tensor(value),
            "value": lambda: _numbers(said) <= NUMBERS and value.get("dtype", "float32") in DTYPES,
            "batch": lambda: _whole(said, 1, 2**31),
            "dtype": lambda: said in DTYPES,
            "float": lambda: said in ("inf", "-inf", "nan"),
            "memory_format": lambda: said in ("contiguous_format", "preserve_format", "channels_last"),
        }
        return "" if judged.get(word, lambda: True)() else f"holds a {word} that cannot be"

    def tensors(self) -> dict[str, Mapping[str, Any]]:
        """The tensors that it keeps in the state dict, by their names."""
        return {v["tensor"]: v for v, _ in self._values() if isinstance(v, dict) and "tensor" in v}

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"in{index}", accepts="any") for index in range(self.takes))

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{index}", accepts="any") for index in range(len(self.results)))

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        made = self.model_dump(mode="json", exclude={"takes"} | ({"results"} if self.results == [{}] else set()))
        return {name: value for name, value in made.items() if value or name in ("target", "args")}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        from graphs.inference.measure import Unfit, measure

        try:
            measure(self, inputs)
        except Unfit as error:
            words = str(error).rstrip(".")
            return Fault(f"{self.operation} does not take these inputs: {words}.", "", " and ".join(map(str, inputs)))
        return None

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        names = {str(call["target"]).split(".")[1] for call in (*self.before, {"target": self.target})}
        if not names & PRODUCTS:
            return 0
        from graphs.inference.measure import counted

        return counted(self, inputs)

    @property
    def operation(self) -> str:
        """What a person calls it: "roll"."""
        return self.target.split(".")[1]

    def summary(self) -> str:
        return self.operation


def _whole(value: Any, low: int, high: int) -> bool:
    return value is True or (isinstance(value, int) and low <= value <= high)


def _numbers(value: Any) -> int:
    """How many numbers there are in nested lists; too many where something else is among them."""
    if isinstance(value, list):
        return sum(map(_numbers, value)) if len(value) <= NUMBERS else NUMBERS + 1
    return 1 if isinstance(value, int | float) or value in ("inf", "-inf", "nan") else NUMBERS + 1


def _tensor(value: Mapping[str, Any]) -> bool:
    name, shape = value["tensor"], value.get("shape")
    if not isinstance(name, str) or not name.isidentifier() or len(name) > 80 or not isinstance(shape, list):
        return False
    sized = len(shape) <= 16 and all(_whole(n, 0, LARGEST) for n in shape) and math.prod(shape) <= LARGEST
    return sized and value.get("dtype", "float32") in DTYPES
