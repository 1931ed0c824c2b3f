"""What is asked for gets the keyboard, Enter presses, other words find actions; what is told stays out of the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.project import open_project
from widgets.actions import ACTIONS
from widgets.look import pressing
from widgets.panels.command_palette import CommandPalette, ranked
from widgets.panels.notice import Notice
from widgets.preferences import Preferences
from widgets.synonyms import SYNONYMS
from widgets.window import Window

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(open_project("lenet-digits"), Preferences())
    qtbot.addWidget(made, before_close_func=lambda w: w.document and w.document.mark_saved())
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    yield made


@pytest.mark.parametrize("first", ["", "Hyperparameters", "Recipe"])
@pytest.mark.parametrize("id", ["hyperparameters", "recipe", "data"])
def test_a_panel_that_is_asked_for_gets_the_keyboard(window: Window, first: str, id: str) -> None:
    """Also where its tab is shown already, and the canvas had the focus."""
    assert window.desk is not None
    if first:
        window.desk.project_page.show_tab(first)
    window.desk.canvas.setFocus()
    window.actions_[id].trigger()
    page = window.desk.project_page
    tab = page.tabs.currentWidget()
    assert page.tabs.tabText(page.tabs.currentIndex()) == id.capitalize()
    focus = QApplication.focusWidget()
    assert focus is not None and tab is not None and tab.isAncestorOf(focus)


def test_tabs_stand_still_while_another_is_chosen(window: Window) -> None:
    assert window.desk is not None
    bar = window.desk.project_page.tabs.tabBar()
    places = set()
    for index in range(bar.count()):
        bar.setCurrentIndex(index)
        places.add(tuple(bar.tabRect(i).left() for i in range(bar.count())))
    assert len(places) == 1


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_enter_presses_the_focused_button_as_space_does(window: Window, qtbot: QtBot, key: Qt.Key) -> None:
    assert window.desk is not None
    window.desk.show_settings("Hyperparameters")
    table = window.desk.project_page.hyperparameters
    table.add_button.setFocus(Qt.FocusReason.TabFocusReason)
    before = len(table.rows)
    qtbot.keyClick(table.add_button, key)
    assert len(table.rows) == before + 1


def test_dialogs_keep_enter_for_their_default(qtbot: QtBot) -> None:
    pressing.install()
    dialog, pressed = QDialog(), list[str]()
    column = QVBoxLayout(dialog)
    for name in ("Other", "Default"):
        button = QPushButton(name)
        button.setAutoDefault(False)
        button.setDefault(name == "Default")
        button.clicked.connect(lambda _=False, name=name: pressed.append(name))
        column.addWidget(button)
    qtbot.addWidget(dialog)
    dialog.show()
    other = dialog.findChildren(QPushButton)[0]
    other.setFocus()
    qtbot.keyClick(other, Key.Key_Return)
    assert pressed == ["Default"]
    dialog.close()


@pytest.mark.parametrize(
    ("query", "id"),
    [
        ("distribute", "distribute_across"),
        ("ungroup", "unpack_block"),
        ("settings", "preferences"),
        ("diff", "compare_saved"),
        ("dataset", "data"),
        ("layout", "tidy"),
        ("comment", "add_note"),
        ("screenshot", "copy_picture"),
    ],
)
def test_other_words_find_an_action(window: Window, query: str, id: str) -> None:
    assert id in ranked(window.actions_, query)[:4]


def test_other_words_are_those_of_actions_that_there_are() -> None:
    assert set(SYNONYMS) <= {action.id for action in ACTIONS}


def test_nothing_found_is_said(window: Window, qtbot: QtBot) -> None:
    palette = CommandPalette(window.actions_, window)
    palette.open()
    qtbot.keyClicks(palette.line, "qqqq")
    assert "qqqq" in palette.nothing.text() and palette.nothing.isVisible() and not palette.list.isVisible()
    palette.line.clear()
    assert palette.list.isVisible() and not palette.nothing.isVisible()
    palette.close()


def test_what_is_told_passes_and_what_is_wrong_stays(window: Window, qtbot: QtBot) -> None:
    assert window.desk is not None
    canvas, notice = window.desk.canvas, window.notice
    canvas.set_bookmark(3)
    assert "Bookmark 3" in notice.text() and notice.level == "info" and not notice.findChildren(QWidget)[0].isVisible()
    notice.pass_by(0)
    assert notice.text() == ""
    canvas.message.emit("This wire would close a loop.")
    notice.pass_by(0)
    assert "loop" in notice.text() and notice.level == "warn"


@pytest.mark.parametrize("sentence", ["Short.", "A wire from the first layer to the last one does not fit. " * 3])
def test_a_notice_covers_nothing_of_the_canvas_s_own(window: Window, sentence: str) -> None:
    assert window.desk is not None
    window.say("warning", sentence)
    notice, canvas = window.notice, window.desk.canvas
    area = notice.geometry().translated(-canvas.mapTo(notice.parentWidget(), canvas.rect().topLeft()))
    assert canvas.rect().contains(area)
    for part in (canvas.breadcrumb, canvas.minimap):
        assert not part.isVisible() or not part.geometry().intersects(area)


def test_no_word_of_a_notice_stands_alone(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.say("It takes two lines of words, since it is a little longer than a single line may be, by one")
    for most in (200, 320, 400):
        width = notice._width(most)
        assert width <= most + 4
