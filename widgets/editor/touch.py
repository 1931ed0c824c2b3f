"""Pinches and tooltips of the canvas.

They arrive through `QWidget.event`. A filter takes them, since PySide aborts where an exception passes through
an `event` that is overridden in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QToolTip

from widgets.editor.words import hint

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Touch(QObject):
    """Zooms with two fingers and shows tooltips."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            return self._native(event)
        if kind == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            return self._pinch(event)
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tooltip(event)
            return True
        return False

    def _native(self, event: QNativeGestureEvent) -> bool:
        """A trackpad's pinch."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._canvas.zoom(max(0.2, 1.0 + event.value()), event.position())
        return True

    def _pinch(self, event: QGestureEvent) -> bool:
        """A touch screen's pinch."""
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        middle = self._canvas.mapFromGlobal(pinch.hotSpot().toPoint())
        self._canvas.zoom(max(0.2, pinch.scaleFactor()), QPointF(middle))
        return True

    def _tooltip(self, event: QHelpEvent) -> None:
        at = self._canvas.hands.pointer(QPointF(event.pos()), Qt.KeyboardModifier.NoModifier)
        around = QRect(event.pos() - QPoint(4, 4), event.pos() + QPoint(4, 4))
        QToolTip.showText(event.globalPos(), hint(self._canvas, at), self._canvas, around)
