"""How wires look: smooth lines with the shape of what flows through them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.mirror.routes import Route
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.cards import PILE, PILED, PORT

THICK = 1.8
SIZES = (11.0, 10.0, 9.0, 8.5)
"""Sizes of the shapes on wires, on the screen: the largest for which there is room."""
SMOOTH = 800
"""Up to so many wires have smooth edges."""


def wire_colour() -> QColor:
    """Slate: quiet beside the data."""
    look = theme.current()
    return QColor(theme.mix(theme.mix(look.dim, look.accent, 0.8), look.background, 0.58))


def pen(colour: QColor, scale: float, thick: float = THICK) -> QPen:
    """A round pen that never gets thinner than a pixel on the screen."""
    made = QPen(colour, max(thick, 1.0 / scale))
    made.setCapStyle(Qt.PenCapStyle.RoundCap)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made


def paint_wires(painter: QPainter, scene: Scene, ends: Iterable[End], scale: float, ailing: set[str]) -> None:
    """Draws wires in scene pixels; wires into nodes with an error that come with a wrong shape are red."""
    ends = list(ends)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(ends) <= SMOOTH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    plain, bad = pen(wire_colour(), scale), pen(QColor(theme.current().bad), scale)
    painter.setPen(plain)
    off = [end for end in ends if muted(scene, end)]
    for end in ends:
        if end.node not in ailing and end not in off:
            painter.drawPath(scene.routes[end].path)
    painter.setPen(silent_pen(scale))
    for end in off:
        painter.drawPath(scene.routes[end].path)
    painter.setPen(bad)
    for end in ends:
        if end.node in ailing and end not in off:
            painter.drawPath(scene.routes[end].path)


def paint_lines(painter: QPainter, lines: list[QLineF], scale: float) -> None:
    """Draws wires whose ways are not laid, for a frame that passes."""
    if lines:
        painter.setPen(pen(wire_colour(), scale))
        painter.drawLines(lines)


def muted(scene: Scene, end: End) -> bool:
    """Whether nothing flows through a wire, because a node at one of its ends is muted."""
    wire, nodes = scene.network.wires.get(end), scene.network.nodes
    return wire is not None and any(i in nodes and nodes[i].mode == "mute" for i in (wire.source.node, end.node))


def silent_pen(scale: float) -> QPen:
    """How a wire is drawn through which nothing flows."""
    made = pen(wire_colour(), scale, 1.4)
    made.setDashPattern([4.0, 4.0])
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def paint_wire(painter: QPainter, way: Route, colour: QColor, scale: float, thick: float = 2.4) -> None:
    """Draws one wire by itself, for hover, selection and gestures."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(colour, scale, thick))
    painter.drawPath(way.path)


def label_of(scene: Scene, end: End) -> str:
    """The shape that flows through a wire, or an empty text while it is unknown."""
    wire = scene.network.wires.get(end)
    shape = scene.analysis.output_shape(wire.source) if scene.analysis and wire else None
    return str(shape) if shape else ""


def _speaks(scene: Scene, end: End) -> bool:
    """Whether a wire writes its shape: of those from one port that run close together, the first does."""
    wire, at = scene.network.wires[end], scene.routes[end].anchor
    for other in scene.network.outgoing(wire.source.node):
        if other.target == end:
            return True
        way = scene.routes.get(other.target) if other.source == wire.source else None
        if way is not None and abs(at.x() - way.anchor.x()) <= 48 and abs(at.y() - way.anchor.y()) <= 16:
            return False
    return True


def _pile(scene: Scene, end: End) -> float:
    """How far the pile of cards, which a repeated block looks like, reaches into the wire that begins there."""
    item = scene.items.get(scene.network.wires[end].source.node)
    return PILE * min(item.face.repeat - 1, PILED) if item and not item.node.mode else 0.0


def _cut(frame: QRectF, box: QRectF) -> bool:
    """Whether a frame's border runs through a box."""
    return frame.intersects(box) and not frame.contains(box)


class Labels:
    """Writes shapes beside wires, in widget pixels."""

    def __init__(self) -> None:
        self._metrics: dict[tuple[float, float], QFontMetricsF] = {}

    def paint(
        self, painter: QPainter, camera: Camera, scene: Scene, ends: Iterable[End], frames: Iterable[QRectF] = ()
    ) -> None:
        """Writes the shape on each of these wires where it has room, over the borders of frames."""
        painter.setPen(QColor(theme.current().dim))
        borders = list(frames)
        for end in ends:
            if (text := label_of(scene, end)) and _speaks(scene, end):
                self._write(painter, camera, scene, end, text, borders)

    def _write(
        self, painter: QPainter, camera: Camera, scene: Scene, end: End, text: str, frames: list[QRectF]
    ) -> None:
        way, pile = scene.routes[end], _pile(scene, end) * camera.scale
        room = (way.room + 16) * camera.scale - pile
        for size in SIZES[0 if camera.scale >= 0.8 else 1 if camera.scale >= 0.5 else 2 :]:
            metrics = self._of(size)
            width = metrics.horizontalAdvance(text)
            if width <= room:
                painter.setFont(self._font(size))
                box = QRectF(0, 0, width, metrics.height())
                close = width > room - 2 * (PORT + 2) * camera.scale
                self._place(painter, camera, scene, way, text, box.translated(pile / 2, 0), close, frames)
                return

    def _place(self, painter: QPainter, camera: Camera, scene: Scene, way: Route, text: str, box: QRectF, close: bool,
               frames: list[QRectF]) -> None:  # fmt: skip
        """Writes above the wire, and, where there is hardly room (`close`), above the ports at its ends as well."""
        at, first, last = camera.to_view(way.anchor), way.segments[0], way.segments[-1]
        ends = sorted((first[1], last[7]))
        level = ends[1] - ends[0] < 12 or way.wraps
        above = box.height() / 2 + 3 if level else 0.0
        if close and not way.wraps and ends[1] - ends[0] < 4 * PORT:
            level, above = True, box.height() / 2 + (way.anchor.y() - ends[0] + PORT + 1) * camera.scale
        box.moveCenter(QPointF(at.x() + box.left(), at.y() - above))
        if way.wraps and scene.boxes.within(camera.scene_rect(box)):
            below = box.translated(0, box.height() + 4)
            box = box if scene.boxes.within(camera.scene_rect(below)) else below
        if not level or any(_cut(camera.view_rect(frame), box) for frame in frames):
            ground = QColor(theme.current().background)
            ground.setAlphaF(0.85)
            painter.fillRect(box.adjusted(-3, 0, 3, 0), ground)
        painter.drawText(QPointF(round(box.left()), round(box.bottom() - box.height() * 0.22)), text)

    def _font(self, size: float) -> QFont:
        return theme.font(size)

    def _of(self, size: float) -> QFontMetricsF:
        key = (size, theme.scale())
        if key not in self._metrics:
            self._metrics = self._metrics if len(self._metrics) < 64 else {}
            self._metrics[key] = QFontMetricsF(self._font(size))
        return self._metrics[key]
