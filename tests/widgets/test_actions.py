"""Actions are declared once: ids and keys are unique, menus hold all of them, the command palette finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.project import open_project
from widgets.actions import ACTIONS, MENUS
from widgets.panels.command_palette import CommandPalette, found, ranked
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


def test_the_palette_goes_to_layers_examples_and_recent_projects(qtbot: QtBot, tmp_path: Path) -> None:
    recent = tmp_path / "my-first.netloom"
    window = Window(open_project("lenet-digits"), Preferences(recent=[str(recent)]))
    qtbot.addWidget(window)
    assert window.desk is not None
    assert next(entry.id for entry in found(window.actions_, window, "relu2")) == "node:relu2"
    assert "example:iris" in [entry.id for entry in found(window.actions_, window, "iris")]
    assert f"recent:{recent}" in [entry.id for entry in found(window.actions_, window, "my-first")]
    assert found(window.actions_, window, "tidy")[0].id == "tidy"
    next(entry for entry in found(window.actions_, window, "relu2") if entry.id == "node:relu2").run()
    assert window.desk.canvas.selected() == ["relu2"]
    window.close()


def test_every_action_is_reached_without_a_mouse(window: Window) -> None:
    """Each has a row in a menu, is found in the palette by its words, and answers to a key where the canvas had it."""
    from widgets.editor import keys

    listed = {entry.id for entry in found(window.actions_, window, "")}
    assert listed == {action.id for action in ACTIONS}
    for action in ACTIONS:
        words = action.text.rstrip("…")
        assert action.id in ranked(window.actions_, words), action.id
    declared = {QKeySequence(key).toString() for action in ACTIONS for key in action.keys}
    text = [QKeySequence(QKeyCombination(mods, key)).toString() for mods, key in keys.KEYS]
    assert set(text) - declared <= {"Esc", "Ctrl+Shift++"}, (
        "keys of the canvas are actions that can be found and changed"
    )
