"""The names that an expression may use, offered under the field while one is being typed."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from graphs.meaning.expressions import FUNCTIONS
from widgets import theme
from widgets.forms.formulas import Names

_LIST_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape)
_BEGUN = re.compile(r"(?<![\w.])[A-Za-z_]\w*$", re.ASCII)


class NameList(QObject):
    """Completes the name at the cursor of a line; the rest of what is typed stays."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._line = line
        self._names: Names | None = None
        self.completer: QCompleter | None = None
        line.textEdited.connect(lambda _text: self._offer())

    def show_names(self, names: Names | None) -> None:
        """The names there are; None for a field that takes none."""
        self._names = names

    def offered(self) -> list[str]:
        """The names that begin as the word at the cursor does; none where that is a whole name already."""
        begun = self._begun()
        if not begun or self._names is None:
            return []
        known = [*self._names, *FUNCTIONS]
        return [] if begun in known else [name for name in known if name.lower().startswith(begun.lower())]

    def complete(self, name: str) -> None:
        """Put a name in place of the word at the cursor."""
        line, begun = self._line, self._begun()
        place = line.cursorPosition()
        line.setSelection(place - len(begun), len(begun))
        line.insert(f"{name}(" if name in FUNCTIONS else name)
        line.textEdited.emit(line.text())

    def takes(self, event: QEvent) -> bool:
        """Whether a key is for the list, while it is open: to take a name, or to close it."""
        popup = self.completer.popup() if self.completer is not None else None
        return popup is not None and popup.isVisible() and isinstance(event, QKeyEvent) and event.key() in _LIST_KEYS

    def _begun(self) -> str:
        found = _BEGUN.search(self._line.text()[: self._line.cursorPosition()])
        return found[0] if found else ""

    def _offer(self) -> None:
        offered = self.offered()
        if not offered:
            if self.completer is not None and (popup := self.completer.popup()) is not None:
                popup.hide()
            return
        if self.completer is None:
            self.completer = QCompleter(self)
            self.completer.setWidget(self._line)
            self.completer.setModel(QStringListModel([], self.completer))
            self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
            self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self.completer.activated.connect(self.complete)
        model = self.completer.model()
        assert isinstance(model, QStringListModel)
        model.setStringList(offered)
        if self._line.isVisible() and self._line.hasFocus() and (popup := self.completer.popup()) is not None:
            now = theme.current()
            popup.setStyleSheet(
                f"QListView {{ background: {now.panel}; border: 1px solid {now.line}; padding: 2px; }}"
                "QListView::item { padding: 4px 8px; }"
            )
            self.completer.complete()
            popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
