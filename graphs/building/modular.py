"""Which parts of a built network are modules of their own: one for each use of a block, called as one thing.

A use is a module that calls what is in it; a repeated one calls "0", "1", … in a row. Where a use cannot be called at
once (it needs, half-way, a result from outside that itself needs the use) it stays a container that is not called,
and the module around it calls what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from graphs.meaning.flat import Flat
from graphs.network import End

WHOLE = ""
"""The module of the whole network."""


@dataclass
class Part:
    """A module: the ids of the layers and parts that it calls, in order; its arguments and results.

    `inputs` names the ports that it takes with a layer's input port that each of them feeds; `outputs` are the results
    it gives, as ports of layers inside it.
    """

    id: str
    block: str = ""
    items: list[str] = field(default_factory=list)
    inputs: dict[str, End] = field(default_factory=dict)
    outputs: list[End] = field(default_factory=list)


class Parts:
    """The parts of a network whose `order` of layers is to be built."""

    def __init__(self, flat: Flat, order: Iterable[str]) -> None:
        self.flat, self.order = flat, tuple(order)
        self.rank = {id: index for index, id in enumerate(self.order)}
        self.held = _held(self.order)
        """The layers and parts directly inside each part, by its id."""
        self.ports = self._ports()
        """The port of a part through which a layer's input port is fed, by part and input port."""
        self.parts: dict[str, Part] = {}
        self._stuck: set[str] = set()
        self._make(WHOLE)

    def path(self, names: Mapping[str, str], item: str, around: str) -> str:
        """The name of a layer or a part as an attribute of the module `around` it; `names` are those of all of them."""
        return names[item][len(names[around]) + 1 if around else 0 :]

    def _make(self, id: str) -> None:
        items = list(self.held[id])
        while (ordered := self._ordered(items)) is None:
            items = self._dissolved(items)
        part = self.parts[id] = Part(id, items=ordered)
        if id != WHOLE:
            self._join(part)
        for item in ordered:
            if item in self.held:
                self._make(item)

    def _join(self, part: Part) -> None:
        """Finds the arguments and results of a part, in the order of the block's ports."""
        use = self.flat.uses[part.id] if part.id in self.flat.uses else self.flat.scopes[part.id + "/"]
        part.block = use.block
        fed = {port: end for (owner, end), port in reversed(self.ports.items()) if owner == part.id}
        part.inputs = {port: fed[port] for port in use.inputs if port in fed}
        layers = self.flat.leads
        for port in use.outputs:
            prefix = use.prefixes[-1] if part.id in self.flat.uses else part.id + "/"
            origin = layers.origin(End(prefix + port, "in")).source
            result = layers.result(origin) if origin is not None else None
            if result and result.node in self.rank and within(result.node, part.id) and result not in part.outputs:
                part.outputs.append(result)

    def _ports(self) -> dict[tuple[str, End], str]:
        found: dict[tuple[str, End], str] = {}
        layout = self.flat.leads.layout
        if not self.flat.uses:
            return found
        for target in layout.wires:
            if target.node not in self.rank or "/" not in target.node:
                continue
            for end in self.flat.leads.way(target):
                source = layout.wires.get(end)
                if source is None or source not in layout.through:
                    break
                owner, _, inner = source.node.rpartition("/")
                if owner and owner in self.held and within(target.node, owner):
                    found[owner, target] = inner
                shown = layout.through[source]
                if shown.node in self.flat.uses and within(target.node, shown.node):
                    found[shown.node, target] = shown.port
        return found

    def _ordered(self, items: list[str]) -> list[str] | None:
        """The items in an order in which each has what it needs; None where there is none."""
        place = {item: index for index, item in enumerate(items)}
        after: dict[str, set[str]] = {item: set() for item in items}
        waiting = dict.fromkeys(items, 0)
        owner = {layer: item for item in items for layer in self._layers(item)}
        for layer, second in owner.items():
            for wire in self.flat.network.incoming(layer):
                first = owner.get(wire.source.node)
                if first is not None and first != second and second not in after[first]:
                    after[first].add(second)
                    waiting[second] += 1
        ready = [place[item] for item in items if not waiting[item]]
        heapify(ready)
        ordered = []
        while ready:
            item = items[heappop(ready)]
            ordered.append(item)
            for other in after[item]:
                waiting[other] -= 1
                if not waiting[other]:
                    heappush(ready, place[other])
        self._stuck = {item for item in items if waiting[item]}
        return ordered if len(ordered) == len(items) else None

    def _layers(self, item: str) -> Iterator[str]:
        if item not in self.held:
            yield item
        for inner in self.held.get(item, ()):
            yield from self._layers(inner)

    def _dissolved(self, items: list[str]) -> list[str]:
        """The items with the parts that stand in each other's way taken apart."""
        made: list[str] = []
        for item in items:
            apart = item in self._stuck and item in self.held
            made.extend(self.held[item] if apart else [item])
        return sorted(made, key=self._first)

    def _first(self, item: str) -> int:
        while item in self.held:
            item = self.held[item][0]
        return self.rank[item]


def within(id: str, part: str) -> bool:
    """Whether a layer is inside a part, at whatever depth."""
    return not part or id.startswith(part + "/")


def _held(order: Iterable[str]) -> Mapping[str, list[str]]:
    held: dict[str, dict[str, None]] = {WHOLE: {}}
    for id in order:
        while id:
            around = id.rpartition("/")[0]
            known = around in held
            held.setdefault(around, {})[id] = None
            if known:
                break
            id = around
    return {part: list(items) for part, items in held.items()}
