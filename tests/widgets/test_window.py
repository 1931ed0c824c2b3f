"""The main job through the real window: open, train through the transport bar, look, export to ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from graphs.edits import RemoveNodes
from studio.project import Project, open_project
from widgets import recovery, theme
from widgets.desk import Desk
from widgets.panels.start_page import Card
from widgets.preferences import Preferences
from widgets.window import Window

LONG = 60_000
"""Milliseconds that real training may take on a busy machine."""


def small() -> Project:
    """LeNet's smaller sister on 8×8 digits, for two epochs."""
    project = open_project("mlp-digits")
    project.set_recipe(project.recipe.model_copy(update={"epochs": 2}))
    project.document.mark_saved()
    return project


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    made.resize(1280, 800)
    made.show()
    made.begin()
    qtbot.addWidget(made, before_close_func=let_go)
    yield made


def let_go(window: Window) -> None:
    """Nothing is worth a question any more."""
    window.commit()
    if window.document is not None:
        window.document.mark_saved()


@pytest.fixture
def desk(window: Window, qtbot: QtBot) -> Desk:
    window.show_project(small())
    assert window.desk is not None
    qtbot.waitUntil(lambda: window.desk is not None and window.desk.ready, timeout=LONG)
    return window.desk


def test_from_play_to_onnx(window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    window.show_workspace("Train")
    desk.canvas.select([next(node for node in desk.project.network.order if node.startswith("fc"))])
    qtbot.mouseClick(desk.transport.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)
    assert desk.session is not None
    assert desk.time_machine.isEnabled()
    assert "epoch 2 / 2" in desk.transport.where.text()
    qtbot.waitUntil(lambda: desk.inspector.node_page.filters.result is not None, timeout=LONG)
    curves = desk.views.view("curves")
    assert curves is not None
    assert curves.state == "result"

    window.show_workspace("Export")
    assert desk.export_panel.trained.text().startswith("Weights of step")
    path = tmp_path / "digits.onnx"
    with qtbot.waitSignal(desk.export_panel.done, timeout=LONG) as done:
        desk.export("onnx", path)
    assert path.is_file()
    assert "Largest difference" in dict(done.args[0].details)
    assert done.args[0].trained

    step = desk.time_machine.steps
    step.setValue(0)
    assert not desk.is_live
    assert window.actions_["live"].isEnabled()
    desk.back_to_live()
    assert desk.is_live


def test_what_was_learnt_is_kept_with_the_project_and_opens_again(
    window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.play()
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)
    path = tmp_path / "mine.netloom"
    monkeypatch.setattr("widgets.files.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    assert window.save()
    desk._keeping.wait()
    assert path.with_suffix(".safetensors").is_file()
    steps = desk.time_machine.steps.last()
    with qtbot.waitSignal(desk.export_panel.done, timeout=LONG):
        desk.export("onnx", tmp_path / "mine.onnx")
    for name in ("mine.netloom", "mine.onnx"):
        assert window.open(tmp_path / name)
        again = window.desk
        assert again is not None
        qtbot.waitUntil(lambda: again.source().snapshot is not None, timeout=LONG)  # noqa: B023 (waited for here)
        snapshot = again.source().snapshot
        assert snapshot is not None
        assert snapshot.step == steps, name


def test_play_before_torch_is_there_begins_the_run_once_it_is(window: Window, qtbot: QtBot) -> None:
    window.show_project(small())
    desk = window.desk
    assert desk is not None
    assert desk.transport.play_button.isEnabled()
    qtbot.mouseClick(desk.transport.play_button, Qt.MouseButton.LeftButton)
    assert not desk.ready
    qtbot.waitUntil(lambda: desk.transport.state == "ended", timeout=LONG)


def test_every_way_out_writes_a_file(window: Window, desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    for kind, name in (("python", "net.py"), ("weights", "net.safetensors")):
        with qtbot.waitSignal(desk.export_panel.done, timeout=LONG) as done:
            desk.export(kind, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100
        assert done.args[0].path == tmp_path / name
    for name in ("net.svg", "net.png", "net.pdf"):
        with qtbot.waitSignal(desk.export_panel.done, timeout=LONG):
            desk.export("picture", tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    assert not desk.export_panel.trained.text().startswith("Weights of")
    with qtbot.waitSignal(desk.export_panel.failed, timeout=LONG):
        desk.export("python", tmp_path / "no such folder" / "net.py")
    assert window.notice.text()


def test_an_edit_in_the_inspector_is_one_step_and_shapes_follow(window: Window, desk: Desk, qtbot: QtBot) -> None:
    document = desk.project.document
    node = next(n for n in desk.project.network.order if desk.project.network.nodes[n].kind == "Linear")
    desk.canvas.select([node])
    page = desk.inspector.node_page
    assert page.form is not None
    name = next(iter(page.form.rows))
    field = page.form.editor(name)
    before = desk.project.network
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert desk.project.network.nodes[node].fields[name] == page.form.value(name)
    assert document.undo_label
    document.undo()
    assert desk.project.network == before, "a run of steps in one field is one step of undo"
    assert page.form.value(name) == before.nodes[node].fields[name]


def test_renaming_a_layer(window: Window, desk: Desk, qtbot: QtBot) -> None:
    node = desk.project.network.order[1]
    desk.canvas.select([node])
    name = desk.inspector.node_page.name
    name.setFocus()
    name.selectAll()
    qtbot.keyClicks(name, "hidden")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert desk.project.network.nodes[node].title == "hidden"
    assert window.header.saved.text() == "· unsaved"


def test_problems_are_listed_and_mended(window: Window, desk: Desk, qtbot: QtBot) -> None:
    middle = next(n for n in desk.project.network.order if n.startswith("relu"))
    desk.project.document.apply(RemoveNodes((middle,)))
    qtbot.waitUntil(lambda: desk.has_problems, timeout=LONG)
    assert not desk.transport.play_button.isEnabled()
    assert window.actions_["problems"].isEnabled()
    desk.show_problems()
    popup = desk.status_bar.popup
    assert popup.isVisible()
    fixes = {fix.label for problem in desk.analysis.problems for fix in problem.fixes}  # type: ignore[union-attr]
    button = next(b for b in popup.findChildren(QPushButton) if b.text() in fixes)
    before = desk.project.network
    button.click()
    assert desk.project.network is not before
    popup.hide()


def test_workspaces_change_what_stands_around_the_canvas(window: Window, desk: Desk) -> None:
    shown = {}
    for name in ("Design", "Train", "Inspect", "Export"):
        window.show_workspace(name)
        shown[name] = (
            desk.palette_panel.isVisible(),
            desk.below.isVisible(),
            desk.export_panel.isVisible(),
            desk.canvas.isVisible(),
        )
        assert window.actions_[name.lower()].isChecked()
    assert shown == {
        "Design": (True, False, False, True),
        "Train": (True, True, False, True),
        "Inspect": (False, True, False, True),
        "Export": (False, True, True, True),
    }


def test_views_open_close_move_and_are_remembered(window: Window, desk: Desk, qtbot: QtBot) -> None:
    window.show_workspace("Inspect")
    area = desk.views
    area.set_rows([["curves"]])
    qtbot.mouseClick(area.tabs["confusion"], Qt.MouseButton.LeftButton)
    assert area.rows() == (("curves", "confusion"),)
    area.body.landed.emit("confusion", "curves", "below")
    assert area.rows() == (("curves",), ("confusion",))
    assert area.view("confusion").isVisible()
    area.show_alone("curves")
    assert not area.view("confusion").isVisible()
    area.show_alone("curves")
    assert area.rows() == (("curves",), ("confusion",))
    area.pop_out("confusion")
    assert area.view("confusion").window() is not window
    area._own["confusion"].close()
    assert "confusion" in [name for row in area.rows() for name in row]
    window.show_workspace("Train")
    window.show_workspace("Inspect")
    assert "confusion" in [name for row in area.rows() for name in row]
    assert window.preferences.views["Inspect"]


def test_the_palette_adds_what_is_found(window: Window, desk: Desk, qtbot: QtBot) -> None:
    panel = desk.palette_panel
    panel.focus_search()
    qtbot.keyClicks(panel.search, "dropout")
    before = set(desk.project.network.nodes)
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    (new,) = set(desk.project.network.nodes) - before
    assert desk.project.network.nodes[new].kind.startswith("Dropout")
    assert desk.canvas.selected() == [new]
    panel.search.setText("zzzz")
    assert panel.nothing.isVisible()


def test_data_is_previewed_before_it_is_used(window: Window, desk: Desk, qtbot: QtBot) -> None:
    desk.show_settings("Data")
    panel = desk.project_page.data
    qtbot.waitUntil(lambda: panel.summary.text().startswith("1,797 samples"), timeout=LONG)
    assert panel.use.isHidden()
    before = desk.project.data
    panel.draft({"source": "iris"})
    qtbot.waitUntil(lambda: panel.summary.text().startswith("150 samples"), timeout=LONG)
    assert desk.project.data == before
    panel.use.click()
    assert desk.project.data.source == "iris"
    assert panel.use.isHidden()
    desk.project.document.undo()
    assert desk.project.data == before
    panel.draft({"source": "csv", "path": "/no/such/file.csv"})
    qtbot.waitUntil(lambda: "file.csv" in panel.summary.text(), timeout=LONG)
    assert not panel.use.isEnabled()
    panel.job.wait()


def test_the_recipe_is_a_form_and_undo_covers_it(window: Window, desk: Desk) -> None:
    form = desk.project_page.recipe.form
    form.enter("epochs", 7)
    assert desk.project.recipe.epochs == 7
    desk.project.document.undo()
    assert form.value("epochs") == 2


def test_save_open_and_recent(window: Window, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a design with a long name.netloom"
    monkeypatch.setattr("widgets.files.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    assert window.save()
    assert window.header.name.text() == path.stem
    assert window.preferences.recent == [str(path)]
    assert not window.open(tmp_path / "none.netloom")
    assert "none" in window.notice.text()
    assert window.open(path)
    window.show_start()
    assert window.desk is None
    assert any(b.text() == path.stem for b in window.findChildren(QPushButton))


def answer_with(monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton) -> None:
    """Let the next question be answered so."""
    monkeypatch.setattr(QMessageBox, "exec", lambda _self: button)


def test_unsaved_changes_are_asked_about(
    window: Window, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.project.document.apply(RemoveNodes((desk.project.network.order[-1],)))
    answer_with(monkeypatch, QMessageBox.StandardButton.Cancel)
    assert not window.open("iris")
    assert window.desk is desk
    answer_with(monkeypatch, QMessageBox.StandardButton.Save)
    monkeypatch.setattr("widgets.files.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "kept.netloom"), ""))
    assert window.open("iris")
    assert (tmp_path / "kept.netloom").is_file()


def test_the_start_page_leads_to_training_with_one_click(window: Window, qtbot: QtBot) -> None:
    cards = window.findChildren(Card)
    assert len(cards) >= 5
    start = window._start
    assert start is not None
    qtbot.mouseClick(start.begin, Qt.MouseButton.LeftButton)
    assert window.project is not None
    assert window.project.name == "lenet-digits"
    qtbot.waitUntil(lambda: window.desk.time_machine.steps.last() >= 2, timeout=LONG)  # type: ignore[union-attr]
    window.desk.stop()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.desk.transport.state == "ended", timeout=LONG)  # type: ignore[union-attr]


def test_recovery_is_offered_on_the_start_page(window: Window, qtbot: QtBot) -> None:
    project = open_project("iris")
    autosave = recovery.Autosave(project)
    project.document.apply(RemoveNodes((project.network.order[-1],)))
    autosave.write()
    autosave._end()
    assert autosave._held is not None
    autosave._held.unlock()
    window.show_start()
    button = next(b for b in window.findChildren(QPushButton) if b.text() == "Recover")
    button.click()
    assert window.project is not None
    assert window.project.network == project.network
    assert window.project.modified
    assert "not saved yet" in window.notice.text()


def test_themes_switch_while_everything_is_open(window: Window, desk: Desk) -> None:
    window.show_workspace("Inspect")
    for name in ("light", "dark"):
        window.set_theme(name)
        assert theme.current().name == name
        pixel = window.grab().toImage().pixelColor(4, 60)
        assert (pixel.lightness() > 128) == (name == "light")


def test_errors_are_a_sentence_in_the_bar_and_the_program_lives(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    import sys

    from widgets.app import catch_errors

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    catch_errors(window)
    sys.excepthook(ValueError, ValueError("the moon is\nfull"), None)
    qtbot.waitUntil(lambda: "the moon is full" in window.notice.text())
    assert "unexpected error" in caplog.text


def test_everything_that_takes_the_focus_has_a_name(window: Window, desk: Desk) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit

    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
    window.show_workspace("Inspect")
    nameless = [
        f"{type(w).__name__} in {type(w.parentWidget()).__name__}"
        for kind in kinds
        for w in desk.findChildren(kind)
        if w.isVisible()
        and w.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not (w.accessibleName() or getattr(w, "text", str)() or w.toolTip())
        and w.objectName() != "qt_spinbox_lineedit"
        and not w.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))
    ]
    assert nameless == []
