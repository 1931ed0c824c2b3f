"""Blocks laid out: every node of every use with an id of its own, and what leads from where to where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graphs.inference.problems import Problem, lost_wire
from graphs.layers.base import Layer
from graphs.layers.blocks import ports
from graphs.layers.catalogue import BadFields, Catalogue, unresolved
from graphs.limits import MOST_DEPTH
from graphs.meaning.expressions import ExpressionFault
from graphs.meaning.resolving import faults
from graphs.meaning.scopes import MOST_REPEATS, REPEAT, Names, inner_names, resolved
from graphs.network import Block, End, Network, Node, Wire

WIRING = frozenset(("Reroute", "BlockInput", "BlockOutput"))


@dataclass(frozen=True)
class Use:
    """A use of a block laid out: the node as drawn, what the ids inside begin with (one for each repeat), and what
    names stand for inside."""

    node: Node
    block: str
    prefixes: tuple[str, ...]
    names: Names
    titles: tuple[str, ...]
    """What the names inside begin with, one for each repeat."""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass
class Layout:
    """All nodes under their full ids. `nodes` compute; `broken` are those of which nothing is known; the output ports
    in `through` show what comes into an input port. `wires` leads from each input port to the output port drawn."""

    nodes: dict[str, Node] = field(default_factory=dict)
    drawn: dict[str, Node] = field(default_factory=dict)
    """Nodes that do not compute: dots, ports of blocks, uses, bypassed and muted ones."""
    wires: dict[End, End] = field(default_factory=dict)
    through: dict[End, End] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    uses: dict[str, Use] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)
    lost: set[End] = field(default_factory=set)
    """Input ports whose wire holds on to no port."""


@dataclass(frozen=True)
class _Scope:
    """Where nodes stand: in the design itself, or in one repeat of one use."""

    prefix: str
    title: str
    names: Names
    blocks: tuple[str, ...] = ()


class Expansion:
    """Lays a network out. Nodes equal to those in `known` keep their identity."""

    def __init__(self, network: Network, catalogue: Catalogue, names: Names, known: Mapping[str, Node]) -> None:
        self.network, self.catalogue, self.names, self.known = network, catalogue, names, known
        self.layout = Layout()
        self._sizes: dict[tuple[str, int], int] = {}
        self._fields: dict[tuple[int, int], Mapping[str, Any]] = {}
        self._scopes: dict[tuple[str, str], tuple[Names, dict[str, str]]] = {}
        self._room = faults.MOST_NODES - len(network.nodes)

    def laid_out(self) -> Layout:
        """The whole network."""
        self._scope(self.network, _Scope("", "", self.names))
        return self.layout

    def _scope(self, network: Network, scope: _Scope) -> None:
        for node in network.nodes.values():
            self._node(network, node, scope)
        before = scope.prefix
        for end, wire in network.wires.items():
            source = wire.source
            if before:
                end, source = End(before + end.node, end.port), End(before + source.node, source.port)
            self.layout.wires[end] = source
            if end.node in self.layout.uses or source.node in self.layout.drawn:
                self._held(network, wire, end, source)

    def _held(self, network: Network, wire: Wire, end: End, source: End) -> None:
        """Finds a wire that ends in a port that a use does not have, or starts from one that is not there."""
        layout, use = self.layout, self.layout.uses.get(end.node)
        lost = use is not None and end.port not in use.inputs
        if source.node in layout.drawn and source not in layout.through:
            inner = bool(end.node.rpartition("/")[0]) and layout.drawn[source.node].kind == "BlockInput"
            lost = lost or not (inner or source.node in layout.muted or source.node in layout.broken)
        if lost:
            layout.lost.add(end)
            self._fault(end.node, lost_wire(network.nodes[wire.target.node], wire))

    def _node(self, network: Network, node: Node, scope: _Scope) -> None:
        full = scope.prefix + node.id
        if node.mode == "mute":
            self.layout.drawn[full] = node
            self.layout.muted.add(full)
        elif node.kind in WIRING:
            self._wiring(node, full, inner=bool(scope.prefix))
        elif node.mode == "bypass" and (ends := self._ends(network, node, scope)) is not None:
            self.layout.drawn[full] = node
            self.layout.through.update({End(full, out): End(full, ends[0]) for out in ends[1]})
        elif node.block is not None:
            self._use(node, full, scope)
        else:
            self._layer(node, full, scope)

    def _fault(self, full: str, problem: Problem) -> None:
        self.layout.faults.append(replace(problem, node=full))

    def _wiring(self, node: Node, full: str, inner: bool) -> None:
        self.layout.drawn[full] = node
        if node.kind == "Reroute":
            self.layout.through[End(full, "out")] = End(full, "in")
        elif not inner:
            self._fault(full, faults.outside(node))
            self.layout.broken.add(full)

    def _ends(self, network: Network, node: Node, scope: _Scope) -> tuple[str, tuple[str, ...]] | None:
        """The first input and all outputs of a bypassed node; None where it has none, which is a fault."""
        layer = self._parsed(node, scope)
        if layer is not None:
            inputs = [port.name for port in layer.inputs()]
            outputs = tuple(port.name for port in layer.outputs())
        elif node.block in self.network.blocks:
            block = self.network.blocks[str(node.block)]
            inputs = [port.name for port in ports(block, "BlockInput")]
            outputs = tuple(port.name for port in ports(block, "BlockOutput"))
        else:
            inputs = sorted(wire.target.port for wire in network.incoming(node.id))
            outputs = tuple({wire.source.port: None for wire in network.outgoing(node.id)})
        if inputs and (outputs or layer is None):
            return inputs[0], outputs
        self._fault(scope.prefix + node.id, faults.no_bypass(node))
        return None

    def _parsed(self, node: Node, scope: _Scope) -> Layer | None:
        """The layer of a node; None for a use, an unknown kind, or fields that do not fit."""
        if node.kind not in self.catalogue.kinds or node.block is not None:
            return None
        try:
            return self.catalogue.parse(node.kind, resolved(node.fields, scope.names))
        except (BadFields, ExpressionFault):
            return self.catalogue.kinds[node.kind]()

    def _layer(self, node: Node, full: str, scope: _Scope) -> None:
        kind = self.catalogue.kinds.get(node.kind)
        if scope.prefix and kind is not None and (kind.source_only or kind.is_output):
            self.layout.drawn[full] = node
            self.layout.broken.add(full)
            self._fault(full, faults.inner_end(node, kind.is_output))
            return
        try:
            fields = self._resolved(node, scope.names)
        except ExpressionFault as fault:
            fields = node.fields
            self.layout.broken.add(full)
            self._fault(full, faults.field(node, unresolved(self.catalogue.kinds.get(node.kind), fault)))
        if scope.prefix or fields is not node.fields or node.mode:
            name = f"{scope.title}{_spoken(node.title)}" if scope.prefix else node.name
            node = Node(full, node.kind, name, fields, node.position)
            old = self.known.get(full)
            node = old if old == node else node
        self.layout.nodes[full] = node

    def _resolved(self, node: Node, names: Names) -> Mapping[str, Any]:
        """The fields with their expressions evaluated, once for all repeats. Raises ExpressionFault."""
        key = (id(node), id(names))
        if key not in self._fields:
            self._fields[key] = resolved(node.fields, names)
        return self._fields[key]

    def _use(self, node: Node, full: str, scope: _Scope) -> None:
        self.layout.drawn[full] = node
        block = self.network.blocks.get(str(node.block))
        if problem := self._impossible(node, block):
            self._fault(full, problem)
            self.layout.broken.add(full)
            return
        assert block is not None
        try:
            given = resolved(node.fields, scope.names)
        except ExpressionFault as fault:
            kind = self.catalogue.kinds.get(node.kind)
            self._fault(full, faults.field(node, unresolved(kind, fault)))
            self.layout.broken.add(full)
            return
        self._lay_out(node, full, scope, block, given)

    def _impossible(self, node: Node, block: Block | None) -> Problem | None:
        if block is None:
            return faults.unknown_block(node)
        if block.id not in self._heights:
            return faults.inside_itself(node)
        return faults.too_deep(node) if self._heights[block.id] > MOST_DEPTH else None

    def _lay_out(self, node: Node, full: str, scope: _Scope, block: Block, given: Mapping[str, Any]) -> None:
        times = repeats_of(given)
        if times is None:
            self._fault(full, faults.repeats(node))
            times = 1
        for name, value in given.items():
            if name != REPEAT and not _suits(value, block.parameters.get(name)):
                self._fault(full, faults.strange_parameter(node, name))
        names, missing = self._inner_names(block, given)
        for name, sentence in missing.items():
            self._fault(full, faults.parameter(node, name, sentence))
        if not scope.prefix:
            needed = times * self._size(block, names)
            if needed > self._room:
                self._fault(full, faults.too_many(node))
                self.layout.broken.add(full)
                return
            self._room -= needed
        self._repeat(node, full, scope, block, names, times)

    def _inner_names(self, block: Block, given: Mapping[str, Any]) -> tuple[Names, dict[str, str]]:
        """What names stand for inside a block, worked out once for all uses that set the same."""
        key = (block.id, repr(sorted((name, value) for name, value in given.items() if name in block.parameters)))
        if key not in self._scopes:
            self._scopes[key] = inner_names(block, self.names, given)
        return self._scopes[key]

    def _repeat(self, node: Node, full: str, scope: _Scope, block: Block, names: Names, times: int) -> None:
        inputs = [port.name for port in ports(block, "BlockInput")]
        outputs = [port.name for port in ports(block, "BlockOutput")]
        if times > 1 and not 0 < len(outputs) <= len(inputs):
            self._fault(full, faults.unchained(node, len(inputs), len(outputs)))
        marks = [f"/{i}/" for i in range(times)] if times > 1 else ["/"]
        titles = tuple(f"{scope.title}{_spoken(node.title)}{mark}" for mark in marks)
        prefixes = tuple(full + mark for mark in marks)
        use = Use(node, block.id, prefixes, names, titles, tuple(inputs), tuple(outputs))
        self.layout.uses[full] = use
        before = ""
        for prefix, title in zip(use.prefixes, titles, strict=True):
            for index, name in enumerate(inputs):
                chained = before and index < len(outputs)
                shown = End(before + outputs[index], "in") if chained else End(full, name)
                self.layout.through[End(prefix + name, "out")] = shown
            self._scope(block.network, _Scope(prefix, title, names, (*scope.blocks, block.id)))
            before = prefix
        self.layout.through.update({End(full, name): End(before + name, "in") for name in outputs})

    def _size(self, block: Block, names: Names) -> int:
        """How many nodes one repeat of a block lays out; more than can be is as good as any number."""
        key = (block.id, id(names))  # the same names are the same object, kept in `_scopes`
        if key in self._sizes:
            return self._sizes[key]
        total = len(block.network.nodes) + 1
        for node in self._inner[block.id]:
            inner = self.network.blocks.get(str(node.block))
            if inner is None or node.mode or self._impossible(node, inner):
                continue
            if total > faults.MOST_NODES or len(self._sizes) > faults.MOST_NODES // 10:
                return faults.MOST_NODES + 1
            try:
                given = resolved(node.fields, names)
            except ExpressionFault:
                continue
            within, _ = self._inner_names(inner, given)
            total += (repeats_of(given) or 1) * self._size(inner, within)
        self._sizes[key] = total
        return total

    @cached_property
    def _inner(self) -> Mapping[str, tuple[Node, ...]]:
        """The uses of blocks in each block."""
        blocks = self.network.blocks.values()
        return {b.id: tuple(n for n in b.network.nodes.values() if n.block is not None) for b in blocks}

    @cached_property
    def _heights(self) -> Mapping[str, int]:
        """How many blocks deep each block is; one that holds itself, here or further inside, is not in it."""
        needs = {id: {str(n.block) for n in nodes} & self._inner.keys() for id, nodes in self._inner.items()}
        users: dict[str, list[str]] = {}
        for id, inner in needs.items():
            for other in inner:
                users.setdefault(other, []).append(id)
        ready = [id for id, inner in needs.items() if not inner]
        heights: dict[str, int] = {}
        while ready:
            id = ready.pop()
            heights[id] = 1 + max((heights[inner] for inner in needs[id]), default=0)
            for user in users.get(id, ()):
                if needs[user] <= heights.keys():
                    ready.append(user)
        return heights


def _spoken(title: str) -> str:
    """A title as part of a longer one, whose parts are joined by "/"."""
    return title.replace("/", "∕")


def repeats_of(given: Mapping[str, Any]) -> int | None:
    """How many times a use of a block with these fields stands in a row; None where the number is none."""
    times = given.get(REPEAT, 1)
    number = isinstance(times, int | float) and not isinstance(times, bool) and 1 <= times <= MOST_REPEATS
    return int(times) if number and times == int(times) else None


def _suits(value: Any, default: Any) -> bool:
    """Whether a value can stand in for this default; an expression is a number, as a rule."""
    if default is None:
        return False
    if isinstance(default, str) and default.startswith("="):
        return isinstance(value, int | float | str)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))
