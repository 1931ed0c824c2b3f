"""Edits that mend a network: a layer put in front of an input or behind a result, taken out, or of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphs.edits import Applied, EditError, Patch, without
from graphs.meaning import ties
from graphs.network import End, Network, Node, Wire, natural
from graphs.placing.arranging import free_level

STEP = 190.0
"""How far apart layers stand on the canvas, in pixels at 100 % zoom."""
SIZE = (140.0, 120.0)
"""About how large they are; the canvas, which knows, finds a better place."""


@dataclass(frozen=True)
class AddLayer(Applied):
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
        place = _free(network, place, moved)
        node = Node(new, self.kind, fields=dict(self.fields), position=place)
        return Patch({**moved, new: node}, {w.target: w for w in wires})


def _free(network: Network, place: tuple[float, float], moved: Mapping[str, Node]) -> tuple[float, float]:
    """The place, or one above or below it where something stands there; cards are taken to be of a middling size."""
    box = (*place, *SIZE)
    others = [(*moved.get(i, node).position, *SIZE) for i, node in network.nodes.items()]
    return place[0], free_level(box, others, 0.0)


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
class TakeOut(Applied):
    """Removes a node and joins what fed its first input to everything it fed."""

    id: str
    label: str

    def patch(self, network: Network) -> Patch:
        """The removed node, and the wires that close the gap. Raises EditError."""
        if self.id not in network.nodes:
            raise EditError(f"There is no node “{self.id}”.")
        incoming = sorted(network.incoming(self.id), key=lambda wire: natural(wire.target.port))
        source = next((wire.source for wire in incoming if wire.source.node != self.id), None)
        wires: dict[End, Wire | None] = {
            wire.target: Wire(source, wire.target) if source else None for wire in network.outgoing(self.id)
        }
        gone = wires | {wire.target: None for wire in incoming}
        return Patch({self.id: None}, gone, ties.removed(network, (self.id,)), marks=without(network, (self.id,)))


@dataclass(frozen=True)
class Become(Applied):
    """Makes a node one of another kind; fields of names that are in `keeps` stay."""

    id: str
    kind: str
    label: str
    keeps: tuple[str, ...] = ()

    def patch(self, network: Network) -> Patch:
        """The node with its new kind. Raises EditError."""
        if self.id not in network.nodes:
            raise EditError(f"There is no node “{self.id}”.")
        node = network.nodes[self.id]
        fields = {name: value for name, value in node.fields.items() if name in self.keeps}
        return Patch({self.id: replace(node, kind=self.kind, fields=fields)})


@dataclass(frozen=True)
class Attend(Applied):
    """What only a person can decide, about the code that a layer of their own names; the network stays as it is.

    The window asks (`widgets.owncode`) where it meets one: to "choose" a file, to "write" one, to "allow" it to run;
    "data" leads to the data of the project.
    """

    id: str
    what: str
    label: str

    def patch(self, network: Network) -> Patch:
        """Nothing. Raises EditError."""
        if self.id not in network.nodes:
            raise EditError(f"There is no node “{self.id}”.")
        return Patch()
