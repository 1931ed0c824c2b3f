"""Gestures without sense in the whole window, while it trains: every action there is, panels, views and all.

`make wild` does thousands of them. Nothing is raised; everything can be taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.reuse.blocks import make_block
from studio.project import Project, open_project
from tests.widgets.editor.wild import Child, let_go, sound, there_and_back
from widgets.preferences import Preferences
from widgets.window import Window

COUNT = int(os.environ.get("WILD", "160"))
SEED = int(os.environ.get("WILD_SEED", "1"))
LEAVING = ("close", "new", "open", "ask_open", "show_start")
"""What would end the project that the child plays with."""
LONG = 60_000


class Everything(Child):
    """The child in the window: actions are those of menus and command palette."""

    def __init__(self, window: Window, seed: int) -> None:
        assert window.desk is not None
        super().__init__(window.desk.canvas, seed)
        self.whole = window
        self.acts += [self.action, self.action, self.dialogs]

    def action(self) -> None:
        id = self.random.choice(list(self.whole.actions_.made))
        self._note(id)
        self.whole.actions_.refresh()
        self.whole.actions_[id].trigger()

    def dialogs(self) -> None:
        """Answers what stands open, or presses a key where the focus is."""
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QDialog) and box.isVisible():
                self.random.choice([box.accept, box.reject])()
        focus = QApplication.focusWidget()
        if focus is not None:
            self._note(f"at {type(focus).__name__}")
            QTest.keyClick(focus, self.random.choice([Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_2]))


@pytest.fixture
def nobody_minds(monkeypatch: pytest.MonkeyPatch, nobody_answers: None) -> None:
    """Every question is answered with no, every file dialog closed."""
    for box in (QDialog, QMessageBox):
        monkeypatch.setattr(box, "exec", lambda *_: int(QMessageBox.StandardButton.Cancel))
    for name in ("about", "information", "warning", "critical", "question"):
        monkeypatch.setattr(QMessageBox, name, lambda *_: QMessageBox.StandardButton.Cancel)
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, nobody_minds: None) -> Iterator[Window]:
    """A small network that learns, with a block in it, saved in a folder of its own."""
    project = open_project("spiral")
    hidden = [id for id, node in project.network.nodes.items() if node.kind == "Linear"][:1]
    project.document.apply(make_block(project.network, hidden, project.catalogue, "Hidden"))
    project = Project(Document(project.network))
    project.save(tmp_path / "wild.netloom")
    made = Window(project, Preferences())
    made.resize(1280, 800)
    made.show()
    made.begin()
    qtbot.addWidget(made, before_close_func=let_leave)
    for name in LEAVING:
        setattr(made, name, lambda *_, **__: None)
    yield made


def let_leave(window: Window) -> None:
    """The window can be closed again, and nothing is worth a question."""
    for name in LEAVING:
        delattr(window, name)
    if window.document is not None:
        window.document.mark_saved()


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.qt_log_level_fail("WARNING")
def test_gestures_without_sense_in_the_whole_window(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.desk is not None and window.desk.ready, timeout=LONG)
    assert window.desk is not None
    document = window.desk.project.document
    start, child = document.network, Everything(window, SEED)
    window.desk.canvas.ease.reduced = True
    with qtbot.captureExceptions() as raised:
        for number in range(COUNT):
            child.act()
            QApplication.processEvents()
            where = f"seed {SEED}, gesture {number}: {' · '.join(child.trail)}"
            assert not raised, f"{where}: {raised[0]}"
            if number % 20 == 19:
                sound(document.network)
        let_go(child.canvas)
        child.dialogs()
        window.desk.stop()
        there_and_back(document, start)
    assert not raised, raised[0]
