"""Fields of numbers: typed, completed, dragged sideways with the mouse, one gesture per drag."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graphs.layers.base import Pair, Pair0
from widgets.forms.entries import entries, read
from widgets.forms.form import Form
from widgets.forms.formulas import parts
from widgets.forms.menus import menu_of
from widgets.forms.steps import allowed, limits


class Sample(BaseModel):
    """Numbers of every sort."""

    filters: int = Field(6, title="Filters", description="How many.", ge=1, le=4096)
    kernel: Pair = Field((3, 5), title="Kernel", description="How large.")
    padding: Pair0 | Literal["same"] = Field((0, 0), title="Padding", description="How far.")
    rate: float = Field(0.01, title="Rate", description="How fast.", gt=0)
    share: float = Field(0.5, title="Share", description="How much.", ge=0, lt=1, json_schema_extra={"unit": "of all"})
    bias: bool = Field(True, title="Bias", description="Whether.")


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form(Sample)
    made.show_names({"width": 32, "depth": 4, "odd": None, "flag": True})
    made.resize(300, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def heard_by(form: Form) -> list[Any]:
    heard: list[Any] = []
    form.changed.connect(lambda *change: heard.append(change))
    return heard


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3x5", ["3", "5"]), ("3 X 5", ["3", "5"]), ("3×5×7", ["3", "5", "7"]), ("width x 3", ["width", "3"]),
        ("3xwidth", ["3", "width"]), ("2*x", ["2*x"]), ("x x 3", ["x", "3"]), ("max(2, 3) x 2", ["max(2, 3)", "2"]),
        ("(1+2)*3", ["(1+2)*3"]), ("(3, 5)", ["3", "5"]), ("[3 5]", ["3", "5"]), ("1e-3; 2", ["1e-3", "2"]),
        ("width2x", ["width2x"]), ("-3, -2", ["-3", "-2"]), ("", []), ("2 ** 7", ["2 ** 7"]),
    ],
)  # fmt: skip
def test_a_series_is_taken_apart_where_a_person_meant_it(text: str, found: list[str]) -> None:
    assert parts(text) == found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("filters", "2**7", 128), ("filters", "64*2", 128), ("filters", "= 8*8", 64),
        ("filters", "width*2", "=width*2"),
        ("kernel", "2**2", [4, 4]), ("kernel", "2+1 x 5", [3, 5]), ("kernel", "depth+1", "=depth+1"),
        ("kernel", "depth x 3", ["=depth", 3]), ("padding", "same", "same"), ("padding", "depth/2", "=depth/2"),
        ("rate", "1e-3", 0.001), ("rate", "1/8", 0.125), ("rate", "10**-3", 0.001), ("share", "25 %", 0.25),
        ("share", "1/depth", "=1/depth"), ("share", "1 - 0.9", pytest.approx(0.1)),
    ],
)  # fmt: skip
def test_what_people_type_is_kept_as_they_mean_it(form: Form, name: str, text: str, value: Any) -> None:
    assert form.enter(name, *read(form.rows[name].entry, text)), form.faults()
    assert form.value(name) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("filters", "widht*2", "There is no “widht”; did you mean width?"),
        ("filters", "width/3", "It is 10.6667 now; a whole number is needed, for example 8."),
        ("filters", "width*1000", "It is 32000 now; the most is 4,096."),
        ("filters", "9**9**9", "An exponent is at most 64."),
        ("filters", "odd", "“odd” has no value itself."),
        ("kernel", "depth-9", "It is -5 now; the least is 1."),
        ("share", "depth", "It is 4 now; it has to be less than 1."),
    ],
)
def test_what_means_nothing_stays_with_one_sentence(form: Form, name: str, text: str, sentence: str) -> None:
    before = form.values()
    assert not form.enter(name, *read(form.rows[name].entry, text))
    assert form.faults() == {name: sentence} and form.values() == before


def test_an_expression_shows_its_value_now_and_follows_the_names(form: Form) -> None:
    form.set_values({"filters": "=width*2", "kernel": ["=depth", 3], "bias": "=flag"})
    field = form.editor("filters")
    assert (field.text(), field.beside()) == ("width*2", "= 64")  # type: ignore[attr-defined]
    assert "= 64" in field.accessibleDescription()
    assert form.editor("kernel").beside() == "= 4 × 3"  # type: ignore[attr-defined]
    assert form.editor("bias").isChecked()  # type: ignore[attr-defined]
    form.show_names({"width": 10, "depth": 4, "flag": False})
    assert field.beside() == "= 20"  # type: ignore[attr-defined]
    assert not form.editor("bias").isChecked()  # type: ignore[attr-defined]
    form.show_names({"depth": 4, "flag": False})
    assert form.faults() == {"filters": "There is no “width”; there are depth, flag."}
    assert field.text() == "width*2" and form.value("filters") == "=width*2"  # type: ignore[attr-defined]


def test_limits_are_said(form: Form, qtbot: QtBot) -> None:
    found = {entry.name: limits(entry) for entry in entries(Sample) if entry.numeric}
    assert found == {"filters": "1–4,096", "kernel": "1–4,096", "padding": "0–4,096", "rate": "> 0", "share": "0–< 1"}
    assert allowed(entries(Sample)[2]) == "0–4,096, or same"
    assert "1–4,096" in form.editor("filters").toolTip()


def drag(qtbot: QtBot, widget: Any, distance: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press in the middle of the left half, move sideways in small steps; the button stays down."""
    if (focused := QApplication.focusWidget()) is not None:
        focused.clearFocus()  # a field that is being edited selects text instead
    start = QPoint(14, widget.height() // 2)
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, keys, start)
    for step in range(1, 11):
        _move(widget, start + QPoint(distance * step // 10, 0), keys)


def _move(widget: Any, at: QPoint, keys: Qt.KeyboardModifier) -> None:
    left = Qt.MouseButton.LeftButton
    where = QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, where, QPointF(widget.mapToGlobal(at)), left, left, keys)
    QApplication.sendEvent(widget, event)


def let_go(widget: Any) -> None:
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(14, 5))


def test_dragging_a_number_sideways_changes_it(form: Form, qtbot: QtBot) -> None:
    field, heard, before = form.editor("filters"), heard_by(form), form.gesture
    drag(qtbot, field, 100)
    assert form.value("filters") == 26 and len(heard) > 3
    inside = form.gesture
    let_go(field)
    assert before < inside < form.gesture
    assert not field.hasFocus()
    drag(qtbot, field, -1000)
    assert form.value("filters") == 1
    let_go(field)


def test_shift_drags_finely_and_ctrl_coarsely_and_the_label_drags_all_of_a_series(form: Form, qtbot: QtBot) -> None:
    drag(qtbot, form.editor("filters"), 100, Qt.KeyboardModifier.ShiftModifier)
    let_go(form.editor("filters"))
    assert form.value("filters") == 10
    drag(qtbot, form.rows["filters"].label, 100, Qt.KeyboardModifier.ControlModifier)
    let_go(form.rows["filters"].label)
    assert form.value("filters") == 210
    drag(qtbot, form.editor("kernel"), 20)  # over its first number
    let_go(form.editor("kernel"))
    assert form.value("kernel") == [7, 5]
    drag(qtbot, form.rows["kernel"].label, 20)
    let_go(form.rows["kernel"].label)
    assert form.value("kernel") == [11, 9]


def test_escape_takes_a_drag_back(form: Form, qtbot: QtBot) -> None:
    field, heard = form.editor("rate"), heard_by(form)
    drag(qtbot, field, 200)
    assert form.value("rate") > 0.05
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert form.value("rate") == 0.01 and heard[-1] == ("rate", 0.01)
    _move(field, QPoint(400, 5), Qt.KeyboardModifier.NoModifier)
    assert form.value("rate") == 0.01
    let_go(field)
    assert form.value("rate") == 0.01


def test_a_click_edits_and_what_is_no_number_is_not_dragged(form: Form, qtbot: QtBot) -> None:
    form.set_values({"filters": "=width", "padding": "same"})
    for name in ("filters", "padding"):
        drag(qtbot, form.editor(name), 100)
        let_go(form.editor(name))
    assert form.value("filters") == "=width" and form.value("padding") == "same"
    field: Any = form.editor("kernel")
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.selectedText() == "3 × 5"


def test_arrow_keys_step_the_number_of_a_series_under_the_cursor(form: Form, qtbot: QtBot) -> None:
    field: Any = form.editor("kernel")
    field.setCursorPosition(len(field.text()))
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.value("kernel") == [3, 7]
    field.setCursorPosition(0)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert form.value("kernel") == [2, 7]


def test_names_are_offered_while_typing_and_put_in_place(form: Form, qtbot: QtBot) -> None:
    field: Any = form.editor("filters")
    field.clear()
    qtbot.keyClicks(field, "2*wi")
    assert field.names.offered() == ["width"]
    field.names.complete("width")
    assert field.text() == "2*width"
    field.commit()
    assert form.value("filters") == "=2*width"
    field.clear()
    qtbot.keyClicks(field, "width")
    assert field.names.offered() == []


def test_enter_takes_the_offered_name_and_a_second_one_commits(form: Form, qtbot: QtBot) -> None:
    field: Any = form.editor("filters")
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.clear()
    qtbot.keyClicks(field, "2*wi")
    popup = field.names.completer.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert field.text() == "2*width" and not popup.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.value("filters") == "=2*width"
    field.clear()
    qtbot.keyClicks(field, "de")
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert field.text() == "de" and not popup.isVisible()


def test_the_menu_of_a_field_offers_names_default_and_what_the_form_adds(form: Form) -> None:
    asked: list[str] = []
    form.verbs = [("Expose", asked.append)]
    form.enter("filters", 9)
    menu = menu_of(form, "filters")
    words = [action.text() for action in menu.actions()]
    assert words[:3] == ["Use a hyperparameter", "Reset to default (6)", "Expose"]
    names = next(a for a in menu.actions() if a.menu()).menu()
    assert [a.text() for a in names.actions()] == ["width = 32", "depth = 4"]
    names.actions()[0].trigger()
    assert form.value("filters") == "=width"
    menu.actions()[1].trigger()
    menu.actions()[2].trigger()
    assert form.value("filters") == 6 and asked == ["filters"]
    flags = menu_of(form, "bias").actions()[0].menu()
    assert [a.text() for a in flags.actions()] == ["flag = on"]


def test_typing_survives_what_happens_elsewhere(form: Form, qtbot: QtBot) -> None:
    field: Any = form.editor("filters")
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    qtbot.keyClicks(field, "12")
    form.set_values({"rate": 0.5})
    assert field.text() == "12"
    form.set_values({"filters": 7})
    assert field.text() == "7"


def test_several_values_at_once_are_mixed_until_one_is_entered(form: Form, qtbot: QtBot) -> None:
    heard = heard_by(form)
    form.set_values({"filters": 6}, mixed=["filters", "bias", "kernel"])
    field: Any = form.editor("filters")
    assert (field.text(), field.placeholderText()) == ("", "mixed")
    assert not field.can_drag()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert heard == []
    qtbot.keyClicks(field, "6")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "" and heard == []
    form.enter("filters", 6)
    assert heard == [("filters", 6)] and field.text() == "6"
