"""What an edit changes in a network, as a value that can be applied, joined with others, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from graphs.network import Block, End, Frame, Mark, Network, Node, Note, Wire

K = TypeVar("K")
V = TypeVar("V")


class EditError(ValueError):
    """An edit that does not fit the network it is applied to; the network is unchanged."""


@dataclass(frozen=True)
class Patch:
    """New values by key, None for what is removed."""

    nodes: Mapping[str, Node | None] = field(default_factory=dict)
    wires: Mapping[End, Wire | None] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, Block | None] = field(default_factory=dict)
    marks: Mapping[str, Mark | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.wires or self.settings or self.blocks or self.marks)

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network with this patch, and the patch that restores it. Raises EditError and changes nothing."""
        nodes, nodes_back = _patched(network.nodes, self.nodes)
        wires, wires_back = _patched(network.wires, self.wires)
        settings, settings_back = _patched(network.settings, self.settings)
        blocks, blocks_back = _patched(network.blocks, self.blocks)
        marks, marks_back = _patched(network.marks, self.marks)
        after = Network(nodes, wires, settings, blocks, marks, network.within)
        self._check(network, after)
        return after, Patch(nodes_back, wires_back, settings_back, blocks_back, marks_back)

    def then(self, later: Patch) -> Patch:
        """One patch that does this one and then `later`."""
        return Patch(
            {**self.nodes, **later.nodes},
            {**self.wires, **later.wires},
            {**self.settings, **later.settings},
            {**self.blocks, **later.blocks},
            {**self.marks, **later.marks},
        )

    def _check(self, before: Network, after: Network) -> None:
        self._check_keys()
        for wire in self.wires.values():
            for end in (wire.source, wire.target) if wire else ():
                if end.node not in after.nodes:
                    raise EditError(f"The wire {wire} ends at “{end.node}”, which is not in the network.")
        for node in (n for n, value in self.nodes.items() if value is None):
            for wire in (*before.incoming(node), *before.outgoing(node)):
                if after.wires.get(wire.target) == wire:
                    raise EditError(f"“{node}” cannot be removed while the wire {wire} holds it.")
        self._check_marks(before, after)

    def _check_keys(self) -> None:
        """Everything stands under its own id."""
        for part in (self.nodes, self.blocks, self.marks):
            for key, value in part.items():
                if value is not None and value.id != key:
                    raise EditError(f"“{value.id}” cannot stand under the id “{key}”.")
        for end, wire in self.wires.items():
            if wire is not None and wire.target != end:
                raise EditError(f"The wire {wire} cannot stand at the port {end}.")

    def _check_marks(self, before: Network, after: Network) -> None:
        """A frame holds what is there, and nothing is in two frames; no mark has the id of a node."""
        for key in (*self.marks, *self.nodes) if after.marks else ():
            if key in after.marks and key in after.nodes:
                raise EditError(f"“{key}” cannot be a node and a mark at once.")
        changed = {key for key, mark in self.marks.items() if isinstance(mark, Frame)}
        touched = (*(n for n, value in self.nodes.items() if value is None), *self.marks) if before.marks else ()
        for key in changed | {before.frame_of[held] for held in touched if held in before.frame_of}:
            frame = after.marks.get(key)
            if isinstance(frame, Frame):
                _check_frame(frame, after)
        if changed:
            _refuse_shared(after)


def alike(first: Any, second: Any) -> bool:
    """Whether two values are written as the same text: 1, 1.0 and True, which are equal, are three values in a field.

    Places and sizes on the canvas are numbers whatever their kind.
    """
    if first is second:
        return True
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(alike(value, second[key]) for key, value in first.items())
    if is_dataclass(first) and type(first) is type(second):
        pairs = ((getattr(first, f.name), getattr(second, f.name)) for f in fields(first) if f.compare)
        return all(alike(a, b) if isinstance(a, Mapping) or is_dataclass(a) else a == b for a, b in pairs)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    return type(first) is type(second) and bool(first == second)


def _check_frame(frame: Frame, network: Network) -> None:
    title = frame.title or frame.id
    if not frame.members and not frame.notes:
        raise EditError(f"The frame “{title}” holds nothing.")
    missing = [held for held in frame.members if held not in network.nodes]
    missing += [held for held in frame.notes if not isinstance(network.marks.get(held), Note)]
    if missing:
        raise EditError(f"The frame “{title}” holds “{missing[0]}”, which is not there.")
    if len({*frame.members, *frame.notes}) < len(frame.members) + len(frame.notes):
        raise EditError(f"The frame “{title}” holds something twice.")


def _refuse_shared(network: Network) -> None:
    seen: dict[str, str] = {}
    for frame in (mark for mark in network.marks.values() if isinstance(mark, Frame)):
        for held in (*frame.members, *frame.notes):
            if seen.setdefault(held, frame.id) != frame.id:
                raise EditError(f"“{held}” cannot be in two frames at once.")


def _patched(values: Mapping[K, V], changes: Mapping[K, V | None]) -> tuple[Mapping[K, V], dict[K, V | None]]:
    if not changes:
        return values, {}
    back: dict[K, V | None] = {key: values.get(key) for key in changes}
    after = dict(values)
    for key, value in changes.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = value
    return after, back
