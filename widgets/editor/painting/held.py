"""What the hand holds, painted over the picture of what stands still: nodes, their wires, outlines of the selection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from graphs.network import End
from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.painting.cards import MARGIN, RADIUS
from widgets.editor.painting.wires import pen, wire_colour

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

ABOVE = 150
"""Up to so many cards in view are painted again over the wires of nodes in the hand."""
REACH = 4
"""Pixels that an outline reaches out of its card."""


class Held:
    """Paints nodes that are shown elsewhere than the document has them."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def ends(self, seen: QRectF) -> list[End]:
        """The wires of nodes in the hand that come into view; of a crowd those that lead out of it."""
        scene = self._canvas.scene
        hidden = self._canvas.hidden_wires
        if scene.crowded:
            return [end for end in scene.leading_out(seen) if end not in hidden]
        routes = scene.routes
        shown = scene.lifted - hidden
        return [end for end in shown if end in routes and routes[end].rect.intersects(seen)]

    def wires(self, painter: QPainter, ends: Iterable[End], camera: Camera | None = None) -> None:
        """Draws these wires in widget pixels, those of selected nodes in the selection's colour."""
        canvas, scene = self._canvas, self._canvas.scene
        ailing, look = canvas.badges.misfits(), theme.current()
        paths: dict[str, list[QPainterPath]] = {"plain": [], "chosen": [], "bad": []}
        for end in ends:
            near = end.node in canvas.selection or scene.network.wires[end].source.node in canvas.selection
            paths["bad" if end.node in ailing else "chosen" if near else "plain"].append(scene.routes[end].path)
        chosen = QColor(theme.mix(look.accent, wire_colour().name(), 0.6))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        camera = camera or canvas.camera
        painter.scale(camera.scale, camera.scale)
        painter.translate(-camera.x, -camera.y)
        for name, colour in (("plain", wire_colour()), ("chosen", chosen), ("bad", QColor(look.bad))):
            painter.setPen(pen(colour, canvas.camera.scale))
            for path in paths[name]:
                painter.drawPath(path)
        painter.restore()

    def cards(self, seen: QRectF, ends: Iterable[End]) -> list[str]:
        """What is painted over the wires: cards that they could pass behind, then the cards in the hand."""
        scene = self._canvas.scene
        near = scene.boxes.within(seen.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))
        held = [i for i in near if i in scene.strayed]
        if len(near) - len(held) > ABOVE:
            return held
        return [*self.crossed(near, ends), *held]

    def crossed(self, near: Iterable[str], ends: Iterable[End]) -> list[str]:
        """Of these cards those that stand still and that one of the wires could pass behind."""
        scene = self._canvas.scene
        below = set(scene.boxes.touching([scene.routes[end].rect for end in ends]))
        return [i for i in near if i in below and i not in scene.strayed]


class Outlines:
    """Outlines of selected cards, kept as pictures: many cards are of one size."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def paint(self, painter: QPainter, camera: Camera, rects: Iterable[QRectF], ratio: float) -> None:
        """Draws an outline around each of these rectangles of the scene."""
        for rect in rects:
            box = camera.view_rect(rect)
            place = QPointF(round(box.left() * ratio), round(box.top() * ratio)) / ratio
            picture = self._picture(box.size(), RADIUS * camera.scale, ratio)
            painter.drawPixmap(place - QPointF(REACH, REACH), picture)

    def _picture(self, size: QSizeF, radius: float, ratio: float) -> QPixmap:
        wide, high = (round(v * ratio) for v in size.toTuple())
        key = (wide, high, radius, ratio, theme.current().name)
        if key not in self._kept:
            self._kept = self._kept if len(self._kept) < 64 else {}
            self._kept[key] = self._drawn(wide, high, radius, ratio)
        return self._kept[key]

    def _drawn(self, wide: int, high: int, radius: float, ratio: float) -> QPixmap:
        spare = round(2 * REACH * ratio)
        picture = QPixmap(wide + spare, high + spare)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(REACH, REACH, wide / ratio, high / ratio)
        accent = theme.current().accent
        for colour, thick in ((theme.qcolor(accent, 0.25), 5.0), (theme.qcolor(accent), 2.0)):
            painter.setPen(QPen(colour, thick))
            painter.drawRoundedRect(box, radius, radius)
        painter.end()
        return picture
