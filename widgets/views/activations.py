"""What a layer computes for one sample: all of its maps, or its values as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Figure, Hit
from widgets.views.painting import compact, draw_text, fit_grid, percent
from widgets.views.samples import draw_sample
from widgets.views.tiles import Tiles, bar_at, draw_bars, draw_scale, scale_of, scale_width

PAD = 16.0


class ActivationsDisplay(BaseModel):
    """Options of the picture."""

    model_config = ConfigDict(frozen=True)

    colours: Literal["auto", "signed", "magnitude"] = Field(
        default="auto",
        title="Colours",
        description="Signed shows values below zero in blue; auto does so where there are any.",
    )


class Activations(View):
    """Full maps of the chosen layer for the chosen sample."""

    name = "activations"
    title = "Activations"
    icon = "view-activations"
    section = "Inside"
    help = "What a layer computes for one sample, every channel as a picture."
    empty = "It needs data and a network that can be built."
    analysis = "activations"
    fields = ("node", "sample", "split")
    labels: ClassVar[Mapping[str, str]] = {"split": ""}
    none_words: ClassVar[Mapping[str, str]] = {"node": "every layer"}
    display = ActivationsDisplay

    def node_choices(self, context: Any) -> list[tuple[str, str]]:
        return context.layers()

    def build(self) -> QWidget:
        self.figure = Maps()
        self.figure.clicked.connect(self._go_to)
        return self.figure

    def headline(self, result: Any) -> str:
        if result.node is None:
            return f"Every layer, sample {result.sample}"
        shape = "×".join(map(str, result.full.shape))
        return f"{result.titles.get(result.node) or result.node} · {shape}"

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result, self.display_options().colours, self.context)

    def _go_to(self, node: str) -> None:
        """A layer in the overview was clicked: show all of it."""
        self.bar.enter("node", node)


class Maps(Figure):
    """The sample at the left, what the layer makes of it beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._bounds = (0.0, 1.0)
        self._inputs: set[str] = set()
        self.tiles: Tiles | None = None
        self.values: Any = None
        self.overview: list[tuple[str, Tiles | None, Any]] = []
        self._places: list[tuple[QRectF, str]] = []
        self._bars = QRectF()

    def show_result(self, result: Any, colours: str, context: Context) -> None:
        """Show an ActivationsResult."""
        self._result = result
        self._bounds = context.data.bounds if context.data is not None else (0.0, 1.0)
        self._inputs = {n for n in result.thumbnails if context.plain and not context.plain.incoming(n)}
        self.tiles, self.values, self.overview = None, None, []
        if result.full is None:
            self.overview = [(n, *_small(t, colours)) for n, t in result.thumbnails.items()]
        elif result.full.ndim >= 2 or result.full.size == 0:
            maps = result.full.reshape(-1, *result.full.shape[-2:])
            self.tiles = Tiles(maps, *_scale(maps, colours))
        else:
            self.values = result.full
        self.update()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None:
            return
        area = area.adjusted(PAD, 4, -PAD, -12)
        side = min(area.height() - 40, 128.0, area.width() * 0.2)
        self._draw_input(painter, QRectF(area.left(), area.top(), side, side))
        rest = area.adjusted(side + 24, 0, 0, 0)
        if self.tiles is not None:
            self._draw_tiles(painter, rest, self.tiles)
        elif self.values is not None:
            self._draw_values(painter, rest)
        else:
            self._draw_overview(painter, rest)

    def hit(self, point: QPointF) -> Hit | None:
        if self.tiles is not None and (spot := self.tiles.at(point)) is not None:
            where = f"channel {spot.tile} · row {spot.row}, column {spot.column}"
            return Hit(f"{compact(self.tiles.value(spot))}\n{where}", spot.box)
        if self.values is not None and (found := bar_at(self._bars, len(self.values), point)) is not None:
            return Hit(f"{compact(float(self.values[found[0]]))}\nunit {found[0]}", found[1])
        for box, node in self._places if self.overview else []:
            if box.contains(point):
                return Hit(f"{self._title(node)}\n{self._health(node)}", box, key=node)
        return None

    def _draw_input(self, painter: QPainter, rect: QRectF) -> None:
        t, result = theme.current(), self._result
        box = draw_sample(painter, rect, result.input, self._bounds)
        lines = [] if result.label is None else [(_name(result, result.label), t.text)]
        if result.predicted is not None:
            right = result.predicted == result.label
            share = percent(float(result.probabilities[result.predicted]))
            words = f"{'says ' if rect.width() > 90 else ''}{_name(result, result.predicted)} · {share}"
            lines.append((words, t.good if right else t.bad))
        for index, (words, colour) in enumerate(lines):
            row = QRectF(rect.left(), box.bottom() + 4 + 17 * index, rect.width() + 20, 17)
            draw_text(painter, row, words, colour)

    def _draw_tiles(self, painter: QPainter, area: QRectF, tiles: Tiles) -> None:
        key = scale_width(tiles.low, tiles.high, compact) + 14
        used = tiles.lay_out(area.adjusted(0, 0, -key, 0))
        tiles.draw(painter)
        height = min(area.height(), max(used.height(), 60.0), 160.0)
        legend = QRectF(used.right() + 14, area.top(), key - 14, height)
        draw_scale(painter, legend, tiles.low, tiles.high, tiles.signed, compact)

    def _draw_values(self, painter: QPainter, area: QRectF) -> None:
        t, values = theme.current(), self.values
        low, high = min(0.0, float(values.min(initial=0))), max(0.0, float(values.max(initial=0)))
        draw_text(painter, QRectF(area.left(), area.top() - 2, 60, 14), compact(high), t.faint, size=11)
        if low < 0:
            draw_text(painter, QRectF(area.left(), area.bottom() - 12, 60, 14), compact(low), t.faint, size=11)
        self._bars = area.adjusted(52, 0, 0, 0)
        draw_bars(painter, self._bars, values)

    def _draw_overview(self, painter: QPainter, area: QRectF) -> None:
        """Every layer's thumbnail, in the order of the forward pass."""
        t, count = theme.current(), len(self.overview)
        grid = fit_grid(count, 1.0, area, gap=14, largest=150, extra=20)
        self._places = []
        for index, (node, tiles, values) in enumerate(self.overview):
            box = grid.tile(index, area.topLeft())
            inner = box.adjusted(0, 20, 0, 0)
            draw_text(painter, QRectF(box.left(), box.top(), box.width(), 17), self._title(node), t.dim, size=11)
            if node in self._inputs:
                draw_sample(painter, inner, self._result.input, self._bounds)
            elif tiles is not None:
                tiles.lay_out(inner)
                tiles.draw(painter)
            else:
                draw_bars(painter, inner, values)
            self._places.append((box, node))

    def _title(self, node: str) -> str:
        return self._result.titles.get(node) or node

    def _health(self, node: str) -> str:
        found = self._result.health.get(node)
        if found is None:
            return "click to see all of it"
        words = f"mean {compact(found.mean)} · deviation {compact(found.std)}"
        return words if found.dead is None else f"{words}\n{percent(found.dead, 0)} dead units"


def _small(thumbnail: Any, colours: str) -> tuple[Tiles | None, Any]:
    """A thumbnail as maps, or as the values of its bars."""
    if thumbnail.kind != "maps":
        return None, thumbnail.values
    own = (thumbnail.low, thumbnail.high, thumbnail.signed)
    return Tiles(thumbnail.values, *(own if colours == "auto" else _scale(thumbnail.values, colours))), None


def _scale(maps: Any, colours: str) -> tuple[float, float, bool]:
    low, high, signed = scale_of(maps)
    if colours == "signed" and not signed:
        return -high, high, True
    if colours == "magnitude" and signed:
        finite = maps[np.isfinite(maps)]
        return float(finite.min(initial=0)), float(finite.max(initial=0)), False
    return low, high, signed


def _name(result: Any, index: int) -> str:
    return result.classes[index] if index < len(result.classes) else str(index)
