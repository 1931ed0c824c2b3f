"""What is being typed counts before an action runs and before closing; the window's keys work meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from graphs.edits import SetMarks
from graphs.files import storage
from graphs.network import Frame, Note
from tests.widgets.test_window import small, window
from widgets.desk import Desk
from widgets.window import Window

__all__ = ["window"]
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
Key = Qt.Key


@pytest.fixture
def desk(window: Window) -> Desk:
    """A desk with a note and a frame, nothing of it unsaved."""
    project = small()
    first = project.network.order[0]
    note, frame = Note("note1", "", (0.0, -200.0), (160.0, 64.0)), Frame("frame1", "Old", "", (first,))
    project.document.apply(SetMarks({"note1": note, "frame1": frame}))
    project.document.mark_saved()
    window.show_project(project)
    assert window.desk is not None
    return window.desk


def note_on_canvas(desk: Desk) -> QWidget:
    desk.canvas.writing.begin("note1")
    assert desk.canvas.writing.field is not None
    return desk.canvas.writing.field


def title_on_canvas(desk: Desk) -> QWidget:
    desk.canvas.writing.begin("frame1")
    assert desk.canvas.writing.field is not None
    return desk.canvas.writing.field


def name_on_canvas(desk: Desk) -> QWidget:
    desk.canvas.select([desk.project.network.order[1]])
    desk.canvas.rename()
    assert desk.canvas.naming.field is not None
    return desk.canvas.naming.field


def note_beside(desk: Desk) -> QWidget:
    desk.inspector.show_marks(["note1"], [])
    return desk.inspector.marks.note


def title_beside(desk: Desk) -> QWidget:
    desk.inspector.show_marks(["frame1"], [])
    return desk.inspector.marks.name


def name_beside(desk: Desk) -> QWidget:
    desk.canvas.select([desk.project.network.order[1]])
    return desk.inspector.node_page.name


PLACES = (note_on_canvas, title_on_canvas, name_on_canvas, note_beside, title_beside, name_beside)


def titles(desk: Desk) -> list[str]:
    network = desk.project.network
    words = [mark.text if isinstance(mark, Note) else mark.title for mark in network.marks.values()]
    return [*words, *(node.title for node in network.nodes.values())]


def passes(field: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str = "") -> bool:
    """Whether this field lets a shortcut of that key have it."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
    event.ignore()
    QApplication.sendEvent(field, event)
    return not event.isAccepted()


@pytest.mark.parametrize("place", PLACES)
def test_what_is_typed_counts_before_an_action_and_before_leaving(
    window: Window, desk: Desk, place: Callable[[Desk], QWidget]
) -> None:
    QTest.keyClicks(place(desk), "half")
    window.commit()
    assert any("half" in title for title in titles(desk))
    assert desk.project.modified and desk.canvas.writing.field is None and desk.canvas.naming.field is None
    steps = desk.project.network
    window.commit()
    assert desk.project.network is steps, "it counts once"


@pytest.mark.parametrize("place", PLACES)
def test_keys_of_the_window_pass_where_one_types_and_letters_stay(desk: Desk, place: Callable[[Desk], QWidget]) -> None:
    field = place(desk)
    QTest.keyClicks(field, "x")
    for key in (Key.Key_S, Key.Key_Q):
        assert passes(field, key, CTRL)
    assert passes(field, Key.Key_F5, NONE)
    for key, modifiers, text in ((Key.Key_F, NONE, "f"), (Key.Key_Z, CTRL, "\x1a"), (Key.Key_A, CTRL, "\x01")):
        assert not passes(field, key, modifiers, text)


def test_saving_takes_along_a_note_that_is_being_written(window: Window, desk: Desk, tmp_path: Path) -> None:
    desk.project.save(tmp_path / "mine.netloom")
    QTest.keyClicks(note_on_canvas(desk), "Why?")
    window.actions_["save"].trigger()
    assert desk.project.path is not None
    note = storage.load(desk.project.path).marks["note1"]
    assert isinstance(note, Note) and note.text == "Why?" and not desk.project.modified


def test_a_note_that_was_saved_and_taken_back_stays_taken_back(window: Window, desk: Desk) -> None:
    note = note_beside(desk)
    note.setFocus()
    QTest.keyClicks(note, "Why?")
    window.commit()
    desk.project.document.undo()
    window.commit()
    assert "Why?" not in titles(desk)
