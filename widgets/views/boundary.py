"""What the network answers everywhere in the plane, for data of two numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPaintEngine, QPainter, QPen
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Hit
from widgets.views.painting import (
    CENTRE,
    RIGHT,
    compact,
    draw_text,
    fill,
    percent,
    rgba,
    signed_image,
    text_width,
)
from widgets.views.plane import Plane, class_colour
from widgets.views.states import Need
from widgets.views.ticks import linear_ticks


class Boundary(View):
    """Regions in the colour of the class, paler where the network is unsure, with the samples on them."""

    name = "boundary"
    title = "Decision regions"
    icon = "view-boundary"
    section = "Results"
    help = "What the network answers for every point of a plane, with the samples on it."
    empty = "It needs data of two numbers, such as the spiral or XOR."
    analysis = "boundary"
    fields = ("split", "resolution", "points")
    labels: ClassVar[Mapping[str, str]] = {"split": ""}

    def missing(self, context: Context) -> Need | None:
        need = super().missing(context)
        if need is None and context.data is not None and context.data.shape != (2,):
            shape = "×".join(map(str, context.data.shape))
            words = f"It needs data of two numbers, such as the spiral or XOR; a sample of this data is {shape}."
            return Need(words, "Open the spiral example", "example:spiral")
        return need

    def build(self) -> QWidget:
        self.figure = Regions()
        self.figure.clicked.connect(self.sample_selected.emit)
        return self.figure

    def headline(self, result: Any) -> str:
        if result.predicted is None:
            return "The output over the plane"
        right = float((_at_points(result) == result.labels).mean()) if len(result.labels) else 1.0
        return f"Decision regions · {percent(right)} right"

    def render_result(self, result: Any) -> None:
        features = self.context.data.features if self.context.data is not None else ()
        self.figure.show_result(result, features)


class Regions(Plane):
    """The regions as one picture, axes at the left and below, points in rings."""

    LEFT, FOOT = 44.0, 24.0

    def __init__(self) -> None:
        super().__init__()
        self.stretch = 1.6
        self._result: Any = None
        self._image: QImage | None = None
        self._key: Any = None
        self._features: tuple[str, ...] = ()

    def show_result(self, result: Any, features: tuple[str, ...]) -> None:
        """Show a BoundaryResult."""
        self._result, self._features = result, features
        x, y = result.x, result.y
        bounds = QRectF(float(x[0]), float(y[0]), float(x[-1] - x[0]), float(y[-1] - y[0]))
        self._image = self._ground(result)
        self.set_points(result.points, result.labels, bounds)

    def plot_area(self) -> QRectF:
        room = self.area().adjusted(self.LEFT + 8, 4, -16 - self._legend_width(), -self.FOOT - 6)
        wide = self.stretch * room.height() * self.bounds.width() / (self.bounds.height() or 1)
        room.setWidth(min(room.width(), wide))
        return room

    def ground_box(self) -> QRectF:
        """Where the picture of the regions lies."""
        corners = np.array([[self.bounds.left(), self.bounds.top()], [self.bounds.right(), self.bounds.bottom()]])
        (x0, y0), (x1, y1) = self.to_pixels(corners)
        return QRectF(x0, y1, x1 - x0, y0 - y1)

    def _seen_part(self, frame: QRectF) -> QRectF:
        """The part of the picture of the regions, in its own pixels, that lies in `frame`."""
        assert self._image is not None
        box = self.ground_box()
        x, y = self._image.width() / (box.width() or 1), self._image.height() / (box.height() or 1)
        left, top = (frame.left() - box.left()) * x, (frame.top() - box.top()) * y
        return QRectF(left, top, frame.width() * x, frame.height() * y)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None or self._image is None:
            return
        frame = self.ground_box().intersected(self.plot_area())
        painter.save()
        if painter.paintEngine().type() != QPaintEngine.Type.SVG:  # a clip in an SVG is read differently everywhere
            painter.setClipRect(frame)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(frame, self._image, self._seen_part(frame))
        radius = 3.6 if len(self.points) < 400 else 2.6
        self.draw_points(painter, radius, ring=True)
        self._draw_wrong(painter, radius)
        painter.restore()
        self._draw_axes(painter, frame)
        self._draw_legend(painter, frame)

    def hit(self, point: QPointF) -> Hit | None:
        if self._result is None or not self.ground_box().intersected(self.plot_area()).contains(point):
            return None
        index = self.nearest(point, 6.0)
        if index is not None:
            x, y = self.points[index]
            label = int(self._result.labels[index])
            words = self._class(label) if label >= 0 else compact(float(self._result.targets[index]))
            sample = int(self._result.indices[index])
            return Hit(f"{words}\nsample {sample} · {compact(float(x))}, {compact(float(y))}", key=sample)
        at = self.to_units(point)
        column = int(np.abs(self._result.x - at.x()).argmin())
        row = int(np.abs(self._result.y - at.y()).argmin())
        values = self._result.values[row, column]
        place = f"{compact(at.x())}, {compact(at.y())}"
        if self._result.predicted is None:
            return Hit(f"{compact(float(values[0]))}\n{place}")
        best = int(values.argmax())
        return Hit(f"{self._class(best)} · {percent(float(values[best]))}\n{place}")

    def _ground(self, result: Any) -> QImage:
        """Class colours paler where the network is unsure; the first output for a regression."""
        if result.predicted is None:
            return signed_image(np.flipud(result.values[..., 0]))
        t, count = theme.current(), result.values.shape[-1]
        colours = np.array([theme.qcolor(class_colour(k)).getRgb()[:3] for k in range(count)], np.float32)
        base = np.array(theme.qcolor(t.background).getRgb()[:3], np.float32)
        sure = (result.values.max(axis=-1) - 1 / count) / max(1 - 1 / count, 1e-6)
        share = (0.10 + 0.42 * np.clip(sure, 0, 1))[..., None]
        mixed = base * (1 - share) + colours[result.predicted] * share
        alpha = np.full((*mixed.shape[:2], 1), 255, np.float32)
        return rgba(np.flipud(np.concatenate([mixed, alpha], axis=-1)).astype(np.uint8))

    def _draw_wrong(self, painter: QPainter, radius: float) -> None:
        """A ring around each sample that lies on the ground of another class."""
        if self._result.predicted is None or not len(self.points) or len(self.points) > 5000:
            return
        wrong = self.points[_at_points(self._result) != self._result.labels]
        painter.setPen(QPen(theme.qcolor(theme.current().text, 0.9), 1.2))
        for x, y in self.to_pixels(wrong) if len(wrong) else ():
            painter.drawEllipse(QPointF(x, y), radius + 1.6, radius + 1.6)

    def _draw_axes(self, painter: QPainter, frame: QRectF) -> None:
        t = theme.current()
        low, high = self.to_units(frame.bottomLeft()), self.to_units(frame.topRight())
        for tick in linear_ticks(low.x(), high.x(), max(2, int(frame.width() / 70))):
            x = self.to_pixels(np.array([[tick.value, 0.0]]))[0, 0]
            draw_text(
                painter,
                QRectF(x - 30, frame.bottom() + 4, 60, 15),
                tick.words,
                t.faint,
                size=11,
                align=CENTRE,
            )
        for tick in linear_ticks(low.y(), high.y(), max(2, int(frame.height() / 44))):
            y = self.to_pixels(np.array([[0.0, tick.value]]))[0, 1]
            draw_text(painter, QRectF(frame.left() - 48, y - 8, 42, 16), tick.words, t.faint, size=11, align=RIGHT)

    def _legend(self) -> list[int]:
        return list(range(min(len(self._result.classes), 12))) if self._result is not None else []

    def _legend_width(self) -> float:
        if not self._legend() or self.width() < 300:
            return 0.0
        return min(max(text_width(self._class(k), 11) for k in self._legend()), 110.0) + 34

    def _draw_legend(self, painter: QPainter, frame: QRectF) -> None:
        t, width = theme.current(), self._legend_width()
        for row, label in enumerate(self._legend() if width else []):
            box = QRectF(frame.right() + 14, frame.top() + row * 18, width - 14, 18)
            fill(painter, QRectF(box.left(), box.center().y() - 4, 8, 8), theme.qcolor(class_colour(label)), 4)
            draw_text(painter, box.adjusted(15, 0, 0, 0), self._class(label), t.dim, size=11)

    def _class(self, label: int) -> str:
        return self._result.classes[label] if label < len(self._result.classes) else str(label)


def _at_points(result: Any) -> Any:
    """The class of the ground under each sample [n]."""
    columns = np.abs(result.points[:, :1] - result.x[None]).argmin(axis=1)
    rows = np.abs(result.points[:, 1:2] - result.y[None]).argmin(axis=1)
    return result.predicted[rows, columns]
