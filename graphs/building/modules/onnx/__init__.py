"""The operators of ONNX as plain functions on torch tensors, one for each operator and meaning.

Generated source prints those that it uses. What differs between opsets stands in `graphs.layers.onnx_operators`.
Source: https://onnx.ai/onnx/operators/, https://github.com/onnx/onnx/blob/main/docs/Changelog.md
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from graphs.building.modules.onnx import (
    activations,
    along,
    attending,
    bits,
    chance,
    elementwise,
    indexing,
    losses,
    normalising,
    products,
    quantising,
    recurrent,
    reducing,
    resizing,
    shaping,
    signals,
    vision,
    windows,
)
from graphs.building.modules.operation import Tensors, each
from graphs.layers.onnx_operators import ABSENT, OPERATORS, called
from graphs.layers.operation import plain

FILES = (
    *(elementwise, along, activations, bits, shaping, indexing, reducing, windows, products, normalising, resizing),
    *(recurrent, attending, vision, signals, quantising, losses, chance),
)
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    name: found for file in FILES for name, found in vars(file).items() if name.startswith("onnx_")
}


class OperatorFault(ValueError):
    """An operator that is not computed here, or cannot take what it is given; one sentence."""


def evaluate(
    op: str, version: int, attributes: Mapping[str, Any], inputs: Sequence[Tensor | None], outputs: int = 1
) -> tuple[Tensor, ...]:
    """The results of one operator as that opset means it; None stands for an input left out.

    Attributes are plain JSON values, tensors, or {"value": …, "dtype": …}. `outputs` is how many results are wanted.
    Raises OperatorFault for an operator that is not here and for what it cannot take.
    """
    operator = OPERATORS.get(op)
    if operator is None:
        why = f": {ABSENT[op]}" if op in ABSENT else ""
        raise OperatorFault(f"The ONNX operator {op} is not computed here{why}.")
    name, options = called(operator, version, attributes, outputs)
    try:
        results = run(name, inputs, options)
    except OperatorFault:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, KeyError, NotImplementedError, OverflowError) as error:
        text = str(error).strip().splitlines() or [type(error).__name__]
        raise OperatorFault(f"{op} cannot take what it is given: {text[0][:200].rstrip('.')}.") from error
    return results[:outputs]


def run(name: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """The results of one of the functions."""
    given = {key: _tensor(value) for key, value in options.items()}
    known = _parameters(name)
    unknown = [key for key in given if known and key not in known]
    if unknown:
        raise OperatorFault(f"The attribute “{unknown[0]}” is not known to {name.removeprefix('onnx_')}.")
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    result = FUNCTIONS[name](*inputs, **given)
    return result if isinstance(result, tuple) else (result,)


def misfit(name: str, options: Mapping[str, Any], operands: int) -> str:
    """Why a function cannot be given these values by name beside so many operands; empty where it can."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters.values()):
        return ""
    placed = [p.name for p in parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    taken = {*placed[:operands], *(p.name for p in parameters.values() if p.kind == p.VAR_POSITIONAL)}
    for key, value in options.items():
        if key not in parameters or key in taken:
            return f"has no attribute “{key}” here"
        if not any(_suits(value, word.strip()) for word in str(parameters[key].annotation).split("|")):
            return f"cannot have this as its attribute “{key}”"
    return ""


def _suits(value: Any, annotation: str) -> bool:
    """Whether a plain value is what a parameter says it takes."""
    kind = annotation.removeprefix("Sequence[").removesuffix("]")
    if annotation in ("Tensor", "Numbers") and isinstance(value, Mapping):
        return True
    if kind != annotation or kind == "Numbers":
        return isinstance(value, list) and all(_suits(inner, "float" if kind == "Numbers" else kind) for inner in value)
    types: tuple[type, ...] = {"int": (int,), "float": (int, float), "str": (str,)}.get(kind, ())
    return isinstance(value, types)


@cache
def _parameters(name: str) -> frozenset[str]:
    """What a function is given by name; nothing where it takes any."""
    found = inspect.signature(FUNCTIONS[name]).parameters
    return frozenset() if any(p.kind == p.VAR_KEYWORD for p in found.values()) else frozenset(found)


def _tensor(value: Any) -> Any:
    """The tensor that {"value", "dtype"} says; other values as they are."""
    if isinstance(value, Mapping) and set(value) == {"value", "dtype"}:
        return torch.tensor(plain(value["value"]), dtype=getattr(torch, value["dtype"]))
    return value


class OnnxOp(Tensors):
    """One operator of ONNX. `slots` says where each of its inputs comes from; see `graphs.layers.onnx_op`."""

    def __init__(
        self, op: str, version: int, attributes: Mapping[str, Any], gives: int, slots: Sequence[Any], each: bool
    ) -> None:
        operator = OPERATORS[op]
        held = {s["tensor"]: (tuple(s["shape"]), s["dtype"], s["learn"]) for s in slots if s and "tensor" in s}
        fixed = {
            f"constant_{place}": (plain(slot["value"]), slot["dtype"])
            for place, slot in enumerate(slots)
            if slot and "value" in slot and place not in operator.known
        }
        super().__init__(held, fixed)
        self.op, self.gives, self.each = op, gives, each
        self.name, self.options = called(operator, version, attributes, gives)
        self.slots, self.known = tuple(slots), operator.known

    def forward(self, *values: Tensor) -> Any:
        return each(self._work, *values) if self.each else self._work(*values)

    def _work(self, *values: Tensor) -> Any:
        operands = [self._operand(place, slot, values) for place, slot in enumerate(self.slots)]
        results = run(self.name, operands, self.options)
        return results[0] if self.gives == 1 else results[: self.gives]

    def _operand(self, place: int, slot: Mapping[str, Any] | None, values: tuple[Tensor, ...]) -> Any:
        if slot is None:
            return None
        if "wire" in slot:
            return values[slot["wire"]]
        if "tensor" in slot:
            return getattr(self, slot["tensor"])
        return plain(slot["value"]) if place in self.known else getattr(self, f"constant_{place}")

    def extra_repr(self) -> str:
        return f"{self.op}, {self.options}"


def __getattr__(name: str) -> Callable[..., Any]:
    """The functions by their names."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    raise AttributeError(name)
