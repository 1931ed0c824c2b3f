"""Problems of a network as a whole: loops, open ports, results that go nowhere, no input, no output."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphs.inference import problems
from graphs.inference.facts import Facts
from graphs.inference.problems import Problem
from graphs.layers.base import Port
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End, Network, Node, Wire

_EXPLAINED = 40
"""So many open ports get suggestions; more would only cost time."""
_TRIED = 6
"""So many outputs are tried for an open port, the nearest on the canvas first."""
Fits = Callable[[Network, Mapping[str, Facts], Wire], bool]


@dataclass(frozen=True)
class Survey:
    """Looks over a network whose nodes were analysed. `used` holds the nodes that an output depends on."""

    catalogue: Catalogue
    network: Network
    facts: Mapping[str, Facts]
    order: tuple[str, ...]
    used: frozenset[str]
    fits: Fits
    whole: bool = True
    """Whether results that go nowhere are told; where more is drawn than is computed they are told of what is drawn."""

    def problems(self) -> list[Problem]:
        """Every problem: those of the whole first, then node by node in the order of computation."""
        whole = [*self._whole(), *problems.cycles(self.network)]
        by_node: dict[str, list[Problem]] = {node: list(f.problems) for node, f in self.facts.items() if f.problems}
        for count, (node, port) in enumerate(self._open_ports()):
            by_node.setdefault(node.id, []).append(self._open(node, port, explain=count < _EXPLAINED))
        for problem in self._not_scores():
            by_node.setdefault(problem.node, []).append(problem)
        known = {problem.node for problem in whole} | by_node.keys()
        for node_id in self._dead_ends(known):
            by_node[node_id] = [problems.unused(self.network.nodes[node_id])]
        return whole + [p for node in self._sorted(by_node) for p in self._judged(node, by_node[node])]

    def _sorted(self, nodes: Mapping[str, object]) -> list[str]:
        if len(nodes) < 2:
            return list(nodes)
        rank = {n: index for index, n in enumerate(dict.fromkeys((*self.order, *self.network.ids)))}
        return sorted(nodes, key=lambda node: rank[node])

    def _judged(self, node: str, found: list[Problem]) -> list[Problem]:
        """Problems of what is not built are no errors; without any output everything is meant to be built."""
        return found if node in self.used or not self.used else [problems.milder(p) for p in found]

    def _whole(self) -> Iterator[Problem]:
        kinds = self.catalogue.kinds
        present = {node.kind for node in self.network.nodes.values()}
        if not any(kinds[kind].is_output for kind in present if kind in kinds):
            yield problems.no_output(self.network, self.catalogue, self._last_result())
        if present and not any(kinds[kind].source_only for kind in present if kind in kinds):
            first = next(self._open_ports(), None)
            end = End(first[0].id, first[1].name) if first else None
            yield problems.no_input(self.catalogue, end, self._input_for(end))

    def _input_for(self, end: End | None) -> str:
        """The first kind of input that suits an open port, an image where none does."""
        for name, kind in self.catalogue.kinds.items() if end else ():
            shape = kind().feeds()
            if end and shape is not None:
                new = self.network.fresh_id(kind.stem)
                facts = {**self.facts, new: Facts(outputs=(shape,), ports=("out",))}
                if self.fits(self.network, facts, Wire(End(new, "out"), end)):
                    return name
        return "ImageInput"

    def _not_scores(self) -> Iterator[Problem]:
        """Softmax before an output, where the recipe's loss is cross-entropy, which applies it itself."""
        recipe = self.network.settings.get("recipe")
        if not isinstance(recipe, Mapping) or recipe.get("loss", "cross-entropy") != "cross-entropy":
            return
        kinds = self.catalogue.kinds
        before = {
            wire.source.node: None
            for node in self.network.nodes.values()
            if node.kind in kinds and kinds[node.kind].is_output
            for wire in self.network.incoming(node.id)
        }
        for node in map(self.network.nodes.__getitem__, before):
            kind = kinds.get(node.kind)
            if kind and kind.holds != "scores" and self.facts[node.id].ok:
                yield problems.not_scores(node, kind, recipe)

    def _last_result(self) -> End | None:
        """The result that an output would stand behind: the last one that nothing takes."""
        ends = [End(i, self.facts[i].ports[0]) for i in self.order if self.facts[i].ports]
        free = [end for end in ends if not self.network.outgoing(end.node)]
        return (free or ends)[-1] if ends else None

    def _open_ports(self) -> Iterator[tuple[Node, Port]]:
        for node_id in self.network.ids:
            if None in self.facts[node_id].inputs:
                node = self.network.nodes[node_id]
                taken = {wire.target.port for wire in self.network.incoming(node_id)}
                for port in self._ports(node):
                    if port.name not in taken:
                        yield node, port

    def _ports(self, node: Node) -> tuple[Port, ...]:
        try:
            return self.catalogue.layer(node).inputs()
        except BadFields:
            return ()

    def _open(self, node: Node, port: Port, explain: bool) -> Problem:
        sources = self._sources(node, port) if explain else []
        return problems.open_port(self.network, node, port, sources)

    def _sources(self, node: Node, port: Port) -> list[End]:
        """The nearest outputs that suit an open port: results that nothing takes yet before all others; none where none
        suits it."""
        after = self.network.downstream({node.id})
        near = sorted(
            (end for end in self._results if end.node not in after),
            key=lambda end: (end.node in self._taken, _distance(self.network.nodes[end.node], node)),
        )[:_TRIED]
        target = End(node.id, port.name)
        return [end for end in near if self.fits(self.network, self.facts, Wire(end, target))][:2]

    @cached_property
    def _results(self) -> list[End]:
        facts = self.facts
        return [End(i, name) for i in self.network.ids if facts[i].outputs for name in facts[i].ports]

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(wire.source.node for wire in self.network.wires.values())

    def _dead_ends(self, known: set[str]) -> list[str]:
        """Nodes whose result nothing takes and that are no output, where no other problem speaks for them."""
        if not self.whole or not self.used or len(self.used) == len(self.network.nodes):
            return []
        rest = (node for node in self.order if node not in self.used and node not in known)
        return [node for node in rest if not self.network.outgoing(node)]


def _distance(source: Node, target: Node) -> float:
    """How far apart on the canvas; a source to the right of its target counts as far away."""
    across, down = target.position[0] - source.position[0], target.position[1] - source.position[1]
    return math.hypot(across, down) + (10_000.0 if across < 0 else 0.0)
