"""The verb `prove`: a table or JSON of every layer, and exit code 1 where onnxruntime computes something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import main as door


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        code = door.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


@pytest.fixture
def harmed(call: Any, tmp_path: Path) -> Path:
    """The model of an example with one weight of its second layer changed since."""
    path = tmp_path / "harmed.onnx"
    assert call("export", "iris", "--onnx", path)[0] == 0
    model = onnx.load(path)
    tensor = [t for t in model.graph.initializer if t.name.endswith("weight")][-1]
    values = np.array(numpy_helper.to_array(tensor))
    values.flat[0] += 1
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save(model, path)
    return path


def test_a_table_of_every_layer(call: Any) -> None:
    code, out, err = call("prove", "iris", "--opset", 18)
    assert code == 0 and not err
    lines = out.splitlines()
    assert lines[0].split()[:2] == ["layer", "kind"]
    assert any("Linear" in line and line.endswith("agrees") for line in lines)
    assert "untrained weights, seed 0; opset 18; 2 samples" in lines
    assert lines[-1].startswith("All ") and " agree: they differ" in lines[-1]


def test_where_the_two_part_is_named(call: Any, harmed: Path) -> None:
    code, out, err = call("prove", "iris", "--file", harmed, "--json")
    told = json.loads(out)
    assert code == 1 and not told["agrees"]
    begins = [row for row in told["layers"] if row["state"] == "begins"]
    assert [row["node"] for row in begins] == [told["first"]] and begins[0]["kind"] == "Linear"
    assert err == f"PyTorch and onnxruntime part in {begins[0]['title']}; all before it agrees.\n"
    code, out, _ = call("prove", "iris", "--file", harmed)
    assert code == 1 and "here the two part" in out


def test_what_cannot_be_proven_is_one_sentence(call: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\xff\xff\xff")
    for words, said in (
        (("--file", tmp_path / "nope.onnx"), "there is no such file"),
        (("--file", broken), "no ONNX file"),
        (("--weights", tmp_path / "nope.safetensors"), "could not be read"),
    ):
        code, _, err = call("prove", "iris", *words)
        assert code == 1 and err.count("\n") == 1 and said in err
    assert call("prove", "iris", "--opset", 17)[0] == 2
