"""What a design means: the plain network of layers that its blocks, dots, modes and expressions come to.

A person draws uses of blocks, reroutes, bypassed and muted nodes, and fields with expressions. All of it is resolved
here, once; shapes, build, source, ONNX, training and inspection see the plain network alone. Inside a use of a block
ids and names are joined by "/": "res1/conv1", and "res1/0/conv1" where the block is repeated. Light: no torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from graphs.inference.problems import Problem
from graphs.layers.catalogue import Catalogue
from graphs.meaning.expressions import expressions_in
from graphs.meaning.resolving import faults
from graphs.meaning.resolving.expanding import WIRING, Expansion, Layout, Use
from graphs.meaning.resolving.leading import Leads, leave_out
from graphs.meaning.resolving.localising import localised
from graphs.meaning.scopes import Names, design_names
from graphs.network import BLOCK, End, Network, Node, Wire

__all__ = ["Flat", "Use", "flatten"]


@dataclass(frozen=True)
class Flat:
    """A design resolved. Ids are as drawn at the top level, and with the path joined by "/" further inside.

    `network` is the drawn network itself where there is nothing to resolve.
    """

    drawn: Network
    network: Network
    found: tuple[Problem, ...] = ()
    """What cannot be resolved, with full ids; fixes speak of the network that the node stands in."""
    names: Names = field(default_factory=dict)
    uses: Mapping[str, Use] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    """Ids, as drawn, of what is left out: muted nodes and those that cannot do without them."""
    broken: frozenset[str] = frozenset()
    """Ids of nodes of `network` of which nothing can be known, since a fault stands against them."""
    special: frozenset[str] = frozenset()
    leads: Leads = field(default_factory=lambda: Leads(Layout()), compare=False, repr=False)
    renumbered: Mapping[End, End] = field(default_factory=dict, compare=False, repr=False)

    @property
    def plain(self) -> bool:
        """Whether there was nothing to resolve."""
        return self.network is self.drawn

    @cached_property
    def faults(self) -> tuple[Problem, ...]:
        """What cannot be resolved, each on the node of the top level that it stands on or in."""
        return tuple(found for fault in self.found if (found := localised(self, fault, "", drawn=True)))

    @cached_property
    def scopes(self) -> Mapping[str, Use]:
        """The use by each prefix of ids: "res1/0/" is inside the use "res1"."""
        return {prefix: use for use in self.uses.values() for prefix in use.prefixes}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the layers inside each use, at whatever depth."""
        found: dict[str, list[str]] = {use: [] for use in self.uses}
        for id in self.network.nodes:
            at = id.find("/")
            while at >= 0:
                if id[:at] in found:
                    found[id[:at]].append(id)
                at = id.find("/", at + 1)
        return {use: tuple(ids) for use, ids in found.items()}

    @cached_property
    def results(self) -> Mapping[End, End]:
        """The output port of a layer that a drawn output port stands for, where it is not that port itself."""
        pairs = ((end, self.leads.result(end)) for end in self.leads.layout.through)
        nodes = self.network.nodes
        return {end: result for end, result in pairs if result is not None and result.node in nodes}

    @cached_property
    def takers(self) -> Mapping[End, tuple[End, ...]]:
        """The input ports of layers that a drawn input port feeds, where that is not the port itself."""
        return _Takers(self)

    def drawn_input(self, end: End) -> End:
        """The drawn port that an input port of the plain network is, inside its use."""
        return self.renumbered.get(end, end)


class _Takers(Mapping[End, tuple[End, ...]]):
    """Worked out for a port when it is asked for: a long row of dots has many."""

    def __init__(self, flat: Flat) -> None:
        self._flat = flat
        self._moved = {old: new for new, old in flat.renumbered.items() if new != old}
        layout = flat.leads.layout
        self._next: dict[End, list[End]] = {}
        for target, source in layout.wires.items():
            if source in layout.through:
                self._next.setdefault(layout.through[source], []).append(target)

    def __getitem__(self, end: End) -> tuple[End, ...]:
        if end in self._moved:
            return (self._moved[end],)
        if end not in self._next:
            raise KeyError(end)
        nodes, found, seen, stack = self._flat.network.nodes, [], {end}, [end]
        while stack:
            for target in self._next.get(stack.pop(), ()):
                if target in seen:
                    continue
                seen.add(target)
                stack.append(target)
                if target.node in nodes:
                    found.append(target)
        return tuple(found)

    def __iter__(self) -> Iterator[End]:
        return iter((*self._next, *(end for end in self._moved if end not in self._next)))

    def __len__(self) -> int:
        return len(self._next.keys() | self._moved.keys())


def flatten(network: Network, catalogue: Catalogue, previous: Flat | None = None) -> Flat:
    """The plain network that a design comes to. What equals a part of `previous` keeps its identity."""
    special = _special(network, previous)
    if not special:
        return Flat(network, network)
    if previous is not None and not previous.plain and (other := _others(network, previous, special)) is not None:
        return _with(network, previous, other)
    known = previous.network if previous is not None else Network()
    names = design_names(network)
    expansion = Expansion(network, catalogue, names, known.nodes)
    layout = expansion.laid_out()
    renumbered: Mapping[End, End] = {}
    dead: frozenset[str] = frozenset()
    if layout.muted:
        renumbered, dead = leave_out(layout, catalogue)
    for id in layout.broken & layout.drawn.keys():
        layout.nodes[id] = replace(layout.drawn[id], id=id)
    leads = Leads(layout)
    plain = _network(network, layout, leads, known)
    found = [*layout.faults, *_missing(layout, catalogue, dead), *_circles(leads)]
    return Flat(
        network,
        plain,
        tuple(found),
        names,
        layout.uses,
        dead,
        frozenset(layout.broken),
        special,
        leads,
        renumbered,
    )


def _others(network: Network, previous: Flat, special: frozenset[str]) -> list[Node] | None:
    """The nodes that changed, where that changes nothing about how the design is resolved; None where it may.

    That is so for nodes that stand elsewhere, and for layers that stand for themselves while nothing is muted.
    """
    old = previous.drawn
    if network.settings is not old.settings or network.blocks != old.blocks or network.wires is not old.wires:
        return None
    if network.nodes.keys() != old.nodes.keys():
        return None
    changed = [node for id, node in network.nodes.items() if old.nodes[id] is not node]
    resolved = special | previous.special
    for node in changed:
        concerned = previous.muted or node.id in resolved
        if concerned and replace(old.nodes[node.id], position=node.position) != node:
            return None
    return changed


def _with(network: Network, previous: Flat, changed: list[Node]) -> Flat:
    """What was resolved before, of a design in which these nodes are others."""
    plain = previous.network
    others = {}
    for node in (n for n in changed if n.id in plain.nodes):
        known = plain.nodes[node.id]
        if node.id not in previous.special and node != known:
            others[node.id] = node
        elif known.position != node.position:
            others[node.id] = replace(known, position=node.position)
    if others:
        plain = replace(plain, nodes={**plain.nodes, **others})
    return replace(previous, drawn=network, network=plain)


def _special(network: Network, previous: Flat | None) -> frozenset[str]:
    """The nodes at which there is something to resolve; only what is new is looked at."""
    old: Mapping[str, Node] = previous.drawn.nodes if previous is not None else {}
    before = previous.special if previous is not None else frozenset()
    return frozenset(
        id for id, node in network.nodes.items() if (id in before if old.get(id) is node else _is_special(node))
    )


def _is_special(node: Node) -> bool:
    if node.mode or node.kind in WIRING or node.kind.startswith(BLOCK):
        return True
    return any(isinstance(value, str | list | tuple) and expressions_in(value) for value in node.fields.values())


def _network(network: Network, layout: Layout, leads: Leads, known: Network) -> Network:
    """The plain network; the known one itself where it is the same."""
    nodes, wires = {}, {}
    for id, node in layout.nodes.items():
        old = known.nodes.get(id)
        nodes[id] = old if old is not None and old is not node and old == node else node
    for end in layout.wires:
        source = leads.origin(end).source if end.node in nodes else None
        if source is not None and source.node in nodes:
            wires[end] = _wire(source, end, network, known)
    same = len(nodes) == len(known.nodes) and all(known.nodes.get(id) is node for id, node in nodes.items())
    same_wires = len(wires) == len(known.wires) and all(known.wires.get(e) is w for e, w in wires.items())
    if same and same_wires and known.settings is network.settings and not (known.blocks or known.marks):
        return known
    return Network(known.nodes if same else nodes, known.wires if same_wires else wires, network.settings)


def _wire(source: End, end: End, network: Network, known: Network) -> Wire:
    for place in (known, network):
        wire = place.wires.get(end)
        if wire is not None and wire.source == source:
            return wire
    return Wire(source, end)


def _missing(layout: Layout, catalogue: Catalogue, dead: frozenset[str]) -> Iterator[Problem]:
    """Outputs that get nothing, and dots that nothing leads into."""
    kinds = catalogue.kinds
    ends = [id for id in dead if (kind := kinds.get(layout.drawn[id].kind)) and kind.is_output]
    alive = any(n.kind in kinds and kinds[n.kind].is_output for n in layout.nodes.values()) if ends else False
    muted = tuple(sorted(id for id in layout.muted if "/" not in id))
    for id in sorted(ends):
        problem = faults.muted_output(layout.drawn[id], muted, last=not alive)
        yield replace(problem, node=id)
    for id, node in layout.drawn.items():
        if node.kind == "Reroute" and id not in dead and End(id, "in") not in layout.wires:
            yield replace(faults.idle(node), node=id)


def _circles(leads: Leads) -> Iterator[Problem]:
    for id in sorted(leads.circles):
        yield replace(faults.loop(leads.layout.drawn[id]), node=id)
