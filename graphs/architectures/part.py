"""A whole architecture as one block: its inputs and outputs are cut off, and become the ports."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from graphs.layers.catalogue import standard
from graphs.network import Block, Network, Node


class Part(NamedTuple):
    """The id of a block, and the definitions: its own and those that it needs."""

    block: str
    blocks: dict[str, Block]

    @property
    def definition(self) -> Block:
        """The block itself."""
        return self.blocks[self.block]


def as_part(network: Network, name: str) -> Part:
    """The network as a block called as in its settings, with an id made of `name`."""
    key = name
    while key in network.blocks:
        key += "-whole"
    about = network.settings.get("about", {})
    nodes = {id: _port(node) for id, node in network.nodes.items()}
    inner = Network(nodes, network.wires, marks=network.marks)
    parameters = dict(network.settings.get("hyperparameters", {}))
    block = Block(key, about.get("title", name), inner, parameters, about.get("text", ""))
    return Part(key, {**network.blocks, key: block})


def _port(node: Node) -> Node:
    """The node, or a port where it is an input or an output."""
    kind = standard().kinds.get(node.kind)
    if kind is None or not (kind.source_only or kind.is_output):
        return node
    return replace(node, kind="BlockInput" if kind.source_only else "BlockOutput", fields={})
