"""The inspector: everything about the selected layers; about the project while nothing is selected."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from graphs.document import Document
from graphs.edits import Batch, Edit, EditError
from graphs.layers.catalogue import Catalogue
from graphs.meaning.expressions import ExpressionFault, evaluate
from graphs.meaning.hyperparameters import SetManyFields, add, fresh_name, start_of
from graphs.network import End, Network
from graphs.reuse.parameters import expose
from graphs.reuse.rooms import Room
from studio.project import Project
from widgets import theme
from widgets.forms.defining import Missed
from widgets.forms.form import Form
from widgets.look.scrolling import Scrolled
from widgets.look.style import Panel
from widgets.panels.inspector_marks import MarkPage
from widgets.panels.inspector_node import NodePage
from widgets.panels.inspector_several import SeveralPage
from widgets.panels.project_page import ProjectPage

UNKNOWN_YET = 32
"""What a name stands for that is defined because an expression misses it, until a person says."""


class Inspector(Panel):
    """`failed(sentence)`: an edit was refused, or did more than was asked. `watching(node)`: whose weights to keep
    fresh, "" for none.
    `select(ids)`: a person wants to see these nodes of the whole network."""

    failed = Signal(str)
    fix = Signal(object, object)
    watching = Signal(str)
    select = Signal(list)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__("side", parent=parent)
        self._project = project
        self._document: Document | Room = project.document
        self._catalogue = project.catalogue
        self._selected: list[str] = []
        self._analysis: Any | None = None
        self._pages = QStackedWidget(self)
        self.project_page = ProjectPage(project, self._pages)
        self.node_page, self.several = NodePage(project.catalogue), SeveralPage(project.catalogue)
        self.marks = MarkPage(project.catalogue)
        self._marks: list[str] = []
        self._wires: list[End] = []
        for page in (self.project_page, Scrolled(self.node_page), Scrolled(self.several), Scrolled(self.marks)):
            self._pages.addWidget(page)
        self.box.addWidget(self._pages)
        self.project_page.select.connect(self.select)
        self._fit()
        theme.notifier().changed.connect(self._fit)
        for shown in (self.node_page, self.several):
            shown.edited.connect(self._apply)
            shown.defined.connect(self.define)
            shown.verbs[:] = self._verbs()
        self.marks.edited.connect(self._apply)
        self.node_page.fix.connect(self.fix)

    def _fit(self) -> None:
        """Wide enough for the longest title of a field, its value and its unit."""
        self.setMinimumWidth(round(284 * theme.scale()))

    def show_room(self, document: Document | Room, catalogue: Catalogue) -> None:
        """Look at another network of the project: the inside of a block, or the whole again."""
        self._document, self._catalogue = document, catalogue
        self._marks, self._wires = [], []
        self.marks.show_catalogue(catalogue)
        for page in (self.node_page, self.several):
            page.show_catalogue(catalogue)
            page.verbs[:] = self._verbs()

    def show_marks(self, marks: Collection[str], wires: Collection[End]) -> None:
        """Look at these frames and notes, or wires, while no node is selected."""
        if (list(marks), list(wires)) != (self._marks, self._wires):
            self._marks, self._wires = list(marks), list(wires)
            self._refresh()

    def show_selection(self, ids: list[str]) -> None:
        """Look at these nodes; at the project where nothing is selected."""
        before = self.watched()
        self._selected = [node for node in ids if node in self._document.network.nodes]
        self._refresh()
        if self.watched() != before:
            self.watching.emit(self.watched())

    def show_network(self, analysis: Any | None) -> None:
        """The document or what is derived from it is another one."""
        self._analysis = analysis
        self.show_selection(self._selected)

    def watched(self) -> str:
        """The one node that is shown, "" otherwise."""
        return self._selected[0] if len(self._selected) == 1 else ""

    def show_pictures(self, node: str, filters: Any | None, spread: Any | None, step: int | None) -> None:
        """Show the weights of a node, where it is still the one that is looked at."""
        if node == self.watched():
            self.node_page.show_pictures(filters, spread, step)

    def commit(self) -> None:
        """Accept what is being typed."""
        for form in self.findChildren(Form):
            form.commit()
        self.project_page.hyperparameters.commit()

    def _refresh(self) -> None:
        network = self._document.network
        names = self._catalogue.names
        index = min(len(self._selected), 2) or 3 * self._marked(network)
        if index == 1:
            self.node_page.show_node(network.nodes[self._selected[0]], names)
            self.node_page.show_analysis(network, self._analysis)
        elif index == 2:
            self.several.show_nodes([network.nodes[id] for id in self._selected], names, self._analysis)
        elif index == 0:
            self.project_page.show_uses()
        self._pages.setCurrentIndex(index)

    def _marked(self, network: Network) -> bool:
        """Whether frames, notes or wires are selected, which are shown then."""
        marks = [id for id in self._marks if id in network.marks]
        wires = [end for end in self._wires if end in network.wires]
        if marks:
            self.marks.show_marks(network, marks, self._analysis)
        elif wires:
            self.marks.show_wires(network, wires, self._analysis)
        return bool(marks or wires)

    # What the menu of a field offers

    def _verbs(self) -> list[tuple[str, Callable[[str], None]]]:
        """What can be done with a field beside changing it."""
        verbs: list[tuple[str, Callable[[str], None]]] = [("Make it a hyperparameter", self.make_hyperparameter)]
        if isinstance(self._document, Room):
            verbs.append(("Expose as a parameter of the block", self.expose))
        return verbs

    def expose(self, name: str) -> None:
        """Make a field of the selected nodes inside a block a parameter of the block, as one step."""
        room, form = self._document, self._form()
        if not isinstance(room, Room) or room.block is None or form is None:
            return
        whole, block = room.document, room.block
        stem = _stem(form, name)
        parameter = fresh_name(whole.network, stem, whole.network.blocks[block].parameters)
        try:
            with whole.transaction(f"Expose {form.rows[name].entry.title.lower()} as a parameter of the block"):
                for id in self._selected:
                    whole.apply(expose(whole.network, block, id, name, parameter, self._catalogue))
        except EditError as error:
            self.failed.emit(str(error))

    def _form(self) -> Form | None:
        """The form that is shown."""
        return self.several.form if len(self._selected) > 1 else self.node_page.form

    def define(self, name: str, missed: Missed) -> None:
        """Add a hyperparameter of this name, which an expression misses: so that the field keeps its number, or where
        that cannot be, of the usual one, and say what becomes of the field."""
        start = start_of(missed.text, name, missed.names, missed.held)
        try:
            self._project.document.apply(add(self._project.network, name, UNKNOWN_YET if start is None else start))
        except EditError as error:
            self.failed.emit(str(error))
            return
        if start is None:
            with suppress(ExpressionFault):
                value = evaluate(missed.text, {**missed.names, name: UNKNOWN_YET})
                self.failed.emit(f"{name} is {UNKNOWN_YET} until you change it, which makes {missed.title} {value:,}.")

    def make_hyperparameter(self, name: str) -> None:
        """Give the number in a field a name, and let the field follow it."""
        form = self._form()
        value = form.value(name) if form is not None else None
        if isinstance(value, list) and len(set(map(str, value))) == 1:
            value = value[0]
        if form is None or isinstance(value, bool) or not isinstance(value, int | float):
            self.failed.emit("Only a single number can become a hyperparameter.")
            return
        network = self._document.network
        fresh = fresh_name(network, _stem(form, name), self._catalogue.names)
        fields = SetManyFields({id: {name: f"={fresh}"} for id in self._selected})
        self._apply(Batch((add(network, fresh, value), fields), f"Make {fresh} a hyperparameter"), "")

    def _apply(self, edit: Edit, merge: str) -> None:
        try:
            self._document.apply(edit, merge=merge or None)
        except EditError as error:
            self.failed.emit(str(error))
            self._refresh()


def _stem(form: Form, name: str) -> str:
    """What a name for the value of a field begins as: "Filters" → filters."""
    return re.sub(r"\W+", "_", form.rows[name].entry.title.lower())
