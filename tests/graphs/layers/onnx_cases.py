"""onnx's own test cases of its operators, as torch tensors."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch
from onnx import NodeProto, TensorProto, numpy_helper
from torch import Tensor

from graphs.building.modules.onnx import evaluate
from graphs.layers.onnx_operators import ABSENT, OPERATORS

CHANCE = ("bernoulli", "random", "training_dropout", "dropout_default_mask_train")
"""Parts of the names of cases whose numbers are drawn."""
RECKONED = {"bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"}
RECKONED |= {"complex64", "complex128"}
COARSE = {torch.float16: 1e-3, torch.bfloat16: 2e-2}


class Foreign(Exception):
    """A tensor of a type that torch does not reckon with."""


@dataclass(frozen=True)
class Case:
    """One case: a model, its inputs and results."""

    name: str
    model: onnx.ModelProto
    inputs: Mapping[str, Tensor]
    results: Mapping[str, Tensor]
    rtol: float
    atol: float

    @property
    def version(self) -> int:
        return next(entry.version for entry in self.model.opset_import if entry.domain in ("", "ai.onnx"))

    @property
    def drawn(self) -> bool:
        return any(word in self.name for word in CHANCE)


@cache
def cases() -> tuple[tuple[str, Any], ...]:
    """The cases of all operators, by name; they are made anew by onnx itself."""
    from onnx.backend.test.loader import load_node_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple((case.name, case) for case in load_node_model_tests())


def why_not(case: Any) -> str:
    """Why a case is not computed here, empty where it is."""
    graph = case.model.graph
    if domains := {node.domain for node in graph.node} - {"", "ai.onnx"}:
        return f"of the domain {min(domains)}"
    for node in graph.node:
        if node.op_type not in OPERATORS:
            return ABSENT.get(node.op_type, f"{node.op_type} is not known")
    if any(value.type.WhichOneof("value") != "tensor_type" for value in (*graph.input, *graph.output)):
        return "it works on sequences of tensors or on values that may be missing"
    return ""


def read(case: Any) -> Case:
    """A case with tensors. Raises Foreign."""
    inputs, results = case.data_sets[0]
    graph = case.model.graph
    given = {value.name: tensor(array) for value, array in zip(graph.input, inputs, strict=False) if array is not None}
    given |= {entry.name: tensor(entry) for entry in graph.initializer}
    wanted = {value.name: tensor(array) for value, array in zip(graph.output, results, strict=False)}
    return Case(case.name, case.model, given, wanted, case.rtol, case.atol)


def computed(case: Case) -> dict[str, Tensor]:
    """All values of a case, node by node."""
    values = dict(case.inputs)
    for node in case.model.graph.node:
        operands = [values[name] if name else None for name in node.input]
        results = evaluate(node.op_type, case.version, attributes(node), operands, len(node.output))
        values |= {name: value for name, value in zip(node.output, results, strict=False) if name}
    return values


def agree(got: Tensor, wanted: Tensor, case: Case) -> None:
    """Asserts type, shape and numbers; those of cases that draw are not looked at."""
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    if case.drawn:
        return
    if not wanted.is_floating_point() and not wanted.is_complex():
        assert torch.equal(got, wanted)
        return
    coarse = COARSE.get(wanted.dtype, 1e-5)
    wide = torch.complex128 if wanted.is_complex() else torch.float64
    rtol, atol = max(case.rtol, coarse), max(case.atol, coarse)
    torch.testing.assert_close(got.to(wide), wanted.to(wide), rtol=rtol, atol=atol, equal_nan=True)


def attributes(node: NodeProto) -> dict[str, Any]:
    """The attributes of a node as plain values and tensors."""
    return {entry.name: _plain(onnx.helper.get_attribute_value(entry)) for entry in node.attribute}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, TensorProto):
        return tensor(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def tensor(array: Any) -> Tensor:
    """Raises Foreign for texts, and for types that torch does not reckon with."""
    found = numpy_helper.to_array(array) if isinstance(array, TensorProto) else np.asarray(array)
    name = str(found.dtype)
    if name == "bfloat16":
        return torch.from_numpy(np.array(found).view(np.int16)).view(torch.bfloat16)
    if name not in RECKONED:
        raise Foreign(name)
    return torch.from_numpy(np.array(found))


def constant(value: Tensor) -> dict[str, Any]:
    """A tensor as the fields of a layer have it."""
    return {"value": _words(value.tolist()), "dtype": str(value.dtype).removeprefix("torch.")}


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return [_words(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def alone() -> Iterator[tuple[str, Any]]:
    """The first case of each operator that is one node and takes tensors torch reckons with."""
    seen = set()
    for name, case in cases():
        node = case.model.graph.node[0]
        if len(case.model.graph.node) > 1 or node.op_type in seen or why_not(case):
            continue
        try:
            read(case)
        except Foreign:
            continue
        seen.add(node.op_type)
        yield name, case
