"""What a file does with a batch as a whole is told, and what it does with each sample is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.helper import make_node as op

from graphs.exchange.from_onnx import read_onnx
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, results, samples, worst
from tests.graphs.exchange.from_onnx.small import ROW, single, whole

COUNT = [op("Shape", ["x"], ["s"]), op("Gather", ["s", "zero"], ["n"]), op("Cast", ["n"], ["k"], to=1)]
MIXED: dict[str, list[Any]] = {
    "times how many there are": [*COUNT, op("Mul", ["x", "k"], ["y"])],
    "a margin of how many there are": [*COUNT, op("Pad", ["x", "pads", "k"], ["y"])],
    "at most how many there are": [*COUNT, op("Clip", ["x", "", "k"], ["y"])],
    "the first sample alone": [op("Slice", ["x", "zeros", "ones", "zeros"], ["y"])],
    "more the mean of all": [op("ReduceMean", ["x"], ["m"], axes=[0]), op("Add", ["x", "m"], ["y"])],
    "less the sum of everything": [op("ReduceSum", ["x"], ["m"], keepdims=0), op("Sub", ["x", "m"], ["y"])],
    "shares of all samples": [op("Softmax", ["x"], ["y"], axis=0)],
    "sums over those before": [op("CumSum", ["x", "zero"], ["y"])],
    "each with each": [op("Transpose", ["x"], ["t"]), op("MatMul", ["x", "t"], ["m"]), op("MatMul", ["m", "x"], ["y"])],
}
APART: dict[str, list[Any]] = {
    "as many as there are": [
        op("Shape", ["x"], ["s"]),
        op("Slice", ["s", "zeros", "ones"], ["n"]),
        op("Slice", ["x", "zeros", "n", "zeros"], ["y"]),
    ],
    "shares of each": [op("Softmax", ["x"], ["y"], axis=1)],
    "the batch last": [
        op("Transpose", ["x"], ["t"]),
        op("Softmax", ["t"], ["u"], axis=0),
        op("Transpose", ["u"], ["y"]),
    ],
    "less the mean of each": [op("ReduceMean", ["x"], ["m"], axes=[-1]), op("Sub", ["x", "m"], ["y"])],
}
MORE = {"zero": np.array(0), "zeros": whole(0), "ones": whole(1), "pads": whole(0, 1, 0, 1)}


@pytest.mark.parametrize("name", [*MIXED, *APART])
def test_what_takes_samples_together_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(single(*(MIXED | APART)[name], inputs=ROW, **MORE), path)
    imported = read_onnx(path, standard())
    assert any("together" in note for note in imported.notes) == (name in MIXED)
    built = computed(imported)
    for batch in (1,) if name in MIXED else (1, 4):
        given = samples(built, batch)
        assert worst(results(built, given), by_onnxruntime(path, given)) < 1e-5
