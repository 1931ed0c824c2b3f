"""Brings up the help card of the selected layer, and keeps it true while the work goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from graphs.layers.catalogue import BadFields
from widgets.panels.helpcard.card import HelpCard

if TYPE_CHECKING:
    from widgets.desk import Desk


class Teacher(QObject):
    """The card of one desk: it follows the selection and the analysis while it is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("teacher")
        self._desk = desk
        self.card = HelpCard(desk)
        self.node = ""
        desk.changed.connect(self._renew)

    def explain(self) -> None:
        """Show the card of the selected layer."""
        if not self._follow():
            self._desk.said.emit("info", "Select a layer first: its card says what it does, with numbers.")
            return
        if not self.card.isVisible():
            self._place()
        self.card.open()

    def _renew(self) -> None:
        if self.card.isVisible():
            self._follow()

    def _follow(self) -> bool:
        """Show the one selected node, or the one that was shown; False where there is none."""
        canvas = self._desk.canvas
        chosen, network = canvas.selected(), canvas.document.network
        wanted = chosen[-1] if chosen and (len(chosen) == 1 or not self.card.isVisible()) else self.node
        node = network.nodes.get(wanted)
        if node is None:
            return False
        self.node = wanted
        try:
            layer = canvas.catalogue.layer(node)
        except BadFields:
            self._show_kind(node.kind)
            return True
        analysis = canvas.scene.analysis
        self.card.body.inside.hide()
        self.card.show_node(node, layer, analysis.facts.get(wanted) if analysis is not None else None)
        self.card.show_inside(canvas.catalogue)
        return True

    def _show_kind(self, kind: str) -> None:
        found = self._desk.canvas.catalogue.kinds.get(kind)
        if found is not None:
            self.card.show_kind(found)

    def _place(self) -> None:
        """Over the right side of the canvas, where the layers seldom are."""
        canvas = self._desk.canvas
        width, _ = self.card.full_size()
        corner = canvas.mapToGlobal(QPoint(max(12, canvas.width() - width - 16), 16))
        self.card.move(corner)


def teacher_of(desk: Desk) -> Teacher:
    """The teacher of a desk, made when it is first needed."""
    found = desk.findChild(Teacher, "teacher")
    return found if isinstance(found, Teacher) else Teacher(desk)


def explain(desk: Desk) -> None:
    """Show the help card of the selected layer."""
    teacher_of(desk).explain()
