"""Making a note larger or smaller by its lower right corner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from graphs.edits import SetMarks
from graphs.network import Note
from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

LEAST = (96.0, 48.0)


class ResizeNote(Gesture):
    """Drags a note's corner; on the grid, unless Alt is held."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, canvas: Canvas, start: Pointer, note: str) -> None:
        super().__init__(canvas, start)
        self._id = note
        canvas.select_marks([note])

    def _size(self, at: Pointer) -> tuple[float, float]:
        mark = self.canvas.marks.known.get(self._id)
        if not isinstance(mark, Note):
            return LEAST
        step = at.scene - self.start.scene
        wide, high = mark.size[0] + step.x(), mark.size[1] + step.y()
        if not at.alt:
            wide, high = editing.snapped(wide, high)
        return max(LEAST[0], wide), max(LEAST[1], high)

    def move(self, at: Pointer) -> None:
        self.canvas.marks.preview({}, sizes={self._id: self._size(at)})
        self.canvas.update()

    def release(self, at: Pointer) -> None:
        self.cancel()
        mark = self.canvas.marks.known.get(self._id)
        if isinstance(mark, Note) and mark.size != self._size(at) and at.view != self.start.view:
            self.canvas.apply(SetMarks({self._id: replace(mark, size=self._size(at))}, "Resize the note"))

    def cancel(self) -> None:
        self.canvas.marks.settle()
        self.canvas.update()
