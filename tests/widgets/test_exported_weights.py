"""What leaves the window are the weights that a project came with, whether its data fits the network or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from graphs.building.build import build
from graphs.edits import SetSetting
from graphs.exchange.from_onnx.ours import open_onnx
from graphs.exchange.imported import Imported
from graphs.files.weights import load_weights
from graphs.layers.catalogue import standard
from studio.api import Conv2d, Flatten, ImageInput, Linear, sequential
from studio.data.spec import DataSpec
from studio.importing.importing import arrived, write
from studio.project import Project, open_project
from studio.session import Session
from studio.weights.starting import Start, starting
from widgets.panels.export_panel import ExportPanel
from widgets.shipping import Source, first_words

LONG = 60_000
Weights = dict[str, torch.Tensor]


def foreign() -> tuple[Project, Weights]:
    """A network of 1×9×9 with weights of its own, while the data of its project are digits of 28×28."""
    network = sequential(ImageInput(height=9, width=9), Conv2d(out_channels=2), Flatten(), Linear(out_features=3))
    weights = build(network, standard(), seed=123).module.state_dict()
    project = arrived("foreign", Imported(network, weights, "ONNX, opset 13")).project
    project.document.apply(SetSetting("data", {"source": "digits", "size": 28}))
    return project, weights


def source_of(project: Project, session: Session) -> Source:
    """What the desk hands to an export, once it is known that the data does not fit."""
    end = time.monotonic() + 30
    while session.fault is None:
        session.poll()
        assert time.monotonic() < end
        time.sleep(0.005)
    return Source(project, session.snapshot(), session.data, session.learnt, session.outgrown, session.fault.message)


@pytest.fixture
def source() -> Iterator[tuple[Source, Weights]]:
    project, weights = foreign()
    assert isinstance(project.data, DataSpec)
    session = Session(project)
    yield source_of(project, session), weights
    assert session.close()


def same(found: Weights, wanted: Weights) -> bool:
    return found.keys() == wanted.keys() and all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_every_format_takes_the_imported_weights(source: tuple[Source, Weights], qtbot: QtBot, tmp_path: Path) -> None:
    taken, weights = source
    panel = ExportPanel(lambda: taken, lambda *_: None)
    qtbot.addWidget(panel)
    panel.show_state(None, True)
    assert panel.trained.text() == "The weights that it was imported with."
    assert panel.trained.property("tone") == "good"
    with qtbot.waitSignal(panel.done, timeout=LONG) as done:
        panel.export_onnx(tmp_path / "n.onnx")
    assert done.args[0].facts["weights"] == "imported weights"
    assert same(open_onnx(tmp_path / "n.onnx")[1], weights)
    with qtbot.waitSignal(panel.done, timeout=LONG):
        panel.export_weights(tmp_path / "n.safetensors")
    assert same(load_weights(tmp_path / "n.safetensors")[0], weights)
    with qtbot.waitSignal(panel.done, timeout=LONG):
        panel.export_program(tmp_path / "n.pt2")
    assert same(dict(torch.export.load(tmp_path / "n.pt2").state_dict), weights)
    assert same(taken.cargo().built.module.state_dict(), weights), "deploy, half and int8 files, and a proof"


def test_what_a_saved_project_was_imported_with_is_known_from_its_head(tmp_path: Path) -> None:
    project, weights = foreign()
    network = project.network
    saved = write(arrived("foreign", Imported(network, weights)), tmp_path / "n.netloom")
    again = open_project(saved)
    assert first_words(again) == "The weights that it was imported with."
    assert same(Source(again).cargo().built.module.state_dict(), weights)


def test_a_file_that_training_begins_with_is_taken_where_no_data_fits(tmp_path: Path) -> None:
    project, weights = foreign()
    save_file(weights, tmp_path / "mine.safetensors")
    project.learnt = None
    start = Start(file=str(tmp_path / "mine.safetensors"))
    project.document.apply(SetSetting("start", starting(project.network, start).settings["start"]))
    session = Session(project)
    cargo = source_of(project, session).cargo()
    assert session.close()
    assert same(cargo.built.module.state_dict(), weights) and cargo.weights == "weights of mine.safetensors"
    assert first_words(project) == "Weights of mine.safetensors."


def test_weights_beside_the_project_need_no_file_that_is_gone(tmp_path: Path) -> None:
    project, weights = foreign()
    network = starting(project.network, Start(file=str(tmp_path / "gone.pth")))
    saved = write(arrived("foreign", Imported(network, weights)), tmp_path / "n.netloom")
    assert same(Source(open_project(saved)).cargo().built.module.state_dict(), weights)


def test_int8_without_samples_is_told_before_a_name_is_asked(source: tuple[Source, Weights], qtbot: QtBot) -> None:
    panel = ExportPanel(lambda: source[0], lambda *_: None)
    qtbot.addWidget(panel)
    said: list[str] = []
    panel.failed.connect(said.append)
    for section, export in ((panel.onnx, panel.export_onnx), (panel.deploy, panel.export_deploy)):
        assert section.form is not None
        section.form.set_values({"numbers": "int8"})
        export()  # a question for a name would fail the test
        assert section.words.text().startswith("int8 is calibrated on the project's own samples, and there are none.")
        assert section.words.property("tone") == "bad"
    assert not said and not panel.job.running
