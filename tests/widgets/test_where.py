"""The words of the transport bar keep their sense when there is little room, and buttons keep the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.status import Status
from widgets.look import holding
from widgets.panels.notice import Notice
from widgets.panels.transport import Transport, parts_of
from widgets.panels.where import Where, passages, wordings

MESSAGES = (
    "The samples are 1×8×8, but the network takes 3×224×224: change the data or the input.",
    "The samples are 1×8×8, but the network takes text of 1,024 tokens: choose data of that form.",
    "conv1: its input has 1 channel. It takes 3.",
    "The network has no input.",
)


@pytest.mark.parametrize("message", MESSAGES)
def test_every_wording_is_shorter_than_the_one_before(message: str) -> None:
    forms = wordings(message, 2)
    assert forms[0].startswith(message) and all(forms)
    assert [len(form) for form in forms] == sorted((len(form) for form in forms), reverse=True) or len(forms) == 2


def test_of_a_run_the_epoch_is_said_last_of_all() -> None:
    parts = parts_of(Status(state="running", step=282, epochs=20, epoch=5.0))
    forms = passages(parts, Status(state="running"))
    assert forms[0].startswith("epoch 6 / 20 · step 282") and forms[-1] == "epoch 6 / 20"


def test_what_fits_is_shown(qtbot: QtBot) -> None:
    where = Where()
    qtbot.addWidget(where)
    where.say(wordings(MESSAGES[0]))
    seen = []
    for width in (1200, 300, 200, 40):
        where.resize(width, 20)
        seen.append(where.shown)
    assert seen[0] == MESSAGES[0] and seen[-1] == "The data does not fit" and len(set(seen)) > 2


def test_what_keeps_a_run_from_starting_stands_in_the_bar(qtbot: QtBot) -> None:
    bar = Transport()
    qtbot.addWidget(bar)
    bar.set_playable(False, "The network has problems.", ("conv1: nothing is connected to it.", "1 problem"))
    bar.show_status(Status(state="idle"))
    assert bar.where.text() == "conv1: nothing is connected to it."
    with qtbot.waitSignal(bar.problems):
        bar.where.clicked.emit()
    bar.set_playable(True)
    assert bar.where.text() == "Not trained yet"


@pytest.mark.parametrize("change", [holding.enable, holding.show])
def test_a_button_that_goes_keeps_the_keyboard_from_the_next_field(qtbot: QtBot, change: object) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    row, button, field = QHBoxLayout(whole), QPushButton("Go"), QLineEdit()
    row.addWidget(button)
    row.addWidget(field)
    whole.show()
    whole.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    change(button, False)  # type: ignore[operator]
    assert not field.hasFocus()
    change(button, True)  # type: ignore[operator]
    assert button.hasFocus()


def test_a_button_of_a_notice_stays_where_it_is(qtbot: QtBot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(900, 600)
    notice = Notice(lambda: ground, ground)
    ground.show()
    places = set()
    for sentence in ("Short.", "Reading the file, and whatever else there is to read in it, for a good while. " * 2):
        notice.say(sentence, "info", "Cancel")
        notice.layout().activate()
        places.add(notice._button.mapTo(ground, notice._button.rect().bottomRight()).toTuple())
    assert len(places) == 1
    notice.turn_away()
    assert notice.text(), "work goes on"
    notice.say("It is done.", "good", "Report")
    notice.turn_away()
    assert not notice.text()
