"""What an operation is given, in the inspector: a row for each value, and all of it as text behind a button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from graphs.layers.base import Layer
from graphs.layers.operands import Row, changed, rows_of
from graphs.layers.operation import Operation
from widgets import theme
from widgets.forms.fields import row_height
from widgets.forms.form import Form
from widgets.look.style import Elided, clear, label

TEXTS = ("args", "kwargs", "before", "results", "attributes", "slots")
"""The fields that are plain text to a program."""


class Given(QWidget):
    """The rows of one operation. `form` holds the same as text, and hands on what is edited here too."""

    edited = Signal(str, object)

    def __init__(self, kind: type[Layer], values: Mapping[str, Any]) -> None:
        super().__init__()
        hidden = [name for name in kind.model_fields if name not in TEXTS]
        self.form = Form(kind, values, hidden=hidden)
        self.form.setVisible(False)
        self.form.changed.connect(self.edited)
        self.more = QToolButton()
        self.more.setText("As text")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.toggled.connect(self._open)
        self.fault = label(wrap=True)
        self.fault.hide()
        self._layer: Operation | None = None
        self._rows: tuple[Row, ...] = ()
        self.editors: dict[str, QLineEdit] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        if "each" in kind.model_fields:
            column.addWidget(label(str(kind.model_fields["each"].description), tone="dim", wrap=True))
        column.addLayout(self._grid)
        for part in (self.fault, self.more, self.form):
            column.addWidget(part)

    def show_layer(self, layer: Operation | None, values: Mapping[str, Any]) -> None:
        """Show what this layer is given; None where its fields are not valid."""
        self.form.set_values(values)
        self._layer = layer
        rows = rows_of(layer) if layer is not None else ()
        if rows != self._rows:
            self._rows = rows
            self._say("")
            self._fill()

    def _fill(self) -> None:
        clear(self._grid)
        self.editors = {}
        for place, row in enumerate(self._rows):
            self._grid.addWidget(label(row.name, tone="dim"), place, 0)
            self._grid.addWidget(self._editor(row) if row.path else Elided(row.words), place, 1)

    def _editor(self, row: Row) -> QLineEdit:
        made = QLineEdit(row.words)
        made.setAccessibleName(row.name)
        made.setToolTip(row.words)
        made.setMinimumHeight(row_height(self))
        made.editingFinished.connect(lambda: self._enter(row, made))
        self.editors[row.name] = made
        return made

    def _enter(self, row: Row, editor: QLineEdit) -> None:
        if self._layer is None or editor.text() == row.words:
            self._say("")
            return
        try:
            name, value = changed(self._layer, row, editor.text())
        except ValueError as error:
            self._say(f"“{row.name}” {str(error)[:1].lower()}{str(error)[1:]}")
            return
        _, sentence = self.form.judge(name, [value])
        self._say(sentence)
        if not sentence:
            self.edited.emit(name, value)

    def _say(self, sentence: str) -> None:
        self.fault.setText(sentence)
        self.fault.setStyleSheet(f"color: {theme.current().bad}")
        self.fault.setVisible(bool(sentence))

    def _open(self, shown: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.form.setVisible(shown)
