"""The inspector: everything about the selected layer; about the project while nothing is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from graphs.document import Document
from graphs.edits import Edit, EditError, Rename, SetFields
from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue
from graphs.network import Network, Node
from graphs.rooms import Room
from studio.project import Project
from widgets import theme
from widgets.forms.form import Form
from widgets.forms.keys import belongs_to_window
from widgets.look.scrolling import Scrolled
from widgets.look.style import Elided, Panel, clear, label, rule
from widgets.panels.pictures import FilterPicture, SpreadPicture
from widgets.panels.project_page import ProjectPage
from widgets.panels.status import ProblemRow


class Bar(QWidget):
    """The family's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.family = "io"
        self.setFixedSize(4, 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(theme.current().families.get(self.family, theme.current().faint)))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.end()


class Name(QLineEdit):
    """A name that looks like a heading until it is edited; Escape takes it back."""

    def event(self, event: QEvent) -> bool:
        """The window's shortcuts pass."""
        if belongs_to_window(event, typing=self.isModified()):
            event.ignore()
            return True
        return super().event(event)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("nodeName")
        self.setAccessibleName("Name of the layer")
        self.setToolTip("Click to rename")
        self._shown = ""

    def show_name(self, name: str) -> None:
        """Show this name unless another is being typed."""
        if not (self.hasFocus() and self.isModified()):
            self._shown = name
            self.setText(name)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self.clearFocus()
        else:
            super().keyPressEvent(event)


class Facts(QWidget):
    """What was derived: label left and dim, value right and bright."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, Elided] = {}

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these; rows are only made again when their names change."""
        if list(facts) != list(self._values):
            clear(self._grid)
            self._values = {}
            for index, name in enumerate(facts):
                value = Elided()
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
                self._grid.addWidget(label(name, tone="dim"), index, 0)
                self._grid.addWidget(value, index, 1)
                self._values[name] = value
        for name, text in facts.items():
            if self._values[name].text() != text:
                self._values[name].setText(text)


def facts_of(facts: Any | None) -> dict[str, str]:
    """The facts of a node as words."""
    if facts is None:
        return {}
    made = {}
    if facts.inputs:
        made["Input"] = ", ".join(_shape(shape) for shape in facts.inputs)
    if facts.outputs:
        made["Output"] = ", ".join(_shape(shape) for shape in facts.outputs)
    made["Parameters"] = f"{facts.parameters:,}"
    made["Multiply-adds"] = f"{facts.multiply_adds:,}"
    if facts.receptive_field:
        made["Receptive field"] = " × ".join(map(str, facts.receptive_field))
    return made


def _shape(shape: Any | None) -> str:
    return "not connected" if shape is None else " × ".join(["N", *map(str, shape.dims)])


class NodePage(QWidget):
    """One layer: name, kind, help, fields, facts, problems, and how its weights look now."""

    edited = Signal(object, str)  # Edit, merge key
    fix = Signal(object, object)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._node: Node | None = None
        self._kind: type[Layer] | None = None
        self.form: Form | None = None
        self.bar, self.name, self.kind = Bar(), Name(), label(tone="dim")
        self.help = label(tone="dim", wrap=True)
        self.facts = Facts()
        self.filters, self.spread = FilterPicture(), SpreadPicture()
        self.name.editingFinished.connect(self._rename)
        self._lay_out()

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Read nodes with another catalogue: that of the room they are in."""
        self._catalogue = catalogue
        self._node = None

    def show_node(self, node: Node) -> None:
        """Show this node; its form is made again only for another kind or node."""
        kind = self._catalogue.kinds.get(node.kind)
        other = self._node is None or (self._node.id, self._node.kind) != (node.id, node.kind) or kind is not self._kind
        self._node, self._kind = node, kind
        self.name.show_name(node.title)
        if other:
            self._show_kind(node, kind)
        if self.form is not None:
            self.form.set_values(node.fields)

    def show_analysis(self, network: Network, analysis: Any | None) -> None:
        """Show what was derived for the node that is shown."""
        if self._node is None:
            return
        found = analysis.facts.get(self._node.id) if analysis is not None else None
        self.facts.show_facts(facts_of(found))
        clear(self.problems)
        problems = analysis.problems_of(self._node.id) if analysis is not None else ()
        for problem in problems:
            self.problems.addWidget(ProblemRow(problem, self._node.title, self))

    def show_pictures(self, filters: Any | None, spread: Any | None, step: int | None) -> None:
        """Show the layer's weights as pictures; None hides them."""
        self.filters.show_result(filters, step)
        self.spread.show_result(spread, step)

    def _show_kind(self, node: Node, kind: type[Layer] | None) -> None:
        self.bar.family = kind.family if kind else "io"
        self.bar.update()
        self.kind.setText(node.kind)
        self.help.setText(kind.help if kind else UNKNOWN)
        self.show_pictures(None, None, None)
        clear(self._fields)
        self.form = None
        if kind is not None and kind.model_fields:
            self.form = Form(kind, node.fields)
            self.form.changed.connect(self._set_field)
            self._fields.addWidget(self.form)

    def _set_field(self, name: str, value: Any) -> None:
        if self._node is not None:
            edit = SetFields(self._node.id, {name: value})
            self.edited.emit(edit, f"field {self._node.id} {name}")

    def _rename(self) -> None:
        name = self.name.text().strip()
        self.name.setModified(False)
        if self._node is not None and name and name != self._node.title:
            self.edited.emit(Rename(self._node.id, name), "")
        elif self._node is not None:
            self.name.show_name(self._node.title)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.bar)
        head.addWidget(self.name, 1)
        head.addWidget(self.kind)
        self._fields, self.problems = QVBoxLayout(), QVBoxLayout()
        self.problems.setSpacing(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.help)
        column.addLayout(self.problems)
        column.addLayout(self._fields)
        column.addWidget(rule())
        column.addWidget(self.facts)
        column.addSpacing(4)
        column.addWidget(self.filters)
        column.addWidget(self.spread)
        column.addStretch(1)


UNKNOWN = "This kind of layer is not known to this version. Its data is kept as it is."


class SeveralPage(QWidget):
    """Several layers at once: how many, and what they add up to."""

    def __init__(self) -> None:
        super().__init__()
        self.title = label(size="large")
        self.facts = Facts()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(label("Select one layer to change its fields.", tone="dim", wrap=True))
        column.addWidget(self.facts)
        column.addStretch(1)

    def show_nodes(self, ids: list[str], analysis: Any | None) -> None:
        """Show the sums over these nodes."""
        self.title.setText(f"{len(ids)} layers")
        found = [analysis.facts[i] for i in ids if i in analysis.facts] if analysis is not None else []
        sums = {
            "Parameters": f"{sum(f.parameters for f in found):,}",
            "Multiply-adds": f"{sum(f.multiply_adds for f in found):,}",
        }
        self.facts.show_facts(sums if found else {})


class Inspector(Panel):
    """`failed(sentence)`: an edit was refused. `watching(node)`: whose weights to keep fresh, "" for none."""

    failed = Signal(str)
    fix = Signal(object, object)
    watching = Signal(str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__("side", parent=parent)
        self._project = project
        self._document: Document | Room = project.document
        self._selected: list[str] = []
        self._analysis: Any | None = None
        self._pages = QStackedWidget(self)
        self.project_page = ProjectPage(project, self._pages)
        self.node_page, self.several = NodePage(project.catalogue), SeveralPage()
        for page in (self.project_page, Scrolled(self.node_page), Scrolled(self.several)):
            self._pages.addWidget(page)
        self.box.addWidget(self._pages)
        self._fit()
        theme.notifier().changed.connect(self._fit)
        self.node_page.edited.connect(self._apply)
        self.node_page.fix.connect(self.fix)

    def _fit(self) -> None:
        """Wide enough for the longest title of a field, its value and its unit."""
        self.setMinimumWidth(round(284 * theme.scale()))

    def show_room(self, document: Document | Room, catalogue: Catalogue) -> None:
        """Look at another network of the project: the inside of a block, or the whole again."""
        self._document = document
        self.node_page.show_catalogue(catalogue)

    def show_selection(self, ids: list[str]) -> None:
        """Look at these nodes; at the project where there are none."""
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

    def _refresh(self) -> None:
        index = min(len(self._selected), 2)
        if index == 1:
            self.node_page.show_node(self._document.network.nodes[self._selected[0]])
            self.node_page.show_analysis(self._document.network, self._analysis)
        elif index == 2:
            self.several.show_nodes(self._selected, self._analysis)
        self._pages.setCurrentIndex(index)

    def _apply(self, edit: Edit, merge: str) -> None:
        try:
            self._document.apply(edit, merge=merge or None)
        except EditError as error:
            self.failed.emit(str(error))
            self._refresh()
