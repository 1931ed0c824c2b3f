"""Which keys a text field keeps for itself while it has the focus, and which belong to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

Standard = QKeySequence.StandardKey
_EDITING = (Standard.Copy, Standard.Cut, Standard.Paste, Standard.SelectAll)
_UNDO = (Standard.Undo, Standard.Redo)
_MOVING = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Backspace, Qt.Key.Key_Delete,
)  # fmt: skip
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def belongs_to_window(event: QEvent, typing: bool = True) -> bool:
    """Whether a field has to let this ShortcutOverride pass: a key with Ctrl or Alt that edits no text.

    Undo and redo are the document's while nothing is being typed. Letters that AltGr makes stay with the field."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if any(event.matches(key) for key in _UNDO):
        return not typing
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    commands = event.modifiers() & _COMMANDS
    if not commands or (commands == both and event.text().isprintable() and event.text()):
        return False
    return event.key() not in _MOVING and not any(event.matches(key) for key in _EDITING)
