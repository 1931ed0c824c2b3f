"""A painted picture that answers the pointer: what lies under it, a card that says so, clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme
from widgets.views.painting import draw_image, draw_text, outline, text_width


@dataclass(frozen=True)
class Hit:
    """What lies under the pointer: lines of text, a picture, the box to mark, and what a click means."""

    text: str
    rect: QRectF | None = None
    picture: QImage | None = None
    key: Any = None
    """What `clicked` carries; None: nothing happens on a click."""


class HoverCard(QWidget):
    """A small card beside the pointer; it never leaves the figure and never takes the pointer."""

    PICTURE = 72

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hit: Hit | None = None
        self.hide()

    def show_hit(self, hit: Hit, pointer: QPointF) -> None:
        """Say what is under `pointer` (in the parent's coordinates)."""
        if not hit.text and hit.picture is None:
            self.hide()
            return
        self._hit = hit
        self.resize(self._size(hit))
        owner = self.parentWidget()
        parent = owner.rect() if owner is not None else self.rect()
        x, y = pointer.x() + 14, pointer.y() + 16
        if x + self.width() > parent.width():
            x = pointer.x() - self.width() - 10
        if y + self.height() > parent.height():
            y = pointer.y() - self.height() - 8
        self.move(max(0, int(x)), max(0, int(y)))
        self.show()
        self.raise_()
        self.update()

    def text(self) -> str:
        """What it says now; nothing while it is hidden."""
        return self._hit.text if self._hit is not None and not self.isHidden() else ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._hit is None:
            return
        t, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.qcolor(t.line))
        painter.setBrush(theme.qcolor(t.raised))
        painter.drawRoundedRect(box, 6, 6)
        x = 9.0
        if self._hit.picture is not None:
            draw_image(painter, QRectF(8, 8, self.PICTURE, self.PICTURE), self._hit.picture)
            x += self.PICTURE + 8
        for index, line in enumerate(self._hit.text.split("\n")):
            row = QRectF(x, 6 + 17 * index, self.width() - x - 6, 17)
            draw_text(painter, row, line, t.text if index == 0 else t.dim)
        painter.end()

    def _size(self, hit: Hit) -> QSize:
        lines = hit.text.split("\n")
        width = max(text_width(line) for line in lines) + 20
        height = 12 + 17 * len(lines)
        if hit.picture is not None:
            width, height = width + self.PICTURE + 8, max(height, self.PICTURE + 16)
        return QSize(int(width) + 1, int(height))


class Figure(QWidget):
    """What a view paints on. A subclass writes `draw`, and `hit` where the pointer finds something."""

    clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.card = HoverCard(self)
        self.hovered: Hit | None = None

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Paint everything into `area`; the same code makes the window's picture and the SVG."""
        raise NotImplementedError

    def hit(self, point: QPointF) -> Hit | None:
        """What lies at `point`."""
        return None

    def area(self) -> QRectF:
        """What there is to paint on."""
        return QRectF(self.rect())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 40)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, self.area())
        if self.hovered is not None and self.hovered.rect is not None:
            outline(painter, self.hovered.rect.adjusted(-0.5, -0.5, 0.5, 0.5), theme.current().text, 1.5)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point_at(event.position())
        super().mouseMoveEvent(event)

    def point_at(self, point: QPointF | None) -> None:
        """The pointer is here now (None: it has left)."""
        hit = self.hit(point) if point is not None else None
        if (hit and hit.rect) != (self.hovered and self.hovered.rect):
            self.update()
        self.hovered = hit
        self.setCursor(Qt.CursorShape.PointingHandCursor if hit and hit.key is not None else Qt.CursorShape.ArrowCursor)
        if hit is None or point is None:
            self.card.hide()
        else:
            self.card.show_hit(hit, point)

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if hit is not None and hit.key is not None and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(hit.key)
        super().mouseReleaseEvent(event)
