"""What a design computes, whatever its nodes are called: for tests of what must not change it."""

from __future__ import annotations

import hashlib

from graphs.layers.catalogue import Catalogue
from graphs.meaning.flat import flatten
from graphs.network import Network


def meaning(network: Network, catalogue: Catalogue) -> list[str] | None:
    """A digest for each plain layer: its kind, its fields and all that feeds it. None where it feeds itself."""
    flat = flatten(network, catalogue).network
    known: dict[str, str] = {}
    for id in flat.order:
        node = flat.nodes[id]
        feeds = sorted((w.target.port, known[w.source.node], w.source.port) for w in flat.incoming(id))
        fields = sorted((key, repr(value)) for key, value in node.fields.items())
        known[id] = hashlib.sha256(repr((node.kind, fields, feeds)).encode()).hexdigest()
    return sorted(known.values()) if len(known) == len(flat.nodes) else None
