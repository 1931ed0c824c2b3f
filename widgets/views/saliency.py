"""Why the network said what it said: which parts of the sample its answer depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.figure import Figure, Hit
from widgets.views.painting import (
    CENTRE,
    compact,
    draw_image,
    draw_text,
    magnitude_image,
    mapped,
    percent,
    photo,
    probability_bars,
    rgba,
    text_width,
)
from widgets.views.samples import around, is_picture, picture_grid
from widgets.views.tiles import bar_at, draw_bars

PAD = 16.0
CAPTION = 22.0


class Saliency(View):
    """The sample, what its answer depends on, both together, and the likeliest classes."""

    name = "saliency"
    title = "Saliency"
    icon = "view-saliency"
    section = "Why"
    help = "Which parts of a sample change the network's answer most."
    empty = "It needs data and a network that can be built."
    analysis = "saliency"
    fields = ("sample", "target", "method", "steps", "split")
    none_words: ClassVar[Mapping[str, str]] = {"target": "what it said"}
    labels: ClassVar[Mapping[str, str]] = {"split": "", "target": "class"}

    def build(self) -> QWidget:
        self.figure = Reasons()
        return self.figure

    def headline(self, result: Any) -> str:
        if result.predicted is None:
            return f"What output {result.target} depends on"
        name = _name(result, result.target)
        return f"Why it said {name}" if result.target == result.predicted else f"What would speak for {name}"

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result, self.context)


class Reasons(Figure):
    """Pictures side by side with what they are below, bars of the five likeliest classes at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._pictures: list[tuple[QImage, str, str]] = []
        self._boxes: list[QRectF] = []
        self._bars = QRectF()
        self._features: tuple[str, ...] = ()

    def show_result(self, result: Any, context: Any) -> None:
        """Show a SaliencyResult."""
        self._result = result
        self._features = context.data.features if context.data is not None else ()
        bounds = context.data.bounds if context.data is not None else (0.0, 1.0)
        self._pictures = self._make(result, bounds) if is_picture(result.image) else []
        self.update()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None:
            return
        area = area.adjusted(PAD, 4, -PAD, -10)
        if self._result.probabilities is None or area.width() < 180:
            self._draw_main(painter, area)
        elif area.width() > 460:
            bars = min(max(area.width() * 0.3, 150.0), 280.0)
            used = self._draw_main(painter, area.adjusted(0, 0, -bars - 28, 0))
            width = min(bars, area.right() - used.right() - 28)
            self._draw_top(painter, QRectF(used.right() + 28, area.top(), width, area.height()))
        else:
            bars = min(112.0, area.height() * 0.4)
            used = self._draw_main(painter, area.adjusted(0, 0, 0, -bars))
            top = used.bottom() + (CAPTION + 8 if self._pictures else 8)
            self._draw_top(painter, QRectF(area.left(), top, area.width(), area.bottom() - top))

    def _draw_main(self, painter: QPainter, area: QRectF) -> QRectF:
        """The pictures, or the bars of a sample that is none; gives the box they take."""
        return self._draw_pictures(painter, area) if self._pictures else self._draw_values(painter, area)

    def hit(self, point: QPointF) -> Hit | None:
        for box in self._boxes if self._pictures else []:
            if box.contains(point):
                return Hit(self._at(point, box), None)
        found = (
            bar_at(self._bars, self._result.map.size, point)
            if self._result is not None and not self._pictures
            else None
        )
        if found is not None:
            value = float(self._result.attributions.reshape(-1)[found[0]])
            raw = float(self._result.image.reshape(-1)[found[0]])
            return Hit(f"{self._feature(found[0])}\nvalue {compact(raw)} · attribution {compact(value)}", found[1])
        return None

    def _make(self, result: Any, bounds: tuple[float, float]) -> list[tuple[QImage, str, str]]:
        t = theme.current()
        chances, predicted = result.probabilities, result.predicted
        said, colour = f"sample {result.sample}", t.dim
        if chances is not None:
            said = f"{_name(result, predicted)} · {percent(float(chances[predicted]))}"
            colour = t.dim if result.label is None or predicted == result.label else t.bad
            if predicted != result.label and result.label is not None:
                said += f", is {_name(result, result.label)}"
        maps = result.map if result.map.ndim == 2 else result.map.max(axis=0)
        method = {"saliency": "saliency", "guided": "guided", "integrated": "integrated"}[result.method]
        return [
            (photo(result.image, *bounds), said, colour),
            (magnitude_image(maps), method, t.dim),
            (overlay(result.image, maps, bounds), "overlay", t.dim),
        ]

    def _draw_pictures(self, painter: QPainter, area: QRectF) -> QRectF:
        image, gap = self._pictures[0][0], 14.0
        size = (image.width(), image.height())
        self._boxes = picture_grid(len(self._pictures), *size, area, gap=gap, caption=CAPTION)
        for place, (picture, words, colour) in zip(self._boxes, self._pictures, strict=False):
            draw_image(painter, place, picture)
            caption = QRectF(place.left(), place.bottom() + 4, place.width() + gap - 4, CAPTION - 4)
            short = words if text_width(words) <= caption.width() else words.split(",")[0]
            draw_text(painter, caption, short, colour)
        return around(self._boxes, area)

    def _draw_values(self, painter: QPainter, area: QRectF) -> QRectF:
        """A row per input of a sample that is no picture (as bars where there are many)."""
        t, values = theme.current(), self._result.attributions.reshape(-1)
        self._bars = area.adjusted(0, 0, 0, -CAPTION)
        draw_bars(painter, self._bars, values)
        step = area.width() / max(len(values), 1)
        for index in range(len(values) if step > 44 else 0):
            box = QRectF(area.left() + index * step, area.bottom() - CAPTION + 4, step, 16)
            draw_text(painter, box, self._feature(index), t.dim, size=11, align=CENTRE)
        return area

    def _draw_top(self, painter: QPainter, rect: QRectF) -> None:
        t, result = theme.current(), self._result
        order = np.argsort(-result.probabilities)[: max(1, min(5, int(rect.height() / 20)))]
        names = max(text_width(_name(result, int(k)), 11) for k in order)
        rows = []
        for k in map(int, order):
            right = k == result.label
            wrong = k == result.predicted and result.label is not None and not right
            rows.append(
                (
                    _name(result, k),
                    float(result.probabilities[k]),
                    t.good if right else t.bad if wrong else t.accent,
                )
            )
        probability_bars(painter, rect, rows, label_width=min(names + 12, 110), row_height=20)

    def _at(self, point: QPointF, box: QRectF) -> str:
        maps = self._result.map if self._result.map.ndim == 2 else self._result.map.max(axis=0)
        height, width = maps.shape
        row = min(int((point.y() - box.top()) / box.height() * height), height - 1)
        column = min(int((point.x() - box.left()) / box.width() * width), width - 1)
        return f"{compact(float(maps[row, column]))}\nrow {row}, column {column}"

    def _feature(self, index: int) -> str:
        return self._features[index] if index < len(self._features) else f"input {index}"


def overlay(image: Any, maps: Any, bounds: tuple[float, float]) -> QImage:
    """The sample in grey, with what the answer depends on laid over it in colour."""
    planes = image[None] if image.ndim == 2 else image
    low, high = bounds
    grey = np.clip((planes.mean(axis=0) - low) / ((high - low) or 1), 0, 1) * 255
    top = float(maps.max(initial=0)) or 1.0
    share = np.sqrt(np.clip(maps / top, 0, 1))[..., None] * 0.85
    hot = mapped(maps, theme.magnitude_lut(), 0.0, top)[..., :3]
    mixed = np.repeat(grey[..., None], 3, axis=-1) * (1 - share) + hot * share
    alpha = np.full((*maps.shape, 1), 255)
    return rgba(np.concatenate([mixed, alpha], axis=-1).astype(np.uint8))


def _name(result: Any, index: int) -> str:
    return result.classes[index] if index < len(result.classes) else str(index)
