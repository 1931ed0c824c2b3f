"""Moving nodes: 8 px snap, one step of undo, and dropping a loose node onto a wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from graphs.edits import Move
from graphs.network import End
from widgets import theme
from widgets.editor import editing
from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.wires import paint_wire

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

SLACK = 3.0
"""Pixels the pointer may stray before a click becomes a drag."""


class MoveNodes(Gesture):
    """Drags the selected nodes. A click that does not move selects the node alone."""

    def __init__(self, canvas: Canvas, start: Pointer, node: str) -> None:
        super().__init__(canvas, start)
        self._node = node
        self._ids: list[str] = []
        self._wire: End | None = None
        self._moving = False
        self._was_selected = node in canvas.selected()
        self._press()

    def _press(self) -> None:
        if self.start.shift or self.start.control:
            chosen = self.canvas.selected()
            rest = [i for i in chosen if i != self._node]
            self.canvas.select(rest if self._was_selected else [*chosen, self._node])
        elif not self._was_selected:
            self.canvas.select([self._node])

    def move(self, at: Pointer) -> None:
        if not self._moving and (at.view - self.start.view).manhattanLength() < SLACK:
            return
        if not self._moving:
            self._moving = True
            self._ids = self.canvas.selected() or [self._node]
            self.canvas.setCursor(Qt.CursorShape.SizeAllCursor)
        self.canvas.scene.preview(self._positions(at))
        self._wire = self._wire_below(at)
        self.canvas.update()

    def _positions(self, at: Pointer) -> dict[str, tuple[float, float]]:
        """All nodes move by the same step, which puts the node under the pointer on the grid."""
        nodes = self.canvas.scene.network.nodes
        lead = nodes.get(self._node)
        if lead is None:
            return {}
        step = at.scene - self.start.scene
        x, y = lead.position
        dx, dy = step.x(), step.y()
        if not at.alt:
            dx, dy = editing.snap(x + dx) - x, editing.snap(y + dy) - y
        return {i: (nodes[i].position[0] + dx, nodes[i].position[1] + dy) for i in self._ids if i in nodes}

    def _wire_below(self, at: Pointer) -> End | None:
        """The wire that a single loose node would be put into."""
        network = self.canvas.scene.network
        if len(self._ids) != 1 or network.incoming(self._node) or network.outgoing(self._node):
            return None
        return self.canvas.wire_for(self._node)

    def release(self, at: Pointer) -> None:
        if not self._moving:
            if self._was_selected and not (self.start.shift or self.start.control):
                self.canvas.select([self._node])
            return
        positions, wire = self._positions(at), self._wire_below(at)
        boxes = self.canvas.boxes()
        self.canvas.scene.settle()
        network = self.canvas.scene.network
        positions = {i: p for i, p in positions.items() if network.nodes[i].position != p}
        if wire is not None:
            self.canvas.insert_on_wire(self._node, wire, positions.get(self._node), boxes)
        elif positions:
            self.canvas.apply(Move(positions))
        self.canvas.update()

    def cancel(self) -> None:
        self.canvas.scene.settle()
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        if self._wire is None or self._wire not in self.canvas.scene.routes:
            return
        painter.save()
        self.canvas.enter_scene(painter)
        way = self.canvas.scene.routes[self._wire]
        paint_wire(painter, way, QColor(theme.current().accent), self.canvas.camera.scale, 3.0)
        painter.restore()
