"""A form for any pydantic model: one compact row per field, generated from the field's own declaration.

Title, description, bounds and unit come from the field. Only valid values leave the form; an invalid entry
stays where it was typed, with one sentence under it. Values in and out are plain JSON (pairs are lists, paths
are strings).

The field's `json_schema_extra` may say: `unit`, `step`, `labels` {value: words}, `none` (words for no value),
`group` (a heading over the field), `when` {other field: value or list of values} (shown only then), `path`
"file" or "folder", `suffixes` (which files the dialog shows), `hidden`.

Every number takes arithmetic (2**7). With `show_names` it takes expressions over these names too: the value is then
the expression ("=width*2"), and the value it has now stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QWidget

from graphs.meaning.expressions import ExpressionFault, expressions_in
from widgets import theme
from widgets.forms.accepting import accept
from widgets.forms.defining import Define, LabelDrag, Missed
from widgets.forms.entries import Entry, core_of, entries, read, said
from widgets.forms.fields import NumberField, editor_of, row_height
from widgets.forms.formulas import Names, value_of, without_expressions
from widgets.forms.menus import menu_of
from widgets.forms.steps import allowed
from widgets.look.style import Elided


class Row:
    """The widgets of one field: its label, its editor, the sentence under it."""

    def __init__(self, entry: Entry, editor: QWidget) -> None:
        self.entry, self.editor = entry, editor
        self.label = Elided(entry.title, tip=f"{entry.title}\n{entry.help}".strip())
        self.label.setProperty("dim", True)
        self.label.setBuddy(editor)
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.define = Define()
        self.help = "\n".join(part for part in (entry.help, allowed(entry) if entry.numeric else "") if part)
        editor.setAccessibleName(entry.title)
        self.describe("")
        if isinstance(editor, NumberField):
            self.handle = LabelDrag(self.label, editor)

    def describe(self, now: str) -> None:
        """Say in the tooltip and to the screen reader what the field is for, and what an expression is now."""
        text = "\n".join(part for part in (self.help, now) if part)
        self.editor.setToolTip(text)
        self.editor.setAccessibleDescription(text)

    def say(self, sentence: str) -> None:
        """Show the sentence under the field; an empty one clears it."""
        if sentence == self.fault.text():
            return
        self.fault.setText(sentence)
        self.fault.setStyleSheet(f"color: {theme.current().bad}")
        self.fault.setVisible(bool(sentence))
        self.define.read(sentence)
        target = getattr(self.editor, "line", self.editor)
        target.setProperty("invalid", bool(sentence))
        target.style().unpolish(target)
        target.style().polish(target)

    def set_visible(self, visible: bool) -> None:
        self.label.setVisible(visible)
        self.editor.setVisible(visible)
        self.fault.setVisible(visible and bool(self.fault.text()))
        self.define.setVisible(visible and bool(self.define.missing))


class Form(QWidget):
    """Edits the values of one pydantic model.

    `first` come before all others, `groups` orders the fields under headings;
    `when` adds conditions to those that the fields declare.
    `changed(name, value)` is emitted once per accepted entry, with the value as plain JSON; a nested model is
    one value (a dict). `gesture` counts the drags: what changes while it stays the same may be one step of undo.
    `verbs` are what the menu of a field offers beside the usual: (words, what to do with the field's name)."""

    changed = Signal(str, object)

    def __init__(
        self,
        model: type[BaseModel],
        values: Mapping[str, Any] | BaseModel | None = None,
        parent: QWidget | None = None,
        *,
        hidden: Collection[str] = (),
        first: Collection[str] = (),
        groups: Sequence[tuple[str, Sequence[str]]] = (),
        when: Mapping[str, Mapping[str, Collection[Any]]] | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._values: dict[str, Any] = {}
        self._mixed: frozenset[str] = frozenset()
        self.names: Names | None = None
        self.gesture = 0
        self._menu: QMenu | None = None
        self.define: Callable[[str, Missed], None] | None = None
        self.verbs: list[tuple[str, Callable[[str], None]]] = []
        self.rows: dict[str, Row] = {}
        self._groups: list[tuple[QWidget, list[str]]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 4)
        self._conditions = when or {}
        shown = [entry for entry in entries(model) if entry.name not in hidden]
        self._add_all(sorted(shown, key=lambda entry: entry.name not in first), groups)
        self._fit_titles()
        self.set_values(values if values is not None else defaults(model))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_titles()

    def _fit_titles(self) -> None:
        """Whole titles where they are not very long; those end in an ellipsis."""
        most, metrics = round(132 * theme.scale()), self.fontMetrics()
        longest = max((metrics.horizontalAdvance(row.entry.title) for row in self.rows.values()), default=0)
        self._grid.setColumnMinimumWidth(0, min(most, max(88, longest + 4)))

    def values(self) -> dict[str, Any]:
        """The values now, as plain JSON; what is being typed and not yet accepted is not in it."""
        return dict(self._values)

    def set_values(self, values: Mapping[str, Any] | BaseModel, mixed: Collection[str] = ()) -> None:
        """Show these values; missing ones take the field's default, `mixed` ones stand for several at once.

        A field that is being typed in keeps its text while its value stays the same."""
        given = values.model_dump(mode="json") if isinstance(values, BaseModel) else dict(values)
        complete, before = whole(self.model, given), self._mixed
        self._mixed = frozenset(mixed)
        for name, row in self.rows.items():
            same = name in self._values and self._values[name] == complete.get(name)
            same = same and (name in before) == (name in mixed)
            open_now = row.fault.text() or getattr(row.editor, "typing", False)
            if not (same and open_now and row.editor.hasFocus()):
                self._values[name] = complete.get(name)
                self._show(name)
        self._values = complete
        self._show_conditional()

    def show_names(self, names: Names) -> None:
        """What names in expressions stand for; every field of numbers takes expressions over them."""
        if names == self.names:
            return
        self.names = dict(names)
        for row in self.rows.values():
            if isinstance(row.editor, NumberField):
                row.editor.show_names(self.names)
        self.set_values(self._values, self._mixed)

    def _show(self, name: str) -> None:
        """Show a field's value; of an expression what it is now, or the sentence why it is nothing."""
        row, value, now, sentence = self.rows[name], self._values.get(name), None, ""
        editor = cast(Any, row.editor)
        if name in self._mixed:
            editor.show_mixed()
        else:
            editor.show_value(value)
        if row.entry.kind != "model" and name not in self._mixed and expressions_in(value):
            sentence = self.judge(name, [value])[1]
            with suppress(ExpressionFault):
                now = value_of(value, self.names or {})
        words = f"= {said(now)}" if now is not None else ""
        if hasattr(editor, "show_now"):
            editor.show_now(words if isinstance(editor, NumberField) else now)
        row.describe(words)
        row.say(sentence)

    def judge(self, name: str, candidates: Collection[Any]) -> tuple[Any, str]:
        """What is kept of these candidates for a field, or None and why none is valid."""
        return accept(self.model, self._values, name, candidates, self.names)

    def value(self, name: str) -> Any:
        """The value of one field."""
        return self._values.get(name)

    def editor(self, name: str) -> QWidget:
        """The editor of one field, for focus and tests."""
        return self.rows[name].editor

    def faults(self) -> dict[str, str]:
        """The sentences that stand under fields now."""
        return {name: row.fault.text() for name, row in self.rows.items() if row.fault.text()}

    def enter(self, name: str, *candidates: Any) -> bool:
        """Enter a value as a person would; whether it was accepted."""
        value, sentence = self.judge(name, candidates)
        if sentence:
            self.rows[name].say(sentence)
            return False
        changed = name in self._mixed or self._values.get(name) != value
        self._values[name] = value
        self._mixed -= {name}
        self._show(name)
        if changed:
            self._show_conditional()
            self.changed.emit(name, value)
        return True

    def commit(self) -> None:
        """Accept what is being typed (before saving, running or leaving)."""
        for row in self.rows.values():
            if hasattr(row.editor, "commit"):
                row.editor.commit()

    def _add_all(self, rows: list[Entry], groups: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Group after group under its heading, then what is in none."""
        by_name = {entry.name: entry for entry in rows}
        for heading, names in groups:
            self._add_heading(heading)
            for name in names:
                self._add(by_name.pop(name))
        for entry in by_name.values():
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        group = entry.extra.get("group")
        if group and (not self._groups or self._groups[-1][0].property("group") != group):
            self._add_heading(str(group))
        if entry.kind == "model":
            self._add_nested(entry)
        else:
            self._add_field(entry)

    def _add_field(self, entry: Entry) -> None:
        editor = editor_of(entry)
        row = Row(entry, editor)
        index = self._grid.rowCount()
        if entry.kind == "path":  # long: under its title, over the whole width
            for offset, widget in enumerate((row.label, editor, row.fault)):
                self._grid.addWidget(widget, index + offset, 0, 1, 2)
        else:
            self._grid.addWidget(row.label, index, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(editor, index, 1)
            self._grid.addWidget(row.fault, index + 1, 1)
            self._grid.addWidget(row.define, index + 2, 1)
        self._grid.setRowMinimumHeight(index, 0)
        editor.setMinimumHeight(row_height(self))
        self._register(entry, row)
        row.define.asked.connect(lambda missing, name=entry.name: self._define(name, missing))
        cast(Any, editor).entered.connect(lambda candidates, name=entry.name: self.enter(name, *candidates))
        if hasattr(editor, "edited"):
            editor.edited.connect(lambda candidates, name=entry.name: self._typing(name, candidates))
        if isinstance(editor, NumberField):
            editor.withdrawn.connect(lambda name=entry.name: self.rows[name].say(""))
            editor.drag.connect(lambda phase, name=entry.name: self._dragged(name, phase))
        for part in (row.label, editor):
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            part.customContextMenuRequested.connect(
                lambda at, name=entry.name, part=part: self.open_menu(name, part.mapToGlobal(at))
            )

    def _add_nested(self, entry: Entry) -> None:
        """A model within the model: its own rows, under its title."""

        inner = Nested(core_of(entry.annotation)[0])
        row = Row(entry, inner)
        row.label.setProperty("dim", False)
        row.label.setProperty("heading", True)
        index = self._grid.rowCount()
        for offset, widget in enumerate((row.label, inner, row.fault)):
            self._grid.addWidget(widget, index + offset, 0, 1, 2)
        self._register(entry, row)
        inner.entered.connect(lambda candidates, name=entry.name: self.enter(name, *candidates))

    def _add_heading(self, text: str) -> None:
        label = QLabel(text)
        label.setProperty("heading", True)
        label.setProperty("group", text)
        label.setContentsMargins(0, 8 if self.rows else 0, 0, 0)
        self._grid.addWidget(label, self._grid.rowCount(), 0, 1, 2)
        self._groups.append((label, []))

    def _register(self, entry: Entry, row: Row) -> None:
        self.rows[entry.name] = row
        if self._groups:
            self._groups[-1][1].append(entry.name)

    def _typing(self, name: str, candidates: list[Any]) -> None:
        """While typing: a sentence that no longer holds goes at once; a new one waits for the commit."""
        if self.rows[name].fault.text() and not self.judge(name, candidates)[1]:
            self.rows[name].say("")

    def open_menu(self, name: str, where: QPoint) -> None:
        """Open the menu of a field at a place on the screen."""
        self._menu = menu = menu_of(self, name)
        menu.destroyed.connect(self._forget_menu)
        menu.popup(where)

    def hideEvent(self, event: QHideEvent) -> None:
        """A menu of a field does not outlive the form's being shown."""
        if self._menu is not None:
            self._menu.close()
        super().hideEvent(event)

    def _define(self, name: str, missing: str) -> None:
        """Define the name that a field misses, and try what stands in the field again."""
        editor = self.rows[name].editor
        text = editor.text() if isinstance(editor, NumberField) else ""
        if self.define is None:
            return
        held = None if name in self._mixed else self._values.get(name)
        self.define(missing, Missed(self.rows[name].entry.title, text, held, self.names or {}))
        if isinstance(editor, NumberField) and text:
            self.enter(name, *read(self.rows[name].entry, text))
            editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget_menu(self) -> None:
        self._menu = None

    def reset(self, name: str) -> None:
        """Return a field to its default."""
        self.enter(name, self.default(name))

    def default(self, name: str) -> Any:
        """The default of a field."""
        return defaults(self.model)[name]

    def is_default(self, name: str) -> bool:
        """Whether a field has its default, for every one of several."""
        return name not in self._mixed and self._values.get(name) == self.default(name)

    def _dragged(self, name: str, phase: str) -> None:
        """Each drag is a gesture of its own; what it left invalid goes when it ends."""
        self.gesture += 1
        if phase != "begin":
            self._show(name)

    def _show_conditional(self) -> None:
        now = without_expressions(self._values, self.names)
        shown = {
            name: _wanted({**row.entry.extra.get("when", {}), **self._conditions.get(name, {})}, now)
            for name, row in self.rows.items()
        }
        for name, row in self.rows.items():
            row.set_visible(shown[name])
        for heading, names in self._groups:
            heading.setVisible(any(shown[name] for name in names))


class Nested(Form):
    """A form inside a form: hands over its whole value at once."""

    entered = Signal(object)

    def __init__(self, model: type[BaseModel], parent: QWidget | None = None) -> None:
        super().__init__(model, parent=parent)
        self.changed.connect(lambda *_: self.entered.emit([self.values()]))

    def show_value(self, value: Any) -> None:
        self.set_values(value or {})


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The model's defaults as plain JSON; fields without one are None."""
    return whole(model, {})


def whole(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` completed with the model's defaults, as plain JSON, also when it is not valid as a whole.

    Expressions stay as they are."""
    formulas = {name: value for name, value in given.items() if name in model.model_fields and expressions_in(value)}
    if formulas:
        return {**whole(model, {k: v for k, v in given.items() if k not in formulas}), **formulas}
    try:
        return model.model_validate(dict(given)).model_dump(mode="json")
    except ValidationError:
        found = {name: field.get_default(call_default_factory=True) for name, field in model.model_fields.items()}
        known = {name: None if field.is_required() else found[name] for name, field in model.model_fields.items()}
        return {**model.model_construct(**known).model_dump(mode="json", warnings=False), **given}


def _wanted(conditions: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether the values are such that a field with these conditions means something."""
    return all(
        values.get(name) in (wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted])
        for name, wanted in conditions.items()
    )
