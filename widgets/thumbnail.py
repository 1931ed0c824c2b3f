"""A network as a small picture: its nodes in their family's colours, and its wires."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from widgets import theme

NODE = (132.0, 96.0)
"""Width and height that a node is drawn with, in the canvas's own pixels."""


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
    """Paint the network into `area`."""
    boxes = {i: QRectF(*node.position, *NODE) for i, node in network.nodes.items()}
    whole = QRectF()
    for box in boxes.values():
        whole = whole.united(box)
    if whole.isEmpty():
        return
    inner = area.adjusted(16, 16, -16, -16)
    scale = min(inner.width() / whole.width(), inner.height() / whole.height(), 0.5)
    painter.save()
    painter.translate(area.center())
    painter.scale(scale, scale)
    painter.translate(-whole.center())
    _wires(painter, network, boxes, scale)
    for i, node in network.nodes.items():
        kind = catalogue.kinds.get(node.kind)
        _node(painter, boxes[i], kind.family if kind else "io")
    painter.restore()


def _wires(painter: QPainter, network: Network, boxes: dict[str, QRectF], scale: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.qcolor(theme.current().faint), 1.3 / scale))
    for wire in network.wires.values():
        start = QPointF(boxes[wire.source.node].right(), boxes[wire.source.node].center().y())
        end = QPointF(boxes[wire.target.node].left(), boxes[wire.target.node].center().y())
        reach = max(40.0, abs(end.x() - start.x()) / 2)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
        painter.drawPath(path)


def _node(painter: QPainter, box: QRectF, family: str) -> None:
    now = theme.current()
    colour = now.families.get(family, now.faint)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.qcolor(now.raised))
    painter.drawRoundedRect(box, 12, 12)
    head = QPainterPath()
    head.addRoundedRect(box, 12, 12)
    painter.save()
    painter.setClipPath(head)
    top = QRectF(box.left(), box.top(), box.width(), box.height() * 0.34)
    painter.fillRect(top, theme.qcolor(theme.mix(colour, now.raised, 0.35)))
    painter.fillRect(QRectF(box.left(), box.top(), 9, top.height()), theme.qcolor(colour))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.qcolor(now.line), 2))
    painter.drawPath(head)
