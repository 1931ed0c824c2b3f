"""Weights and gradients layer by layer: their histograms, the gradient's flow, how far a step goes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.figure import Figure, Hit
from widgets.views.painting import RIGHT, Grid, compact, draw_text, fill, percent, text_width

PAD = 16.0
ROW = 22.0
GAP = 14.0


class Gradients(View):
    """Histograms of weights and gradients, and the flow of the gradient through the layers."""

    name = "gradients"
    title = "Gradients"
    icon = "view-gradients"
    section = "Training"
    help = "How weights and gradients are distributed, and how strongly the gradient reaches each layer."
    empty = "It needs a network with weights; gradients come with the first step of training."
    analysis = "statistics"
    fields = ("scale", "bins")

    def build(self) -> QWidget:
        self.figure = Layers()
        self.figure.clicked.connect(self.node_selected.emit)
        return self.figure

    def headline(self, result: Any) -> str:
        count = len(result.layers)
        return f"Gradient flow through {count} layer{'' if count == 1 else 's'}"

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result)


class Layers(Figure):
    """At the left a row per layer, its gradient norm on a logarithmic track; then the histograms."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._rows: list[tuple[QRectF, int]] = []
        self._cards: list[tuple[QRectF, int]] = []

    def show_result(self, result: Any) -> None:
        """Show a StatisticsResult."""
        self._result = result
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 40)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None or not self._result.layers:
            return
        area = area.adjusted(PAD, 4, -PAD, -12)
        wide = area.width() > 520
        left = min(max(area.width() * 0.34, 240.0), 420.0) if wide else area.width()
        self._draw_flow(painter, QRectF(area.left(), area.top(), left, area.height()))
        self._cards = []
        used = 18 + ROW * len(self._result.layers) + 16
        if wide:
            self._draw_cards(painter, area.adjusted(left + 28, 0, 0, 0))
        elif area.height() - used > 84:
            self._draw_cards(painter, area.adjusted(0, used, 0, 0))

    def hit(self, point: QPointF) -> Hit | None:
        for box, index in [*self._rows, *self._cards]:
            if box.contains(point):
                layer = self._result.layers[index]
                return Hit(_words(layer), None, key=layer.node)
        return None

    def _draw_flow(self, painter: QPainter, area: QRectF) -> None:
        t, layers = theme.current(), self._result.layers
        height = min(ROW, max((area.height() - 18) / len(layers), 3.0))
        names = min(max(text_width(layer.title, 11) for layer in layers) + 10, 110.0)
        columns = (area.left() + names, area.right() - 146, area.right() - 60)
        draw_text(painter, QRectF(columns[0], area.top(), 120, 14), "gradient norm", t.faint, size=11)
        ratio = QRectF(area.right() - 90, area.top(), 90, 14)
        draw_text(painter, ratio, "update/weight", t.faint, size=11, align=RIGHT)
        low, high = _log_range(self._result.flow)
        self._rows = []
        for index, layer in enumerate(layers):
            row = QRectF(area.left(), area.top() + 18 + index * height, area.width(), height)
            self._rows.append((row, index))
            self._draw_row(painter, row, layer, columns, (low, high))

    def _draw_row(self, painter: QPainter, row: QRectF, layer: Any, columns: Any, span: tuple[float, float]) -> None:
        t = theme.current()
        track = QRectF(
            columns[0],
            row.center().y() - min(3.0, row.height() / 3),
            columns[1] - columns[0] - 4,
            min(6.0, row.height() * 0.7),
        )
        fill(painter, track, theme.qcolor(t.raised), 3)
        norm = layer.gradients.norm if layer.gradients is not None else math.nan
        if norm > 0:
            share = (math.log10(norm) - span[0]) / (span[1] - span[0])
            fill(
                painter,
                QRectF(track.left(), track.top(), max(4.0, track.width() * share), track.height()),
                theme.qcolor(t.accent),
                3,
            )
        if row.height() < 12:
            return
        draw_text(
            painter,
            QRectF(row.left(), row.top(), columns[0] - row.left() - 8, row.height()),
            layer.title,
            t.dim,
            size=11,
        )
        number = compact(norm) if math.isfinite(norm) else "–"
        draw_text(painter, QRectF(columns[1], row.top(), 60, row.height()), number, t.text, size=11, align=RIGHT)
        ratio = layer.update_ratio
        words = "–" if ratio is None else compact(ratio)
        draw_text(
            painter,
            QRectF(columns[2], row.top(), 60, row.height()),
            words,
            _ratio_colour(ratio),
            size=11,
            align=RIGHT,
        )

    def _draw_cards(self, painter: QPainter, area: QRectF) -> None:
        """A card per layer: weights upwards, gradients downwards, each on its own scale."""
        layers = self._result.layers
        grid = _cards_grid(len(layers), area)
        for index, layer in enumerate(layers):
            box = grid.tile(index, area.topLeft())
            if box.bottom() > area.bottom() + 1:
                break
            self._cards.append((box, index))
            self._draw_card(painter, box, layer)

    def _draw_card(self, painter: QPainter, box: QRectF, layer: Any) -> None:
        t = theme.current()
        draw_text(painter, QRectF(box.left(), box.top(), box.width(), 15), layer.title, t.dim, size=11)
        plot = box.adjusted(0, 18, 0, -18)
        middle = plot.top() + plot.height() * (0.56 if layer.gradients is not None else 1.0)
        up = QRectF(plot.left(), plot.top(), plot.width(), middle - plot.top() - 1)
        _histogram(painter, up, layer.weights, t.accent, upwards=True)
        fill(painter, QRectF(plot.left(), middle - 0.5, plot.width(), 1), theme.qcolor(t.line))
        if layer.gradients is not None:
            down = QRectF(plot.left(), middle + 1, plot.width(), plot.bottom() - middle - 1)
            _histogram(painter, down, layer.gradients, t.signed[2], upwards=False)
        foot = QRectF(box.left(), box.bottom() - 15, box.width(), 15)
        words = f"σ {compact(layer.weights.std)}"
        draw_text(painter, foot, words, t.faint, size=11)
        if layer.gradients is not None:
            gradient = f"∇ {compact(layer.gradients.std)}"
            if text_width(words, 11) + text_width(gradient, 11) + 10 < foot.width():
                draw_text(painter, foot, gradient, t.faint, size=11, align=RIGHT)


def _histogram(painter: QPainter, rect: QRectF, spread: Any, colour: str, *, upwards: bool) -> None:
    """Counts as one filled outline, the tallest reaching the edge; a square root keeps the tails visible."""
    counts = np.sqrt(spread.counts.astype(float))
    top, width = counts.max(initial=0.0) or 1.0, rect.width() / len(counts)
    base = rect.bottom() if upwards else rect.top()
    direction = -rect.height() if upwards else rect.height()
    points = [QPointF(rect.left(), base)]
    for index, count in enumerate(counts):
        y = base + direction * count / top
        points += [QPointF(rect.left() + index * width, y), QPointF(rect.left() + (index + 1) * width, y)]
    points.append(QPointF(rect.right(), base))
    painter.setPen(theme.qcolor(colour, 0.9))
    painter.setBrush(theme.qcolor(colour, 0.45))
    painter.drawPolygon(QPolygonF(points))


def _cards_grid(count: int, area: QRectF) -> Grid:
    """Cards in rows, as large as the room allows; a single row of slim ones where there is little height."""
    best, score = None, 0.0
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        width = min((area.width() - GAP * (columns - 1)) / columns, 280.0)
        height = min((area.height() - GAP * (rows - 1)) / rows, 240.0)
        if height >= 64 and min(width / 1.35, height) > score:
            best, score = Grid(columns, rows, width, height, GAP), min(width / 1.35, height)
    if best is not None and best.width >= 40:
        return best
    columns = max(1, int((area.width() + GAP) // (56 + GAP)))
    return Grid(columns, 1, 56.0, max(area.height(), 48.0), GAP)


def _log_range(flow: Any) -> tuple[float, float]:
    """Whole decades around the norms, at least three, so that the bars stay calm while they change."""
    good = flow[np.isfinite(flow) & (flow > 0)]
    high = math.ceil(math.log10(float(good.max(initial=1e-12)))) if len(good) else 0
    low = math.floor(math.log10(float(good.min())) - 0.3) if len(good) else -3
    return float(min(low, high - 3)), float(high)


def _ratio_colour(ratio: float | None) -> str:
    """An update of about a thousandth of the weights is usual; far above it training is unstable."""
    t = theme.current()
    if ratio is None:
        return t.faint
    if ratio > 0.1:
        return t.bad
    return t.warn if ratio > 0.02 or ratio < 1e-6 else t.text


def _words(layer: Any) -> str:
    w, g = layer.weights, layer.gradients
    lines = [
        layer.title,
        f"{w.count:,} weights · norm {compact(w.norm)} · σ {compact(w.std)} · largest {compact(w.largest)}",
    ]
    if g is not None:
        lines.append(f"gradients · norm {compact(g.norm)} · σ {compact(g.std)} · {percent(g.zeros, 0)} zero")
    if layer.update_ratio is not None:
        lines.append(f"a step changes {compact(layer.update_ratio)} of the weights")
    if getattr(layer, "dead", None):
        lines.append(f"{percent(layer.dead, 0)} dead units")
    return "\n".join(lines)
