"""Whether a block, with its defaults, takes a shape: for lists of what can stand at the end of a wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import Catalogue
from graphs.meaning.expressions import ExpressionFault
from graphs.meaning.scopes import Names, inner_names, resolved
from graphs.network import BLOCK, Block, End, Network, Node, Wire, natural

if TYPE_CHECKING:
    from graphs.inference.shapes import Inference

SOURCE, USE = "source", "use"
GIVERS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    1: ("VectorInput", ("features",)),
    2: ("SequenceInput", ("length", "features")),
    3: ("ImageInput", ("channels", "height", "width")),
}
"""The input that gives a shape of so many dimensions, and its fields."""


def takes_shape(
    block: Block, blocks: Mapping[str, Block], catalogue: Catalogue, names: Names, shape: Shape, within: int = 0
) -> bool:
    """Whether none of the layers that a block's input leads to refuses the shape. What is not known refuses nothing."""
    for node in _first_layers(block):
        kind = catalogue.kinds.get(node.kind)
        inner = blocks.get(node.block or "") if within < len(blocks) else None
        if inner is not None:
            fields = _fields(node, names)
            known = inner_names(inner, names, fields)[0]
            if not takes_shape(inner, blocks, catalogue, known, shape, within + 1):
                return False
        elif kind is not None and not node.kind.startswith(BLOCK) and _refuses(kind, _fields(node, names), shape):
            return False
    return True


def computes(inference: Inference, network: Network, block: Block, shape: Shape) -> bool:
    """Whether a use of a project's block computes something from this shape, alone behind an input that gives it."""
    if shape.dtype != "float32" or len(shape.dims) not in GIVERS:
        return True
    kind, fields = GIVERS[len(shape.dims)]
    ports = sorted((i for i, node in block.network.nodes.items() if node.kind == "BlockInput"), key=natural)
    source = Node(SOURCE, kind, "", dict(zip(fields, shape.dims, strict=True)))
    alone = Network(
        nodes={SOURCE: source, USE: Node(USE, BLOCK + block.id)},
        wires={End(USE, ports[0]): Wire(End(SOURCE, "out"), End(USE, ports[0]))},
        settings=network.settings,
        blocks=network.blocks,
    )
    return inference.analyse(alone).facts[USE].ok


def holds(blocks: Mapping[str, Block], keys: frozenset[str]) -> frozenset[str]:
    """These blocks, and those that use one of them, however deep: none of them can stand inside the first."""
    found = keys
    while more := {key for key, block in blocks.items() if key not in found and block.network.uses & found}:
        found |= more
    return found


def _first_layers(block: Block) -> Iterator[Node]:
    """The nodes that the first input of a block leads to, dots passed through, where they have no other input."""
    network = block.network
    entries = sorted((i for i, node in network.nodes.items() if node.kind == "BlockInput"), key=natural)
    stack, seen = entries[:1], set[str]()
    while stack:
        for wire in network.outgoing(stack.pop()):
            node = network.nodes[wire.target.node]
            if node.id in seen or node.mode or len(network.incoming(node.id)) > 1:
                continue
            seen.add(node.id)
            if node.kind == "Reroute":
                stack.append(node.id)
            else:
                yield node


def _fields(node: Node, names: Names) -> Mapping[str, Any]:
    try:
        return resolved(node.fields, names)
    except ExpressionFault:
        return {}


def _refuses(kind: type[Layer], fields: Mapping[str, Any], shape: Shape) -> bool:
    try:
        layer = kind.model_validate(dict(fields))
    except ValueError:
        return False
    return len(layer.inputs()) == 1 and layer.fault((shape,)) is not None
