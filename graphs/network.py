"""What a network is: nodes, wires and settings, as frozen values keyed by stable ids.

A network never changes. An edit (`graphs.edits`) makes a new one from it and shares what stayed the same,
so two networks can be compared node by node with `is`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import networkx


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
    default. `position` is the top left corner on the canvas, in pixels at 100 % zoom.
    """

    id: str
    kind: str
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)

    @property
    def title(self) -> str:
        """What a person calls this node: its name, or its id where it has none."""
        return self.name or self.id


@dataclass(frozen=True)
class Network:
    """Nodes by id, wires by the input port they end in, and the design's settings.

    An input port takes one wire, an output port any number. `settings` holds the sections of the design
    that are no layers, such as "data" and "recipe", as JSON values that `studio` gives a meaning to.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    wires: Mapping[End, Wire] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

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
        highest: dict[str, int] = {}
        for node in self.nodes:
            match = re.fullmatch(r"(.*?)(\d{1,9})", node)
            if match:
                highest[match[1]] = max(int(match[2]), highest.get(match[1], 0))
        return highest

    def fresh_id(self, stem: str, offset: int = 1) -> str:
        """An id that no node has: the stem and the number `offset` after the highest in use."""
        return f"{stem}{self._highest.get(stem, 0) + offset}"

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


def _grouped(wires: Mapping[End, Wire], end: str) -> Mapping[str, tuple[Wire, ...]]:
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
