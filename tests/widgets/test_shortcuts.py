"""Keys can be changed: at once, without two meanings, remembered, and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.project import open_project
from widgets import preferences
from widgets.actions import ACTIONS
from widgets.panels.command_palette import keys_of
from widgets.panels.keyboard_page import KeyboardPage
from widgets.preferences import Preferences
from widgets.shortcuts import declared, native, plain, refused, settled, shortcuts
from widgets.window import Window

CTRL, ALT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
IDS = [action.id for action in ACTIONS]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    qtbot.addWidget(made)
    yield made
    made.close()
    shortcuts().use({})


@pytest.fixture
def page(window: Window, qtbot: QtBot) -> KeyboardPage:
    made = KeyboardPage(window)
    qtbot.addWidget(made)
    made.show()
    return made


KEYS = st.lists(st.sampled_from(["Ctrl+H", "L", "F5", "Ctrl+Alt+J", "nonsense", "", "Ctrl+H, Ctrl+J"]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*IDS[:20], "gone"]), KEYS, max_size=5))
def test_no_key_ever_means_two_things(own: dict[str, list[str]]) -> None:
    made = settled(declared(), own)
    assert set(made) == set(IDS)
    assert [key for key, count in Counter(k for keys in made.values() for k in keys).items() if count > 1] == []


def test_a_new_key_holds_at_once_everywhere(window: Window, page: KeyboardPage) -> None:
    page.choose("recipe")
    page.record(QKeyCombination(CTRL | ALT, Qt.Key.Key_J))
    assert [key.toString() for key in window.actions_["recipe"].shortcuts()] == ["Ctrl+Alt+J"]
    assert keys_of(window.actions_["recipe"]) == native("Ctrl+Alt+J")
    assert window.preferences.keys == {"recipe": ["Ctrl+Alt+J"]}
    assert page.recorder.text() == native("Ctrl+Alt+J")
    assert shortcuts().now("Ctrl+Shift+R") == native("Ctrl+Alt+J")
    page.reset()
    assert window.preferences.keys == {}
    assert window.actions_["recipe"].shortcut().toString() == "Ctrl+Shift+R"


def test_a_conflict_is_named_and_resolved_on_wish(window: Window, page: KeyboardPage) -> None:
    page.choose("tidy")
    page.record(QKeyCombination(CTRL, Qt.Key.Key_H))
    assert "History" in page.says.text() and page.use.isVisible()
    assert window.actions_["tidy"].shortcut().toString() == "L"
    page.take()
    assert window.actions_["tidy"].shortcut().toString() == "Ctrl+H"
    assert window.actions_["history"].shortcuts() == []
    assert not page.use.isVisible()
    page.reset_all()
    assert window.actions_["history"].shortcut().toString() == "Ctrl+H"
    assert shortcuts().changed_ids() == ()


def test_keys_that_would_break_typing_are_refused(page: KeyboardPage, window: Window) -> None:
    page.choose("recipe")
    page.record(QKeyCombination(NONE, Qt.Key.Key_R))
    assert "add Ctrl or Alt" in page.says.text()
    assert window.preferences.keys == {}
    page.choose("tidy")
    page.record(QKeyCombination(NONE, Qt.Key.Key_J))
    assert window.preferences.keys == {"tidy": ["J"]}
    assert refused(QKeyCombination(NONE, Qt.Key.Key_Left), True) and refused(
        QKeyCombination(NONE, Qt.Key.Key_Escape), True
    )


def test_the_recorder_takes_the_next_key_and_escape_leaves_it(page: KeyboardPage, qtbot: QtBot) -> None:
    page.choose("recipe")
    page.recorder.listen(True)
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_S, CTRL)
    page.recorder.event(override)
    assert override.isAccepted(), "the window's shortcuts wait"
    qtbot.keyClick(page.recorder, Qt.Key.Key_Control)
    assert page.recorder.listening
    qtbot.keyClick(page.recorder, Qt.Key.Key_Escape)
    assert not page.recorder.listening and shortcuts().changed_ids() == ()
    page.recorder.listen(True)
    qtbot.keyClick(page.recorder, Qt.Key.Key_F9)
    assert shortcuts().of("recipe") == ("F9",)


def test_search_finds_by_name_and_key_and_fixed_keys_are_listed(page: KeyboardPage) -> None:
    assert page.list.topLevelItemCount() > len(IDS)
    page.search.setText("undo")
    assert [page.list.topLevelItem(0).text(0), page.chosen] == ["Undo", "undo"]
    page.search.setText("ctrl+h")
    assert page.chosen == "history"
    page.search.setText("take back the gesture")
    assert page.chosen == "" and not page.recorder.isEnabled()


def test_keys_are_remembered_and_bad_ones_in_the_file_do_no_harm(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "preferences.json"
    preferences.save(Preferences(keys={"tidy": ["Ctrl+H", "nonsense", "J" * 5000], "gone": ["F3"]}), path)
    window = Window(None, preferences.load(path))
    qtbot.addWidget(window)
    assert [key.toString() for key in window.actions_["tidy"].shortcuts()] == ["Ctrl+H"]
    assert window.actions_["history"].shortcuts() == []
    window.close()
    shortcuts().use({})
    path.write_text('{"keys": {"tidy": 3}, "theme": "light"}')
    loaded = preferences.load(path)
    assert (loaded.keys, loaded.theme) == ({}, "light")


def test_every_declared_key_is_spelt_as_qt_spells_it() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert plain(key) == QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) != ""


def test_the_canvas_obeys_the_keys_a_person_chose_and_no_longer_the_old_ones(qtbot: QtBot) -> None:
    window = Window(open_project("lenet-digits"), Preferences())
    qtbot.addWidget(window)
    window.show()
    assert window.desk is not None
    canvas = window.desk.canvas
    window.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    qtbot.keyClick(canvas, Qt.Key.Key_A, CTRL)
    assert len(canvas.selected()) == len(canvas.scene.items)
    canvas.select(["conv1"])
    qtbot.keyClick(canvas, Qt.Key.Key_W)
    assert canvas.chosen_wires
    window.actions_.set_keys({"select_all": ["J"], "play": ["F4"]})
    assert window.desk.transport.play_button.toolTip().endswith("(F4)")
    assert shortcuts().now("Drag") == "Drag"
    canvas.select([])
    qtbot.keyClick(canvas, Qt.Key.Key_A, CTRL)
    assert canvas.selected() == []
    qtbot.keyClick(canvas, Qt.Key.Key_J)
    assert len(canvas.selected()) == len(canvas.scene.items)
    texts = {a.text(): a.shortcut().toString() for a in canvas.context_menu(QMenu(canvas)).actions()}
    canvas.select([])
    texts |= {a.text(): a.shortcut().toString() for a in canvas.context_menu(QMenu(canvas)).actions()}
    assert texts["Select all"] == "J"
    window.close()
    shortcuts().use({})
