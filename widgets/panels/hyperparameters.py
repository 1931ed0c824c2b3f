"""The hyperparameters of the project as a small table: name, number or expression, its value now, who uses it.

Each row is edited in place: a name renames it wherever it is spoken of, a value takes numbers, arithmetic and
expressions over the other names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from graphs.edits import Edit, EditError
from graphs.meaning import hyperparameters as edits
from graphs.meaning.expressions import hyperparameters, is_expression
from graphs.network import Network
from studio.project import Project
from widgets import theme
from widgets.forms.accepting import accept
from widgets.forms.entries import entries, said
from widgets.forms.fields import NumberField, row_height
from widgets.forms.keys import belongs_to_window
from widgets.look.style import flat_button, label


class Value(BaseModel):
    """What a hyperparameter is: any finite number."""

    model_config = ConfigDict(allow_inf_nan=False)
    value: int | float = Field(1, title="Value", description="A number, arithmetic, or an expression over other names.")


ENTRY = entries(Value)[0]


class NameField(QLineEdit):
    """The name of a hyperparameter. `renamed(name)`: a person entered another; Escape takes it back."""

    renamed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.shown = ""
        self.editingFinished.connect(self._finish)

    def show_name(self, name: str) -> None:
        """Show this name unless another is being typed."""
        if not (self.hasFocus() and self.isModified() and self.shown == name):
            self.shown = name
            self.setText(name)
            self.setCursorPosition(0)

    def event(self, event: QEvent) -> bool:
        """The window's shortcuts pass."""
        if belongs_to_window(event, typing=self.isModified()):
            event.ignore()
            return True
        return super().event(event)

    def commit(self) -> None:
        """Hand over what was typed, if anything was."""
        if self.isModified():
            self._finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self.shown)
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        name = self.text().strip()
        self.setModified(False)
        if name != self.shown:
            self.renamed.emit(name)


class Row:
    """The widgets of one hyperparameter."""

    def __init__(self, name: str) -> None:
        self.key = name
        self.name, self.value = NameField(), NumberField(ENTRY)
        self.uses, self.remove = QPushButton(), flat_button("×", f"Remove {name}")
        self.uses.setProperty("link", True)
        self.uses.setCursor(Qt.CursorShape.PointingHandCursor)
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.name.setAccessibleName(f"Name of {name}")
        self.value.setAccessibleName(f"Value of {name}")
        self.value.setToolTip(ENTRY.help)
        self.parts: tuple[QWidget, ...] = (self.name, self.value, self.uses, self.remove)

    def say(self, sentence: str, part: QWidget | None = None) -> None:
        """Show a sentence under the row, about one of its fields; an empty one clears it."""
        self.fault.setText(sentence)
        self.fault.setStyleSheet(f"color: {theme.current().bad}")
        self.fault.setVisible(bool(sentence))
        for field in (self.name, self.value):
            field.setProperty("invalid", bool(sentence) and field is (part or self.value))
            field.style().unpolish(field)
            field.style().polish(field)

    def close(self) -> None:
        """Take the row away."""
        for widget in (*self.parts, self.fault):
            widget.hide()
            widget.deleteLater()


class Hyperparameters(QWidget):
    """The table. `select(ids)`: a person wants to see who uses a name; `failed(sentence)`: a change was refused."""

    select = Signal(list)
    failed = Signal(str)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.rows: dict[str, Row] = {}
        self._gesture = 0
        self.add_button = QPushButton("Add a hyperparameter")
        self.add_button.clicked.connect(lambda: self.add())
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._heads = [label(text, tone="dim", size="small") for text in ("Name", "Value", "Uses")]
        for index, head in enumerate(self._heads):
            self._grid.addWidget(head, 0, index)
        for index, share in enumerate((4, 5, 0, 0)):
            self._grid.setColumnStretch(index, share)
        self._help = label(HELP, tone="dim", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._help)
        column.addLayout(self._grid)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.show_project()
        theme.notifier().changed.connect(self.show_project)

    def show_project(self) -> None:
        """Show the hyperparameters of the project as they stand."""
        network = self._project.network
        section, found = edits.section(network), hyperparameters(network.settings.get(edits.SECTION))
        if list(self.rows) != list(section):
            self._make_rows(list(section))
        users = edits.users(network)
        for name, row in self.rows.items():
            self._show(row, section[name], found.values, found.faults.get(name, ""), len(users[name]))

    def showEvent(self, event: QShowEvent) -> None:
        self.show_project()
        super().showEvent(event)

    def add(self, stem: str = "width") -> None:
        """Add a hyperparameter under a fresh name and put the cursor into it."""
        network = self._project.network
        name = edits.fresh_name(network, stem)
        if self._apply(edits.add(network, name, 32)):
            field = self.rows[name].name
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.selectAll()

    def rename(self, before: str, after: str) -> None:
        """Rename a hyperparameter and every expression that speaks of it, as one step."""
        row = self.rows[before]
        self._try(row, row.name, lambda network: edits.rename(network, before, after))

    def remove(self, name: str) -> None:
        """Remove a hyperparameter; refused while it is used, saying by whom."""
        row = self.rows[name]
        self._try(row, row.value, lambda network: edits.remove(network, name))

    def enter(self, name: str, candidates: list[Any]) -> bool:
        """Enter a value as a person would; whether it was accepted."""
        network, row = self._project.network, self.rows[name]
        section = edits.section(network)
        value, sentence = accept(Value, {}, "value", candidates, self._others(network, name))
        if not sentence:
            sentence = hyperparameters({**section, name: value}).faults.get(name, "")
        row.say(sentence)
        if not sentence and value == section[name]:
            self.show_project()
        elif not sentence:
            self._apply(edits.change(network, name, value), f"hyperparameter {name} {self._gesture}")
        return not sentence

    def commit(self) -> None:
        """Accept what is being typed."""
        for row in self.rows.values():
            row.value.commit()

    def _others(self, network: Network, name: str) -> dict[str, Any]:
        """What an expression of this hyperparameter may use."""
        values = hyperparameters(network.settings.get(edits.SECTION)).values
        return {other: value for other, value in values.items() if other != name}

    def _show(self, row: Row, value: Any, values: Mapping[str, Any], fault: str, users: int) -> None:
        row.name.show_name(row.key)
        if row.value.typing and row.value.hasFocus():
            return
        row.value.show_names({name: now for name, now in values.items() if name != row.key})
        row.value.show_value(value)
        now = values.get(row.key)
        row.value.show_now(f"= {said(now)}" if is_expression(value) and now is not None else "")
        row.uses.setText(f"{users:,}")
        row.name.setToolTip(row.key)
        row.uses.setEnabled(bool(users))
        row.uses.setStyleSheet("" if users else f"color: {theme.current().dim}")
        times = "once" if users == 1 else f"{users:,} times"
        words = f"{row.key} is used {times}; select the layers that follow it" if users else f"Nothing uses {row.key}"
        row.uses.setToolTip(words)
        row.uses.setAccessibleName(words)
        row.say(fault)

    def _make_rows(self, names: list[str]) -> None:
        """Rows for these names; one whose name stays keeps its widgets, and with them the cursor."""
        for name in [name for name in self.rows if name not in names]:
            self.rows.pop(name).close()
        self.rows = {name: self.rows.get(name) or self._made(name) for name in names}
        for index, row in enumerate(self.rows.values()):
            for column, part in enumerate(row.parts):
                self._grid.addWidget(part, 2 * index + 1, column)
            self._grid.addWidget(row.fault, 2 * index + 2, 0, 1, 4)
            row.fault.setVisible(bool(row.fault.text()))
        for head in self._heads:
            head.setVisible(bool(names))
        after: QWidget = self.add_button
        for row in reversed(self.rows.values()):
            for part in reversed(row.parts):
                QWidget.setTabOrder(part, after)
                after = part

    def _made(self, name: str) -> Row:
        row = Row(name)
        for field in (row.name, row.value):
            field.setMinimumHeight(row_height(self))
        row.name.renamed.connect(lambda after: self.rename(name, after))
        row.value.entered.connect(lambda candidates: self.enter(name, candidates))
        row.value.drag.connect(lambda _phase: self._next_gesture())
        row.uses.clicked.connect(lambda: self.select.emit(edits.nodes_that_use(self._project.network, name)))
        row.remove.clicked.connect(lambda: self.remove(name))
        return row

    def _next_gesture(self) -> None:
        self._gesture += 1

    def _try(self, row: Row, part: QWidget, make: Callable[[Network], Edit]) -> None:
        """Apply the edit; where it is refused, say why under the row and keep what was typed."""
        try:
            edit = make(self._project.network)
        except EditError as error:
            row.say(str(error), part)
            return
        row.say("")
        self._apply(edit)

    def _apply(self, edit: Edit, merge: str | None = None) -> bool:
        try:
            self._project.document.apply(edit, merge=merge)
        except EditError as error:
            self.failed.emit(str(error))
            return False
        self.show_project()
        return True


HELP = "Numbers with a name. Any field takes them in expressions, such as width*2, and follows when they change."
