"""A splitter whose handle looks like a thin line and is wide enough to take hold of."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from widgets import theme

GRIP = 5


class Handle(QSplitterHandle):
    """One pixel of line in the middle; in the accent under the pointer."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self._lit = False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._lit = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._lit = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.fillRect(self.rect(), theme.qcolor(now.panel))
        colour = theme.qcolor(now.accent if self._lit else now.line)
        middle = GRIP // 2
        if self.orientation() == Qt.Orientation.Horizontal:
            painter.fillRect(QRectF(middle, 0, 1, self.height()), colour)
        else:
            painter.fillRect(QRectF(0, middle, self.width(), 1), colour)
        painter.end()


class Splitter(QSplitter):
    """Parts side by side or above each other; none can be dragged away altogether."""

    def __init__(self, orientation: Qt.Orientation, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setHandleWidth(GRIP)
        self.setChildrenCollapsible(False)
        for part in parts:
            self.addWidget(part)

    def createHandle(self) -> QSplitterHandle:
        return Handle(self.orientation(), self)
