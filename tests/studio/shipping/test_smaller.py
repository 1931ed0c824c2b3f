"""float16 and int8: what is told of them is what onnxruntime computes from the files."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from graphs.building.build import build
from studio import api
from studio.data.prepare import prepare
from studio.shipping.cargo import Cargo, load
from studio.shipping.model import ModelOptions
from studio.shipping.models import ship_model
from studio.shipping.shipped import Cancelled, ShippingFault, quietly


def options(numbers: str, **more: Any) -> ModelOptions:
    return ModelOptions.model_validate({"numbers": numbers, **more})


def answers(path: Path, inputs: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    return found


def split(cargo: Cargo) -> tuple[np.ndarray, np.ndarray]:
    part = prepare(cargo.project.data).validation
    return part.inputs.numpy(), part.targets.numpy()


@pytest.mark.parametrize("numbers", ["float16", "int8"])
def test_accuracies_before_and_after_are_those_of_the_files(digits: Cargo, tmp_path: Path, numbers: str) -> None:
    float32, smaller = tmp_path / "float32.onnx", tmp_path / "smaller.onnx"
    ship_model(digits, float32, options("float32"), quietly)
    made = ship_model(digits, smaller, options(numbers), quietly)
    inputs, targets = split(digits)
    before, after = answers(float32, inputs), answers(smaller, inputs)
    assert made.facts["before"]["accuracy"] == pytest.approx((before.argmax(1) == targets).mean())
    assert made.facts["after"]["accuracy"] == pytest.approx((after.argmax(1) == targets).mean())
    assert made.facts["largest_difference"] == pytest.approx(np.abs(before - after).max(), rel=1e-3)
    reference = torch.nn.functional.cross_entropy(torch.from_numpy(after), torch.from_numpy(targets))
    assert made.facts["after"]["loss"] == pytest.approx(float(reference), rel=1e-4)
    assert made.facts["samples"] == len(targets) == 359
    assert made.facts["bytes"] == smaller.stat().st_size < float32.stat().st_size
    assert made.facts["before"]["accuracy"] > 0.8
    assert "359 held-out samples" in made.summary
    assert dict(made.details)["Accuracy now"] == f"{made.facts['after']['accuracy']:.2%}"


def test_int8_holds_every_convolution_and_linear_layer_in_bytes(digits: Cargo, tmp_path: Path) -> None:
    made = ship_model(digits, tmp_path / "q.onnx", options("int8", calibration=32), quietly)
    model = onnx.load(tmp_path / "q.onnx")
    assert made.facts["quantised"] == {"Conv": 1, "Gemm": 1}
    assert made.facts["calibrated_on"] == 32
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert sum(kind == onnx.TensorProto.INT8 and len(name) > 0 for name, kind in kinds.items()) >= 2
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}  # it is in the convolution now
    told = {entry.key for entry in model.metadata_props}
    assert told == {"netloom.classes", "netloom.normalisation", "netloom.step"}
    assert {entry.domain for entry in model.opset_import} <= {"", "ai.onnx"}
    more = ship_model(digits, tmp_path / "q7.onnx", options("int8", seven=True), quietly)
    weights = [onnx.numpy_helper.to_array(t) for t in onnx.load(more.path).graph.initializer if t.data_type == 3]
    assert max(int(np.abs(array.astype(int)).max()) for array in weights if array.size > 20) <= 64


def test_float16_keeps_float32_at_its_ends(digits: Cargo, tmp_path: Path) -> None:
    ship_model(digits, tmp_path / "h.onnx", options("float16", opset=18), quietly)
    model = onnx.load(tmp_path / "h.onnx")
    ends = (*model.graph.input, *model.graph.output)
    assert {end.type.tensor_type.elem_type for end in ends} == {onnx.TensorProto.FLOAT}
    held = {tensor.data_type for tensor in model.graph.initializer}
    assert onnx.TensorProto.FLOAT16 in held and onnx.TensorProto.FLOAT not in held
    assert [entry.version for entry in model.opset_import] == [18]


def test_numbers_to_predict_are_judged_by_their_loss(tmp_path: Path) -> None:
    from .conftest import learnt, project_of

    rows = np.random.default_rng(0).normal(0, 1, (80, 3)).astype(np.float32)
    np.savez(tmp_path / "plane.npz", x=rows, y=rows @ [1.0, -2.0, 0.5])
    layers = [api.VectorInput(features=3), api.Linear(out_features=16), api.ReLU(), api.Linear(out_features=1)]
    data = {"source": "npz", "path": str(tmp_path / "plane.npz"), "task": "regression"}
    cargo = learnt(project_of(layers, data, loss="mse"), tmp_path, 20)
    made = ship_model(cargo, tmp_path / "q.onnx", options("int8"), quietly)
    assert made.facts["before"]["accuracy"] is None
    part = prepare(cargo.project.data).validation
    found = answers(tmp_path / "q.onnx", part.inputs.numpy())
    assert made.facts["after"]["loss"] == pytest.approx(((found - part.targets.numpy()) ** 2).mean(), rel=1e-4)
    assert "Loss now" in dict(made.details)


def test_int8_without_samples_or_without_anything_to_quantise_says_so(digits: Cargo, tmp_path: Path) -> None:
    from .conftest import project_of

    lost = replace(digits, data=None, missing="The folder is gone.", models={})
    with pytest.raises(ShippingFault, match=r"there are none\. The folder is gone\."):
        ship_model(lost, tmp_path / "q.onnx", options("int8"), quietly)
    layers = [api.ImageInput(channels=1, height=8, width=8), api.MaxPool2d(), api.Flatten()]
    with pytest.raises(ShippingFault, match="no convolution or linear layer"):
        ship_model(load(project_of(layers, {"source": "digits"})), tmp_path / "q.onnx", options("int8"), quietly)
    assert not (tmp_path / "q.onnx").exists()


def test_what_is_beyond_float16_is_told(tmp_path: Path) -> None:
    from .conftest import project_of

    layers = [api.VectorInput(features=4), api.Linear(out_features=3)]
    cargo = load(project_of(layers, {"source": "iris"}))
    with torch.no_grad():
        next(cargo.built.module.parameters())[0, 0] = 1e6
    made = ship_model(cargo, tmp_path / "h.onnx", options("float16"), quietly)
    assert made.warning.startswith("A weight is too large for float16 and became 65,504.")
    with torch.no_grad():
        for parameter in cargo.built.module.parameters():
            parameter[:] = 6e4
    made = ship_model(replace(cargo, models={}), tmp_path / "h.onnx", options("float16"), quietly)
    assert "too large for float16 where that is really computed in" in made.warning
    assert made.facts["difference_in_float16"] is None


@pytest.mark.parametrize("numbers", ["float32", "float16", "int8"])
def test_cancelled_at_any_report_nothing_is_written(digits: Cargo, tmp_path: Path, numbers: str) -> None:
    seen: list[float] = []
    ship_model(digits, tmp_path / "whole.onnx", options(numbers), lambda share, words: seen.append(share))
    assert seen == sorted(seen) and seen[0] >= 0 and seen[-1] == 1.0
    before = sum(share < 1.0 for share in seen)  # at 1 it is written
    for stop in {0, before // 2, before - 1}:
        count = iter(range(len(seen)))

        def cancel(share: float, words: str, count: Any = count, stop: int = stop) -> None:
            if next(count) == stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            ship_model(digits, tmp_path / "never.onnx", options(numbers), cancel)
        assert not (tmp_path / "never.onnx").exists()


def test_a_recurrent_network_of_characters(texts: Cargo, tmp_path: Path) -> None:
    half = ship_model(texts, tmp_path / "h.onnx", options("float16"), quietly)
    made = ship_model(texts, tmp_path / "q.onnx", options("int8"), quietly)
    inputs, targets = split(texts)
    for shipped in (half, made):
        found = answers(shipped.path, inputs)
        assert shipped.facts["after"]["accuracy"] == pytest.approx((found.argmax(1) == targets).mean())


def test_without_data_models_are_compared_on_made_samples(tmp_path: Path) -> None:
    from .conftest import project_of

    layers = [api.VectorInput(features=5), api.Linear(out_features=3)]
    cargo = load(project_of(layers, {"source": "iris"}))
    assert cargo.data is None and "samples are 4" in cargo.missing
    made = ship_model(cargo, tmp_path / "h.onnx", options("float16"), quietly)
    assert made.facts["judged_on"] == "made samples" and math.isfinite(made.facts["largest_difference"])
    assert not made.trained
    assert build(cargo.project.network, cargo.project.catalogue).inputs == ("vector1",)
