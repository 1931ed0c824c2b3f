"""Networks written in Python: layers one after another."""

from __future__ import annotations

from typing import Any

from graphs.layers.base import Layer
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from graphs.placing.layout import arrange

SIZE = (152.0, 144.0)
"""About how large a node is on the canvas, in pixels."""
ROW = 1500.0
"""How long a row of nodes becomes before the next one begins."""


def sequential(*layers: Layer) -> Network:
    """The layers wired one after another, an output added where there is none.

    `sequential(VectorInput(features=2), Linear(out_features=1))` has the nodes vector1, fc1 and output1, laid out
    in rows. Raises ValueError for a layer that does not belong where it stands.
    """
    strange = next((layer for layer in layers if not isinstance(layer, Layer)), None)
    if strange is not None:
        raise ValueError(f"A sequence is made of layers such as ReLU(), not of {strange!r}.")
    if not layers or not layers[0].source_only:
        raise ValueError("A sequence begins with an input such as ImageInput or VectorInput.")
    if not layers[-1].is_output:
        layers = (*layers, standard().parse("Output", {}))
    network = Network()
    for place, layer in enumerate(layers):
        network = _with(network, layer, place == len(layers) - 1)
    places = arrange(network, dict.fromkeys(network.nodes, SIZE), wrap_width=ROW)
    nodes = [Node(n.id, n.kind, n.name, n.fields, places[n.id]) for n in network.nodes.values()]
    return Network.of(nodes, list(network.wires.values()))


def _with(network: Network, layer: Layer, last: bool) -> Network:
    """The network with one more layer behind the one that was added before."""
    inputs, outputs = layer.inputs(), layer.outputs()
    before = next(reversed(tuple(network.nodes)), None)
    if len(inputs) != (before is not None) or layer.is_output != last:
        raise ValueError(f"{layer.title} cannot stand here: every layer of a sequence takes what the one before gives.")
    if not last and len(outputs) < 1:
        raise ValueError(f"{layer.title} gives nothing on: it can only stand at the end of a sequence.")
    node = Node(network.fresh_id(layer.stem), layer.kind(), fields=_fields(layer))
    wires = list(network.wires.values())
    if before is not None:
        source = standard().layer(network.nodes[before]).outputs()[0].name
        wires.append(Wire(End(before, source), End(node.id, inputs[0].name)))
    return Network.of([*network.nodes.values(), node], wires)


def _fields(layer: Layer) -> dict[str, Any]:
    """What was chosen, as plain JSON values; what the kind chooses by itself is left out."""
    usual = type(layer)().model_dump(mode="json")
    return {name: value for name, value in layer.model_dump(mode="json").items() if value != usual[name]}
