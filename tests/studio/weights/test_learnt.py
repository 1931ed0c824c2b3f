"""What a network has learnt goes with its project: saved beside it, shown again when it is opened, exported."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from graphs.building.build import build
from graphs.edits import Rename, SetFields, SetSetting
from graphs.exchange.imported import Imported
from graphs.files.storage import load_weights
from graphs.layers.catalogue import standard
from graphs.names import module_names
from studio import exporting
from studio.api import Flatten, ImageInput, Linear, ReLU, Trained, VectorInput, data, sequential, train
from studio.data.prepare import Normalisation
from studio.headless import _first
from studio.importing.importing import arrived, write
from studio.places import take_along
from studio.project import open_project
from studio.session import Session
from studio.shipping.cargo import load


@pytest.fixture(scope="module")
def trained() -> Trained:
    network = sequential(VectorInput(features=4), Linear(out_features=8), ReLU(), Linear(out_features=3))
    return train(network, data("iris", normalise="standard"), epochs=3, batch_size=16)


@pytest.fixture
def saved(trained: Trained, tmp_path: Path) -> Path:
    return trained.save(tmp_path / "iris")


def ready(session: Session, step: int) -> list[str]:
    """Polls until the weights at hand are those of `step`; gives the notices."""
    notices, end = [], time.monotonic() + 30
    while True:
        notices += [sentence for _, sentence in session.poll().notices]
        snapshot = session.snapshot()
        if snapshot is not None and snapshot.step == step:
            return notices
        assert time.monotonic() < end, snapshot
        time.sleep(0.005)


@pytest.fixture
def session(saved: Path) -> Iterator[Session]:
    session = Session(open_project(saved))
    yield session
    assert session.close()


def test_the_file_holds_weights_classes_and_normalisation(saved: Path, trained: Trained) -> None:
    state, told = load_weights(saved.with_suffix(".safetensors"))
    assert all(torch.equal(state[name], tensor) for name, tensor in trained.run.final.weights.items())
    assert json.loads(told["netloom.classes"]) == ["setosa", "versicolor", "virginica"]
    assert Normalisation.from_json(told["netloom.normalisation"]) == trained.run.data.normalisation


def test_an_opened_project_shows_what_it_learnt(session: Session, trained: Trained) -> None:
    notices = ready(session, trained.run.final.step)
    snapshot = session.snapshot()
    assert snapshot is not None and torch.equal(snapshot.weights["fc1.weight"], weight(trained))
    assert len(notices) == 1 and f"after {trained.run.final.step} steps" in notices[0]


def weight(trained: Trained) -> torch.Tensor:
    return trained.run.final.weights["fc1.weight"]


def test_another_design_begins_anew_and_undo_brings_it_back(session: Session, trained: Trained) -> None:
    ready(session, trained.run.final.step)
    session.project.document.apply(SetFields("fc1", {"out_features": 9}))
    ready(session, 0)
    session.project.document.undo()
    ready(session, trained.run.final.step)


def test_start_over_forgets_it(session: Session, trained: Trained) -> None:
    ready(session, trained.run.final.step)
    session.reset()
    ready(session, 0)


def test_a_broken_file_is_one_sentence_and_loses_nothing(saved: Path) -> None:
    weights = saved.with_suffix(".safetensors")
    weights.write_bytes(b"not tensors")
    session = Session(open_project(saved))
    try:
        assert any("iris.safetensors" in sentence for sentence in ready(session, 0))
    finally:
        assert session.close()
    assert weights.read_bytes() == b"not tensors"


def test_export_takes_them(saved: Path, trained: Trained, tmp_path: Path) -> None:
    import onnxruntime

    _, which = exporting.onnx(open_project(saved), tmp_path / "iris.onnx")
    assert which == f"weights of step {trained.run.final.step}"
    raw = trained.run.data.normalisation.invert(trained.run.data.validation.inputs)
    run = onnxruntime.InferenceSession(str(tmp_path / "iris.onnx"))
    out = run.run(None, {run.get_inputs()[0].name: trained.run.data.validation.inputs.numpy()})[0]
    assert abs(out - trained.predict(raw)).max() < 1e-4


def test_a_project_saved_elsewhere_takes_its_run_along(tmp_path: Path) -> None:
    run, runs = tmp_path / "old.runs" / "first", tmp_path / "new.runs"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    (run / "metrics.csv").write_text("epoch\n")
    take_along(run, runs)
    assert (runs / "first" / "metrics.csv").read_text() == "epoch\n" and run.is_dir()
    take_along(runs / "first", runs)
    take_along(None, runs)
    assert [path.name for path in runs.iterdir()] == ["first"]


def test_imported_weights_that_still_fit_stay_when_the_design_is_changed(tmp_path: Path) -> None:
    """Another head on what was imported: the rest of it is exported, and training begins from it."""
    network = sequential(
        ImageInput(channels=1, height=8, width=8), Flatten(), Linear(out_features=6), Linear(out_features=10)
    )
    built = build(network, standard(), seed=5)
    arrival = arrived("net", Imported(network, built.module.state_dict()))
    project = arrival.project
    still = train(project, data("digits"), epochs=1, learning_rate=1e-8).probe.module.state_dict()
    assert all(torch.allclose(still[name], tensor, atol=1e-5) for name, tensor in built.module.state_dict().items())
    first, head = [id for id, node in network.nodes.items() if node.kind == "Linear"]
    project.document.apply(SetFields(head, {"out_features": 4}))
    project.document.apply(Rename(first, "Kept"))
    path = write(arrival, tmp_path / "net.netloom")
    for one in (project, open_project(path)):
        cargo = load(one, judged=False)
        state = cargo.built.module.state_dict()
        kept, fresh = module_names(one.network)[first], module_names(one.network)[head]
        assert torch.equal(state[f"{kept}.weight"], built.module.state_dict()[f"{built.names[first]}.weight"])
        assert state[f"{fresh}.weight"].shape == (4, 6) and cargo.trained
        assert cargo.weights == "imported weights, 2 of 4 tensors untrained"
        begun = _first(one, seed=0)
        assert begun is not None and all(torch.equal(begun[name], state[name]) for name in state)
    other = {f"{kept}.bias": torch.full((6,), 3.0)}
    torch.save(other, tmp_path / "other.pth")
    one.document.apply(SetSetting("start", {"file": str(tmp_path / "other.pth")}))
    assert load(one, judged=False).built.module.state_dict()[f"{kept}.bias"].tolist() == [3.0] * 6
    assert load(one, judged=False).weights == "weights of other.pth"
    one.document.undo()
    one.document.apply(SetFields(first, {"out_features": 7}))
    one.document.apply(SetFields(head, {"out_features": 5}))
    assert _first(one, seed=0) is None and load(one, judged=False).weights == "untrained weights, seed 0"
