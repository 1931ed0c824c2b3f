"""The editors a form is made of. Each shows a value and says what a person entered; none validates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QStyleOptionComboBox, QWidget

from graphs.meaning.expressions import is_expression
from widgets import theme
from widgets.forms.entries import Entry
from widgets.forms.numbers import NumberField, SeriesField
from widgets.forms.text import MIXED, PathField, TextField, row_height

__all__ = [
    "Choice",
    "Combo",
    "NumberField",
    "PathField",
    "SeriesField",
    "Switch",
    "TextField",
    "editor_of",
    "row_height",
]


class Switch(QAbstractButton):
    """On or off."""

    entered = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._name = ""
        self._mixed = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda on: self.entered.emit([bool(on)]))

    def show_value(self, value: Any) -> None:
        """Show on or off; an expression by its name, until `show_now` says which it is."""
        self._name = value[1:] if is_expression(value) else ""
        self._mixed = False
        self.setChecked(bool(value) and not self._name)
        self.update()

    def show_now(self, value: Any) -> None:
        """What the expression that is shown has as its value now."""
        if self._name:
            self.setChecked(value is True)

    def show_mixed(self) -> None:
        """Some are on and some are off."""
        self._name, self._mixed = "", True
        self.setChecked(False)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 + self.fontMetrics().horizontalAdvance("off"), row_height(self))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(1.5, self.height() / 2 - 8, 29, 16)
        fill = theme.qcolor(now.accent if self.isChecked() else now.line, 1.0 if self.isEnabled() else 0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(track, 8, 8)
        painter.setBrush(theme.qcolor("#ffffff" if self.isChecked() else now.dim))
        knob = track.center().x() if self._mixed else track.right() - 8 if self.isChecked() else track.left() + 8
        painter.drawEllipse(QPointF(knob, track.center().y()), 5.5, 5.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.qcolor(now.accent), 1.5))
            painter.drawRoundedRect(track.adjusted(-1, -2, 1, 2), 10, 10)
        painter.setPen(theme.qcolor(now.dim if self._mixed else now.text if self.isEnabled() else now.faint))
        area = self.rect().adjusted(40, 0, 0, 0)
        shown = self.fontMetrics().elidedText(self._words(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()

    def _words(self) -> str:
        word = MIXED if self._mixed else "on" if self.isChecked() else "off"
        return f"{self._name} = {word}" if self._name else word


CHEVRON = 38
"""Pixels of a combo box that are not for its text."""


class Combo(QComboBox):
    """A combo box with the chevron that the style sheet has no picture for; the wheel only turns it with focus. What
    is too long for it ends in an ellipsis."""

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        room = self.width() - CHEVRON
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.qcolor(theme.current().dim if self.isEnabled() else theme.current().line), 1.4))
        x, y = self.width() - 14, self.height() / 2 - 1.5
        painter.drawPolyline(QPolygonF([QPointF(x - 3.5, y), QPointF(x, y + 3.5), QPointF(x + 3.5, y)]))
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Choice(Combo):
    """One of a few."""

    entered = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        for value, label in entry.choices:
            self.addItem(label, value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.activated.connect(lambda index: self.entered.emit([self.itemData(index)]))

    def show_value(self, value: Any) -> None:
        """Show this choice; an expression is one more, as long as it is the value."""
        self.setPlaceholderText("")
        if self.count() > len(self.entry.choices):
            self.removeItem(len(self.entry.choices))
        if is_expression(value):
            self.addItem(value[1:], value)
        index = next((i for i in range(self.count()) if self.itemData(i) == value), -1)
        self.setCurrentIndex(index)

    def show_now(self, value: Any) -> None:
        """What the expression that is shown has as its value now."""
        if self.count() > len(self.entry.choices):
            self.setItemText(self.count() - 1, f"{str(self.itemData(self.count() - 1))[1:]} = {value}")

    def show_mixed(self) -> None:
        """Several values at once: none is shown."""
        self.setPlaceholderText(MIXED)
        self.setCurrentIndex(-1)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), row_height(self))


def editor_of(entry: Entry) -> QWidget:
    """The editor that suits a field: a series of words is text."""
    return TextField(entry) if entry.kind == "numbers" and not entry.numeric else EDITORS[entry.kind](entry)


EDITORS: dict[str, Callable[[Entry], QWidget]] = {
    "switch": Switch,
    "choice": Choice,
    "number": NumberField,
    "numbers": SeriesField,
    "text": TextField,
    "json": TextField,
    "path": PathField,
}
