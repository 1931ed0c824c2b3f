"""Many small maps as one picture: laid out, coloured and enlarged once, drawn in one go."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from widgets import theme
from widgets.views.painting import RIGHT, draw_text, fill, mapped, rgba, text_width

Floats = NDArray[Any]


class Spot(NamedTuple):
    """A value in a tile: which tile, row and column, and the tile's box."""

    tile: int
    row: int
    column: int
    box: QRectF


class Tiles:
    """Maps [count, height, width] on one scale, in a grid that fills an area best."""

    def __init__(self, maps: Floats, low: float, high: float, signed: bool, *, columns: int | None = None) -> None:
        self.maps, self.low, self.high, self.signed, self.columns = maps, low, high, signed, columns
        self._image: QImage | None = None
        self._layout: tuple[Any, ...] = ()
        self.origin = QPointF()
        self.grid = (1, 1)
        self.tile_size = (1.0, 1.0)
        self.gap = 2.0
        self.foot = 0.0
        """Pixels kept free below each tile, for a line of text."""

    def lay_out(self, area: QRectF, largest: float = 220.0) -> QRectF:
        """Choose rows, columns and the size of a tile for `area`; gives the box they really take."""
        count, height, width = self.maps.shape
        best = 0.0
        for columns in [self.columns] if self.columns else range(1, count + 1):
            rows = math.ceil(count / columns)
            gap = self._gap(area, columns, rows)
            scale = min(
                (area.width() - gap * (columns - 1)) / (columns * width),
                (area.height() - gap * (rows - 1) - self.foot * rows) / (rows * height),
                largest / max(width, height),
            )
            scale = _calm(max(scale, 0.02))
            if scale > best:
                best, self.gap = float(scale), gap
                sides = (width * scale, height * scale)
                self.grid = (columns, rows)
                self.tile_size = (float(int(sides[0])), float(int(sides[1]))) if scale >= 1 else sides
        self.origin = area.topLeft()
        return QRectF(area.topLeft(), self._size())

    def draw(self, painter: QPainter) -> None:
        """Paint at the place that `lay_out` chose."""
        smooth = self.tile_size[0] < self.maps.shape[2]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(QRectF(self.origin, self._size()), self._picture())

    def box(self, tile: int) -> QRectF:
        """Where a tile lies."""
        row, column = divmod(tile, self.grid[0])
        width, height = self.tile_size
        x = self.origin.x() + column * (width + self.gap)
        return QRectF(x, self.origin.y() + row * self._pitch, width, height)

    def at(self, point: QPointF) -> Spot | None:
        """What lies under `point`."""
        width, height = self.tile_size
        column, x = divmod(point.x() - self.origin.x(), width + self.gap)
        row, y = divmod(point.y() - self.origin.y(), self._pitch)
        tile = int(row * self.grid[0] + column)
        if not (0 <= column < self.grid[0] and row >= 0 and tile < len(self.maps) and x < width and y < height):
            return None
        rows, columns = self.maps.shape[1:]
        return Spot(
            tile,
            min(int(y / height * rows), rows - 1),
            min(int(x / width * columns), columns - 1),
            self.box(tile),
        )

    @property
    def _pitch(self) -> float:
        """From the top of a row to the top of the next."""
        return self.tile_size[1] + self.gap + self.foot

    def value(self, spot: Spot) -> float:
        """The value of a spot."""
        return float(self.maps[spot.tile, spot.row, spot.column])

    def _gap(self, area: QRectF, columns: int, rows: int) -> float:
        """Space between tiles, in proportion to their size."""
        side = min(area.width() / columns, area.height() / rows)
        return float(min(max(round(side * 0.08), 1), 8))

    def _size(self) -> QSizeF:
        columns, rows = self.grid
        return QSizeF(columns * (self.tile_size[0] + self.gap) - self.gap, rows * self._pitch - self.gap)

    def _picture(self) -> QImage:
        """All tiles as one picture in the window's pixels (in their own, where they are shrunk)."""
        key = (self.grid, self.tile_size, self.gap, theme.current().name)
        if self._image is None or key != self._layout:
            self._image, self._layout = self._compose(), key
        return self._image

    def _compose(self) -> QImage:
        count, height, width = self.maps.shape
        enlarged = self.tile_size[0] >= width
        gap = round(self.gap * (1 if enlarged else width / self.tile_size[0]))
        (columns, rows), lut = self.grid, theme.signed_lut() if self.signed else theme.magnitude_lut()
        wide, tall = (int(side) for side in self.tile_size) if enlarged else (width, height)
        down, across = np.arange(tall) * height // tall, np.arange(wide) * width // wide
        pitch = tall + gap + round(self.foot * (1 if enlarged else width / self.tile_size[0]))
        canvas = np.zeros((rows * pitch - gap, columns * (wide + gap) - gap, 4), np.uint8)
        colours = mapped(self.maps, lut, self.low, self.high)
        for index in range(count):
            row, column = divmod(index, columns)
            y, x = row * pitch, column * (wide + gap)
            canvas[y : y + tall, x : x + wide] = colours[index][down[:, None], across]
        return rgba(canvas)


def _calm(scale: float) -> float:
    """A whole multiple where that loses little, so that enlarged pixels are equal."""
    whole = math.floor(scale)
    return float(whole) if scale >= 1 and whole >= 0.93 * scale else scale


def scale_of(values: Floats) -> tuple[float, float, bool]:
    """(low, high, signed): a scale about zero where there are values below it, else from zero up."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    if low < -1e-6 * max(abs(high), 1e-12):
        reach = max(abs(low), abs(high)) or 1.0
        return -reach, reach, True
    return 0.0, high or 1.0, False


def draw_scale(painter: QPainter, rect: QRectF, low: float, high: float, signed: bool, words: Any) -> None:
    """A thin upright colour scale in `rect`, with its ends (and zero) in words to its right."""
    t = theme.current()
    lut = theme.signed_lut() if signed else theme.magnitude_lut()
    bar = QRectF(rect.left(), rect.top() + 2, 8, rect.height() - 4)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(bar, rgba(lut[::-1][:, None, :]))
    ends = [(bar.top(), high), (bar.bottom(), low)] + ([(bar.center().y(), 0.0)] if signed else [])
    for y, value in ends if rect.height() > 44 else ends[:2]:
        box = QRectF(
            bar.right() + 6,
            min(max(y - 8, rect.top() - 4), rect.bottom() - 12),
            rect.right() - bar.right() - 6,
            16,
        )
        draw_text(painter, box, words(value), t.faint, size=11)


def draw_bars(painter: QPainter, area: QRectF, values: Floats) -> None:
    """Values [n] as upright bars about their zero line."""
    t = theme.current()
    low, high = (
        min(0.0, float(np.nanmin(values, initial=0.0))),
        max(0.0, float(np.nanmax(values, initial=0.0))),
    )
    span = (high - low) or 1.0
    zero = area.bottom() - area.height() * (0 - low) / span
    step = area.width() / max(len(values), 1)
    wide = min(max(step - (1 if step > 3 else 0), 0.6), 56.0, max(0.72 * step, 12.0))
    left = area.left() + np.arange(len(values)) * step + (step - wide) / 2
    tall = np.maximum(area.height() * np.abs(np.nan_to_num(values)) / span, 0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    for above in (True, False):
        chosen = np.flatnonzero((values >= 0) == above)
        painter.setBrush(theme.qcolor(bar_colour(1.0 if above else -1.0, low < 0)))
        tops = zero - tall[chosen] if above else np.full(len(chosen), zero)
        rows = zip(left[chosen].tolist(), tops.tolist(), tall[chosen].tolist(), strict=True)
        painter.drawRects([QRectF(x, y, wide, height) for x, y, height in rows])
    fill(painter, QRectF(area.left(), zero - 0.5, area.width(), 1), theme.qcolor(t.line))


def bar_colour(value: float, signed: bool) -> str:
    """The colour of a bar, as in the maps: orange above zero and blue below, or the map for magnitudes."""
    if signed:
        return theme.current().signed[2 if value >= 0 else 0]
    red, green, blue, _ = (int(c) for c in theme.magnitude_lut()[150])
    return f"#{red:02x}{green:02x}{blue:02x}"


def bar_at(area: QRectF, count: int, point: QPointF) -> tuple[int, QRectF] | None:
    """The bar of `draw_bars` under `point`, and the column it stands in."""
    if not area.contains(point) or not count:
        return None
    step = area.width() / count
    index = min(int((point.x() - area.left()) / step), count - 1)
    return index, QRectF(area.left() + index * step, area.top(), step, area.height())


def scale_width(low: float, high: float, words: Any) -> float:
    """What `draw_scale` needs in width."""
    return 18 + max(text_width(words(low), 11), text_width(words(high), 11), 24)


__all__ = ["RIGHT", "Spot", "Tiles", "bar_at", "draw_bars", "draw_scale", "scale_of", "scale_width"]
