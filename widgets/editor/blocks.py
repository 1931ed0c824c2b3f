"""The network from far away: coloured blocks and lines, painted in batches."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets import theme
from widgets.editor.scene import Scene
from widgets.editor.wires import CURVES, paint_wires, wire_colour

ROUNDED = 400
"""Up to this many nodes get rounded corners and curved wires."""


class Blocks:
    """Lists of rectangles per family and of lines, made again only when the scene has changed."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._revision = -1
        self._rects: dict[str, list[QRectF]] = {}
        self._lines: list[QLineF] = []

    def paint(self, painter: QPainter, scale: float, wires: bool = True) -> None:
        """Draws the whole network in scene pixels."""
        self._renew()
        if wires and self._lines:
            self._paint_wires(painter, scale)
        painter.setPen(Qt.PenStyle.NoPen)
        rounded = len(self._scene.items) <= ROUNDED and scale > 0.02
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        for family, rects in self._rects.items():
            painter.setBrush(QColor(theme.current().families.get(family, theme.current().dim)))
            if rounded:
                for rect in rects:
                    painter.drawRoundedRect(rect, 8, 8)
            else:
                painter.drawRects(rects)

    def _paint_wires(self, painter: QPainter, scale: float) -> None:
        if len(self._lines) <= CURVES:
            paint_wires(painter, self._scene, self._scene.routes, scale, set())
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen(wire_colour(), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self._lines)

    def _renew(self) -> None:
        if self._revision == self._scene.revision:
            return
        self._revision = self._scene.revision
        self._rects = {}
        for item in self._scene.items.values():
            self._rects.setdefault(item.face.family, []).append(item.rect)
        self._lines = [way.line for way in self._scene.routes.values()]
