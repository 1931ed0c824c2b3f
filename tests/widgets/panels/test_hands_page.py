"""The page about hands: every gesture there is, every key that is in force, found by words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.project import open_project
from widgets.actions import ACTIONS
from widgets.editor import gestures
from widgets.editor.gestures.words import GESTURES
from widgets.panels.hands_page import HandsPage
from widgets.preferences import Preferences
from widgets.shortcuts import shortcuts
from widgets.window import Window


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[HandsPage]:
    made = HandsPage()
    qtbot.addWidget(made)
    yield made
    made.leave()
    shortcuts().use({})


def test_every_gesture_is_told(page: HandsPage) -> None:
    classes = set(gestures.__all__) - {"Gesture", "Pointer"}
    assert {told.by for told in GESTURES} - {""} == classes
    assert {(told.how, told.what) for told in GESTURES} <= set(page.shown)


def test_keys_are_those_in_force(page: HandsPage) -> None:
    """Every action with keys is there, but for the bookmarks, which are two rows."""
    words = {what for _, what in page.shown}
    keyed = [a for a in ACTIONS if a.keys and "bookmark_" not in a.id]
    assert {action.text.rstrip("…") for action in keyed} <= words
    shortcuts().use({"tidy": ["Ctrl+J"]})
    assert ("Ctrl+J", "Tidy up") in page.shown and ("L", "Tidy up") not in page.shown


def test_the_search_leaves_what_holds_every_word(page: HandsPage) -> None:
    page.search.setText("wire cut")
    assert page.shown and all("cut" in " ".join(row).casefold() for row in page.shown)
    page.search.setText("qqqq")
    assert page.shown == []


def test_f1_with_nothing_selected_opens_it_and_the_menu_too(qtbot: QtBot) -> None:
    window = Window(open_project("lenet-digits"), Preferences())
    qtbot.addWidget(window, before_close_func=lambda w: w.document and w.document.mark_saved())
    window.show()
    assert window.desk is not None
    window.actions_["explain"].trigger()
    assert isinstance(window.desk.aside, HandsPage)
    qtbot.keyClick(window.desk.aside, Qt.Key.Key_Escape)
    assert window.desk.aside is None
    window.actions_["hands"].trigger()
    assert isinstance(window.desk.aside, HandsPage)
    window.desk.close_aside()
