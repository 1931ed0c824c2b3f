"""A screen reader finds every card on the canvas, with its name, what it does, where it is and where it leads."""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import RemoveNodes, Rename, SetMode
from graphs.layers.catalogue import standard
from tests.widgets.editor.tools import lenet
from widgets.editor import accessible
from widgets.editor.canvas import Canvas

Text, Role = QAccessible.Text, QAccessible.Role


def names(face: QAccessibleInterface) -> list[str]:
    return [face.child(index).text(Text.Name) for index in range(face.childCount())]


def test_every_card_is_a_child_in_the_order_of_the_flow(canvas: Canvas) -> None:
    face = QAccessible.queryAccessibleInterface(canvas)
    assert face.text(Text.Name) == "Network" and face.role() == Role.List
    assert [name.split(",")[0] for name in names(face)] == [
        canvas.scene.items[i].face.title for i in canvas.scene.network.order
    ]
    for index in range(face.childCount()):
        child = face.child(index)
        assert face.indexOfChild(child) == index and child.parent() is not None
        assert child.isValid() and child.role() == Role.ListItem and child.childCount() == 0
        assert child.text(Text.Description).startswith(child.text(Text.Name))


def test_a_card_says_where_it_is_and_where_it_leads(canvas: Canvas) -> None:
    face = QAccessible.queryAccessibleInterface(canvas)
    canvas.document.apply(Rename("conv1", "First"))
    canvas.document.apply(SetMode(("conv1",), "bypass"))
    child = next(face.child(i) for i in range(face.childCount()) if face.child(i).text(Text.Name).startswith("First"))
    words = child.text(Text.Description)
    assert "fed by" in words and "feeds" in words and "bypassed" in words
    box = child.rect()
    view = canvas.camera.view_rect(canvas.scene.items["conv1"].rect)
    assert canvas.mapFromGlobal(box.center()) == QPoint(*map(round, (view.center().x(), view.center().y()))) or (
        view.contains(canvas.mapFromGlobal(box.center()).toPointF())
    )
    found = face.childAt(box.center().x(), box.center().y())
    assert found is not None and found.text(Text.Name) == child.text(Text.Name)


def test_selection_is_a_state_and_takes_the_focus_along(canvas: Canvas, qtbot: QtBot) -> None:
    face = QAccessible.queryAccessibleInterface(canvas)
    first, second = face.child(0), face.child(1)
    canvas.select([canvas.scene.network.order[1]])
    assert (first.state().selected, second.state().selected) == (False, True)
    canvas.activateWindow()
    canvas.setFocus()
    if canvas.hasFocus():
        assert face.focusChild().text(Text.Name) == second.text(Text.Name)
        assert second.state().focused


def test_what_is_gone_is_gone(canvas: Canvas) -> None:
    face = QAccessible.queryAccessibleInterface(canvas)
    before = names(face)
    last = canvas.scene.network.order[-1]
    child = face.child(face.childCount() - 1)
    canvas.document.apply(RemoveNodes((last,)))
    assert not child.isValid() and child.text(Text.Name) == ""
    assert names(face) == before[:-1]
    assert face.child(99) is None


def test_interfaces_end_with_their_canvas(qapp: QApplication) -> None:
    before = len(accessible._made)
    for _ in range(3):
        canvas = Canvas(Document(lenet()), standard())
        canvas.show()
        face = QAccessible.queryAccessibleInterface(canvas)
        assert len(names(face)) == face.childCount() > 0
        del face
        canvas.close()
        canvas.deleteLater()
        del canvas
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect(0)
    assert len(accessible._made) == before
