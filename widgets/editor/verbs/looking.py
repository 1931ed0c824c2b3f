"""Looking around: pan, zoom, fit, reveal. The verbs of `Canvas` that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.painting.cards import Detail, detail

if TYPE_CHECKING:
    from graphs.document import Change
    from widgets.editor.canvas import Canvas
    from widgets.editor.painting.difference import Overlay

LEAST, FEW = 120, 400
"""No canvas smaller than this follows a change, nor more than so many of the things that it changed."""
GONE = (144.0, 96.0)
"""About how large what is gone was."""
EDGE = 24.0
"""Pixels left free around what is framed."""


def changed_places(canvas: Canvas, change: Change) -> list[QRectF]:
    """Where in the scene the nodes, wires, frames and notes are, or were, that a change has changed."""
    items, patch, before = canvas.scene.items, change.patch, change.before
    ids = dict.fromkeys(patch.nodes)
    for end, wire in patch.wires.items():
        old = before.wires.get(end)
        ids |= dict.fromkeys((end.node, *(w.source.node for w in (wire, old) if w)))
    if not ids and patch.blocks:
        ids = {i: None for i, node in change.after.nodes.items() if node.block in patch.blocks}
    some = list(ids)[:FEW]
    places = [items[i].rect for i in some if i in items]
    places += [QRectF(*before.nodes[i].position, *GONE) for i in some if i not in items and i in before.nodes]
    marks = (canvas.marks.rect(i) for i in patch.marks if i in canvas.marks.known)
    return [*places, *(rect for rect in marks if not rect.isEmpty())]


class Looking:
    """What moves the camera, and what lies over the picture; a part of `Canvas`."""

    overlay: Overlay | None = None

    def lay_over(self: Canvas, overlay: Overlay | None) -> None:
        """Paints something over the network until Escape ends it, or nothing."""
        self.overlay = overlay
        self.update()

    def pan(self: Canvas, dx: float, dy: float) -> None:
        """Moves what is seen by widget pixels."""
        self.ease.stop()
        self.camera.pan(dx, dy)
        self.moved_camera()

    def zoom(self: Canvas, factor: float, at: QPointF | None = None) -> None:
        """Zooms by a factor, keeping the widget point `at` (the middle by default) in place."""
        self.ease.stop()
        self.camera.zoom_at(at or QRectF(self.rect()).center(), factor)
        self.moved_camera()
        self.zoom_changed.emit(self.camera.scale)

    def moved_camera(self: Canvas) -> None:
        """Paints anew after the camera has moved."""
        self.fitted = False
        self.writing.place()
        self.naming.place()
        self.minimap.renew()
        self.update()

    def zoom_in(self: Canvas) -> None:
        """One step closer."""
        self.zoom(1.25)

    def zoom_out(self: Canvas) -> None:
        """One step away."""
        self.zoom(0.8)

    def zoom_reset(self: Canvas) -> None:
        """100 %."""
        self.zoom(1.0 / self.camera.scale)

    def fit(self: Canvas) -> None:
        """Shows the whole network, at 100 % at most (more with larger text); keeps it in view until hands move it."""
        self._frame(self.scene.bounds().united(self.marks.bounds()))
        self.fitted = True

    def fit_selection(self: Canvas) -> None:
        """Shows the selection, or everything where nothing is selected."""
        chosen = self.scene.bounds(self.selection) if self.selection or self.chosen_marks else self.scene.bounds()
        for id in self.chosen_marks:
            chosen = chosen.united(self.marks.rect(id))
        self._frame(chosen)

    def _frame(self: Canvas, rect: QRectF) -> None:
        self.ease.stop()
        most = max(1.0, theme.scale())
        self.camera.frame(rect, QSizeF(self.size()), EDGE, most)
        self.minimap.renew()
        self._clear_minimap(rect, most)
        self.moved_camera()
        self.zoom_changed.emit(self.camera.scale)

    def _clear_minimap(self: Canvas, rect: QRectF, most: float) -> None:
        """Keeps what was asked for out from under the minimap."""
        size, corner = QSizeF(self.size()), QRectF(self.minimap.geometry()).adjusted(-8, -8, 8, 8)
        shown = self.camera.scene_rect(corner)
        if not self.minimap.due() or not self.scene.boxes.within(shown):
            return
        above = QSizeF(size.width(), corner.top() + 24)
        beside = QSizeF(corner.left() + 24, size.height())
        options = []
        for room in (above, beside):
            camera = Camera()
            camera.frame(rect, room, EDGE, most)
            options.append(camera.state())
        self.camera.restore(max(options))

    def reveal(self: Canvas, id: str) -> None:
        """Moves the view just as far as needed to show a node."""
        if (item := self.scene.items.get(id)) is not None:
            self.reveal_rect(item.rect)

    def reveal_rect(self: Canvas, rect: QRectF) -> None:
        """Moves the view just as far as needed to show a part of the scene."""
        box = self.camera.view_rect(rect)
        room = QRectF(self.rect()).adjusted(40, 40, -40, -40)
        dx = dy = 0.0
        if not room.contains(box):
            dx = max(0.0, room.left() - box.left()) or min(0.0, room.right() - box.right())
            dy = max(0.0, room.top() - box.top()) or min(0.0, room.bottom() - box.bottom())
        aside = self._out_from_under(box.translated(dx, dy), room)
        dx, dy = dx + aside.x(), dy + aside.y()
        if dx or dy:
            scale, x, y = self.camera.state()
            self.ease.camera((scale, x - dx / scale, y - dy / scale))

    def _out_from_under(self: Canvas, box: QRectF, room: QRectF) -> QPointF:
        """How far a rectangle of the view is to be moved to be seen beside the minimap: up or left, the shorter way
        that keeps it in the room; not at all where neither does."""
        corner = QRectF(self.minimap.geometry()).adjusted(-8, -8, 8, 8)
        if not self.minimap.due() or not corner.intersects(box):
            return QPointF()
        ways = (QPointF(0.0, corner.top() - box.bottom()), QPointF(corner.left() - box.right(), 0.0))
        fitting = [way for way in ways if room.contains(box.translated(way))]
        return min(fitting, key=QPointF.manhattanLength, default=QPointF())

    def show_change(self: Canvas, change: Change) -> None:
        """Brings what undo, redo or a click in the history changed into view, where none of it is."""
        if not change.travelled or self.width() < LEAST or self.height() < LEAST:
            return
        places = changed_places(self, change)
        seen = self.camera.scene_rect(QRectF(self.rect()))
        if not places or any(seen.contains(place) for place in places):
            return
        whole = QRectF()
        for place in places:
            whole = whole.united(place)
        room = QSizeF(seen.width() - 80 / self.camera.scale, seen.height() - 80 / self.camera.scale)
        fits = whole.width() <= room.width() and whole.height() <= room.height()
        middle = seen.center()
        self.reveal_rect(whole if fits else min(places, key=lambda p: (p.center() - middle).manhattanLength()))

    def enter_scene(self: Canvas, painter: QPainter) -> None:
        """Lets a painter draw in scene pixels."""
        painter.scale(self.camera.scale, self.camera.scale)
        painter.translate(-self.camera.x, -self.camera.y)

    def visible_nodes(self: Canvas, limit: int | None = None) -> list[str]:
        """Nodes in view, at most `limit` of them."""
        return self.scene.boxes.within(self.camera.scene_rect(QRectF(self.rect())))[:limit]

    @property
    def ports_shown(self: Canvas) -> bool:
        """Whether the network is close enough to take hold of ports and wires."""
        return detail(self.camera.scale, len(self.scene.items)) != Detail.BLOCKS or len(self.scene.items) < 100
