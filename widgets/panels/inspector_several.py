"""Several layers in the inspector: what they add up to, and the fields they share, changed for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import is_
from typing import Any

from pydantic import BaseModel, create_model
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from graphs.edits import SetMode
from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue
from graphs.meaning.hyperparameters import SetManyFields
from graphs.network import Node
from widgets.forms.accepting import accept
from widgets.forms.entries import core_of, entries, entry
from widgets.forms.form import Form, whole
from widgets.forms.formulas import Names
from widgets.look.style import clear, label, rule
from widgets.panels.inspector_parts import Facts, ModeRow, kept


def shared(kinds: Collection[type[Layer]]) -> type[BaseModel] | None:
    """A model of the fields that all kinds have, of the same type; None where there are none."""
    first, *others = kinds
    if not others:
        return first if entries(first) else None
    fields: dict[str, Any] = {
        name: (info.annotation, info)
        for name, info in first.model_fields.items()
        if all(_alike(name, first, other) for other in others)
    }
    return create_model("Shared", **fields) if fields else None


def _alike(name: str, one: type[Layer], other: type[Layer]) -> bool:
    if name not in other.model_fields:
        return False
    mine, theirs = entry(name, one.model_fields[name]), entry(name, other.model_fields[name])
    same = (mine.kind, mine.whole, mine.choices, mine.optional) == (
        theirs.kind,
        theirs.whole,
        theirs.choices,
        theirs.optional,
    )
    return same and bool(core_of(one.model_fields[name].annotation) == core_of(other.model_fields[name].annotation))


class SeveralForm(Form):
    """The shared fields of several nodes; what is entered has to suit every one of them."""

    def __init__(self, model: type[BaseModel], kinds: Mapping[str, type[Layer]]) -> None:
        self._kinds = kinds
        self._nodes: list[Node] = []
        super().__init__(model)

    def show_nodes(self, nodes: list[Node]) -> None:
        """Show the values these nodes share."""
        self._nodes = nodes
        found = {name: self._values_of(name) for name in self.rows}
        mixed = [name for name, values in found.items() if len(values) > 1]
        self.set_values({name: values[0] for name, values in found.items()}, mixed)

    def judge(self, name: str, candidates: Collection[Any]) -> tuple[Any, str]:
        value, sentence = super().judge(name, candidates)
        if sentence:
            return None, sentence
        for node in _unlike(self._nodes):
            kind = self._kinds[node.kind]
            _, sentence = accept(kind, whole(kind, node.fields), name, [value], self.names)
            if sentence:
                return None, f"{node.title}: {sentence}"
        return value, ""

    def _values_of(self, name: str) -> list[Any]:
        """The different values of a field, as plain JSON; two are enough to know that they differ."""
        found: list[Any] = []
        for node in _unlike(self._nodes, name):
            value = whole(self._kinds[node.kind], node.fields)[name]
            if value not in found:
                found.append(value)
            if len(found) > 1:
                break
        return found


def _unlike(nodes: list[Node], name: str = "") -> list[Node]:
    """One node for each different way in which kind and fields (or one field) are written."""
    found = {(node.kind, repr(node.fields.get(name) if name else node.fields)): node for node in nodes}
    return list(found.values())


class SeveralPage(QWidget):
    """Several layers at once: how many, the fields they share, and what they add up to."""

    edited = Signal(object, str)  # Edit, merge key
    defined = Signal(str, object)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._nodes: list[Node] = []
        self._before: tuple[int, list[Node]] = (0, [])
        self._kinds: dict[str, type[Layer]] = {}
        self.form: SeveralForm | None = None
        self.verbs: list[tuple[str, Callable[[str], None]]] = []
        self.title = label(size="large")
        self.about = label(tone="dim", wrap=True)
        self.facts, self.mode = Facts(), ModeRow()
        self.mode.chosen.connect(self._set_mode)
        self._fields = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addLayout(self._fields)
        column.addWidget(self.mode)
        column.addWidget(rule())
        column.addWidget(self.facts)
        column.addStretch(1)

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Read nodes with another catalogue: that of the room they are in."""
        self._catalogue, self._nodes, self._kinds = catalogue, [], {}

    def show_nodes(self, nodes: list[Node], names: Names, analysis: Any | None) -> None:
        """Show what these nodes share and the sums over them. `names` are for expressions."""
        kinds = {node.kind: self._catalogue.kinds.get(node.kind, Layer) for node in nodes}
        again = list(kinds.items()) != list(self._kinds.items())
        same = not again and len(nodes) == len(self._nodes) and all(map(is_, nodes, self._nodes))
        if not same and [n.id for n in nodes] != [n.id for n in self._nodes]:
            self._before = (-1, nodes)
        self._nodes, self._kinds = nodes, kinds
        if again:
            self._make_form()
        if self.form is not None:
            self.form.show_names(names)
            if not same:
                self.form.show_nodes(nodes)
        self.mode.show_modes({node.mode for node in nodes})
        self._show_sums([node.id for node in nodes], analysis)

    def _make_form(self) -> None:
        clear(self._fields)
        self.form, model = None, shared(list(self._kinds.values()))
        words = [kind.title or name for name, kind in self._kinds.items()]
        self.about.setText(", ".join(words[:4]) + (f" and {len(words) - 4} more kinds" if len(words) > 4 else ""))
        if model is None:
            self.about.setText(f"{self.about.text()}. They have only in common how they take part.")
            return
        self.form = SeveralForm(model, self._kinds)
        self.form.verbs = self.verbs
        self.form.define = self.defined.emit
        self.form.changed.connect(self._set_field)
        self._fields.addWidget(self.form)

    def _show_sums(self, ids: list[str], analysis: Any | None) -> None:
        self.title.setText(f"{len(ids):,} layers")
        found = [analysis.facts[i] for i in ids if i in analysis.facts] if analysis is not None else []
        sums = {
            "Parameters": f"{sum(f.parameters for f in found):,}",
            "Multiply-adds": f"{sum(f.multiply_adds for f in found):,}",
        }
        self.facts.show_facts(sums if found else {})

    def _set_field(self, name: str, value: Any) -> None:
        if self.form is None:
            return
        if self._before[0] != self.form.gesture:
            self._before = (self.form.gesture, self._nodes)
        before = {node.id: node.fields for node in self._before[1]}
        fields: dict[str, dict[str, Any]] = {}
        written: dict[tuple[str, str], Any] = {}
        for node in self._nodes:
            known = before.get(node.id, node.fields)
            mine = {name: known[name]} if name in known else {}
            key = (node.kind, repr(mine))
            if key not in written:
                written[key] = kept(self._kinds[node.kind], mine, name, value)
            fields[node.id] = {name: written[key]}
        title = self.form.rows[name].entry.title.lower()
        ids = hash(tuple(fields))
        edit = SetManyFields(fields, f"Change {title} of {len(fields):,} layers")
        self.edited.emit(edit, f"fields {ids} {name} {self.form.gesture}")

    def _set_mode(self, mode: Any) -> None:
        ids = tuple(node.id for node in self._nodes if node.mode != mode)
        if ids:
            self.edited.emit(SetMode(ids, mode), "")
