"""What an operation of PyTorch may be told: only functions that compute, within bounds, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from graphs.building.modules import TorchOp
from graphs.layers.catalogue import BadFields, standard
from graphs.layers.torch_allowed import OPERATIONS, allowed


def test_every_function_is_one_of_pytorch_and_makes_new_values() -> None:
    for name in OPERATIONS:
        packet = getattr(torch.ops.aten, name)
        names = [overload for overload in packet.overloads() if allowed(f"aten.{name}.{overload}")]
        overloads = [getattr(packet, overload) for overload in names]
        assert any(not overload._schema.is_mutable for overload in overloads), name


@pytest.mark.parametrize(
    "target", ["aten.mul.left_t", "aten.add.str", "aten.sqrt.int", "aten.relu.nothing", "aten.relu_.default"]
)
def test_functions_of_lists_and_words_do_not_run(target: str) -> None:
    with pytest.raises(ValueError, match=r"tensors|writes|no function"):
        TorchOp(target, [{"wire": 0}])


@pytest.mark.parametrize(
    "name", ["from_file", "empty", "set_", "_resize_output", "item", "save", "__class__", "as_strided"]
)
def test_functions_with_other_powers_are_none_of_them(name: str) -> None:
    assert not allowed(f"aten.{name}.default")


@pytest.mark.parametrize(
    "target", ["os.system", "aten.add", "aten.relu.__class__", "aten.add.out", "prims.add.default", ""]
)
def test_other_names_are_none_of_them(target: str) -> None:
    assert not allowed(target)
    with pytest.raises(BadFields):
        standard().parse("TorchOp", {"target": target})


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "fields",
    [
        {"args": [{"wire": 1}]},
        {"args": [{"wire": -1}]},
        {"args": [{"step": 0}]},
        {"args": [{"code": "1"}]},
        {"args": [{"wire": 0, "code": 1}]},
        {"args": [{"tensor": "a b", "shape": [1]}]},
        {"args": [{"tensor": "a", "shape": [2**40]}]},
        {"args": [{"tensor": "a", "shape": [1], "dtype": "object"}]},
        {"args": [{"value": [0] * 2000, "dtype": "float32"}]},
        {"args": [{"value": ["x"], "dtype": "float32"}]},
        {"args": [{"dtype": "nn"}]},
        {"args": [{"float": "1"}]},
        {"args": [deep(40)]},
        {"args": [[0] * 30_000]},
        {"before": [{"target": "os.system"}]},
        {"before": [{"target": "aten.relu.default", "code": 1}]},
        {"before": ["aten.relu.default"]},
        {"results": []},
        {"results": [{"part": -5}]},
        {"kwargs": {"dims": {"wire": 7}}},
    ],
    ids=str,
)
def test_arguments_that_say_nothing_to_it_are_refused_in_a_sentence(fields: dict[str, Any]) -> None:
    with pytest.raises(BadFields) as fault:
        standard().parse("TorchOp", fields)
    assert str(fault.value).endswith(".") and len(str(fault.value)) < 300


def test_a_copy_computes_the_same_with_numbers_of_its_own() -> None:
    args = [{"wire": 0}, {"tensor": "gain", "shape": [3], "learn": True}]
    before = [{"target": "aten.mul.Tensor", "args": args, "kwargs": {}}]
    shift = {"value": [0.5, "inf", 2.0], "dtype": "float32"}
    module = TorchOp("aten.minimum.default", [{"step": 0}, shift], before=before)
    other = copy.deepcopy(module)
    x = torch.randn(2, 3)
    wanted = torch.minimum(x * module.gain, torch.tensor([0.5, float("inf"), 2.0]))
    assert torch.equal(module(x), wanted) and torch.equal(other(x), wanted)
    assert [*module.state_dict()] == ["gain"] and other.gain is not module.gain


def test_a_dtype_among_keywords_and_the_number_of_samples() -> None:
    zeros = {
        "target": "aten.zeros.default",
        "args": [[1, {"batch": True}, 2]],
        "kwargs": {"dtype": {"dtype": "float64"}},
    }
    module = TorchOp("aten.add.Tensor", [{"step": 0}, {"wire": 0, "axis": 1}], before=[zeros], results=[{"axis": 1}])
    x = torch.randn(4, 1, 2)
    assert torch.equal(module(x), x.double())
