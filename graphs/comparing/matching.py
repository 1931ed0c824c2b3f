"""Which node of one network is which node of another: by id, then by name, by neighbours, by what they do.

A node whose id was changed is still found. The answer does not depend on which of the two networks comes first.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

from graphs.network import Network, Node, natural

Key = Callable[[Node], Hashable]
Pair = tuple[str, str]
Natural = tuple[tuple[int, str], ...]


def match(before: Network, after: Network) -> Mapping[str, str]:
    """The id in `after` of every node of `before` that is still there; each id occurs once on either side."""
    return _Matching(before, after).run()


class _Matching:
    def __init__(self, before: Network, after: Network) -> None:
        self.before, self.after = before, after
        self.pairs: dict[str, str] = {}
        self.mates: dict[str, str] = {}

    def run(self) -> Mapping[str, str]:
        same = [(i, i) for i in self.before.nodes if i in self.after.nodes]
        self._take(same)
        if len(self.pairs) == len(self.before.nodes) or len(self.mates) == len(self.after.nodes):
            return self.pairs
        self._spread(self._named())
        self._spread(same)
        for key in (_does, _kind):
            self._spread(self._alone(key))
        return self.pairs

    def _take(self, pairs: Iterable[Pair]) -> list[Pair]:
        new = []
        for a, b in sorted(pairs, key=_rank):
            if a not in self.pairs and b not in self.mates:
                self.pairs[a], self.mates[b] = b, a
                new.append((a, b))
        return new

    def _left(self) -> tuple[list[Node], list[Node]]:
        return (
            [node for i, node in self.before.nodes.items() if i not in self.pairs],
            [node for i, node in self.after.nodes.items() if i not in self.mates],
        )

    def _named(self) -> list[Pair]:
        """Nodes of one kind and one name."""
        old, new = self._left()
        named = ([n for n in old if n.name], [n for n in new if n.name])
        return self._take(_zipped(*named, lambda node: (node.kind, node.name)))

    def _alone(self, key: Key) -> list[Pair]:
        """Nodes that are the only ones of their sort on both sides."""
        old, new = (_grouped(nodes, key) for nodes in self._left())
        return self._take((old[k][0].id, new[k][0].id) for k in old if len(old[k]) == len(new.get(k, ())) == 1)

    def _spread(self, found: list[Pair]) -> None:
        """From every pair along its wires: what stands in the same place beside it is the same node."""
        while found:
            found = self._take([pair for near in found for pair in self._beside(*near)])

    def _beside(self, a: str, b: str) -> Iterator[Pair]:
        for outwards in (True, False):
            old = self._neighbours(self.before, a, outwards, self.pairs)
            new = self._neighbours(self.after, b, outwards, self.mates)
            for place in old.keys() & new.keys():
                yield from _likely(old[place], new[place])

    def _neighbours(
        self, network: Network, id: str, outwards: bool, taken: Mapping[str, str]
    ) -> dict[Hashable, list[Node]]:
        """Nodes that are not matched yet, by the ports that join them to this one, and their kind."""
        places: dict[Hashable, list[Node]] = defaultdict(list)
        for wire in network.outgoing(id) if outwards else network.incoming(id):
            other = wire.target if outwards else wire.source
            if other.node not in taken and (node := network.nodes.get(other.node)) is not None:
                places[wire.source.port, wire.target.port, node.kind].append(node)
        return places


def _likely(old: list[Node], new: list[Node]) -> Iterator[Pair]:
    """Of several that stand in one place, first those that do the same, then in natural order."""
    same = list(_zipped(old, new, _does))
    yield from same
    gone = ({a for a, _ in same}, {b for _, b in same})
    yield from _zipped([n for n in old if n.id not in gone[0]], [n for n in new if n.id not in gone[1]], _kind)


def _zipped(old: Iterable[Node], new: Iterable[Node], key: Key) -> Iterator[Pair]:
    first, second = _grouped(old, key), _grouped(new, key)
    for k, nodes in first.items():
        yield from ((a.id, b.id) for a, b in zip(nodes, second.get(k, ()), strict=False))


def _grouped(nodes: Iterable[Node], key: Key) -> dict[Hashable, list[Node]]:
    groups: dict[Hashable, list[Node]] = defaultdict(list)
    for node in sorted({n.id: n for n in nodes}.values(), key=lambda n: natural(n.id)):
        groups[key(node)].append(node)
    return groups


def _does(node: Node) -> Hashable:
    return node.kind, json.dumps(node.fields, sort_keys=True, default=repr)


def _kind(node: Node) -> Hashable:
    return node.kind


def _rank(pair: Pair) -> tuple[Natural, Natural]:
    """The order in which pairs are taken: the same from either side."""
    first, second = natural(pair[0]), natural(pair[1])
    return min(first, second), max(first, second)
