"""Wiring by hand: from either end, re-dragging a connected end, moving all wires of a port, cutting."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from graphs.edits import Connect, Disconnect
from graphs.network import End, Wire
from widgets import theme
from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.mirror.item import Socket
from widgets.editor.mirror.routes import loose
from widgets.editor.painting.wires import paint_wire
from widgets.editor.verbs import editing
from widgets.editor.verdicts import Judge, Verdict

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

REACH = 22.0
"""How near a port the pointer has to be, in pixels on the screen."""


BUDGET_S = 0.008
"""How long one frame may look for verdicts."""
LEGIBLE = 0.6
"""The scale from which on each port says in words what would come of it."""


class DrawWire(Gesture):
    """A wire in the hand. `fixed` is the end that stays; `taken` the input port it was pulled out of."""

    def __init__(self, canvas: Canvas, start: Pointer, fixed: Socket, taken: End | None = None) -> None:
        super().__init__(canvas, start)
        self.fixed, self.taken = fixed, taken
        self.judge = Judge(canvas.scene, canvas.inference)
        self._at = start
        self._goal: Socket | None = None
        canvas.hidden_wires = {taken} if taken else set()

    def move(self, at: Pointer) -> None:
        self._at = at
        self._goal = self._nearest(at)
        self.canvas.update()

    def _nearest(self, at: Pointer) -> Socket | None:
        """The port that the wire would go to: near the pointer, or the first fitting one of the node below."""
        reach = max(REACH / self.canvas.camera.scale, 8.0)
        socket = self.canvas.scene.socket_at(at.scene, reach)
        if socket and socket.output != self.fixed.output:
            return socket
        node = self.canvas.scene.node_at(at.scene)
        if node is None or node == self.fixed.end.node:
            return None
        sockets = [s for s in self.canvas.scene.sockets(node) if s.output != self.fixed.output]
        wires = self.canvas.scene.network.wires
        free = [s for s in sockets if s.output or s.end not in wires] or sockets
        return next((s for s in free if self.verdict(s).fits), free[0] if free else None)

    def verdict(self, other: Socket) -> Verdict:
        """What the wire would do at the other end."""
        pair = (self.fixed, other) if self.fixed.output else (other, self.fixed)
        return self.judge.verdict(*pair)

    def release(self, at: Pointer) -> None:
        self.canvas.hidden_wires = set()
        self._at, self._goal = at, self._nearest(at)
        if self._goal is not None:
            self._connect(self._goal)
        elif self.taken is not None:
            self.canvas.apply(Disconnect((self.taken,)))
        elif (at.view - self.start.view).manhattanLength() > 2 * REACH:
            self.canvas.palette_for_wire(self.fixed, at, self.judge)
        self.canvas.update()

    def _connect(self, goal: Socket) -> None:
        verdict = self.verdict(goal)
        source, target = (self.fixed, goal) if self.fixed.output else (goal, self.fixed)
        edit = editing.connecting(self.canvas.scene.network, source.end, target.end, self.taken)
        if edit is None:
            return
        if verdict.fits:
            self.canvas.apply(edit)
        elif verdict.allowed or (verdict.problem and self.taken is None):
            self.canvas.offer_fixes(edit, verdict, self._at)
        else:
            self.canvas.message.emit(verdict.text)

    def cancel(self) -> None:
        self.canvas.hidden_wires = set()
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        verdict = self.verdict(self._goal) if self._goal else None
        look = theme.current()
        tone = look.accent if verdict is None else look.good if verdict.fits else look.bad
        self._paint_ports(painter)
        start, end = self.fixed.point, self._goal.point if self._goal else self._at.scene
        painter.save()
        self.canvas.enter_scene(painter)
        way = loose(start, end) if self.fixed.output else loose(end, start)
        paint_wire(painter, way, QColor(tone), self.canvas.camera.scale)
        painter.restore()
        self._paint_end(painter, tone)
        self._paint_words(painter, verdict, tone)

    def _paint_ports(self, painter: QPainter) -> None:
        """Every port on the screen that the wire could go to: whether it would fit, what it would give, or why not.

        What takes long to find out comes with the next frames.
        """
        canvas, camera, until = self.canvas, self.canvas.camera, perf_counter() + BUDGET_S
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = max(4.0, 6.5 * camera.scale)
        for id in canvas.visible_nodes(limit=150):
            for socket in canvas.scene.sockets(id):
                if socket.output == self.fixed.output or id == self.fixed.end.node:
                    continue
                if perf_counter() > until and self._judged(socket) is None:
                    canvas.update()
                    return
                self._paint_port(painter, socket, self.verdict(socket), radius)

    def _judged(self, other: Socket) -> Verdict | None:
        pair = (self.fixed, other) if self.fixed.output else (other, self.fixed)
        return self.judge.known(*pair)

    def _paint_port(self, painter: QPainter, socket: Socket, verdict: Verdict, radius: float) -> None:
        look, camera = theme.current(), self.canvas.camera
        tone = look.good if verdict.fits else look.bad if verdict.allowed else look.faint
        at = camera.to_view(socket.point)
        painter.setPen(QPen(QColor(tone), 2))
        painter.setBrush(QColor(theme.mix(tone, look.background, 0.55 if verdict.fits else 0.12)))
        painter.drawEllipse(at, radius, radius)
        if verdict.short and camera.scale >= LEGIBLE and socket != self._goal:
            paint_short(painter, verdict.short, at, radius, tone, left=not socket.output)

    def _paint_end(self, painter: QPainter, tone: str) -> None:
        if self._goal is None:
            painter.setBrush(QColor(tone))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(self._at.view, 4.5, 4.5)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tone), 2))
        painter.drawEllipse(self.canvas.camera.to_view(self._goal.point), 10, 10)

    def _paint_words(self, painter: QPainter, verdict: Verdict | None, tone: str) -> None:
        if verdict is None:
            shape = self.judge.shape_at(self.fixed.end) if self.fixed.output else None
            text = str(shape) if shape else ""
        elif verdict.fits:
            text = f"gives {verdict.text}" if verdict.text else "fits"
        else:
            text = verdict.text
        if text:
            paint_words(painter, text, self._at.view, QColor(tone), QRectF(self.canvas.rect()))


class MoveWires(Gesture):
    """Ctrl and drag from a port: all its wires go to another port of the same sort."""

    def __init__(self, canvas: Canvas, start: Pointer, socket: Socket) -> None:
        super().__init__(canvas, start)
        self._socket = socket
        wires = canvas.scene.network.wires.values()
        self._wires = [w for w in wires if (w.source if socket.output else w.target) == socket.end]
        self._at = start
        canvas.hidden_wires = {w.target for w in self._wires}

    def move(self, at: Pointer) -> None:
        self._at = at
        self.canvas.update()

    def release(self, at: Pointer) -> None:
        self.cancel()
        goal = self.canvas.scene.socket_at(at.scene, max(REACH / self.canvas.camera.scale, 8.0))
        if goal is None or goal.output != self._socket.output or goal.end == self._socket.end:
            return
        moved = [(Wire(goal.end, w.target) if goal.output else Wire(w.source, goal.end)) for w in self._wires]
        judge = Judge(self.canvas.scene, None)
        for wire in moved:
            verdict = judge.verdict(*(self._find(end) for end in (wire.source, wire.target)))
            if not verdict.allowed:
                self.canvas.message.emit(verdict.text)
                return
        with self.canvas.document.transaction(f"Move the wires of {self._socket.end}"):
            self.canvas.document.apply(Disconnect(tuple(w.target for w in self._wires)))
            self.canvas.document.apply(Connect(tuple(moved)))

    def _find(self, end: End) -> Socket:
        return next(s for s in self.canvas.scene.sockets(end.node) if s.end == end)

    def cancel(self) -> None:
        self.canvas.hidden_wires = set()
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        painter.save()
        self.canvas.enter_scene(painter)
        for wire in self._wires:
            far = self._find(wire.target if self._socket.output else wire.source).point
            way = loose(self._at.scene, far) if self._socket.output else loose(far, self._at.scene)
            paint_wire(painter, way, QColor(theme.current().accent), self.canvas.camera.scale)
        painter.restore()


class CutWires(Gesture):
    """Ctrl and right drag: every wire that the line crosses is cut."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, start: Pointer) -> None:
        super().__init__(canvas, start)
        self._line = QLineF(start.scene, start.scene)

    def move(self, at: Pointer) -> None:
        self._line = QLineF(self.start.scene, at.scene)
        self.canvas.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        if cut := self.crossed():
            self.canvas.apply(Disconnect(tuple(cut)))

    def crossed(self) -> list[End]:
        """The wires under the line, by the ports they end in."""
        scene = self.canvas.scene
        box = QRectF(self._line.p1(), self._line.p2()).normalized()
        return [end for end in scene.routes.within(box) if self._crosses(list(scene.routes[end].samples()))]

    def _crosses(self, points: list[tuple[float, float]]) -> bool:
        kind = QLineF.IntersectionType.BoundedIntersection
        return any(self._line.intersects(QLineF(*a, *b))[0] == kind for a, b in pairwise(points))

    def cancel(self) -> None:
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        camera, look = self.canvas.camera, theme.current()
        line = QLineF(camera.to_view(self._line.p1()), camera.to_view(self._line.p2()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, thick in ((theme.qcolor(look.background, 0.85), 6.0), (QColor(look.bad), 3.0)):
            painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(line)


def paint_short(painter: QPainter, text: str, at: QPointF, away: float, tone: str, left: bool) -> None:
    """A word or two beside a port, outside its card."""
    look, font = theme.current(), theme.font(10.5)
    metrics = QFontMetricsF(font)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, 120)
    size = QSizeF(metrics.horizontalAdvance(text) + 10, metrics.height() + 4)
    x = at.x() - away - 4 - size.width() if left else at.x() + away + 4
    box = QRectF(QPointF(x, at.y() - size.height() / 2), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.qcolor(look.background, 0.88))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor(tone if tone != look.faint else look.dim))
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_words(painter: QPainter, text: str, at: QPointF, tone: QColor, within: QRectF) -> None:
    """A small plate with words beside the pointer, kept inside the canvas."""
    look = theme.current()
    font = theme.font(12)
    metrics = QFontMetricsF(font)
    size = metrics.boundingRect(QRectF(0, 0, 340, 400), Qt.TextFlag.TextWordWrap, text).size()
    box = QRectF(at.x() + 16, at.y() + 14, size.width() + 20, size.height() + 12)
    if box.right() > within.right() - 8:
        box.moveRight(at.x() - 12)
    if box.bottom() > within.bottom() - 8:
        box.moveBottom(at.y() - 12)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tone, 1))
    painter.setBrush(QColor(look.raised if look.name == "dark" else look.panel))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(tone)
    painter.setFont(font)
    painter.drawText(box.adjusted(10, 6, -8, -6), Qt.TextFlag.TextWordWrap, text)
