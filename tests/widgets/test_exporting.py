"""The Export workspace: every format, with figures, one at a time, and cancelled when nobody wants it any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.project import open_project
from studio.shipping.cargo import Cargo
from studio.shipping.shipped import Report, Shipped
from widgets.panels.export_panel import ExportPanel
from widgets.shipping import Source

LONG = 60_000


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ExportPanel]:
    project = open_project("iris")
    made = ExportPanel(lambda: Source(project), lambda *_: None)
    qtbot.addWidget(made)
    made.resize(300, 900)
    made.show()
    made.show_state(None, True)
    yield made
    made.cancel()
    made.job.wait()


def enabled(panel: ExportPanel) -> list[bool]:
    return [section.button.isEnabled() for section in panel.sections]


def test_models_show_what_they_cost(panel: ExportPanel, qtbot: QtBot, tmp_path: Path) -> None:
    assert panel.trained.text() == "Not trained yet: an export holds fresh weights."
    assert panel.onnx.form is not None and panel.deploy.form is not None
    assert not panel.onnx.form.rows["calibration"].editor.isVisible()
    panel.onnx.form.set_values({"numbers": "int8", "calibration": 20})
    assert panel.onnx.form.rows["calibration"].editor.isVisible()
    with qtbot.waitSignal(panel.done, timeout=LONG) as done:
        panel.export_onnx(tmp_path / "q")
    assert done.args[0].path == tmp_path / "q.onnx"
    assert {"Accuracy in float32", "Accuracy now", "Judged on"} <= dict(done.args[0].details).keys()
    assert panel.onnx.facts.isVisible() and not panel.onnx.cancel_button.isVisible()
    with qtbot.waitSignal(panel.done, timeout=LONG) as done:
        panel.export_program(tmp_path / "n")
    assert done.args[0].path == tmp_path / "n.pt2"
    panel.deploy.form.set_values({"numbers": "float16"})
    with qtbot.waitSignal(panel.done, timeout=LONG) as done:
        panel.export_deploy(tmp_path / "folder")
    assert (tmp_path / "folder" / "predict.py").is_file() and not done.args[0].trained
    with qtbot.waitSignal(panel.failed, timeout=LONG) as failed:
        panel.export_deploy(tmp_path / "folder")
    assert "name a new folder" in failed.args[0] and panel.deploy.words.property("tone") == "bad"
    assert all(enabled(panel))


def test_one_at_a_time_and_cancelled(panel: ExportPanel, tmp_path: Path, qtbot: QtBot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    begun, go_on = threading.Event(), threading.Event()

    def slow(cargo: Cargo, path: Path, report: Report) -> Shipped:
        begun.set()
        go_on.wait(30)
        report(0.5, "Half")
        path.write_text("never")
        return Shipped(path, "Written")

    monkeypatch.setattr("studio.shipping.program.ship_program", slow)
    panel.export_program(tmp_path / "n.pt2")
    assert begun.wait(30)
    assert not any(enabled(panel)) and panel.program.cancel_button.isVisible()
    panel.export_weights(tmp_path / "w.safetensors")  # not while another is under way
    panel.program.cancel_button.click()
    assert panel.program.words.text() == "Stopping after this step"
    assert not panel.program.cancel_button.isEnabled()
    go_on.set()
    qtbot.waitUntil(lambda: panel.program.words.text() == "Cancelled: nothing was written.", timeout=LONG)
    assert all(enabled(panel)) and not list(tmp_path.iterdir())


def test_closing_ends_what_is_under_way(panel: ExportPanel, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def endless(cargo: Cargo, path: Path, report: Report) -> Shipped:
        while True:
            report(0.5, "On and on")

    monkeypatch.setattr("studio.shipping.program.ship_program", endless)
    panel.export_program(tmp_path / "n.pt2")
    panel.cancel()
    panel.job.wait()
    assert not panel.job.running


def test_a_warning_stands_apart(panel: ExportPanel) -> None:
    panel.onnx.show_done(Shipped(Path("q.onnx"), "Written", warning="The accuracy falls from 97.00% to 60.00%."))
    shown: list[QWidget] = [panel.onnx.words, panel.onnx.warning]
    assert all(widget.isVisible() for widget in shown)
    assert panel.onnx.warning.property("tone") == "warn"
    panel.onnx.forget()
    assert not any(widget.isVisible() for widget in shown)
