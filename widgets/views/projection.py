"""Where a layer places the samples: t-SNE or PCA, moving while it is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPaintEngine, QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Hit
from widgets.views.painting import CENTRE, draw_text, fill, text_width
from widgets.views.plane import Plane, class_colour
from widgets.views.samples import hover_words, sample_picture


class ProjectionDisplay(BaseModel):
    """Options of the picture."""

    model_config = ConfigDict(frozen=True)

    names: bool = Field(default=False, title="Names", description="Writes the class in the middle of its points.")


class Projection(View):
    """Each sample as a point; a click chooses it everywhere."""

    name = "projection"
    title = "Projection"
    icon = "view-projection"
    section = "Inside"
    help = "Each sample as a point; samples that the layer treats alike lie together."
    empty = "It needs data and a network that can be built."
    analysis = "projection"
    fields = ("node", "method", "split", "samples", "perplexity", "iterations")
    none_words: ClassVar[Mapping[str, str]] = {"node": "before the answer"}
    labels: ClassVar[Mapping[str, str]] = {"method": "", "split": ""}
    display = ProjectionDisplay

    def build(self) -> QWidget:
        self.figure = Cloud()
        self.figure.clicked.connect(self.sample_selected.emit)
        return self.figure

    def headline(self, result: Any) -> str:
        method = "t-SNE" if result.method == "tsne" else "PCA"
        words = f"{method} of {result.title}"
        return words if result.finished else f"{words} · {result.iteration}/{result.iterations}"

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result, self.context, self.display_options().names)
        self._mark()

    def choose(self, sample: int, split: str) -> None:
        self._chosen = (sample, split)
        self._mark()

    def _mark(self) -> None:
        """Mark the chosen sample, where it is among the points."""
        if self._body is not None and self._result is not None:
            sample, split = getattr(self, "_chosen", (-1, ""))
            self.figure.choose(sample if split == self._result.split else None)


class Cloud(Plane):
    """The points, a legend of the classes, and the chosen sample in a ring."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._context = Context()
        self._names = False
        self._chosen: int | None = None
        self.stretch = 2.2  # the axes of a layout mean nothing

    def show_result(self, result: Any, context: Context, names: bool) -> None:
        """Show a ProjectionResult, also one that is not finished."""
        self._result, self._context, self._names = result, context, names
        points = np.nan_to_num(result.embedding.astype(np.float64))
        self.set_points(points, result.labels, _bounds(points))

    def choose(self, sample: int | None) -> None:
        """Mark the point of this sample."""
        found = np.flatnonzero(self._result.indices == sample) if self._result is not None else []
        self._chosen = int(found[0]) if len(found) else None
        self.update()

    def plot_area(self) -> QRectF:
        width = self._legend_width()
        return self.area().adjusted(14, 8, -14 - width, -14)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None:
            return
        radius = self._radius()
        painter.save()
        if painter.paintEngine().type() != QPaintEngine.Type.SVG:  # a clip in an SVG is read differently everywhere
            painter.setClipRect(area.adjusted(0, 0, -self._legend_width(), 0))
        self.draw_points(painter, radius)
        self.draw_chosen(painter, self._chosen, radius)
        if self._names:
            self._draw_names(painter)
        painter.restore()
        self._draw_legend(painter, area)

    def hit(self, point: QPointF) -> Hit | None:
        index = self.nearest(point) if self._result is not None else None
        if index is None:
            return None
        sample, split = int(self._result.indices[index]), self._result.split
        x, y = self.to_pixels(self.points[index : index + 1])[0]
        reach = self._radius() + 3
        box = QRectF(x - reach, y - reach, 2 * reach, 2 * reach)
        words = hover_words(self._context, split, sample)
        return Hit(words, box, sample_picture(self._context, split, sample), key=sample)

    def _radius(self) -> float:
        count, area = max(len(self.points), 1), self.plot_area()
        wanted = 0.11 * (area.width() * area.height() / count) ** 0.5
        return round(2 * min(4.0, max(1.5, wanted))) / 2

    def _present(self) -> list[int]:
        return [int(k) for k in np.unique(self.labels) if k >= 0][:24] if self._result is not None else []

    def _legend_width(self) -> float:
        names = [self._class(k) for k in self._present()]
        if not names or self.width() < 320:
            return 0.0
        return min(max(text_width(n, 11) for n in names), 110.0) + 34

    def _draw_legend(self, painter: QPainter, area: QRectF) -> None:
        t, width = theme.current(), self._legend_width()
        present = self._present()
        if not width:
            return
        height = min(18.0, (area.height() - 12) / max(len(present), 1))
        for row, label in enumerate(present):
            box = QRectF(area.right() - width, area.top() + 4 + row * height, width - 8, height)
            fill(painter, QRectF(box.left(), box.center().y() - 4, 8, 8), theme.qcolor(class_colour(label)), 4)
            draw_text(painter, box.adjusted(15, 0, 0, 0), self._class(label), t.dim, size=11)

    def _draw_names(self, painter: QPainter) -> None:
        t, pixels = theme.current(), self.to_pixels(self.points)
        for label in self._present():
            x, y = np.median(pixels[self.labels == label], axis=0)
            words = self._class(label)
            box = QRectF(x - text_width(words) / 2 - 6, y - 10, text_width(words) + 12, 20)
            fill(painter, box, theme.qcolor(t.panel, 0.8), 6)
            draw_text(painter, box, words, t.text, align=CENTRE)

    def _class(self, label: int) -> str:
        classes = self._result.classes
        return classes[label] if label < len(classes) else str(label)


def _bounds(points: Any) -> QRectF:
    """A box around the points with a little room."""
    if not len(points):
        return QRectF(-1, -1, 2, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    margin = 0.03 * size
    return QRectF(*(low - margin), *(size + 2 * margin))
