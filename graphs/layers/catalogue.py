"""The catalogue: which layer kinds there are. An explicit object that is passed to whoever needs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from graphs.layers.base import FAMILIES, Layer, Unknown
from graphs.layers.blocks import kind_of
from graphs.meaning.expressions import ExpressionFault, is_expression
from graphs.meaning.scopes import Names, design_names, resolved
from graphs.network import BLOCK, Block, Network, Node


class BadFields(ValueError):
    """Fields that a kind does not take; the message is one sentence for a person. `title` is what a person calls the
    field."""

    def __init__(self, message: str, field: str = "", title: str = "") -> None:
        super().__init__(message)
        self.field, self.title = field, title or field


class Catalogue:
    """The kinds by name. `layer` gives the checked fields of a node, remembered per kind and fields."""

    def __init__(self, kinds: Iterable[type[Layer]]) -> None:
        self._own: Mapping[str, type[Layer]] = {kind.kind(): kind for kind in kinds}
        self.kinds: Mapping[str, type[Layer]] = self._own
        """Replaced as a whole and never changed: other threads go through it."""
        self.names: Names = {}
        """What the names in expressions stand for."""
        self.codes: Mapping[str, Any] = {}
        """What is known of the files of code that layers name (`graphs.layers.custom.Code`); replaced as a whole."""
        self._blocks: Mapping[str, Block] = {}
        self._parsed: dict[int, tuple[Node, Layer]] = {}

    def copy(self) -> Catalogue:
        """A catalogue of the same kinds that learns blocks and names of its own."""
        made = Catalogue(self._own.values())
        made.codes = self.codes
        return made

    def know(self, network: Network, names: Names | None = None) -> bool:
        """Learns the blocks of a design and what names in its expressions stand for; `names` hold beside the
        hyperparameters, as the parameters do inside a block. Returns whether anything is new."""
        known = {**design_names(network), **(names or {})}
        if known == self.names and network.blocks == self._blocks:
            return False
        same, before = known == self.names, self._blocks
        kept = {id: block for id, block in before.items() if same or not _follows_names(block)}
        self.names, self._blocks = known, dict(network.blocks)
        blocks = [
            self.kinds[BLOCK + id] if kept.get(id) is block else kind_of(block, known)
            for id, block in self._blocks.items()
        ]
        self._parsed = {}
        self.kinds = {**self._own, **{kind.kind(): kind for kind in blocks}}
        return True

    def read(self, codes: Mapping[str, Any]) -> bool:
        """Learns what there is to know of files of code now. Returns whether anything is new."""
        if codes == self.codes:
            return False
        self.codes, self._parsed = dict(codes), {}
        return True

    def kind_of(self, node: Node) -> type[Layer] | None:
        """The kind of a node, with the fields that this very node has; None for an unknown one."""
        kind = self.kinds.get(node.kind)
        return kind.specialised(node.fields, self.codes) if kind is not None else None

    def parse(self, kind: str, fields: Mapping[str, Any]) -> Layer:
        """The layer of these fields. An unknown kind gives `Unknown`; bad fields raise BadFields."""
        if kind not in self.kinds:
            return Unknown()
        own = self.kinds[kind].specialised(fields, self.codes)
        try:
            return own.model_validate(dict(fields))
        except ValidationError as error:
            raise _bad_fields(own, fields, error) from None

    def layer(self, node: Node) -> Layer:
        """The layer of a node. Raises BadFields, which names the field and what it takes."""
        known = self._parsed.get(id(node))
        if known is not None and known[0] is node:
            return known[1]
        layer = self.parse(node.kind, self._values(node))
        if len(self._parsed) > 50_000:
            self._parsed.clear()
        self._parsed[id(node)] = (node, layer)
        return layer

    def _values(self, node: Node) -> Mapping[str, Any]:
        try:
            return resolved(node.fields, self.names)
        except ExpressionFault as fault:
            raise unresolved(self.kinds.get(node.kind), fault) from None

    def families(self) -> dict[str, list[type[Layer]]]:
        """Kinds by family id, both in the order they are shown in."""
        groups: dict[str, list[type[Layer]]] = {family: [] for family in FAMILIES}
        for kind in self.kinds.values():
            groups[kind.family].append(kind)
        return {family: kinds for family, kinds in groups.items() if kinds}


def _follows_names(block: Block) -> bool:
    """Whether what names stand for matters to the kind of a block: to the defaults of its parameters."""
    return any(map(is_expression, block.parameters.values()))


def unresolved(kind: type[Layer] | None, fault: ExpressionFault) -> BadFields:
    """The fault of a field whose expression has no value."""
    title = kind.model_fields[fault.field].title if kind and fault.field in kind.model_fields else None
    return BadFields(f"{title or fault.field} has no value. {fault}", fault.field, title or "")


def _bad_fields(kind: type[Layer], fields: Mapping[str, Any], error: ValidationError) -> BadFields:
    errors = error.errors(include_url=False, include_context=False)
    same = [e for e in errors if e["loc"][:1] == errors[0]["loc"][:1]]
    first = next((e for e in same if e["type"] != "literal_error"), same[0])  # a number says more than “same”
    name = str(first["loc"][0]) if first["loc"] else ""
    title = kind.model_fields[name].title if name in kind.model_fields else None
    if first["type"] == "extra_forbidden":
        return BadFields(f"{kind.title} has no field “{name}”.", name)
    shown = _shown(fields.get(name, first["input"]))
    reason = re.sub(r"^(Input|Value error,|Tuple|List) ", "", first["msg"]).replace(" after validation", "")
    return BadFields(f"{title or name} of {kind.title} cannot be {shown}: it {reason}.", name, title or "")


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "lists in lists without end"
    return text if len(text) <= 60 else text[:57] + "…"


@cache
def standard() -> Catalogue:
    """The catalogue that ships with Netloom."""
    from graphs.layers import KINDS

    return Catalogue(KINDS)
