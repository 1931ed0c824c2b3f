"""Small pieces the views paint with: arrays as pictures, rows of tiles, text that stays in its box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from widgets import theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class Grid(NamedTuple):
    """Equal tiles in rows: how many columns, and the side of a tile in pixels."""

    columns: int
    rows: int
    width: float
    height: float
    gap: float

    def tile(self, index: int, origin: QPointF) -> QRectF:
        """Where tile `index` lies when the first starts at `origin`."""
        row, column = divmod(index, self.columns)
        x = origin.x() + column * (self.width + self.gap)
        return QRectF(x, origin.y() + row * (self.height + self.gap), self.width, self.height)

    def index(self, point: QPointF, origin: QPointF, count: int) -> int | None:
        """The tile under `point`, or None between tiles and beyond the last."""
        column, x = divmod(point.x() - origin.x(), self.width + self.gap)
        row, y = divmod(point.y() - origin.y(), self.height + self.gap)
        index = int(row * self.columns + column)
        inside = 0 <= column < self.columns and row >= 0 and x < self.width and y < self.height
        return index if inside and 0 <= index < count else None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the whole grid."""
        return (
            self.columns * (self.width + self.gap) - self.gap,
            self.rows * (self.height + self.gap) - self.gap,
        )


def fit_grid(
    count: int, aspect: float, area: QRectF, *, gap: float = 4, largest: float = 160, extra: float = 0
) -> Grid:
    """The grid of `count` tiles (width / height = `aspect`) that fills `area` best.

    `extra` is what each tile keeps free below itself, for a line of text.
    """
    best = Grid(1, max(count, 1), 1, 1, gap)
    for columns in range(max(count, 1), 0, -1):
        rows = math.ceil(max(count, 1) / columns)
        width = (area.width() - (columns - 1) * gap) / columns
        height = (area.height() - (rows - 1) * gap) / rows - extra
        side = min(width, height * aspect, largest)
        if side > best.width:
            best = Grid(columns, rows, math.floor(side), math.floor(side / aspect) + extra, gap)
    return best


def rgba(array: NDArray[np.uint8]) -> QImage:
    """A picture of [height, width, 4] bytes; it owns its memory."""
    data = np.ascontiguousarray(array)
    height, width = data.shape[:2]
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def mapped(values: NDArray[np.floating], lut: NDArray[np.uint8], low: float, high: float) -> NDArray[np.uint8]:
    """Numbers as colours: `low` is the first colour of `lut` [256, 4] and `high` its last."""
    span = high - low if high > low else 1.0
    scaled = np.nan_to_num((np.asarray(values, np.float32) - low) * (255.0 / span))
    return lut[np.clip(scaled, 0, 255).astype(np.uint8)]


def signed_image(values: NDArray[np.floating], limit: float | None = None) -> QImage:
    """[height, width] in the signed colour map, zero in the middle."""
    reach = float(limit if limit is not None else np.abs(values).max(initial=0.0)) or 1.0
    return rgba(mapped(values, theme.signed_lut(), -reach, reach))


def magnitude_image(values: NDArray[np.floating], low: float = 0.0, high: float | None = None) -> QImage:
    """[height, width] in the colour map for magnitudes."""
    top = float(high if high is not None else values.max(initial=0.0))
    return rgba(mapped(values, theme.magnitude_lut(), low, top))


def photo(sample: NDArray[np.floating], low: float = 0.0, high: float = 1.0) -> QImage:
    """A sample [channels, height, width] or [height, width] as it looks; three channels are colours."""
    planes = sample[None] if sample.ndim == 2 else sample
    span = high - low if high > low else 1.0
    bytes_ = (np.clip((planes - low) / span, 0, 1) * 255).astype(np.uint8)
    colours = bytes_[:3] if len(bytes_) >= 3 else np.repeat(bytes_[:1], 3, axis=0)
    alpha = np.full_like(colours[:1], 255)
    return rgba(np.moveaxis(np.concatenate([colours, alpha]), 0, -1))


def mosaic(maps: NDArray[np.floating], columns: int, lut: NDArray[np.uint8], low: float, high: float) -> QImage:
    """[count, height, width] as one picture, tiles edge to edge in `columns`; empty places are clear."""
    count, height, width = maps.shape
    rows = math.ceil(count / columns)
    canvas = np.zeros((rows * height, columns * width, 4), np.uint8)
    colours = mapped(maps, lut, low, high)
    for index in range(count):
        row, column = divmod(index, columns)
        canvas[row * height : (row + 1) * height, column * width : (column + 1) * width] = colours[index]
    return rgba(canvas)


def draw_image(painter: QPainter, rect: QRectF, image: QImage) -> None:
    """The whole image in `rect`, its pixels left square."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(rect, image)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    colour: str,
    *,
    size: int = 12,
    align: Qt.AlignmentFlag = LEFT,
    weight: QFont.Weight = QFont.Weight.Normal,
) -> None:
    """One line in `rect`; what does not fit ends in an ellipsis."""
    font = theme.font(size, weight)
    painter.setFont(font)
    painter.setPen(theme.qcolor(colour))
    fitting = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width() + 1)
    painter.drawText(rect, int(align), fitting)


def text_width(text: str, size: int = 12, weight: QFont.Weight = QFont.Weight.Normal) -> float:
    """Pixels `text` takes in the theme's font."""
    return QFontMetricsF(theme.font(size, weight)).horizontalAdvance(text)


def fill(painter: QPainter, rect: QRectF, colour: QColor, radius: float = 0) -> None:
    """A plain filled box."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, radius, radius) if radius else painter.drawRect(rect)


def outline(painter: QPainter, rect: QRectF, colour: str, width: float = 1, radius: float = 0) -> None:
    """A line around `rect`."""
    painter.setPen(QPen(theme.qcolor(colour), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, radius, radius) if radius else painter.drawRect(rect)


def probability_bars(
    painter: QPainter,
    rect: QRectF,
    rows: Sequence[tuple[str, float, str]],
    *,
    label_width: float = 28,
    row_height: float = 18,
) -> None:
    """Rows of (label, share 0–1, colour): label, a bar on a track, the percentage in a column of its own."""
    t = theme.current()
    number_width = text_width("100.0 %", 11) + 4
    for index, (label, share, colour) in enumerate(rows):
        y = rect.top() + index * row_height
        length = rect.width() - label_width - number_width - 6
        track = QRectF(rect.left() + label_width, y + row_height / 2 - 3, length, 6)
        draw_text(painter, QRectF(rect.left(), y, label_width - 6, row_height), label, t.dim, size=11)
        fill(painter, track, theme.qcolor(t.raised), 3)
        if share > 0.004:
            width = max(6.0, track.width() * share)
            fill(painter, QRectF(track.left(), track.top(), width, 6), theme.qcolor(colour), 3)
        number = QRectF(rect.right() - number_width, y, number_width, row_height)
        draw_text(painter, number, percent(share), t.text, size=11, align=RIGHT)


def percent(share: float, digits: int = 1) -> str:
    """0.9164 as "91.6 %"."""
    return f"{100 * share:.{digits}f} %"


def compact(value: float) -> str:
    """A number in at most seven characters: 0.0031, 12.4, 3.1e-6."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if 1e-4 <= abs(value) < 1e5:
        return f"{value:.2g}" if abs(value) < 1e-2 else f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"
