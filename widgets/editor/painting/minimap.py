"""The minimap: the whole network small in a corner, with what is in view as a frame that can be dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets import theme

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

WIDTH, HEIGHT, MARGIN, INSET = 176, 112, 16, 10
SMALLEST_CANVAS, SMALL_CANVAS = (460, 320), (1000, 560)
"""No minimap below the first, and below the second none while everything is in view."""
MANY, LATER_MS = 300, 120
"""A network of more nodes than this is drawn again so much later than it changed, after what the hands wait for."""


class Minimap(QWidget):
    """A child of the canvas, bottom right. Drag inside to look elsewhere."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.wanted = True
        self._drawn: tuple[tuple[object, ...], QPixmap] | None = None
        self._fitted: tuple[int, float, QPointF] | None = None
        self._grip = QPointF()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LATER_MS)
        self._later.timeout.connect(self._draw_now)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName("Minimap")
        self.hide()

    def renew(self) -> None:
        """Moves to its corner and shows or hides itself."""
        canvas = self._canvas
        self.move(canvas.width() - WIDTH - MARGIN, canvas.height() - HEIGHT - MARGIN)
        self.setVisible(self.due())
        self.update()

    def due(self) -> bool:
        """Whether it is wanted and has room."""
        canvas = self._canvas
        roomy = canvas.width() >= SMALLEST_CANVAS[0] and canvas.height() >= SMALLEST_CANVAS[1]
        small = canvas.width() < SMALL_CANVAS[0] or canvas.height() < SMALL_CANVAS[1]
        needed = not small or not self._all_seen()
        return self.wanted and roomy and len(canvas.scene.items) > 1 and needed

    def _all_seen(self) -> bool:
        """Whether every node is in view."""
        canvas = self._canvas
        return canvas.camera.scene_rect(QRectF(canvas.rect())).contains(self._whole())

    def _fit(self) -> tuple[float, QPointF]:
        """Pixels per scene pixel, and the scene point in the corner of the inner field; steady during a drag."""
        base = self._canvas.scene.base
        if self._fitted is None or self._fitted[0] != base:
            self._fitted = (base, *self._fitting())
        return self._fitted[1:]

    def _fitting(self) -> tuple[float, QPointF]:
        field = QRectF(self.rect()).adjusted(INSET, INSET, -INSET, -INSET)
        bounds = self._whole()
        scale = min(field.width() / max(1.0, bounds.width()), field.height() / max(1.0, bounds.height()), 0.2)
        spare = QSizeF(field.width() / scale - bounds.width(), field.height() / scale - bounds.height())
        return scale, bounds.topLeft() - QPointF(spare.width() / 2, spare.height() / 2)

    def _whole(self) -> QRectF:
        """What the minimap shows: all nodes, wires, frames and notes."""
        return self._canvas.scene.bounds().united(self._canvas.marks.bounds())

    def frame(self) -> QRectF:
        """What is in view, in the minimap's pixels."""
        scale, corner = self._fit()
        seen = self._canvas.camera.scene_rect(QRectF(self._canvas.rect()))
        return QRectF((seen.topLeft() - corner) * scale + QPointF(INSET, INSET), seen.size() * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.current(), QPainter(self)
        painter.drawPixmap(0, 0, self._blocks())
        if self._canvas.scene.strayed:
            painter.save()
            self._enter(painter)
            self._canvas.picture.blocks.paint_held(painter, self._fit()[0], wires=False)
            painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        frame = self.frame().intersected(field).adjusted(0.5, 0.5, -0.5, -0.5)
        if not self._all_seen():
            painter.setPen(QPen(theme.qcolor(look.accent), 1))
            painter.setBrush(theme.qcolor(look.accent, 0.1))
            painter.drawRoundedRect(frame, 3, 3)
        painter.end()

    def _blocks(self) -> QPixmap:
        """What stands still of the network on the minimap's ground, kept until it changes."""
        ratio = self.devicePixelRatioF()
        key = self._key()
        if self._drawn is not None and self._drawn[0][1:] == key[1:] and len(self._canvas.scene.items) > MANY:
            if self._drawn[0] != key and not self._later.isActive():
                self._later.start()
        elif self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._draw(ratio))
        return self._drawn[1]

    def _key(self) -> tuple[object, ...]:
        return self._canvas.scene.base, self.devicePixelRatioF(), theme.current().name

    def _draw_now(self) -> None:
        self._drawn = (self._key(), self._draw(self.devicePixelRatioF()))
        self.update()

    def _draw(self, ratio: float) -> QPixmap:
        look = theme.current()
        pixmap = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(look.background))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(look.line))
        painter.setBrush(QColor(look.panel))
        painter.drawRoundedRect(QRectF(0.5, 0.5, WIDTH - 1, HEIGHT - 1), 8, 8)
        self._enter(painter)
        few = len(self._canvas.scene.items) < 2000
        self._canvas.picture.blocks.paint_still(painter, self._fit()[0], wires=few)
        painter.end()
        return pixmap

    def _enter(self, painter: QPainter) -> None:
        """Lets a painter draw the network in scene pixels."""
        scale, corner = self._fit()
        painter.setClipRect(QRectF(1, 1, WIDTH - 2, HEIGHT - 2))
        painter.translate(INSET, INSET)
        painter.scale(scale, scale)
        painter.translate(-corner)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        frame = self.frame()
        self._grip = frame.center() - event.position() if frame.contains(event.position()) else QPointF()
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton or event.button() == Qt.MouseButton.LeftButton:
            scale, corner = self._fit()
            centre = (event.position() + self._grip - QPointF(INSET, INSET)) / scale + corner
            self._canvas.camera.centre_on(centre, QSizeF(self._canvas.size()))
            self._canvas.moved_camera()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.zoom(1.0016 ** event.angleDelta().y())
        event.accept()
