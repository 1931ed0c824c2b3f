"""What stands beside a field: the label that drags its number, and the button that defines a name it misses."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QPushButton, QWidget

from graphs.meaning.expressions import Names
from widgets.forms.fields import NumberField

MISSING = re.compile(r"There is no “([A-Za-z_]\w*)”")


class Missed(NamedTuple):
    """An expression in a field that misses a name: the field's title, what it holds, and the names there are."""

    title: str
    text: str
    held: Any
    names: Names


class Define(QPushButton):
    """Offers to define the name that the sentence under a field says there is not. `asked(name)`: it was pressed."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.missing = ""
        self.setProperty("link", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: self.asked.emit(self.missing))
        self.hide()

    def read(self, sentence: str) -> None:
        """Show itself where the sentence misses a name, hide where it does not."""
        found = MISSING.search(sentence)
        self.missing = found[1] if found else ""
        self.setText(f"Define {self.missing}")
        self.setVisible(bool(found))


class LabelDrag(QObject):
    """Lets the label of a number drag it sideways; a click on the label goes to the field."""

    def __init__(self, label: QWidget, field: NumberField) -> None:
        super().__init__(label)
        self._field = field
        label.setCursor(Qt.CursorShape.SizeHorCursor)
        label.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._field.press(event.globalPosition().x())
        elif event.type() == QEvent.Type.MouseMove:
            self._field.drag_to(event.globalPosition().x(), event.modifiers())
        elif event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            self._field.release()
        else:
            return False
        return True
