"""What nodes of a small network will look like, guessed before torch is there to say it.

Only the room for pictures depends on it, so that cards do not jump when the analysis arrives. A guess is never
shown as a fact. Kinds that are not known here are taken to leave shapes as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from graphs.inference.facts import Facts
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.meaning.flat import flatten
from graphs.network import Network

MOST = 300
"""Larger networks are not read card by card."""
SAME = ("activation", "normalisation")
ALIKE = ("Add", "Multiply")
"""Kinds that give what their inputs are, as far as these are alike."""


def guesses(network: Network, catalogue: Catalogue, known: Mapping[str, Facts] | None = None) -> dict[str, Facts]:
    """Likely facts by node id; nodes of which nothing can be guessed are left out, and those `known` already."""
    known = known or {}
    if len(network.nodes) - len(known) > MOST or network.nodes.keys() <= known.keys():
        return {}
    found = _found(network, catalogue, known)
    return {**found, **_through_blocks(network, catalogue, known)} if network.blocks else found


def _through_blocks(network: Network, catalogue: Catalogue, known: Mapping[str, Facts]) -> dict[str, Facts]:
    """What is likely of uses of blocks, and of what they feed: all of it is guessed as if drawn without blocks."""
    flat = flatten(network, catalogue)
    if len(flat.network.nodes) > MOST:
        return {}
    inner = _found(flat.network, catalogue, known)
    found = {id: facts for id, facts in inner.items() if id in network.nodes}
    for node in network.nodes.values():
        if node.block is not None and node.id not in known:
            ends = [plain for drawn, plain in flat.results.items() if drawn.node == node.id]
            shapes = [inner[e.node].outputs[0] for e in ends if e.node in inner and inner[e.node].outputs]
            count = sum(facts.parameters for id, facts in inner.items() if id.startswith(f"{node.id}/"))
            found[node.id] = Facts(outputs=tuple(shapes), parameters=count)
    return found


def _found(network: Network, catalogue: Catalogue, known: Mapping[str, Facts]) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for id in (i for i in network.order if i not in known):
        try:
            layer = catalogue.layer(network.nodes[id])
        except BadFields:
            continue
        feeds = (known.get(w.source.node) or found.get(w.source.node) for w in network.incoming(id))
        entry = next((f.outputs[0] for f in feeds if f and f.outputs), None)
        output = _output(layer, entry)
        inputs = (entry,) if entry else ()
        if entry or output:
            count = _parameters(layer, entry, output)
            found[id] = Facts(inputs=inputs, outputs=(output,) if output else (), parameters=count)
    return found


def _output(layer: Layer, entry: Shape | None) -> Shape | None:
    if not layer.inputs():
        return _given(layer)
    if entry is None or not layer.outputs():
        return None
    if layer.kind() == "GlobalAvgPool" and len(entry.dims) > 1:
        return Shape(entry.dims[:1])
    if layer.family in ("convolution", "pooling") and len(entry.dims) > 1:
        return _windowed(layer, entry)
    if layer.kind() in ALIKE:
        return entry
    if layer.kind() == "Linear":
        return Shape((*entry.dims[:-1], layer.out_features))  # type: ignore[attr-defined]
    if layer.kind() == "Flatten":
        return Shape((entry.size,))
    return entry if layer.family in SAME else None


def _given(layer: Layer) -> Shape | None:
    """What an input layer gives, as it says itself."""
    names = ("channels", "height", "width") if hasattr(layer, "channels") else ("length", "features")
    dims = tuple(getattr(layer, name) for name in names if hasattr(layer, name))
    return Shape(dims) if dims and not hasattr(layer, "vocabulary") else None


def _windowed(layer: Layer, entry: Shape) -> Shape | None:
    """The map behind a window that slides; None for what works otherwise, and for values of another rank."""
    if len(getattr(layer, "output_size", entry.dims[1:])) != len(entry.dims) - 1:
        return None
    window = layer.window(entry.dims)
    if window is None or window.upscale or len(window.kernel) != len(entry.dims) - 1:
        return None
    padding = getattr(layer, "padding", 0)
    pads = padding if isinstance(padding, (tuple, list)) else (padding,) * len(window.kernel)
    sides = zip(entry.dims[1:], window.kernel, window.stride, window.dilation, pads, strict=False)
    dims = tuple(n if p == "same" else (n + 2 * int(p) - d * (k - 1) - 1) // s + 1 for n, k, s, d, p in sides)
    channels = getattr(layer, "out_channels", entry.dims[0])
    return Shape((channels, *dims)) if len(dims) == len(entry.dims) - 1 and min(dims) > 0 else None


def _parameters(layer: Layer, entry: Shape | None, output: Shape | None) -> int:
    """How many there are in convolutions and linear layers."""
    if entry is None or output is None:
        return 0
    if layer.family == "normalisation":
        return 2 * entry.dims[0]  # or none at all for some: only whether there are any matters
    if layer.kind() == "Linear":
        return (entry.dims[-1] + bool(getattr(layer, "bias", True))) * output.dims[-1]
    window = layer.window(entry.dims) if layer.family == "convolution" else None
    if window is None:
        return 0
    taps = math.prod(window.kernel) * entry.dims[0] // getattr(layer, "groups", 1)
    return (taps + bool(getattr(layer, "bias", True))) * output.dims[0]
