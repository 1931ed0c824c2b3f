"""Operations that a strange file describes: whatever stands in their fields, nothing runs but what they compute."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.building.modules import OnnxOp, TorchOp
from graphs.building.source import write_source
from graphs.inference.measure import Unfit, measure
from graphs.inference.shapes import Inference
from graphs.layers.base import Shape
from graphs.layers.catalogue import BadFields, standard
from graphs.layers.operation import literal, quoted
from graphs.layers.tensor_names import usable
from graphs.network import End, Network, Node, Wire

CATALOGUE = standard()
EVIL = "float32) if not __import__('os').system('true') else torch.tensor(0"
CODE = {"value": 1, "dtype": EVIL}
SHAPES = (Shape((3, 4)),)


def network_of(kind: str, fields: Mapping[str, Any]) -> Network:
    nodes = [Node("in1", "TensorInput", fields={"shape": [3, 4]}), Node("op1", kind, fields=dict(fields))]
    ends = [Wire(End("in1", "out"), End("op1", "in0")), Wire(End("op1", "out0"), End("output", "in"))]
    return Network.of([*nodes, Node("output", "Output")], ends)


HIDDEN = {
    "in a list of an attribute": ("OnnxOp", {"op": "Cast", "attributes": {"to": 1, "saturate": [CODE]}}),
    "as an attribute": ("OnnxOp", {"op": "Cast", "attributes": {"to": 1, "saturate": CODE}}),
    "in an object of an attribute": ("OnnxOp", {"op": "Cast", "attributes": {"to": 1, "saturate": {"a": CODE}}}),
    "as the name of an attribute": ("OnnxOp", {"op": "Cast", "attributes": {"to": 1, "a=print()": 1}}),
    "as a keyword": ("OnnxOp", {"op": "Cast", "attributes": {"to": 1, "class": 1}}),
    "as a type": ("OnnxOp", {"op": "Erf", "slots": [CODE]}),
    "as training": ("TorchOp", {"args": [{"wire": 0}, [1], {"training": CODE}]}),
    "as a device": ("TorchOp", {"args": [{"wire": 0}, [1], [1]], "kwargs": {"device": {"device": CODE}}}),
    "as what learns": ("TorchOp", {"args": [{"tensor": "a", "shape": [3], "learn": CODE}, [0], [0]]}),
    "as numbers": ("TorchOp", {"args": [{"value": CODE, "dtype": "float32"}, [0], [0]]}),
    "in a list": ("TorchOp", {"args": [{"wire": 0}, [1], [{"list": CODE}]]}),
    "as an attribute of arguments": ("TorchOp", {"args": [{"wire": 0}], "kwargs": {"a=print()": 1}}),
}


@pytest.mark.parametrize(("kind", "fields"), HIDDEN.values(), ids=HIDDEN)
def test_code_among_the_fields_is_refused(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(BadFields, match=r"\.$"):
        CATALOGUE.parse(kind, fields)


@pytest.mark.parametrize("value", [CODE, [CODE], {"a": CODE}, object(), {"value": object(), "dtype": "int64"}], ids=str)
def test_only_plain_values_are_written(value: Any) -> None:
    with pytest.raises(ValueError, match=r"type that torch knows|cannot be written"):
        literal(value)


@given(
    st.text()
    | st.floats()
    | st.integers()
    | st.lists(st.text() | st.integers())
    | st.dictionaries(st.text(), st.text())
)
def test_what_is_written_is_the_value_itself(value: Any) -> None:
    if isinstance(value, dict) and set(value) == {"value", "dtype"}:
        return
    tree = ast.parse(literal(value), mode="eval")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if calls:
        assert literal(value) in ('float("inf")', 'float("-inf")', 'float("nan")')
    else:
        assert ast.literal_eval(literal(value)) == value


def test_texts_are_quoted_as_a_person_does() -> None:
    assert [quoted(text) for text in ("same", "a'b", 'a"b')] == ['"same"', '"a\'b"', "'a\"b'"]


@pytest.mark.parametrize(
    "attributes",
    [{"speed": 1}, {"to": 1, "x": 2}, {"to": [1, 2], "saturate": 1.5}, {"saturate": "yes"}, {"saturate": [1]}],
    ids=str,
)
def test_attributes_that_an_operator_has_not_are_named(attributes: dict[str, Any]) -> None:
    layer = CATALOGUE.parse("OnnxOp", {"op": "Cast", "attributes": attributes})
    fault = layer.fault(SHAPES)
    assert fault is not None and "attribute" in fault.message


@pytest.mark.parametrize("kind", ["OnnxOp", "TorchOp"])
@pytest.mark.parametrize(
    "name", ["forward", "class", "_modules", "training", "a b", "ﬁ", "", 3, None, ["a"], "constant_0"]
)
def test_tensors_have_names_that_mean_nothing_else(kind: str, name: Any) -> None:
    slot = {"tensor": name, "shape": [2], "dtype": "float32"}
    fields = {"op": "Erf", "slots": [slot]} if kind == "OnnxOp" else {"target": "aten.erf.default", "args": [slot]}
    with pytest.raises(BadFields, match=r"\.$"):
        CATALOGUE.parse(kind, fields)


def test_every_name_that_a_module_has_is_reserved() -> None:
    made = (TorchOp("aten.relu.default", [{"wire": 0}]), OnnxOp("Erf", 20, {}, 1, [{"wire": 0}], False))
    for name in {*keyword.kwlist, *dir(made[0]), *dir(made[1])}:
        assert not usable(name), name
    assert usable("weight") and usable("bias") and usable("größe")


@pytest.mark.parametrize(
    "call",
    [
        {"target": "aten.zeros.default", "args": [[2**36]]},
        {"target": "aten.ones.default", "args": [[2**36]], "kwargs": {"device": "cpu"}},
        {"target": "aten.full.default", "args": [[2**36], 1.0], "kwargs": {"layout": None, "pin_memory": True}},
        {"target": "aten.arange.default", "args": [2**36]},
        {"target": "aten.eye.default", "args": [2**18]},
        {"target": "aten.new_zeros.default", "args": [{"wire": 0}, [2**36]], "kwargs": {"device": "cpu"}},
        {"target": "aten.to.device", "args": [{"wire": 0}, "cpu", {"dtype": "float32"}]},
    ],
    ids=lambda call: str(call["target"]),
)
def test_where_shapes_are_wanted_nothing_is_computed(call: dict[str, Any]) -> None:
    made = TorchOp(**call)
    with torch.device("meta"):
        assert made(torch.empty(2, 3)).is_meta
    with pytest.raises((BadFields, Unfit)):
        measure(CATALOGUE.parse("TorchOp", {**call, "results": [{"axis": 30}]}), SHAPES)


def test_a_result_with_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TorchOp, "forward", lambda self, x: torch.zeros(2, 3, device="cpu"))
    with pytest.raises(Unfit, match="only shapes"):
        measure(CATALOGUE.parse("TorchOp", {}), SHAPES)


def test_what_comes_apart_without_end_is_refused() -> None:
    layer = CATALOGUE.parse(
        "TorchOp", {"target": "aten.unbind.int", "args": [{"wire": 0}, 1], "results": [{"part": 0}]}
    )
    with pytest.raises(Unfit, match="too many tensors"):
        measure(layer, (Shape((2**24,)),))


def test_tensors_that_are_kept_count() -> None:
    tables = [{"tensor": f"t{place}", "shape": [2**31]} for place in range(9)]
    before = [{"target": "aten.sum.default", "args": [table]} for table in tables]
    fields = {"target": "aten.add.Tensor", "args": [{"wire": 0}, {"step": 0}], "before": before}
    network = network_of("TorchOp", fields)
    (problem,) = [p for p in Inference(CATALOGUE).analyse(network).problems if p.node == "op1"]
    assert "19,327,352,832 numbers, which do not fit into memory" in problem.message


# Anything at all

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
WORDS = st.sampled_from(
    [
        *("wire", "value", "dtype", "tensor", "shape", "learn", "step", "part", "axis", "list", "batch", "training"),
        *("device", "float", "memory_format", "target", "args", "kwargs", "float32", "int64", "nonsense", "inf", "zzz"),
        *("forward", "class", "aten.add.Tensor", "aten.zeros.default", "aten.split.Tensor", "Cast", "to", "axes"),
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS | WORDS | st.integers(-3, 3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
OPERAND = (
    JSON
    | st.fixed_dictionaries({"wire": JSON | st.just(0)}, optional={"axis": JSON | st.integers(0, 3)})
    | st.fixed_dictionaries({"value": JSON, "dtype": WORDS | JSON})
    | st.fixed_dictionaries(
        {"tensor": WORDS | JSON, "shape": st.lists(st.integers(0, 4)) | JSON, "dtype": WORDS | JSON}
    )
    | st.fixed_dictionaries({"step": JSON | st.integers(0, 2)}, optional={"part": JSON})
)
TARGETS = st.sampled_from(
    [
        *("aten.add.Tensor", "aten.zeros.default", "aten.split.Tensor", "aten.cat.default", "aten.index.Tensor"),
        *("aten.lstm.input", "aten.pad.default", "aten.full.default", "aten.topk.default", "aten.einsum.default"),
        *("aten.to.device", "aten.one_hot.default", "aten.reshape.default", "aten.max.dim", "aten.sort.default"),
    ]
)
CALL = JSON | st.fixed_dictionaries(
    {"target": TARGETS | JSON}, optional={"args": st.lists(OPERAND, max_size=4) | JSON, "kwargs": JSON}
)
OPERATORS = st.sampled_from(
    ["Cast", "Gather", "Reshape", "Pad", "Split", "Resize", "TopK", "LSTM", "Conv", "Clip", "Sum"]
)
FIELDS = {
    "OnnxOp": {
        "op": OPERATORS | JSON,
        "version": st.integers(1, 22) | JSON,
        "attributes": st.dictionaries(WORDS | st.sampled_from(["axis", "mode", "value"]), OPERAND | JSON, max_size=3)
        | JSON,
        "slots": st.lists(OPERAND, max_size=4) | JSON,
        "takes": st.just(1) | JSON,
        "gives": st.just(1) | JSON,
        "each": st.booleans() | JSON,
    },
    "TorchOp": {
        "target": TARGETS | JSON,
        "args": st.lists(OPERAND, max_size=4) | JSON,
        "kwargs": st.dictionaries(WORDS | st.sampled_from(["dim", "size"]), OPERAND | JSON, max_size=3) | JSON,
        "before": st.lists(CALL, max_size=3) | JSON,
        "results": st.lists(st.fixed_dictionaries({}, optional={"step": JSON, "part": JSON}), max_size=2) | JSON,
        "takes": st.just(1) | JSON,
    },
    "CustomLayer": {
        "file": JSON,
        "name": JSON,
        "takes": JSON | st.lists(st.text(max_size=3)),
        "results": JSON,
        "declares": JSON
        | st.lists(
            st.fixed_dictionaries(
                {"name": WORDS | JSON, "kind": WORDS | JSON}, optional={"choices": JSON, "default": JSON}
            )
        ),
    },
}


@pytest.mark.parametrize("kind", FIELDS)
def test_anything_in_their_fields_gives_a_problem_at_most(kind: str) -> None:
    @settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.fixed_dictionaries({}, optional=FIELDS[kind]),
        st.dictionaries(st.text(max_size=6), st.text(max_size=6)) | JSON,
    )
    def anything(fields: dict[str, Any], ties: Any) -> None:
        network = replace(network_of(kind, fields), settings={"ties": ties})
        analysis = Inference(CATALOGUE).analyse(network)
        if analysis.buildable:
            ast.parse(write_source(network, CATALOGUE))

    anything()
