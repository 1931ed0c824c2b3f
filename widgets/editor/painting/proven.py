"""A proof drawn over the canvas: how far onnxruntime is from PyTorch in every layer, and where the two part.

Colours are never alone: where it begins stands a mark with words, and what only follows from it has a dashed outline.
From far away cards are tinted only, so that the way of a fault through a network is seen at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from graphs.exchange.proving.verdicts import AGREES, BEGINS, FOLLOWS, Verdict
from widgets import theme
from widgets.editor.painting.cards import RADIUS
from widgets.editor.painting.live import short

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

WORDS = 0.45
"""From this zoom on, the difference is written under a card."""
MOST_WORDS = 400
TONES = {AGREES: "good", FOLLOWS: "warn", BEGINS: "bad"}
TINTS = {AGREES: 0.07, FOLLOWS: 0.12, BEGINS: 0.16}
MEANINGS = {AGREES: "equal but for rounding", BEGINS: "here the two part", FOLLOWS: "differs, since one before it does"}
GAP, ROW, SWATCH = 10.0, 20.0, 12.0


def told_of(verdict: Verdict) -> str:
    """How far the two are from each other, always as a share of the largest value: "Δ 3.1e-7"."""
    return f"Δ {short(verdict.share)}"


def apart(verdict: Verdict) -> str:
    """The same in numbers of the layer itself."""
    return f"Values up to {short(verdict.largest)} differ by at most {short(verdict.error)}."


class Proven:
    """The overlay. `verdicts` are by id of the nodes that are shown; `about` is the first line of the legend."""

    def __init__(self, verdicts: Mapping[str, Verdict], about: str, ended: Callable[[], None]) -> None:
        self.verdicts, self.about, self._ended = verdicts, about, ended
        self.focus: str | None = None

    def hint(self, node: str) -> str:
        """What is said of a node that is pointed at."""
        verdict = self.verdicts.get(node)
        return f"{told_of(verdict)} of the largest value. {apart(verdict)}" if verdict is not None else ""

    def end(self) -> None:
        """Escape was pressed."""
        self._ended()

    def paint(self, painter: QPainter, canvas: Canvas, exposed: QRectF) -> None:
        """Tints and words over the cards, then the legend."""
        seen = canvas.scene.boxes.within(canvas.camera.scene_rect(exposed.adjusted(-60, -60, 60, 60)))
        shown = [id for id in seen if id in self.verdicts]
        shown.sort(key=lambda id: self.verdicts[id].state == BEGINS)
        written = canvas.camera.scale >= WORDS and len(shown) <= MOST_WORDS
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for id in shown:
            box = canvas.camera.view_rect(canvas.scene.items[id].rect)
            self._card(painter, canvas.camera.scale, box, self.verdicts[id], id == self.focus)
            if written or self.verdicts[id].state == BEGINS:
                self._tag(painter, box, self.verdicts[id], written)
        self._legend(painter, canvas)
        painter.restore()

    def _card(self, painter: QPainter, scale: float, box: QRectF, verdict: Verdict, focus: bool) -> None:
        far = scale < WORDS
        colour = getattr(theme.current(), TONES[verdict.state])
        box, radius = box.adjusted(-2, -2, 2, 2), (RADIUS + 2) * scale
        painter.setBrush(theme.qcolor(colour, TINTS[verdict.state] * (2.5 if far else 1.0)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if focus:
            painter.setPen(QPen(theme.qcolor(theme.current().accent, 0.5), 6))
            painter.drawRoundedRect(box, radius, radius)
        if verdict.state == AGREES and far:
            return
        pen = QPen(theme.qcolor(colour, 0.45 if verdict.state == AGREES else 1.0), 1.0 if far else 1.5)
        if verdict.state == FOLLOWS:
            pen.setDashPattern([3.5, 2.5])
        if verdict.state == BEGINS:
            pen.setWidthF(2.5)
        painter.setPen(pen)
        painter.drawRoundedRect(box, radius, radius)

    def _tag(self, painter: QPainter, box: QRectF, verdict: Verdict, written: bool) -> None:
        """The difference under a card; where it begins, words that can be read from any distance."""
        look, begins = theme.current(), verdict.state == BEGINS
        words = told_of(verdict)
        words = f"parts here, {words}" if begins and written else "parts here" if begins else words
        font = theme.font(11, QFont.Weight.DemiBold if begins else QFont.Weight.Normal)
        metrics = QFontMetricsF(font)
        tag = QRectF(0, 0, metrics.horizontalAdvance(words) + 12, metrics.height() + 3)
        tag.moveTopLeft(QPointF(box.center().x() - tag.width() / 2, box.bottom() + 5))
        colour = look.dim if verdict.state == AGREES else getattr(look, TONES[verdict.state])
        painter.setPen(QPen(QColor(colour), 1) if begins else Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(look.background, 0.92))
        painter.drawRoundedRect(tag, 5, 5)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, words)

    def _legend(self, painter: QPainter, canvas: Canvas) -> None:
        """What the colours mean, only those that are seen, in a corner where nothing stands; the list at the side says
        it too."""
        look = theme.current()
        states = {verdict.state for verdict in self.verdicts.values()}
        rows = [state for state in MEANINGS if state in states]
        font = theme.font(11.5)
        metrics = QFontMetricsF(font)
        widths = [metrics.horizontalAdvance(MEANINGS[state]) + 20 for state in rows]
        wide = max(metrics.horizontalAdvance(self.about), *widths, 0.0)
        box = _corner(canvas, QRectF(0, 0, wide + 2 * GAP, ROW * (len(rows) + 1) + GAP))
        if box is None:
            return
        painter.setPen(QPen(QColor(look.line), 1))
        painter.setBrush(theme.qcolor(look.panel, 0.95))
        painter.drawRoundedRect(box, 8, 8)
        painter.setFont(font)
        line = QRectF(box.left() + GAP, box.top() + GAP / 2, wide, ROW)
        painter.setPen(QColor(look.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.about)
        for state in rows:
            line.translate(0, ROW)
            self._swatch(painter, QRectF(line.left(), line.center().y() - SWATCH / 2, SWATCH, SWATCH), state)
            painter.setPen(QColor(look.dim))
            painter.drawText(line.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, MEANINGS[state])

    def _swatch(self, painter: QPainter, box: QRectF, state: str) -> None:
        colour = getattr(theme.current(), TONES[state])
        pen = QPen(QColor(colour), 2.0 if state == BEGINS else 1.2)
        if state == FOLLOWS:
            pen.setDashPattern([2.5, 1.8])
        painter.setPen(pen)
        painter.setBrush(theme.qcolor(colour, 0.25))
        painter.drawRoundedRect(box, 3, 3)


def _corner(canvas: Canvas, box: QRectF) -> QRectF | None:
    """The box in the first corner of the canvas where it covers no card and no other panel."""
    room = QRectF(canvas.rect()).adjusted(12, 12, -12, -12)
    others = [QRectF(panel.geometry()) for panel in (canvas.minimap, canvas.breadcrumb) if panel.isVisible()]
    for right, bottom in ((False, True), (True, True), (True, False), (False, False)):
        box.moveLeft(room.right() - box.width() if right else room.left())
        box.moveTop(room.bottom() - box.height() if bottom else room.top())
        free = not any(True for _ in canvas.scene.boxes.within(canvas.camera.scene_rect(box.adjusted(-6, -6, 6, 22))))
        if free and not any(other.intersects(box) for other in others):
            return box
    return None
