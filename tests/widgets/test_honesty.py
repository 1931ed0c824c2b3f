"""What the window says of weights, data and designs is true: also after edits, recovery and a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from graphs.edits import SetSetting
from graphs.inference.mends import Become
from studio.design import design_of
from studio.weights import learnt
from tests.widgets.test_window import LONG, desk, window
from widgets import preferences, shipping
from widgets.desk import Desk
from widgets.panels.status import ProblemRow
from widgets.window import Window

__all__ = ["desk", "window"]


def test_data_that_does_not_fit_is_a_problem_with_a_fix(desk: Desk, qtbot: QtBot) -> None:
    desk.project.document.apply(SetSetting("data", {"source": "iris"}))
    qtbot.waitUntil(lambda: bool(desk.session and desk.session.fault), timeout=LONG)
    qtbot.waitUntil(lambda: desk.status_bar.problems.text() == "1 problem", timeout=LONG)
    assert desk.has_problems
    row = desk.status_bar.popup.findChildren(ProblemRow)[-1]
    assert row is not None
    fault = desk.session.fault  # type: ignore[union-attr]
    assert fault is not None
    desk.status_bar.fix.emit(fault, fault.fixes[0])
    assert any(node.kind == "VectorInput" for node in desk.project.network.nodes.values())
    session = desk.session
    assert session is not None
    qtbot.waitUntil(lambda: session.fault is not None and session.fault.node != fault.node, timeout=LONG)
    wide = session.fault
    assert wide is not None and "10 outputs for 3 classes" in wide.message
    qtbot.waitUntil(lambda: wide.node in desk.canvas.badges.problems, timeout=LONG)
    assert desk.transport.remedy.text() == wide.fixes[0].label and desk.transport.remedy.isVisibleTo(desk)
    desk.show_settings("Data")
    assert any(wide.message in word.text() or wide.fixes[0].label == word.text() for word in texts(desk.project_page))
    desk.transport.remedy.click()
    qtbot.waitUntil(lambda: not session.fault and not desk.canvas.badges.problems, timeout=LONG)
    assert desk.transport.remedy.isHidden()


def texts(widget: QWidget) -> list[QLabel | QPushButton]:
    """All words and buttons of a widget."""
    return [*widget.findChildren(QLabel), *widget.findChildren(QPushButton)]


def test_a_new_project_has_no_problem_yet(window: Window, qtbot: QtBot) -> None:
    window.new()
    desk = window.desk
    assert desk is not None
    qtbot.waitUntil(lambda: desk.analysis is not None, timeout=LONG)
    assert not desk.has_problems and desk.status_bar.problems.isHidden()
    assert window.header.saved.text() == ""


def test_weights_go_into_no_other_design(window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.play()
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)
    window.show_workspace("Export")
    panel = desk.export_panel
    with qtbot.waitSignal(panel.done, timeout=LONG):
        panel.export_weights(tmp_path / "first.safetensors")
    assert not panel.weights.words.isHidden()
    relu = next(node.id for node in desk.project.network.nodes.values() if node.kind == "ReLU")
    session = desk.session
    assert session is not None
    desk.project.document.apply(Become(relu, "Tanh", "Tanh"))
    source = desk.source()
    assert source.outgrown
    with pytest.raises(shipping.ShippingFault, match="has changed since it was trained"):
        source.built()
    desk.export_shown()
    assert not panel.weights.button.isEnabled()
    assert panel.python.button.isEnabled()
    assert panel.trained.text() == shipping.OUTGROWN
    assert panel.weights.words.isHidden(), "what was written is of another design"


def test_saving_writes_what_was_learnt_and_on_what(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.play()
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)
    desk.keep_learnt(tmp_path / "mine.netloom")
    desk._keeping.wait()
    found = learnt.read(tmp_path / "mine.safetensors")
    assert found is not None
    assert found.digest == design_of(desk.project.network, desk.project.catalogue)
    assert '"9"' in found.told[learnt.CLASSES]


def test_preferences_are_written_before_the_end(window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.project.save(tmp_path / "kept.netloom")
    window._save(None)
    qtbot.waitUntil(lambda: preferences.load().recent == [str(tmp_path / "kept.netloom")], timeout=5000)
    window.resize(1100, 700)
    before = preferences.load().geometry
    qtbot.waitUntil(lambda: preferences.load().geometry != before, timeout=5000)


def test_what_an_example_has_learnt_is_asked_about(
    window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        return int(QMessageBox.StandardButton.Cancel)

    monkeypatch.setattr(QMessageBox, "exec", answer)
    window.attended = True
    assert window.may_leave() and not asked, "nothing has been learnt yet"
    desk.play()
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)
    assert not window.may_leave()
    steps = desk.session.learnt.step  # type: ignore[union-attr]
    assert asked == [f"“{desk.project.name}” has learnt for {steps:,} steps, kept in no file of yours."]
    window._save(tmp_path / "mine.netloom")
    assert window.may_leave() and len(asked) == 1
    window.attended = False
