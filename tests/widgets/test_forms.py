"""A form gives back what it was given, for every model of the program; it lets nothing invalid out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, model_validator
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from graphs.layers.base import Pair, Pair0
from graphs.layers.catalogue import standard
from widgets.forms.accepting import accept, sentence_of
from widgets.forms.entries import Entry, entries, read, write
from widgets.forms.fields import NumberField
from widgets.forms.form import Form, defaults
from widgets.forms.steps import stepped


class Inner(BaseModel):
    """A model inside a model."""

    depth: int = Field(2, ge=0)


class Sample(BaseModel):
    """One field of every sort."""

    filters: int = Field(6, title="Filters", description="How many it learns", ge=1, le=4096)
    kernel: Pair = Field((5, 5), title="Kernel")
    padding: Pair0 | Literal["same"] = (0, 0)
    bias: bool = True
    mode: Literal["zeros", "reflect"] = "zeros"
    rate: float = Field(0.001, gt=0, json_schema_extra={"unit": "s"})
    momentum: float = Field(0.9, ge=0, le=1, json_schema_extra={"when": {"mode": "reflect"}})
    limit: int | None = None
    dims: tuple[int, ...] = (1, 28, 28)
    words: list[str] = ["a", "b"]
    path: Path | None = None
    inner: Inner = Inner()

    @model_validator(mode="after")
    def _fits(self) -> Sample:
        if self.limit == 13:
            raise ValueError("thirteen is taken")
        return self


SUITABLE = {"switch", "choice", "number", "numbers", "text", "path", "json"}


def models() -> list[type[BaseModel]]:
    """Every model a form is made for: all kinds of layers, the recipe, every source of data."""
    from studio.data.spec import SOURCES
    from studio.recipe import Recipe

    return [*standard().kinds.values(), Recipe, *SOURCES.values()]


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form(Sample)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("filters", "12", 12),
        ("filters", "1,024", 1024),
        ("kernel", "3", [3, 3]),
        ("kernel", "3×5", [3, 5]),
        ("kernel", "3x5", [3, 5]),
        ("kernel", " 3 × 5 ", [3, 5]),
        ("kernel", "3, 5", [3, 5]),
        ("padding", "same", "same"),
        ("padding", "2", [2, 2]),
        ("rate", "1e-3", 0.001),
        ("rate", "0,5", 0.5),
        ("momentum", "45 %", 0.45),
        ("limit", "", None),
        ("limit", "7", 7),
        ("dims", "3×32×32", [3, 32, 32]),
        ("words", "x, y z", ["x", "y z"]),
        ("path", "/data/a.npz", str(Path("/data/a.npz"))),
    ],
)
def test_a_persons_text_is_understood(form: Form, name: str, text: str, value: Any) -> None:
    assert form.enter(name, *read(form.rows[name].entry, text))
    assert form.value(name) == value
    assert not form.faults()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("filters", "0", "The least is 1."),
        ("filters", "5000", "The most is 4,096."),
        ("filters", "many", "A whole number is needed, for example 8."),
        ("filters", "7.5", "A whole number is needed, for example 8."),
        ("rate", "0", "It has to be more than 0."),
        ("rate", "fast", "A number is needed, for example 0.1."),
        ("kernel", "0", "The least is 1."),
        ("kernel", "1×2×3", "At most 2 of them."),
        ("limit", "13", "Thirteen is taken."),
    ],
)
def test_what_is_invalid_stays_in_with_one_sentence(form: Form, name: str, text: str, sentence: str) -> None:
    heard: list[Any] = []
    form.changed.connect(lambda *change: heard.append(change))
    before = form.values()
    assert not form.enter(name, *read(form.rows[name].entry, text))
    assert form.faults() == {name: sentence}
    assert form.values() == before
    assert heard == []


def test_one_signal_per_accepted_entry_and_none_for_the_same_value(form: Form) -> None:
    heard: list[Any] = []
    form.changed.connect(lambda *change: heard.append(change))
    form.enter("filters", 8)
    form.enter("filters", 8)
    form.set_values({"filters": 9})
    assert heard == [("filters", 8)]


def test_typing_and_enter_commit_and_escape_takes_back(form: Form, qtbot: QtBot) -> None:
    field = form.editor("filters")
    form.show()
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, "32")
    assert form.value("filters") == 6
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.value("filters") == 32
    qtbot.keyClicks(field, "0000")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.faults()
    qtbot.keyClicks(field, "9")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert form.value("filters") == 32
    assert not form.faults()


def test_steps_with_the_keys_stay_in_bounds(form: Form, qtbot: QtBot) -> None:
    field = form.editor("filters")
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.value("filters") == 7
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_PageDown)
    assert form.value("filters") == 1


@given(value=st.floats(1e-8, 1e4), count=st.integers(1, 5))
def test_free_numbers_step_along_one_two_five(value: float, count: int) -> None:
    entry = next(e for e in entries(Sample) if e.name == "rate")
    up = stepped(entry, value, count)
    assert up > value
    lead = up / 10 ** math.floor(math.log10(up) + 1e-9)
    assert min(abs(lead - rung) for rung in (1, 2, 5)) < 1e-6


def test_a_field_with_a_condition_shows_only_then(form: Form) -> None:
    assert form.rows["momentum"].editor.isHidden()
    form.enter("mode", "reflect")
    assert not form.rows["momentum"].editor.isHidden()


def test_groups_order_the_fields_and_conditions_hide_them(qtbot: QtBot) -> None:
    made = Form(Sample, groups=[("First", ("rate", "bias")), ("Second", ("limit",))], when={"limit": {"bias": [False]}})
    qtbot.addWidget(made)
    assert list(made.rows)[:3] == ["rate", "bias", "limit"]
    assert set(made.rows) == set(Sample.model_fields)
    assert made.editor("limit").isHidden()
    made.enter("bias", False)
    assert not made.editor("limit").isHidden()


def test_a_nested_model_is_one_value(form: Form) -> None:
    heard: list[Any] = []
    form.changed.connect(lambda *change: heard.append(change))
    form.editor("inner").enter("depth", 5)  # type: ignore[attr-defined]
    assert heard == [("inner", {"depth": 5})]


def test_every_editor_has_an_accessible_name_and_its_help(form: Form) -> None:
    for row in form.rows.values():
        assert row.editor.accessibleName() == row.entry.title
    assert form.editor("filters").toolTip() == "How many it learns\n1–4,096"
    assert isinstance(form.editor("filters"), NumberField)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_written_text_reads_back_as_the_same_value(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from([e for e in entries(Sample) if e.kind in ("number", "numbers", "text")]))
    value = data.draw(plausible(entry, 6))
    stored, sentence = accept(Sample, {}, entry.name, [value])
    if not sentence:
        again, _ = accept(Sample, {}, entry.name, read(entry, write(entry, stored)))
        assert same(again, stored)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_model_of_the_program_goes_through_a_form_unchanged(qtbot: QtBot, model: type[BaseModel]) -> None:
    form = Form(model)
    qtbot.addWidget(form)
    assert form.values() == defaults(model)
    assert {row.entry.kind for row in form.rows.values()} <= SUITABLE
    for row in form.rows.values():
        assert row.entry.help, f"{model.__name__}.{row.entry.name} has no description"

    @given(st.data())
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def set_then_read(data: st.DataObject) -> None:
        proposal = {entry.name: data.draw(plausible(entry)) for entry in entries(model)}
        fixed = {name: info.default for name, info in model.model_fields.items() if name not in proposal}
        try:
            made = model.model_validate({**fixed, **proposal})
        except ValidationError as error:
            assert all(sentence_of([fault]).endswith(".") for fault in error.errors())
            return
        form.set_values(made)
        assert form.values() == made.model_dump(mode="json")
        assert model.model_validate(form.values()) == made
        for name, row in form.rows.items():
            if row.entry.kind not in (
                "switch",
                "choice",
                "path",
            ):  # what the field shows means the value it holds
                shown, sentence = accept(
                    model, form.values(), name, read(row.entry, write(row.entry, form.value(name)))
                )
                assert not sentence
                assert same(shown, form.value(name))

    set_then_read()


def same(text: Any, value: Any) -> bool:
    """Whether what a text was read as is the value: words trimmed."""
    if isinstance(value, float):
        return bool(text == value)
    if isinstance(value, list):
        return len(text) == len(value) and all(map(same, text, value))
    return bool(text == (value.strip() if isinstance(value, str) else value))


def plausible(entry: Entry, most: int = 40) -> st.SearchStrategy[Any]:
    """Values of the sort that a field takes, inside its bounds where it has some."""
    whole = st.integers(int(entry.low or 0), int(min(entry.high or most, 10**6)))
    number = st.floats(entry.low or 0, entry.high if entry.high is not None else 1e3, exclude_min=entry.low == 0)
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "switch": st.booleans(),
        "choice": st.sampled_from([value for value, _ in entry.choices]) if entry.choices else st.none(),
        "number": whole if entry.whole else number,
        "numbers": st.lists(st.integers(1, most), min_size=1, max_size=4),
        "text": st.text("abc xyz", max_size=8),
        "path": st.sampled_from(["a.npz", "some folder/b.csv"]),
        "model": st.just({}),
        "json": st.just(None),
    }
    made = by_kind[entry.kind]
    return st.none() | made if entry.optional else made
