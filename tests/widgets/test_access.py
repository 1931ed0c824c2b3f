"""Everything can be reached and named without seeing it and without a mouse: each control in each workspace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.project import open_project
from widgets import theme
from widgets.desk import Desk
from widgets.panels.preferences_dialog import PreferencesDialog
from widgets.parts import next_part, parts
from widgets.preferences import Preferences
from widgets.window import Window

LONG = 60_000
CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit,
    QTabBar,
)  # fmt: skip


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    made.resize(1680, 1050)
    made.show()
    made.begin()
    qtbot.addWidget(made, before_close_func=lambda w: w.document and w.document.mark_saved())
    yield made


def working(window: Window, qtbot: QtBot) -> Desk:
    window.show_project(open_project("lenet-digits"))
    assert window.desk is not None
    qtbot.waitUntil(lambda: window.desk is not None and window.desk.ready, timeout=LONG)
    return window.desk


def controls(root: QWidget) -> list[QWidget]:
    """What can be used: visible, enabled, and not a part of another control."""
    found = [w for w in root.findChildren(QWidget) if w.isVisibleTo(root) and w.isEnabled()]
    return [w for w in found if _usable(w) and not any(isinstance(p, CONTROLS) for p in _parents(w, root))]


def _usable(widget: QWidget) -> bool:
    if isinstance(widget, QScrollBar | QMenuBar):
        return False
    return isinstance(widget, CONTROLS) or bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _parents(widget: QWidget, root: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None and parent is not root:
        yield parent
        parent = parent.parentWidget()


def name_of(widget: QWidget) -> str:
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)).strip()


def shown(widget: QWidget) -> str:
    chain = [widget, *_parents(widget, widget.window())][:4]
    return " in ".join(f"{type(part).__name__} {part.objectName() or part.accessibleName()}".strip() for part in chain)


def unnamed(root: QWidget) -> list[str]:
    return [shown(w) for w in controls(root) if not name_of(w)]


def unreachable(root: QWidget) -> list[str]:
    """Controls that no Tab leads to; a group of choices is reached through one of them."""
    chain, step = set(), root.nextInFocusChain()
    while step is not root:
        chain.add(step)
        step = step.nextInFocusChain()
    return [
        shown(w)
        for w in controls(root)
        if not (w.focusPolicy() & Qt.FocusPolicy.TabFocus and w in chain) and not w.property("pointer")
    ]


def test_every_control_of_every_workspace(window: Window, qtbot: QtBot) -> None:
    desk = working(window, qtbot)
    for workspace in ("Design", "Train", "Inspect", "Export"):
        window.show_workspace(workspace)
        qtbot.wait(20)
        for chosen in ([], ["conv1"], ["conv1", "conv2"]):
            desk.canvas.select(chosen)
            assert unnamed(window) == [], (workspace, chosen)
            assert unreachable(window) == [], (workspace, chosen)
    for open_aside in (window.show_history, window.compare_saved):
        open_aside()
        assert unnamed(window) == [] and unreachable(window) == []


def test_every_control_of_start_page_and_preferences(window: Window, qtbot: QtBot) -> None:
    assert unnamed(window) == []
    assert unreachable(window) == []
    dialog = PreferencesDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    for page in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(page)
        assert unnamed(dialog) == [] and unreachable(dialog) == []


def test_focus_is_painted(window: Window, qtbot: QtBot) -> None:
    """A control that has the focus looks different from one that has not."""
    working(window, qtbot)
    window.show_workspace("Train")
    window.activateWindow()
    for name in ("light", "dark"):
        theme.set_theme(name)
        qtbot.wait(20)
        assert blind(window) == [], name


def blind(window: Window) -> list[str]:
    """Controls that are painted the same with the focus and without it."""
    same = []
    for control in controls(window):
        if not control.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        window.notice.hide()
        window.header.setFocus()
        for other in controls(window):
            other.clearFocus()
        without = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        if control.hasFocus() and control.grab().toImage() == without:
            same.append(shown(control))
        control.clearFocus()
    return same


def test_f6_goes_around_the_parts_of_the_window(window: Window, qtbot: QtBot) -> None:
    desk = working(window, qtbot)
    window.show_workspace("Train")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    desk.canvas.setFocus()
    been = []
    for _ in parts(window):
        next_part(window)
        focus = QApplication.focusWidget()
        been.append(next(part for part in parts(window) if part is focus or part.isAncestorOf(focus)))
    assert len({id(part) for part in been}) >= 5
    next_part(window, 1)
    next_part(window, -1)
    assert desk.canvas in been
