"""Paints the canvas: ground, wires, shapes, cards, outlines, badges, and what the hand is doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.backdrop import Backdrop, paint_lesson
from widgets.editor.blocks import Blocks
from widgets.editor.camera import Camera
from widgets.editor.cards import CROWD, MARGIN, RADIUS, Detail, detail, paint_card
from widgets.editor.layer import Layer
from widgets.editor.markpaint import paint_chosen, paint_frames, paint_notes
from widgets.editor.sheets import Sheets
from widgets.editor.wires import Labels, paint_wire, paint_wires

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

LABELS, FEW_LABELS = 0.5, 0.25
"""From this zoom on wires say their shapes, among many nodes and among few."""


COVERED = (5.0, 0.5, -5.0, -0.5)
"""What of a card's rectangle is sure to be painted all over."""
CONTENT = (9.0, 4.0, -9.0, -4.0)
"""The part of it that changes while the network learns, a pixel of the screen clear of the former."""


class Picture:
    """The painting side of one canvas, with its caches."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.sheets = Sheets(canvas.scene, canvas.live)
        self.blocks = Blocks(canvas.scene)
        self.layer = Layer(self._close_up)
        self._backdrop, self._labels = Backdrop(), Labels()

    def paint(self, painter: QPainter, exposed: QRectF) -> bool:
        """Paints `exposed` (widget pixels); True when another frame will sharpen it."""
        canvas = self._canvas
        camera, ratio = canvas.camera, canvas.devicePixelRatioF()
        seen = camera.scene_rect(exposed.adjusted(-2, -2, 2, 2))
        waiting = False
        if detail(camera.scale, len(canvas.scene.items)) == Detail.BLOCKS and canvas.scene.items:
            painter.save()
            self.blocks.show(painter, camera, QRectF(canvas.rect()), ratio)
            painter.restore()
        else:
            waiting = self.layer.show(painter, camera, canvas.size(), ratio, self._stamp())
        if not canvas.scene.items:
            paint_lesson(painter, QRectF(canvas.rect()))
        self._marks(painter, seen)
        if canvas.overlay is not None:
            canvas.overlay.paint(painter, canvas, exposed)
        if canvas.gesture is not None:
            canvas.gesture.paint(painter)
        if canvas.ringed and canvas.hasFocus():
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(canvas.rect()).adjusted(1, 1, -1, -1))
        return waiting

    def _stamp(self) -> tuple[object, ...]:
        """What the close-up depends on, but for the camera and for cards that are spoilt one by one."""
        canvas = self._canvas
        over = (canvas.hovered_wire, frozenset(canvas.hidden_wires))
        return canvas.scene.revision, canvas.looks, theme.current().name, theme.scale(), *over

    def _close_up(self, painter: QPainter, camera: Camera, part: QRectF) -> bool:
        """Paints a part of the widget without what lies over it."""
        canvas, ratio = self._canvas, self._canvas.devicePixelRatioF()
        near = camera.scene_rect(part).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        cards = canvas.scene.boxes.within(near)
        if not self._covered(camera.scene_rect(part), cards):
            self._ground(painter, camera, part, ratio)
        return self.sheets.paint(painter, camera, cards, ratio)

    def _covered(self, part: QRectF, cards: Iterable[str]) -> bool:
        """Whether one card hides all that lies below it in this rectangle of the scene; its corners are round."""
        items = self._canvas.scene.items
        solid = (i for i in cards if not items[i].node.mode)
        return any(items[i].rect.adjusted(*COVERED).contains(part) for i in solid)

    def _ground(self, painter: QPainter, camera: Camera, part: QRectF, ratio: float) -> None:
        """Grid, wires and their labels."""
        canvas = self._canvas
        self._backdrop.paint(painter, camera, part, ratio)
        seen = camera.scene_rect(part.adjusted(-64, -32, 64, 32))
        ends = [e for e in canvas.scene.lanes.within(seen) if e not in canvas.hidden_wires]
        painter.save()
        painter.scale(camera.scale, camera.scale)
        painter.translate(-camera.x, -camera.y)
        paint_frames(painter, canvas.marks, seen, camera.scale)
        paint_wires(painter, canvas.scene, ends, camera.scale, canvas.badges.misfits())
        self._chosen_wires(painter, ends)
        paint_notes(painter, canvas.marks, seen, camera.scale, canvas.writing.mark)
        painter.restore()
        if camera.scale >= (FEW_LABELS if len(canvas.scene.items) < CROWD else LABELS):
            self._labels.paint(painter, camera, canvas.scene, ends)

    def _chosen_wires(self, painter: QPainter, ends: list[End]) -> None:
        """Selected wires and the one under the pointer, and quietly those of selected nodes."""
        canvas, look = self._canvas, theme.current()
        chosen = canvas.selection
        for end in ends:
            wire, way = canvas.scene.network.wires[end], canvas.scene.routes[end]
            if end in canvas.chosen_wires or end == canvas.hovered_wire:
                paint_wire(painter, way, QColor(look.accent), canvas.camera.scale)
            elif end.node in chosen or wire.source.node in chosen:
                paint_wire(painter, way, theme.qcolor(look.accent, 0.6), canvas.camera.scale, 1.8)

    def _marks(self, painter: QPainter, seen: QRectF) -> None:
        """Outlines of the selection and of the node under the pointer, then badges."""
        canvas, look = self._canvas, theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = seen.adjusted(-20, -20, 20, 20)
        hovered = canvas.hovered
        if hovered in canvas.scene.items and hovered not in canvas.selection:
            self._outline(painter, canvas.scene.items[hovered].rect, theme.qcolor(look.faint), 1.2)
        rects = [canvas.scene.items[i].rect for i in canvas.selection if i in canvas.scene.items]
        rects = [rect for rect in rects if rect.intersects(near)]
        if len(rects) > 400:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([canvas.camera.view_rect(rect) for rect in rects])
        else:
            for rect in rects:
                self._outline(painter, rect, theme.qcolor(look.accent, 0.25), 5.0)
                self._outline(painter, rect, theme.qcolor(look.accent), 2.0)
        if canvas.chosen_marks:
            painter.save()
            canvas.enter_scene(painter)
            paint_chosen(painter, canvas.marks, canvas.chosen_marks, near, canvas.camera.scale)
            painter.restore()
        problems = canvas.badges.problems
        if problems:
            shown = problems if len(problems) < 500 else canvas.visible_nodes()
            canvas.badges.paint(painter, canvas.camera, shown)

    def _outline(self, painter: QPainter, rect: QRectF, colour: QColor, thick: float) -> None:
        painter.setPen(QPen(colour, thick))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box, radius = self._canvas.camera.view_rect(rect), RADIUS * self._canvas.camera.scale
        if detail(self._canvas.camera.scale, len(self._canvas.scene.items)) == Detail.BLOCKS:
            box, radius = box.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5
        painter.drawRoundedRect(box, radius, radius)

    def paint_all(self, painter: QPainter, scale: float) -> None:
        """The whole network in scene pixels with every detail, for files: no selection, no grid."""
        canvas = self._canvas
        ends, whole = list(canvas.scene.routes), canvas.marks.bounds().adjusted(-1, -1, 1, 1)
        paint_frames(painter, canvas.marks, whole, scale)
        paint_wires(painter, canvas.scene, ends, scale, canvas.badges.misfits())
        paint_notes(painter, canvas.marks, whole, scale)
        self._labels.paint(painter, Camera(), canvas.scene, ends)
        severities = canvas.badges.severities()
        for id, item in canvas.scene.items.items():
            painter.save()
            painter.translate(item.rect.topLeft())
            paint_card(painter, item, canvas.live, Detail.FULL, 1.0, severities.get(id, ""))
            painter.restore()
        canvas.badges.paint(painter, Camera(), canvas.badges.problems)
