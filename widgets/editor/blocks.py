"""The network from far away: coloured blocks and lines, painted in batches and kept as a picture while panning."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.scene import Scene
from widgets.editor.wires import CURVES, paint_wires, wire_colour

ROUNDED = 400
"""Up to this many nodes get rounded corners."""
BORDER = 240
"""Pixels painted beyond the view, so that a pan need not paint for a while."""


class Blocks:
    """Lists of rectangles per family and of lines, made again only when the scene has changed."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._revision = -1
        self._rects: dict[str, list[QRectF]] = {}
        self._lines: list[QLineF] = []
        self._kept: tuple[tuple[object, ...], QPointF, QPixmap] | None = None

    def show(self, painter: QPainter, camera: Camera, view: QRectF, ratio: float) -> None:
        """Draws the network in widget pixels over its ground; a large one from the kept picture.

        `view` is all of the widget.
        """
        if len(self._scene.items) <= ROUNDED:
            painter.fillRect(view, QColor(theme.current().background))
            painter.scale(camera.scale, camera.scale)
            painter.translate(-camera.x, -camera.y)
            self.paint(painter, camera.scale)
            return
        key = (self._scene.revision, camera.scale, ratio, theme.current().name, view.size().toTuple())
        at = self._offset(camera, ratio) if self._kept and self._kept[0] == key else None
        if at is None or abs(at.x() + BORDER) > BORDER or abs(at.y() + BORDER) > BORDER:
            self._kept = (key, QPointF(camera.x, camera.y), self._picture(camera, view, ratio))
            at = self._offset(camera, ratio)
        assert self._kept is not None
        painter.drawPixmap(at, self._kept[2])

    def _offset(self, camera: Camera, ratio: float) -> QPointF:
        """Where the kept picture's corner lies, on whole pixels of the screen."""
        assert self._kept is not None
        step = (self._kept[1] - QPointF(camera.x, camera.y)) * camera.scale * ratio
        return QPointF(round(step.x()), round(step.y())) / ratio - QPointF(BORDER, BORDER)

    def _picture(self, camera: Camera, view: QRectF, ratio: float) -> QPixmap:
        width, height = (math.ceil((v + 2 * BORDER) * ratio) for v in view.size().toTuple())
        pixmap = QPixmap(width, height)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(theme.current().background))
        painter = QPainter(pixmap)
        try:
            painter.translate(BORDER, BORDER)
            painter.scale(camera.scale, camera.scale)
            painter.translate(-camera.x, -camera.y)
            self.paint(painter, camera.scale)
        finally:
            painter.end()
        return pixmap

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
