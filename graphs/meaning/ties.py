"""Layers that share their weights: which follows which, kept in the settings of a design, and what becomes of it.

`settings["ties"]` says for the id of a layer whose weights it has: {"head": "wte"}. The ids are those of the resolved
network ("decoder/0/fc"), so one repeat of one use can share with another. Light: no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graphs.meaning.scopes import MOST_REPEATS, REPEAT
from graphs.network import Network, Node
from graphs.patches import EditError, Patch

TIES = "ties"
"""The section of the settings."""
MOST = 100_000
"""Layers that follow others, at most; a design holds no more layers."""
Ties = Mapping[str, str]


def ties_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """Which layer each layer shares its weights with; what a strange file says instead is left out."""
    found = settings.get(TIES)
    pairs = islice(found.items(), MOST) if isinstance(found, Mapping) else ()
    return {a: b for a, b in pairs if isinstance(a, str) and isinstance(b, str) and a != b}


def root(ties: Ties, id: str) -> str | None:
    """The layer at the end of the row that begins with this one; None where the row is a circle."""
    seen = {id}
    while id in ties:
        id = ties[id]
        if id in seen:
            return None
        seen.add(id)
    return id


def roots(ties: Ties) -> dict[str, str | None]:
    """The same for every layer that follows another one, each looked at once."""
    found: dict[str, str | None] = {}
    for id in ties:
        row: dict[str, None] = {}
        while id in ties and id not in found and id not in row:
            row[id] = None
            id = ties[id]
        end = None if id in row else found.get(id, id)
        found.update(dict.fromkeys(row, end))
    return found


def groups(ties: Ties) -> dict[str, list[str]]:
    """The layers that share with each other, by the one they all follow; those in a circle are left out."""
    found: dict[str, list[str]] = {}
    for id, first in roots(ties).items():
        if first is not None:
            found.setdefault(first, []).append(id)
    return found


@dataclass(frozen=True)
class ShareWeights:
    """Lets a layer have the weights of another one, or its own again. Both by their ids in the resolved network."""

    follower: str
    source: str | None

    @property
    def label(self) -> str:
        if self.source is None:
            return f"Give {self.follower} weights of its own"
        return f"Share the weights of {self.source} with {self.follower}"

    def patch(self, network: Network) -> Patch:
        """The section as it is then. Raises EditError where layers would follow each other in a circle."""
        ties = {id: other for id, other in ties_of(network.settings).items() if id != self.follower}
        if self.source is not None:
            ties[self.follower] = self.source
            if root(ties, self.follower) is None:
                raise EditError(f"“{self.source}” has its weights from “{self.follower}” already.")
        return Patch(settings={TIES: ties or None})

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""
        return self.patch(network).apply(network)


@dataclass(frozen=True)
class ShareAll:
    """Lets many layers have the weights of others, or their own (None) again: what a `node` and another stand for."""

    pairs: Mapping[str, str | None]
    node: str
    other: str

    @property
    def label(self) -> str:
        return ShareWeights(self.node, self.other or None).label

    def patch(self, network: Network) -> Patch:
        """The section as it is then. Raises EditError where layers would follow each other in a circle."""
        kept = {id: other for id, other in ties_of(network.settings).items() if id not in self.pairs}
        ties = kept | {id: other for id, other in self.pairs.items() if other is not None}
        ends = roots(ties)
        if any(ends.get(id, id) is None for id in self.pairs):
            raise EditError(f"“{self.other}” has its weights from “{self.node}” already.")
        return Patch(settings={TIES: ties or None})

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""
        return self.patch(network).apply(network)


def renamed(network: Network, named: Callable[[str], str | None]) -> dict[str, Any]:
    """The section when layers stand under other ids: what a patch of the settings says, nothing where it stays.

    `named` gives the id that each has then, None where it goes. Those that followed one that goes follow the first of
    them.
    """
    old = ties_of(network.settings)
    new: dict[str, str] = {}
    for first, others in groups(old).items():
        names = {id: name for id in (first, *others) if (name := named(id)) is not None}
        leader = next(iter(names.values()), "")
        new |= {name: names.get(old[id], leader) for id, name in names.items() if id != first and name != leader}
    return {} if new == old else {TIES: new or None}


Moved = Mapping[str, Mapping[str, str]]
"""The ways to layers that stand elsewhere, before and after, in a block of the design ("" for the design itself). What
goes has no way after ("")."""


def followed(network: Network, moved: Moved, gone: Collection[tuple[str, str]]) -> dict[str, Any]:
    """The same when layers move, and when nodes go from blocks; `network` is the whole design as it was."""
    if TIES not in network.settings or not (gone or any(moved.values())):
        return {}
    return renamed(network, lambda id: _place(network, id, moved, gone))


def recounted(before: Mapping[str, Node], after: Mapping[str, Node | None]) -> dict[str, str]:
    """The ways in uses of blocks that stand more or less often in a row than they did: "u/0" is "u" when there is one
    left. What an expression counts stays as it is."""
    ways: dict[str, str] = {}
    for id, node in after.items():
        if node is None or id not in before or before[id].kind != node.kind or node.block is None:
            continue
        old, new = before[id].fields.get(REPEAT, 1), node.fields.get(REPEAT, 1)
        if old == new or not all(type(count) is int and 1 <= count <= MOST_REPEATS for count in (old, new)):
            continue
        if old == 1:
            ways[id] = f"{id}/0"
        else:
            ways |= {f"{id}/{number}": "" for number in range(new, old)}
            ways |= {f"{id}/0": id} if new == 1 else {}
    return ways


def copied(ties: Ties, names: Mapping[str, str]) -> dict[str, str]:
    """The pairs of which both layers stand in these nodes, under the names that the nodes have afterwards."""
    parts = [(a.split("/", 1), b.split("/", 1)) for a, b in ties.items()]
    inside = [pair for pair in parts if all(way[0] in names for way in pair)]
    return {"/".join([names[a[0]], *a[1:]]): "/".join([names[b[0]], *b[1:]]) for a, b in inside}


def removed(network: Network, ids: Collection[str]) -> dict[str, Any]:
    """The same when these nodes go; nothing for the inside of a block, whose uses the whole design alone knows."""
    return {} if network.within else followed(network, {}, {("", id) for id in ids})


def _place(network: Network, id: str, moved: Moved, gone: Collection[tuple[str, str]]) -> str | None:
    """Where a layer stands then."""
    level, block, before, parts = network, "", "", id.split("/")
    while parts:
        ways = moved.get(block, {})
        for length in range(len(parts), 0, -1):
            if (way := ways.get("/".join(parts[:length]))) is not None:
                return "/".join([before + way, *parts[length:]]) if way else None
        if (block, parts[0]) in gone:
            return None
        node = level.nodes.get(parts[0])
        if node is None or node.block not in network.blocks:
            return id
        step = 2 if len(parts) > 2 and parts[1].isdigit() and node.fields.get(REPEAT, 1) != 1 else 1
        before += "".join(f"{part}/" for part in parts[:step])
        block, parts = str(node.block), parts[step:]
        level = network.blocks[block].network
    return id
