"""The picture of a demonstration at one step, painted by itself, and the words that belong to it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from graphs.cards.base import Demonstration, Part
from widgets import theme
from widgets.panels.helpcard import tables
from widgets.panels.helpcard.tables import Look

GAP, SIGN, BETWEEN = 18.0, 20.0, 12.0
"""Between parts, for a sign between them, and between rows, in pixels."""


def row_size(row: tuple[Part | str, ...]) -> tuple[float, float]:
    """Width and height of a row of parts and signs."""
    unit = theme.scale()
    sizes = [(SIGN * unit, 0.0) if isinstance(part, str) else tables.size_of(part) for part in row]
    gaps = sum(0.0 if isinstance(a, str) or isinstance(b, str) else GAP * unit for a, b in pairwise(row))
    return sum(width for width, _ in sizes) + gaps, max(height for _, height in sizes)


def natural(made: Demonstration) -> tuple[float, float]:
    """The size of a whole picture."""
    sizes = [row_size(row) for row in made.rows]
    return max(w for w, _ in sizes), sum(h for _, h in sizes) + BETWEEN * theme.scale() * (len(sizes) - 1)


def paint(painter: QPainter, made: Demonstration, place: int) -> None:
    """The picture at a step, from the origin of the painter."""
    unit, look, y = theme.scale(), Look(made.steps[place], place), 0.0
    for row in made.rows:
        x, (_, high) = 0.0, row_size(row)
        for index, part in enumerate(row):
            if isinstance(part, str):
                _sign(painter, part, QRectF(x, y + 16 * unit, SIGN * unit, high - 16 * unit))
                x += SIGN * unit
                continue
            width, height = tables.size_of(part)
            tables.paint(painter, part, x, y + (high - height) / 2, look)
            after = row[index + 1] if index + 1 < len(row) else ""
            x += width + (0.0 if isinstance(after, str) else GAP * unit)
        y += high + BETWEEN * unit


def _sign(painter: QPainter, sign: str, box: QRectF) -> None:
    painter.setFont(theme.font(15))
    painter.setPen(theme.qcolor(theme.current().dim))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, sign)


class Picture(QWidget):
    """A demonstration at the step that is shown; made smaller where it is too wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.made: Demonstration | None = None
        self.place = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setAccessibleName("Picture")

    def show_demonstration(self, made: Demonstration | None) -> None:
        """Show another one, from its first step."""
        self.made = made
        self.fit(self.width())
        self.show_step(0)

    def show_step(self, place: int) -> None:
        """Show a step."""
        self.place = place
        if self.made is not None:
            self.setAccessibleDescription(" ".join((self.made.caption, *self.made.steps[place].words)))
        self.update()

    def restyle(self) -> None:
        """The size of text is another."""
        self.fit(self.width())

    def share(self, width: int = 0) -> float:
        """How much smaller than natural it is painted at a width, its own by default; 1 where it fits."""
        return min(1.0, ((width or self.width()) - 2) / natural(self.made)[0]) if self.made is not None else 1.0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit(self.width())

    def fit(self, width: int) -> None:
        """Be as high as the picture is at this width."""
        height = round(natural(self.made)[1] * self.share(width)) + 4 if self.made is not None else 0
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """The natural size."""
        width, height = natural(self.made) if self.made is not None else (100.0, 0.0)
        return QSize(round(width) + 2, round(height) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.made is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(1, 1)
        painter.scale(self.share(), self.share())
        paint(painter, self.made, self.place)
        painter.end()


class Words(QWidget):
    """What a step says; as high as the longest of all steps, so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[tuple[str, ...], ...] = ()
        self.text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_steps(self, steps: tuple[tuple[str, ...], ...]) -> None:
        """These are the words of all steps."""
        self._steps = steps
        self.fit(self.width())

    def show_step(self, place: int) -> None:
        """Say what a step says."""
        self.text = "\n".join(self._steps[place]) if self._steps else ""
        self.setAccessibleName(self.text)
        self.update()

    def restyle(self) -> None:
        """The size of text is another."""
        self.fit(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit(self.width())

    def fit(self, width: int) -> None:
        """Be as high as the longest words are at this width."""
        metrics, room = QFontMetricsF(theme.font(12)), QRectF(0, 0, max(width, 120), 10_000)
        texts = {"\n".join(words) for words in self._steps}
        high = max((metrics.boundingRect(room, _WRAP, text).height() for text in texts), default=0.0)
        if self.minimumHeight() != round(high) + 4:
            self.setFixedHeight(round(high) + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(12))
        painter.setPen(theme.qcolor(theme.current().text))
        painter.drawText(QRectF(self.rect()), _WRAP, self.text)
        painter.end()


_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
