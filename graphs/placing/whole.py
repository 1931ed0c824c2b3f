"""A network laid out with the insides of its blocks: what was written by no hand has no places yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.network import Block, Network
from graphs.placing.framed import tidied
from graphs.placing.layout import SIZE
from graphs.placing.sizes import block_size, layer_size

ROW, SMALL = 2000.0, (14, 2700.0)
"""How long a row of nodes becomes before the next one begins; and with no more than so many nodes."""


def laid_out(
    network: Network, catalogue: Catalogue | None = None, *, cancel: Callable[[], bool] | None = None
) -> Network:
    """The network with a place for every node, those inside of blocks included.

    `catalogue` says how large nodes are. Raises `graphs.placing.layout.Cancelled` when `cancel` says True.
    """
    known = catalogue or standard()
    blocks = {key: _inside(block, network.blocks, known, cancel) for key, block in network.blocks.items()}
    return replace(_placed(network, blocks, known, cancel), blocks=blocks)


def _inside(
    block: Block, blocks: Mapping[str, Block], catalogue: Catalogue, cancel: Callable[[], bool] | None
) -> Block:
    return replace(block, network=_placed(block.network, blocks, catalogue, cancel))


def _placed(
    network: Network, blocks: Mapping[str, Block], catalogue: Catalogue, cancel: Callable[[], bool] | None
) -> Network:
    row = SMALL[1] if network.uses or len(network.nodes) <= SMALL[0] else ROW
    places = tidied(network, _sizes(network, blocks, catalogue), wrap_width=row, cancel=cancel)
    nodes = {id: replace(node, position=places.nodes.get(id, node.position)) for id, node in network.nodes.items()}
    return replace(network, nodes=nodes)


def _sizes(network: Network, blocks: Mapping[str, Block], catalogue: Catalogue) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for node in network.nodes.values():
        if node.block in blocks:
            found[node.id] = block_size(blocks[str(node.block)], node.title)
            continue
        try:
            found[node.id] = layer_size(catalogue.layer(node))
        except BadFields:
            found[node.id] = SIZE
    return found
