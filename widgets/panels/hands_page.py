"""Hands at the canvas: every gesture and every key of the canvas on one page, with the keys that a person chose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from widgets import shortcuts
from widgets.editor.gestures.words import GESTURES
from widgets.look.scrolling import Scrolled
from widgets.look.style import clear, label
from widgets.panels.aside import Aside

if TYPE_CHECKING:
    from widgets.window import Window

Row = tuple[str, str]
TITLE = "Hands at the canvas"


class HandsPage(Aside):
    """Opened by Help, and by F1 while nothing is selected. The search leaves what holds every word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TITLE, parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search gestures and keys")
        self.search.setAccessibleName("Search gestures and keys")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._fill())
        inside = QWidget()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 4)
        self._grid.setColumnStretch(1, 5)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 4, 16, 16)
        column.addLayout(self._grid)
        column.addStretch(1)
        row = QVBoxLayout()
        row.setContentsMargins(16, 0, 16, 8)
        row.addWidget(self.search)
        self.box.addLayout(row)
        self.box.addWidget(Scrolled(inside), 1)
        self.shown: list[Row] = []
        shortcuts.shortcuts().changed.connect(self._fill)
        self._fill()

    def focus(self) -> None:
        """The cursor goes into the search."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """It listens no longer."""
        shortcuts.shortcuts().changed.disconnect(self._fill)

    def _fill(self) -> None:
        clear(self._grid)
        self.shown, words = [], self.search.text().casefold().split()
        line = 0
        for heading, rows in sections():
            found = [row for row in rows if all(word in f"{heading} {' '.join(row)}".casefold() for word in words)]
            if not found:
                continue
            head = label(heading, heading=True)
            head.setContentsMargins(0, 10 if line else 0, 0, 2)
            self._grid.addWidget(head, line, 0, 1, 2)
            line += 1
            for row in found:
                self._add(line, row)
                line += 1
            self.shown += found
        if not self.shown:
            self._grid.addWidget(label("Nothing found. Try another word for it.", tone="dim", wrap=True), 0, 0, 1, 2)

    def _add(self, line: int, row: Row) -> None:
        how, what = label(row[0], wrap=True), label(row[1], tone="dim", wrap=True)
        for place, part in enumerate((how, what)):
            part.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(part, line, place)


def sections() -> Iterable[tuple[str, list[Row]]]:
    """Headings with their rows: how it is done, and what comes of it. The keys are those in force now."""
    headings = dict.fromkeys(told.heading for told in GESTURES)
    for heading in headings:
        yield heading, [(told.how, told.what) for told in GESTURES if told.heading == heading]
    yield "Keys that stay", [(keys, words) for keys, words in shortcuts.FIXED]
    yield from _keys()


def _keys() -> Iterable[tuple[str, list[Row]]]:
    from widgets.actions import ACTIONS, MENUS

    for menu in MENUS:
        rows = []
        for action in ACTIONS:
            keys = shortcuts.listed(shortcuts.shortcuts().of(action.id))
            if action.menu == menu and keys and not action.id.startswith(("bookmark_", "set_bookmark_")):
                rows.append((keys, action.text.rstrip("…")))
        if menu == "View":
            rows += _bookmarks()
        if rows:
            yield f"Keys: {menu}", rows


def _bookmarks() -> list[Row]:
    """The nine bookmarks as two rows."""
    known = shortcuts.shortcuts()
    pairs = (("set_bookmark", "Set a bookmark"), ("bookmark", "Go to a bookmark"))
    return [(f"{first} … {last}", words) for id, words in pairs
            if (first := known.words(f"{id}_1")) and (last := known.words(f"{id}_9"))]  # fmt: skip


def show_hands(window: Window) -> None:
    """Open the page at the side; a second time, close it."""
    if window.desk is None:
        return
    if isinstance(window.desk.aside, HandsPage):
        window.desk.close_aside()
    else:
        window.desk.open_aside(HandsPage())
