"""A comparison in the words of forms and cards: "Filters of First: 6 → 8". One line for each difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from graphs.comparing.compare import BlockChange, Both, Comparison
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End, Frame, Mark, Mode, Network, Node, Note, Wire

Sort = Literal["added", "removed", "changed", "moved"]
MODES: Mapping[Mode, str] = {"": "computes", "bypass": "bypassed", "mute": "muted"}
NAMED = ("hyperparameters",)
"""Sections of the settings whose names a person chose, and which are told as they are."""
QUIET = ("canvas",)
"""Sections of the settings that say how a design is looked at, not what it is."""
LONGEST = 80
Models = Callable[[str, Mapping[str, Any]], type[BaseModel] | None]
"""The class that declares a section of the settings with these values, None where there is none."""


@dataclass(frozen=True)
class Said:
    """One value that differs. Empty where there is none."""

    title: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before or not self.after:
            return (
                f"{self.title}: {self.after or 'nothing'}" if self.after else f"{self.title}: no longer {self.before}"
            )
        return f"{self.title}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Line:
    """One difference: a node, a wire, a block, a frame or note, or a section of the settings.

    `node` is the id after, or the id before where the node was removed, or the id of a block; `end` is set for a wire,
    in the ids of its own network.
    """

    sort: Sort
    what: Literal["node", "wire", "block", "mark", "setting"]
    title: str
    details: tuple[Said, ...] = ()
    node: str = ""
    end: End | None = None
    within: tuple[Line, ...] = ()


def lines(
    comparison: Comparison, before: Network, after: Network, catalogues: Both[Catalogue], models: Models
) -> tuple[Line, ...]:
    """Everything that is different, nodes first, in the order of the networks."""
    return (*_nodes(comparison, before, after, catalogues), *_rest(comparison, before, after, catalogues, models))


def node_words(both: Both[Node], catalogues: Both[Catalogue]) -> tuple[Said, ...]:
    """What is different between a node and itself, but for its place."""
    old, new = both.before, both.after
    found = [Said("Name", old.title, new.title)]
    found.append(Said("Kind", kind_title(old, catalogues.before), kind_title(new, catalogues.after)))
    found.append(Said("Mode", MODES[old.mode], MODES[new.mode]))
    if old.id != new.id and old.title == new.title:
        found.append(Said("Id", old.id, new.id))
    found += _fields(both, catalogues)
    return tuple(said for said in found if said.before != said.after)


def kind_title(node: Node, catalogue: Catalogue) -> str:
    """What the kind of a node is called."""
    kind = catalogue.kinds.get(node.kind)
    return (kind.title if kind is not None else "") or node.kind


def value_words(value: Any) -> str:
    """A value as forms show it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        words = (" × " if all(isinstance(v, int) for v in value) else ", ").join(map(value_words, value))
    elif isinstance(value, Mapping):
        words = ", ".join(f"{_plain(str(key))} {value_words(inner)}" for key, inner in value.items())
    else:
        words = str(value) if str(value).startswith("=") else _plain(str(value))
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _nodes(comparison: Comparison, before: Network, after: Network, catalogues: Both[Catalogue]) -> Iterator[Line]:
    for id in (i for i in after.ids if i in comparison.added):
        node = comparison.added[id]
        yield Line("added", "node", node.title, (Said("Kind", "", kind_title(node, catalogues.after)),), id)
    for id in (i for i in before.ids if i in comparison.removed):
        node = comparison.removed[id]
        yield Line("removed", "node", node.title, (Said("Kind", kind_title(node, catalogues.before), ""),), id)
    for id in (i for i in after.ids if i in comparison.changed):
        if details := node_words(comparison.changed[id], catalogues):
            yield Line("changed", "node", comparison.changed[id].after.title, details, id)


def _rest(
    comparison: Comparison, before: Network, after: Network, catalogues: Both[Catalogue], models: Models
) -> Iterator[Line]:
    for wire in comparison.wires_added:
        yield Line("added", "wire", wire_words(wire, after), end=wire.target)
    for wire in comparison.wires_removed:
        yield Line("removed", "wire", wire_words(wire, before), end=wire.target)
    for change in comparison.blocks.values():
        yield _block(change, catalogues, models)
    for both in comparison.marks.values():
        yield from _mark(both)
    for key, values in comparison.settings.items():
        if key not in QUIET and (details := setting_words(key, values, models)):
            sort: Sort = "added" if values.before is None else "removed" if values.after is None else "changed"
            yield Line(sort, "setting", _plain(key).capitalize(), details)
    for id in (i for i in after.ids if i in comparison.moved):
        yield Line("moved", "node", comparison.moved[id].after.title, (), id)


def wire_words(wire: Wire, network: Network) -> str:
    """A wire by what it joins; a port that is not the usual one is named."""
    names = []
    for end, usual in ((wire.source, "out"), (wire.target, "in")):
        node = network.nodes.get(end.node)
        title = node.title if node is not None else end.node
        names.append(title if end.port == usual else f"{title} ({end.port})")
    return " → ".join(names)


def _block(change: BlockChange, catalogues: Both[Catalogue], models: Models) -> Line:
    old, new = change.before, change.after
    block = new or old
    assert block is not None
    title = f"Block {block.title or block.id}"
    if old is None or new is None or change.inner is None:
        return Line("removed" if new is None else "added", "block", title, node=block.id)
    own = [Said("Title", old.title or old.id, new.title or new.id), Said("Help", old.help, new.help)]
    own += _said(old.parameters, new.parameters)
    details = tuple(said for said in own if said.before != said.after)
    within = lines(change.inner, old.network, new.network, catalogues, models)
    return Line("changed", "block", title, details, block.id, within=within)


def _mark(both: Both[Mark | None]) -> Iterator[Line]:
    mark = both.after or both.before
    sort: Sort = "added" if both.before is None else "removed" if both.after is None else "changed"
    if isinstance(mark, Note):
        yield Line(sort, "mark", f"Note “{value_words(mark.text or mark.id)}”")
    elif isinstance(mark, Frame):
        yield Line(sort, "mark", f"Frame “{mark.title or mark.id}”")


def _fields(both: Both[Node], catalogues: Both[Catalogue]) -> Iterator[Said]:
    """Fields that both kinds have, defaults filled in; where the kind stayed, those that only one of them has too."""
    old, new = _effective(both.before, catalogues.before), _effective(both.after, catalogues.after)
    names = [name for name in new if name in old]
    if both.before.kind == both.after.kind:
        names += [name for name in (*new, *old) if name not in names]
    for name in dict.fromkeys(names):
        title = _title(name, catalogues.after.kinds.get(both.after.kind))
        yield Said(title, value_words(old.get(name)), value_words(new.get(name)))


def _effective(node: Node, catalogue: Catalogue) -> Mapping[str, Any]:
    """The fields with their defaults; expressions as they are written."""
    try:
        layer = catalogue.layer(node)
    except BadFields:
        return node.fields
    known = {name: getattr(layer, name) for name in type(layer).model_fields}
    written = {k: v for k, v in node.fields.items() if k not in known or (isinstance(v, str) and v.startswith("="))}
    return {**known, **written}


def setting_words(key: str, both: Both[Any], models: Models) -> tuple[Said, ...]:
    """What is different in one section of the settings."""
    old, new = both.before, both.after
    if not isinstance(old, Mapping | None) or not isinstance(new, Mapping | None):
        return (Said(_plain(key).capitalize(), value_words(old), value_words(new)),)
    old, new = old or {}, new or {}
    if key in NAMED:
        return tuple(Said(name, *words) for name, *words in _values(old, new, None, None))
    first, second = models(key, old), models(key, new)
    return tuple(_said(old, new, first, second))


def _said(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    first: type[BaseModel] | None = None,
    second: type[BaseModel] | None = None,
) -> Iterator[Said]:
    for name, before, after in _values(old, new, first, second):
        yield Said(_title(name, second if name in getattr(second, "model_fields", {}) else first), before, after)


def _values(
    old: Mapping[str, Any], new: Mapping[str, Any], first: type[BaseModel] | None, second: type[BaseModel] | None
) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*old, *new)):
        before, after = (_value(values, name, model) for values, model in ((old, first), (new, second)))
        if before != after:
            yield name, before, after


def _value(values: Mapping[str, Any], name: str, model: type[BaseModel] | None) -> str:
    if name in values:
        return value_words(values[name])
    field = model.model_fields.get(name) if model is not None else None
    return value_words(field.get_default(call_default_factory=True)) if field is not None else ""


def _title(name: str, kind: type[BaseModel] | None) -> str:
    field = kind.model_fields.get(name) if kind is not None else None
    return (field.title if field is not None else None) or _plain(name).capitalize()


def _plain(name: str) -> str:
    return name.replace("_", " ")
