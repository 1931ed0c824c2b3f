"""Edits that mend a network: a layer put in front of an input or behind a result, or taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphs.edits import EditError, Patch
from graphs.network import End, Network, Node, Wire

STEP = 190.0
"""How far apart layers stand on the canvas, in pixels at 100 % zoom."""


@dataclass(frozen=True)
class AddLayer:
    """Adds a layer `before` an input port (on its wire, where it has one) or `after` an output port.

    The id is chosen when the edit is applied, so an edit made for an earlier state of the network still fits.
    """

    kind: str
    stem: str
    label: str
    before: End | None = None
    after: End | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    takes: str = "in"
    gives: str = "out"

    def patch(self, network: Network) -> Patch:
        """The new layer, its wires, and its neighbours moved aside. Raises EditError."""
        wire = network.wires.get(self.before) if self.before else None
        source = wire.source if wire else self.after
        for end in (self.before, source):
            if end and end.node not in network.nodes:
                raise EditError(f"There is no node “{end.node}”.")
        new = network.fresh_id(self.stem)
        wires = [Wire(source, End(new, self.takes))] if source else []
        wires += [Wire(End(new, self.gives), self.before)] if self.before else []
        place, moved = _room(network, source, self.before)
        node = Node(new, self.kind, fields=dict(self.fields), position=place)
        return Patch({**moved, new: node}, {w.target: w for w in wires})

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network with the layer, and the patch that takes it back."""
        return self.patch(network).apply(network)


def _room(network: Network, source: End | None, target: End | None) -> tuple[tuple[float, float], dict[str, Node]]:
    """Where the new layer goes, and the neighbours that move right so that it fits."""
    if target is None:
        x, y = network.nodes[source.node].position if source else (0.0, 0.0)
        return (x + STEP, y), {}
    x, y = network.nodes[target.node].position
    if source is None:
        return (x - STEP, y), {}
    left, top = network.nodes[source.node].position
    if abs(top - y) > STEP / 2 or x < left:
        return (x - STEP, y), {}
    shift = max(0.0, left + 2 * STEP - x)
    row = [network.nodes[i] for i in network.downstream({target.node})] if shift else []
    moved = {n.id: n for n in row if n.position[0] >= x and abs(n.position[1] - y) <= STEP / 2}
    return (left + STEP, y), {i: replace(n, position=(n.position[0] + shift, n.position[1])) for i, n in moved.items()}


@dataclass(frozen=True)
class TakeOut:
    """Removes a node and joins what fed its first input to everything it fed."""

    id: str
    label: str

    def patch(self, network: Network) -> Patch:
        """The removed node, and the wires that close the gap. Raises EditError."""
        if self.id not in network.nodes:
            raise EditError(f"There is no node “{self.id}”.")
        incoming = network.incoming(self.id)
        wires: dict[End, Wire | None] = {wire.target: None for wire in incoming}
        for wire in network.outgoing(self.id):
            wires[wire.target] = Wire(incoming[0].source, wire.target) if incoming else None
        return Patch({self.id: None}, wires)

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network without the node, and the patch that puts it back."""
        return self.patch(network).apply(network)
