"""The cases that PyTorch once gave the onnx package, on their own references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper

from graphs.exchange.from_onnx import read_onnx
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import DATA, Array, computed, results

CASES = sorted(case for group in ("pytorch-converted", "pytorch-operator") for case in (DATA / group).iterdir())
WHOLE = {
    *("add_broadcast", "add_size1_broadcast", "add_size1_right_broadcast", "add_size1_singleton_broadcast"),
    *("addmm", "chunk", "mm", "non_float_params", "params"),
}
"""Operators that mix what would be samples: the whole input is one sample."""


def _tensors(case: Path, stem: str) -> list[Array]:
    found = sorted((case / "test_data_set_0").glob(f"{stem}_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
    return [numpy_helper.to_array(TensorProto.FromString(file.read_bytes())) for file in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gives_what_the_reference_says(case: Path) -> None:
    imported = read_onnx(case / "model.onnx", standard())
    built = computed(imported)
    graph = onnx.load(case / "model.onnx").graph
    constants = {tensor.name for tensor in graph.initializer}
    names = [info.name for info in graph.input if info.name not in constants]
    given = dict(zip([info.name for info in graph.input], _tensors(case, "input"), strict=False))
    if len(given) < len(names):
        given = dict(zip(names, _tensors(case, "input"), strict=True))
    inputs = [
        torch.from_numpy(np.array(given[n])).to(getattr(torch, s.dtype))
        for n, s in zip(names, built.shapes, strict=True)
    ]
    whole = any(s.dims != tuple(x.shape[1:]) for s, x in zip(built.shapes, inputs, strict=True))
    ours = results(built, [x[None] if whole else x for x in inputs])
    for value, wanted in zip(ours, _tensors(case, "output"), strict=True):
        np.testing.assert_allclose(value[0] if whole else value, wanted, rtol=1e-4, atol=1e-5)
    if "operator" in case.name:
        assert whole == (case.name.removeprefix("test_operator_") in WHOLE)


def test_most_are_layers() -> None:
    made = [read_onnx(case / "model.onnx", standard()) for case in CASES if "converted" in str(case)]
    assert sum(not imported.operations for imported in made) >= 70
