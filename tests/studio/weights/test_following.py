"""What was learnt follows layers under other names: in memory, in files, in runs on disk, while a run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.document import Document
from graphs.edits import InBlock, Rename, SetBlocks, SetFields
from graphs.files.weights import load_weights, save_weights
from graphs.layers.catalogue import standard
from graphs.network import Block, Network
from studio import exporting
from studio.api import Linear, ReLU, VectorInput, data, sequential, train
from studio.design import design_of, known_as, named_of
from studio.project import Project, open_project
from studio.session import Session
from studio.training.snapshot import Snapshot
from studio.weights import learnt
from studio.weights.following import names_of, renamed
from tests.graphs.conftest import net
from tests.studio.test_session import Driver, WeightOptions, WeightResult, project, total_of

Open = Callable[..., Driver]


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Open]:
    sessions = []

    def make(opened: Project | None = None, **recipe: Any) -> Driver:
        sessions.append(Session(opened or project(tmp_path, **recipe)))
        return Driver(sessions[-1])

    yield make
    for session in sessions:
        assert session.close()


def test_tensors_go_by_the_new_names_and_never_by_those_of_others() -> None:
    old, new = {"a": "fc", "b": "fc_2", "c/d": "box.fc"}, {"a": "fc_2", "b": "fc", "c/d": "crate.act"}
    tensors = {"fc.weight": 1, "fc_2.weight": 2, "box.fc.part.bias": 3}
    assert renamed(tensors, old, new) == {"fc_2.weight": 1, "fc.weight": 2, "crate.act.part.bias": 3}
    assert renamed(renamed(tensors, old, new), new, old) == tensors
    assert renamed(tensors, old, {"a": "fc"}) == {"fc.weight": 1}, "a layer that is gone leaves nothing behind"
    assert renamed(tensors, {}, new) == tensors


def test_a_name_is_not_what_is_computed() -> None:
    inner = net({"i": ("BlockInput", {}), "fc": ("Linear", {}), "o": ("BlockOutput", {})}, "i>fc fc>o")
    network = net({"x": ("VectorInput", {}), "use": ("block-b", {}), "end": ("Output", {})}, "x>use.i use.o>end")
    network = replace(network, blocks={"b": Block("b", "Box", inner)})
    known = standard().copy()
    known.know(network)
    for edit in (
        Rename("use", "Stage"),
        InBlock("b", Rename("fc", "Inner")),
        SetBlocks({"b": Block("b", "Crate", inner)}),
    ):
        after, _ = edit.apply(network)
        known.know(after)
        assert design_of(after, known) == design_of(network, known)
        assert names_of(after, known).keys() == names_of(network, known).keys()
    after, _ = Rename("use", "Stage").apply(network)
    assert names_of(after, known)["use/fc"] == "stage.fc"
    assert named_of(after, known) != named_of(network, known)


def test_renaming_while_it_trains_lets_the_run_go_on(drive: Open) -> None:
    driver = drive()
    session, document = driver.session, driver.session.project.document
    session.watch("look", weigh_by_title, WeightOptions())
    session.play()
    driver.until(lambda updates: updates.status.step > 20)
    run = driver.until(lambda _: True).status.run
    document.apply(Rename("hidden", "First"))
    driver.until(lambda _: "first.weight" in getattr(session.snapshot(), "weights", {}))
    seen = driver.until(lambda _: True).status.step
    status = driver.until(lambda updates: updates.status.step > seen + 100).status
    assert status.run == run and not session.outgrown and not driver.notices
    count = len(driver.outcomes.get("look", []))
    driver.until(lambda _: len(driver.outcomes.get("look", [])) > count + 2)
    assert driver.outcomes["look"][-1].result.total > 0, "views look at the layer by its new name"
    assert not any(outcome.error for outcome in driver.outcomes["look"])


def weigh_by_title(probe: Any, _options: WeightOptions, _progress: Any) -> WeightResult:
    title = probe.titles["hidden"].lower()
    return WeightResult(probe.snapshot.step, float(probe.module.get_submodule(title).weight.abs().sum()))


def test_a_run_that_is_over_stays_and_goes_on_from_where_it_was(drive: Open) -> None:
    driver = drive(epochs=2)
    session, document = driver.session, driver.session.project.document
    session.play()
    driver.state("ended")
    run, total = driver.until(lambda _: True).status.run, total_of(session)
    document.apply(Rename("hidden", "First"))
    driver.until(lambda _: "first.weight" in session.snapshot().weights)
    status = driver.until(lambda _: True).status
    assert (status.state, status.run) == ("ended", run)
    assert float(session.snapshot().weights["first.weight"].sum()) == total
    assert float(session.snapshot(0).weights["first.weight"].sum()) != total
    assert session.learnt.weights.keys() == session.snapshot().weights.keys()
    document.apply(Rename("hidden", ""))
    driver.until(lambda _: "hidden.weight" in session.snapshot().weights)
    assert total_of(session) == total
    document.apply(Rename("hidden", "Again"))
    recipe = session.project.recipe.model_copy(update={"epochs": 3})
    session.project.set_recipe(recipe)
    session.play()
    status = driver.until(lambda updates: updates.status.step > 20 and updates.status.state == "ended").status
    assert status.run == run and not any(level == "error" for level, _ in driver.notices)


def test_a_run_on_disk_is_opened_under_the_new_names(drive: Open) -> None:
    driver = drive(epochs=2)
    session, document = driver.session, driver.session.project.document
    session.play()
    driver.state("ended")
    total, step = total_of(session), session.snapshot().step
    document.apply(Rename("last", "Head"))
    document.apply(Rename("hidden", "First"))
    path = session.project.save()
    again = drive(open_project(path))
    again.until(lambda updates: updates.status.step == step and updates.status.state == "ended")
    again.until(lambda _: again.session.snapshot().step == step)
    assert float(again.session.snapshot().weights["first.weight"].sum()) == total


@pytest.fixture(scope="module")
def trained() -> Any:
    network = sequential(VectorInput(features=4), Linear(out_features=8), ReLU(), Linear(out_features=3))
    return train(network, data("iris", normalise="standard"), epochs=3, batch_size=16)


def at_hand(driver: Driver, name: str) -> Snapshot:
    driver.until(lambda _: name in getattr(driver.session.snapshot(), "weights", {}))
    found = driver.session.snapshot()
    assert found is not None
    return found


def test_weights_beside_a_project_follow_and_are_kept_under_the_new_names(
    trained: Any, drive: Open, tmp_path: Path
) -> None:
    path = trained.save(tmp_path / "iris")
    driver = drive(open_project(path))
    session, document = driver.session, driver.session.project.document
    at_hand(driver, "fc1.weight")
    document.apply(Rename("relu1", "act"))
    document.apply(Rename("fc1", "Fully"))
    shown = at_hand(driver, "fully.weight")
    assert shown.step == trained.run.final.step
    kept = session.learnt
    assert kept is not None and not session.outgrown
    session.project.save()
    learnt.write(learnt.beside(path), kept)
    assert "fully.weight" in load_weights(learnt.beside(path))[0]
    again = drive(open_project(path))
    assert torch.equal(at_hand(again, "fully.weight").weights["fully.weight"], trained.run.final.weights["fc1.weight"])


def old_file(path: Path, trained: Any, network: Network, digest: str) -> None:
    """Weights as a program wrote them that counted names and told nothing of nodes."""
    told = {learnt.STEP: str(trained.run.final.step), learnt.DIGEST: digest}
    save_weights(learnt.beside(path), trained.run.final.weights, told)


@pytest.mark.parametrize("which", [1, 2])
def test_older_files_open_and_follow_too(trained: Any, drive: Open, tmp_path: Path, which: int) -> None:
    path = trained.save(tmp_path / "iris")
    old_file(path, trained, trained.network, known_as(trained.network, standard())[which])
    assert exporting.onnx(open_project(path), tmp_path / "old.onnx")[1] == f"weights of step {trained.run.final.step}"
    driver = drive(open_project(path))
    assert at_hand(driver, "fc1.weight").step == trained.run.final.step
    driver.session.project.document.apply(Rename("fc1", "Fully"))
    assert at_hand(driver, "fully.weight").step == trained.run.final.step
    assert driver.session.learnt is not None and driver.session.learnt.names


def test_an_older_file_of_another_design_is_left_alone(trained: Any, drive: Open, tmp_path: Path) -> None:
    path = trained.save(tmp_path / "iris")
    old_file(path, trained, trained.network, "0" * 64)
    driver = drive(open_project(path))
    assert at_hand(driver, "fc1.weight").step == 0


def test_an_onnx_file_and_weights_in_a_file_follow(trained: Any, tmp_path: Path) -> None:
    trained.export(tmp_path / "net.onnx")
    trained.save_weights(tmp_path / "net.safetensors")
    opened = open_project(tmp_path / "net.onnx")
    opened.document.apply(Rename("fc1", "Fully"))
    step = trained.run.final.step
    assert exporting.onnx(opened, tmp_path / "again.onnx")[1] == f"weights of step {step}"
    again = open_project(tmp_path / "again.onnx")
    assert again.learnt is not None
    assert torch.equal(again.learnt().weights["fully.weight"], trained.run.final.weights["fc1.weight"])
    assert exporting.onnx(opened, tmp_path / "third.onnx", tmp_path / "net.safetensors")[1].endswith("net.safetensors")


def test_what_a_file_says_of_names_is_not_trusted(trained: Any, tmp_path: Path) -> None:
    for text in ("[]", "{", "3", json.dumps({"fc1": ["x"]})):
        assert isinstance(learnt.names_in({learnt.NAMES: text}), dict)


def test_a_renamed_project_goes_on_with_its_run(tmp_path: Path) -> None:
    network = sequential(VectorInput(features=4), Linear(out_features=8), ReLU(), Linear(out_features=3))
    options = {"batch_size": 16, "optimiser": "adam"}
    for name in ("whole", "halves"):
        train(network, data("iris"), epochs=2, folder=tmp_path / name, **options)
    whole = train(network, data("iris"), epochs=4, folder=tmp_path / "whole", resume=True, **options)
    document = Document(network)
    document.apply(Rename("fc1", "Fully"))
    document.apply(Rename("fc2", "fc1"))
    halves = train(document.network, data("iris"), epochs=4, folder=tmp_path / "halves", resume=True, **options)
    assert torch.equal(halves.run.final.weights["fully.weight"], whole.run.final.weights["fc1.weight"])
    assert torch.equal(halves.run.final.weights["fc1.weight"], whole.run.final.weights["fc2.weight"])


def test_a_run_that_broke_off_behind_the_saved_weights_is_named(drive: Open) -> None:
    driver = drive(epochs=2)
    session = driver.session
    path = session.project.save()
    session.play()
    driver.state("ended")
    kept = session.learnt
    assert kept is not None
    learnt.write(learnt.beside(path), replace(kept, step=kept.step + 100))
    again = drive(open_project(path))
    again.until(lambda _: bool(again.notices))
    assert again.session.snapshot().step == kept.step + 100
    assert f"broke off at step {kept.step}, is kept in test.runs" in again.notices[0][1]


def test_curves_of_a_run_before_an_edit_say_so(drive: Open) -> None:
    driver = drive(epochs=2)
    session, document = driver.session, driver.session.project.document
    session.play()
    driver.state("ended")
    assert not session.past
    document.apply(Rename("hidden", "First"))
    driver.until(lambda _: "first.weight" in session.snapshot().weights)
    assert not session.past
    document.apply(SetFields("hidden", {"out_features": 9}))
    driver.until(lambda _: session.past)
    document.undo()
    driver.until(lambda _: not session.past)
    assert session.history
