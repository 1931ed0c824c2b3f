"""The editors a form is made of. Each shows a value and says what a person entered; none validates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from widgets import theme
from widgets.forms.entries import Entry, read, write
from widgets.forms.keys import belongs_to_window

PADDING = 22
"""What frame and padding of a text field take of its width, in pixels."""


def row_height(widget: QWidget) -> int:
    """The height of a compact row: 28 px at the usual font, more where the system's font is larger."""
    return max(28, widget.fontMetrics().height() + 12)


class TextField(QLineEdit):
    """One line of text for any value. Enter, Tab and a click elsewhere commit; Escape takes it back."""

    entered = Signal(object)  # list of candidate values
    edited = Signal(object)  # the same while typing

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._shown: Any = None
        self._dirty = False
        self.suggested: list[str] = []
        self.setPlaceholderText(str(entry.extra.get("none", "none") if entry.optional else ""))
        self.textEdited.connect(self._typed)

    def sizeHint(self) -> QSize:
        return QSize(96, row_height(self))

    def minimumSizeHint(self) -> QSize:
        return QSize(56, row_height(self))

    def show_value(self, value: Any) -> None:
        """Show a valid value; whatever was being typed is dropped."""
        self._shown, self._dirty = value, False
        text = write(self.entry, value)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def suggest(self, words: Sequence[str]) -> None:
        """Offer these words in a list under the field; any other can still be typed."""
        if list(words) == self.suggested:
            return
        self.suggested = list(words)
        completer = QCompleter(self.suggested, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(lambda word: self.entered.emit([word]))
        self.setCompleter(completer if words else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self.completer() is not None and not self.hasSelectedText():
            self.completer().complete()

    def commit(self) -> None:
        """Hand over what was typed, if anything was."""
        if self._dirty:
            self._dirty = False
            self.entered.emit(read(self.entry, self.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self._dirty:
            self.setText("")
            self.show_value(self._shown)
            self.entered.emit([self._shown])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The window's shortcuts pass; undo belongs to the document while nothing is being typed here."""
        if belongs_to_window(event, typing=self._dirty):
            event.ignore()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.commit()
        super().focusOutEvent(event)

    def _typed(self, text: str) -> None:
        self._dirty = True
        self.edited.emit(read(self.entry, text))


class NumberField(TextField):
    """A number with its unit and two small steppers.

    Arrow keys step, Shift steps by ten, the wheel steps only where the field has the focus."""

    STEPPER = 18

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(entry, parent)
        self._hover = False
        self.textChanged.connect(lambda _text: self._make_room())
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        """The value always has room; its unit only where there is more."""
        wanted = self.fontMetrics().horizontalAdvance("0.00001") + self.STEPPER + PADDING
        return QSize(max(56, wanted), row_height(self))

    def shows_unit(self) -> bool:
        """Whether the unit fits beside the whole value."""
        metrics = self.fontMetrics()
        taken = metrics.horizontalAdvance(self.text()) + self.STEPPER + PADDING + 6
        return bool(self.entry.unit) and metrics.horizontalAdvance(self.entry.unit) + taken <= self.width()

    def _make_room(self) -> None:
        unit = self.fontMetrics().horizontalAdvance(self.entry.unit) + 6 if self.shows_unit() else 0
        self.setTextMargins(0, 0, unit + self.STEPPER - 4, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_room()
        super().resizeEvent(event)

    def step(self, count: int) -> None:
        """Step the number up or down, inside its bounds, and commit."""
        self.commit()
        now = self._shown if isinstance(self._shown, (int, float)) else self.entry.low or 0
        new = stepped(self.entry, now, count)
        if new != self._shown:
            self.entered.emit([new])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        count = steps.get(Qt.Key(event.key()))
        if count is None:
            super().keyPressEvent(event)
        else:
            large = abs(count) == 1 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.step(count * (10 if large else 1))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.position().x() >= self.width() - self.STEPPER and self.isEnabled():
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.step(1 if event.position().y() < self.height() / 2 else -1)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = event.position().x() >= self.width() - self.STEPPER
        self.setCursor(Qt.CursorShape.ArrowCursor if over else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, now = QPainter(self), theme.current()
        if self.text() and self.shows_unit():
            painter.setPen(theme.qcolor(now.faint))
            painter.drawText(self.rect().adjusted(0, 0, -self.STEPPER - 2, 0), _RIGHT, self.entry.unit)
        if (self._hover or self.hasFocus()) and self.isEnabled():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.qcolor(now.dim), 1.3))
            x, y = self.width() - self.STEPPER / 2 - 1, self.height() / 2
            for side in (-1, 1):
                top = y + side * 4
                tip = QPointF(x, top + side * 3)
                painter.drawPolyline(QPolygonF([QPointF(x - 3, top), tip, QPointF(x + 3, top)]))
        painter.end()


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def stepped(entry: Entry, value: float, count: int) -> float | int:
    """`value` moved by `count` steps: whole numbers by one, bounded by a round grain, others along 1-2-5."""
    if entry.whole:
        new: float | int = int(value) + count * int(entry.step or 1)
    elif entry.step:
        new = round((value + count * entry.step) / entry.step) * entry.step
    elif entry.low is not None and entry.high is not None:
        grain = 10.0 ** math.floor(math.log10(max(entry.high - entry.low, 1e-12) / 10))
        new = round((value + count * grain) / grain) * grain
    else:
        new = _along_125(value, count)
    new = max(new, entry.low) if entry.low is not None else new
    new = min(new, entry.high) if entry.high is not None else new
    return int(new) if entry.whole else float(f"{new:.12g}")


def _along_125(value: float, count: int) -> float:
    if value <= 0:
        return 10.0**-4 if count > 0 and value == 0 else value + count
    exponent = math.floor(math.log10(value) + 1e-9)
    lead = value / 10.0**exponent
    ladder = [1.0, 2.0, 5.0]
    nearest = min(range(3), key=lambda i: abs(math.log(lead / ladder[i])))
    position = 3 * exponent + nearest + count
    return ladder[position % 3] * 10.0 ** (position // 3)


class Switch(QAbstractButton):
    """On or off."""

    entered = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda on: self.entered.emit([bool(on)]))

    def show_value(self, value: Any) -> None:
        self.setChecked(bool(value))

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
        knob = track.right() - 8 if self.isChecked() else track.left() + 8
        painter.drawEllipse(QPointF(knob, track.center().y()), 5.5, 5.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.qcolor(now.accent), 1.5))
            painter.drawRoundedRect(track.adjusted(-1, -2, 1, 2), 10, 10)
        painter.setPen(theme.qcolor(now.text if self.isEnabled() else now.faint))
        word = "on" if self.isChecked() else "off"
        painter.drawText(self.rect().adjusted(40, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, word)
        painter.end()


class Combo(QComboBox):
    """A combo box with the chevron that the style sheet has no picture for; the wheel only turns it with focus."""

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
        index = next((i for i in range(self.count()) if self.itemData(i) == value), -1)
        self.setCurrentIndex(index)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), row_height(self))


class PathLine(TextField):
    """Shows the beginning and the end of a path that is too long, until it is edited."""

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics, room = self.fontMetrics(), self.width() - PADDING
        if self.hasFocus() or metrics.horizontalAdvance(self.text()) <= room:
            super().paintEvent(event)
            return
        painter, option = QPainter(self), QStyleOptionFrame()
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect().adjusted(PADDING // 2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class PathField(QWidget):
    """A path, typed or chosen. The field's extra "path" says "folder" or "file", "suffixes" which."""

    entered = Signal(object)
    edited = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.line = PathLine(entry)
        self.button = QPushButton("Browse…")
        self.button.setAccessibleName(f"Browse for {entry.title.lower()}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.line.entered.connect(self.entered)
        self.line.edited.connect(self.edited)
        self.button.clicked.connect(self.browse)

    def show_value(self, value: Any) -> None:
        self.line.show_value(value)
        self.line.setToolTip(str(value or ""))

    def commit(self) -> None:
        self.line.commit()

    def browse(self) -> None:
        """Ask for the file or folder; a dialog that is closed changes nothing."""
        start = str(Path(self.line.text()).expanduser().parent) if self.line.text() else ""
        if self.entry.extra.get("path") == "folder":
            found = QFileDialog.getExistingDirectory(self, self.entry.title, start)
        else:
            suffixes = " ".join(f"*.{suffix}" for suffix in self.entry.extra.get("suffixes", ()))
            shown = f"{self.entry.title} ({suffixes})" if suffixes else str(self.entry.extra.get("filter", ""))
            found, _ = QFileDialog.getOpenFileName(self, self.entry.title, start, shown)
        if found:
            self.entered.emit([found])


EDITORS: dict[str, Callable[[Entry], QWidget]] = {
    "switch": Switch,
    "choice": Choice,
    "number": NumberField,
    "numbers": TextField,
    "text": TextField,
    "json": TextField,
    "path": PathField,
}
