"""How one node looks close up: a card with its name, what it does, and what it computes right now.

Everything is drawn in scene pixels from the card's corner, so the same code serves the screen at any zoom, the
cache of cards, and vector pictures.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from widgets import theme
from widgets.editor.face import PADDING, Art, elided, fonts, header, text_width
from widgets.editor.live import Live, shares
from widgets.editor.scene import Item

RADIUS = 8.0
BAR = 4.0
PORT = 5.5
MARGIN = 12.0
"""How far ports and badges reach out of a card."""


class Detail(IntEnum):
    """How much of a node is drawn."""

    BLOCKS = 0
    NAMES = 1
    FULL = 2


def detail(scale: float) -> Detail:
    """Everything down to 70 % zoom, names down to 35 %, then coloured blocks."""
    return Detail.FULL if scale >= 0.7 else Detail.NAMES if scale >= 0.35 else Detail.BLOCKS


def paint_card(painter: QPainter, item: Item, live: Live, level: Detail, scale: float, ailing: str = "") -> None:
    """Draws a node from its corner at (0, 0). `ailing` is the severity of its worst problem, if any."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    strip = header() if level == Detail.FULL else min(item.face.height, header() + 20 * theme.scale())
    _ground(painter, item, strip, ailing)
    _art(painter, item, live)
    if level == Detail.FULL:
        _texts(painter, item)
        _health(painter, item, live)
    else:
        _name(painter, item, strip, scale)
    _ports(painter, item)


def family_colour(item: Item) -> QColor:
    """The colour of the node's family."""
    return QColor(theme.current().families.get(item.face.family, theme.current().dim))


def card_colour() -> QColor:
    """The ground of a card: raised from a dark canvas, white on a light one."""
    look = theme.current()
    return QColor(look.raised if look.name == "dark" else look.panel)


def header_colour(item: Item) -> QColor:
    """The family's colour at 22 % over the card."""
    return QColor(theme.mix(family_colour(item).name(), card_colour().name(), 0.22))


def outline(rect: QRectF, grow: float = 0.0) -> QPainterPath:
    """The rounded border of a card."""
    path = QPainterPath()
    grown = rect.adjusted(-grow, -grow, grow, grow)
    path.addRoundedRect(grown, RADIUS + grow, RADIUS + grow)
    return path


def _ground(painter: QPainter, item: Item, strip: float, ailing: str) -> None:
    look, body = theme.current(), QRectF(0, 0, item.face.width, item.face.height)
    shape = outline(body)
    painter.fillPath(shape, card_colour())
    if item.face.known:
        painter.save()
        painter.setClipRect(QRectF(0, 0, body.width(), strip))
        painter.fillPath(shape, header_colour(item))
        painter.setClipRect(QRectF(0, 0, BAR, strip))
        painter.fillPath(shape, family_colour(item))
        painter.restore()
    edge = QColor(look.bad if ailing == "error" else look.warn if ailing else look.line)
    pen = QPen(edge, 1.0)
    if not item.face.known:
        pen = QPen(QColor(look.bad if ailing == "error" else look.faint), 1.2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)


def _texts(painter: QPainter, item: Item) -> None:
    look, face = theme.current(), item.face
    bold, text, small = fonts()
    room = face.width - 2 * PADDING
    count = text_width(face.count, small=True) if face.count else 0.0
    top = QRectF(PADDING, 0, room, header())
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(bold)
    painter.setPen(QColor(look.text))
    name = elided(face.title, room - (count + 10 if count else 0), bold=True)
    painter.drawText(top, middle | Qt.AlignmentFlag.AlignLeft, name)
    painter.setPen(QColor(look.dim))
    if face.count:
        painter.setFont(small)
        painter.drawText(top, middle | Qt.AlignmentFlag.AlignRight, face.count)
    painter.setFont(text)
    line = QRectF(PADDING, header() + 4, room, 18 * theme.scale())
    painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, elided(face.summary, room))


def _name(painter: QPainter, item: Item, strip: float, scale: float) -> None:
    """The name alone, never smaller than 11 pixels on the screen."""
    font = theme.font(13, fonts()[0].weight())
    size = font.pixelSize()
    font.setPixelSize(max(size, round(11 * theme.scale() / scale)))
    room = QRectF(PADDING, 0, item.face.width - PADDING - 4, strip)
    shown = QFontMetricsF(font).elidedText(item.face.title, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(QColor(theme.current().text))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _health(painter: QPainter, item: Item, live: Live) -> None:
    line = live.health.get(item.node.id)
    if not item.face.health or line is None:
        return
    height = 18 * theme.scale()
    box = QRectF(PADDING, item.face.height - height - 6, item.face.width - 2 * PADDING, height)
    painter.setFont(fonts()[2])
    painter.setPen(QColor(getattr(theme.current(), line.tone)))
    text = line.text if line.tone == "dim" else f"▲ {line.text}"
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _ports(painter: QPainter, item: Item) -> None:
    colour, face = family_colour(item), item.face
    painter.setPen(QPen(colour, 1.8))
    painter.setBrush(QColor(theme.current().background))
    for index in range(len(face.inputs)):
        painter.drawEllipse(QPointF(0, _port_y(item, index, len(face.inputs))), PORT - 0.4, PORT - 0.4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for index in range(len(face.outputs)):
        painter.drawEllipse(QPointF(face.width, _port_y(item, index, len(face.outputs))), PORT, PORT)


def _port_y(item: Item, index: int, count: int) -> float:
    return item.port_y(index, count) - item.rect.top()


# What the node computes


def _art(painter: QPainter, item: Item, live: Live) -> None:
    art = item.face.art
    if art is None:
        return
    painter.save()
    painter.translate(item.face.art_box.topLeft())
    painter.scale(theme.scale(), theme.scale())
    draw = {"maps": _maps, "bars": _bars, "rows": _rows}[art.form]
    draw(painter, item, art, live)
    painter.restore()


def _maps(painter: QPainter, item: Item, art: Art, live: Live) -> None:
    mosaic = live.mosaic(item.node.id, grey=item.face.family == "io")
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, bool(mosaic and mosaic.width > art.cell[0]))
    for index in range(art.count):
        if mosaic is not None and index < mosaic.count:
            part = QRectF(index * mosaic.width, 0, mosaic.width, mosaic.height)
            painter.drawImage(art.box(index), mosaic.image, part)
        elif mosaic is None:
            painter.fillRect(art.box(index), _quiet())


def _bars(painter: QPainter, item: Item, art: Art, live: Live) -> None:
    width, height = art.size
    thumbnail = live.thumbnails.get(item.node.id)
    if thumbnail is None or thumbnail.values.ndim != 1 or not len(thumbnail.values):
        painter.fillRect(QRectF(0, height - 1, width, 1), _quiet())
        return
    low, high = min(0.0, thumbnail.low), max(0.0, thumbnail.high)
    heights = shares(thumbnail.values, low, high) * height
    zero = float(shares(np.zeros(1), low, high)[0]) * height
    tables = theme.signed_lut()
    each = width / len(heights)
    gap = 1.0 if each >= 3 else 0.0
    rising, falling = [], []
    for index, top in enumerate(heights.tolist()):
        bar = QRectF(index * each, height - max(top, zero), each - gap, max(abs(top - zero), 0.6))
        (rising if top >= zero else falling).append(bar)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, each < 3 or painter.transform().m11() != 1)
    painter.setPen(Qt.PenStyle.NoPen)
    for bars, level in ((rising, 255 if thumbnail.signed else -1), (falling, 0)):
        painter.setBrush(QColor(*theme.magnitude_lut()[150][:3].tolist() if level < 0 else tables[level][:3].tolist()))
        painter.drawRects(bars)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, height - zero, width, 0.75), QColor(theme.current().line))


def _rows(painter: QPainter, item: Item, art: Art, live: Live) -> None:
    """Chances per class: the likeliest in the colour of right or wrong, the true one marked."""
    look, thumbnail = theme.current(), live.thumbnails.get(item.node.id)
    values = thumbnail.values if thumbnail is not None and thumbnail.values.ndim == 1 else np.zeros(0)
    order = _shown_classes(values, art.count, live.truth)
    best = int(values.argmax()) if len(values) else -1
    labels = thumbnail.labels if thumbnail else ()
    gutter = 14.0 if max((len(n) for n in labels), default=1) <= 2 else 44.0
    painter.setFont(theme.font(9 / theme.scale()))
    for row, index in enumerate(order):
        box = art.box(row)
        track = QRectF(box.left() + gutter, box.top() + 1, box.width() - gutter, box.height() - 2)
        painter.setPen(QColor(look.text if index == live.truth else look.dim))
        name = labels[index] if index < len(labels) else str(index)
        painter.drawText(QRectF(0, box.top() - 2, gutter - 4, box.height() + 4), _right(), name[:7])
        painter.fillRect(track, _quiet())
        if index < len(values):
            tone = look.faint if index != best else look.good if live.truth in (best, None) else look.bad
            share = float(np.clip(np.nan_to_num(values[index]), 0, 1))
            painter.fillRect(QRectF(track.topLeft(), track.size()).adjusted(0, 0, (share - 1) * track.width(), 0), QColor(tone))
        if index == live.truth:
            painter.fillRect(QRectF(track.right() + 2, track.top() - 1, 2, track.height() + 2), QColor(look.text))


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
