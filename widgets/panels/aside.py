"""A page at the side, in place of the inspector until it is closed: the history, a comparison."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QStyle, QStyleOptionViewItem, QWidget

from widgets import theme
from widgets.look.icons import set_icon
from widgets.look.style import Elided, Panel, flat_button


class Aside(Panel):
    """`closed`: its cross or Escape was pressed. `body` is where its contents go."""

    closed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__("aside", parent=parent)
        self.setAccessibleName(title)
        self.title = Elided(title)
        self.title.setProperty("rank", "large")
        self.cross = flat_button(tip=f"Close: {title.lower()}")
        self.cross.setToolTip("Close (Esc)")
        set_icon(self.cross, "close", 14)
        self.cross.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 8, 6)
        row.addWidget(self.title, 1)
        row.addWidget(self.cross)
        self.box.addLayout(row)

    def leave(self) -> None:
        """It is being closed: let go of what was opened for it."""

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def paint_row(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """The ground of a row: raised where it is the current one or under the pointer, with a ring while it has focus."""
    look, area = theme.current(), option.rect.adjusted(4, 1, -4, -1)  # type: ignore[attr-defined]
    state = option.state  # type: ignore[attr-defined]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(look.raised))
        painter.drawRoundedRect(area, 6, 6)
    if chosen and state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(theme.qcolor(look.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 5, 5)
