"""Adding layers: by drop, from the palette, after a node, at the end of a wire, into a wire. The verbs of `Canvas`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtWidgets import QMenu

from graphs.edits import Batch, Edit
from graphs.network import BLOCK, End, Network, Node, Wire
from widgets.editor.blockfit import holds
from widgets.editor.gestures import Pointer
from widgets.editor.mirror.item import Socket
from widgets.editor.painting.face import face
from widgets.editor.painting.guess import guesses
from widgets.editor.painting.lettering import Face
from widgets.editor.painting.lettering import width as width_of
from widgets.editor.palette import Palette
from widgets.editor.verbs import editing
from widgets.editor.verdicts import Judge, Verdict

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

STEP = 32.0
SPARE = 16.0
"""Between what is written on a wire and the nodes at its ends, both sides together."""


class Adding:
    """What brings layers and wires in; a part of `Canvas`."""

    def add_layer(self: Canvas, kind: str, scene_pos: QPointF | None = None, into: End | None = None) -> str | None:
        """Adds a layer with its top left corner at `scene_pos` (in view by default), into a wire where given.

        Returns the new node's id; None where the kind is not in the catalogue or does not fit.
        """
        if not self.is_kind(kind):
            self.message.emit(f"There is no layer kind “{kind}”.")
            return None
        if kind not in self.catalogue.kinds:
            return self.bring(kind, lambda kind: self.add_layer(kind, scene_pos, into))
        corner = (scene_pos.x(), scene_pos.y()) if scene_pos is not None else self._free_spot(kind)
        node = editing.new_node(self.document.network, self.catalogue, kind, corner)
        edit: Edit | None = None
        if into is not None:
            boxes = {**self.boxes(), node.id: self._grown_box(node, self._feed(into))}
            edit = editing.insert(self.document.network, self.catalogue, node, into, boxes)
        return self._add(node, edit or editing.AddNodes((node,)))

    def _add(self: Canvas, node: Node, edit: Edit | None) -> str | None:
        edit = self.ended(edit, node)
        if edit is None or not self.apply(self.housed(edit, node.id)):
            return None
        self.select([node.id])
        self.reveal(node.id)
        return node.id

    def _box(self: Canvas, node: Node) -> editing.Box:
        """The box of a node that is not in the scene yet."""
        made = face(node, self.scene.network, self.catalogue, None)
        return (*node.position, made.width, made.height)

    def _grown_box(self: Canvas, node: Node, feed: End | None) -> editing.Box:
        """The box of a new node as large as it will be once it is fed by this output port."""
        network, entry = self.document.network, editing.first_input(self.catalogue, node)
        if feed is None or entry is None:
            return self._box(node)
        grown = Network.of([*network.nodes.values(), node], [*network.wires.values(), Wire(feed, entry)])
        made = face(node, grown, self.catalogue, guesses(grown, self.catalogue, self.scene.known).get(node.id))
        return (*node.position, made.width, made.height)

    def _feed(self: Canvas, into: End) -> End | None:
        """The output port that feeds an input port."""
        wire = self.document.network.wires.get(into)
        return wire.source if wire else None

    def _free_spot(self: Canvas, kind: str) -> tuple[float, float]:
        """Beside what is selected, or in the middle of the view, where nothing stands yet."""
        node = editing.new_node(self.document.network, self.catalogue, kind, (0, 0))
        _, _, width, height = self._box(node)
        if chosen := self.selected():
            x, y = editing.beside(self.scene.bounds(chosen).getRect(), height)
        else:
            middle = self.camera.to_scene(QRectF(self.rect()).center())
            x, y = editing.snapped(middle.x() - width / 2, middle.y() - height / 2)
        while self.scene.boxes.within(QRectF(x - 8, y - 8, width + 16, height + 16)):
            y += STEP
        return x, y

    def chain_layer(self: Canvas) -> None:
        """Asks for a layer and puts it after the selected one."""
        chosen = self.selected()
        if len(chosen) != 1:
            self.open_palette()
            return
        sockets = [s for s in self.scene.sockets(chosen[0]) if s.output]
        if not sockets:
            self.message.emit(f"{self.scene.items[chosen[0]].face.title} gives nothing that a layer could take.")
            return
        judge = Judge(self.scene, self.inference)
        box = self.camera.view_rect(self.scene.items[chosen[0]].rect)
        at = self.mapToGlobal(QPointF(box.right() + 12, box.top()).toPoint())
        self._palette(at, lambda kind: self.chain(kind, chosen[0]), lambda kind: judge.kind_fits(kind, sockets[0]))

    def chain(self: Canvas, kind: str, after: str) -> str | None:
        """Puts a new layer of this kind after a node; it takes over what the node fed."""
        network = self.document.network
        if after not in network.nodes or not self.is_kind(kind):
            return None
        if kind not in self.catalogue.kinds:
            return self.bring(kind, lambda kind: self.chain(kind, after))
        node = editing.new_node(network, self.catalogue, kind, (0, 0))
        leave = editing.first_output(self.catalogue, network.nodes[after])
        size = self._grown_box(node, leave)[2:]
        node = replace(node, position=self._after(after, leave, size[1]))
        boxes = {**self.boxes(), node.id: (*node.position, *size)}
        return self._add(node, editing.chain(network, self.catalogue, node, after, boxes))

    def _after(self: Canvas, node: str, leave: End | None, height: float) -> tuple[float, float]:
        """Where a card of this height stands behind a node, level with the port that feeds it, with room for the shape
        between them."""
        item = self.scene.items[node]
        line = item.point(leave.port, True).y() if leave else None
        shape = self.scene.analysis.output_shape(leave) if self.scene.analysis and leave else None
        words = width_of(str(shape), Face.SMALL) + SPARE if shape else 0.0
        return editing.beside(item.rect.getRect(), height, line, max(editing.ROOM, words))

    # The palette

    def open_palette(self: Canvas, global_pos: QPoint | None = None) -> None:
        """The palette at a point of the screen, where the choice will stand. By default it opens at the pointer, or in
        the middle, and the choice stands in free room beside what is selected."""
        beside = global_pos is None and bool(self.selected())
        view = self.mapFromGlobal(global_pos) if global_pos is not None else self._default_point()
        scene = self.camera.to_scene(QPointF(view))

        def choose(kind: str) -> None:
            self.bring(kind, lambda kind: self.add_layer(kind, None if beside else self._centred(kind, scene)))

        self._palette(self.mapToGlobal(view), choose)

    def _default_point(self: Canvas) -> QPoint:
        if self.pointer is not None:
            return self.pointer.view.toPoint()
        return self.rect().center() - QPoint(160, 120)

    def _centred(self: Canvas, kind: str, point: QPointF) -> QPointF:
        """The corner that puts a node's left port near a point."""
        node = editing.new_node(self.document.network, self.catalogue, kind, (0, 0))
        _, _, _, height = self._box(node)
        return QPointF(point.x(), point.y() - height / 2)

    def palette_for_wire(self: Canvas, socket: Socket, at: Pointer, judge: Judge) -> None:
        """The palette with what fits a wire that was dropped on empty canvas; the choice is connected."""

        def choose(kind: str) -> None:
            self.add_connected(kind, socket, at.scene)

        self._palette(self.mapToGlobal(at.view.toPoint()), choose, lambda kind: judge.kind_fits(kind, socket))

    def add_connected(self: Canvas, kind: str, socket: Socket, point: QPointF) -> str | None:
        """Adds a layer whose port is at `point`, wired to `socket`."""
        network = self.document.network
        if socket.end.node not in network.nodes:
            return None
        if kind not in self.catalogue.kinds:
            known = self.is_kind(kind)
            return self.bring(kind, lambda kind: self.add_connected(kind, socket, point)) if known else None
        draft = editing.new_node(network, self.catalogue, kind, (0, 0))
        _, _, width, height = self._box(draft)
        corner = (point.x() - (0 if socket.output else width), point.y() - height / 2)
        node = editing.new_node(network, self.catalogue, kind, corner)
        return self._add(node, editing.attach(network, self.catalogue, node, socket.end, socket.output))

    def _palette(self: Canvas, at: QPoint, choose, fits=None) -> None:  # type: ignore[no-untyped-def]
        if self.shelf is not None:
            self.shelf.renew()
        kinds = self.shelf.kinds if self.shelf is not None else {}
        self.popup = Palette(self.catalogue, self, fits, kinds, bool(self.path), self.shut_out())
        self.popup.chosen.connect(choose)
        self.popup.show_at(at)

    def shut_out(self: Canvas) -> frozenset[str]:
        """The kinds that cannot stand here: a block in itself, or in one that it holds."""
        here = self.document.network.within
        return (
            frozenset(BLOCK + id for id in holds(self.root.network.blocks, frozenset({here}))) if here else frozenset()
        )

    # Wires

    def wire_near(self: Canvas, point: QPointF) -> End | None:
        """The wire within 16 pixels of a scene point."""
        return self.scene.wire_at(point, 16 / min(1.0, self.camera.scale))

    def wire_for(self: Canvas, id: str) -> End | None:
        """The wire under the middle of a node that has a port on either side."""
        item = self.scene.items[id]
        if not item.face.inputs or not item.face.outputs:
            return None
        return self.wire_near(item.rect.center())

    def insert_on_wire(
        self: Canvas, id: str, end: End, position: tuple[float, float] | None, boxes: dict[str, editing.Box]
    ) -> None:
        """Puts a loose node of the network into a wire."""
        network = self.document.network
        node = network.nodes[id]
        if position is not None:
            node = Node(node.id, node.kind, node.name, node.fields, position)
        if edit := editing.insert(network, self.catalogue, node, end, boxes):
            self.apply(edit)

    def offer_fixes(self: Canvas, edit: Edit, verdict: Verdict, at: Pointer) -> QMenu:
        """A wire that does not fit yet: says why, and offers to connect with each fix or as it is."""
        menu = QMenu(self)
        for line in verdict.text.splitlines():
            menu.addAction(line).setEnabled(False)
        menu.addSeparator()
        for fix in verdict.problem.fixes if verdict.problem else ():
            action = menu.addAction(fix.label)
            action.triggered.connect(lambda _=False, fix=fix: self.apply(Batch((edit, fix.edit), fix.label)))
        if verdict.allowed:
            menu.addAction("Connect anyway").triggered.connect(lambda: self.apply(edit))
        menu.popup(self.mapToGlobal(at.view.toPoint()))
        self.popup = menu
        return menu

    def open_fixes(self: Canvas, id: str) -> QMenu:
        """The problems of a node with their fixes, below its badge."""
        menu = self.badges.menu(id, self, self.apply)
        box = self.badges.box(self.camera, id) or QRectF()
        menu.popup(self.mapToGlobal(box.bottomLeft().toPoint() + QPoint(0, 4)))
        self.popup = menu
        return menu
