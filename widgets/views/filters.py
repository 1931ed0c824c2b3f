"""The weights a layer has learnt, as pictures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Figure, Hit
from widgets.views.painting import compact, draw_text, fill
from widgets.views.states import Need
from widgets.views.tiles import Tiles, draw_scale, scale_width

PAD = 16.0
KINDS = ("Conv", "Linear", "Bilinear", "Embedding", "RNN", "LSTM", "GRU")
"""Kinds whose weights have two axes or more."""


class Filters(View):
    """Filters of a layer on one signed scale, with their norms."""

    name = "filters"
    title = "Filters"
    icon = "view-filters"
    section = "Inside"
    help = "The weights a layer has learnt: orange pulls up, blue pulls down."
    empty = "It needs a layer with weights, such as a convolution."
    analysis = "filters"
    fields = ("node", "filters", "channels")

    def node_choices(self, context: Context) -> list[tuple[str, str]]:
        network = context.plain
        rows = context.layers(weights=True)
        return [row for row in rows if network is None or network.nodes[row[0]].kind.startswith(KINDS)]

    def missing(self, context: Context) -> Need | None:
        need = super().missing(context)
        if need is None and context.analysis is not None and not self.node_choices(context):
            return Need(self.empty, "Add a layer", "add-layer")
        return need

    def build(self) -> QWidget:
        self.figure = FilterTiles()
        return self.figure

    def headline(self, result: Any) -> str:
        filters, channels = result.total
        if result.kind == "matrix":
            return f"{result.title} · {filters}×{channels} weights"
        what = f"{filters} filters" if channels == 1 else f"{filters} filters of {channels} channels"
        shown = result.weights.shape[0]
        return f"{result.title} · {what}" + (f", the first {shown}" if shown < filters else "")

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result)


class FilterTiles(Figure):
    """A column per filter and a row per input channel; a grid where there is one channel."""

    NORM = 22.0

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self.tiles: Tiles | None = None
        self._lying = False

    def show_result(self, result: Any) -> None:
        """Show a FiltersResult."""
        self._result = result
        count, channels = result.weights.shape[:2]
        # channels run down, filters across: [out, in, h, w] becomes rows of one channel each
        maps = result.weights.swapaxes(0, 1).reshape(count * channels, *result.weights.shape[2:])
        self._lying = result.kind == "matrix" and maps.shape[1] > maps.shape[2]
        if self._lying:  # a high matrix lies on its side: docks are wide
            maps = maps.swapaxes(1, 2)
        columns = count if channels > 1 else None
        self.tiles = Tiles(maps, -result.limit, result.limit, True, columns=columns)
        self.update()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self.tiles is None:
            return
        area = area.adjusted(PAD, 4, -PAD, -12)
        key = scale_width(-self._result.limit, self._result.limit, compact) + 14
        inner = area.adjusted(0, self.NORM if self._banded else 0, -key, 0)
        used = self._lay_out(inner, self.tiles)
        self.tiles.draw(painter)
        if self._banded:
            self._draw_norms(painter, used)
        else:
            self._draw_tile_norms(painter)
        legend = QRectF(used.right() + 14, used.top(), key - 14, min(max(used.height(), 60.0), 160.0, inner.height()))
        draw_scale(painter, legend, -self._result.limit, self._result.limit, True, compact)

    def hit(self, point: QPointF) -> Hit | None:
        spot = self.tiles.at(point) if self.tiles is not None else None
        if spot is None or self.tiles is None:
            return None
        value = compact(self.tiles.value(spot))
        if self._result.kind == "matrix":
            to, source = (spot.column, spot.row) if self._lying else (spot.row, spot.column)
            norm = compact(float(self._result.norms[to]))
            return Hit(f"{value}\nfrom {source} to {to}\nnorm of all to {to}: {norm}")
        count = self._result.weights.shape[0]
        filter_, channel = (spot.tile % count, spot.tile // count) if self._banded else (spot.tile, 0)
        lines = [value, f"filter {filter_} · channel {channel} · row {spot.row}, column {spot.column}"]
        lines.append(f"norm {compact(float(self._result.norms[filter_]))}")
        if self._result.bias is not None:
            lines[-1] += f" · bias {compact(float(self._result.bias[filter_]))}"
        return Hit("\n".join(lines), spot.box)

    def _lay_out(self, inner: QRectF, tiles: Tiles) -> QRectF:
        """Place the tiles; those of one channel keep room for their norm where they are large."""
        largest = 4000.0 if self._result.kind == "matrix" else 150.0
        tiles.foot = 0.0
        used = tiles.lay_out(inner, largest)
        if self._result.kind == "filters" and not self._banded and tiles.tile_size[0] >= 64:
            tiles.foot = 18.0
            used = tiles.lay_out(inner, largest)
        return used

    @property
    def _banded(self) -> bool:
        return self._result.kind == "filters" and self._result.weights.shape[1] > 1

    def _draw_norms(self, painter: QPainter, used: QRectF) -> None:
        """A bar over each column: how strong the whole filter is."""
        t, norms = theme.current(), self._result.norms
        assert self.tiles is not None
        top = float(norms.max(initial=0.0)) or 1.0
        for index in range(self._result.weights.shape[0]):
            box = self.tiles.box(index)
            tall = (self.NORM - 6) * float(norms[index]) / top
            fill(
                painter,
                QRectF(box.left(), used.top() - 4 - tall, box.width(), tall),
                theme.qcolor(t.faint, 0.55),
                1,
            )

    def _draw_tile_norms(self, painter: QPainter) -> None:
        """The norm below each tile that is large enough."""
        if self.tiles is None or not self.tiles.foot:
            return
        t = theme.current()
        for index in range(self._result.weights.shape[0]):
            box = self.tiles.box(index)
            words = f"‖w‖ {compact(float(self._result.norms[index]))}"
            label = QRectF(box.left(), box.bottom() + 2, box.width() + self.tiles.gap, 15)
            draw_text(painter, label, words, t.faint, size=11)
