"""Cut, copy, paste and duplicate: nodes travel as JSON text. The verbs of `Canvas`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from graphs.edits import EditError
from graphs.files.faults import FileFault
from graphs.files.storage import fragment_dumps, fragment_loads
from graphs.network import Network, Node, Note
from graphs.reuse.fragments import fragment, graft
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

STEP = 32.0


class Clipboard:
    """What copies nodes; a part of `Canvas`."""

    def copy(self: Canvas) -> None:
        """Puts the selected nodes on the clipboard, as JSON text."""
        if ids := self.travelling():
            QGuiApplication.clipboard().setText(fragment_dumps(self.document.network, ids))
            self._copied = (tuple(self.document.network.incoming(i) for i in ids), ids)

    def cut(self: Canvas) -> None:
        """Copies the selection, then deletes it."""
        if self.travelling():
            self.copy()
            self.delete_selection()

    def paste(self: Canvas, keep_inputs: bool = False) -> None:
        """Adds what the clipboard holds, at the pointer or beside where it was copied; selects it.

        With `keep_inputs` the copies are fed by what fed the originals, where that is still there.
        """
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.told.emit("The clipboard is empty.")
            return
        try:
            part = fragment_loads(text)
        except FileFault as fault:
            self.message.emit(str(fault))
            return
        notes = [mark for mark in part.marks.values() if isinstance(mark, Note)]
        self._place_copies(part, self._offset(part.nodes.values() or notes), keep_inputs)

    def duplicate(self: Canvas) -> None:
        """Copies the selection beside itself; the clipboard stays as it is."""
        if ids := self.travelling():
            self._place_copies(fragment(self.document.network, ids), (STEP, STEP), False)

    def _place_copies(self: Canvas, part: Network, offset: tuple[float, float], keep_inputs: bool) -> None:
        network = self.document.network
        kept = [w for i in part.nodes for w in network.incoming(i) if w.source.node not in part.nodes]
        try:
            copies = graft(network, part, editing.snapped(*offset), kept if keep_inputs else ())
        except EditError as error:
            self.message.emit(str(error))
            return
        if (copies.nodes or part.marks) and self.apply(copies.edit):
            self.select_marks((copies.ids[i] for i in part.marks if i in copies.ids), copies.nodes)
            if copies.note:
                self.told.emit(copies.note)

    def _offset(self: Canvas, nodes: Iterable[Node | Note]) -> tuple[float, float]:
        """How far pasted nodes move: to the pointer, or a step further than what lies there already."""
        positions = [node.position for node in nodes]
        if not positions:
            return 0.0, 0.0
        left, top = min(x for x, _ in positions), min(y for _, y in positions)
        if self.pointer is not None and self.underMouse():
            return self.pointer.scene.x() - left, self.pointer.scene.y() - top
        network = self.document.network
        taken = {node.position for node in network.nodes.values()}
        step, taken = 0.0, taken | {mark.position for mark in network.marks.values() if isinstance(mark, Note)}
        while any(editing.snapped(x + step, y + step) in taken for x, y in positions):
            step += STEP
        return step, step
