"""The compact controls of an options bar: a word that lights up, a menu, a number, a slider."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.forms.entries import Entry
from widgets.forms.fields import NumberField
from widgets.views.painting import CENTRE, draw_text, text_width

HEIGHT = 26


class Toggle(QAbstractButton):
    """On or off as one word: quiet while off, lit while on."""

    changed = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setText(entry.title.lower())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self.changed.emit)

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """Turn it on or off."""
        self.setChecked(bool(value))

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(text_width(self.text())) + 18, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        on = self.isChecked()
        painter.setPen(theme.qcolor(t.accent if on or self.hasFocus() else t.line))
        painter.setBrush(theme.qcolor(t.accent, 0.16) if on else QColor(0, 0, 0, 0))
        painter.drawRoundedRect(box, 6, 6)
        draw_text(painter, box, self.text(), t.text if on else t.dim, align=CENTRE)
        painter.end()


class Menu(QComboBox):
    """One of a few; its rows may be given later."""

    changed = Signal(object)
    WIDEST = 150.0

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_choices(entry.choices)
        self.activated.connect(self._chosen)

    def set_choices(self, rows: Sequence[tuple[Any, str]]) -> None:
        """Offer these (value, words); the chosen value stays chosen where it is still there."""
        if [(self.itemData(i), self.itemText(i)) for i in range(self.count())] == list(rows):
            return
        self.clear()
        for value, words in rows:
            self.addItem(words, value)
        self.show_value(self._wanted)
        self.updateGeometry()

    def choices(self) -> list[Any]:
        """The values on offer."""
        return [self.itemData(i) for i in range(self.count())]

    def value(self) -> Any:
        """The chosen value; None while there is nothing to choose."""
        return self.currentData() if self.currentIndex() >= 0 else None

    def show_value(self, value: Any) -> None:
        """Choose `value`; where it is not on offer (yet), the first row stands in."""
        self._wanted = value
        found = next((i for i in range(self.count()) if self.itemData(i) == value), 0 if self.count() else -1)
        self.setCurrentIndex(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def sizeHint(self) -> QSize:
        widest = max((text_width(self.itemText(i)) for i in range(self.count())), default=0.0)
        return QSize(math.ceil(min(widest, self.WIDEST)) + 36, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        painter.setPen(theme.qcolor(t.accent if self.hasFocus() else t.line))
        painter.setBrush(theme.qcolor(t.background))
        painter.drawRoundedRect(box, 6, 6)
        draw_text(painter, box.adjusted(9, 0, -22, 0), self.currentText(), t.text)
        painter.setPen(QPen(theme.qcolor(t.dim), 1.3))
        x, y = box.right() - 13, box.center().y()
        painter.drawPolyline(QPolygonF([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]))
        painter.end()

    def _chosen(self, index: int) -> None:
        self._wanted = self.itemData(index)
        self.changed.emit(self._wanted)


class Stepper(QWidget):
    """A whole number: typed, or stepped with the arrows (`widgets.forms.fields.NumberField` in a bar)."""

    changed = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = -999_999 if entry.low is None else int(entry.low)
        self._high = 999_999 if entry.high is None else int(entry.high)
        self._value = self._low
        self.field = NumberField(replace(entry, unit=""))
        self.field.setAccessibleName(entry.title)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field)
        self.setFocusProxy(self.field)
        self._fit()
        self.field.entered.connect(self._entered)

    def value(self) -> int:
        """The number now."""
        return self._value

    def show_value(self, value: Any) -> None:
        """Show this number, held inside the bounds."""
        self._value = min(max(int(value or 0), self._low), self._high)
        self.field.show_value(self._value)

    def set_range(self, low: int, high: int) -> None:
        """Other bounds."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.field.entry = replace(self.field.entry, low=low, high=high)
            self._fit()
            self.show_value(self._value)

    def _fit(self) -> None:
        self.field.setFixedWidth(math.ceil(text_width(str(min(self._high, 99_999)))) + 40)

    def _entered(self, candidates: list[Any]) -> None:
        before = self._value
        found = next((c for c in candidates if isinstance(c, int | float) and math.isfinite(c)), before)
        self.show_value(found)
        if self._value != before:
            self.changed.emit(self._value)


class Slider(QWidget):
    """A number between two bounds: a thin track and the value in a column that does not jump."""

    changed = Signal(object)
    TRACK = 84

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._low, self._high = float(entry.low or 0.0), float(1.0 if entry.high is None else entry.high)
        self._log = entry.extra.get("scale") == "log" and self._low > 0
        self._value = self._low
        self._step = float(entry.step or (self._high - self._low) / 100)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def value(self) -> float:
        """The number now."""
        return self._value

    def show_value(self, value: Any) -> None:
        """Show this number, held inside the bounds; says so when it is another one."""
        new = min(max(float(value), self._low), self._high)
        new = round(new) if self.entry.whole else float(f"{new:.6g}")
        if new != self._value:
            self._value = new
            self.changed.emit(new)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.TRACK + 10 + math.ceil(self._number_width()), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._nudge(1 if event.angleDelta().y() > 0 else -1) if self.hasFocus() else event.ignore()

    def keyPressEvent(self, event: Any) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        if event.key() in steps:
            self._nudge(steps[event.key()])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, x = self.height() / 2, 5 + (self.TRACK - 10) * self._share()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(t.line))
        painter.drawRoundedRect(QRectF(5, middle - 1.5, self.TRACK - 10, 3), 1.5, 1.5)
        painter.setBrush(theme.qcolor(t.accent))
        painter.drawRoundedRect(QRectF(5, middle - 1.5, x - 5, 3), 1.5, 1.5)
        painter.drawEllipse(QRectF(x - 5, middle - 5, 10, 10))
        if self.hasFocus():
            painter.setBrush(theme.qcolor(t.panel))
            painter.drawEllipse(QRectF(x - 2, middle - 2, 4, 4))
        box = QRectF(self.TRACK + 6, 0, self._number_width() + 4, self.height())
        draw_text(painter, box, self._text(self._value), t.text)
        painter.end()

    def _share(self) -> float:
        if self._log:
            return math.log(self._value / self._low) / math.log(self._high / self._low)
        return (self._value - self._low) / ((self._high - self._low) or 1.0)

    def _drag(self, event: QMouseEvent) -> None:
        share = min(max((event.position().x() - 5) / (self.TRACK - 10), 0.0), 1.0)
        if self._log:
            self.show_value(self._low * (self._high / self._low) ** share)
        else:
            raw = self._low + share * (self._high - self._low)
            self.show_value(round(raw / self._step) * self._step)

    def _nudge(self, count: int) -> None:
        if self._log:
            new = self._value * 1.1**count
            self.show_value(self._value + count if self.entry.whole and abs(new - self._value) < 1 else new)
        else:
            self.show_value((round(self._value / self._step) + count) * self._step)

    def _text(self, value: float) -> str:
        number = str(value) if self.entry.whole else f"{value:.{self._digits()}f}"
        return f"{number} {self.entry.unit}".rstrip()

    def _digits(self) -> int:
        return 4 if self._log else max(0, min(4, math.ceil(-math.log10(self._step) - 1e-9)))

    def _number_width(self) -> float:
        return max(text_width(self._text(self._high)), text_width(self._text(self._low)))


Control = Toggle | Menu | Stepper | Slider


def control(entry: Entry, dynamic: bool) -> Control | None:
    """The compact control that suits a field; None where there is none (it then keeps its default)."""
    if dynamic or entry.kind == "choice":
        return Menu(entry)
    if entry.kind == "switch":
        return Toggle(entry)
    bounded = entry.low is not None and entry.high is not None
    if entry.kind == "number" and bounded and (not entry.whole or entry.extra.get("slider")):
        return Slider(entry)
    if entry.kind == "number" and entry.whole:
        return Stepper(entry)
    return None
