"""Actions are declared once: ids and keys are unique, menus hold all of them, the command palette finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from widgets.actions import ACTIONS, MENUS
from widgets.panels.command_palette import CommandPalette, ranked
from widgets.preferences import Preferences
from widgets.window import Window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    qtbot.addWidget(made)
    yield made
    made.close()


def test_ids_are_unique() -> None:
    assert [id for id, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_words_are_sentence_case_without_exclamation_marks() -> None:
    for action in ACTIONS:
        assert action.text[0].isupper() or action.text[0].isdigit(), action.text
        assert "!" not in action.text
        assert action.menu in MENUS


def test_every_action_is_in_a_menu_once(window: Window) -> None:
    found = Counter(
        action.objectName() for menu in window.menus.values() for action in menu.actions() if action.objectName()
    )
    assert found == Counter(action.id for action in ACTIONS)


def test_icons_exist() -> None:
    from widgets.look.icons import FOLDER

    for action in ACTIONS:
        assert not action.icon or (FOLDER / f"{action.icon}.svg").is_file()


def test_without_a_project_only_what_makes_sense_is_enabled(window: Window) -> None:
    window.actions_.refresh()
    enabled = {id for id, action in window.actions_.made.items() if action.isEnabled()}
    assert {"new", "open", "preferences", "quit", "commands", "about"} <= enabled
    assert not {"save", "play", "undo", "tidy", "export_onnx"} & enabled


def test_recent_projects_are_a_submenu_of_file(window: Window) -> None:
    assert any(isinstance(action.menu(), QMenu) for action in window.menus["File"].actions())


def test_command_palette_finds_by_a_few_letters(window: Window) -> None:
    assert ranked(window.actions_, "onnx")[0] == "export_onnx"
    assert ranked(window.actions_, "dark theme")[0] == "dark"
    assert ranked(window.actions_, "qqqq") == []
    assert set(ranked(window.actions_, "")) == {action.id for action in ACTIONS}


def test_command_palette_runs_what_is_chosen(window: Window, qtbot: QtBot) -> None:
    window.show()
    palette = CommandPalette(window.actions_, window)
    palette.open()
    qtbot.keyClicks(palette.line, "light")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.preferences.theme == "light"
    window.set_theme("dark")
