"""What menus, keys and gestures do to the document through the canvas. Each ends in one edit, or in a message."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from graphs.edits import Batch, Disconnect, Edit, EditError, Move, RemoveNodes
from graphs.faults import FileFault
from graphs.network import End, Node
from graphs.storage import fragment_dumps, fragment_loads
from widgets.editor import editing
from widgets.editor.face import face
from widgets.editor.gestures import Pointer
from widgets.editor.palette import Palette
from widgets.editor.saving import save_picture
from widgets.editor.scene import Socket
from widgets.editor.verdicts import Judge, Verdict, problem_text

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

STEP = 32.0


class Commands:
    """The verbs of `Canvas`; not to be used by itself."""

    # Adding

    def add_layer(self, kind: str, scene_pos: QPointF | None = None, into: End | None = None) -> str | None:
        """Adds a layer with its top left corner at `scene_pos` (in view by default), into a wire where given.

        Returns the new node's id; None where the kind is not in the catalogue or does not fit.
        """
        canvas = cast("Canvas", self)
        if kind not in canvas.catalogue.kinds:
            canvas.message.emit(f"There is no layer kind “{kind}”.")
            return None
        corner = (scene_pos.x(), scene_pos.y()) if scene_pos is not None else self._free_spot(kind)
        node = editing.new_node(canvas.document.network, canvas.catalogue, kind, corner)
        edit: Edit | None = None
        if into is not None:
            boxes = {**canvas.boxes(), node.id: self._box(node)}
            edit = editing.insert(canvas.document.network, canvas.catalogue, node, into, boxes)
        return self._add(node, edit or editing.AddNodes((node,)))

    def _add(self, node: Node, edit: Edit | None) -> str | None:
        canvas = cast("Canvas", self)
        if edit is None or not canvas.apply(edit):
            return None
        canvas.select([node.id])
        canvas.reveal(node.id)
        return node.id

    def _box(self, node: Node) -> editing.Box:
        """The box of a node that is not in the scene yet."""
        canvas = cast("Canvas", self)
        made = face(node, canvas.scene.network, canvas.catalogue, None)
        return (*node.position, made.width, made.height)

    def _free_spot(self, kind: str) -> tuple[float, float]:
        """Beside the one selected node, or in the middle of the view, where nothing stands yet."""
        canvas = cast("Canvas", self)
        node = editing.new_node(canvas.document.network, canvas.catalogue, kind, (0, 0))
        _, _, width, height = self._box(node)
        chosen = canvas.selected()
        if len(chosen) == 1:
            x, y = editing.beside(canvas.boxes()[chosen[0]], width, height)
        else:
            middle = canvas.camera.to_scene(QRectF(canvas.rect()).center())
            x, y = editing.snapped(middle.x() - width / 2, middle.y() - height / 2)
        while canvas.scene.boxes.within(QRectF(x - 8, y - 8, width + 16, height + 16)):
            y += STEP
        return x, y

    def chain_layer(self) -> None:
        """Asks for a layer and puts it after the selected one."""
        canvas = cast("Canvas", self)
        chosen = canvas.selected()
        if len(chosen) != 1:
            canvas.open_palette()
            return
        sockets = [s for s in canvas.scene.sockets(chosen[0]) if s.output]
        if not sockets:
            canvas.message.emit(f"{canvas.scene.items[chosen[0]].face.title} gives nothing that a layer could take.")
            return
        judge = Judge(canvas.scene, canvas.inference)
        box = canvas.camera.view_rect(canvas.scene.items[chosen[0]].rect)
        at = canvas.mapToGlobal(QPointF(box.right() + 12, box.top()).toPoint())
        self._palette(at, lambda kind: self.chain(kind, chosen[0]), lambda kind: judge.kind_fits(kind, sockets[0]))

    def chain(self, kind: str, after: str) -> str | None:
        """Puts a new layer of this kind after a node; it takes over what the node fed."""
        canvas = cast("Canvas", self)
        network = canvas.document.network
        if after not in network.nodes or kind not in canvas.catalogue.kinds:
            return None
        draft = editing.new_node(network, canvas.catalogue, kind, (0, 0))
        _, _, width, height = self._box(draft)
        node = editing.new_node(
            network, canvas.catalogue, kind, editing.beside(canvas.boxes()[after], width, height)
        )
        boxes = {**canvas.boxes(), node.id: self._box(node)}
        return self._add(node, editing.chain(network, canvas.catalogue, node, after, boxes))

    # The palette

    def open_palette(self, global_pos: QPoint | None = None) -> None:
        """The palette at a point of the screen; at the pointer, or in the middle, by default."""
        canvas = cast("Canvas", self)
        view = canvas.mapFromGlobal(global_pos) if global_pos is not None else self._default_point()
        scene = canvas.camera.to_scene(QPointF(view))
        self._palette(canvas.mapToGlobal(view), lambda kind: self.add_layer(kind, self._centred(kind, scene)))

    def _default_point(self) -> QPoint:
        canvas = cast("Canvas", self)
        if canvas.pointer is not None:
            return canvas.pointer.view.toPoint()
        return canvas.rect().center() - QPoint(160, 120)

    def _centred(self, kind: str, point: QPointF) -> QPointF:
        """The corner that puts a node's left port near a point."""
        canvas = cast("Canvas", self)
        node = editing.new_node(canvas.document.network, canvas.catalogue, kind, (0, 0))
        _, _, _, height = self._box(node)
        return QPointF(point.x(), point.y() - height / 2)

    def palette_for_wire(self, socket: Socket, at: Pointer, judge: Judge) -> None:
        """The palette with what fits a wire that was dropped on empty canvas; the choice is connected."""
        canvas = cast("Canvas", self)

        def choose(kind: str) -> None:
            self.add_connected(kind, socket, at.scene)

        self._palette(canvas.mapToGlobal(at.view.toPoint()), choose, lambda kind: judge.kind_fits(kind, socket))

    def add_connected(self, kind: str, socket: Socket, point: QPointF) -> str | None:
        """Adds a layer whose port is at `point`, wired to `socket`."""
        canvas = cast("Canvas", self)
        network = canvas.document.network
        if socket.end.node not in network.nodes:
            return None
        draft = editing.new_node(network, canvas.catalogue, kind, (0, 0))
        _, _, width, height = self._box(draft)
        corner = (point.x() - (0 if socket.output else width), point.y() - height / 2)
        node = editing.new_node(network, canvas.catalogue, kind, corner)
        return self._add(node, editing.attach(network, canvas.catalogue, node, socket.end, socket.output))

    def _palette(self, at: QPoint, choose, fits=None) -> None:  # type: ignore[no-untyped-def]
        canvas = cast("Canvas", self)
        canvas.popup = Palette(canvas.catalogue, canvas, fits)
        canvas.popup.chosen.connect(choose)
        canvas.popup.show_at(at)

    # Wires

    def wire_near(self, point: QPointF) -> End | None:
        """The wire within 16 pixels of a scene point."""
        canvas = cast("Canvas", self)
        return canvas.scene.wire_at(point, 16 / min(1.0, canvas.camera.scale))

    def wire_for(self, id: str) -> End | None:
        """The wire under the middle of a node that has a port on either side."""
        canvas = cast("Canvas", self)
        item = canvas.scene.items[id]
        if not item.face.inputs or not item.face.outputs:
            return None
        return self.wire_near(item.rect.center())

    def insert_on_wire(
        self, id: str, end: End, position: tuple[float, float] | None, boxes: dict[str, editing.Box]
    ) -> None:
        """Puts a loose node of the network into a wire."""
        canvas = cast("Canvas", self)
        network = canvas.document.network
        node = network.nodes[id]
        if position is not None:
            node = Node(node.id, node.kind, node.name, node.fields, position)
        if edit := editing.insert(network, canvas.catalogue, node, end, boxes):
            canvas.apply(edit)

    def offer_fixes(self, edit: Edit, verdict: Verdict, at: Pointer) -> QMenu:
        """A wire that does not fit yet: says why, and offers to connect with each fix or as it is."""
        canvas = cast("Canvas", self)
        menu = QMenu(canvas)
        for line in verdict.text.splitlines():
            menu.addAction(line).setEnabled(False)
        menu.addSeparator()
        for fix in verdict.problem.fixes if verdict.problem else ():
            action = menu.addAction(fix.label)
            action.triggered.connect(lambda _=False, fix=fix: canvas.apply(Batch((edit, fix.edit), fix.label)))
        menu.addAction("Connect anyway").triggered.connect(lambda: canvas.apply(edit))
        menu.popup(canvas.mapToGlobal(at.view.toPoint()))
        canvas.popup = menu
        return menu

    def open_fixes(self, id: str) -> QMenu:
        """The problems of a node with their fixes, below its badge."""
        canvas = cast("Canvas", self)
        menu = canvas.badges.menu(id, canvas, canvas.apply)
        box = canvas.badges.box(canvas.camera, id) or QRectF()
        menu.popup(canvas.mapToGlobal(box.bottomLeft().toPoint() + QPoint(0, 4)))
        canvas.popup = menu
        return menu

    # The selection

    def delete_selection(self) -> None:
        """Deletes the selected nodes and wires."""
        canvas = cast("Canvas", self)
        ids, wires = tuple(canvas.selected()), tuple(canvas.chosen_wires)
        edits: list[Edit] = [Disconnect(wires)] if wires else []
        if ids:
            edits.append(RemoveNodes(ids))
        if edits:
            canvas.apply(edits[0] if len(edits) == 1 else Batch(tuple(edits), edits[-1].label))

    def take_out_selection(self) -> None:
        """Loosens the selected nodes; what fed them feeds what they fed."""
        canvas = cast("Canvas", self)
        if edit := editing.take_out(canvas.document.network, canvas.catalogue, canvas.selected()):
            canvas.apply(edit)

    def select_all(self) -> None:
        """Selects every node."""
        canvas = cast("Canvas", self)
        canvas.select(canvas.scene.items)

    def escape(self) -> None:
        """Takes the gesture back, or else selects nothing."""
        canvas = cast("Canvas", self)
        if canvas.gesture is not None:
            canvas.end_gesture(cancel=True)
        else:
            canvas.select([])

    def nudge(self, dx: int, dy: int) -> None:
        """Moves the selection by one step of the grid; a run of steps is one step of undo."""
        canvas = cast("Canvas", self)
        nodes, ids = canvas.document.network.nodes, canvas.selected()
        step = editing.GRID
        moved = {i: (nodes[i].position[0] + dx * step, nodes[i].position[1] + dy * step) for i in ids}
        if moved:
            canvas.apply(Move(moved), merge=f"nudge {sorted(ids)}")

    def walk(self, dx: int, dy: int) -> None:
        """Selects the next node along a wire (left, right) or the nearest one above or below."""
        canvas = cast("Canvas", self)
        chosen = canvas.selected()
        if not canvas.scene.items:
            return
        start = chosen[-1] if chosen else None
        goal = self._neighbour(start, dx, dy) if start else next(iter(self._in_order()))
        if goal is not None:
            canvas.select([goal])
            canvas.reveal(goal)

    def _in_order(self) -> Iterable[str]:
        canvas = cast("Canvas", self)
        return canvas.scene.network.order or tuple(canvas.scene.items)

    def _neighbour(self, start: str, dx: int, dy: int) -> str | None:
        canvas = cast("Canvas", self)
        network, items = canvas.scene.network, canvas.scene.items
        if dx:
            wires = network.outgoing(start) if dx > 0 else network.incoming(start)
            ends = [w.target.node if dx > 0 else w.source.node for w in wires]
            level = items[start].rect.center().y()
            return min(ends, key=lambda i: abs(items[i].rect.center().y() - level), default=None)
        here = items[start].rect.center()

        def away(id: str) -> float:
            step = items[id].rect.center() - here
            return abs(step.y()) + 2 * abs(step.x())

        beyond = [i for i in items if (items[i].rect.center().y() - here.y()) * dy > 4]
        return min(beyond, key=away, default=None)

    # The clipboard

    def copy(self) -> None:
        """Puts the selected nodes on the clipboard, as JSON text."""
        canvas = cast("Canvas", self)
        if ids := canvas.selected():
            QGuiApplication.clipboard().setText(fragment_dumps(canvas.document.network, ids))
            self._copied = (tuple(canvas.document.network.incoming(i) for i in ids), ids)

    def cut(self) -> None:
        """Copies the selection, then deletes it."""
        canvas = cast("Canvas", self)
        if canvas.selected():
            self.copy()
            self.delete_selection()

    def paste(self, keep_inputs: bool = False) -> None:
        """Adds what the clipboard holds, at the pointer or beside where it was copied; selects it.

        With `keep_inputs` the copies are fed by what fed the originals, where that is still there.
        """
        canvas = cast("Canvas", self)
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            canvas.message.emit("The clipboard is empty.")
            return
        try:
            nodes, wires = fragment_loads(text)
        except FileFault as fault:
            canvas.message.emit(str(fault))
            return
        self._place_copies(nodes, wires, self._offset(nodes), keep_inputs)

    def duplicate(self) -> None:
        """Copies the selection beside itself; the clipboard stays as it is."""
        canvas = cast("Canvas", self)
        ids, network = canvas.selected(), canvas.document.network
        if ids:
            nodes = [network.nodes[i] for i in ids]
            wires = [w for i in ids for w in network.incoming(i) if w.source.node in ids]
            self._place_copies(nodes, wires, (STEP, STEP), False)

    def _place_copies(self, nodes, wires, offset, keep_inputs: bool) -> None:  # type: ignore[no-untyped-def]
        canvas = cast("Canvas", self)
        network, inside = canvas.document.network, {node.id for node in nodes}
        kept = []
        if keep_inputs:
            kept = [w for n in nodes for w in network.incoming(n.id) if w.source.node not in inside]
        edit = editing.pasted(network, nodes, wires, offset, kept)
        if edit.nodes and canvas.apply(edit):
            canvas.select([node.id for node in edit.nodes])

    def _offset(self, nodes: Iterable[Node]) -> tuple[float, float]:
        """How far pasted nodes move: to the pointer, or a step further than what lies there already."""
        canvas = cast("Canvas", self)
        positions = [node.position for node in nodes]
        if not positions:
            return 0.0, 0.0
        left, top = min(x for x, _ in positions), min(y for _, y in positions)
        if canvas.pointer is not None and canvas.underMouse():
            return canvas.pointer.scene.x() - left, canvas.pointer.scene.y() - top
        step, taken = 0.0, {node.position for node in canvas.document.network.nodes.values()}
        while any(editing.snapped(x + step, y + step) in taken for x, y in positions):
            step += STEP
        return step, step

    # Undo, layout, files

    def undo(self) -> None:
        """Takes the last step back."""
        self._travel("undo")

    def redo(self) -> None:
        """Does the last undone step again."""
        self._travel("redo")

    def _travel(self, way: str) -> None:
        canvas = cast("Canvas", self)
        canvas.end_gesture(cancel=True)
        canvas.ease.stop()
        try:
            getattr(canvas.document, way)()
        except EditError as error:
            canvas.message.emit(str(error))

    def arrange(self) -> None:
        """Tidies up the selection, or everything where fewer than two nodes are selected."""
        from graphs.layout import arrange

        canvas = cast("Canvas", self)
        network, chosen = canvas.document.network, canvas.selected()
        sizes = {i: (item.rect.width(), item.rect.height()) for i, item in canvas.scene.items.items()}
        ids = chosen if len(chosen) > 1 else None
        found = arrange(network, sizes, ids, wrap_width=self._wrap_width(len(chosen) or len(sizes)))
        goal = {i: editing.snapped(*p) for i, p in found.items()}
        before = {i: network.nodes[i].position for i in goal}
        moved = {i: p for i, p in goal.items() if p != before[i]}
        if not moved:
            return
        if canvas.apply(Batch((Move(moved),), "Tidy up")):
            if ids is None:
                canvas.fit()
            canvas.ease.nodes({i: before[i] for i in moved})

    def _wrap_width(self, count: int) -> float:
        """A row as long as the view is wide at 100 %, longer for large networks so that they stay in proportion."""
        canvas = cast("Canvas", self)
        return max(960.0, canvas.width() - 96.0, 240.0 * count**0.5)

    def render_picture(self, path: str | Path, scale: float = 2.0) -> None:
        """Writes the whole network to a .png, .svg or .pdf file. Raises ValueError for other endings, OSError."""
        save_picture(cast("Canvas", self), Path(path), scale)

    def context_menu(self, menu: QMenu) -> QMenu:
        """What can be done with what is selected."""
        canvas = cast("Canvas", self)
        if canvas.selection:
            for id in canvas.selected()[:1]:
                for problem in canvas.badges.problems.get(id, ()):
                    menu.addAction(problem_text(problem).splitlines()[0]).setEnabled(False)
                    for fix in problem.fixes:
                        menu.addAction(fix.label).triggered.connect(lambda _=False, e=fix.edit: canvas.apply(e))
                    menu.addSeparator()
            _entries(menu, NODE_MENU, canvas)
        elif canvas.chosen_wires:
            _entries(menu, (("Delete the wire", "Del", "delete_selection"),), canvas)
        else:
            _entries(menu, CANVAS_MENU, canvas)
        return menu


NODE_MENU = (
    ("Add a layer after it…", "Return", "chain_layer"),
    ("Cut", "Ctrl+X", "cut"),
    ("Copy", "Ctrl+C", "copy"),
    ("Duplicate", "Ctrl+D", "duplicate"),
    ("Take out, keep the flow", "Ctrl+Shift+X", "take_out_selection"),
    ("Delete", "Del", "delete_selection"),
    ("Show", "F", "fit_selection"),
)
CANVAS_MENU = (
    ("Add a layer…", "Tab", "open_palette"),
    ("Paste", "Ctrl+V", "paste"),
    ("Select all", "Ctrl+A", "select_all"),
    ("Tidy up", "L", "arrange"),
    ("Show all", "Home", "fit"),
)


def _entries(menu: QMenu, entries: Iterable[tuple[str, str, str]], canvas: Canvas) -> None:
    for text, key, name in entries:
        action = menu.addAction(text)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _=False, name=name: getattr(canvas, name)())
