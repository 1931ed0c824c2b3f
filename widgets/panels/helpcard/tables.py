"""How tables, bars and curves of a demonstration are measured and painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from graphs.cards.base import Bars, Cell, Curve, Part, Rows, Step, Table, Value
from graphs.cards.nested import number
from widgets import theme

CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CURVE = (440.0, 200.0)


@dataclass(frozen=True)
class Look:
    """The moment that is painted: the step and its place among all."""

    step: Step
    place: int


def small() -> QFont:
    """Names of tables, rows and columns."""
    return theme.font(11)


def figures() -> QFont:
    """Numbers in cells."""
    return theme.font(12)


def _width(text: str, font: QFont) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)


def _text(value: Value) -> str:
    return number(value, 3 if isinstance(value, float) and abs(value) < 1 else 2)


def cell_size(table: Table) -> tuple[float, float]:
    """Width and height of the cells of a table."""
    return _cells(table, theme.scale())


@lru_cache(256)
def _cells(table: Table, unit: float) -> tuple[float, float]:
    words = [_text(v) for rows in (table.rows, *table.frames) for row in rows for v in row]
    wide = max(_width(word, figures()) for word in words) + 8 * unit
    heads = max((_width(word, small()) for word in table.across), default=0.0) + 8 * unit
    broken = any(isinstance(v, float) and v != round(v, 1) for row in table.rows for v in row)
    return max(wide, heads if table.across else 0.0, (42 if broken else 22) * unit), 22 * unit


def _lead(table: Table) -> float:
    return max((_width(word, small()) for word in table.down), default=-8.0 * theme.scale()) + 8 * theme.scale()


def size_of(part: Part) -> tuple[float, float]:
    """Width and height of a part, its name included."""
    return _size(part, theme.scale())


@lru_cache(256)
def _size(part: Part, unit: float) -> tuple[float, float]:
    if isinstance(part, Curve):
        return CURVE[0] * unit, CURVE[1] * unit
    if isinstance(part, Bars):
        return 360 * unit, (18 + 24 * len(part.values)) * unit
    wide, high = cell_size(part)
    heads = 18 * unit if part.across else 0.0
    width = _lead(part) + wide * len(part.rows[0])
    return max(width, _width(part.name, small()) + 2), 18 * unit + heads + high * len(part.rows)


def paint(painter: QPainter, part: Part, x: float, y: float, look: Look) -> None:
    """A part with its upper left corner at x, y."""
    if isinstance(part, Curve):
        _curve(painter, part, x, y, look)
        return
    unit, now = theme.scale(), theme.current()
    painter.setFont(small())
    painter.setPen(theme.qcolor(now.dim))
    painter.drawText(QRectF(x, y, size_of(part)[0] + 40, 16 * unit), LEFT, part.name)
    if isinstance(part, Bars):
        _bars(painter, part, x, y + 18 * unit, look)
    else:
        _table(painter, part, x, y + 18 * unit, look)


def _ground(table: Table, value: Value) -> str:
    now = theme.current()
    if table.role == "picture" and isinstance(value, float | int):
        return theme.mix("#ffffff", "#000000", float(value))
    tones = {"input": now.faint, "weight": now.families["linear"], "output": now.good, "state": now.warn}
    return theme.mix(tones.get(table.role, now.faint), now.panel, 0.10 if table.role == "input" else 0.16)


def _rows(table: Table, look: Look) -> Rows:
    return table.frames[min(look.place, len(table.frames) - 1)] if table.frames else table.rows


def _table(painter: QPainter, table: Table, x: float, y: float, look: Look) -> None:
    unit, now = theme.scale(), theme.current()
    wide, high = cell_size(table)
    lead = _lead(table)
    painter.setFont(small())
    painter.setPen(theme.qcolor(now.dim))
    for j, word in enumerate(table.across):
        painter.drawText(QRectF(x + lead + j * wide, y, wide, 16 * unit), CENTRE, word)
    y += 18 * unit if table.across else 0.0
    for i, word in enumerate(table.down):
        painter.drawText(QRectF(x, y + i * high, lead - 8 * unit, high), RIGHT, word)
    marks = _marked(look.step, table.name)
    rows = _rows(table, look)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            box = QRectF(x + lead + j * wide, y + i * high, wide, high)
            _cell(painter, table, box, (i, j), value, look, marks)
    _outlines(painter, table, QPointF(x + lead, y), (wide, high), marks)


def _marked(step: Step, name: str) -> dict[str, frozenset[Cell]]:
    kinds = {"marks": step.marks, "best": step.best, "off": step.off}
    return {kind: frozenset(cells.get(name, ())) for kind, cells in kinds.items()}


def _known(table: Table, cell: Cell, place: int) -> bool:
    index = cell[0] * len(table.rows[0]) + cell[1]
    return not table.appears or table.appears[index] <= place


def _padding(table: Table, cell: Cell) -> bool:
    edge, (i, j) = table.border, cell
    return bool(edge) and (min(i, j) < edge or i >= len(table.rows) - edge or j >= len(table.rows[0]) - edge)


def _cell(
    painter: QPainter,
    table: Table,
    box: QRectF,
    cell: Cell,
    value: Value,
    look: Look,
    marks: dict[str, frozenset[Cell]],
) -> None:
    now = theme.current()
    ground, ink = _ground(table, value), now.text
    if table.role == "picture":
        ink = "#000000" if isinstance(value, float) and value > 0.5 else "#ffffff"
    elif cell in marks["best"]:
        ground, ink = now.accent, now.on_accent
    elif cell in marks["marks"]:
        ground = theme.mix(now.accent, now.panel, 0.26)
    elif _padding(table, cell):
        ground, ink = now.panel, now.faint
    painter.setPen(QPen(theme.qcolor(now.line), 1))
    painter.setBrush(theme.qcolor(ground))
    painter.drawRect(box)
    known = _known(table, cell, look.place)
    if cell in marks["off"] and cell not in marks["marks"]:
        ink = now.faint
    painter.setFont(figures())
    painter.setPen(theme.qcolor(ink if known else now.faint))
    painter.drawText(box, CENTRE, _text(value) if known else "·")
    if cell in marks["off"]:
        painter.setPen(QPen(theme.qcolor(now.bad), 1.2))
        painter.drawLine(box.topLeft() + QPointF(4, 4), box.bottomRight() - QPointF(4, 4))


def _outlines(
    painter: QPainter, table: Table, corner: QPointF, cell: tuple[float, float], marks: dict[str, frozenset[Cell]]
) -> None:
    """A line around what is marked."""
    wide, high = cell
    painter.setPen(QPen(theme.qcolor(theme.current().accent), 2))
    marked = marks["marks"]
    for i, j in marked:
        left, top = corner.x() + j * wide, corner.y() + i * high
        sides = (
            ((i - 1, j), (left, top, left + wide, top)),
            ((i + 1, j), (left, top + high, left + wide, top + high)),
            ((i, j - 1), (left, top, left, top + high)),
            ((i, j + 1), (left + wide, top, left + wide, top + high)),
        )
        for beside, (x1, y1, x2, y2) in sides:
            if beside not in marked:
                painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))


def _bars(painter: QPainter, bars: Bars, x: float, y: float, look: Look) -> None:
    unit, now = theme.scale(), theme.current()
    lead = max((_width(word, small()) for word in bars.labels), default=0.0) + 8 * unit
    room = size_of(bars)[0] - lead - 56 * unit
    marks = _marked(look.step, bars.name)["marks"]
    for i, value in enumerate(bars.values):
        line = QRectF(x, y + i * 24 * unit, lead - 8 * unit, 22 * unit)
        painter.setFont(small())
        painter.setPen(theme.qcolor(now.dim))
        if bars.labels:
            painter.drawText(line, RIGHT, bars.labels[i])
        known = not bars.appears or bars.appears[i] <= look.place
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(now.line))
        painter.drawRoundedRect(QRectF(x + lead, line.top() + 4 * unit, room, 14 * unit), 3, 3)
        if known:
            painter.setBrush(theme.qcolor(now.accent if (0, i) in marks else theme.mix(now.accent, now.panel, 0.6)))
            painter.drawRoundedRect(QRectF(x + lead, line.top() + 4 * unit, max(room * value, 3), 14 * unit), 3, 3)
        painter.setFont(figures())
        painter.setPen(theme.qcolor(now.text if known else now.faint))
        said = QRectF(x + lead + room + 4, line.top(), 50 * unit, line.height())
        painter.drawText(said, RIGHT, f"{value:.3f}" if known else "·")


def _curve(painter: QPainter, curve: Curve, x: float, y: float, look: Look) -> None:
    unit, now = theme.scale(), theme.current()
    area = QRectF(x, y + 20 * unit, CURVE[0] * unit, (CURVE[1] - 24) * unit)
    left, right = curve.xs[0], curve.xs[-1]
    low, high = min(*curve.ys, *curve.slopes, -0.2), max(*curve.ys, *curve.slopes, 1.0)

    def at(a: float, b: float) -> QPointF:
        across = (a - left) / (right - left) * area.width()
        return QPointF(area.left() + across, area.bottom() - (b - low) / (high - low) * area.height())

    painter.setFont(small())
    painter.setPen(QPen(theme.qcolor(now.line), 1))
    for tick in range(round(left), round(right) + 1, 2):
        painter.drawLine(at(tick, low), at(tick, high))
    painter.setPen(QPen(theme.qcolor(now.faint), 1))
    painter.drawLine(at(left, 0), at(right, 0))
    painter.drawLine(at(0, low), at(0, high))
    painter.setPen(theme.qcolor(now.dim))
    for tick in range(round(left) + 2, round(right), 2):
        if tick == 0:
            continue
        spot = at(tick, 0)
        painter.drawText(QRectF(spot.x() - 34, spot.y() + 1, 30, 14 * unit), RIGHT, number(tick))
    one = at(0, 1)
    painter.drawText(QRectF(one.x() - 24, one.y() - 7 * unit, 20, 14 * unit), RIGHT, "1")
    lines = ((curve.ys, now.accent, Qt.PenStyle.SolidLine), (curve.slopes, now.warn, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for values, colour, style in lines:
        painter.setPen(QPen(theme.qcolor(colour), 2, style))
        painter.drawPolyline(QPolygonF([at(a, b) for a, b in zip(curve.xs, values, strict=True)]))
    _legend(painter, x, y)
    if look.step.at is not None:
        painter.save()
        painter.setClipRect(area.adjusted(0, -6, 0, 6))
        _point(painter, look.step.at, at)
        painter.restore()


def _legend(painter: QPainter, x: float, y: float) -> None:
    now, unit = theme.current(), theme.scale()
    for text, colour, style in (
        ("f(x)", now.accent, Qt.PenStyle.SolidLine),
        ("slope f′(x)", now.warn, Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(theme.qcolor(colour), 2, style))
        painter.drawLine(QPointF(x, y + 8 * unit), QPointF(x + 22 * unit, y + 8 * unit))
        painter.setPen(theme.qcolor(now.dim))
        painter.drawText(QRectF(x + 28 * unit, y, 120 * unit, 16 * unit), LEFT, text)
        x += 40 * unit + _width(text, small())


def _point(painter: QPainter, point: tuple[float, float, float], at: Callable[[float, float], QPointF]) -> None:
    """The point, the line down to its x, and a piece of the tangent."""
    now, (a, b, slope) = theme.current(), point
    painter.setPen(QPen(theme.qcolor(now.faint), 1, Qt.PenStyle.DotLine))
    painter.drawLine(at(a, 0), at(a, b))
    painter.setPen(QPen(theme.qcolor(now.warn), 1.5))
    painter.drawLine(at(a - 0.8, b - 0.8 * slope), at(a + 0.8, b + 0.8 * slope))
    painter.setPen(QPen(theme.qcolor(now.panel), 2))
    painter.setBrush(theme.qcolor(now.accent))
    painter.drawEllipse(at(a, b), 5.5, 5.5)
