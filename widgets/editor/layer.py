"""The close-up kept as one picture: a pan moves its pixels and paints only the strips that come into view.

What is selected, pointed at or in the hand is painted over it and does not spoil it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

from widgets.editor.camera import Camera

Paint = Callable[[QPainter, Camera, QRectF], bool]
"""Paints a rectangle of the widget as a camera sees it; True when some of it is not yet as it shall be."""


class _Kept(NamedTuple):
    stamp: tuple[object, ...]
    left: int
    top: int
    pixmap: QPixmap


class Layer:
    """One picture of the size of the widget, and what of it has to be painted anew."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._kept: _Kept | None = None
        self._dirty: list[QRectF] = []

    def spoil(self, rects: Iterable[QRectF]) -> None:
        """Has these rectangles of the scene painted anew."""
        self._dirty += rects
        if len(self._dirty) > 200:
            self._kept, self._dirty = None, []

    def forget(self) -> None:
        """Has everything painted anew."""
        self._kept, self._dirty = None, []

    def show(self, painter: QPainter, camera: Camera, size: QSize, ratio: float, stamp: tuple[object, ...]) -> bool:
        """Draws the layer; `stamp` names all that it depends on but the camera's place. True: not sharp yet."""
        factor = camera.scale * ratio
        left, top = round(camera.x * factor), round(camera.y * factor)
        steady = Camera()
        steady.restore((camera.scale, left / factor, top / factor))
        stamp = (*stamp, camera.scale, ratio, size.toTuple())
        region = self._region(stamp, left, top, steady, size, ratio)
        assert self._kept is not None
        waiting = self._renew(region, steady, ratio)
        painter.drawPixmap(0, 0, self._kept.pixmap)
        if waiting:
            self.forget()
        return waiting

    def _region(
        self, stamp: tuple[object, ...], left: int, top: int, camera: Camera, size: QSize, ratio: float
    ) -> QRegion:
        """Moves the kept pixels to where they belong now; what is left to paint, in pixels of the picture."""
        whole = QRect(0, 0, round(size.width() * ratio), round(size.height() * ratio))
        kept, dirty = self._kept, self._dirty
        self._dirty = []
        if kept is None or kept.stamp != stamp:
            pixmap = QPixmap(whole.size())
            pixmap.setDevicePixelRatio(ratio)
            self._kept = _Kept(stamp, left, top, pixmap)
            return QRegion(whole)
        dx, dy = kept.left - left, kept.top - top
        if abs(dx) >= whole.width() or abs(dy) >= whole.height():
            region = QRegion(whole)
        else:
            region = QRegion(whole).subtracted(QRegion(whole.translated(dx, dy)))
            if dx or dy:
                kept.pixmap.scroll(dx, dy, whole)
        for rect in dirty:
            box = camera.view_rect(rect)
            pixels = QRectF(box.topLeft() * ratio, box.size() * ratio).toAlignedRect().adjusted(-2, -2, 2, 2)
            region = region.united(pixels.intersected(whole))
        self._kept = _Kept(stamp, left, top, kept.pixmap)
        return region

    def _renew(self, region: QRegion, camera: Camera, ratio: float) -> bool:
        if region.isEmpty() or self._kept is None:
            return False
        waiting = False
        painter = QPainter(self._kept.pixmap)
        try:
            for rect in region:
                part = QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)
                painter.save()
                painter.setClipRect(part)
                waiting |= self._paint(painter, camera, part)
                painter.restore()
        finally:
            painter.end()
        return waiting
