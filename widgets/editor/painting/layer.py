"""What stands still kept as one picture: a pan moves its pixels and paints only the strips that come into view.

What is selected, pointed at or in the hand is painted over it and does not spoil it. Cards whose pictures change
while the network learns are painted anew a few at a time, so that no frame is late for them. In a hurry (while the
zoom changes over many cards) the picture is shown stretched, and only what it does not reach is painted.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion

from widgets.editor.camera import Camera

Paint = Callable[[QPainter, Camera, QRectF], bool]
"""Paints a rectangle of the widget as a camera sees it; True when some of it is not yet as it shall be."""


BUDGET_S = 0.003
"""How long a frame paints what was spoilt before it leaves the rest to the next one."""
SLICE_S, BAND = 0.006, 24
"""How long a frame sharpens what is stretched, and how many rows of pixels it paints before it looks at the clock."""
STRETCH = 4.0
"""The kept picture is shown up to so much larger than it was painted, and down to half as large."""
BARE = 0.2
"""Where more of the view than this is not reached by the kept picture, what is shown becomes the kept one."""


class _Kept(NamedTuple):
    stamp: tuple[object, ...]
    left: int
    top: int
    pixmap: QPixmap
    factor: float
    """Pixels of the picture per scene pixel."""
    sharp: bool = True


class _Next(NamedTuple):
    """A picture that becomes the kept one once it is painted down to its lower edge."""

    kept: _Kept
    camera: Camera
    done: int

    def suits(self, stamp: tuple[object, ...], factor: float, left: int, top: int) -> bool:
        """Whether most of it is what is to be seen."""
        kept, size = self.kept, self.kept.pixmap.size()
        near = 2 * abs(kept.left - left) <= size.width() and 2 * abs(kept.top - top) <= size.height()
        return near and (kept.stamp, kept.factor) == (stamp, factor)


class Layer:
    """One picture of the size of the widget, and what of it has to be painted anew; with `clear` on no ground."""

    def __init__(self, paint: Paint, clear: bool = False) -> None:
        self._paint, self._clear = paint, clear
        self._kept: _Kept | None = None
        self._next: _Next | None = None
        self._dirty: deque[QRectF] = deque()
        self.coarse = False
        """Whether what is painted right now only fills a gap for one frame."""

    def spoil(self, rects: Iterable[QRectF]) -> None:
        """Has these rectangles of the scene painted anew."""
        self._dirty += [rect for rect in rects if rect not in self._dirty]
        if len(self._dirty) > 200:
            self.forget()

    def forget(self) -> None:
        """Has everything painted anew."""
        self._kept = self._next = None
        self._dirty.clear()

    def show(
        self,
        painter: QPainter,
        camera: Camera,
        size: QSize,
        ratio: float,
        stamp: tuple[object, ...],
        hurried: bool = False,
        gently: bool = False,
    ) -> bool:
        """Draws the layer; `stamp` names all that it depends on but the camera. True: not sharp yet.

        In a hurry what is kept is stretched; `gently`, it is stretched until a sharp one is painted, band by band.
        """
        factor = camera.scale * ratio
        left, top = round(camera.x * factor), round(camera.y * factor)
        steady = Camera()
        steady.restore((camera.scale, left / factor, top / factor))
        stamp = (*stamp, ratio, size.toTuple())
        if hurried and self._stretched(painter, steady, size, ratio, stamp):
            return True
        sharp = not gently or self._sharpened(steady, stamp, left, top, factor, ratio)
        if not sharp and self._stretched(painter, steady, size, ratio, stamp, settle=True):
            return True
        self._next = None
        region = self._region(stamp, left, top, factor, size, ratio)
        assert self._kept is not None
        waiting = self._renew(region, steady, ratio) if not region.isEmpty() else False
        more = self._mend(steady, ratio)
        painter.drawPixmap(0, 0, self._kept.pixmap)
        if waiting:
            self._kept = self._kept._replace(sharp=False)
        return waiting or more

    def _sharpened(
        self, camera: Camera, stamp: tuple[object, ...], left: int, top: int, factor: float, ratio: float
    ) -> bool:
        """Paints some more of a sharp picture beside the kept one; True once that is sharp, or is no use."""
        kept, coming = self._kept, self._next
        if kept is None or kept.stamp != stamp or (kept.sharp and kept.factor == factor):
            return True
        whole = kept.pixmap.rect()
        if coming is None or not coming.suits(stamp, factor, left, top):
            pixmap = QPixmap(kept.pixmap.size())
            pixmap.setDevicePixelRatio(ratio)
            coming = _Next(_Kept(stamp, left, top, pixmap, factor), camera, 0)
        done, end = coming.done, time.perf_counter() + SLICE_S
        while done < whole.height():
            band = QRect(0, done, whole.width(), min(BAND, whole.height() - done))
            self._renew((band,), coming.camera, ratio, coming.kept.pixmap)
            done = band.bottom() + 1
            if time.perf_counter() >= end:
                break
        self._next = coming._replace(done=done)
        if done < whole.height():
            return False
        self._kept, self._next = coming.kept, None
        return True

    def _stretched(
        self,
        painter: QPainter,
        camera: Camera,
        size: QSize,
        ratio: float,
        stamp: tuple[object, ...],
        settle: bool = False,
    ) -> bool:
        """Shows the kept picture as large as it would be now; False where that is none or would be too coarse. What
        is shown so becomes the kept one where much was bare, or to `settle` where anything was."""
        kept, factor = self._kept, camera.scale * ratio
        if kept is None or kept.stamp != stamp or not 0.5 <= factor / kept.factor <= STRETCH:
            return False
        grown = factor / kept.factor
        corner = QPointF(kept.left * grown - camera.x * factor, kept.top * grown - camera.y * factor) / ratio
        place = QRectF(corner, QSizeF(kept.pixmap.size()) * (grown / ratio))
        inner = QRect(math.ceil(place.left()), math.ceil(place.top()), 0, 0)
        inner.setRight(math.floor(place.right()) - 1)
        inner.setBottom(math.floor(place.bottom()) - 1)
        bare = QRegion(QRect(QPoint(0, 0), size)).subtracted(QRegion(inner))
        share = sum(r.width() * r.height() for r in bare) / max(1, size.width() * size.height())
        if share <= (0.0 if settle else BARE):
            self._compose(painter, camera, place, bare)
            return True
        if share > 3 * BARE:
            return False
        pixmap = QPixmap(kept.pixmap.size())
        pixmap.setDevicePixelRatio(ratio)
        inside = QPainter(pixmap)
        self._compose(inside, camera, place, bare)
        inside.end()
        self._kept = _Kept(stamp, round(camera.x * factor), round(camera.y * factor), pixmap, factor, False)
        painter.drawPixmap(0, 0, pixmap)
        return True

    def _compose(self, painter: QPainter, camera: Camera, place: QRectF, bare: QRegion) -> None:
        """Paints what the kept picture does not reach, and the picture itself where it belongs."""
        assert self._kept is not None
        self.coarse = True
        for rect in bare:
            painter.save()
            painter.setClipRect(rect)
            self._paint(painter, camera, QRectF(rect))
            painter.restore()
        self.coarse = False
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRegion(QRegion(place.toAlignedRect()).subtracted(bare))
        painter.drawPixmap(place, self._kept.pixmap, QRectF(self._kept.pixmap.rect()))
        painter.restore()

    def _region(
        self, stamp: tuple[object, ...], left: int, top: int, factor: float, size: QSize, ratio: float
    ) -> QRegion:
        """Moves the kept pixels to where they belong now; what is left to paint, in pixels of the picture."""
        whole = QRect(0, 0, round(size.width() * ratio), round(size.height() * ratio))
        kept = self._kept
        if kept is None or not kept.sharp or (kept.stamp, kept.factor) != (stamp, factor):
            pixmap = kept.pixmap if kept and kept.pixmap.size() == whole.size() else QPixmap(whole.size())
            pixmap.setDevicePixelRatio(ratio)
            if self._clear:
                pixmap.fill(Qt.GlobalColor.transparent)
            self._kept = _Kept(stamp, left, top, pixmap, factor)
            self._dirty.clear()
            return QRegion(whole)
        dx, dy = kept.left - left, kept.top - top
        if abs(dx) >= whole.width() or abs(dy) >= whole.height():
            region = QRegion(whole)
        else:
            region = QRegion(whole).subtracted(QRegion(whole.translated(dx, dy)))
            if dx or dy:
                kept.pixmap.scroll(dx, dy, whole)
        self._kept = kept._replace(left=left, top=top)
        return region

    def _renew(self, region: Iterable[QRect], camera: Camera, ratio: float, onto: QPixmap | None = None) -> bool:
        """Paints these pixels; True when some of them are not sharp yet."""
        waiting = False
        assert self._kept is not None
        painter = QPainter(onto if onto is not None else self._kept.pixmap)
        try:
            for rect in region:
                part = QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)
                painter.save()
                painter.setClipRect(part)
                if self._clear:
                    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                    painter.fillRect(part, Qt.GlobalColor.transparent)
                    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
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
