"""Moving nodes, notes and frames: guides and 8 px snap, one step of undo, into frames and out of them, into a wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from graphs.edits import Batch, Edit, Move, SetMarks
from graphs.network import End, Frame, Mark, Note
from widgets import theme
from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.gestures.homes import Homes
from widgets.editor.gestures.shake import Shake
from widgets.editor.guides import Guides
from widgets.editor.mirror.routes import route
from widgets.editor.painting.cards import Detail, detail
from widgets.editor.painting.wires import paint_wire
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

SLACK = 3.0
"""Pixels the pointer may stray before a click becomes a drag."""
Places = dict[str, tuple[float, float]]


class MoveNodes(Gesture):
    """Drags what is selected, by a node, a note or a frame. A click that does not move selects that alone."""

    def __init__(self, canvas: Canvas, start: Pointer, lead: str) -> None:
        super().__init__(canvas, start)
        self._lead = lead
        self._is_mark = lead in canvas.marks.known
        self._nodes: list[str] = []
        self._notes: list[str] = []
        self._wire: End | None = None
        self._moving = False
        self._shaken = False
        self._was_selected = lead in canvas.chosen_marks if self._is_mark else lead in canvas.selected()
        self._press()

    def _press(self) -> None:
        if self.start.shift or self.start.control:
            self._toggle()
        elif not self._was_selected:
            self._alone()

    def _alone(self) -> None:
        self.canvas.select_marks([self._lead]) if self._is_mark else self.canvas.select([self._lead])

    def _toggle(self) -> None:
        nodes, marks = self.canvas.selected(), set(self.canvas.chosen_marks)
        if self._is_mark:
            marks ^= {self._lead}
        else:
            nodes = [i for i in nodes if i != self._lead] if self._was_selected else [*nodes, self._lead]
        self.canvas.select_marks(marks, nodes)

    def _begin(self) -> None:
        """Takes in hand what moves, and looks where it lies."""
        canvas = self.canvas
        self._moving = True
        self._nodes, self._notes = canvas.moving()
        if not self._nodes and not self._notes:
            self._nodes, self._notes = ([], []) if self._is_mark else ([self._lead], [])
        self._homes = Homes(canvas.scene, canvas.marks, canvas.chosen_marks, self._nodes, self._notes)
        self._guides = Guides(canvas.scene, self._nodes)
        self._shake = None if self._is_mark else Shake(self.start.view.x())
        self._box = canvas.scene.bounds(i for i in self._nodes if i in canvas.scene.items)
        for id in self._notes:
            self._box = self._box.united(canvas.marks.note(id))
        self._corner = canvas.marks.rect(self._lead).topLeft() if self._is_mark else self._node_corner()
        canvas.setCursor(Qt.CursorShape.SizeAllCursor)

    def _node_corner(self) -> QPointF:
        node = self.canvas.scene.network.nodes.get(self._lead)
        return QPointF(*node.position) if node else QPointF()

    def move(self, at: Pointer) -> None:
        if not self._moving and (at.view - self.start.view).manhattanLength() < SLACK:
            return
        if not self._moving:
            self._begin()
        if self._shake and not self._shaken and self._shake.feed(at.view.x()):
            self._shake_out()
        step = self._step(at)
        canvas = self.canvas
        canvas.scene.preview(self._places(step))
        self._homes.look({} if at.control else self._note_places(step), at.control)
        if self._notes or canvas.marks.known:
            canvas.marks.preview(self._note_places(step), self._homes.leaving)
        self._wire = self._wire_below()
        canvas.update()

    def _shake_out(self) -> None:
        """What is shaken lets go of its wires; the flow goes on without it once the hand lets go."""
        edit = editing.take_out(self.canvas.document.network, self.canvas.catalogue, self._nodes)
        network = self.canvas.scene.network
        wires = {w.target for i in self._nodes for w in (*network.incoming(i), *network.outgoing(i))}
        if edit is None or not wires:
            return
        self._shaken = True
        self.canvas.hidden_wires = wires
        self.canvas.told.emit("Shaken out: the flow goes on without it. Esc takes it back.")

    def _step(self, at: Pointer) -> QPointF:
        """The same step for all: in line with neighbours, or on the grid; with Alt as the pointer goes."""
        free = at.scene - self.start.scene
        self._guides.clear()
        if at.alt:
            return free
        x, y = self._corner.x(), self._corner.y()
        step = QPointF(editing.snap(x + free.x()) - x, editing.snap(y + free.y()) - y)
        canvas = self.canvas
        if detail(canvas.camera.scale, len(canvas.scene.items)) != Detail.BLOCKS:
            view = canvas.camera.scene_rect(QRectF(canvas.rect()))
            pull = self._guides.pull(self._box.translated(free), view, canvas.camera.scale)
            step = QPointF(*(f + p if p is not None else s
                             for f, p, s in zip(free.toTuple(), pull, step.toTuple(), strict=True)))  # fmt: skip
        return step

    def _places(self, step: QPointF) -> Places:
        nodes = self.canvas.scene.network.nodes
        return {
            i: (nodes[i].position[0] + step.x(), nodes[i].position[1] + step.y()) for i in self._nodes if i in nodes
        }

    def _note_places(self, step: QPointF) -> Places:
        notes = self.canvas.marks.known
        found = {i: notes.get(i) for i in self._notes}
        return {
            i: (n.position[0] + step.x(), n.position[1] + step.y()) for i, n in found.items() if isinstance(n, Note)
        }

    def _wire_below(self) -> End | None:
        """The wire that a single loose node would be put into."""
        network = self.canvas.scene.network
        if len(self._nodes) != 1 or self._notes or network.incoming(self._nodes[0]) or network.outgoing(self._nodes[0]):
            return None
        return self.canvas.wire_for(self._nodes[0])

    def release(self, at: Pointer) -> None:
        if not self._moving:
            if self._was_selected and not (self.start.shift or self.start.control):
                self._alone()
            return
        step = self._step(at)
        canvas, network = self.canvas, self.canvas.scene.network
        canvas.scene.preview(self._places(step))
        self._homes.look({} if at.control else self._note_places(step), at.control)
        wire, boxes = self._wire_below(), canvas.boxes()
        places = {i: p for i, p in self._places(step).items() if network.nodes[i].position != p}
        notes, homes = self._note_places(step), dict(self._homes.changed)
        self.cancel()
        if wire is not None:
            self._insert(wire, places, boxes, homes)
        else:
            self._apply(places, notes, homes)
        canvas.update()

    def _insert(self, wire: End, places: Places, boxes: dict[str, editing.Box], homes: dict[str, str | None]) -> None:
        canvas, (id,) = self.canvas, self._nodes
        with canvas.document.transaction(f"Insert {canvas.scene.network.nodes[id].title}"):
            canvas.insert_on_wire(id, wire, places.get(id), boxes)
            if marks := moved_homes(canvas, homes):
                canvas.document.apply(SetMarks(marks))

    def _apply(self, places: Places, notes: Places, homes: dict[str, str | None]) -> None:
        canvas = self.canvas
        known = canvas.marks.known
        edits: list[Edit] = [Move(places)] if places else []
        marks: dict[str, Mark | None] = {}
        for id, place in notes.items():
            note = known[id]
            if isinstance(note, Note) and note.position != place:
                marks[id] = replace(note, position=place)
        marks |= moved_homes(canvas, homes)
        if marks:
            edits.append(SetMarks(marks, self._words(places)))
        out = editing.take_out(canvas.document.network, canvas.catalogue, self._nodes) if self._shaken else None
        if out is not None:
            edits.insert(0, out)
        if edits:
            words = out.label if out is not None else self._words(places)
            one = len(edits) == 1 and not self._is_mark
            if canvas.apply(edits[0] if one else Batch(tuple(edits), words)) and homes:
                canvas.told.emit(self._homes.words())

    def _words(self, places: Places) -> str:
        mark = self.canvas.marks.known.get(self._lead)
        if mark is not None and len(self.canvas.chosen_marks) == 1 and not self.canvas.selection:
            return f"Move the frame {mark.title}".strip() if isinstance(mark, Frame) else "Move the note"
        return Move(places).label if places else "Move notes"

    def cancel(self) -> None:
        canvas = self.canvas
        canvas.scene.settle()
        if self._moving:
            canvas.marks.settle()
        if self._shaken:
            canvas.hidden_wires = set()
        canvas.update()

    def paint(self, painter: QPainter) -> None:
        if not self._moving:
            return
        canvas, accent = self.canvas, QColor(theme.current().accent)
        self._guides.paint(painter, canvas.camera)
        painter.save()
        canvas.enter_scene(painter)
        self._homes.paint(painter, canvas.camera.scale)
        if self._wire is not None and self._wire in canvas.scene.routes:
            paint_wire(painter, canvas.scene.routes[self._wire], accent, canvas.camera.scale, 3.0)
        if self._shaken:
            self._paint_bridges(painter)
        painter.restore()

    def _paint_bridges(self, painter: QPainter) -> None:
        """The wires that will be there once what was shaken out is let go."""
        canvas = self.canvas
        network = canvas.scene.network
        for source, target in editing.bridges(network, self._nodes):
            first, last = canvas.scene.items[source.node], canvas.scene.items[target.node]
            start, end = first.point(source.port, True), last.point(target.port, False)
            way = route(start, end, first.rect, last.rect, lambda _rect: ())
            paint_wire(painter, way, QColor(theme.current().accent), canvas.camera.scale, 2.0)


def moved_homes(canvas: Canvas, homes: dict[str, str | None]) -> dict[str, Mark | None]:
    """The frames after nodes and notes went into others or out of them."""
    from widgets.editor.verbs.marking import moved_between

    return moved_between(canvas.document.network, homes) if homes else {}
