"""About how large nodes are on the canvas, in pixels, so that what is drawn in code does not overlap there."""

from __future__ import annotations

from collections import Counter

from graphs.layers.base import Layer
from graphs.network import Block

WIDEST = 232.0
"""What is longer is cut short on the canvas."""
MAP, PORT = 208.0, 64.0
PARALLEL = 288.0
"""A block whose picture shows several ways side by side."""


def layer_size(layer: Layer) -> tuple[float, float]:
    """A layer whose result may be a map, which is the largest picture there is."""
    port = layer.wiring and not layer.inputs()
    return _width(f"{layer.title} {layer.summary()}", 128 if port else 144), PORT if port else MAP


def block_size(block: Block, summary: str) -> tuple[float, float]:
    """A use of a block, with a picture of what is inside it."""
    fans = Counter(wire.source for wire in block.network.wires.values())
    many = max(fans.values(), default=1) > 2 or len(block.network.nodes) > 8
    return _width(f"{block.title} {summary}", 176), PARALLEL if many else MAP


def _width(words: str, least: float) -> float:
    return min(WIDEST, max(least, 8.0 * len(words) + 8.0))
