"""What a network is: nodes, wires, blocks, marks and settings, as frozen values keyed by stable ids.

A network never changes. An edit (`graphs.edits`) makes a new one from it and shares what stayed the same,
so two networks can be compared node by node with `is`.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import networkx


Mode = Literal["", "bypass", "mute"]
"""How a node takes part: it computes, it hands its input on unchanged, or it and what it alone feeds are left out."""


BLOCK = "block-"
"""How the kind of a node begins that is a use of a block."""


class End(NamedTuple):
    """One end of a wire: a port of a node."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


@dataclass(frozen=True)
class Wire:
    """A connection from an output port (`source`) to an input port (`target`)."""

    source: End
    target: End

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class Node:
    """One layer on the canvas.

    `fields` holds plain JSON values (a pair is a list) and may be partial: what is missing has the kind's
    default. A text that begins with "=" is an expression over named hyperparameters: "=width*2". `position` is the
    top left corner on the canvas, in pixels at 100 % zoom. A node of kind "block-x" is a use of the block "x".
    """

    id: str
    kind: str
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    mode: Mode = ""

    @property
    def title(self) -> str:
        """What a person calls this node: its name, or its id where it has none."""
        return self.name or self.id

    @property
    def block(self) -> str | None:
        """The id of the block that this node is a use of; None for a layer."""
        return self.kind.removeprefix(BLOCK) if self.kind.startswith(BLOCK) else None


@dataclass(frozen=True)
class Frame:
    """A titled, coloured frame around nodes and notes; where it lies follows from what it holds.

    `colour` is the id of a layer family, or empty for grey. A node or note is in one frame at most.
    """

    id: str
    title: str = ""
    colour: str = ""
    members: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """A sticky note: text beside the network, in pixels at 100 % zoom."""

    id: str
    text: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (200.0, 96.0)
    colour: str = ""


Mark = Frame | Note


@dataclass(frozen=True)
class Block:
    """A network that is used as one node, any number of times.

    Its ports are the nodes of kind BlockInput and BlockOutput in `network`, in natural order of their ids. `parameters`
    are the names that expressions inside may use, with their defaults; a use may set them in its fields. The
    inner network holds nodes, wires and marks; blocks and settings belong to the whole design alone.
    """

    id: str
    title: str = ""
    network: Network = field(default_factory=lambda: Network())
    parameters: Mapping[str, Any] = field(default_factory=dict)
    help: str = ""


@dataclass(frozen=True)
class Network:
    """Nodes by id, wires by the input port they end in, blocks and marks by id, and the design's settings.

    An input port takes one wire, an output port any number. `settings` holds the sections of the design
    that are no layers, such as "data", "recipe" and "hyperparameters", as JSON values that others give a meaning to.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    wires: Mapping[End, Wire] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    within: str = field(default="", compare=False, repr=False)
    """The id of the block that this is the inside of, as `graphs.edits.inside` gives it; empty for a design."""

    @classmethod
    def of(cls, nodes: list[Node], wires: list[Wire], settings: Mapping[str, Any] | None = None) -> Network:
        """A network of these nodes and wires."""
        return cls({n.id: n for n in nodes}, {w.target: w for w in wires}, settings or {})

    @cached_property
    def _incoming(self) -> Mapping[str, tuple[Wire, ...]]:
        return _grouped(self.wires, "target")

    @cached_property
    def _outgoing(self) -> Mapping[str, tuple[Wire, ...]]:
        return _grouped(self.wires, "source")

    def incoming(self, node: str) -> tuple[Wire, ...]:
        """The wires that end in `node`."""
        return self._incoming.get(node, ())

    def outgoing(self, node: str) -> tuple[Wire, ...]:
        """The wires that start at `node`."""
        return self._outgoing.get(node, ())

    @cached_property
    def _highest(self) -> Mapping[str, int]:
        """The highest number in use behind each stem of the ids: {"conv": 2} for conv1 and conv2."""
        return _highest_numbers((*self.nodes, *self.marks))

    def fresh_id(self, stem: str, offset: int = 1) -> str:
        """An id that no node and no mark has: the stem and the number `offset` after the highest in use."""
        return f"{stem}{self._highest.get(stem, 0) + offset}"

    def fresh_block(self, stem: str) -> str:
        """An id that no block has: the stem itself, or the stem with a number."""
        if stem not in self.blocks:
            return stem
        number = _highest_numbers(self.blocks).get(stem, 1) + 1
        while f"{stem}{number}" in self.blocks:  # a stem that ends in a digit itself
            number += 1
        return f"{stem}{number}"

    @cached_property
    def frame_of(self) -> Mapping[str, str]:
        """The frame that a node or note is in, by the id of the node or note."""
        frames = (mark for mark in self.marks.values() if isinstance(mark, Frame))
        return {held: frame.id for frame in frames for held in (*frame.members, *frame.notes)}

    @cached_property
    def uses(self) -> frozenset[str]:
        """The ids of the blocks that nodes of this network are uses of, whether or not there are such blocks."""
        return frozenset(node.kind[len(BLOCK) :] for node in self.nodes.values() if node.kind.startswith(BLOCK))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """All ids in natural order (conv2 before conv10), whatever order the nodes were added in."""
        return tuple(sorted(self.nodes, key=natural))

    @cached_property
    def graph(self) -> networkx.MultiDiGraph:
        """The same graph for networkx: nodes by id, an edge per wire with the wire as its key."""
        import networkx

        graph = networkx.MultiDiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from((w.source.node, w.target.node, w) for w in self.wires.values())
        return graph

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Ids in topological order, by natural order among equals; what a cycle blocks is left out.

        Kahn's algorithm over a heap, as `networkx.lexicographical_topological_sort`, which raises on a
        cycle where the canvas still needs the part before it.
        """
        ids = self.ids
        rank = {node: index for index, node in enumerate(ids)}
        waiting = {node: len(self.incoming(node)) for node in self.nodes}
        ready = [rank[node] for node, count in waiting.items() if not count]
        heapify(ready)
        order = []
        while ready:
            node = ids[heappop(ready)]
            order.append(node)
            for wire in self.outgoing(node):
                waiting[wire.target.node] -= 1
                if not waiting[wire.target.node]:
                    heappush(ready, rank[wire.target.node])
        return tuple(order)

    def cycles(self) -> list[list[str]]:
        """The groups of nodes that feed themselves (strongly connected components), empty when there is none."""
        if len(self.order) == len(self.nodes):
            return []
        import networkx

        groups = networkx.strongly_connected_components(self.graph)
        loops = [sorted(g) for g in groups if len(g) > 1 or any(self.graph.has_edge(n, n) for n in g)]
        return sorted(loops)

    def downstream(self, starts: set[str]) -> set[str]:
        """`starts` and every node that can be reached from them."""
        return _reach(starts, lambda node: (w.target.node for w in self.outgoing(node)))

    def upstream(self, starts: set[str]) -> set[str]:
        """`starts` and every node from which they can be reached."""
        return _reach(starts, lambda node: (w.source.node for w in self.incoming(node)))


@lru_cache(maxsize=100_000)
def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key in which conv2 stands before conv10."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((int(p), p) if p.isascii() and p.isdigit() else (-1, p) for p in parts)


def _highest_numbers(ids: Iterable[str]) -> Mapping[str, int]:
    highest: dict[str, int] = {}
    for text in ids:
        match = re.fullmatch(r"(.*?)(\d{1,9})", text)
        if match:
            highest[match[1]] = max(int(match[2]), highest.get(match[1], 0))
    return highest


Groups = Mapping[str, tuple[Wire, ...]]
_recent: deque[tuple[Mapping[End, Wire], str, Groups]] = deque(maxlen=8)
"""The wires that were grouped last: most edits leave them as they are."""


def _grouped(wires: Mapping[End, Wire], end: str) -> Groups:
    for known, by, found in tuple(_recent):
        if known is wires and by == end:
            return found
    made = _by_node(wires, end)
    _recent.append((wires, end, made))
    return made


def _by_node(wires: Mapping[End, Wire], end: str) -> Groups:
    groups: dict[str, list[Wire]] = defaultdict(list)
    for wire in wires.values():
        groups[getattr(wire, end).node].append(wire)
    return {node: tuple(found) for node, found in groups.items()}


def _reach(starts: set[str], step: Any) -> set[str]:
    seen, stack = set(starts), list(starts)
    while stack:
        for node in step(stack.pop()):
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return seen
