"""Where a plain layer is drawn, and which plain layer a drawn node stands for.

What is built has one flat network, whose ids tell the way: "res1/conv1" is conv1 inside res1, and "res1/0/conv1" the
same in the first of its repeats. A room shows the first repeat; a use shows what its last repeat gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphs.network import Network, Node, natural
from graphs.reuse.rooms import Path, network_at

Tree = dict[str, Any]


def place_of(network: Network, flat: str) -> tuple[Path, str] | None:
    """The room and the node in it that a plain layer is drawn as; None where there is none."""
    parts = flat.split("/")
    path: Path = ()
    here = network
    while parts:
        if flat in here.nodes and not path:
            return (), flat
        node = here.nodes.get(parts[0])
        if node is None:
            return None
        block = network.blocks.get(node.block) if node.block is not None else None
        if len(parts) == 1:
            return path, node.id
        if block is None:
            return None
        here, path, parts = block.network, (*path, node.id), parts[1:]
        if parts[0] not in here.nodes and parts[0].isdigit():
            parts = parts[1:]  # which of the repeats
    return None


def layers_of(network: Network, path: Path, known: Iterable[str]) -> dict[str, str]:
    """The plain layer for each node of a room, by the node's id; `known` are the ids of all plain layers.

    A use stands for the layer that gives its first result. Nodes that stand for no layer are left out.
    """
    here, tree = network_at(network, path), _tree(known)
    prefix = ""
    walked = network
    for id in path:
        inside = _inside(walked, walked.nodes[id], tree, prefix, first=True) if id in walked.nodes else None
        if inside is None or here is None:
            return {}
        walked, tree, prefix = inside
    if here is None:
        return {}
    found = ((id, _layer(here, node, tree, prefix)) for id, node in here.nodes.items())
    return {id: layer for id, layer in found if layer is not None}


def _tree(ids: Iterable[str]) -> Tree:
    """Ids as a tree of their parts: {"res1": {"0": {"conv1": {}}}}."""
    root: Tree = {}
    for id in ids:
        at = root
        for part in id.split("/"):
            at = at.setdefault(part, {})
    return root


def _inside(network: Network, use: Node, tree: Tree, prefix: str, first: bool) -> tuple[Network, Tree, str] | None:
    """The inner network of a use with the part of the tree below it, of its first or last repeat."""
    block = network.blocks.get(use.block) if use.block is not None else None
    below = tree.get(use.id)
    if block is None or not below:
        return None
    inner = Network(block.network.nodes, block.network.wires, {}, network.blocks)
    prefix = f"{prefix}{use.id}/"
    if "0" in below and "0" not in inner.nodes:
        turn = "0" if first else max(below, key=natural)
        return inner, below[turn], f"{prefix}{turn}/"
    return inner, below, prefix


def _layer(network: Network, node: Node, tree: Tree, prefix: str) -> str | None:
    """The id of the plain layer that computes what a node gives at its first output."""
    if node.kind == "BlockOutput":
        source = _giver(network, node.id)
        return _layer(network, source, tree, prefix) if source is not None else None
    if node.block is None:
        return f"{prefix}{node.id}" if node.id in tree else None
    inside = _inside(network, node, tree, prefix, first=False)
    if inside is None:
        return None
    inner, below, deeper = inside
    ends = sorted((n.id for n in inner.nodes.values() if n.kind == "BlockOutput"), key=natural)
    giver = _giver(inner, ends[0]) if ends else None
    return _layer(inner, giver, below, deeper) if giver is not None else None


def _giver(inner: Network, end: str) -> Node | None:
    """The node that feeds a port, looked for through what only hands on."""
    seen: set[str] = set()
    while end not in seen:
        seen.add(end)
        wire = next(iter(inner.incoming(end)), None)
        giver = inner.nodes.get(wire.source.node) if wire is not None else None
        if giver is None or (giver.kind != "Reroute" and giver.mode != "bypass"):
            return giver
        end = giver.id
    return None
