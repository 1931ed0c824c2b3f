"""Aligning, distributing, bypassing and muting. The verbs of `Canvas`; each ends in one edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from graphs.edits import Batch, Edit, Move, SetMarks, SetMode
from graphs.network import Mark, Mode, Note
from graphs.placing.arranging import Box, Point, Side, aligned, distributed

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

WORDS = {
    "left": "Align left", "centre": "Align in a column", "right": "Align right",
    "top": "Align at the top", "middle": "Align in a row", "bottom": "Align at the bottom",
}  # fmt: skip
ACROSS, DOWN = "Equal gaps across", "Equal gaps down"


class Arranging:
    """What puts the selection in order or switches it off; a part of `Canvas`."""

    def align(self: Canvas, side: Side) -> None:
        """Brings one side, or the middles, of what is selected in line."""
        boxes = self._solids()
        if len(boxes) < 2:
            self.told.emit("Select two or more to align them.")
            return
        self.place(aligned(boxes, side), WORDS[side])

    def distribute(self: Canvas, across: bool) -> None:
        """Makes the gaps between what is selected equal, from left to right or from top to bottom."""
        boxes = self._solids()
        if len(boxes) < 3:
            self.told.emit("Select three or more to distribute them.")
            return
        self.place(distributed(boxes, across), ACROSS if across else DOWN)

    def chosen_count(self: Canvas) -> int:
        """How many things are selected that can be put in order."""
        return len(self.selection) + len(self.chosen_marks)

    def _solids(self: Canvas) -> dict[str, Box]:
        """What moves as one: selected nodes and notes, and selected frames with all they hold."""
        of = self.document.network.frame_of
        ids = [i for i in (*self.selected(), *sorted(self.chosen_marks)) if of.get(i) not in self.chosen_marks]
        items = self.scene.items
        return {i: (items[i].rect if i in items else self.marks.rect(i)).getRect() for i in ids}

    def shifted(self: Canvas, step: Point) -> Edit | None:
        """What moves the selection by a step, frames with what they hold; None where nothing is selected."""
        network = self.document.network
        ids, notes = self.moving()
        nodes = {i: (network.nodes[i].position[0] + step[0], network.nodes[i].position[1] + step[1]) for i in ids}
        marks: dict[str, Mark | None] = {i: _moved(network.marks[i], step) for i in notes}
        if not marks:
            return Move(nodes) if nodes else None
        edits: list[Edit] = [Move(nodes)] if nodes else []
        return Batch((*edits, SetMarks(marks)), Move(nodes).label if nodes else "Move notes")

    def order_menu(self: Canvas, menu: QMenu) -> None:
        """Aligning and distributing the selection, in a menu."""
        if len(self._solids()) < 2:
            return
        order = menu.addMenu("Arrange")
        for side, words in WORDS.items():
            order.addAction(words).triggered.connect(lambda _=False, side=side: self.align(side))
        order.addSeparator()
        for across, words in ((True, ACROSS), (False, DOWN)):
            action = order.addAction(words)
            action.setEnabled(len(self._solids()) > 2)
            action.triggered.connect(lambda _=False, across=across: self.distribute(across))

    def place(self: Canvas, corners: dict[str, Point], words: str) -> None:
        """Moves nodes, notes and frames so that their corners are here; eases them there."""
        network = self.document.network
        nodes: dict[str, Point] = {}
        marks: dict[str, Mark | None] = {}
        for id, (x, y) in corners.items():
            if id in network.nodes:
                nodes[id] = (x, y)
                continue
            was = self.marks.rect(id)
            step = (x - was.left(), y - was.top())
            held, notes = self.marks.held([id])
            for node in held:
                left, top = network.nodes[node].position
                nodes[node] = (left + step[0], top + step[1])
            marks |= {i: _moved(network.marks[i], step) for i in notes}
        edits: list[Edit] = [Move(nodes)] if nodes else []
        edits += [SetMarks(marks)] if marks else []
        before = {i: network.nodes[i].position for i in nodes}
        if edits and self.apply(Batch(tuple(edits), words)):
            self.ease.nodes(before)

    # Modes

    def toggle_mode(self: Canvas, mode: Mode) -> None:
        """Bypasses or mutes the selection; where all of it is so already, lets it compute again."""
        nodes = self.document.network.nodes
        ids = tuple(self.moving()[0])
        if not ids:
            self.told.emit(f"Select what shall be {'bypassed' if mode == 'bypass' else 'muted'}.")
            return
        on = all(nodes[i].mode == mode for i in ids)
        self.apply(SetMode(ids, "" if on else mode))

    def bypass(self: Canvas) -> None:
        """Lets the selection hand its input on unchanged, or compute again."""
        self.toggle_mode("bypass")

    def mute(self: Canvas) -> None:
        """Leaves the selection out, or lets it compute again."""
        self.toggle_mode("mute")

    def wake_all(self: Canvas) -> None:
        """Lets everything compute that is bypassed or muted."""
        off = tuple(i for i, node in self.document.network.nodes.items() if node.mode)
        if off:
            self.apply(SetMode(off, ""))
        else:
            self.told.emit("Nothing is bypassed or muted.")


def _moved(mark: Mark, step: Point) -> Mark:
    """A note moved by a step; a frame lies where what it holds lies."""
    if not isinstance(mark, Note):
        return mark
    return replace(mark, position=(mark.position[0] + step[0], mark.position[1] + step[1]))
