"""The network from far away: coloured blocks and lines, painted in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.wires import paint_wires, wire_colour

CALM = 0.58
"""How much of a family's colour is left from far away: thousands of blocks are no confetti."""
CURVES = 800
"""More wires than this are straight lines from far away."""
ROUNDED = 400
"""Up to this many nodes get rounded corners."""


class Blocks:
    """Rectangles per family and lines. Nodes in the hand and their wires are painted apart from the rest."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.under: Callable[[QPainter, float], None] | None = None
        """Paints what lies behind the nodes, in scene pixels."""
        self.over: Callable[[QPainter, float], None] | None = None
        """Paints what lies over them, in scene pixels."""

    def paint_part(self, painter: QPainter, camera: Camera, part: QRectF) -> None:
        """Draws what stands still in a part of the widget over its ground."""
        scene = self._scene
        painter.fillRect(part, QColor(theme.current().background))
        seen = camera.scene_rect(part.adjusted(-3, -3, 3, 3))
        painter.save()
        painter.scale(camera.scale, camera.scale)
        painter.translate(-camera.x, -camera.y)
        if self.under is not None:
            self.under(painter, camera.scale)
        if len(scene.network.wires) <= CURVES:
            self._wires(painter, [e for e in scene.routes.within(seen) if e not in scene.lifted], camera.scale)
        else:
            self._lines(painter, scene.routes.spans.lines(seen, scene.lifted))
        self._nodes(painter, (i for i in scene.boxes.within(seen) if i not in scene.strayed), camera.scale)
        if self.over is not None:
            self.over(painter, camera.scale)
        painter.restore()

    def paint_held(self, painter: QPainter, scale: float, wires: bool = True) -> None:
        """Draws nodes in the hand and their wires in scene pixels."""
        if wires and len(self._scene.network.wires) <= CURVES:
            self._wires(painter, self._scene.lifted & self._scene.routes.keys(), scale)
        elif wires:
            found = (self._straight(end) for end in self._scene.lifted)
            self._lines(painter, [line for line in found if line is not None])
        self._nodes(painter, [i for i in self._scene.strayed if i in self._scene.items], scale)

    def paint_still(self, painter: QPainter, scale: float, wires: bool = True) -> None:
        """Draws all nodes that are not in the hand, and their wires, in scene pixels."""
        scene = self._scene
        if self.under is not None:
            self.under(painter, scale)
        if wires and len(scene.network.wires) <= CURVES:
            self._wires(painter, scene.routes.keys() - scene.lifted, scale)
        elif wires:
            self._lines(painter, scene.routes.spans.lines(scene.boxes.bounds(), scene.lifted))
        self._nodes(painter, (i for i in scene.items if i not in scene.strayed), scale)
        if self.over is not None:
            self.over(painter, scale)

    def _nodes(self, painter: QPainter, ids: Iterable[str], scale: float) -> None:
        items, look = self._scene.items, theme.current()
        families = look.families
        rects: dict[str, list[QRectF]] = {}
        for id in ids:
            item = items[id]
            rects.setdefault("" if item.node.mode else item.face.family, []).append(item.rect)
        rounded = len(items) <= ROUNDED and scale > 0.02
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        for family, group in rects.items():
            colour = families.get(family, look.faint if family else look.line)
            painter.setBrush(QColor(theme.mix(colour, look.background, CALM) if family else colour))
            if rounded:
                for rect in group:
                    painter.drawRoundedRect(rect, 8, 8)
            else:
                painter.drawRects(group)

    def _wires(self, painter: QPainter, ends: Iterable[End], scale: float) -> None:
        paint_wires(painter, self._scene, ends, scale, set())

    def _lines(self, painter: QPainter, lines: list[QLineF]) -> None:
        if not lines:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen(wire_colour(), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(lines)

    def _straight(self, end: End) -> QLineF | None:
        """A wire as a line between its ports as they are now, whether or not its way is laid."""
        ends = self._scene.ends_of(end)
        return QLineF(*ends) if ends else None
