"""Where a wire comes from once dots, ports of blocks and bypassed nodes are seen through, and what is muted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphs.layers.base import Layer
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.layers.combine import Join
from graphs.meaning.resolving.expanding import Layout
from graphs.network import End, Node


class Origin(NamedTuple):
    """Where a value comes from: an output port (None: from nowhere), and the input port at which the way ends."""

    source: End | None
    last: End


class Leads:
    """Follows the wires of a layout, each stretch once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.circles: set[str] = set()
        """Nodes on a way that leads back to itself."""
        self._known: dict[End, Origin] = {}

    def origin(self, target: End) -> Origin:
        """Where what comes into an input port comes from."""
        wires, through, known = self.layout.wires, self.layout.through, self._known
        way: dict[End, None] = {}
        here = target
        while True:
            if here in known:
                found = known[here]
                break
            if here in way:
                found = Origin(None, here)
                self.circles.add(here.node)
                break
            way[here] = None
            source = wires.get(here)
            if source is None or source not in through:
                found = Origin(source, here)
                break
            here = through[source]
        for end in way:
            known[end] = found
        return found

    def result(self, output: End) -> End | None:
        """The output port that this one stands for; itself where it is a layer's own."""
        shown = self.layout.through.get(output)
        return output if shown is None else self.origin(shown).source

    def way(self, target: End) -> Iterator[End]:
        """The input ports that a value passes on its way to `target`, that one first."""
        seen: set[End] = set()
        here: End | None = target
        while here is not None and here not in seen:
            seen.add(here)
            yield here
            source = self.layout.wires.get(here)
            here = self.layout.through.get(source) if source is not None else None


def leave_out(layout: Layout, catalogue: Catalogue) -> tuple[Mapping[End, End], frozenset[str]]:
    """Takes out of the layout what is muted and what cannot do without it.

    A Join goes on with the inputs that remain. Returns which drawn input port each renumbered one of a Join is, and
    the ids of everything left out.
    """
    leads, dead = Leads(layout), set(layout.muted)
    inputs = _wired(layout)
    takers: dict[str, list[str]] = {}
    for node, ends in inputs.items():
        for end in ends:
            source = leads.origin(end).source
            if source is not None:
                takers.setdefault(source.node, []).append(node)
    joins: dict[str, Layer] = {}
    waiting = list(layout.muted)
    while waiting:
        for node in takers.get(waiting.pop(), ()):
            if node not in dead and not _goes_on(layout, catalogue, joins, node, inputs[node], leads, dead):
                dead.add(node)
                waiting.append(node)
    renumbered: dict[End, End] = {}
    for node, layer in joins.items():
        if node not in dead:
            renumbered |= _shrunk(layout, node, layer, leads, dead)
    for node in dead & layout.nodes.keys():
        layout.drawn[node] = layout.nodes.pop(node)
    return renumbered, frozenset(dead)


def _wired(layout: Layout) -> dict[str, list[End]]:
    inputs: dict[str, list[End]] = {}
    for end in layout.wires:
        if end.node in layout.nodes:
            inputs.setdefault(end.node, []).append(end)
    return inputs


def _goes_on(
    layout: Layout,
    catalogue: Catalogue,
    joins: dict[str, Layer],
    node: str,
    inputs: list[End],
    leads: Leads,
    dead: set[str],
) -> bool:
    """Whether a node can compute without what is muted: a Join that still has an input can."""
    if node not in joins:
        try:
            layer = catalogue.layer(layout.nodes[node])
        except BadFields:
            return False
        if not isinstance(layer, Join):
            return False
        joins[node] = layer
    sources = (leads.origin(end).source for end in inputs)
    return any(source is not None and source.node not in dead for source in sources)


def _shrunk(layout: Layout, node: str, layer: Layer, leads: Leads, dead: set[str]) -> dict[End, End]:
    """A Join without the muted inputs; with one left it hands that on. Returns the old port of each new one."""
    ports = [port.name for port in layer.inputs()]
    outs = [port.name for port in layer.outputs()]
    origins = {port: leads.origin(End(node, port)).source for port in ports}
    left = [port for port in ports if (source := origins[port]) is None or source.node not in dead]
    if len(left) == 1:
        layout.drawn[node] = layout.nodes.pop(node)
        layout.through.update({End(node, out): End(node, left[0]) for out in outs})
        return {}
    old = layout.nodes[node]
    layout.nodes[node] = Node(old.id, old.kind, old.name, {**old.fields, "count": len(left)}, old.position)
    feeds = {port: layout.wires.pop(End(node, port), None) for port in ports}
    renumbered = {}
    for new, port in zip(ports, left, strict=False):
        renumbered[End(node, new)] = End(node, port)
        if (source := feeds[port]) is not None:
            layout.wires[End(node, new)] = source
    return renumbered
