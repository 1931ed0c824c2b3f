"""A network as a small picture: its nodes in their family's colours, and its wires."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from widgets import theme

WIDEST, TALLEST = 72.0, 54.0
"""The largest size of a node, in pixels of the picture."""
MARGIN = 18.0


def thumbnail(network: Network, catalogue: Catalogue, size: QSize, ratio: float = 1.0) -> QPixmap:
    """The network fitted into a picture of `size`."""
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(theme.qcolor(theme.current().background))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, QRectF(0, 0, size.width(), size.height()), network, catalogue)
    painter.end()
    return made


def draw(painter: QPainter, area: QRectF, network: Network, catalogue: Catalogue) -> None:
    """Paint the network into `area`; places are spread so that the nodes fill it."""
    boxes = placed(network, area)
    painter.setFont(theme.font(11, theme.font().Weight.DemiBold))
    room = min((box.width() for box in boxes.values()), default=0.0) - 10
    named = all(painter.fontMetrics().horizontalAdvance(node.title) <= room for node in network.nodes.values())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.qcolor(theme.current().faint, 0.8), 1.2))
    for wire in network.wires.values():
        painter.drawPath(_wire(boxes[wire.source.node], boxes[wire.target.node]))
    for i, node in network.nodes.items():
        kind = catalogue.kinds.get(node.kind)
        _node(painter, boxes[i], kind.family if kind else "io", node.title if named else "")


def placed(network: Network, area: QRectF) -> dict[str, QRectF]:
    """A box for every node: its place on the canvas, stretched to `area`."""
    if not network.nodes:
        return {}
    places = _level(network)
    xs, ys = ([place[axis] for place in places.values()] for axis in (0, 1))
    columns, rows = len(max(_rows(places), key=len)), len(_rows(places))
    inner = area.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    width = min(WIDEST, inner.width() / max(columns, 1) * 0.72)
    height = min(TALLEST, inner.height() / max(rows, 1) * 0.6, width)
    across, down = inner.width() - width, min(inner.height() - height, 2.2 * height * max(rows - 1, 0))
    wide, tall = max(xs) - min(xs), max(ys) - min(ys)
    across = min(across, 1.9 * width * max(columns - 1, 0))
    left, top = area.center().x() - (across + width) / 2, area.center().y() - (down + height) / 2
    return {
        i: QRectF(
            left + (across * (x - min(xs)) / wide if wide else 0.0),
            top + (down * (y - min(ys)) / tall if tall else 0.0),
            width,
            height,
        )
        for i, (x, y) in places.items()
    }


def _rows(places: dict[str, tuple[float, float]], apart: float = 120.0) -> list[list[str]]:
    """The nodes in rows from top to bottom."""
    rows: list[list[str]] = []
    last = float("-inf")
    for i in sorted(places, key=lambda i: places[i][1]):
        if places[i][1] - last > apart:
            rows.append([])
        rows[-1].append(i)
        last = places[i][1]
    return rows


def _level(network: Network, apart: float = 96.0) -> dict[str, tuple[float, float]]:
    """Where the nodes are; those of a row that stand side by side are level, since all are of one size here."""
    places = {i: node.position for i, node in network.nodes.items()}
    for row in _rows(places):
        across = sorted(places[i][0] for i in row)
        if all(b - a >= apart for a, b in pairwise(across)):
            middle = sum(places[i][1] for i in row) / len(row)
            places |= {i: (places[i][0], middle) for i in row}
    return places


def _wire(source: QRectF, target: QRectF) -> QPainterPath:
    start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    path = QPainterPath(start)
    if end.x() > start.x():
        reach = max(6.0, (end.x() - start.x()) / 2)
        path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
        return path
    middle, bend = (start.y() + end.y()) / 2, 14.0
    path.cubicTo(start + QPointF(bend, 0), QPointF(start.x() + bend, middle), QPointF(start.x() - 2, middle))
    path.lineTo(end.x() + 2, middle)
    path.cubicTo(QPointF(end.x() - bend, middle), end - QPointF(bend, 0), end)
    return path


def _node(painter: QPainter, box: QRectF, family: str, title: str) -> None:
    now = theme.current()
    colour = now.families.get(family, now.faint)
    outline = QPainterPath()
    outline.addRoundedRect(box, 4, 4)
    painter.save()
    painter.setClipPath(outline)
    painter.fillRect(box, theme.qcolor(now.raised))
    head = QRectF(box.left(), box.top(), box.width(), max(6.0, box.height() * 0.4))
    painter.fillRect(head, theme.qcolor(theme.mix(colour, now.raised, 0.45)))
    painter.fillRect(QRectF(box.left(), box.top(), 2.5, head.height()), theme.qcolor(colour))
    painter.restore()
    if title and head.height() > 13:
        painter.setPen(theme.qcolor(now.text))
        painter.drawText(head.adjusted(7, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, title)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.qcolor(now.line), 1))
    painter.drawPath(outline)
