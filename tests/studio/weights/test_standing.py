"""What a session stands on: data that fits, the design that was trained, the run that a project is opened with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graphs.edits import AddNodes, SetFields, SetSetting
from graphs.layers.catalogue import standard
from graphs.network import Node
from studio.design import design_of, named_of
from studio.project import Project, open_project
from studio.session import Session
from studio.weights import learnt
from tests.studio.test_session import Driver, project, total_of

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


def trained(drive: Open, **recipe: Any) -> Driver:
    driver = drive(epochs=2, **recipe)
    driver.session.project.save()
    driver.session.play()
    driver.state("ended")
    return driver


@pytest.fixture
def wide(tmp_path: Path) -> dict[str, str]:
    rows = [f"{i % 7},{i % 5},{i % 3 - 1},{'ab'[i % 2]}" for i in range(60)]
    file = tmp_path / "wide.csv"
    file.write_text("\n".join(["x,y,z,kind", *rows]), encoding="utf-8")
    return {"source": "csv", "path": str(file)}


def test_data_that_does_not_fit_is_a_sentence_with_a_remedy(drive: Open, wide: Any, caplog: Any) -> None:
    driver = drive()
    session, document = driver.session, driver.session.project.document
    document.apply(SetSetting("data", wide))
    status = driver.until(lambda _: session.fault is not None).status
    sentence = "The samples are 3, but the network takes 4: change the data or the input."
    assert session.problem == sentence == status.message
    assert session.snapshot() is None
    assert session.data is None
    session.play()
    driver.until(lambda _: ("error", sentence) in driver.notices)
    assert not caplog.records
    fix, other = session.fault.fixes
    assert other.label == "Choose other data…"
    document.apply(fix.edit)
    assert document.network.nodes["input"].fields == {"features": 3}
    driver.until(lambda _: session.snapshot() is not None and session.fault.node == "last")
    assert session.snapshot().weights["hidden.weight"].shape == (8, 3)
    document.apply(session.fault.fixes[0].edit)
    driver.until(lambda _: session.snapshot() is not None and not session.fault)
    assert session.snapshot().weights["last.weight"].shape == (2, 8)


def test_an_input_that_would_break_the_network_is_not_offered(drive: Open) -> None:
    driver = drive()
    session, document = driver.session, driver.session.project.document
    document.apply(SetSetting("data", {"source": "digits"}))
    driver.until(lambda _: session.fault is not None)
    assert [fix.label for fix in session.fault.fixes] == ["Choose other data…"]  # a Linear takes no image


def test_what_was_learnt_keeps_the_data_it_was_learnt_on(drive: Open, tmp_path: Path) -> None:
    driver = trained(drive)
    before = driver.session.learnt
    assert before is not None and "setosa" in before.told[learnt.CLASSES]
    learnt.write(tmp_path / "test.safetensors", before)
    for run in (driver.session.project.runs).iterdir():
        (run / "run.json").unlink()
    again = drive(open_project(tmp_path / "test.netloom"))
    again.until(lambda _: again.session.learnt is not None)
    again.session.project.document.apply(SetSetting("data", {"source": "iris", "normalise": "none"}))
    data = again.session.data
    again.until(lambda _: again.session.data is not None and again.session.data is not data)
    kept = again.session.learnt
    assert kept is not None and kept.told == before.told
    assert kept.told != learnt.metadata(again.session.data)
    assert again.until(lambda _: True).status.message == f"Weights of step {before.step}"


def test_a_project_is_opened_with_its_run_at_rest(drive: Open, tmp_path: Path) -> None:
    first = drive(epochs=3)
    first.session.project.save()
    first.session.epoch()
    run = first.until(lambda u: u.status.state == "paused" and u.status.step == 8).status.run
    weights = total_of(first.session)
    assert first.session.close()
    again = drive(open_project(tmp_path / "test.netloom"))
    status = again.state("paused").status
    assert (status.step, status.run) == (8, run)
    assert total_of(again.session) == pytest.approx(weights)
    assert again.session.history.steps.tolist() == list(range(1, 9))
    assert again.session.recorder.steps() == (8,)
    assert again.notices == []
    again.session.play()
    assert again.state("ended").status.step == 24


def test_play_while_a_project_opens_goes_on_with_its_run(drive: Open, tmp_path: Path) -> None:
    first = drive(epochs=3)
    first.session.project.save()
    first.session.epoch()
    run = first.until(lambda u: u.status.state == "paused" and u.status.step == 8).status.run
    assert first.session.close()
    again = drive(open_project(tmp_path / "test.netloom"))
    again.session.play()
    status = again.state("ended").status
    assert (status.run, status.step, len(again.session.history)) == (run, 24, 24)


def test_a_broken_checkpoint_keeps_nothing_closed(drive: Open, tmp_path: Path) -> None:
    driver = trained(drive)
    learnt.write(tmp_path / "test.safetensors", driver.session.learnt)
    assert driver.session.close()
    for run in driver.session.project.runs.iterdir():
        (run / "checkpoint.safetensors").write_bytes(b"nothing")
    again = drive(open_project(tmp_path / "test.netloom"))
    again.until(lambda _: again.session.learnt is not None)
    assert again.session.state == "idle"
    assert [level for level, _ in again.notices] == ["info"]


def test_a_layer_beside_the_network_hides_nothing(drive: Open) -> None:
    driver = trained(drive)
    session, document = driver.session, driver.session.project.document
    total = total_of(session)
    document.apply(AddNodes((Node("linear9", "Linear", fields={"out_features": 2}),)))
    for _ in range(100):
        assert driver.until(lambda _: True).status.state == "ended"
    assert total_of(session) == total
    assert not session.outgrown
    document.apply(SetFields("hidden", {"out_features": 9}))
    driver.state("idle")


def test_a_design_is_what_is_built_and_not_what_it_is_called() -> None:
    network = project(Path()).network
    design = design_of(network, standard())
    beside, _ = AddNodes((Node("aside", "Linear"),)).apply(network)
    assert design_of(beside, standard()) == design
    taken, _ = AddNodes((Node("a", "Linear", name="hidden"),)).apply(network)
    assert design_of(taken, standard()) == design
    assert named_of(taken, standard()) != named_of(network, standard()), "a weight has another name"
    changed, _ = SetFields("hidden", {"out_features": 9}).apply(network)
    assert design_of(changed, standard()) != design


def test_an_edit_while_it_trains_is_said_once(drive: Open) -> None:
    driver = drive()
    session, document = driver.session, driver.session.project.document
    session.play()
    driver.state("running")
    document.apply(SetFields("hidden", {"out_features": 9}))
    assert session.outgrown
    driver.until(lambda _: bool(driver.notices))
    document.apply(SetFields("hidden", {"out_features": 10}))
    seen = driver.until(lambda _: True).status.step
    driver.until(lambda updates: updates.status.step > seen + 200)
    assert [sentence for _, sentence in driver.notices] == [
        "The run goes on with the network as it was when it began; press Start over to train the new one."
    ]


def test_a_new_run_after_the_end_says_where_the_last_one_is(drive: Open) -> None:
    driver = trained(drive)
    first = driver.until(lambda _: True).status.run
    driver.session.play()
    driver.until(lambda updates: updates.status.run not in ("", first))
    assert driver.notices == [
        ("info", f"A new run starts from fresh weights; the last one is kept in test.runs/{first}.")
    ]


def test_nothing_is_said_of_saved_weights_where_those_of_a_run_are_shown(drive: Open, tmp_path: Path) -> None:
    driver = trained(drive)
    learnt.write(tmp_path / "test.safetensors", driver.session.learnt)
    for run in driver.session.project.runs.iterdir():
        (run / "run.json").unlink()
    again = drive(open_project(tmp_path / "test.netloom"))
    again.until(lambda _: again.session.learnt is not None)
    again.session.play()
    step, document = again.state("ended").status.step, again.session.project.document
    document.apply(SetSetting("data", {"source": "iris", "normalise": "none"}))
    again.until(lambda _: again.session.past)
    again.notices.clear()
    document.undo()
    assert again.until(lambda u: not again.session.past and u.status.step == step)
    assert not [sentence for _, sentence in again.notices if "as it was saved" in sentence]
