"""Points in a plane that can be moved and enlarged: the ground of projection and decision regions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPaintEngine, QPainter, QPen, QPixmap, QWheelEvent

from widgets import theme
from widgets.views.figure import Figure
from widgets.views.painting import rgba

Floats = NDArray[Any]
SPLAT_FROM = 6000
"""From so many points on they are splatted into an image by numpy instead of drawn one by one."""


class Plane(Figure):
    """Points [n, 2] with a class each. The wheel enlarges, dragging moves, a double click shows all again."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.points: Floats = np.empty((0, 2))
        self.labels: NDArray[Any] = np.empty(0, np.int64)
        self.bounds = QRectF(-1, -1, 2, 2)
        self._zoom = 1.0
        self._centre: QPointF | None = None
        self._stamps: dict[tuple[Any, ...], QPixmap] = {}
        self._grabbed: QPointF | None = None
        self._dragged = False
        self.stretch = 1.0
        """How much more one axis may be enlarged than the other."""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def set_points(self, points: Floats, labels: NDArray[Any], bounds: QRectF) -> None:
        """Show these points; `bounds` (x, y, width, height in their units) is what all of them fit into."""
        self.points, self.labels, self.bounds = points, labels, bounds
        self.update()

    def plot_area(self) -> QRectF:
        """The part of the figure that the plane takes."""
        return self.area()

    def scales(self) -> tuple[float, float]:
        """Pixels per unit along x and y."""
        area, bounds = self.plot_area(), self.bounds
        x = area.width() / (bounds.width() or 1) * self._zoom
        y = area.height() / (bounds.height() or 1) * self._zoom
        return min(x, self.stretch * y), min(y, self.stretch * x)

    def to_pixels(self, points: Floats) -> Floats:
        """Where points [n, 2] lie in the widget; y grows upwards."""
        (sx, sy), centre, middle = self.scales(), self.centre(), self.plot_area().center()
        points = np.asarray(points, np.float64)
        return np.stack(
            [middle.x() + (points[:, 0] - centre.x()) * sx, middle.y() - (points[:, 1] - centre.y()) * sy], 1
        )

    def to_units(self, pixel: QPointF) -> QPointF:
        """The point of the plane under a pixel."""
        (sx, sy), centre, middle = self.scales(), self.centre(), self.plot_area().center()
        return QPointF(centre.x() + (pixel.x() - middle.x()) / sx, centre.y() - (pixel.y() - middle.y()) / sy)

    def centre(self) -> QPointF:
        """The point of the plane in the middle of the picture."""
        return self._centre if self._centre is not None else self.bounds.center()

    def nearest(self, pixel: QPointF, reach: float = 9.0) -> int | None:
        """The point next to a pixel, None where none is within `reach` pixels."""
        if not len(self.points):
            return None
        away = np.abs(self.to_pixels(self.points) - (pixel.x(), pixel.y())).max(axis=1)
        index = int(away.argmin())
        return index if away[index] <= reach else None

    def draw_points(self, painter: QPainter, radius: float, *, ring: bool = False) -> None:
        """All points, one draw call per class; very many are splatted into an image."""
        pixels = self.to_pixels(self.points)
        if len(pixels) > SPLAT_FROM:
            area = self.plot_area()
            painter.drawImage(area, splat(pixels, self.labels, area, radius))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
        for label in np.unique(self.labels):
            chosen, colour = pixels[self.labels == label].tolist(), class_colour(int(label))
            if raster:
                stamp = self._stamp(colour, radius, ring, painter.device().devicePixelRatioF())
                reach = radius + 2
                for x, y in chosen:
                    painter.drawPixmap(QPointF(x - reach, y - reach), stamp)
            else:
                painter.setPen(QPen(theme.qcolor(theme.current().panel), 1) if ring else Qt.PenStyle.NoPen)
                painter.setBrush(theme.qcolor(colour))
                inside = self.plot_area().adjusted(-8, -8, 8, 8)
                for x, y in chosen:
                    if not inside.contains(x, y):
                        continue  # a vector picture has no clip
                    painter.drawEllipse(QPointF(x, y), radius, radius)

    def _stamp(self, colour: str, radius: float, ring: bool, ratio: float) -> QPixmap:
        """A disc to be put down many times: five times as fast as drawing it."""
        key = (colour, radius, ring, ratio, theme.current().name)
        if key not in self._stamps:
            side = 2 * (radius + 2)
            made = QPixmap(math.ceil(side * ratio), math.ceil(side * ratio))
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.qcolor(theme.current().panel), 1) if ring else Qt.PenStyle.NoPen)
            painter.setBrush(theme.qcolor(colour))
            painter.drawEllipse(QPointF(side / 2, side / 2), radius + ring * 0.5, radius + ring * 0.5)
            painter.end()
            if len(self._stamps) > 64:
                self._stamps.clear()
            self._stamps[key] = made
        return self._stamps[key]

    def draw_chosen(self, painter: QPainter, index: int | None, radius: float) -> None:
        """A ring around the chosen point."""
        if index is None or index >= len(self.points):
            return
        x, y = self.to_pixels(self.points[index : index + 1])[0]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.qcolor(theme.current().panel), 4))
        painter.drawEllipse(QPointF(x, y), radius + 3.5, radius + 3.5)
        painter.setPen(QPen(theme.qcolor(theme.current().text), 1.6))
        painter.drawEllipse(QPointF(x, y), radius + 3.5, radius + 3.5)

    def show_all(self) -> None:
        """Back to where all points are seen."""
        self._zoom, self._centre = 1.0, None
        self.update()
        self.moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        before = self.to_units(event.position())
        self._zoom = min(max(self._zoom * 1.0015 ** event.angleDelta().y(), 0.5), 60.0)
        after = self.to_units(event.position())
        self._centre = self.centre() + before - after
        self.update()
        self.moved.emit()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed, self._dragged = event.position(), False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        away = event.position() - self._grabbed
        if self._dragged or math.hypot(away.x(), away.y()) > 4:
            self._centre = self.centre() + self.to_units(self._grabbed) - self.to_units(event.position())
            self._grabbed, self._dragged = event.position(), True
            self.card.hide()
            self.update()
            self.moved.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._grabbed, self._dragged = self._dragged, None, False
        if not dragged:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()
        event.accept()


def class_colour(label: int) -> str:
    """The colour of a class; more than ten begin again; no class is the accent."""
    now = theme.current()
    return now.accent if label < 0 else now.classes[label % len(now.classes)]


def splat(pixels: Floats, labels: NDArray[Any], area: QRectF, radius: float) -> QImage:
    """Points as small squares of colour in an image of the size of `area`."""
    width, height = max(int(area.width()), 1), max(int(area.height()), 1)
    canvas = np.zeros((height, width, 4), np.uint8)
    x, y = (pixels[:, 0] - area.left()).astype(int), (pixels[:, 1] - area.top()).astype(int)
    table = {int(k): theme.qcolor(class_colour(int(k))).getRgb() for k in np.unique(labels)}
    colours = np.array([table[int(k)] for k in sorted(table)], np.uint8)[np.searchsorted(sorted(table), labels)]
    reach = max(0, round(radius) - 1)
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            inside = (x + dx >= 0) & (x + dx < width) & (y + dy >= 0) & (y + dy < height)
            canvas[y[inside] + dy, x[inside] + dx] = colours[inside]
    return rgba(canvas)
