"""The inspector's small pictures: a layer's filters, and how its weights and gradients are spread."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets import theme
from widgets.look.style import label


class Titled(QWidget):
    """A heading with the step at its right, over a picture; hidden while there is no result."""

    title = ""

    def __init__(self) -> None:
        super().__init__()
        self.result: Any = None
        self.head, self.step = label(self.title, heading=True), label(tone="faint")
        across = QHBoxLayout()
        across.addWidget(self.head)
        across.addStretch(1)
        across.addWidget(self.step)
        self.canvas = Canvas(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(across)
        column.addWidget(self.canvas)
        self.hide()

    def show_result(self, result: Any | None, step: int | None) -> None:
        """Show a result of the analysis; None hides the picture."""
        self.result = result if result is not None and self.usable(result) else None
        if self.result is not None:
            self.step.setText("" if step is None else f"step {step:,}")
            self.prepare(self.result)
            self.canvas.fit()
            self.canvas.update()
        self.setVisible(self.result is not None)

    def usable(self, result: Any) -> bool:
        """Whether there is something to draw."""
        return True

    def prepare(self, result: Any) -> None:
        """Called once per result, before it is painted."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Paint the result."""
        raise NotImplementedError

    def height_for(self, width: int) -> int:
        """The height the picture takes at a width."""
        raise NotImplementedError


class Canvas(QWidget):
    """Where a titled picture paints."""

    def __init__(self, owner: Titled) -> None:
        super().__init__()
        self._owner = owner
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(owner.title)

    def fit(self) -> None:
        """Be as tall as the picture is at this width."""
        if self._owner.result is not None:
            self.setFixedHeight(max(1, self._owner.height_for(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._owner.result is None:
            return
        painter = QPainter(self)
        self._owner.draw(painter, QRectF(self.rect()))
        painter.end()


class FilterPicture(Titled):
    """The first filters of a layer in the signed colour map, one scale for all."""

    title = "Filters"
    MOST = 24

    def usable(self, result: Any) -> bool:
        return bool(result.weights.size)

    def prepare(self, result: Any) -> None:
        """Make the pictures."""
        from widgets.views.painting import signed_image

        maps = result.weights[: self.MOST, 0] if result.kind == "filters" else result.weights[0, :1]
        self._tiles = [signed_image(one, result.limit) for one in maps]
        height, width = maps.shape[1:]
        self._aspect = width / max(height, 1)
        many = result.weights.shape[1]
        self.head.setText("Filters" if result.kind == "filters" else "Weights")
        note = f"{len(maps)} of {result.total[0]} shown" if result.total[0] > len(maps) else ""
        if result.kind == "filters" and many > 1:
            note = f"{note}, first of {result.total[1]} channels".strip(", ")
        self.canvas.setToolTip(note)

    def height_for(self, width: int) -> int:
        columns = self._columns()
        tile = (width - 8 * (columns - 1)) / columns
        tall = min(tile / self._aspect, 160.0)
        return int(math.ceil(len(self._tiles) / columns) * (tall + 8) - 8)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        columns = self._columns()
        tile = (area.width() - 8 * (columns - 1)) / columns
        tall = min(tile / self._aspect, 160.0)
        for index, image in enumerate(self._tiles):
            row, column = divmod(index, columns)
            place = QRectF(column * (tile + 8), row * (tall + 8), tile, tall)
            painter.drawImage(place.toAlignedRect(), image)

    def _columns(self) -> int:
        count = len(self._tiles)
        return 1 if count == 1 else 3 if count <= 6 else 4 if count <= 12 else 6


class SpreadPicture(Titled):
    """Histograms of weights and gradients over each other, each on its own scale about zero."""

    title = "Weights, gradients"

    def prepare(self, result: Any) -> None:
        self._ratio = result.update_ratio

    def height_for(self, width: int) -> int:
        return 76 + self.fontMetrics().height()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        now, result = theme.current(), self.result
        line = self.fontMetrics().height()
        plot = area.adjusted(0, 0, 0, -line - 8)
        painter.setPen(theme.qcolor(now.line))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        self._bars(painter, plot, result.weights.counts, now.accent, 0.75)
        if result.gradients is not None:
            self._bars(painter, plot, result.gradients.counts, theme.mix(now.text, now.panel, 0.65), 0.8, 0.62)
        painter.setFont(theme.font(11.5))
        painter.setPen(theme.qcolor(now.dim))
        foot = QRectF(0, plot.bottom() + 4, area.width(), line + 4)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"σ {result.weights.std:.2g}")
        if self._ratio is not None:
            words = f"update / weight {short(self._ratio)}"
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, words)

    def _bars(self, painter: QPainter, area: QRectF, counts: Any, colour: str, alpha: float, tall: float = 1.0) -> None:
        top = float(counts.max(initial=0)) or 1.0
        step = area.width() / max(len(counts), 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(colour, alpha))
        for index, count in enumerate(counts):
            height = area.height() * tall * float(count) / top
            if height > 0:
                painter.drawRect(QRectF(index * step, area.bottom() - height, max(step - 1, 1), height))


def short(value: float) -> str:
    """1.1e-3 and the like."""
    if value and not 0.01 <= abs(value) < 1000:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.3g}"
