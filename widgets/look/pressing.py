"""Enter presses the button that has the focus, as the space bar does. Dialogs keep Enter for their default button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QToolButton, QWidget

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
KNOWN = "pressedByEnter"


class Pressing(QObject):
    """Watches each button once it gets the focus, and nothing else."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(KNOWN)
        app.focusChanged.connect(self._watch)

    def _watch(self, _old: QWidget | None, new: QWidget | None) -> None:
        button = isinstance(new, QPushButton | QToolButton)
        if new is not None and button and not new.property(KNOWN) and not isinstance(new.window(), QDialog):
            new.setProperty(KNOWN, True)
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() not in ENTER or not isinstance(watched, QWidget):
            return False
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not watched.isEnabled():
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            watched.click()  # type: ignore[attr-defined]
            return True
        return event.type() == QEvent.Type.KeyPress


def install() -> None:
    """For this application, once."""
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.findChild(Pressing, KNOWN) is None:
        Pressing(app)
