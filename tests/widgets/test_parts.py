"""The window's small parts: transport, status, time machine, notice, header, arrangement of views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from graphs.network import Network, Node
from widgets.panels import arrangement
from widgets.panels.header import MOST_ASIDE, Header
from widgets.panels.notice import Notice
from widgets.panels.status import StatusBar, said_of, summary
from widgets.panels.time_machine import TimeMachine
from widgets.panels.transport import Transport, duration, round_speed, sentence


@dataclass
class Status:
    """What the bar reads of a session's status."""

    state: str = "running"
    epoch: float = 5.2
    epochs: int = 20
    step: int = 282
    steps: int = 900
    samples_per_second: float | None = 41_234.0
    seconds_left: float | None = 3.2
    view_cost: float = 0.018
    message: str = ""
    learning_rate: float | None = 0.001


@dataclass
class Problem:
    """What the status bar reads of a problem."""

    node: str
    severity: str = "error"
    message: str = "fc1: nothing is connected to its input."
    expected: str = "a wire"
    received: str = "nothing"
    fixes: tuple[Any, ...] = ()


@dataclass
class Analysis:
    """What the status bar reads of an analysis."""

    problems: tuple[Problem, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    parameters: int = 61_706
    multiply_adds: int = 416_520
    buildable: bool = True

    @property
    def listed(self) -> tuple[Problem, ...]:
        return self.problems


def test_transport_says_where_the_run_is(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.show_status(Status())
    assert bar.where.text() == "epoch 6 / 20 · step 282 · 41,200 samples/s · 3 s left"
    assert bar.cost.text() == "views cost 1.8 % of training"
    assert bar.stop_button.isEnabled()
    bar.show_status(Status(state="paused"))
    assert bar.where.text().endswith("paused")
    assert bar.cost.text() == "views cost 1.8 % of training"


def test_transport_buttons_say_what_is_wanted(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    with qtbot.waitSignal(bar.play):
        bar.play_button.click()
    bar.show_status(Status())
    with qtbot.waitSignal(bar.pause):
        bar.play_button.click()
    with qtbot.waitSignal(bar.stop):
        bar.stop_button.click()
    with qtbot.waitSignal(bar.step):
        bar.step_button.click()
    assert bar.play_button.accessibleName() == "Pause"


def test_learning_rate_is_checked_before_it_is_sent(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.show()
    heard: list[float] = []
    bar.learning_rate.connect(heard.append)
    bar.rate.selectAll()
    qtbot.keyClicks(bar.rate, "0.01")
    qtbot.keyClick(bar.rate, Qt.Key.Key_Return)
    bar.rate.selectAll()
    qtbot.keyClicks(bar.rate, "-3")
    qtbot.keyClick(bar.rate, Qt.Key.Key_Return)
    assert heard == [0.01]
    assert bar.rate.property("invalid")
    qtbot.keyClick(bar.rate, Qt.Key.Key_Up)
    assert heard[-1] > 0.01


def test_a_schedules_rate_is_shown_with_three_figures(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.show_rate(0.0028325312)
    assert bar.rate.text() == "0.00283"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.2, "59 s"), (130, "2 min 10 s"), (700, "12 min"), (4800, "1 h 20 min"), (None, "–")],
)
def test_durations_read_well(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_speeds_do_not_flicker() -> None:
    assert round_speed(41_234) == "41,200"
    assert round_speed(41_249) == "41,200"
    assert round_speed(None) == "–"
    assert sentence(Status(state="idle", message="")) == "Not trained yet"


def test_status_bar_lists_problems_and_leads_to_them(qtbot: QtBot) -> None:
    network = Network.of([Node("fc1", "Linear")], [])
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_network(network, Analysis((Problem("fc1"),), buildable=False))
    assert bar.problems.text() == "1 problem"
    assert bar.compiles.text() == "does not compile yet"
    assert not bar.exports.text()
    link = next(button for button in bar.popup.findChildren(QPushButton) if button.text() == "fc1")
    with qtbot.waitSignal(bar.go) as heard:
        link.click()
    assert heard.args == ["fc1"]
    bar.show_network(network, Analysis())
    assert bar.problems.isHidden()
    assert bar.exports.text() == "✓ exports to ONNX"
    assert summary(network, Analysis()) == "1 node · 61,706 parameters · 416,520 multiply-adds"
    assert summary(Network(), None) == "Empty network"


def test_a_problem_does_not_repeat_the_name_over_it() -> None:
    assert said_of("fc1", "fc1: nothing is connected.") == "Nothing is connected."
    assert said_of("fc1", "The network has no input.") == "The network has no input."


def test_time_machine_goes_to_recorded_steps_and_back(qtbot: QtBot) -> None:
    row = TimeMachine()
    qtbot.addWidget(row)
    row.resize(600, 40)
    assert not row.isEnabled()
    heard: list[int | None] = []
    row.picked.connect(heard.append)
    row.set_steps([0, 1, 2, 4, 8], 10)
    assert row.where.text() == "step 10 of 10 · live"
    row.steps.setValue(2)
    assert heard == [2]
    assert row.where.text() == "step 2 of 10"
    row.set_steps([0, 1, 2, 4, 8, 16], 20)
    assert row.steps.step() == 2, "who looks at the past stays there while the run goes on"
    qtbot.keyClick(row.steps, Qt.Key.Key_End)
    assert heard[-1] is None
    row.set_steps([0, 1, 2, 4, 8, 16, 32], 40)
    assert row.steps.is_live(), "who is live stays live"
    assert len(heard) == 2, "new steps are no wish of a person"


def test_time_machine_is_used_with_the_mouse(qtbot: QtBot) -> None:
    row = TimeMachine()
    qtbot.addWidget(row)
    row.resize(600, 40)
    row.show()
    row.set_steps([0, 25, 100], 100)
    middle = row.steps.rect().center()
    qtbot.mouseClick(row.steps, Qt.MouseButton.LeftButton, pos=middle)
    assert row.steps.step() == 25


def test_notice_is_one_sentence_and_its_button_acts(qtbot: QtBot) -> None:
    bar = Notice()
    qtbot.addWidget(bar)
    pressed: list[bool] = []
    bar.say("The file\nis gone.", "bad", "Choose another", lambda: pressed.append(True))
    assert bar.text() == "The file is gone."
    bar._button.click()
    assert pressed == [True]
    assert bar.text() == ""


def test_header_keeps_the_workspaces_near_the_middle_with_a_long_name(qtbot: QtBot) -> None:
    header = Header(("Design", "Train"), None)
    qtbot.addWidget(header)
    header.resize(900, 40)
    header.show()
    header.show_project("x", False)
    qtbot.wait(10)
    header.show_project("a network with a name that is very much longer than anybody would wish " * 3, True)
    qtbot.wait(10)
    tabs = header._tabs.geometry()
    assert abs(tabs.center().x() - 450) <= MOST_ASIDE + 2
    assert header.saved.geometry().right() < tabs.left()
    assert header.saved.text() == "· unsaved"


NAMES = st.sampled_from(["curves", "filters", "projection", "saliency", "confusion"])
ROWS = st.lists(st.lists(NAMES, max_size=4), max_size=3).map(arrangement.tidy)


@given(ROWS, NAMES)
def test_opening_and_closing_views(rows: arrangement.Rows, name: str) -> None:
    opened = arrangement.opened(rows, name)
    assert arrangement.names(opened).count(name) == 1
    assert set(arrangement.names(opened)) == {*arrangement.names(rows), name}
    assert name not in arrangement.names(arrangement.closed(opened, name))
    assert all(row for row in arrangement.closed(opened, name))


@given(ROWS, NAMES, NAMES, st.sampled_from(["left", "right", "above", "below"]))
def test_moving_a_view_loses_none(rows: arrangement.Rows, name: str, target: str, side: arrangement.Side) -> None:
    moved = arrangement.moved(rows, name, target, side)
    assert sorted(arrangement.names(moved)) == sorted({*arrangement.names(rows), name})
    if name != target and target in arrangement.names(rows) and side in ("left", "right"):
        row = next(row for row in moved if target in row)
        assert abs(row.index(name) - row.index(target)) == 1


def test_the_nearest_side() -> None:
    assert arrangement.side_of(5, 50, 100, 100) == "left"
    assert arrangement.side_of(95, 50, 100, 100) == "right"
    assert arrangement.side_of(50, 5, 100, 100) == "above"
    assert arrangement.side_of(50, 95, 100, 100) == "below"
