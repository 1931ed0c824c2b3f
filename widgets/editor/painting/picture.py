"""Paints the canvas: ground, wires, shapes, cards, outlines, badges, and what the hand is doing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from graphs.network import End
from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.painting.backdrop import Backdrop, paint_lesson
from widgets.editor.painting.blocks import Blocks
from widgets.editor.painting.cards import CROWD, MARGIN, RADIUS, Detail, detail, paint_card
from widgets.editor.painting.held import Held, Outlines
from widgets.editor.painting.layer import Layer
from widgets.editor.painting.markpaint import paint_chosen, paint_frames, paint_held, paint_notes, paint_titles
from widgets.editor.painting.sheets import Sheets
from widgets.editor.painting.wires import Labels, paint_lines, paint_wire, paint_wires

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

LABELS, FEW_LABELS = 0.5, 0.25
"""From this zoom on wires say their shapes, among many nodes and among few."""


COVERED = (5.0, 0.5, -5.0, -0.5)
"""What of a card's rectangle is sure to be painted all over."""
CONTENT = (9.0, 4.0, -9.0, -4.0)
"""The part of it that changes while the network learns, a pixel of the screen clear of the former."""


MANY, REST_S = 2000, 0.09
"""With so many blocks in view, the picture is sharpened when the zoom has rested for so many seconds."""
HURRY = 8
"""With more cards than this in view, the picture is stretched while the zoom changes."""
FEW_OUTLINES = 12
"""More outlines than this are copied instead of drawn."""


class Picture:
    """The painting side of one canvas, with its caches."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.sheets = Sheets(canvas.scene, canvas.live)
        self.blocks = Blocks(canvas.scene)
        self.layer = Layer(self._close_up)
        self._crowd = Layer(self._close_up_in_hand, clear=True)
        self.blocks.under, self.blocks.over = self._far_marks, self._far_notes
        self._backdrop, self._labels = Backdrop(), Labels()
        self._held, self._outlines = Held(canvas), Outlines()
        self._scale, self._changed, self._many = canvas.camera.scale, 0.0, False

    def paint(self, painter: QPainter, exposed: QRectF) -> bool:
        """Paints `exposed` (widget pixels); True when another frame will sharpen it."""
        canvas = self._canvas
        camera, ratio = canvas.camera, canvas.devicePixelRatioF()
        seen = camera.scene_rect(exposed.adjusted(-2, -2, 2, 2))
        if canvas.scene.behind and not self._far():
            canvas.scene.catch_up(seen=camera.scene_rect(QRectF(canvas.rect())))
        hurried = self._hurries()
        waiting = self.layer.show(painter, camera, canvas.size(), ratio, self._stamp(), hurried, gently=self._many)
        if canvas.scene.strayed or canvas.marks.in_hand:
            waiting |= self._in_hand(painter, ratio, hurried)
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

    def spoil(self, rects: Iterable[QRectF]) -> None:
        """Has these rectangles of the scene painted anew."""
        self.layer.spoil(rects)
        self._crowd.forget()

    def forget(self) -> None:
        """Has everything painted anew."""
        self.layer.forget()
        self._crowd.forget()
        self.sheets.clear()

    def _far_marks(self, painter: QPainter, scale: float) -> None:
        """Frames behind the network from far away, in scene pixels."""
        marks = self._canvas.marks
        whole = marks.bounds().adjusted(-1, -1, 1, 1)
        paint_frames(painter, marks, whole, scale, held=False)
        paint_titles(painter, marks, whole, scale, held=False)

    def _far_notes(self, painter: QPainter, scale: float) -> None:
        """Notes over the network from far away, in scene pixels."""
        marks = self._canvas.marks
        paint_notes(painter, marks, marks.bounds().adjusted(-1, -1, 1, 1), scale, held=False)

    def _far(self) -> bool:
        """Whether nodes are blocks at this zoom."""
        canvas = self._canvas
        return bool(canvas.scene.items) and detail(canvas.camera.scale, len(canvas.scene.items)) == Detail.BLOCKS

    def _hurries(self) -> bool:
        """Whether the zoom changes over more than can be painted anew in every frame, or is about to be sharpened."""
        canvas, scale = self._canvas, self._canvas.camera.scale
        changes, self._scale = scale != self._scale, scale
        self._changed = time.monotonic() if changes else self._changed
        seen = canvas.camera.scene_rect(QRectF(canvas.rect()))
        count = canvas.scene.boxes.count(seen)
        self._many = count > MANY and self._far()
        if count <= HURRY:
            return False
        if changes or self._far():
            return changes or (count > MANY and time.monotonic() < self._changed + REST_S)
        return not self.sheets.prepare(canvas.scene.boxes.within(seen), scale, canvas.devicePixelRatioF())

    def _in_hand(self, painter: QPainter, ratio: float, hurried: bool) -> bool:
        """Paints what the hand holds over what stands still."""
        canvas, camera = self._canvas, self._canvas.camera
        painter.save()
        seen = camera.scene_rect(QRectF(canvas.rect()))
        if self._far():
            canvas.enter_scene(painter)
            paint_held(painter, canvas.marks, seen, camera.scale, ())
            self.blocks.paint_held(painter, camera.scale)
            painter.restore()
            return False
        self.layer.spoil(canvas.scene.take_swept())
        self._held_marks(painter, seen)
        ends = self._held.ends(seen)
        self._held.wires(painter, ends)
        if self._labelled():
            self._labels.paint(painter, camera, canvas.scene, ends, canvas.marks.frames().values())
        cards = self._held.cards(seen, ends)
        if canvas.scene.crowded:
            still = [i for i in cards if i not in canvas.scene.strayed]
            waiting = self.sheets.paint(painter, camera, still, ratio) | self._as_one(painter, ratio)
        else:
            waiting = self.sheets.paint(painter, camera, cards, ratio)
        painter.restore()
        return waiting

    def _as_one(self, painter: QPainter, ratio: float) -> bool:
        """Paints a crowd in the hand as it was painted before, where it is now; only what comes into view is new."""
        canvas, drift = self._canvas, self._canvas.scene.drift
        camera = canvas.camera
        before = Camera()
        before.restore((camera.scale, camera.x - drift.x(), camera.y - drift.y()))
        painter.setClipRect(
            camera.view_rect(canvas.scene.boxes.bounds_of(canvas.scene.strayed)).adjusted(-64, -64, 64, 64)
        )
        stamp = (*self._stamp(), tuple(canvas.selection))
        return self._crowd.show(painter, before, canvas.size(), ratio, stamp)

    def _close_up_in_hand(self, painter: QPainter, before: Camera, part: QRectF) -> bool:
        """Paints a part of a crowd in the hand as a camera sees it that has not gone along with the crowd."""
        canvas, scene = self._canvas, self._canvas.scene
        ratio, camera = canvas.devicePixelRatioF(), Camera()
        camera.restore((before.scale, before.x + scene.drift.x(), before.y + scene.drift.y()))
        near = camera.scene_rect(part).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        ends = [e for e in scene.routes.within(near) if e in scene.inner and e not in canvas.hidden_wires]
        self._held.wires(painter, ends, camera)
        if self._labelled():
            self._labels.paint(painter, camera, scene, ends)
        cards = [i for i in scene.boxes.within(near) if i in scene.strayed]
        waiting = self.sheets.paint(painter, camera, cards, ratio)
        chosen = [scene.items[i].rect for i in cards if i in canvas.selection]
        self._outlines.paint(painter, camera, chosen, ratio)
        return waiting

    def _held_marks(self, painter: QPainter, seen: QRectF) -> None:
        """Frames and notes in the hand, behind the cards that stand still."""
        canvas, scene = self._canvas, self._canvas.scene
        if canvas.marks.in_hand:
            painter.save()
            canvas.enter_scene(painter)
            still = [scene.items[i].rect for i in scene.boxes.within(seen) if i not in scene.strayed]
            paint_held(painter, canvas.marks, seen, canvas.camera.scale, still)
            painter.restore()

    def _labelled(self) -> bool:
        """Whether wires say their shapes at this zoom."""
        return self._canvas.camera.scale >= (FEW_LABELS if len(self._canvas.scene.items) < CROWD else LABELS)

    def _stamp(self) -> tuple[object, ...]:
        """What the close-up depends on, but for the camera and for cards that are spoilt one by one."""
        canvas = self._canvas
        over = (canvas.hovered_wire, frozenset(canvas.hidden_wires), canvas.marks.in_hand)
        return canvas.scene.base, canvas.looks, theme.current().name, theme.scale(), *over

    def _close_up(self, painter: QPainter, camera: Camera, part: QRectF) -> bool:
        """Paints a part of the widget without what lies over it and what is in the hand."""
        canvas, ratio = self._canvas, self._canvas.devicePixelRatioF()
        if self._far():
            self.blocks.paint_part(painter, camera, part)
            return False
        near = camera.scene_rect(part).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        cards = [i for i in canvas.scene.boxes.within(near) if i not in canvas.scene.strayed]
        if not self._covered(camera.scene_rect(part), cards):
            self._ground(painter, camera, part, ratio)
        waiting = self.sheets.paint(painter, camera, cards, ratio, hurried=self.layer.coarse)
        self._notes(painter, camera, near)
        return waiting

    def _notes(self, painter: QPainter, camera: Camera, seen: QRectF) -> None:
        """Notes over the cards in a part of the scene."""
        canvas = self._canvas
        if canvas.marks.known:
            painter.save()
            painter.scale(camera.scale, camera.scale)
            painter.translate(-camera.x, -camera.y)
            paint_notes(painter, canvas.marks, seen, camera.scale, canvas.writing.mark, held=False)
            painter.restore()

    def _covered(self, part: QRectF, cards: Iterable[str]) -> bool:
        """Whether one card hides all that lies below it in this rectangle of the scene; its corners are round."""
        items = self._canvas.scene.items
        solid = (i for i in cards if not items[i].node.mode)
        return any(items[i].rect.adjusted(*COVERED).contains(part) for i in solid)

    def _ground(self, painter: QPainter, camera: Camera, part: QRectF, ratio: float) -> None:
        """Grid, wires and their labels."""
        canvas = self._canvas
        coarse = self.layer.coarse
        if coarse:
            painter.fillRect(part, QColor(theme.current().background))
        else:
            self._backdrop.paint(painter, camera, part, ratio)
        seen = camera.scene_rect(part.adjusted(-64, -32, 64, 32))
        away = canvas.hidden_wires | canvas.scene.lifted
        found, lines = canvas.scene.routes.ready(seen) if coarse else (canvas.scene.routes.within(seen), [])
        ends = [e for e in found if e not in away]
        painter.save()
        painter.scale(camera.scale, camera.scale)
        painter.translate(-camera.x, -camera.y)
        paint_frames(painter, canvas.marks, seen, camera.scale, held=False)
        paint_lines(painter, lines, camera.scale)
        paint_wires(painter, canvas.scene, ends, camera.scale, canvas.badges.misfits())
        self._chosen_wires(painter, ends)
        paint_titles(painter, canvas.marks, seen, camera.scale, held=False)
        painter.restore()
        if self._labelled() and not coarse:
            self._labels.paint(painter, camera, canvas.scene, ends, canvas.marks.frames().values())

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
        done = canvas.scene.strayed if canvas.scene.crowded and not self._far() else ()
        rects = [canvas.scene.items[i].rect for i in canvas.selection if i in canvas.scene.items and i not in done]
        rects = [rect for rect in rects if rect.intersects(near)]
        if len(rects) > 400 or (self._far() and len(rects) > FEW_OUTLINES):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([canvas.camera.view_rect(rect).adjusted(-1, -1, 1, 1) for rect in rects])
        elif len(rects) > FEW_OUTLINES:
            self._outlines.paint(painter, canvas.camera, rects, canvas.devicePixelRatioF())
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
        if self._far():
            box, radius = box.adjusted(-2.5, -2.5, 2.5, 2.5), radius + 2.5
        painter.drawRoundedRect(box, radius, radius)

    def paint_all(self, painter: QPainter, scale: float) -> None:
        """The whole network in scene pixels with every detail, for files: no selection, no grid."""
        canvas = self._canvas
        ends, whole = list(canvas.scene.routes), canvas.marks.bounds().adjusted(-1, -1, 1, 1)
        paint_frames(painter, canvas.marks, whole, scale)
        paint_wires(painter, canvas.scene, ends, scale, canvas.badges.misfits())
        paint_titles(painter, canvas.marks, whole, scale)
        self._labels.paint(painter, Camera(), canvas.scene, ends, canvas.marks.frames().values())
        severities = canvas.badges.severities()
        for id, item in canvas.scene.items.items():
            painter.save()
            painter.translate(item.rect.topLeft())
            paint_card(painter, item, canvas.live, Detail.FULL, 1.0, severities.get(id, ""))
            painter.restore()
        paint_notes(painter, canvas.marks, whole, scale)
        canvas.badges.paint(painter, Camera(), canvas.badges.problems)
