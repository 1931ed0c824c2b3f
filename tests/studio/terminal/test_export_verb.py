"""The verb `export`: every format in one call, as JSON too, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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


def test_every_format_in_one_call_as_json(call: Any, tmp_path: Path) -> None:
    files = {
        "--onnx": tmp_path / "m.onnx",
        "--fp16": tmp_path / "h.onnx",
        "--int8": tmp_path / "q.onnx",
        "--pt2": tmp_path / "n.pt2",
        "--deploy": tmp_path / "folder",
        "--source": tmp_path / "n.py",
        "--picture": tmp_path / "n.svg",
    }
    words = [part for pair in files.items() for part in pair]
    code, out, err = call("export", "iris", *words, "--opset", 19, "--calibration", 40, "--numbers", "int8", "--json")
    assert code == 0, err
    told = {one["format"]: one for one in json.loads(out)}
    assert list(told) == ["picture", "source", "onnx", "onnx-float16", "onnx-int8", "pt2", "deploy"]
    assert {Path(one["path"]) for one in told.values()} == set(files.values())
    assert all(file.exists() for file in files.values())
    assert told["onnx"]["opset"] == 19 and told["onnx"]["largest_difference"] <= 1e-5
    assert told["onnx"]["weights"] == "untrained weights, seed 0" and not told["onnx"]["trained"]
    assert told["onnx-int8"]["calibrated_on"] == 40
    for name in ("onnx-float16", "onnx-int8"):
        assert {"before", "after", "samples", "judged_on", "largest_difference"} <= told[name].keys()
    assert told["onnx-int8"]["before"]["accuracy"] == told["onnx-float16"]["before"]["accuracy"]
    assert told["deploy"]["numbers"] == "int8" and "README.md" in told["deploy"]["files"]


def test_words_say_what_was_verified(call: Any, tmp_path: Path) -> None:
    code, out, _ = call("export", "xor", "--int8", tmp_path / "q.onnx", "--pt2", tmp_path / "n.pt2")
    assert code == 0
    assert "in float32 and" in out and "largest difference" in out
    assert "4 training samples, for none are held out" in out
    assert "loaded again, largest difference" in out


def test_what_cannot_be_shipped_is_one_sentence(call: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept.txt").write_text("mine")
    for words, said in (
        (("--deploy", tmp_path / "full"), "holds files already; name a new folder."),
        (("--fp16", tmp_path / "nope" / "h.onnx"), "there is no folder"),
        (("--onnx", tmp_path / "m.onnx", "--free-size"), "no size to free"),
    ):
        code, _, err = call("export", "xor", *words)
        assert code == 1 and err.count("\n") == 1 and said in err
    for wrong in (["--numbers", "int8", "--onnx", "m.onnx"], ["--opset", "17", "--onnx", "m.onnx"], ["--json"]):
        assert call("export", "xor", *wrong)[0] == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["full"]
