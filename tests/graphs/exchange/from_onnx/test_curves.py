"""Runs of operators on single numbers: what becomes one layer gives what the file says, far out and at every bend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto
from onnx.helper import make_node as op
from onnx.reference import ReferenceEvaluator

from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, results
from tests.graphs.exchange.from_onnx.small import kinds, single

FAR = [10.0**power * sign for power in range(-6, 6) for sign in (1, -1)]
COUNT = 64


def one(number: float) -> Any:
    """A constant of one number."""
    return np.array(number, np.float32)


def around(*constants: float) -> torch.Tensor:
    """Numbers far out, and closely around constants: [1, COUNT]."""
    near = [c * (1 + step) for c in constants if abs(c) < 1e30 for step in (0, 1e-6, -1e-6, 1e-2, -1e-2)]
    found = [0.0, 3.0, -3.0, *np.linspace(-9, 9, 13), *FAR, *near]
    return torch.tensor([*found, *[0.5] * COUNT][:COUNT], dtype=torch.float32)[None]


def agrees(made: ModelProto, path: Path, *constants: float) -> Imported:
    """The network of a model, which must give what the reference of ONNX gives in double precision, so that no error of
    the reference hides one of ours, and what onnxruntime gives where that is near the reference."""
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    x, built = around(*constants), computed(imported)
    (ours,), (theirs,) = results(built, [x]), by_onnxruntime(path, [x])
    built.module.double()
    (exactly,), wanted = results(built, [x.double()]), reference(made, x)
    with np.errstate(all="ignore"):
        said = str(list(imported.network.nodes.values()))
        moved = 4 * np.nan_to_num(np.abs(reference(made, x, decimal=True) - wanted))
        right = np.abs(exactly - wanted) <= moved + 2e-6 * np.abs(wanted) + 1e-12
        right |= (exactly == wanted) | (np.isnan(exactly) & np.isnan(wanted))
        assert right.all(), (x[~torch.from_numpy(right)], exactly[~right], wanted[~right], said)
        near = np.abs(theirs - wanted) <= 1e-6 * np.abs(wanted)
        np.testing.assert_allclose(ours[near], theirs[near], rtol=1e-3, err_msg=said)
    return imported


def reference(made: ModelProto, x: torch.Tensor, decimal: bool = False) -> Any:
    """What the reference of ONNX gives in double precision, with the constants as they are or as a person writes them,
    which makes no difference in single precision."""
    wide = ModelProto.FromString(made.SerializeToString())
    for place, constant in enumerate(made.graph.initializer):
        array = onnx.numpy_helper.to_array(constant)
        array = np.array(str(array), np.float64) if decimal else array.astype(np.float64)
        wide.graph.initializer[place].CopyFrom(onnx.numpy_helper.from_array(array, constant.name))
    for info in (*wide.graph.input, *wide.graph.output):
        info.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    with np.errstate(all="ignore"):
        (found,) = ReferenceEvaluator(wide).run(None, {"x": x.double().numpy()})
    return found


CASES: dict[str, tuple[list[Any], dict[str, float], dict[str, int]]] = {
    "a ReLU that stops at 20": (
        [op("Relu", ["x"], ["r"]), op("Min", ["r", "c"], ["y"])],
        {"c": 20},
        {"Hardtanh": 1},
    ),
    "by a Clip without a lower bound": (
        [op("Relu", ["x"], ["r"]), op("Clip", ["r", "", "c"], ["y"])],
        {"c": 20},
        {"Hardtanh": 1},
    ),
    "by a Max": (
        [op("Max", ["x", "z"], ["r"]), op("Min", ["r", "c"], ["y"])],
        {"z": 0, "c": 20.3},
        {"Hardtanh": 1},
    ),
    "far out": (
        [op("Relu", ["x"], ["r"]), op("Min", ["r", "c"], ["y"])],
        {"c": 123456},
        {"Hardtanh": 1},
    ),
    "a leaky one that stops": (
        [op("LeakyRelu", ["x"], ["r"]), op("Clip", ["r", "a", "c"], ["y"])],
        {"a": -50, "c": 50},
        {"LeakyReLU": 1, "Hardtanh": 1},
    ),
    "a probability that is never 0": (
        [op("Sigmoid", ["x"], ["s"]), op("Clip", ["s", "a", "c"], ["k"]), op("Log", ["k"], ["y"])],
        {"a": 1e-7, "c": 1 - 1e-7},
        {"Sigmoid": 1, "Hardtanh": 1, "Log": 1},
    ),
    "hardly a factor": (
        [op("Relu", ["x"], ["r"]), op("Div", ["r", "c"], ["y"])],
        {"c": 1.000002},
        {"ReLU": 1, "Scale": 1},
    ),
    "another ReLU6": (
        [op("Relu", ["x"], ["r"]), op("Min", ["r", "c"], ["y"])],
        {"c": 6.00002},
        {"Hardtanh": 1},
    ),
    "a jump far out": (
        [op("Relu", ["x"], ["r"]), op("Greater", ["x", "c"], ["g"]), op("Where", ["g", "z", "r"], ["y"])],
        {"c": 5e5, "z": 0},
        {"ReLU": 1, "Greater": 1, "Where": 1},
    ),
    "a Tanh that is moved a little": (
        [op("Tanh", ["x"], ["t"]), op("Add", ["t", "c"], ["y"])],
        {"c": 1e-5},
        {"Tanh": 1, "Scale": 1},
    ),
    "a ReLU6": ([op("Relu", ["x"], ["r"]), op("Min", ["r", "c"], ["y"])], {"c": 6}, {"ReLU6": 1}),
    "a Hardsigmoid": (
        [
            op("Add", ["x", "three"], ["a"]),
            op("Clip", ["a", "none", "six"], ["c"]),
            op("Mul", ["c", "sixth"], ["y"]),
        ],
        {"three": 3, "none": 0, "six": 6, "sixth": 1 / 6},
        {"Hardsigmoid": 1},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bound_or_a_factor_is_kept(name: str, tmp_path: Path) -> None:
    nodes, constants, wanted = CASES[name]
    made = single(*nodes, inputs={"x": ("N", COUNT)}, **{key: one(c) for key, c in constants.items()})
    assert kinds(agrees(made, tmp_path / "net.onnx", *constants.values())) == wanted


ODD = [0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 6.0, 20.0, 1e-7, 1.000002, 0.999999, 0.1666667, 1.702, -0.3, 1e4, 3e5, 5.99999]
ALONE = [
    "Relu",
    "LeakyRelu",
    "Sigmoid",
    "Tanh",
    "Abs",
    "Neg",
    "Elu",
    "Softplus",
    "Softsign",
    "HardSwish",
    "HardSigmoid",
]
PAIRS = ["Add", "Sub", "Mul", "Div", "Min", "Max"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Any], dict[str, float]]:
    """A few operators, each on what was there before or on an odd constant."""
    nodes: list[Any] = []
    constants: dict[str, float] = {}
    values = ["x"]

    def constant() -> str:
        name = f"c{len(constants)}"
        constants[name] = draw(st.sampled_from(ODD))
        return name

    for place in range(draw(st.integers(1, 5))):
        gives, x = f"v{place}", draw(st.sampled_from([values[-1], *values]))
        kind = draw(st.sampled_from([*ALONE, *PAIRS, "Clip", "Min", "Clip"]))
        if kind == "Clip":
            low, high = (constant() if draw(st.booleans()) else "" for _ in range(2))
            nodes.append(op("Clip", [x, low, high], [gives]))
        elif kind in PAIRS:
            other = draw(st.sampled_from(values)) if draw(st.integers(0, 3)) == 0 else constant()
            pair = [x, other] if kind == "Div" or draw(st.booleans()) else [other, x]
            if kind == "Div" and (other not in constants or constants[other] == 0):
                kind = "Add"
            nodes.append(op(kind, pair, [gives]))
        else:
            nodes.append(op(kind, [x], [gives]))
        values.append(gives)
    nodes.append(op("Identity", [values[-1]], ["y"]))
    return nodes, constants


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs())
def test_what_is_made_at_random_gives_what_onnxruntime_gives(tmp_path: Path, made: Any) -> None:
    nodes, constants = made
    model = single(*nodes, inputs={"x": ("N", COUNT)}, opset=18, **{key: one(c) for key, c in constants.items()})
    agrees(model, tmp_path / "net.onnx", *constants.values())
