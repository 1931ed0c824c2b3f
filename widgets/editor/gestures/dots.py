"""Shift and right drag: every wire that the line crosses gets a dot there."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.gestures.base import Pointer
from widgets.editor.gestures.wire import CutWires


class DotWires(CutWires):
    """A stroke across wires."""

    def release(self, at: Pointer) -> None:
        self.move(at)
        self.canvas.reroute(self.crossings())

    def crossings(self) -> dict[End, QPointF]:
        """Where the line crosses which wire, by the port that the wire ends in."""
        return {end: self._point(end) for end in self.crossed()}

    def _point(self, end: End) -> QPointF:
        kind = QLineF.IntersectionType.BoundedIntersection
        for a, b in pairwise(self.canvas.scene.routes[end].samples()):
            found, point = self._line.intersects(QLineF(*a, *b))
            if found == kind:
                return QPointF(point)
        return self._line.center()

    def paint(self, painter: QPainter) -> None:
        camera, accent = self.canvas.camera, QColor(theme.current().accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, 1.5))
        painter.drawLine(QLineF(camera.to_view(self._line.p1()), camera.to_view(self._line.p2())))
        painter.setBrush(accent)
        for point in self.crossings().values():
            painter.drawEllipse(camera.to_view(point), 4.5, 4.5)
