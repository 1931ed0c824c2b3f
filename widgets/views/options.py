"""The row of options over a view, generated from a pydantic model; what does not fit moves into a pop-up.

The declarations are read by `widgets.entries`, so that options read like every other form. A field whose
choices are only known at run time (a layer, a class) is a menu that `set_choices` fills.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.entries import Entry, entries
from widgets.fields import NumberField
from widgets.icons import set_icon
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
    """A whole number: typed, or stepped with the arrows (`widgets.fields.NumberField` in a bar)."""

    changed = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = -999_999 if entry.low is None else int(entry.low)
        self._high = 999_999 if entry.high is None else int(entry.high)
        self._value = self._low
        self.field = NumberField(replace(entry, unit=""))
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


class Cell(QWidget):
    """A label and its control."""

    def __init__(self, entry: Entry, editor: Control, words: str | None = None) -> None:
        super().__init__()
        self.name, self.editor = entry.name, editor
        self.when: Mapping[str, Any] = entry.extra.get("when", {})
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        words = entry.title[:1].lower() + entry.title[1:] if words is None else words
        if words and not isinstance(editor, Toggle):
            label = QLabel(words)
            label.setProperty("dim", True)
            label.setBuddy(editor)
            layout.addWidget(label)
        layout.addWidget(editor)
        self.setToolTip(entry.help)
        editor.setAccessibleName(entry.title)
        editor.setAccessibleDescription(entry.help)

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the option means something beside these values of the others."""
        return all(values.get(name) in (w if isinstance(w, list) else [w]) for name, w in self.when.items())


class OptionsBar(QWidget):
    """One row of options. `changed(name, value)`: a person changed one (a program says nothing)."""

    changed = Signal(str, object)
    SPACING = 14

    def __init__(
        self,
        models: Sequence[type[BaseModel]],
        fields: Collection[str] | None = None,
        dynamic: Collection[str] = (),
        labels: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Options of all `models` in one row; their names must differ. `fields`: only these, in this order."""
        super().__init__(parent)
        self._labels = labels or {}
        self._silent = False
        self._values: dict[str, Any] = {}
        self.cells: dict[str, Cell] = {}
        known: dict[str, Entry] = {}
        for model in models:
            self._values |= model().model_dump()
            known |= {entry.name: entry for entry in entries(model)}
        for name in known if fields is None else fields:
            self._add(known[name], name in dynamic)
        self._more = QToolButton(self)
        self._more.setToolTip("More options")
        self._more.setAccessibleName("More options")
        set_icon(self._more, "options")
        self._more.clicked.connect(self._open)
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setProperty("role", "popup")
        QVBoxLayout(self._popup).setContentsMargins(12, 10, 12, 10)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def values(self) -> dict[str, Any]:
        """All options, those without a control at their default or as `set_value` left them."""
        shown = {name: cell.editor.value() for name, cell in self.cells.items()}
        return {**self._values, **shown}

    def parsed(self, model: type[BaseModel]) -> Any:
        """The options of one of the models."""
        values = self.values()
        return model.model_validate({name: values[name] for name in model.model_fields})

    def set_value(self, name: str, value: Any) -> None:
        """Show a value without saying that it changed."""
        self._values[name] = value
        if name in self.cells:
            self._quietly(lambda: self.cells[name].editor.show_value(value))
            self._arrange()

    def set_choices(self, name: str, rows: Sequence[tuple[Any, str]]) -> None:
        """The rows of a menu whose choices are known at run time; the cell hides where there is no choice."""
        cell = self.cells.get(name)
        if cell is not None and isinstance(cell.editor, Menu):
            menu = cell.editor
            self._quietly(lambda: menu.set_choices(rows))
            self.updateGeometry()
            self._arrange()

    def choices(self, name: str) -> list[Any]:
        """The values a menu offers."""
        editor = self.cells[name].editor if name in self.cells else None
        return editor.choices() if isinstance(editor, Menu) else []

    def set_range(self, name: str, low: int, high: int) -> None:
        """The bounds of a stepper."""
        cell = self.cells.get(name)
        if cell is not None and isinstance(cell.editor, Stepper):
            stepper = cell.editor
            self._quietly(lambda: stepper.set_range(low, max(low, high)))
            self.updateGeometry()
            self._arrange()

    def enter(self, name: str, value: Any) -> None:
        """Change an option as a person would."""
        editor = self.cells[name].editor
        before = editor.value()
        self._quietly(lambda: editor.show_value(value))
        if editor.value() != before:
            self._changed(name, editor.value())

    def sizeHint(self) -> QSize:
        values = self.values()
        shown = [cell for cell in self.cells.values() if cell.applies(values)]
        widths = [cell.sizeHint().width() + self.SPACING for cell in shown]
        return QSize(max(sum(widths) - self.SPACING, 0), max(HEIGHT, 28))

    def minimumSizeHint(self) -> QSize:
        return QSize(28 if self.cells else 0, max(HEIGHT, 28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_more"):
            self._arrange()

    def overflowing(self) -> list[str]:
        """The options that stand in the pop-up now."""
        return [name for name, cell in self.cells.items() if cell.parent() is self._popup]

    def _add(self, entry: Entry, dynamic: bool) -> None:
        editor = control(entry, dynamic)
        if editor is None:
            return
        editor.show_value(self._values[entry.name])
        cell = Cell(entry, editor, self._labels.get(entry.name))
        cell.setParent(self)
        self.cells[entry.name] = cell
        editor.changed.connect(lambda value, name=entry.name: self._changed(name, value))

    def _changed(self, name: str, value: Any) -> None:
        if not self._silent:
            self._values[name] = value
            self.updateGeometry()
            self._arrange()
            self.changed.emit(name, value)

    def _quietly(self, act: Any) -> None:
        self._silent, before = True, self._silent
        try:
            act()
        finally:
            self._silent = before

    def _arrange(self) -> None:
        """Right-aligned cells while they fit; the rest go into the pop-up, the last first."""
        values = self.values()
        cells = [cell for cell in self.cells.values() if cell.applies(values)]
        for cell in self.cells.values():
            cell.setVisible(cell in cells)
        widths = [cell.sizeHint().width() + self.SPACING for cell in cells]
        room = self.width() + self.SPACING
        count = len(cells) if sum(widths) <= room else _fitting(widths, room - 30 - self.SPACING)
        used = sum(widths[:count]) - (self.SPACING if count else 0) + (30 if count < len(cells) else 0)
        x = self.width() - used
        for index, cell in enumerate(cells):
            inside = index < count
            self._place(cell, inside)
            if inside:
                cell.setGeometry(int(x), 0, widths[index] - self.SPACING, self.height())
                x += widths[index]
        self._more.setVisible(count < len(cells))
        self._more.setGeometry(self.width() - 26, (self.height() - 26) // 2, 26, 26)

    def _place(self, cell: Cell, inside: bool) -> None:
        layout = self._popup.layout()
        if inside and cell.parent() is not self:
            layout.removeWidget(cell)
            cell.setParent(self)
        elif not inside and cell.parent() is self:
            layout.addWidget(cell)
        cell.show()

    def _open(self) -> None:
        self._popup.adjustSize()
        corner = self._more.mapToGlobal(QPoint(self._more.width(), self._more.height() + 2))
        self._popup.move(corner - QPoint(self._popup.width(), 0))
        self._popup.show()


def _fitting(widths: Sequence[int], room: float) -> int:
    """How many of `widths` fit into `room`, from the first on."""
    total = 0
    for count, width in enumerate(widths):
        total += width
        if total > room:
            return count
    return len(widths)
