"""The row of options over a view, generated from a pydantic model; what does not fit moves into a pop-up.

The declarations are read by `widgets.forms.entries`, so that options read like every other form. A field whose
choices are only known at run time (a layer, a class) is a menu that `set_choices` fills.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.forms.entries import Entry, entries
from widgets.look.icons import set_icon
from widgets.views.controls import HEIGHT, Control, Menu, Stepper, Toggle, control


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
        self._rows = QVBoxLayout(self._popup)
        self._rows.setContentsMargins(12, 10, 12, 10)
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
        if inside and cell.parent() is not self:
            self._rows.removeWidget(cell)
            cell.setParent(self)
        elif not inside and cell.parent() is self:
            self._rows.addWidget(cell)
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
