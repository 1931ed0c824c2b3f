"""The menus of the canvas: of layers, frames and notes, wires, and of the empty ground. A part of `Canvas`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from graphs.network import End
from widgets.editor.verdicts import Judge, problem_text
from widgets.shortcuts import shortcuts

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

CHAIN = "Add a layer after it…"
NODE_MENU = (
    ("Rename", "F2", "rename"),
    ("Cut", "Ctrl+X", "cut"),
    ("Copy", "Ctrl+C", "copy"),
    ("Duplicate", "Ctrl+D", "duplicate"),
    ("Take out, keep the flow", "Ctrl+Shift+X", "take_out_selection"),
    ("Delete", "Del", "delete_selection"),
    ("Show", "F", "fit_selection"),
    ("Put in a frame", "Ctrl+G", "frame_selection"),
    ("Bypass", "Ctrl+B", "bypass"),
    ("Mute", "M", "mute"),
)
CANVAS_MENU = (
    ("Add a layer…", "Tab", "open_palette"),
    ("Paste", "Ctrl+V", "paste"),
    ("Select all", "Ctrl+A", "select_all"),
    ("Add a note", "Shift+P", "add_note"),
    ("Tidy up", "L", "arrange"),
    ("Tidy up only what is new", "Shift+L", "arrange_new"),
    ("Show all", "Home", "fit"),
)


class Menus:
    """What a right click, or the menu key, offers; each entry is a verb of `Canvas`."""

    def ask_menu(self: Canvas, event: QContextMenuEvent) -> None:
        """Opens the menu of what is under the pointer; the menu key's is that of the selection."""
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            where = self.mapToGlobal(self._beside_selection())
        else:
            self._take_up(QPointF(event.pos()), event.modifiers())
        self.context_menu(QMenu(self)).popup(where)

    def _take_up(self: Canvas, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Selects what is under the pointer, unless it is selected; nothing on empty ground."""
        at = self.hands.pointer(point, keys)
        node = self.scene.node_at(at.scene)
        if node is not None:
            if node not in self.selection:
                self.select([node])
        elif wire := self.hands.wire_at(at):
            self.choose_wire(wire)
        elif mark := self.hands.mark_at(at):
            if mark not in self.chosen_marks:
                self.select_marks([mark])
        else:
            self.select([])

    def _beside_selection(self: Canvas) -> QPoint:
        chosen = self.selected()
        if not chosen:
            return self.rect().center()
        box = self.camera.view_rect(self.scene.items[chosen[-1]].rect).toAlignedRect()
        return box.intersected(self.rect()).center() if box.intersects(self.rect()) else self.rect().center()

    def context_menu(self: Canvas, menu: QMenu) -> QMenu:
        """What can be done with what is selected."""
        if self.selection:
            self._node_menu(menu)
        elif self.chosen_marks:
            self.mark_menu(menu)
        elif self.chosen_wires:
            self._wire_menu(menu)
        else:
            entries(menu, CANVAS_MENU, self)
            self.block_menu(menu)
        return menu

    def _node_menu(self: Canvas, menu: QMenu) -> None:
        for id in self.selected()[:1]:
            for problem in self.badges.problems.get(id, ()):
                menu.addAction(problem_text(problem).splitlines()[0]).setEnabled(False)
                for fix in problem.fixes:
                    menu.addAction(fix.label).triggered.connect(lambda _=False, e=fix.edit: self.apply(e))
                menu.addSeparator()
        one = len(self.selection) == 1
        if one:  # Return goes inside a block
            entries(menu, ((CHAIN, "Shift+Return" if self.the_use() else "Return", "chain_layer"),), self)
        entries(menu, NODE_MENU if one and self.nameable() else NODE_MENU[1:], self)
        self.order_menu(menu)
        self.block_menu(menu)

    def _wire_menu(self: Canvas, menu: QMenu) -> None:
        if len(self.chosen_wires) == 1:
            entries(menu, (("Insert a layer…", "", "insert_layer"), ("Add a reroute dot", "", "dot_wires")), self)
            menu.addSeparator()
        words = "Delete the wire" if len(self.chosen_wires) == 1 else f"Delete {len(self.chosen_wires)} wires"
        entries(menu, ((words, "Del", "delete_selection"),), self)

    def insert_layer(self: Canvas) -> None:
        """Asks for a layer that fits, and puts it into the chosen wire."""
        end = next(iter(self.chosen_wires), None)
        wire = self.document.network.wires.get(end) if end is not None else None
        if end is None or wire is None:
            return
        source = next((s for s in self.scene.sockets(wire.source.node) if s.end == wire.source), None)
        judge, at = Judge(self.scene, self.inference), self._wire_point(end)
        view = self.mapToGlobal(self.camera.to_view(at).toPoint())

        def fits(kind: type) -> bool:
            return source is None or (bool(kind().outputs()) and judge.kind_fits(kind, source))

        def choose(kind: str) -> None:
            if end in self.document.network.wires:
                self.bring(kind, lambda kind: self.add_layer(kind, self._centred(kind, at), end))

        self._palette(view, choose, fits)

    def dot_wires(self: Canvas) -> None:
        """Puts a dot into the middle of each chosen wire."""
        self.reroute({end: self._wire_point(end) for end in self.chosen_wires})

    def _wire_point(self: Canvas, end: End) -> QPointF:
        """Where the pointer is on a wire; the middle of the wire, where it is elsewhere."""
        if self.pointer is not None and self.wire_near(self.pointer.scene) == end:
            return self.pointer.scene
        wire = self.document.network.wires[end]
        start, stop = (self._port(e, out) for e, out in ((wire.source, True), (wire.target, False)))
        return (start + stop) / 2

    def _port(self: Canvas, end: End, output: bool) -> QPointF:
        return self.scene.items[end.node].point(end.port, output)


def entries(menu: QMenu, rows: Iterable[tuple[str, str, str]], canvas: Canvas) -> None:
    """Entries of a menu: words, the key that does the same, the verb of the canvas."""
    for text, key, name in rows:
        action = menu.addAction(text)
        if key:
            action.setShortcut(shortcuts().now(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _=False, name=name: getattr(canvas, name)())


__all__ = ["CANVAS_MENU", "CHAIN", "NODE_MENU", "Menus", "entries"]
