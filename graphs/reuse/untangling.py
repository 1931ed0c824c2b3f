"""What can be one block of a network: the nodes below each step of their paths, and the order of these in one place.

Where a way leaves a group and comes back to it, so that as one node it would feed itself, the group is no block: what
is in it stands beside the others, under names joined by "-".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from graphs.network import Network, natural

STEP = "-"
"""Joins the steps of a path in an id, where no block stands for them."""


@dataclass(eq=False)
class Group:
    """What stands below one path: nodes of the plain network, and groups, by their last step."""

    path: tuple[str, ...]
    nodes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    """All nodes in it, at whatever depth."""

    def put(self, path: Sequence[str], node: str) -> None:
        """Takes a node in. The last step is its name here, with a number where another has it."""
        self.members.append(node)
        first, *rest = path
        if rest:
            self.groups.setdefault(first, Group((*self.path, first))).put(rest, node)
        else:
            self.nodes[free(first, self.nodes)] = node


Item = Group | str
"""What becomes one node: a group, or a node of the plain network by its id."""


def free(name: str, taken: Iterable[str]) -> str:
    """The name, or it with a number, as in "relu_2"."""
    known = taken if isinstance(taken, Mapping | set | frozenset) else set(taken)
    if name not in known:
        return name
    stem = name[:90]
    return next(f"{stem}_{number}" for number in range(2, len(known) + 3) if f"{stem}_{number}" not in known)


def ordered(group: Group, network: Network) -> dict[str, Item]:
    """What stands in the place of a group, by name, each behind what feeds it and by natural order among equals."""
    items = _items(group)
    while True:
        after = _edges(items, network)
        order = _sorted(items, after)
        if len(order) == len(items) or not (apart := _in_the_way({*items} - {*order}, items, after)):
            rest = sorted({*items} - {*order}, key=natural)
            return {name: items[name] for name in (*order, *rest)}
        for name in apart:
            held = items.pop(name)
            assert isinstance(held, Group)
            for inner, item in _items(held).items():
                items[free(f"{name}{STEP}{inner}"[:95], items)] = item


def _items(group: Group) -> dict[str, Item]:
    """The groups and nodes directly below a group; a group goes before a node of its name."""
    items: dict[str, Item] = {**group.groups}
    for name, node in group.nodes.items():
        items[free(name, items)] = node
    return items


def _edges(items: Mapping[str, Item], network: Network) -> dict[str, set[str]]:
    """Which items each item feeds."""
    owner: dict[str, str] = {}
    for name, item in items.items():
        owner.update(dict.fromkeys(item.members, name) if isinstance(item, Group) else {item: name})
    after: dict[str, set[str]] = {name: set() for name in items}
    for node, name in owner.items():
        for wire in network.outgoing(node):
            target = owner.get(wire.target.node)
            if target is not None and target != name:
                after[name].add(target)
    return after


def _sorted(items: Iterable[str], after: Mapping[str, set[str]]) -> list[str]:
    """The items in order, without those that a circle blocks."""
    names = sorted(items, key=natural)
    rank = {name: index for index, name in enumerate(names)}
    waiting = dict.fromkeys(names, 0)
    for targets in after.values():
        for target in targets:
            waiting[target] += 1
    ready = [rank[name] for name, count in waiting.items() if not count]
    heapify(ready)
    order = []
    while ready:
        order.append(names[heappop(ready)])
        for target in after[order[-1]]:
            waiting[target] -= 1
            if not waiting[target]:
                heappush(ready, rank[target])
    return order


def _in_the_way(stuck: set[str], items: Mapping[str, Item], after: Mapping[str, set[str]]) -> list[str]:
    """Of each circle the largest group."""
    import networkx

    graph = networkx.DiGraph((name, other) for name in sorted(stuck) for other in sorted(after[name] & stuck))
    found = []
    for circle in networkx.strongly_connected_components(graph):
        groups = {name: item for name in circle if isinstance(item := items[name], Group)}
        if len(circle) > 1 and groups:
            found.append(max(sorted(groups), key=lambda name: len(groups[name].members)))
    return found
