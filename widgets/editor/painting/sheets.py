"""Cards kept as pictures, so that panning and watching copy pixels instead of painting text again.

A card is painted anew when what it shows changed or the zoom did. While zooming over hundreds of cards, those
that do not fit into a frame's time are shown stretched and sharpened in the frames that follow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap

from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.mirror.item import Item
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.cards import MARGIN, Detail, card_colour, detail, header_colour, paint_card
from widgets.editor.painting.live import Live

BUDGET_S = 0.006
CROWD = 60
"""Up to this many cards are painted at once, whatever it takes."""
MOST_BYTES = 96 * 2**20


class _Sheet(NamedTuple):
    pixmap: QPixmap
    key: tuple[object, ...]
    scale: float
    margin: int


class Sheets:
    """The cache of painted cards of one canvas."""

    def __init__(self, scene: Scene, live: Live) -> None:
        self._scene, self._live = scene, live
        self._sheets: dict[str, _Sheet] = {}
        self._bytes = 0
        self.ailing: dict[str, str] = {}

    def forget(self, ids: Iterable[str]) -> None:
        """Paints these cards anew when they are next seen."""
        for id in ids:
            if sheet := self._sheets.get(id):
                self._sheets[id] = sheet._replace(key=())

    def clear(self) -> None:
        """Paints every card anew."""
        self._sheets.clear()
        self._bytes = 0

    def paint(self, painter: QPainter, camera: Camera, ids: Iterable[str], ratio: float, hurried: bool = False) -> bool:
        """Draws cards in widget pixels, in a hurry as they are kept; True when some wait to be sharpened."""
        ids = list(ids)
        level, waiting = detail(camera.scale, len(self._scene.items)), False
        until = time.perf_counter() + (0.0 if hurried else BUDGET_S if len(ids) > CROWD else 1.0)
        for id in ids:
            item = self._scene.items[id]
            sheet = self._sheets.get(id)
            if sheet is None or sheet.key != self._key(item, camera.scale, ratio):
                if time.perf_counter() < until:
                    sheet = self._render(item, level, camera.scale, ratio)
                else:
                    waiting = True
            self._draw(painter, camera, item, sheet, ratio)
        if self._bytes > MOST_BYTES:
            self._trim(set(ids))
        return waiting

    def prepare(self, ids: Iterable[str], scale: float, ratio: float) -> bool:
        """Paints what is missing of these cards, as far as there is time in a frame; True when all are there."""
        level, until = detail(scale, len(self._scene.items)), time.perf_counter() + BUDGET_S
        for id in ids:
            item, sheet = self._scene.items[id], self._sheets.get(id)
            if sheet is None or sheet.key != self._key(item, scale, ratio):
                if time.perf_counter() >= until:
                    return False
                self._render(item, level, scale, ratio)
        return True

    def _key(self, item: Item, scale: float, ratio: float) -> tuple[object, ...]:
        return item.version, scale, ratio, theme.current().name, self.ailing.get(item.node.id, "")

    def _render(self, item: Item, level: Detail, scale: float, ratio: float) -> _Sheet:
        factor = scale * ratio
        margin = math.ceil(MARGIN * factor)
        width = math.ceil(item.rect.width() * factor) + 2 * margin
        height = math.ceil(item.rect.height() * factor) + 2 * margin
        pixmap = QPixmap(width, height)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        try:
            painter.translate(margin, margin)
            painter.scale(factor, factor)
            paint_card(painter, item, self._live, level, scale, self.ailing.get(item.node.id, ""))
        finally:
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        old = self._sheets.pop(item.node.id, None)
        self._bytes += 4 * width * height - (_bytes(old.pixmap) if old else 0)
        sheet = self._sheets[item.node.id] = _Sheet(pixmap, self._key(item, scale, ratio), factor, margin)
        return sheet

    def _draw(self, painter: QPainter, camera: Camera, item: Item, sheet: _Sheet | None, ratio: float) -> None:
        x = (item.rect.x() - camera.x) * camera.scale
        y = (item.rect.y() - camera.y) * camera.scale
        if sheet is None:
            self._stand_in(painter, camera.view_rect(item.rect), item)
            return
        factor = camera.scale * ratio
        if sheet.scale == factor:  # as it is, on whole pixels of the screen
            left = math.floor(x * ratio + 0.5) - sheet.margin
            top = math.floor(y * ratio + 0.5) - sheet.margin
            painter.drawPixmap(QPointF(left / ratio, top / ratio), sheet.pixmap)
            return
        stretch = camera.scale / sheet.scale
        corner = QPointF(x - sheet.margin * stretch, y - sheet.margin * stretch)
        size = QSizeF(sheet.pixmap.size()) * stretch
        painter.drawPixmap(QRectF(corner, size), sheet.pixmap, QRectF(sheet.pixmap.rect()))

    def _stand_in(self, painter: QPainter, box: QRectF, item: Item) -> None:
        """A card in two strokes, until there is time for it."""
        painter.fillRect(box, card_colour())
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), box.height() * 0.25), header_colour(item))

    def _trim(self, keep: set[str]) -> None:
        """Drops cards out of sight, the least recently painted first, down to half of the room."""
        for id in [i for i in self._sheets if i not in keep]:
            if self._bytes <= MOST_BYTES // 2:
                return
            self._bytes -= _bytes(self._sheets.pop(id).pixmap)


def _bytes(pixmap: QPixmap) -> int:
    return 4 * pixmap.width() * pixmap.height()
