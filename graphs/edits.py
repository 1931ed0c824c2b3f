"""Every change to a network, as a small value.

An edit holds ids and plain data, never live objects. It says what it changes as a `Patch` (the new value of
everything it touches, None for what goes away), and a patch applied to a network yields the network after it
and the patch that takes it back. Undo, merging and "what changed" all come from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from graphs.network import End, Network, Node, Wire

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

    def __bool__(self) -> bool:
        return bool(self.nodes or self.wires or self.settings)

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network with this patch, and the patch that restores it. Raises EditError and changes nothing."""
        nodes, nodes_back = _patched(network.nodes, self.nodes)
        wires, wires_back = _patched(network.wires, self.wires)
        settings, settings_back = _patched(network.settings, self.settings)
        after = Network(nodes, wires, settings)
        self._check(network, after)
        return after, Patch(nodes_back, wires_back, settings_back)

    def then(self, later: Patch) -> Patch:
        """One patch that does this one and then `later`."""
        return Patch(
            {**self.nodes, **later.nodes},
            {**self.wires, **later.wires},
            {**self.settings, **later.settings},
        )

    def _check(self, before: Network, after: Network) -> None:
        for wire in self.wires.values():
            for end in (wire.source, wire.target) if wire else ():
                if end.node not in after.nodes:
                    raise EditError(f"The wire {wire} ends at “{end.node}”, which is not in the network.")
        for node in (n for n, value in self.nodes.items() if value is None):
            for wire in (*before.incoming(node), *before.outgoing(node)):
                if after.wires.get(wire.target) == wire:
                    raise EditError(f"“{node}” cannot be removed while the wire {wire} holds it.")


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


class Edit(Protocol):
    """What can be applied to a network."""

    @property
    def label(self) -> str:
        """What undo calls it: "Add conv1"."""

    def patch(self, network: Network) -> Patch:
        """What this edit changes in `network`. Raises EditError."""

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""


class Applied:
    """What all edits share: to apply one is to apply its patch."""

    def patch(self, network: Network) -> Patch:
        """What this edit changes in `network`. Raises EditError."""
        raise NotImplementedError

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""
        return self.patch(network).apply(network)


@dataclass(frozen=True)
class AddNodes(Applied):
    """Adds nodes under ids that are not in use, with wires among them or to what is there."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...] = ()

    @property
    def label(self) -> str:
        return f"Add {_names([n.title for n in self.nodes])}"

    def patch(self, network: Network) -> Patch:
        known = set(network.nodes)
        for node in self.nodes:
            if node.id in known:
                raise EditError(f"There is already a node “{node.id}”.")
            known.add(node.id)
        return Patch({n.id: n for n in self.nodes}, {w.target: w for w in self.wires})


@dataclass(frozen=True)
class RemoveNodes(Applied):
    """Removes nodes and every wire that touches them."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Delete {_names(self.ids)}"

    def patch(self, network: Network) -> Patch:
        _known(network, self.ids)
        wires = {w.target: None for i in self.ids for w in (*network.incoming(i), *network.outgoing(i))}
        return Patch(dict.fromkeys(self.ids), wires)


@dataclass(frozen=True)
class Connect(Applied):
    """Adds wires; a wire that ended in the same input port is replaced."""

    wires: tuple[Wire, ...]

    @property
    def label(self) -> str:
        return f"Connect {_names([str(w) for w in self.wires])}"

    def patch(self, network: Network) -> Patch:
        return Patch(wires={w.target: w for w in self.wires})


@dataclass(frozen=True)
class Disconnect(Applied):
    """Removes the wires that end in these input ports."""

    targets: tuple[End, ...]

    @property
    def label(self) -> str:
        return f"Disconnect {_names([str(t) for t in self.targets])}"

    def patch(self, network: Network) -> Patch:
        return Patch(wires={t: None for t in self.targets if t in network.wires})


@dataclass(frozen=True)
class SetFields(Applied):
    """Sets fields of one node; a value of None returns the field to its kind's default."""

    id: str
    fields: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"Change {_names(list(self.fields))} of {self.id}"

    def patch(self, network: Network) -> Patch:
        _known(network, (self.id,))
        node = network.nodes[self.id]
        fields = {k: v for k, v in {**node.fields, **self.fields}.items() if v is not None}
        return Patch({self.id: replace(node, fields=fields)})


@dataclass(frozen=True)
class Rename(Applied):
    """Gives a node the name a person sees; its id stays."""

    id: str
    name: str

    @property
    def label(self) -> str:
        return f"Rename {self.id}"

    def patch(self, network: Network) -> Patch:
        _known(network, (self.id,))
        name = "" if self.name == self.id else self.name
        return Patch({self.id: replace(network.nodes[self.id], name=name)})


@dataclass(frozen=True)
class Move(Applied):
    """Puts nodes at positions on the canvas."""

    positions: Mapping[str, tuple[float, float]]

    @property
    def label(self) -> str:
        return f"Move {_names(list(self.positions))}"

    def patch(self, network: Network) -> Patch:
        _known(network, self.positions)
        return Patch({i: replace(network.nodes[i], position=p) for i, p in self.positions.items()})


@dataclass(frozen=True)
class SetSetting(Applied):
    """Replaces one section of the settings ("data", "recipe"); None removes it."""

    key: str
    value: Any

    @property
    def label(self) -> str:
        return f"Change the {self.key}"

    def patch(self, network: Network) -> Patch:
        return Patch(settings={self.key: self.value})


@dataclass(frozen=True)
class Batch(Applied):
    """Several edits in order, as one."""

    edits: tuple[Edit, ...]
    label: str = ""

    def patch(self, network: Network) -> Patch:
        whole = Patch()
        for edit in self.edits:
            step = edit.patch(network)
            network = step.apply(network)[0]
            whole = whole.then(step)
        return whole


def _known(network: Network, ids: Any) -> None:
    for node in ids:
        if node not in network.nodes:
            raise EditError(f"There is no node “{node}”.")


def _names(names: Any) -> str:
    names = list(names)
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} items"
