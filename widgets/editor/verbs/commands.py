"""What menus and keys do with the selection and the whole network. The verbs of `Canvas`; each ends in one edit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication, QImage

from graphs.edits import Batch, Disconnect, Edit, EditError, RemoveNodes, Rename, SetMarks
from graphs.network import Network
from widgets.editor.menus import Menus
from widgets.editor.painting.face import REROUTE
from widgets.editor.verbs import editing
from widgets.editor.verbs.arranging import Arranging
from widgets.editor.verbs.bookmarks import Bookmarks
from widgets.editor.verbs.marking import Marking
from widgets.editor.verbs.saving import Recorded, image, record, save_picture
from widgets.editor.verbs.selecting import Selecting
from widgets.jobs import Job

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Commands(Arranging, Bookmarks, Marking, Menus, Selecting):
    """What changes or walks what is there; a part of `Canvas`."""

    # The selection

    def delete_selection(self: Canvas) -> None:
        """Deletes the selected nodes, wires, frames and notes. The wire through a dot goes on without it."""
        network, wires = self.document.network, tuple(self.chosen_wires)
        dots = tuple(i for i in self.selected() if network.nodes[i].kind == REROUTE)
        ids = tuple(i for i in self.selected() if i not in dots)
        edits: list[Edit] = [Disconnect(wires)] if wires else []
        edits += [SetMarks(dict.fromkeys(sorted(self.chosen_marks)), self._gone_words())] if self.chosen_marks else []
        edits += [RemoveNodes(ids)] if ids else []
        if dots and (healed := editing.take_out(_after(network, edits), self.catalogue, dots, keep=False)):
            edits.append(healed)
        if edits:
            words = RemoveNodes(ids + dots).label if ids + dots else edits[-1].label
            self.apply(edits[0] if len(edits) == 1 and not dots else Batch(tuple(edits), words))

    def _gone_words(self: Canvas) -> str:
        """How the step is called that removes the selected frames and notes."""
        ids = sorted(self.chosen_marks)
        return f"Remove {self.marks.words(ids[0])}" if len(ids) == 1 else f"Remove {len(ids)} frames and notes"

    def take_out_selection(self: Canvas) -> None:
        """Loosens the selected nodes; what fed them feeds what they fed."""
        if edit := editing.take_out(self.document.network, self.catalogue, self.selected()):
            self.apply(edit)

    def escape(self: Canvas) -> None:
        """Takes the gesture back, or else ends what lies over it, selects nothing, or leaves the block one is in."""
        if self.gesture is not None:
            self.end_gesture(cancel=True)
        elif self.overlay is not None:
            self.overlay.end()
        elif self.selection or self.chosen_wires or self.chosen_marks:
            self.select([])
        else:
            self.leave()

    def nudge(self: Canvas, dx: int, dy: int) -> None:
        """Moves the selection by one step of the grid; a run of steps is one step of undo."""
        step = (dx * editing.GRID, dy * editing.GRID)
        if edit := self.shifted(step):
            self.apply(edit, merge=f"nudge {sorted(self.selected())} {sorted(self.chosen_marks)}")

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

    # Names

    def nameable(self: Canvas) -> bool:
        """Whether one thing with a name is selected: a layer, a use of a block, a frame; or a note to be written."""
        chosen = self.selected()
        if len(chosen) + len(self.chosen_marks) != 1:
            return False
        return not chosen or not self.scene.items[chosen[0]].face.dot

    def rename(self: Canvas) -> None:
        """Opens the name of the one selected layer or frame, or the text of the note, where it stands."""
        chosen = self.selected()
        if not self.nameable():
            self.told.emit("Select one layer, frame or note to give it another name.")
        elif self.chosen_marks:
            self.write_mark()
        else:
            self._name(chosen[0])

    def _name(self: Canvas, id: str) -> None:
        self.reveal(id)
        title = self.document.network.nodes[id].title
        self.naming.begin(
            lambda: self.naming.head(id), title, "Name of the layer", lambda name: self.apply(Rename(id, name))
        )

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
        chosen = self.moving()[0]
        self.tidy.start(chosen if len(chosen) > 1 else None)

    def arrange_new(self: Canvas) -> None:
        """Finds places for the nodes that came since the last layout and were never moved by hand."""
        self.tidy.start_new()

    def render_picture(self: Canvas, path: str | Path, scale: float = 2.0) -> None:
        """Writes the whole network to a .png, .svg or .pdf file. Raises ValueError for other endings, OSError."""
        save_picture(self, Path(path), scale)

    def record_picture(self: Canvas, look: str, selected: bool, transparent: bool) -> Recorded | None:
        """What is on the canvas, or what is selected of it, to be written elsewhere; None where that is nothing."""
        only = list(self.selection) if selected else None
        return record(self, only, look, transparent) if (only or not selected) and self.scene.items else None

    def copy_picture(self: Canvas, scale: float = 2.0) -> None:
        """Puts the selected nodes, or the whole network, on the clipboard as a picture."""
        only = list(self.selection) or None
        drawn, job = record(self, only), Job(self)
        what = "The selection" if only else "The network"

        def show(made: QImage) -> None:
            QGuiApplication.clipboard().setImage(made)
            self.told.emit(f"{what} is on the clipboard as a picture.")
            job.deleteLater()

        job.done.connect(show)
        job.failed.connect(lambda error: self.message.emit(str(error)))
        job.start(lambda report: image(drawn, scale), "picture")


def _after(network: Network, edits: Iterable[Edit]) -> Network:
    """The network after edits, which is not in the document."""
    return Batch(tuple(edits)).apply(network)[0]
