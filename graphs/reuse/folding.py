"""A plain network whose nodes say where in a program they stood becomes one of nested blocks.

A node of the path ("layer1", "0", "conv1") ends up as "conv1" in a block "0" of a block "layer1", so the names of the
built network's weights are the paths joined by dots. Blocks that hold the same share one definition. Light: no torch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphs.layers.catalogue import standard
from graphs.limits import MOST_BLOCKS, MOST_DEPTH
from graphs.network import BLOCK, Block, End, Network, Node, Note, Wire, natural
from graphs.reuse.fragments import fresh_titles
from graphs.reuse.merging import merged
from graphs.reuse.untangling import STEP, Group, Item, ordered

Paths = Mapping[str, Sequence[str]]
Titles = Mapping[tuple[str, ...], str]
_PLAIN = re.compile(r"[a-z]|(in|out)_?\d*")
"""Names of ports that say nothing about what they carry."""


@dataclass(frozen=True)
class Folded:
    """What a network became, and under which id of the resolved network ("layer1/0/conv1") each of its nodes stands.
    The blocks `called` have a title that was given, not one that was found for them."""

    network: Network
    places: Mapping[str, str]
    called: frozenset[str] = frozenset()


def fold(network: Network, paths: Paths, titles: Titles | None = None) -> Network:
    """The network in blocks. `paths` gives the place of a node by its id, its own name last; `titles` what the block
    at a place is called ("Bottleneck").

    Nodes of one step, those of no path, inputs and outputs (under their last step) stand outside. What cannot be one
    block, since a way leads out of it and back, stays flat, under its path joined by "-", which is a dot in the names
    of weights. Nothing is laid out (`graphs.placing.whole`).
    """
    return folded(network, paths, titles).network


def folded(network: Network, paths: Paths, titles: Titles | None = None) -> Folded:
    """The same, with where each node went."""
    for deepest in (MOST_DEPTH - 1, 4, 2, 1, 0):
        found = _Folding(network, paths, titles or {}, deepest).folded()
        found = replace(found, network=merged(found.network, network.blocks, found.called))
        if len(found.network.blocks) <= MOST_BLOCKS:
            break
    return found


@dataclass(frozen=True)
class _Made:
    """A block at one place. `inputs` are the results of the plain network that it takes, `outputs` those it gives, each
    with the port for it."""

    block: str
    inputs: Mapping[End, str]
    outputs: Mapping[End, str]


@dataclass
class _Scope:
    """The network of one place while it is written: where in it each result of the plain one is found, and the input
    ports that each one needs which is not found in it."""

    nodes: dict[str, Node] = field(default_factory=dict)
    wires: dict[End, Wire] = field(default_factory=dict)
    values: dict[End, End] = field(default_factory=dict)
    needs: dict[End, list[End]] = field(default_factory=dict)

    def wire(self, source: End, target: End) -> None:
        """Leads a value of this place to an input port."""
        self.wires[target] = Wire(source, target)

    def ports(self, kind: str, stem: str, titles: Sequence[str]) -> list[str]:
        """New ports of the block that this is the inside of."""
        while any(re.fullmatch(rf"{stem}\d+", name) for name in self.nodes):
            stem += "_"
        made = [f"{stem}{number}" for number in range(1, len(titles) + 1)]
        named = fresh_titles(Network(), titles)
        self.nodes |= {id: Node(id, kind, name) for id, name in zip(made, named, strict=True)}
        return made


class _Folding:
    """Everything that is known while a network is folded."""

    def __init__(self, network: Network, paths: Paths, titles: Titles, deepest: int) -> None:
        self.network, self.titles = network, titles
        self.blocks: dict[str, Block] = dict(network.blocks)
        self._known: dict[str, str] = {}
        self._called: set[str] = set()
        self._places: dict[str, str] = {}
        self._root = Group(())
        kinds, order = standard().kinds, dict.fromkeys((*network.order, *network.ids))
        for id in order:
            kind = kinds.get(network.nodes[id].kind)
            alone = kind is not None and (kind.source_only or kind.is_output)
            path = _clean(paths.get(id, ()), deepest) or (id,)
            self._root.put(path[-1:] if alone else path, id)

    def folded(self) -> Folded:
        """The whole network in blocks."""
        scope = self._scope(self._root, "")
        settings = dict(self.network.settings)
        if isinstance(ties := settings.get("ties"), Mapping):
            settings["ties"] = {self._places.get(a, a): self._places.get(b, b) for a, b in ties.items()}
        notes = {key: mark for key, mark in self.network.marks.items() if isinstance(mark, Note)}
        kept = {key: mark for key, mark in notes.items() if key not in scope.nodes}
        network = Network(scope.nodes, scope.wires, settings, self.blocks, kept)
        return Folded(network, self._places, frozenset(self._called))

    def _scope(self, group: Group, prefix: str) -> _Scope:
        """What stands at one place."""
        scope = _Scope()
        for name, item in ordered(group, self.network).items():
            made = self._block(item, f"{prefix}{name}/") if isinstance(item, Group) else None
            scope.nodes[name] = Node(name, BLOCK + made.block) if made else self._layer(name, item, prefix)
            for source, port in self._taken(item, made):
                if source in scope.values:
                    scope.wire(scope.values[source], End(name, port))
                else:
                    scope.needs.setdefault(source, []).append(End(name, port))
            scope.values |= {end: End(name, port) for end, port in self._given(item, made)}
        for source in [source for source in scope.needs if source in scope.values]:  # a circle, as it was
            for target in scope.needs.pop(source):
                scope.wire(scope.values[source], target)
        return scope

    def _layer(self, name: str, item: Item, prefix: str) -> Node:
        assert isinstance(item, str)
        self._places[item] = prefix + name
        node = self.network.nodes[item]
        return replace(node, id=name, name=node.name if name == item and not prefix else "")

    def _taken(self, item: Item, made: _Made | None) -> list[tuple[End, str]]:
        """The results of the plain network that an item takes, each with its input port."""
        if made is not None:
            return list(made.inputs.items())
        wires = sorted(self.network.incoming(str(item)), key=lambda wire: natural(wire.target.port))
        return [(wire.source, wire.target.port) for wire in wires]

    def _given(self, item: Item, made: _Made | None) -> list[tuple[End, str]]:
        """The results of the plain network that an item gives, each with its output port."""
        if made is not None:
            return list(made.outputs.items())
        ends = dict.fromkeys(wire.source for wire in self.network.outgoing(str(item)))
        return [(end, end.port) for end in sorted(ends, key=lambda end: natural(end.port))]

    def _block(self, group: Group, prefix: str) -> _Made:
        """The definition of what stands at a place, which it shares with its likes."""
        scope, inside = self._scope(group, prefix), set(group.members)
        used = [end for end in scope.values if any(w.target.node not in inside for w in self._from(end))]
        taken = {end: [_titled(target.port, "in") for target in ends] for end, ends in scope.needs.items()}
        names = [names[0] if len(set(names)) == 1 else "in" for names in taken.values()]
        inputs = dict(zip(scope.needs, scope.ports("BlockInput", "in", names), strict=True))
        outs = scope.ports("BlockOutput", "out", [_titled(end.port, "out") for end in used])
        for source, targets in scope.needs.items():
            for target in targets:
                scope.wire(End(inputs[source], "out"), target)
        for end, port in zip(used, outs, strict=True):
            scope.wire(scope.values[end], End(port, "in"))
        given = self.titles.get(group.path, "")
        block = self._definition(given or _title(group.path), scope)
        self._called |= {block} if given else set()
        return _Made(block, inputs, dict(zip(used, outs, strict=True)))

    def _from(self, end: End) -> list[Wire]:
        return [wire for wire in self.network.outgoing(end.node) if wire.source == end]

    def _definition(self, title: str, scope: _Scope) -> str:
        nodes = [(n.id, n.kind, n.name, n.mode, n.fields) for n in scope.nodes.values()]
        key = json.dumps([title, nodes, sorted(map(str, scope.wires.values()))], sort_keys=True, default=repr)
        if key not in self._known:
            id = Network(blocks=self.blocks).fresh_block(_slug(title))
            self._known[key], self.blocks[id] = id, Block(id, title, Network(scope.nodes, scope.wires))
        return self._known[key]


def _clean(path: Sequence[str], deepest: int) -> tuple[str, ...]:
    """The steps as ids; those deeper than blocks may stand are joined to the last."""
    steps = [re.sub(r"[^\w]", "_", step)[:60] or "_" for step in path]
    return (
        (*steps[:deepest], STEP.join(steps[deepest:])[-95:].lstrip(STEP)) if len(steps) > deepest + 1 else tuple(steps)
    )


def _titled(port: str, plain: str) -> str:
    """What a port is called that carries what this one does."""
    return plain if _PLAIN.fullmatch(port) else port[:190]


def _title(path: Sequence[str]) -> str:
    """What a block is called of which no more than its place is known: "Layer" at layer1, "Inception" at inception_3a,
    "Layer block" at layer1.0."""
    named = next((step for step in reversed(path) if re.search(r"[^\W\d]", step)), "")
    stem = re.sub(r"_\d+$", "", re.sub(r"^([^\W\d]+?)_?\d+[a-z]?$", r"\1", named))
    words = stem.replace("_", " ").strip() or named
    inner = "" if path[-1] == named or words.lower().endswith("block") else " block"
    return (words[:1].upper() + words[1:] + inner).strip()


def _slug(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_")[:60] or "block"
