"""Dropping a layer from the palette: a ghost under the pointer, and the wire it would go into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.painting.cards import outline
from widgets.editor.painting.face import face
from widgets.editor.painting.lettering import Face, font
from widgets.editor.painting.wires import paint_wire
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class DropKind(Gesture):
    """A kind carried over the canvas by drag and drop."""

    def __init__(self, canvas: Canvas, start: Pointer, kind: str) -> None:
        super().__init__(canvas, start)
        self.kind = kind
        catalogue, name = canvas.drafting(kind)
        node = editing.new_node(canvas.scene.network, catalogue, name, (0, 0))
        shown = face(node, canvas.scene.network, catalogue, None)
        self._title, self._size = catalogue.kinds[name].title, (shown.width, shown.height)
        self._insertable = bool(shown.inputs and shown.outputs)
        self._rect = self._box(start)
        self._wire: End | None = None

    def _box(self, at: Pointer) -> QRectF:
        width, height = self._size
        x, y = editing.snapped(at.scene.x() - width / 2, at.scene.y() - height / 2)
        return QRectF(x, y, width, height)

    def move(self, at: Pointer) -> None:
        self._rect = self._box(at)
        self._wire = self.canvas.wire_near(self._rect.center()) if self._insertable else None
        self.canvas.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        self.canvas.add_layer(self.kind, self._rect.topLeft(), into=self._wire)

    def cancel(self) -> None:
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        look = theme.current()
        painter.save()
        self.canvas.enter_scene(painter)
        if self._wire is not None and self._wire in self.canvas.scene.routes:
            way = self.canvas.scene.routes[self._wire]
            paint_wire(painter, way, QColor(look.accent), self.canvas.camera.scale, 3.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.accent), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(theme.qcolor(look.accent, 0.15))
        painter.drawPath(outline(self._rect))
        painter.setPen(QColor(look.text))
        painter.setFont(font(Face.NAME))
        painter.drawText(self._rect, Qt.AlignmentFlag.AlignCenter, self._title)
        painter.restore()

    @property
    def centre(self) -> QPointF:
        """The middle of the ghost."""
        return self._rect.center()
