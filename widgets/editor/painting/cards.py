"""How one node looks close up: a card with its name, what it does, and what it computes right now.

Everything is drawn in scene pixels from the card's corner, so the same code serves the screen at any zoom,
the cache of cards, and vector pictures.
"""

from __future__ import annotations

import math
from enum import IntEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from widgets import theme
from widgets.editor.mirror.item import Item
from widgets.editor.painting.art import paint_art
from widgets.editor.painting.face import HEADER, PADDING
from widgets.editor.painting.inner import paint_inner
from widgets.editor.painting.lettering import SMALLEST, Face, font, shortened, sizes, width
from widgets.editor.painting.live import Live

LEFT = Qt.AlignmentFlag.AlignLeft
RADIUS = 8.0
BAR = 4.0
PORT = 5.5
WORDS = 0.85
"""From this zoom on classes have names."""
PILE, PILED = 4.0, 2
"""How far one card of a pile lies below the one before, and how many are seen below the first."""
MARGIN = 12.0
"""How far ports and badges reach out of a card."""


CROWD = 200
"""From this many nodes on, details give way earlier to what can be painted quickly."""


class Detail(IntEnum):
    """How much of a node is drawn."""

    BLOCKS = 0
    NAMES = 1
    FULL = 2


def detail(scale: float, count: int = CROWD) -> Detail:
    """What is drawn of `count` nodes at this zoom: everything, then names, then coloured blocks."""
    full, names = (0.6, 0.35) if count >= CROWD else (0.5, 0.15)
    return Detail.FULL if scale >= full else Detail.NAMES if scale >= names else Detail.BLOCKS


def paint_card(painter: QPainter, item: Item, live: Live, level: Detail, scale: float, ailing: str = "") -> None:
    """Draws a node from its corner at (0, 0). `ailing` is the severity of its worst problem, if any."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    if item.face.dot:
        paint_dot(painter, item, ailing)
        return
    strip = HEADER if level == Detail.FULL else min(item.face.height, max(HEADER + 22, 11.0 / scale))
    if item.node.mode:
        _off(painter, item, live, level, scale, strip)
        return
    _stack(painter, item)
    _ground(painter, item, strip, ailing)
    if strip <= HEADER + 30:
        if item.face.inner is not None:
            paint_inner(painter, item.face.inner, item.face.inner_box.topLeft())
        paint_art(painter, item, live, words=scale >= WORDS)
    if level == Detail.FULL:
        grown = _fitting(item, scale)
        _texts(painter, item, grown)
        _health(painter, item, live, grown)
        _port_names(painter, item, grown)
    else:
        _name(painter, item, live, strip, scale)
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


def heading(rect: QRectF, height: float, wide: float | None = None) -> QPainterPath:
    """The upper part of a card, or the left edge of that, with the card's round corners: a path, since not every reader
    of drawings knows clips."""
    height = min(height, rect.height())
    part = QPainterPath()
    part.addRect(QRectF(rect.left(), rect.top(), rect.width() if wide is None else wide, height))
    return outline(rect).intersected(part)


def paint_dot(painter: QPainter, item: Item, ailing: str = "") -> None:
    """A dot in a wire, which runs through it."""
    look, middle = theme.current(), QPointF(item.face.width / 2, item.face.height / 2)
    painter.setPen(QPen(QColor(theme.mix(theme.mix(look.dim, look.accent, 0.8), look.background, 0.58)), 1.8))
    painter.drawLine(QPointF(0, middle.y()), QPointF(item.face.width, middle.y()))
    tone = look.bad if ailing == "error" else look.warn if ailing else theme.mix(look.dim, look.accent, 0.8)
    painter.setPen(QPen(QColor(look.background), 2.0))
    painter.setBrush(QColor(look.faint if item.node.mode else tone))
    painter.drawEllipse(middle, 7.0, 7.0)


OFF_WORDS = {"bypass": "bypassed", "mute": "muted"}


def _off(painter: QPainter, item: Item, live: Live, level: Detail, scale: float, strip: float) -> None:
    """A node that does not compute: a pale card that says so. Through a bypassed one its wire runs on."""
    look, face, mute = theme.current(), item.face, item.node.mode == "mute"
    body = QRectF(0, 0, face.width, face.height)
    painter.save()
    painter.setOpacity(0.55)
    painter.fillPath(outline(body), card_colour())
    head = QColor(theme.mix(look.faint, look.panel, 0.16)) if mute else header_colour(item)
    painter.fillPath(heading(body, strip), head)
    painter.restore()
    pen = QPen(QColor(theme.mix(look.faint, look.background, 0.75 if mute else 0.5)), 1.2)
    if mute:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)
    if not mute:
        _through(painter, item)
    if level == Detail.FULL:
        _off_texts(painter, item, _fitting(item, scale))
    else:
        _name(painter, item, live, strip, scale)
    _ports(painter, item)


def _through(painter: QPainter, item: Item) -> None:
    """What comes into the first input leaves by every output."""
    look, face = theme.current(), item.face
    if not face.inputs:
        return
    painter.setPen(QPen(QColor(theme.mix(theme.mix(look.dim, look.accent, 0.8), look.background, 0.75)), 1.8))
    start = QPointF(0, _port_y(item, 0, len(face.inputs)))
    for index in range(len(face.outputs)):
        end, bend = QPointF(face.width, _port_y(item, index, len(face.outputs))), QPointF(face.width / 2, 0)
        path = QPainterPath(start)
        path.cubicTo(start + bend, end - bend, end)
        painter.drawPath(path)


def _off_texts(painter: QPainter, item: Item, grown: float) -> None:
    """The name, and below it, clear of the wire that runs through, why this node computes nothing."""
    look, card = theme.current(), item.face
    room, middle = card.width - 2 * PADDING, card.height / 2
    words = f"{OFF_WORDS[item.node.mode]} · {card.summary}"
    top = middle + 3 if item.node.mode == "bypass" and middle < HEADER + 26 else HEADER + 4
    name = shortened(card.title, room, Face.NAME, grown)
    _write(painter, QRectF(PADDING, 0, room, HEADER), name, font(Face.NAME, grown), look.dim)
    line = QRectF(PADDING, top, room, 18)
    _write(painter, line, shortened(words, room, Face.TEXT, grown), font(Face.TEXT, grown), look.dim)


def _stack(painter: QPainter, item: Item) -> None:
    """A use of a block that repeats looks like a pile of cards."""
    body = QRectF(0, 0, item.face.width, item.face.height)
    for depth in range(min(item.face.repeat - 1, PILED), 0, -1):
        sheet = body.translated(depth * PILE, depth * PILE)
        painter.fillPath(outline(sheet), card_colour())
        painter.setPen(QPen(_block_edge(item), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(sheet.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)


def _block_edge(item: Item) -> QColor:
    """The outline of a block: its family's colour, quietly."""
    return QColor(theme.mix(family_colour(item).name(), theme.current().line, 0.55))


def _port_names(painter: QPainter, item: Item, grown: float) -> None:
    """What the ports of a block are called, where a side has several."""
    look, face = theme.current(), item.face
    sides = ((face.inputs, face.gutters[0], LEFT), (face.outputs, face.gutters[1], Qt.AlignmentFlag.AlignRight))
    for ports, room, side in sides:
        for index, port in enumerate(ports if room else ()):
            left = PORT + 4 if side == LEFT else face.width - PORT - 4 - room
            box = QRectF(left, _port_y(item, index, len(ports)) - 8, room, 16)
            words = shortened(port.title or port.name, room, Face.SMALL, grown)
            _write(painter, box, words, font(Face.SMALL, grown), look.dim, side)


def _ground(painter: QPainter, item: Item, strip: float, ailing: str) -> None:
    look, body = theme.current(), QRectF(0, 0, item.face.width, item.face.height)
    shape = outline(body)
    painter.fillPath(shape, card_colour())
    if item.face.known:
        painter.fillPath(heading(body, strip), header_colour(item))
        painter.fillPath(heading(body, strip, BAR), family_colour(item))
    plain = look.line if look.name == "dark" else theme.mix(look.faint, look.line, 0.3)
    edge = QColor(look.bad if ailing == "error" else look.warn if ailing else plain)
    pen = QPen(edge, 1.0)
    if not item.face.known:
        pen = QPen(QColor(look.bad if ailing == "error" else look.faint), 1.2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)
    if item.face.inner is not None:
        painter.setPen(QPen(_block_edge(item), 1.0))
        painter.drawRoundedRect(body.adjusted(3.5, 3.5, -3.5, -3.5), RADIUS - 3, RADIUS - 3)


def _fitting(item: Item, scale: float) -> float:
    """How much letters grow on this card: as much as its title and its parameters leave room for."""
    card, room = item.face, item.face.width - 2 * PADDING
    options = sizes(scale)
    fits = (g for g in options if width(card.title, Face.NAME, g) + _count_room(card.count, g) <= room)
    return next(fits, options[-1])


def _count_room(count: str, grown: float) -> float:
    return width(count, Face.SMALL, grown) + 8 if count else 0.0


def _texts(painter: QPainter, item: Item, grown: float) -> None:
    look, card = theme.current(), item.face
    room = card.width - 2 * PADDING
    count = _count_room(card.count, grown)
    if count and width(card.title, Face.NAME, grown) + count > room:
        count = 0.0
    top = QRectF(PADDING, 0, room, HEADER)
    line = QRectF(PADDING, HEADER + 4, room, 18)
    _write(painter, top, shortened(card.title, room - count, Face.NAME, grown), font(Face.NAME, grown), look.text)
    if count:
        _write(painter, top, card.count, font(Face.SMALL, grown), theme.on_tint(look), Qt.AlignmentFlag.AlignRight)
    _write(painter, line, shortened(card.summary, room, Face.TEXT, grown), font(Face.TEXT, grown), look.dim)


def _write(painter: QPainter, box: QRectF, text: str, face: QFont, colour: str, side: Qt.AlignmentFlag = LEFT) -> None:
    painter.setFont(face)
    painter.setPen(QColor(colour))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side, text)


def _name(painter: QPainter, item: Item, live: Live, strip: float, scale: float) -> None:
    """The name alone, as large as it fits, between 8.5 and 12.5 pixels on the screen."""
    line = live.health.get(item.node.id) if item.face.health else None
    warns = line is not None and line.tone != "dim"
    inset = min(PADDING, max(6.0, 3.0 / scale))
    room = QRectF(inset, 0, item.face.width - inset - 4, strip)
    largest, smallest = (math.ceil(v / scale) for v in (min(12.5, max(9.5, 25 * scale)), SMALLEST))
    face = QFont(font(Face.NAME))
    face.setPixelSize(smallest)
    warns = warns and QFontMetricsF(face).horizontalAdvance("▲ " + item.face.title) <= room.width()
    for size in range(largest, smallest - 1, -1):
        face.setPixelSize(size)
        metrics = QFontMetricsF(face)
        space = room.width() - (metrics.horizontalAdvance("▲ ") if warns else 0.0)
        if metrics.horizontalAdvance(item.face.title) <= space:
            break
    shown = metrics.elidedText(item.face.title, Qt.TextElideMode.ElideRight, space)
    _write(painter, room, shown, face, theme.current().text)
    if line is not None and warns:
        _write(painter, room, "▲", face, getattr(theme.current(), line.tone), Qt.AlignmentFlag.AlignRight)


def _health(painter: QPainter, item: Item, live: Live, grown: float) -> None:
    line = live.health.get(item.node.id)
    if not item.face.health or line is None:
        return
    height, room = 18, item.face.width - 2 * PADDING
    box = QRectF(PADDING, item.face.height - height - 5, room, height)
    text = line.text if line.tone == "dim" else f"▲ {line.text}"
    if width(text, Face.SMALL, grown) > room + 4:
        text = text.removesuffix(" units")
    shown = shortened(text, room + 4, Face.SMALL, grown)
    _write(painter, box.adjusted(0, 0, 6, 0), shown, font(Face.SMALL, grown), getattr(theme.current(), line.tone))


def _ports(painter: QPainter, item: Item) -> None:
    colour, face = family_colour(item), item.face
    if item.node.mode == "mute":
        colour = QColor(theme.mix(theme.current().faint, theme.current().background, 0.75))
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
