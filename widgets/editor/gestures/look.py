"""Looking around and selecting: pan, rubber band."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from widgets import theme
from widgets.editor.gestures.base import Gesture, Pointer


class Pan(Gesture):
    """Middle drag, or Space and drag."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def move(self, at: Pointer) -> None:
        step = at.view - self.start.view
        self.canvas.pan(step.x(), step.y())
        self.start = at


class RubberBand(Gesture):
    """A drag over empty canvas selects what it touches; with Shift it adds to what is selected."""

    def __init__(self, canvas, start: Pointer) -> None:  # type: ignore[no-untyped-def]
        super().__init__(canvas, start)
        self._before = canvas.selected()
        self._marks = set(canvas.chosen_marks)
        self._kept = self._before if start.shift or start.control else []
        self._kept_marks = self._marks if start.shift or start.control else set()
        self._rect = QRectF()

    def move(self, at: Pointer) -> None:
        self._rect = QRectF(self.start.scene, at.scene).normalized()
        touched = self.canvas.scene.boxes.within(self._rect)
        nodes = [*self._kept, *(i for i in touched if i not in self._kept)]
        self.canvas.select_marks(self._kept_marks | set(self.canvas.marks.within(self._rect)), nodes)
        self.canvas.update()

    def release(self, at: Pointer) -> None:
        if self._rect.isNull():
            self.canvas.select_marks(self._kept_marks, self._kept)

    def cancel(self) -> None:
        self.canvas.select_marks(self._marks, self._before)

    def paint(self, painter: QPainter) -> None:
        if self._rect.isNull():
            return
        accent = theme.current().accent
        painter.setPen(QPen(theme.qcolor(accent), 1))
        painter.setBrush(theme.qcolor(accent, 0.12))
        painter.drawRect(self.canvas.camera.view_rect(self._rect))
