"""What every gesture is: it follows the pointer, ends in an edit or in nothing, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Pointer(NamedTuple):
    """Where the pointer is, in widget and in scene pixels, and which keys are held."""

    view: QPointF
    scene: QPointF
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def shift(self) -> bool:
        """Whether Shift is held."""
        return bool(self.keys & Qt.KeyboardModifier.ShiftModifier)

    @property
    def control(self) -> bool:
        """Whether Ctrl (⌘ on a Mac) is held."""
        return bool(self.keys & Qt.KeyboardModifier.ControlModifier)

    @property
    def alt(self) -> bool:
        """Whether Alt is held."""
        return bool(self.keys & Qt.KeyboardModifier.AltModifier)


class Gesture:
    """From press to release. The canvas makes one at a time and forgets it when it ends."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, canvas: Canvas, start: Pointer) -> None:
        self.canvas = canvas
        self.start = start

    def move(self, at: Pointer) -> None:
        """The pointer moved."""

    def release(self, at: Pointer) -> None:
        """The button was let go: the gesture takes effect."""

    def cancel(self) -> None:
        """Escape, or the canvas went away: everything is as before."""

    def paint(self, painter: QPainter) -> None:
        """What the gesture shows on top of the canvas, in widget pixels."""
