"""Operators of ONNX: each gives what onnx's own cases say, alone and as a layer."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import onnx.defs
import pytest
import torch
from torch import Tensor

from graphs.building.build import Built, build
from graphs.building.modules.onnx import FUNCTIONS, OperatorFault, evaluate
from graphs.building.source import write_source
from graphs.layers.catalogue import BadFields, standard
from graphs.layers.onnx_operators import ABSENT, NEWEST, OPERATORS, VARYING
from graphs.network import End, Network, Node, Wire
from tests.graphs.layers.onnx_cases import (
    Case,
    Foreign,
    agree,
    alone,
    attributes,
    cases,
    computed,
    constant,
    read,
    why_not,
)

CATALOGUE = standard()
DTYPES = {"float32", "float64", "int64", "int32", "uint8", "bool"}
"""Types that an input can have."""


def test_every_operator_is_computed_or_named() -> None:
    known = {schema.name for schema in onnx.defs.get_all_schemas_with_history() if not schema.domain}
    assert known - {*OPERATORS, *ABSENT} == set()
    assert not {*OPERATORS} & {*ABSENT}
    assert {*OPERATORS} <= known
    assert onnx.defs.onnx_opset_version() <= NEWEST


def test_every_function_is_there_and_used() -> None:
    used = {operator.function(version) for operator in OPERATORS.values() for version in range(1, NEWEST + 1)}
    assert used == set(FUNCTIONS)


@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_counts_and_attributes_are_those_of_onnx(op: str) -> None:
    operator = OPERATORS[op]
    schema = onnx.defs.get_schema(op)
    assert operator.most >= min(schema.max_input, 1024)
    assert operator.gives >= min(schema.max_output, 1024)
    assert operator.least <= schema.min_input
    parameters = inspect.signature(FUNCTIONS[operator.function(schema.since_version)]).parameters
    if op not in ("Constant",):
        assert {*schema.attributes} - {*parameters} <= {"round_mode"}


def test_onnx_s_own_cases() -> None:
    """1,884 of them with onnx 1.23; those with types that torch lacks, texts and sequences are left out by name."""
    left, wrong, passed = Counter[str](), dict[str, str](), 0
    for name, found in cases():
        if reason := why_not(found):
            left[reason] += 1
            continue
        try:
            case = read(found)
        except Foreign as error:
            left[f"torch does not reckon with {error}"] += 1
            continue
        try:
            values = computed(case)
            for result, wanted in case.results.items():
                agree(values[result], wanted, case)
            passed += 1
        except (OperatorFault, AssertionError) as error:
            if "not computed here" in str(error) or "round_mode" in str(error):
                left["torch does not reckon with types of fewer than 8 bits, or floats of 8"] += 1
            else:
                wrong[name] = str(error)
    assert not wrong
    assert passed >= 1500 and passed > 0.8 * len(cases()), (passed, left)


def as_layer(case: Case, each: bool = True) -> tuple[Network, list[Tensor]]:
    """A network of the one operator: constants where numbers must be known, inputs elsewhere."""
    (node,) = case.model.graph.node
    slots, wires = [], list[Tensor]()
    for place, name in enumerate(node.input):
        value = case.inputs.get(name)
        if value is None:
            slots.append(None)
        elif place in OPERATORS[node.op_type].known or str(value.dtype).removeprefix("torch.") not in DTYPES:
            slots.append(constant(value))
        else:
            slots.append({"wire": len(wires)})
            wires.append(value)
    said = {key: constant(v) if isinstance(v, Tensor) else v for key, v in attributes(node).items()}
    fields = {"op": node.op_type, "version": case.version, "attributes": said, "slots": slots, "each": each}
    fields |= {"takes": len(wires), "gives": len(node.output)}
    nodes, ends = [Node("op1", "OnnxOp", fields=fields)], []
    for place, value in enumerate(wires):
        shape = {"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")}
        nodes.append(Node(f"in{place}", "TensorInput", fields=shape))
        ends.append(Wire(End(f"in{place}", "out"), End("op1", f"in{place}")))
    for place in range(len(node.output)):
        nodes.append(Node(f"out{place}", "Output"))
        ends.append(Wire(End("op1", f"out{place}"), End(f"out{place}", "in")))
    return Network.of(nodes, ends), wires


def run(module: torch.nn.Module, made: Built, samples: list[Tensor]) -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    result = module(*(samples[int(name.removeprefix("in"))] for name in made.inputs))
    return result if isinstance(result, tuple) else (result,)


LAYERS = {case.model.graph.node[0].op_type: case for _, case in alone()}


@pytest.mark.parametrize("op", sorted(LAYERS.keys() - VARYING))
def test_as_a_layer_it_gives_the_same_for_every_sample(op: str) -> None:
    """Built, as written source, and backwards."""
    case = read(LAYERS[op])
    network, wires = as_layer(case)
    if not wires:
        pytest.skip("all that it takes must be known: it is folded away")
    made = build(network, CATALOGUE, seed=1)
    samples = [torch.stack([value, value]) for value in wires]
    samples = [value.requires_grad_() if value.is_floating_point() else value for value in samples]
    results = run(made.module, made, samples)
    for name, result in zip(case.model.graph.node[0].output, results, strict=True):
        if name in case.results:
            for sample in result.detach():
                agree(sample, case.results[name], case)
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(write_source(network, CATALOGUE), "generated.py", "exec"), scope)
    for result, other in zip(results, run(scope["Network"](), made, samples), strict=True):
        torch.testing.assert_close(result, other, rtol=0, atol=0, equal_nan=True)
    losses = [result.sum() for result in results if result.requires_grad]
    if losses:
        torch.stack([loss.to(torch.float64) for loss in losses]).sum().backward()
        assert any(value.grad is not None for value in samples)


def test_source_holds_only_what_it_uses() -> None:
    node = Node("op1", "OnnxOp", fields={"op": "Gather", "slots": [{"wire": 0}, {"value": [1], "dtype": "int64"}]})
    node = Node("op1", "OnnxOp", fields={**node.fields, "attributes": {"axis": 1}})
    source = Node("in1", "TensorInput", fields={"shape": [3, 4]})
    ends = [Wire(End("in1", "out"), End("op1", "in0")), Wire(End("op1", "out0"), End("output", "in"))]
    text = write_source(Network.of([source, node, Node("output", "Output")], ends), CATALOGUE)
    assert text.count("def onnx_") == 1
    assert "x = onnx_gather(in1, self.op1.constant_1, axis=1)" in text or "return onnx_gather(in1" in text


BAD = {
    "an operator that nobody knows": {"op": "Nothing"},
    "a graph inside": {"op": "Loop"},
    "a wire that is not there": {"slots": [{"wire": 1}]},
    "a wire below 0": {"slots": [{"wire": -1}]},
    "a word too many": {"slots": [{"wire": 0, "axis": 1}]},
    "rows of unequal length": {"slots": [{"value": [[1, 2], [3]], "dtype": "float32"}]},
    "words for numbers": {"slots": [{"value": ["one"], "dtype": "float32"}]},
    "too many numbers": {"slots": [{"value": [0.0] * 2000, "dtype": "float32"}]},
    "an unknown type": {"slots": [{"value": 1, "dtype": "load"}]},
    "a name that is code": {"slots": [{"tensor": "a=print()", "shape": [1], "dtype": "float32"}]},
    "a tensor that no memory holds": {"slots": [{"tensor": "w", "shape": [2**20, 2**20], "dtype": "float32"}]},
    "a shape below 0": {"slots": [{"tensor": "w", "shape": [-1], "dtype": "float32"}]},
    "whole numbers that learn": {"slots": [{"tensor": "w", "shape": [1], "dtype": "int64", "learn": True}]},
    "too many operands": {"slots": [None] * 5000},
    "attributes without end": {"attributes": {"a": ["x" * 50_000]}},
    "attributes that are no JSON": {"attributes": {"a": {1, 2}}},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_bad_fields_are_refused_in_a_sentence(fields: dict[str, Any]) -> None:
    with pytest.raises(BadFields, match=r"\.$"):
        CATALOGUE.parse("OnnxOp", fields)


def test_deep_lists_are_refused() -> None:
    deep: Any = 1.0
    for _ in range(5000):
        deep = [deep]
    for fields in ({"slots": [{"value": deep, "dtype": "float32"}]}, {"attributes": {"a": deep}}):
        with pytest.raises(BadFields, match=r"\.$"):
            CATALOGUE.parse("OnnxOp", fields)


def test_what_cannot_be_computed_is_said_in_a_sentence() -> None:
    x = torch.ones(2, 3)
    for op, options, operands in (
        ("If", {}, [x]),
        ("Nothing", {}, [x]),
        ("MatMul", {}, [x, x]),
        ("Softmax", {"speed": 3}, [x]),
        ("Cast", {"to": 8}, [x]),
        ("Cast", {"to": 99}, [x]),
        ("Reshape", {}, [x, torch.tensor([7])]),
        ("Relu", {}, []),
    ):
        with pytest.raises(OperatorFault, match=r"\.$"):
            evaluate(op, 20, options, operands)
