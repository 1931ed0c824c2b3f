"""The row of options: generated, compact, and never wider than its view."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import Qt

from widgets.views.options import OptionsBar


class Look(BaseModel):
    """Options of every sort."""

    method: Literal["one", "two"] = Field(
        default="one", title="Method", json_schema_extra={"labels": {"one": "The one"}}
    )
    count: int = Field(default=5, title="Count", ge=1, le=50)
    share: float = Field(default=0.25, title="Share", ge=0, le=1, json_schema_extra={"step": 0.05})
    names: bool = Field(default=False, title="Names")
    steps: int = Field(default=3, title="Steps", ge=1, le=9, json_schema_extra={"when": {"method": ["two"]}})
    node: str | None = Field(default=None, title="Layer", json_schema_extra={"choices": "node", "none": "any"})
    secret: list[int] = Field(default_factory=list, title="Secret")


@pytest.fixture
def bar(qtbot: Any) -> OptionsBar:
    made = OptionsBar([Look], None, {"node"})
    qtbot.addWidget(made)
    made.resize(900, 28)
    made.show()
    return made


def test_defaults_make_the_model(bar: OptionsBar) -> None:
    assert bar.parsed(Look) == Look()
    assert "secret" not in bar.cells


def test_a_person_is_heard_and_a_program_is_not(bar: OptionsBar, qtbot: Any) -> None:
    with qtbot.waitSignal(bar.changed) as heard:
        bar.enter("count", 7)
    assert heard.args == ["count", 7] and bar.parsed(Look).count == 7
    with qtbot.assertNotEmitted(bar.changed):
        bar.set_value("count", 9)
        bar.set_choices("node", [(None, "any"), ("a", "A")])
        bar.set_range("count", 1, 8)
        bar.enter("names", False)
    assert bar.parsed(Look).count == 8


def test_conditional_options_come_and_go(bar: OptionsBar) -> None:
    assert bar.cells["steps"].isHidden()
    bar.enter("method", "two")
    assert not bar.cells["steps"].isHidden()


def test_choices_that_are_known_later(bar: OptionsBar) -> None:
    bar.set_value("node", "b")
    bar.set_choices("node", [(None, "any"), ("a", "A"), ("b", "B")])
    assert bar.values()["node"] == "b" and bar.choices("node") == [None, "a", "b"]


def test_what_does_not_fit_moves_into_the_pop_up(bar: OptionsBar) -> None:
    assert bar.overflowing() == []
    bar.resize(220, 28)
    left = bar.overflowing()
    assert left and "method" not in left
    assert all(bar.rect().contains(c.geometry()) for n, c in bar.cells.items() if n not in left and not c.isHidden())
    bar.enter("share", 0.5)
    assert bar.parsed(Look).share == 0.5
    bar.resize(900, 28)
    assert bar.overflowing() == []


def test_typing_a_number(bar: OptionsBar, qtbot: Any) -> None:
    field = bar.cells["count"].editor.field
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(bar.changed) as heard:
        qtbot.keyClicks(field, "99")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard.args == ["count", 50]
