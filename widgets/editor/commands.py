"""What menus and keys do with the selection and the whole network. The verbs of `Canvas`; each ends in one edit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from graphs.edits import Batch, Disconnect, Edit, EditError, Move, RemoveNodes
from widgets.editor import editing
from widgets.editor.saving import save_picture
from widgets.editor.verdicts import problem_text

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Commands:
    """What changes or walks what is there; a part of `Canvas`."""

    # The selection

    def delete_selection(self: Canvas) -> None:
        """Deletes the selected nodes and wires."""
        ids, wires = tuple(self.selected()), tuple(self.chosen_wires)
        edits: list[Edit] = [Disconnect(wires)] if wires else []
        if ids:
            edits.append(RemoveNodes(ids))
        if edits:
            self.apply(edits[0] if len(edits) == 1 else Batch(tuple(edits), edits[-1].label))

    def take_out_selection(self: Canvas) -> None:
        """Loosens the selected nodes; what fed them feeds what they fed."""
        if edit := editing.take_out(self.document.network, self.catalogue, self.selected()):
            self.apply(edit)

    def select_all(self: Canvas) -> None:
        """Selects every node."""
        self.select(self.scene.items)

    def escape(self: Canvas) -> None:
        """Takes the gesture back, or else ends what lies over it, selects nothing, or leaves the block one is in."""
        if self.gesture is not None:
            self.end_gesture(cancel=True)
        elif self.overlay is not None:
            self.overlay.end()
        elif self.selection or self.chosen_wires:
            self.select([])
        else:
            self.leave()

    def nudge(self: Canvas, dx: int, dy: int) -> None:
        """Moves the selection by one step of the grid; a run of steps is one step of undo."""
        nodes, ids = self.document.network.nodes, self.selected()
        step = editing.GRID
        moved = {i: (nodes[i].position[0] + dx * step, nodes[i].position[1] + dy * step) for i in ids}
        if moved:
            self.apply(Move(moved), merge=f"nudge {sorted(ids)}")

    def walk(self: Canvas, dx: int, dy: int) -> None:
        """Selects the next node along a wire (left, right) or the nearest one above or below."""
        chosen = self.selected()
        if not self.scene.items:
            return
        start = chosen[-1] if chosen else None
        goal = self._neighbour(start, dx, dy) if start else next(iter(self._in_order()))
        if goal is not None:
            self.select([goal])
            self.reveal(goal)

    def _in_order(self: Canvas) -> Iterable[str]:
        return self.scene.network.order or tuple(self.scene.items)

    def _neighbour(self: Canvas, start: str, dx: int, dy: int) -> str | None:
        network, items = self.scene.network, self.scene.items
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

    # Undo, layout, files

    def undo(self: Canvas) -> None:
        """Takes the last step back."""
        self._travel("undo")

    def redo(self: Canvas) -> None:
        """Does the last undone step again."""
        self._travel("redo")

    def _travel(self: Canvas, way: str) -> None:
        self.end_gesture(cancel=True)
        self.ease.stop()
        try:
            getattr(self.document, way)()
        except EditError as error:
            self.message.emit(str(error))

    def arrange(self: Canvas) -> None:
        """Tidies up the selection, or everything where fewer than two nodes are selected."""
        chosen = self.selected()
        self.tidy.start(chosen if len(chosen) > 1 else None)

    def render_picture(self: Canvas, path: str | Path, scale: float = 2.0) -> None:
        """Writes the whole network to a .png, .svg or .pdf file. Raises ValueError for other endings, OSError."""
        save_picture(self, Path(path), scale)

    def context_menu(self: Canvas, menu: QMenu) -> QMenu:
        """What can be done with what is selected."""
        if self.selection:
            for id in self.selected()[:1]:
                for problem in self.badges.problems.get(id, ()):
                    menu.addAction(problem_text(problem).splitlines()[0]).setEnabled(False)
                    for fix in problem.fixes:
                        menu.addAction(fix.label).triggered.connect(lambda _=False, e=fix.edit: self.apply(e))
                    menu.addSeparator()
            _entries(menu, NODE_MENU, self)
        elif self.chosen_wires:
            _entries(menu, (("Delete the wire", "Del", "delete_selection"),), self)
        else:
            _entries(menu, CANVAS_MENU, self)
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
