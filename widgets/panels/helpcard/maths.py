"""Draws formulas as a textbook sets them: fractions, roots, sums with their limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from graphs.cards import maths
from graphs.cards.maths import Box, Fraction, Root, Row, Scripts, Text
from widgets import theme

FAMILIES = ["STIX Two Text", "Cambria", "Latin Modern Roman", "Times New Roman", "Noto Serif", "DejaVu Serif"]
SIZE = 16.0
SMALLER = 0.7
OPENING, CLOSING = "(⌊⌈[", ")⌋⌉]"
Paint = Callable[[QPainter, float, float], None]


@dataclass(frozen=True)
class Drawn:
    """A box with its size: `up` above the baseline and `down` below it; `paint(painter, x, baseline)`."""

    width: float
    up: float
    down: float
    paint: Paint


def _font(size: float, slanted: bool) -> QFont:
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPixelSize(max(8, round(size)))
    font.setItalic(slanted)
    return font


def lay(box: Box, size: float) -> Drawn:
    """A box at a size in pixels."""
    if isinstance(box, Text):
        return _text(box, size)
    if isinstance(box, Row):
        return _row(box, size)
    if isinstance(box, Fraction):
        return _fraction(box, size)
    if isinstance(box, Root):
        return _root(box, size)
    return _limits(box, size) if box.limits else _scripts(box, size)


def _text(box: Text, size: float) -> Drawn:
    large = box.text in ("∑", "∏")
    font = _font(size * (1.5 if large else 1.0), box.slanted)
    metrics = QFontMetricsF(font)
    gap = size * 0.16 if box.text in ("=", "+", "∈", "⊙") else 0.0
    width = metrics.horizontalAdvance(box.text) + 2 * gap
    sink = size * 0.18 if large else 0.0

    def paint(painter: QPainter, x: float, y: float) -> None:
        painter.setFont(font)
        painter.drawText(QPointF(x + gap, y + sink), box.text)

    return Drawn(width, size * (1.0 if large else 0.72), size * (0.42 if large else 0.22), paint)


def _row(box: Row, size: float) -> Drawn:
    parts = _stretched(box, [lay(part, size) for part in box.parts], size)

    def paint(painter: QPainter, x: float, y: float) -> None:
        for part in parts:
            part.paint(painter, x, y)
            x += part.width

    up, down = max((p.up for p in parts), default=size * 0.7), max((p.down for p in parts), default=0.0)
    return Drawn(sum(p.width for p in parts), up, down, paint)


def _stretched(box: Row, parts: list[Drawn], size: float) -> list[Drawn]:
    """Brackets as high as what they hold."""
    made = list(parts)
    open_: list[int] = []
    for index, part in enumerate(box.parts):
        sign = part.base if isinstance(part, Scripts) else part
        text = sign.text if isinstance(sign, Text) else ""
        if text and text in OPENING:
            open_.append(index)
        elif text and text in CLOSING and open_:
            start = open_.pop()
            inside = parts[start + 1 : index]
            up, down = max((p.up for p in inside), default=0), max((p.down for p in inside), default=0)
            if up + down > 1.4 * size:
                made[start], made[index] = _tall(made[start], up, down, size), _tall(made[index], up, down, size)
    return made


def _tall(bracket: Drawn, up: float, down: float, size: float) -> Drawn:
    share = (up + down) / (0.98 * size)

    def paint(painter: QPainter, x: float, y: float) -> None:
        painter.save()
        painter.translate(x, y + down - 0.21 * size * share)
        painter.scale(1.0, share)
        bracket.paint(painter, 0, 0)
        painter.restore()

    return Drawn(bracket.width, up, down, paint)


def _scripts(box: Scripts, size: float) -> Drawn:
    base = lay(box.base, size)
    below = lay(box.below, size * SMALLER) if box.below else None
    above = lay(box.above, size * SMALLER) if box.above else None
    sink, rise = size * 0.24, size * 0.42

    def paint(painter: QPainter, x: float, y: float) -> None:
        base.paint(painter, x, y)
        if below:
            below.paint(painter, x + base.width + 1, y + sink)
        if above:
            above.paint(painter, x + base.width + 1, y - rise)

    width = base.width + max((p.width for p in (below, above) if p), default=0.0) + 2
    up = max(base.up, rise + above.up if above else 0.0)
    return Drawn(width, up, max(base.down, sink + below.down if below else 0.0), paint)


def _limits(box: Scripts, size: float) -> Drawn:
    base = lay(box.base, size)
    below = lay(box.below, size * 0.62) if box.below else None
    above = lay(box.above, size * 0.62) if box.above else None
    width = max(p.width for p in (base, below, above) if p) + size * 0.3

    def paint(painter: QPainter, x: float, y: float) -> None:
        base.paint(painter, x + (width - base.width) / 2, y)
        if below:
            below.paint(painter, x + (width - below.width) / 2, y + base.down + below.up + 1)
        if above:
            above.paint(painter, x + (width - above.width) / 2, y - base.up - above.down - 1)

    up = base.up + (above.up + above.down + 2 if above else 0)
    return Drawn(width, up, base.down + (below.up + below.down + 2 if below else 0), paint)


def _fraction(box: Fraction, size: float) -> Drawn:
    top, bottom = lay(box.top, size * 0.86), lay(box.bottom, size * 0.86)
    width, axis, gap = max(top.width, bottom.width) + 6, size * 0.27, size * 0.16

    def paint(painter: QPainter, x: float, y: float) -> None:
        top.paint(painter, x + (width - top.width) / 2, y - axis - gap - top.down)
        bottom.paint(painter, x + (width - bottom.width) / 2, y - axis + gap + bottom.up)
        painter.drawLine(QPointF(x + 1, y - axis), QPointF(x + width - 1, y - axis))

    return Drawn(width, axis + gap + top.up + top.down, bottom.up + bottom.down + gap - axis, paint)


def _root(box: Root, size: float) -> Drawn:
    inside, lead = lay(box.inside, size), size * 0.62

    def paint(painter: QPainter, x: float, y: float) -> None:
        inside.paint(painter, x + lead, y)
        top, foot = y - inside.up - 2, y + inside.down
        way = ((0.0, y - size * 0.25), (lead * 0.25, y - size * 0.32), (lead * 0.5, foot), (lead * 0.85, top))
        points = [QPointF(x + dx, at) for dx, at in way] + [QPointF(x + lead + inside.width + 2, top)]
        painter.drawPolyline(points)

    return Drawn(lead + inside.width + 3, inside.up + 4, inside.down + 1, paint)


class Formula(QWidget):
    """Lines of a formula, one under the other; the whole is made smaller where it is too wide."""

    GAP = 10.0

    def __init__(self, parent: QWidget | None = None, size: float = SIZE) -> None:
        super().__init__(parent)
        self._size, self._markup = size, ()
        self._lines: list[Drawn] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_formula(self, lines: tuple[str, ...]) -> None:
        """Show these lines of markup."""
        self._markup = lines
        self._lines = [lay(maths.parse(line), self._size * theme.scale()) for line in lines]
        self.setAccessibleName("Formula: " + "; ".join(maths.plain(line) for line in lines))
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """The size of text is another."""
        self.show_formula(self._markup)

    def sizeHint(self) -> QSize:
        """As large as the lines are."""
        height = sum(line.up + line.down + self.GAP for line in self._lines)
        return QSize(int(max((line.width for line in self._lines), default=0) + 8), int(height + 2))

    def minimumSizeHint(self) -> QSize:
        """Lines may be made smaller, so only the height is needed."""
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.qcolor(theme.current().text), 1.1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        y = self.GAP / 2
        for line in self._lines:
            share = min(1.0, (self.width() - 4) / max(line.width, 1.0))
            painter.save()
            painter.translate(2, y + line.up)
            painter.scale(share, share)
            line.paint(painter, 0, 0)
            painter.restore()
            y += line.up + line.down + self.GAP
        painter.end()
