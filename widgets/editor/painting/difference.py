"""Two networks on one canvas: what was added, what is gone as ghosts, and what changed, with words under it.

Colours are never alone: added, removed and changed also differ in line and are written beside the card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from graphs.comparing.compare import Comparison
from graphs.layers.catalogue import Catalogue
from graphs.network import End, Network, Wire
from widgets import theme
from widgets.editor.mirror.item import Item
from widgets.editor.mirror.routes import route
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.cards import RADIUS, Detail, detail, paint_card
from widgets.editor.painting.live import Live

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from widgets.editor.canvas import Canvas

APART, BESIDE = 24.0, 5.0
"""How far a ghost keeps from cards, and a wire that is gone from one that runs in its place now."""
TRIES = 64
WORDS = 0.45
"""From this zoom on, what changed is written under a card."""
GHOST = 0.5
MOST = 300
"""More ghosts than this in view are outlines only."""


class Overlay(Protocol):
    """What lies over a canvas until it is ended."""

    def paint(self, painter: QPainter, canvas: Canvas, exposed: QRectF) -> None:
        """Paint over cards and wires, in widget pixels."""

    def end(self) -> None:
        """Escape was pressed."""


@dataclass(frozen=True)
class Different:
    """What is to be drawn: the comparison, the network it starts from, and words by id (after, else before)."""

    comparison: Comparison
    before: Network
    catalogue: Catalogue
    analysis: Analysis | None = None
    words: Mapping[str, str] = field(default_factory=dict)


class Ghosts:
    """Cards of what is gone, at their old places; one that something stands on now moves down until it is free."""

    def __init__(self, different: Different, scene: Scene) -> None:
        gone = different.comparison.removed
        self._old = Scene(different.catalogue)
        self._old.analysis = different.analysis
        self._old.load(Network(dict(gone), {}, {}, different.before.blocks))
        self.items: dict[str, Item] = {id: self._old.items[id] for id in gone if id in self._old.items}
        self.live = Live()
        self._placed: list[QRectF] = []
        for item in sorted(self.items.values(), key=lambda item: (item.rect.top(), item.rect.left())):
            self._settle(item, scene)

    def _settle(self, item: Item, scene: Scene) -> None:
        for _ in range(TRIES):
            near = [scene.items[i].rect for i in scene.boxes.within(item.rect.adjusted(-8, -8, 8, 8))]
            near += [rect for rect in self._placed if rect.intersects(item.rect)]
            if not near:
                break
            item.rect.moveTop(max(rect.bottom() for rect in near) + APART)
        self._placed.append(item.rect)

    def bounds(self) -> QRectF:
        """The rectangle around all ghosts."""
        whole = QRectF()
        for item in self.items.values():
            whole = whole.united(item.rect)
        return whole


class Difference:
    """The overlay. `focus` is the id or the wire's end that is pointed out; `ended` is called by Escape."""

    def __init__(self, different: Different, scene: Scene, ended: Callable[[], None]) -> None:
        self.different, self._scene, self._ended = different, scene, ended
        self.ghosts = Ghosts(different, scene)
        self.focus: str | End | None = None

    def end(self) -> None:
        """Escape was pressed."""
        self._ended()

    def rect_of(self, what: str | End | Wire | None) -> QRectF:
        """Where something is on the canvas; an empty rectangle where it is nowhere."""
        if isinstance(what, Wire):
            ends = self._ends(what)
            return ends[0].united(ends[1]) if ends else QRectF()
        id = what.node if isinstance(what, End) else what
        item = self._scene.items.get(id or "") or self.ghosts.items.get(id or "")
        return QRectF(item.rect) if item is not None else QRectF()

    def paint(self, painter: QPainter, canvas: Canvas, exposed: QRectF) -> None:
        """Wires first, then cards with their words."""
        seen = canvas.camera.scene_rect(exposed.adjusted(-40, -60, 40, 40))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        canvas.enter_scene(painter)
        self._wires(painter, canvas.camera.scale, seen)
        painter.restore()
        self._cards(painter, canvas, seen)
        painter.restore()

    def _wires(self, painter: QPainter, scale: float, seen: QRectF) -> None:
        look, found = theme.current(), self.different.comparison
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(0, BESIDE)
        for wire in found.wires_removed:
            items = self._items(wire)
            if items is None:
                continue
            start, stop = items[0].point(wire.source.port, True), items[1].point(wire.target.port, False)
            if items[0].rect.united(items[1].rect).intersects(seen):
                way = route(start, stop, items[0].rect, items[1].rect, lambda _rect: ())
                painter.setPen(self._pen(QColor(look.bad), scale, self.focus == wire.target, dashed=True))
                painter.drawPath(way.path)
        painter.translate(0, -BESIDE)
        for wire in found.wires_added:
            way = self._scene.routes.get(wire.target)
            if way is not None and way.rect.intersects(seen):
                painter.setPen(self._pen(QColor(look.good), scale, self.focus == wire.target))
                painter.drawPath(way.path)

    def _pen(self, colour: QColor, scale: float, strong: bool, dashed: bool = False) -> QPen:
        pen = QPen(colour, max(4.0 if strong else 2.4, 1.4 / scale))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
        if dashed:
            pen.setDashPattern([3.0, 2.5])
        return pen

    def _items(self, wire: Wire) -> tuple[Item, Item] | None:
        """The cards that a removed wire joined: where they stand now, or their ghosts."""
        pair = [self._item(end.node) for end in (wire.source, wire.target)]
        return (pair[0], pair[1]) if pair[0] is not None and pair[1] is not None else None

    def _item(self, before: str) -> Item | None:
        mate = self.different.comparison.pairs.get(before)
        return self._scene.items.get(mate) if mate is not None else self.ghosts.items.get(before)

    def _ends(self, wire: Wire) -> tuple[QRectF, QRectF] | None:
        items = self._items(wire)
        return (items[0].rect, items[1].rect) if items is not None else None

    def _cards(self, painter: QPainter, canvas: Canvas, seen: QRectF) -> None:
        look, found = theme.current(), self.different.comparison
        level = detail(canvas.camera.scale, len(canvas.scene.items))
        ghosts = [item for item in self.ghosts.items.values() if item.rect.intersects(seen)]
        for item in ghosts:
            if level != Detail.BLOCKS and len(ghosts) <= MOST:
                self._ghost(painter, canvas, item, level)
            self._mark(painter, canvas, item, look.bad, "removed", dashed=True)
        for id in self._scene.boxes.within(seen):
            if id in found.added:
                self._mark(painter, canvas, self._scene.items[id], look.good, "added")
            elif id in self.different.words:
                self._mark(painter, canvas, self._scene.items[id], look.warn, self.different.words[id])
            elif id == self.focus:
                self._mark(painter, canvas, self._scene.items[id], look.accent, "moved" if id in found.moved else "")

    def _ghost(self, painter: QPainter, canvas: Canvas, item: Item, level: Detail) -> None:
        painter.save()
        painter.setOpacity(GHOST)
        canvas.enter_scene(painter)
        painter.translate(item.rect.topLeft())
        paint_card(painter, item, self.ghosts.live, level, canvas.camera.scale)
        painter.restore()

    def _mark(
        self, painter: QPainter, canvas: Canvas, item: Item, colour: str, words: str, dashed: bool = False
    ) -> None:
        """An outline, and below it a tag that says what it means."""
        box, scale = canvas.camera.view_rect(item.rect).adjusted(-3, -3, 3, 3), canvas.camera.scale
        pen = QPen(QColor(colour), 2.0)
        if dashed:
            pen.setDashPattern([3.5, 2.5])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.focus == item.node.id:
            painter.setPen(QPen(theme.qcolor(colour, 0.35), 7))
            painter.drawRoundedRect(box, (RADIUS + 3) * scale, (RADIUS + 3) * scale)
        painter.setPen(pen)
        painter.drawRoundedRect(box, (RADIUS + 3) * scale, (RADIUS + 3) * scale)
        if words and scale >= WORDS:
            self._tag(painter, box, colour, words)

    def _tag(self, painter: QPainter, box: QRectF, colour: str, words: str) -> None:
        font = theme.font(11)
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(72.0, box.width() + 48))
        tag = QRectF(0, 0, metrics.horizontalAdvance(shown) + 14, metrics.height() + 4)
        tag.moveTopLeft(QPointF(box.center().x() - tag.width() / 2, box.bottom() + 4))
        painter.setPen(QPen(QColor(colour), 1))
        painter.setBrush(QColor(theme.current().background))
        painter.drawRoundedRect(tag, 6, 6)
        painter.setFont(font)
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, shown)
