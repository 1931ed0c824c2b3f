"""Every field of every kind of layer understands what people type: words, arithmetic, expressions; drags stay valid."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pydantic import BaseModel
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from graphs.layers.catalogue import standard
from graphs.meaning.expressions import expressions_in
from widgets.forms.accepting import accept
from widgets.forms.entries import entries, read, write
from widgets.forms.fields import NumberField
from widgets.forms.form import Form, defaults
from widgets.forms.steps import dragged, stepped

KINDS = [kind for kind in standard().kinds.values() if kind.model_fields]
NO, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier,
)  # fmt: skip


def numbers_in(value: Any) -> list[float]:
    """The numbers that a field's value is made of; none where it is a word or nothing."""
    items = value if isinstance(value, list) else [value]
    return [x for x in items if isinstance(x, int | float) and not isinstance(x, bool)]


def as_sum(value: Any) -> str:
    """The value as arithmetic that nobody would write down: 3 as "2*3-3"."""
    return " × ".join(f"2*({x!r})-({x!r})" for x in numbers_in(value))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_defaults_arithmetic_and_expressions_are_typed_into_every_field(kind: type[BaseModel]) -> None:
    values = defaults(kind)
    for entry in entries(kind):
        value = values[entry.name]
        if entry.kind in ("number", "numbers", "text") and value is not None:
            again, sentence = accept(kind, values, entry.name, read(entry, write(entry, value)), {})
            assert not sentence and again == value, entry.name
        found = numbers_in(value)
        if not entry.numeric or not found:
            continue
        again, sentence = accept(kind, values, entry.name, read(entry, as_sum(value)), {})
        assert not sentence and numbers_in(again) == pytest.approx(found), entry.name
        names = {f"n{i}": x for i, x in enumerate(found)}
        typed = " × ".join(f"n{i}*1" for i in range(len(found)))
        stored, sentence = accept(kind, values, entry.name, read(entry, typed), names)
        assert not sentence and expressions_in(stored), entry.name
        assert write(entry, stored) == typed or len(set(typed.split(" × "))) == 1
        assert accept(kind, values, entry.name, read(entry, write(entry, stored)), names) == (stored, "")
        nothing, sentence = accept(kind, values, entry.name, read(entry, "widht"), {"width": 1})
        assert nothing is None and "did you mean width" in sentence


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_steps_and_drags_of_every_number_stay_inside_its_bounds(kind: type[BaseModel]) -> None:
    random_, values = random.Random(kind.__name__), defaults(kind)
    for entry in entries(kind):
        for start in numbers_in(values[entry.name])[:1] if entry.numeric else []:
            for steps in (0.0, *(random_.uniform(-3000, 3000) for _ in range(12)), -1e9, 1e9):
                moved = [dragged(entry, start, steps, fine=steps > 0), stepped(entry, start, int(steps))]
                for now in moved:
                    assert entry.low is None or now > entry.low or (now == entry.low and not entry.open_low)
                    assert entry.high is None or now < entry.high or (now == entry.high and not entry.open_high)
                    assert isinstance(now, int) or not entry.whole
            assert dragged(entry, start, 0.0) == start


@pytest.mark.parametrize("kind", [standard().kinds[name] for name in ("Conv2d", "Dropout", "Reshape")], ids=str)
def test_a_drag_over_the_widgets_of_a_form_never_leaves_a_sentence(qtbot: QtBot, kind: type[BaseModel]) -> None:
    form = Form(kind)
    qtbot.addWidget(form)
    for name, row in form.rows.items():
        field = row.editor
        if not isinstance(field, NumberField) or not field.can_drag():
            continue
        field.press(100.0)
        for x, keys in ((180, NO), (700, CTRL), (40, SHIFT), (-900, NO)):
            field.drag_to(x, keys)
        field.release()
        assert not form.faults()
        assert kind.model_validate(form.values()), name
