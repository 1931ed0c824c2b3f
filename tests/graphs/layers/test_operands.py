"""What an operation is given, in words, and edited in them."""

from __future__ import annotations

import pytest
import torch

from graphs.building.modules import onnx
from graphs.layers.catalogue import standard
from graphs.layers.operands import changed, rows_of

WEIGHT = {"tensor": "w", "shape": [3, 4], "dtype": "float32", "learn": True}


def test_operands_are_called_as_their_functions_call_them() -> None:
    assert torch and onnx
    layer = standard().parse("OnnxOp", {"op": "CumSum", "slots": [{"wire": 0}, {"value": 1, "dtype": "int64"}]})
    assert [(row.name, row.words) for row in rows_of(layer)] == [("x", "input 1"), ("axis", "1")]
    layer = standard().parse("OnnxOp", {"op": "MatMul", "slots": [{"wire": 0}, WEIGHT]})
    assert [row.words for row in rows_of(layer)] == ["input 1", "tensor 3×4, learns"]
    layer = standard().parse("TorchOp", {"args": [{"wire": 0}, [1], [2]]})
    told = [(row.name, row.words) for row in rows_of(layer)]
    assert told == [("self", "input 1"), ("shifts", "1"), ("dims", "2")]


def test_a_value_is_edited_where_it_stands() -> None:
    layer = standard().parse("TorchOp", {"args": [{"wire": 0}, [1], [2]]})
    row = rows_of(layer)[2]
    assert changed(layer, row, "1, −2") == ("args", [{"wire": 0}, [1], [1, -2]])
    assert layer.args == [{"wire": 0}, [1], [2]]
    with pytest.raises(ValueError, match=r"^Takes numbers with commas between"):
        changed(layer, row, "[1, {")
    layer = standard().parse("OnnxOp", {"op": "CumSum", "slots": [{"wire": 0}, {"value": 1, "dtype": "int64"}]})
    name, value = changed(layer, rows_of(layer)[1], "2")
    assert (name, value) == ("slots", [{"wire": 0}, {"value": 2, "dtype": "int64"}])
    with pytest.raises(ValueError, match=r"^Takes one number"):
        changed(layer, rows_of(layer)[1], "x")
