"""The keyboard page of the preferences: every action with its keys, to be searched and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets import shortcuts
from widgets.look.style import label

if TYPE_CHECKING:
    from widgets.actions import Actions
    from widgets.window import Window

ID = Qt.ItemDataRole.UserRole
ALONE = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_unknown)
FREE = "No key"


class Recorder(QPushButton):
    """Shows the keys of an action; pressed, it takes the next key. `recorded(key)`: a key, as Qt combines it."""

    recorded = Signal(object)
    listening_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__(FREE)
        self._keys, self.listening = "", False
        self.setToolTip("Press it, then the new key")
        self.clicked.connect(lambda: self.listen(True))
        self.setAutoDefault(False)
        self.setMinimumWidth(180)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(180, 0))

    def show_keys(self, title: str, keys: str) -> None:
        """Show the keys of another action."""
        self._keys = keys
        self.setAccessibleName(f"Keys of {title}: {keys or FREE.lower()}")
        self.listen(False)

    def listen(self, on: bool) -> None:
        """Take the next key, or no longer."""
        self.listening = on
        self.setText("Press the new key…" if on else self._keys or FREE)
        if on:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.listening_changed.emit(on)

    def event(self, event: QEvent) -> bool:
        """While it listens, every key is taken, those of shortcuts and Tab too; Escape ends it."""
        if self.listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.listen(False)
        super().focusOutEvent(event)

    def _press(self, event: QKeyEvent) -> None:
        key, mods = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in ALONE:
            return
        if key == Qt.Key.Key_Backtab:
            key, mods = Qt.Key.Key_Tab, mods | Qt.KeyboardModifier.ShiftModifier
        self.listen(False)
        if key != Qt.Key.Key_Escape or mods:
            self.recorded.emit(QKeyCombination(mods, key))


class KeyboardPage(QWidget):
    """What is changed here holds at once, and is written with the preferences."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._wanted: tuple[str, str] | None = None
        self._make()
        self._lay_out()
        self._fill("")
        self.list.setCurrentItem(self.list.topLevelItem(0))

    @property
    def actions_(self) -> Actions:
        """The actions of the window."""
        return self._window.actions_

    @property
    def chosen(self) -> str:
        """The id of the action that is chosen; empty for what cannot be changed."""
        item = self.list.currentItem()
        return str(item.data(0, ID) or "") if item is not None else ""

    def choose(self, id: str) -> None:
        """Choose an action in the list."""
        for row in range(self.list.topLevelItemCount()):
            if self.list.topLevelItem(row).data(0, ID) == id:
                self.list.setCurrentItem(self.list.topLevelItem(row))

    def record(self, combination: QKeyCombination) -> None:
        """Give the chosen action this key, in place of those it has; asks where another action has it."""
        action = self.actions_.declared.get(self.chosen)
        if action is None:
            return
        key = QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
        if why := shortcuts.refused(combination, action.canvas):
            self._say(why)
        elif user := shortcuts.shortcuts().user(key, action.id):
            self._wanted = (action.id, key)
            other = self.actions_.declared[user].text.rstrip("…")
            self._say(f"{shortcuts.native(key)} belongs to “{other}”.", asks=True)
        else:
            self._set(action.id, [key])

    def take(self) -> None:
        """Take the key from the action that has it."""
        if self._wanted is not None:
            id, key = self._wanted
            user = shortcuts.shortcuts().user(key, id)
            own = {id: [key], user: [k for k in shortcuts.shortcuts().of(user) if k != key]}
            self.actions_.set_keys({**self._window.preferences.keys, **own})
            self._renew()

    def reset(self) -> None:
        """The chosen action gets the keys it was declared with."""
        own = {id: keys for id, keys in self._window.preferences.keys.items() if id != self.chosen}
        self.actions_.set_keys(own)
        self._renew()

    def reset_all(self) -> None:
        """Every action gets the keys it was declared with."""
        self.actions_.set_keys({})
        self._renew()

    # Inner workings

    def _make(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by name or key")
        self.search.setAccessibleName("Search the actions")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.list = QTreeWidget()
        self.list.setObjectName("shortcuts")
        self.list.setAccessibleName("Actions and their keys")
        self.list.setHeaderLabels(["Action", "Menu", "Keys"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            self.list.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(False)
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.list.itemActivated.connect(lambda *_: self.recorder.isEnabled() and self.recorder.listen(True))
        self.recorder = Recorder()
        self.recorder.recorded.connect(self.record)
        self.recorder.listening_changed.connect(lambda on: self._say("Escape leaves it as it is.") if on else None)
        self.none, self.one, self.all = (QPushButton(text) for text in ("No key", "Reset", "Reset all"))
        self.none.clicked.connect(lambda: self._set(self.chosen, []))
        self.one.clicked.connect(self.reset)
        self.all.clicked.connect(self.reset_all)
        self.says = label(tone="dim", wrap=True)
        self.use = QPushButton("Use it here")
        self.use.clicked.connect(self.take)
        for button in (self.none, self.one, self.all, self.use):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        row, below = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.recorder)
        row.addWidget(self.none)
        row.addWidget(self.one)
        row.addStretch(1)
        row.addWidget(self.all)
        below.addWidget(self.says, 1)
        below.addWidget(self.use)
        self.says.setMinimumHeight(self.use.sizeHint().height())
        column.addLayout(row)
        column.addLayout(below)

    def _fill(self, query: str) -> None:
        kept, words = self.chosen, query.casefold().split()
        self.list.clear()
        for id, action in self.actions_.declared.items():
            keys = shortcuts.listed(shortcuts.shortcuts().of(id))
            place = " · ".join(part for part in (action.menu, action.under) if part)
            self._row(id, action.text.rstrip("…"), place, keys, words)
        for keys, text in shortcuts.FIXED:
            self._row("", text, "Always", keys, words)
        self.choose(kept)
        if self.list.currentItem() is None and self.list.topLevelItemCount():
            self.list.setCurrentItem(self.list.topLevelItem(0))
        self._show()

    def _row(self, id: str, text: str, place: str, keys: str, words: list[str]) -> None:
        whole = f"{text} {place} {keys}".casefold()
        if all(word in whole for word in words):
            item = QTreeWidgetItem([text, place, keys])
            item.setData(0, ID, id)
            item.setToolTip(0, text)
            self.list.addTopLevelItem(item)

    def _show(self) -> None:
        """The buttons speak of the action that is chosen."""
        id = self.chosen
        action = self.actions_.declared.get(id)
        keys = shortcuts.shortcuts().of(id)
        self.recorder.show_keys(action.text.rstrip("…") if action else "", shortcuts.listed(keys))
        for button, on in ((self.recorder, action is not None), (self.none, bool(keys))):
            button.setEnabled(on)
        changed = shortcuts.shortcuts().changed_ids()
        self.one.setEnabled(id in changed)
        self.all.setEnabled(bool(changed))
        self._say("" if action is not None else "This cannot be changed.")

    def _say(self, sentence: str, asks: bool = False) -> None:
        self.says.setText(sentence)
        self.use.setVisible(asks)
        if not asks:
            self._wanted = None

    def _set(self, id: str, keys: list[str]) -> None:
        if id:
            self.actions_.set_keys({**self._window.preferences.keys, id: keys})
            self._renew()

    def _renew(self) -> None:
        self._fill(self.search.text())
