"""One layer in the inspector: what it is, its fields, what is derived, its problems, how its weights look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from graphs.edits import Rename, SetFields, SetMode
from graphs.inference.sharers import followers_of, offer, sharing
from graphs.inference.sharing import UNSHARED
from graphs.layers.base import Layer
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.layers.operation import Operation
from graphs.layers.titles import title_of
from graphs.network import Network, Node
from widgets.forms.form import Form
from widgets.forms.formulas import Names
from widgets.look.style import clear, label, rule
from widgets.panels.code_row import CodeRow
from widgets.panels.helpcard.asking import explain_button
from widgets.panels.inspector_parts import Bar, Facts, ModeRow, Name, SharingRow, facts_of, kept, shared_by
from widgets.panels.operation_rows import TEXTS, Given
from widgets.panels.pictures import FilterPicture, SpreadPicture
from widgets.panels.status import ProblemRow

UNKNOWN = "This kind of layer is not known to this version. Its data is kept as it is."


class NodePage(QWidget):
    """One layer: name, kind, help, fields, facts, problems, and how its weights look now."""

    edited = Signal(object, str)  # Edit, merge key
    fix = Signal(object, object)
    defined = Signal(str, object)
    """A hyperparameter of this name is wanted."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.verbs: list[tuple[str, Callable[[str], None]]] = []
        self._before: tuple[int, Mapping[str, Any]] = (0, {})
        self._catalogue = catalogue
        self._node: Node | None = None
        self._kind: type[Layer] | None = None
        self.form: Form | None = None
        self.given: Given | None = None
        self.bar, self.name, self.kind = Bar(), Name(), label(tone="dim")
        self.help = label(tone="dim", wrap=True)
        self.facts, self.mode, self.sharing = Facts(), ModeRow(), SharingRow()
        self.code = CodeRow()
        self.code.fix.connect(self.fix)
        self.mode.chosen.connect(self._set_mode)
        self.sharing.chosen.connect(self._share)
        self._analysis: Any | None = None
        self.filters, self.spread = FilterPicture(), SpreadPicture()
        self.name.editingFinished.connect(self._rename)
        self._lay_out()

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Read nodes with another catalogue: that of the room they are in."""
        self._catalogue = catalogue
        self._node = None

    def show_node(self, node: Node, names: Names) -> None:
        """Show this node; its form is made again only for another kind or node. `names` are for expressions."""
        kind = self._catalogue.kind_of(node)
        other = self._node is None or (self._node.id, self._node.kind) != (node.id, node.kind) or kind is not self._kind
        self._node, self._kind = node, kind
        self.name.show_name(self._title())
        if other:
            self._show_kind(node, kind)
        self.code.show_node(node, kind)
        self.mode.show_modes({node.mode})
        if self.form is not None:
            self.form.show_names(names)
            self.form.set_values(node.fields)
        self._show_given()

    def show_analysis(self, network: Network, analysis: Any | None) -> None:
        """Show what was derived for the node that is shown."""
        if self._node is None:
            return
        found = analysis.facts.get(self._node.id) if analysis is not None else None
        followers = followers_of(analysis, self._node.id) if analysis is not None and found is not None else ()
        self.facts.show_facts(facts_of(found) | shared_by(followers))
        self._analysis = analysis if found is not None else None
        self._show_given()  # PyTorch, which names what it is given, is there by now
        self.sharing.show_offer(offer(analysis, self._node.id) if analysis is not None and found is not None else None)
        clear(self.problems)
        problems = analysis.problems_of(self._node.id) if analysis is not None else ()
        for problem in problems:
            self.problems.addWidget(ProblemRow(problem, self._title(), self))
        theirs = dict.fromkeys(follower.id for follower in followers if follower.id != self._node.id)
        for other in theirs:  # what an edit here has made of those that have their weights from it
            for problem in analysis.problems_of(other) if analysis is not None else ():
                if UNSHARED in problem.message:
                    self.problems.addWidget(ProblemRow(problem, "", self))

    def show_pictures(self, filters: Any | None, spread: Any | None, step: int | None) -> None:
        """Show the layer's weights as pictures; None hides them."""
        self.filters.show_result(filters, step)
        self.spread.show_result(spread, step)

    def _show_kind(self, node: Node, kind: type[Layer] | None) -> None:
        self.bar.family = kind.family if kind else "io"
        self.bar.update()
        self.kind.setText(kind.title if kind is not None and node.block else node.kind)
        self.help.setText(kind.help if kind else UNKNOWN)
        self.show_pictures(None, None, None)
        clear(self._fields)
        self.form, self.given, self._before = None, None, (0, node.fields)
        operation = kind is not None and issubclass(kind, Operation)
        if kind is not None and kind.model_fields:
            self.form = Form(kind, node.fields, hidden=TEXTS if operation else ())
            self.form.verbs = self.verbs
            self.form.define = self.defined.emit
            self.form.changed.connect(self._set_field)
            self._fields.addWidget(self.form)
        if kind is not None and operation:
            self.given = Given(kind, node.fields)
            self.given.edited.connect(self._set_field)
            self._fields.addWidget(self.given)

    def _show_given(self) -> None:
        """What an operation is given, in rows."""
        if self.given is not None and self._node is not None:
            layer = self._layer()
            self.given.show_layer(layer if isinstance(layer, Operation) else None, self._node.fields)

    def _set_field(self, name: str, value: Any) -> None:
        if self._node is None or self._kind is None or self.form is None:
            return
        if self._before[0] != self.form.gesture:  # what it was when the drag began, for a drag that comes back
            self._before = (self.form.gesture, self._node.fields)
        before = {**self._node.fields, **{k: v for k, v in self._before[1].items() if k == name}}
        edit = SetFields(self._node.id, {name: kept(self._kind, before, name, value)})
        self.edited.emit(edit, f"field {self._node.id} {name} {self.form.gesture}")

    def _set_mode(self, mode: Any) -> None:
        if self._node is not None and mode != self._node.mode:
            self.edited.emit(SetMode((self._node.id,), mode), "")

    def _share(self, chosen: str) -> None:
        if self._node is not None and self._analysis is not None:
            self.edited.emit(sharing(self._analysis, self._node.id, chosen), "")

    def _rename(self) -> None:
        name = self.name.text().strip()
        self.name.setModified(False)
        if self._node is not None and name and name not in (self._node.title, self._title()):
            self.edited.emit(Rename(self._node.id, name), "")
        elif self._node is not None:
            self.name.show_name(self._title())

    def _title(self) -> str:
        """What its card calls the node."""
        assert self._node is not None
        return title_of(self._node, self._layer())

    def _layer(self) -> Layer | None:
        assert self._node is not None
        try:
            return self._catalogue.layer(self._node)
        except BadFields:
            return None

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.bar)
        head.addWidget(self.name, 1)
        head.addWidget(self.kind)
        head.addWidget(explain_button())
        self._fields, self.problems = QVBoxLayout(), QVBoxLayout()
        self.problems.setSpacing(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.help)
        column.addLayout(self.problems)
        column.addWidget(self.code)
        column.addLayout(self._fields)
        column.addWidget(self.mode)
        column.addWidget(self.sharing)
        column.addWidget(rule())
        column.addWidget(self.facts)
        column.addSpacing(4)
        column.addWidget(self.filters)
        column.addWidget(self.spread)
        column.addStretch(1)
