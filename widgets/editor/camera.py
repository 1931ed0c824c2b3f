"""Where the canvas looks: a scale and the scene point at the widget's top left corner."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

SMALLEST, LARGEST = 0.005, 4.0


class Camera:
    """Maps scene pixels (100 % zoom) to widget pixels and back."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.x = 0.0
        self.y = 0.0

    def to_scene(self, point: QPointF) -> QPointF:
        """The scene point under a widget point."""
        return QPointF(point.x() / self.scale + self.x, point.y() / self.scale + self.y)

    def to_view(self, point: QPointF) -> QPointF:
        """The widget point of a scene point."""
        return QPointF((point.x() - self.x) * self.scale, (point.y() - self.y) * self.scale)

    def view_rect(self, rect: QRectF) -> QRectF:
        """A scene rectangle in widget pixels."""
        corner = self.to_view(rect.topLeft())
        return QRectF(corner, rect.size() * self.scale)

    def scene_rect(self, rect: QRectF) -> QRectF:
        """A widget rectangle in scene pixels."""
        return QRectF(self.to_scene(rect.topLeft()), rect.size() / self.scale)

    def pan(self, dx: float, dy: float) -> None:
        """Moves what is seen by widget pixels: positive numbers push the scene right and down."""
        self.x -= dx / self.scale
        self.y -= dy / self.scale

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zooms so that the scene point under `point` stays where it is."""
        before = self.to_scene(point)
        self.scale = min(LARGEST, max(SMALLEST, self.scale * factor))
        self.x = before.x() - point.x() / self.scale
        self.y = before.y() - point.y() / self.scale

    def centre_on(self, point: QPointF, size: QSizeF) -> None:
        """Puts a scene point in the middle of a widget of this size."""
        self.x = point.x() - size.width() / 2 / self.scale
        self.y = point.y() - size.height() / 2 / self.scale

    def frame(self, rect: QRectF, size: QSizeF, margin: float = 32.0, most: float = 1.0) -> None:
        """Shows all of a scene rectangle, never larger than `most`, centred."""
        room = QSizeF(max(1.0, size.width() - 2 * margin), max(1.0, size.height() - 2 * margin))
        fitting = min(room.width() / max(1.0, rect.width()), room.height() / max(1.0, rect.height()), most)
        self.scale = min(LARGEST, max(SMALLEST, fitting))
        self.centre_on(rect.center(), size)

    def state(self) -> tuple[float, float, float]:
        """Scale and corner, to be put back later or eased towards."""
        return self.scale, self.x, self.y

    def restore(self, state: tuple[float, float, float]) -> None:
        """Looks where `state` looked."""
        self.scale, self.x, self.y = state
