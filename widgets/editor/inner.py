"""The inside of a block as a small picture on the card of its uses: its nodes as blocks of colour, its wires as lines.

Worked out once per definition from where its nodes stand; nothing about what it computes is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from graphs.layers.catalogue import Catalogue
from graphs.network import Block, Network, Wire
from widgets import theme

NODE = (136.0, 96.0)
"""What a node counts as, whatever its card shows."""
WIDE, HIGH = 168.0, 72.0
LEAST = 20.0
MOST = 80
"""Nodes of a block that are drawn; the rest would be dust."""
PORTS = ("BlockInput", "BlockOutput")
Rect = tuple[float, float, float, float]
Line = tuple[float, float, float, float]


@dataclass(frozen=True)
class Inner:
    """Boxes with their families, and lines, in the picture's own pixels."""

    width: float
    height: float
    boxes: tuple[tuple[Rect, str], ...]
    lines: tuple[Line, ...]


_KEPT: dict[int, tuple[Block, object, Inner | None]] = {}


def inner_of(block: Block, catalogue: Catalogue) -> Inner | None:
    """The picture of a block; None where there is nothing in it to draw."""
    kept = _KEPT.get(id(block))
    if kept is None or kept[0] is not block or kept[1] is not catalogue.kinds:
        if len(_KEPT) > 200:
            _KEPT.clear()
        kept = _KEPT[id(block)] = (block, catalogue.kinds, _drawn(block.network, catalogue))
    return kept[2]


def _drawn(network: Network, catalogue: Catalogue) -> Inner | None:
    nodes = [n for n in network.nodes.values() if n.kind != "Reroute"][:MOST]
    if not nodes:
        return None
    left, top = min(n.position[0] for n in nodes), min(n.position[1] for n in nodes)
    right = max(n.position[0] for n in nodes) + NODE[0]
    bottom = max(n.position[1] for n in nodes) + NODE[1]
    scale = min(WIDE / (right - left), HIGH / (bottom - top), 0.25)
    boxes = {}
    for node in nodes:
        kind = catalogue.kinds.get(node.kind)
        corner = ((node.position[0] - left) * scale, (node.position[1] - top) * scale)
        family = "port" if node.kind in PORTS else kind.family if kind is not None else "combine"
        boxes[node.id] = ((*corner, NODE[0] * scale, NODE[1] * scale), family)
    lines = (_line(wire, boxes) for wire in network.wires.values())
    high = max(LEAST, (bottom - top) * scale)
    return Inner((right - left) * scale, high, tuple(boxes.values()), tuple(line for line in lines if line))


def _line(wire: Wire, boxes: dict[str, tuple[Rect, str]]) -> Line | None:
    if wire.source.node not in boxes or wire.target.node not in boxes:
        return None
    start, end = boxes[wire.source.node][0], boxes[wire.target.node][0]
    return start[0] + start[2], start[1] + start[3] / 2, end[0], end[1] + end[3] / 2


def paint_inner(painter: QPainter, inner: Inner, corner: QPointF) -> None:
    """Draws the picture with its top left corner at a point of the card."""
    look = theme.current()
    painter.save()
    painter.translate(corner)
    painter.setPen(QPen(QColor(look.faint), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in inner.lines:
        painter.drawPath(_curve(line))
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y, width, height), family in inner.boxes:
        if family == "port":
            painter.setBrush(QColor(look.faint))
            painter.drawEllipse(QPointF(x + width / 2, y + height / 2), 2.2, 2.2)
            continue
        painter.setBrush(QColor(look.families.get(family, look.dim)))
        painter.drawRoundedRect(QRectF(x, y, width, height), 2.0, 2.0)
    painter.restore()


def _curve(line: Line) -> QPainterPath:
    x1, y1, x2, y2 = line
    path = QPainterPath(QPointF(x1, y1))
    if abs(y1 - y2) < 1.0:
        path.lineTo(x2, y2)
    else:
        bend = max(4.0, abs(x2 - x1) / 2)
        path.cubicTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
    return path
