"""How the inside of a block looks on the card of its uses."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from graphs.pictures.inner import Inner, Line, inner_of
from widgets import theme

__all__ = ["Inner", "inner_of", "paint_inner"]


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
    x1, y1, x2, y2, arch = line
    path = QPainterPath(QPointF(x1, y1))
    if arch:
        level, turn = min(y1, y2) - arch, min(8.0, (x2 - x1) / 3)
        path.cubicTo(x1 + turn / 2, y1, x1 + turn / 2, level, x1 + turn, level)
        path.lineTo(x2 - turn, level)
        path.cubicTo(x2 - turn / 2, level, x2 - turn / 2, y2, x2, y2)
    elif abs(y1 - y2) < 1.0:
        path.lineTo(x2, y2)
    else:
        bend = max(4.0, abs(x2 - x1) / 2)
        path.cubicTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
    return path
