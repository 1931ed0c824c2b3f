"""What is selected: nodes, wires, frames and notes. A part of `Canvas`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleEvent

from graphs.document import Change
from graphs.network import End, Frame, Note
from widgets.editor.words import describe, wires_words

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Selecting:
    """Nodes in the order they were selected, wires by the port they end in, marks by id."""

    def selected(self: Canvas) -> list[str]:
        """Ids of the selected nodes, in the order they were selected."""
        return list(self.selection)

    def select(self: Canvas, ids: Iterable[str]) -> None:
        """Selects nodes and nothing else. Unknown ids are left out."""
        self._set_selection({i: None for i in ids if i in self.scene.items}, set())

    def select_marks(self: Canvas, ids: Iterable[str], nodes: Iterable[str] = ()) -> None:
        """Selects frames and notes, and these nodes with them. Unknown ids are left out."""
        marks = {i for i in ids if i in self.marks.known}
        self._set_selection({i: None for i in nodes if i in self.scene.items}, set(), marks)

    def choose_wire(self: Canvas, end: End, add: bool = False) -> None:
        """Selects the wire that ends in this port."""
        kept, marks = (self.chosen_wires, self.chosen_marks) if add else (set(), set())
        self._set_selection(dict(self.selection) if add else {}, kept ^ {end}, marks)

    def select_all(self: Canvas) -> None:
        """Selects every node, frame and note."""
        self.select_marks(self.marks.known, self.scene.items)

    def _set_selection(
        self: Canvas, nodes: dict[str, None], wires: set[End], marks: Iterable[str] = frozenset()
    ) -> None:
        changed, chosen = nodes.keys() != self.selection.keys(), set(marks)
        if not changed and wires == self.chosen_wires and chosen == self.chosen_marks:
            return
        self.selection, self.chosen_wires, self.chosen_marks = nodes, wires, chosen
        self.looks += 1
        self._describe()
        self.update()
        self.marked.emit()
        if changed:
            self.selection_changed.emit(list(nodes))

    def _keep_selection(self: Canvas, change: Change) -> None:
        """Drops from the selection what has gone."""
        nodes = {i: None for i in self.selection if i in self.scene.items}
        wires = {e for e in self.chosen_wires if e in change.after.wires}
        marks = {i for i in self.chosen_marks if i in change.after.marks}
        self._set_selection(nodes, wires, marks)

    def _describe(self: Canvas) -> None:
        """What a screen reader says about the canvas: the selection and where it leads."""
        text = describe(self.scene, self.selected(), self.badges)
        if self.chosen_marks and not self.selection:
            text = self._mark_words()
        elif self.chosen_wires and not self.selection:
            text = wires_words(self.scene, self.chosen_wires)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _mark_words(self: Canvas) -> str:
        if len(self.chosen_marks) > 1:
            return f"{len(self.chosen_marks)} frames and notes selected"
        mark = self.marks.known.get(next(iter(self.chosen_marks)))
        if isinstance(mark, Frame):
            titles = [self.scene.items[i].face.title for i in mark.members if i in self.scene.items]
            return f"Frame {mark.title}, holds {', '.join(titles[:8])}{' and more' if len(titles) > 8 else ''}."
        return f"Note: {mark.text}" if isinstance(mark, Note) else ""
