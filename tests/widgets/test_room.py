"""Nothing is hidden where room is short: values before units, whole names of views, keys of the window."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.status import Status
from widgets.forms.entries import entries
from widgets.forms.fields import NumberField
from widgets.forms.keys import belongs_to_window
from widgets.look.style import Elided
from widgets.panels.header import Header
from widgets.panels.notice import Notice
from widgets.panels.preferences_dialog import shown
from widgets.panels.transport import READY, Transport, brief
from widgets.panels.view_tabs import Strip, Tab
from widgets.preferences import Preferences

CONTROL = Qt.KeyboardModifier.ControlModifier


class Model(BaseModel):
    batch: int = Field(default=32, json_schema_extra={"unit": "samples"})


def test_the_unit_gives_way_to_the_value(qtbot: QtBot) -> None:
    field = NumberField(entries(Model)[0])
    qtbot.addWidget(field)
    field.show_value(32)
    field.show()
    field.resize(200, 28)
    assert field.shows_unit()
    field.resize(field.minimumSizeHint().width(), 28)
    margins = field.textMargins()
    room = field.width() - margins.left() - margins.right()
    assert not field.shows_unit()
    assert room >= field.fontMetrics().horizontalAdvance("32") + 14


def key(code: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL, text: str = "") -> QKeyEvent:
    return QKeyEvent(QEvent.Type.ShortcutOverride, code, modifiers, text)


@pytest.mark.parametrize("code", [Qt.Key.Key_E, Qt.Key.Key_K, Qt.Key.Key_S, Qt.Key.Key_1, Qt.Key.Key_U])
def test_the_windows_shortcuts_pass_a_field(qtbot: QtBot, code: Qt.Key) -> None:
    field = NumberField(entries(Model)[0])
    qtbot.addWidget(field)
    event = key(code)
    field.event(event)
    assert not event.isAccepted()


@pytest.mark.parametrize("code", [Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_A, Qt.Key.Key_Left, Qt.Key.Key_Backspace])
def test_editing_keys_stay_with_the_field(code: Qt.Key) -> None:
    assert not belongs_to_window(key(code))
    assert not belongs_to_window(key(Qt.Key.Key_E, Qt.KeyboardModifier.NoModifier, "e"))
    assert not belongs_to_window(key(Qt.Key.Key_Z), typing=True)
    assert belongs_to_window(key(Qt.Key.Key_Z), typing=False)


def test_view_names_stay_whole_and_the_rest_is_in_a_menu(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    strip = Strip()
    strip.setParent(whole)
    for name in ("Curves", "Activations", "Projection", "Adversarial", "Confusion", "Decision regions"):
        strip.add(Tab(name.lower(), name, ""))
    strip.resize(1200, 40)
    whole.show()
    assert all(tab.isVisible() for tab in strip.tabs) and strip.more.isHidden()
    strip.resize(320, 40)
    qtbot.wait(10)
    seen = [tab for tab in strip.tabs if tab.isVisible()]
    assert 0 < len(seen) < len(strip.tabs) and strip.more.isVisible()
    assert all(tab.width() >= tab.sizeHint().width() for tab in seen)
    assert strip.more.geometry().right() <= strip.width()
    strip.tabs[-1].setChecked(True)
    strip.fit()
    assert strip.tabs[-1].isVisible(), "an open view's name stays in sight"


def test_a_notice_moves_nothing(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    column = QVBoxLayout(whole)
    notice, below = Notice(), QWidget()
    column.addWidget(notice)
    column.addWidget(below, 1)
    whole.resize(900, 600)
    whole.show()
    before = below.geometry()
    notice.say("The loss is not finite any more.", "bad")
    qtbot.wait(10)
    assert below.geometry() == before and notice.isVisible()
    notice.say("", "good")
    assert notice.isVisible()
    notice.say("", "bad")
    assert notice.isHidden()


def test_waiting_for_a_run_reads_the_same_until_it_begins(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.where.setText(READY)
    bar.set_playable(True)
    for state in ("idle", "preparing"):
        bar.show_status(Status(state=state))
        assert bar.where.text() == READY
    with qtbot.assertNotEmitted(bar.began):
        bar.show_status(Status(state="running", step=3, epochs=2))
    assert bar.where.text().startswith("epoch 1 / 2")


def test_play_can_be_pressed_again_where_waiting_came_to_nothing(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.where.setText(READY)
    bar.show_status(Status(state="idle"))
    assert not bar.play_button.isEnabled()
    bar.show_status(Status(state="idle", message="The file is gone."))
    assert bar.play_button.isEnabled() and bar.where.text() == "The file is gone."


def test_the_cost_is_judged_by_the_budget(qtbot: QtBot) -> None:
    bar = Transport(budget=lambda: 0.05)
    qtbot.addWidget(bar)
    tones = []
    for cost in (0.049, 0.06):
        bar.show_status(Status(state="running", step=3, epochs=2, view_cost=cost))
        tones.append(bar.cost.property("tone"))
    assert tones == ["good", "warn"]


def test_an_ending_is_short_in_the_bar() -> None:
    told = "Step 12 was so large that weights of conv1 were no longer finite. Take a smaller learning rate."
    assert brief(told) == "stopped: loss not finite"
    assert brief("Stopped after epoch 3") == "Stopped after epoch 3"


def test_shares_are_shown_in_percent() -> None:
    made = shown(Preferences(view_budget=0.05, text_size=1.15))
    assert (made.view_budget, made.text_size) == (5, 115)


def test_a_label_without_room_ends_in_an_ellipsis_and_keeps_its_help(qtbot: QtBot) -> None:
    label = Elided("Validation share", tip="How much is kept apart.")
    qtbot.addWidget(label)
    label.resize(40, 20)
    label.grab()
    assert label.toolTip() == "How much is kept apart."


def test_the_sides_are_as_wide_as_before_once_a_small_window_grows_again(qtbot: QtBot) -> None:
    from studio.project import open_project
    from widgets.bench import Bench

    bench = Bench(open_project("lenet-digits"), Preferences(sizes={"outer": [300, 700, 420]}))
    qtbot.addWidget(bench)
    bench.resize(1500, 900)
    bench.show()
    bench.show_workspace("Train")
    wide = (bench.palette_panel.width(), bench.inspector.width())
    bench.resize(960, 600)
    qtbot.wait(10)
    bench.remember()
    assert (bench.preferences.sizes["outer"][0], bench.preferences.sizes["outer"][2]) == (300, 420)
    bench.resize(1500, 900)
    qtbot.wait(10)
    assert (bench.palette_panel.width(), bench.inspector.width()) == wide


def test_larger_text_gives_the_workspaces_more_room(qtbot: QtBot) -> None:
    header = Header(("Design", "Train", "Inspect", "Export"), None)
    qtbot.addWidget(header)
    header.resize(1200, 40)
    header.show()
    header.setStyleSheet("* { font-size: 24px; }")
    qtbot.wait(10)
    for button in header.findChildren(QToolButton):
        assert button.width() >= button.sizeHint().width()


def test_what_a_failed_run_said_goes_when_the_next_begins(qtbot: QtBot) -> None:
    from studio.project import open_project
    from widgets.bench import Bench

    bench, notice = Bench(open_project("lenet-digits"), Preferences()), Notice()
    for widget in (bench, notice):
        qtbot.addWidget(widget)
    bench.said.connect(lambda level, sentence: notice.say(sentence, "bad" if level == "error" else "info"))
    notice.say("The loss is not finite any more.", "bad")
    bench.transport.show_status(Status(state="ended", message="failed"))
    assert notice.text()
    bench.transport.show_status(Status(state="preparing"))
    assert not notice.text()
