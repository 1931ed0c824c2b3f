"""What a person calls a node: on its card, in the inspector and in its help, everywhere the same."""

from __future__ import annotations

from graphs.layers.base import Layer, Unknown
from graphs.layers.blocks import BlockUse
from graphs.network import Node


def title_of(node: Node, layer: Layer | None) -> str:
    """The node's name; a use of a block that has none is called as its block, an operation by what it computes."""
    if node.name or layer is None or isinstance(layer, Unknown):
        return node.title
    told = isinstance(layer, BlockUse) or layer.label != layer.title
    return layer.label if told else node.title
