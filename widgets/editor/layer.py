"""The close-up kept as one picture: a pan moves its pixels and paints only the strips that come into view.

What is selected, pointed at or in the hand is painted over it and does not spoil it. Cards whose pictures change
while the network learns are painted anew a few at a time, so that no frame is late for them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

from widgets.editor.camera import Camera

Paint = Callable[[QPainter, Camera, QRectF], bool]
"""Paints a rectangle of the widget as a camera sees it; True when some of it is not yet as it shall be."""


BUDGET_S = 0.003
"""How long a frame paints what was spoilt before it leaves the rest to the next one."""


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
        self._dirty: deque[QRectF] = deque()

    def spoil(self, rects: Iterable[QRectF]) -> None:
        """Has these rectangles of the scene painted anew."""
        self._dirty += [rect for rect in rects if rect not in self._dirty]
        if len(self._dirty) > 200:
            self.forget()

    def forget(self) -> None:
        """Has everything painted anew."""
        self._kept = None
        self._dirty.clear()

    def show(self, painter: QPainter, camera: Camera, size: QSize, ratio: float, stamp: tuple[object, ...]) -> bool:
        """Draws the layer; `stamp` names all that it depends on but the camera's place. True: not sharp yet."""
        factor = camera.scale * ratio
        left, top = round(camera.x * factor), round(camera.y * factor)
        steady = Camera()
        steady.restore((camera.scale, left / factor, top / factor))
        stamp = (*stamp, camera.scale, ratio, size.toTuple())
        region = self._region(stamp, left, top, steady, size, ratio)
        assert self._kept is not None
        waiting = self._renew(region, steady, ratio) if not region.isEmpty() else False
        more = self._mend(steady, ratio)
        painter.drawPixmap(0, 0, self._kept.pixmap)
        if waiting:
            self.forget()
        return waiting or more

    def _region(
        self, stamp: tuple[object, ...], left: int, top: int, camera: Camera, size: QSize, ratio: float
    ) -> QRegion:
        """Moves the kept pixels to where they belong now; what is left to paint, in pixels of the picture."""
        whole = QRect(0, 0, round(size.width() * ratio), round(size.height() * ratio))
        kept = self._kept
        if kept is None or kept.stamp != stamp:
            pixmap = QPixmap(whole.size())
            pixmap.setDevicePixelRatio(ratio)
            self._kept = _Kept(stamp, left, top, pixmap)
            self._dirty.clear()
            return QRegion(whole)
        dx, dy = kept.left - left, kept.top - top
        if abs(dx) >= whole.width() or abs(dy) >= whole.height():
            region = QRegion(whole)
        else:
            region = QRegion(whole).subtracted(QRegion(whole.translated(dx, dy)))
            if dx or dy:
                kept.pixmap.scroll(dx, dy, whole)
        self._kept = _Kept(stamp, left, top, kept.pixmap)
        return region

    def _renew(self, region: Iterable[QRect], camera: Camera, ratio: float) -> bool:
        """Paints these pixels; True when some of them are not sharp yet."""
        waiting = False
        assert self._kept is not None
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

    def _mend(self, camera: Camera, ratio: float) -> bool:
        """Paints what was spoilt and is in view, as far as there is time; True when some is left."""
        assert self._kept is not None
        whole, end = self._kept.pixmap.rect(), time.perf_counter() + BUDGET_S
        while self._dirty and time.perf_counter() < end:
            rect = self._dirty.popleft()
            box = camera.view_rect(rect)
            pixels = QRectF(box.topLeft() * ratio, box.size() * ratio).toAlignedRect().intersected(whole)
            if not pixels.isEmpty() and self._renew((pixels,), camera, ratio):
                self._dirty.append(rect)
        return bool(self._dirty)
