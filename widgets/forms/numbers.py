"""Fields for numbers, alone or in a series: typed, stepped with keys, dragged sideways.

A press that does not move puts the cursor into the field; one that moves sideways changes the number: with Shift
finely, with Ctrl coarsely, Escape takes it back. While the field is being typed in, the mouse selects text instead.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QStyle, QStyleOptionFrame, QWidget

from widgets import theme
from widgets.forms.completing import NameList
from widgets.forms.entries import Entry
from widgets.forms.formulas import Names
from widgets.forms.steps import dragged, limits, stepped
from widgets.forms.text import PADDING, TextField, row_height

SLACK = 4
"""How far, in pixels, a press may wander before it drags."""
PACE = 5.0
"""Pixels of a drag for one step."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NumberField(TextField):
    """A number with its unit and two small steppers.

    Arrow keys step, Shift steps by ten, the wheel steps only where the field has the focus. Beside the number stands
    what an expression is now, the limits while the field is edited, or the unit, where there is room.

    `drag(phase)`: "begin", "end" or "cancel" of a drag; between them each new value is entered."""

    STEPPER = 18
    drag = Signal(str)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(entry, parent)
        self._hover = False
        self._now = ""
        self._press: float | None = None
        self._start: Any = None
        self._steps = 0.0
        self._element: int | None = None
        self.dragging = False
        self.names = NameList(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a press may become a drag; a click takes the focus itself
        self.setMouseTracking(True)
        self.textChanged.connect(lambda _text: self._make_room())
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        """The value always has room; its unit only where there is more."""
        wanted = self.fontMetrics().horizontalAdvance("0.00001") + self.STEPPER + PADDING
        return QSize(max(56, wanted), row_height(self))

    def show_names(self, names: Names | None) -> None:
        """The names that may be typed, offered while typing; None where there are none."""
        self.names.show_names(names)

    def show_now(self, text: str) -> None:
        """What the expression that is shown has as its value now, as words; empty for a plain number."""
        if text != self._now:
            self._now = text
            self._make_room()
            self.update()

    # Beside the number

    def shows_unit(self) -> bool:
        """Whether the unit fits beside the whole value."""
        return bool(self.entry.unit) and self._fits(self.entry.unit)

    def beside(self) -> str:
        """What stands dim beside the value: its value now, its limits while edited, its unit; what fits."""
        if self._now:
            room = (
                0 if self.hasFocus() else self.width() - PADDING - 40
            )  # while it is not edited, the value comes first
            fits = self._fits(self._now) or self.fontMetrics().horizontalAdvance(self._now) <= room
            return self._now if fits else ""
        edited = self.hasFocus() or self.dragging
        words = [" or ".join((limits(self.entry), *self.entry.words)), limits(self.entry)] if edited else []
        return next((text for text in (*words, self.entry.unit) if text and self._fits(text)), "")

    def _fits(self, text: str) -> bool:
        metrics = self.fontMetrics()
        taken = metrics.horizontalAdvance(self.text()) + self._stepper + PADDING + 6
        return metrics.horizontalAdvance(text) + taken <= self.width()

    def _make_room(self) -> None:
        beside = self.beside()
        taken = self.fontMetrics().horizontalAdvance(beside) + 6 if beside else 0
        self.setTextMargins(0, 0, taken + max(0, self._stepper - 4), 0)

    @property
    def _stepper(self) -> int:
        """The width of the steppers; an expression has none."""
        return 0 if self._now else self.STEPPER

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_room()
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._make_room()
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._make_room()

    # Stepping

    def step(self, count: int, element: int | None = None) -> None:
        """Step the number up or down, inside its bounds, and commit; of a series one element, or all (None)."""
        self.commit()
        new = self._moved(self._shown, element, lambda value: stepped(self.entry, value, count))
        if new is not None and new != self._shown:
            self.entered.emit([new])

    def _moved(self, value: Any, element: int | None, move: Any) -> Any:
        """The value with its number, or the element of its series, moved; None where it has none that moves."""
        if _is_number(value):
            return move(value)
        if isinstance(value, (list, tuple)) and value and all(map(_is_number, value)):
            chosen = range(len(value)) if element is None else [min(element, len(value) - 1)]
            return [move(item) if index in chosen else item for index, item in enumerate(value)]
        return move(self.entry.low or 0) if value is None else None

    def element_at(self, position: int) -> int | None:
        """Which element of a series the character at `position` belongs to; None for a single number."""
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.dragging:
            if event.key() == Qt.Key.Key_Escape:
                self.end_drag(cancel=True)
            return
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        count = steps.get(Qt.Key(event.key()))
        if count is None:
            super().keyPressEvent(event)
            return
        large = abs(count) == 1 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        element = self.element_at(self.cursorPosition())
        self.step(count * (10 if large else 1), element)
        self._cursor_to(element)

    def _cursor_to(self, element: int | None) -> None:
        """Put the cursor back where it was before the text became another one."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1, self.element_at(self.cursorPosition()))
        else:
            event.ignore()

    # Dragging

    def can_drag(self) -> bool:
        """Whether there is a number to drag: no expression, no word, nothing half typed."""
        value = self._shown
        numbers = value if isinstance(value, (list, tuple)) and value else [value]
        return self.isEnabled() and not self._dirty and all(map(_is_number, numbers))

    def press(self, x: float, element: int | None = None) -> None:
        """The mouse went down at `x`, in pixels of the screen, on this field or its label."""
        self._press, self._element = x, element

    def drag_to(self, x: float, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse moved while it is down: beyond the slack, the number follows."""
        if self._press is None:
            return
        if not self.dragging:
            if abs(x - self._press) < SLACK or not self.can_drag():
                return
            self._begin_drag()
        self._steps += (x - self._press) / PACE * _pace(modifiers)
        self._press = x
        fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        new = self._moved(self._start, self._element, lambda value: dragged(self.entry, value, self._steps, fine=fine))
        if new != self._shown:
            self.entered.emit([new])

    def release(self) -> None:
        """The mouse went up: a drag ends, a click puts the cursor into the field."""
        if self.dragging:
            self.end_drag()
        elif self._press is not None and self.isEnabled():
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.selectAll()
        self._press = None

    def _begin_drag(self) -> None:
        self.dragging, self._start, self._steps = True, self._shown, 0.0
        self.grabKeyboard()
        self.drag.emit("begin")
        self._make_room()

    def end_drag(self, *, cancel: bool = False) -> None:
        """The drag is over; cancelled, the number is what it was."""
        if not self.dragging:
            return
        self.dragging, self._press = False, None
        self.releaseKeyboard()
        if cancel:
            self.entered.emit([self._start])
        self.drag.emit("cancel" if cancel else "end")
        self._make_room()

    def hideEvent(self, event: QHideEvent) -> None:
        self.end_drag()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        """While a number is dragged no key means anything but Escape; the list of names takes its own first."""
        if event.type() == QEvent.Type.KeyPress and self.names.takes(event):
            event.ignore()
            return True
        if self.dragging and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._over_stepper(event) and self.isEnabled():
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.step(1 if event.position().y() < self.height() / 2 else -1)
        elif left and not self.hasFocus():
            place = self.cursorPositionAt(event.position().toPoint())
            self.press(event.globalPosition().x(), self.element_at(place))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None:
            self.drag_to(event.globalPosition().x(), event.modifiers())
            return
        self.setCursor(self._shape(event))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None or self.dragging:
            self.release()
        else:
            super().mouseReleaseEvent(event)

    def _shape(self, event: QMouseEvent) -> Qt.CursorShape:
        if self._over_stepper(event):
            return Qt.CursorShape.ArrowCursor
        drags = not self.hasFocus() and self.can_drag()
        return Qt.CursorShape.SizeHorCursor if drags else Qt.CursorShape.IBeamCursor

    def _over_stepper(self, event: QMouseEvent) -> bool:
        return event.position().x() >= self.width() - self._stepper

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._paint_shortened():
            super().paintEvent(event)
        painter, now = QPainter(self), theme.current()
        if self.text() and (beside := self.beside()):
            painter.setPen(theme.qcolor(now.dim if self._now else now.faint))
            area: QRect = self.rect().adjusted(0, 0, -max(self._stepper, 8) - 2, 0)
            painter.drawText(area, _RIGHT, beside)
        if self._stepper and (self._hover or self.hasFocus()) and self.isEnabled():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.qcolor(now.dim), 1.3))
            x, y = self.width() - self.STEPPER / 2 - 1, self.height() / 2
            for side in (-1, 1):
                top = y + side * 4
                tip = QPointF(x, top + side * 3)
                painter.drawPolyline(QPolygonF([QPointF(x - 3, top), tip, QPointF(x + 3, top)]))
        painter.end()

    def _paint_shortened(self) -> bool:
        """Draw a text that has no room with an ellipsis, while it is not edited; whether it was so."""
        metrics, margins = self.fontMetrics(), self.textMargins()
        room = self.width() - PADDING - margins.left() - margins.right()
        if self.hasFocus() or metrics.horizontalAdvance(self.text()) <= room + 4:
            return False
        painter, option = QPainter(self), QStyleOptionFrame()
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room + 4)
        painter.drawText(self.rect().adjusted(PADDING // 2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
        return True


class SeriesField(NumberField):
    """Several numbers, such as 3 × 5: a drag or an arrow key changes the one under the cursor, the label all."""

    STEPPER = 0

    def element_at(self, position: int) -> int | None:
        return self.text()[:position].count("×") + self.text()[:position].count(",")

    def _cursor_to(self, element: int | None) -> None:
        ends = [at for at, sign in enumerate(self.text()) if sign in "×,"]
        place = ends[element] if element is not None and element < len(ends) else len(self.text())
        self.setCursorPosition(len(self.text()[:place].rstrip()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _pace(modifiers: Qt.KeyboardModifier) -> float:
    """How much more a drag does with Ctrl, how much less with Shift."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 0.2
    return 10.0 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0
