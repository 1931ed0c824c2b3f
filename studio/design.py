"""Which design this is: the digest of all that is built. What reaches no output is left out of it. Light."""

from __future__ import annotations

from dataclasses import replace

from graphs.document import Change
from graphs.files.storage import digest
from graphs.layers.catalogue import Catalogue
from graphs.meaning.flat import flatten
from graphs.meaning.ties import renamed
from graphs.names import module_names
from graphs.network import Network, Node


def design_of(network: Network, catalogue: Catalogue) -> str:
    """Equal for networks that compute the same with the same weights, however that is drawn and called: what blocks,
    modes and expressions come to counts, and nothing else that is drawn beside it."""
    return digest(part_built(flatten(network, catalogue).network, catalogue), names=False)


def named_of(network: Network, catalogue: Catalogue) -> str:
    """The same, with the names of all layers: equal where weights go by the same names too."""
    plain = flatten(network, catalogue).network
    built = part_built(plain, catalogue)
    names = module_names(plain)
    same = all(names[node] == name for node, name in module_names(built).items())
    return digest(built if same else plain)


def known_as(network: Network, catalogue: Catalogue) -> tuple[str, ...]:
    """All that files say who hold weights of this network under its names; older ones count names and what reaches no
    output."""
    plain = flatten(network, catalogue).network
    return design_of(network, catalogue), named_of(network, catalogue), digest(plain)


def part_built(network: Network, catalogue: Catalogue) -> Network:
    """The nodes that an output needs with the wires between them; the whole network where there is no output."""
    kinds = catalogue.kinds
    outputs = {name for name, node in network.nodes.items() if node.kind in kinds and kinds[node.kind].is_output}
    if not outputs:
        return network
    used = network.upstream(outputs) | outputs
    nodes = {name: node for name, node in network.nodes.items() if name in used}
    wires = {end: wire for end, wire in network.wires.items() if end.node in used and wire.source.node in used}
    shared = renamed(network, lambda id: id if id in nodes else None)
    settings = {key: value for key, value in {**network.settings, **shared}.items() if value is not None}
    return replace(network, nodes=nodes, wires=wires, settings=settings)


def only_moved(change: Change) -> bool:
    """Whether nodes were moved, frames and notes changed, or the canvas looked at, and nothing else was done."""
    if change.patch.wires or change.patch.blocks or not change.patch.settings.keys() <= {"canvas"}:
        return False
    return all(_alike(change.before.nodes.get(node), change.after.nodes.get(node)) for node in change.patch.nodes)


def _alike(old: Node | None, new: Node | None) -> bool:
    return bool(old and new and _computes(old) == _computes(new))


def _computes(node: Node) -> tuple[object, ...]:
    return node.kind, node.name, node.fields, node.mode
