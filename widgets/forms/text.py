"""Fields that are one line of text: any text, a path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from widgets.forms.entries import Entry, read, write
from widgets.forms.keys import belongs_to_window

PADDING = 22
"""What frame and padding of a text field take of its width, in pixels."""
MIXED = "mixed"
"""What stands in a field of several nodes whose values differ."""


def row_height(widget: QWidget) -> int:
    """The height of a compact row: 28 px at the usual font, more where the system's font is larger."""
    return max(28, widget.fontMetrics().height() + 12)


class TextField(QLineEdit):
    """One line of text for any value. Enter, Tab and a click elsewhere commit; Escape takes it back."""

    entered = Signal(object)  # list of candidate values
    edited = Signal(object)  # the same while typing
    withdrawn = Signal()  # what was typed over several values was taken back

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._shown: Any = None
        self._dirty = False
        self.suggested: list[str] = []
        self._empty = str(entry.extra.get("none", "none") if entry.optional else "")
        self.setPlaceholderText(self._empty)
        self.textEdited.connect(self._typed)

    def sizeHint(self) -> QSize:
        return QSize(96, row_height(self))

    def minimumSizeHint(self) -> QSize:
        return QSize(56, row_height(self))

    def show_value(self, value: Any) -> None:
        """Show a valid value; whatever was being typed is dropped."""
        self._shown, self._dirty = value, False
        self.setPlaceholderText(self._empty)
        text = write(self.entry, value)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def show_mixed(self) -> None:
        """Several values at once: none is shown."""
        self._shown, self._dirty = MIXED, False
        self.setText("")
        self.setPlaceholderText(MIXED)

    @property
    def typing(self) -> bool:
        """Whether something is typed that was not handed over yet."""
        return self._dirty

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
            if self._shown is MIXED:
                self.show_mixed()
                self.withdrawn.emit()
                return
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
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # a menu or a list of names is no end of typing
            self.commit()
        super().focusOutEvent(event)

    def _typed(self, text: str) -> None:
        self._dirty = True
        self.edited.emit(read(self.entry, text))


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
