"""What a node computes, painted into its card: maps, bars, class chances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from widgets import theme
from widgets.editor.mirror.item import Item
from widgets.editor.painting.face import Art
from widgets.editor.painting.face import mosaic as grid_of
from widgets.editor.painting.live import Live, Mosaic, finite, shares

if TYPE_CHECKING:
    from studio.inspection.activations import Thumbnail


def paint_art(painter: QPainter, item: Item, live: Live, words: bool) -> None:
    """Draws a node's picture from the card's corner; `words`: with the names of classes."""
    art = item.face.art
    if art is None:
        return
    painter.save()
    painter.translate(item.face.art_box.topLeft())
    thumbnail = live.thumbnails.get(item.node.id)
    if art.form == "maps":
        _maps(painter, item, art, live)
    elif art.form == "bars" or (thumbnail is not None and thumbnail.kind == "bars"):
        _bars(painter, art, thumbnail)
    else:
        _rows(painter, art, thumbnail, live.truth, words)
    painter.restore()


def _maps(painter: QPainter, item: Item, art: Art, live: Live) -> None:
    mosaic = live.mosaic(item.node.id, grey=item.face.family == "io")
    if mosaic is None:
        for index in range(art.count):
            painter.fillRect(art.box(index), _quiet())
    elif not mosaic.finite:
        _not_finite(painter, art)
    else:
        _mosaic(painter, _arrived(painter, art, mosaic), mosaic)


def _arrived(painter: QPainter, art: Art, mosaic: Mosaic) -> Art:
    """The grid of the maps that are there, fitted into the room that was kept; they may be of another design."""
    if mosaic.count == art.count:
        return art
    grid = grid_of(mosaic.count, mosaic.height, mosaic.width)
    (wide, high), (room, rise) = grid.size, art.size
    scale = min(room / wide, rise / high)
    painter.translate((room - wide * scale) / 2, (rise - high * scale) / 2)
    painter.scale(scale, scale)
    return grid


def _mosaic(painter: QPainter, grid: Art, mosaic: Mosaic) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, mosaic.width > grid.cell[0])
    for index in range(min(grid.count, mosaic.count)):
        part = QRectF(index * mosaic.width, 0, mosaic.width, mosaic.height)
        painter.drawImage(grid.box(index), mosaic.image, part)
        if mosaic.signed:
            painter.setPen(QPen(_quiet(), 0.75))
            painter.drawRect(grid.box(index))


def _not_finite(painter: QPainter, art: Art) -> None:
    """What stands where values are NaN or infinite."""
    box = QRectF(0, 0, *art.size)
    painter.fillRect(box, _quiet())
    painter.setPen(QColor(theme.current().dim))
    painter.setFont(_tiny())
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, "not finite")


def _bars(painter: QPainter, art: Art, thumbnail: Thumbnail | None) -> None:
    width, height = art.size
    if thumbnail is None or thumbnail.values.ndim != 1 or not len(thumbnail.values):
        painter.fillRect(QRectF(0, height - 1, width, 1), _quiet())
        return
    if not finite(thumbnail):
        _not_finite(painter, art)
        return
    low, high = min(0.0, thumbnail.low), max(0.0, thumbnail.high)
    heights = shares(_fewer(thumbnail.values, int(width / 2)), low, high) * height
    zero = float(shares(np.zeros(1), low, high)[0]) * height
    tables = theme.signed_lut()
    each = width / len(heights)
    gap = 1.0 if each >= 3 else 0.0
    rising, falling = [], []
    for index, top in enumerate(heights.tolist()):
        bar = QRectF(index * each, height - max(top, zero), each - gap, max(abs(top - zero), 0.6))
        (rising if top >= zero else falling).append(bar)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    up = tables[255] if thumbnail.signed else theme.magnitude_lut()[150]
    for bars, colour in ((rising, up), (falling, tables[0])):
        painter.setBrush(QColor(*colour[:3].tolist()))
        painter.drawRects(bars)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, height - zero, width, 0.75), QColor(theme.current().line))


def _fewer(values: np.ndarray, most: int) -> np.ndarray:
    """At most `most` values: of each few neighbours the one farthest from zero."""
    each = -(-len(values) // most)
    if each == 1:
        return values
    padded = np.zeros(-(-len(values) // each) * each, dtype=values.dtype)
    padded[: len(values)] = np.nan_to_num(values)
    groups = padded.reshape(-1, each)
    return groups[np.arange(len(groups)), np.abs(groups).argmax(axis=1)]


def _rows(painter: QPainter, art: Art, thumbnail: Thumbnail | None, truth: int | None, words: bool) -> None:
    """Chances per class: the likeliest in the colour of right or wrong, the true one marked."""
    look = theme.current()
    values = thumbnail.values if thumbnail is not None and thumbnail.values.ndim == 1 else np.zeros(0)
    order = _shown_classes(values, art.count, truth)
    best = int(values.argmax()) if len(values) else -1
    labels = thumbnail.labels if thumbnail else ()
    gutter = 14.0 if max((len(n) for n in labels), default=1) <= 2 else 44.0
    painter.setFont(_tiny())
    for row, index in enumerate(order):
        box = art.box(row)
        track = QRectF(box.left() + gutter, box.top() + 1, box.width() - gutter, box.height() - 2)
        painter.setPen(QColor(look.text if index == truth else look.dim))
        name = labels[index] if index < len(labels) else str(index)
        if words:
            painter.drawText(QRectF(0, box.top() - 2, gutter - 4, box.height() + 4), _right(), name[:7])
        painter.fillRect(track, _quiet())
        if index < len(values):
            tone = look.faint if index != best else look.good if truth in (best, None) else look.bad
            share = float(np.clip(np.nan_to_num(values[index]), 0, 1))
            painter.fillRect(QRectF(track.left(), track.top(), share * track.width(), track.height()), QColor(tone))
        if index == truth:
            mark = QRectF(track.right() + 2, track.top() - 1, 2, track.height() + 2)
            painter.fillRect(mark, QColor(look.text))


def _tiny() -> QFont:
    font = theme.font(9)
    font.setPixelSize(9)
    return font


def _right() -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def _shown_classes(values: np.ndarray, rows: int, truth: int | None) -> list[int]:
    """Which classes get a row: all where there is room, else the likeliest and the true one."""
    if len(values) <= rows:
        return list(range(rows))
    best = np.argsort(-values)[:rows].tolist()
    if truth is not None and truth < len(values) and truth not in best:
        best[-1] = truth
    return sorted(best)


def _quiet() -> QColor:
    """The colour of a picture that has no data yet."""
    return QColor(theme.current().line)
