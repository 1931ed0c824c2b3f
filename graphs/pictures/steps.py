"""What a figure shows of a network: its layers as steps, each with what it takes from whom.

Dots in wires and bypassed layers lead on, what is muted is left out. A use of a block is one step, or opened: it
then holds the steps of its first repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphs.inference.analysis import Analysis
from graphs.layers.base import Layer, Port, Unknown
from graphs.layers.blocks import BlockUse
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.meaning.expressions import ExpressionFault
from graphs.meaning.scopes import resolved
from graphs.network import End, Network, Node

__all__ = ["Graph", "Step", "graph_of"]

PORTS = ("BlockInput", "BlockOutput")


@dataclass(frozen=True)
class Graph:
    """Steps by id, every one behind what it takes; what closes a loop is not among them."""

    steps: Mapping[str, Step] = field(default_factory=dict)

    def takers(self) -> dict[str, list[str]]:
        """Who takes what each step gives, once for every wire."""
        found: dict[str, list[str]] = {id: [] for id in self.steps}
        for step in self.steps.values():
            for source in step.sources:
                found[source].append(step.id)
        return found


@dataclass(frozen=True)
class Step:
    """One layer or use of a block. `shape` is that of its first output, without the batch axis."""

    id: str
    title: str
    kind: str
    layer: Layer | None
    family: str
    shape: tuple[int, ...] | None
    sources: tuple[str, ...]
    channels: int = 0
    """How many channels or features come in at its first input."""
    parameters: int = 0
    repeat: int = 1
    inside: Graph | None = None

    @property
    def is_input(self) -> bool:
        """Whether the data comes in here."""
        return self.layer is not None and self.layer.source_only

    @property
    def is_output(self) -> bool:
        """Whether it only marks a result."""
        return self.layer is not None and self.layer.is_output


def graph_of(network: Network, analysis: Analysis, catalogue: Catalogue, opened: bool = False) -> Graph:
    """The steps of a drawn network, whose uses of blocks are opened or not."""
    return _Reader(catalogue, opened, analysis.flat.muted, analysis).graph(network, analysis, "", ())


@dataclass
class _Reader:
    catalogue: Catalogue
    opened: bool
    muted: frozenset[str]
    root: Analysis

    def graph(self, network: Network, analysis: Analysis, prefix: str, path: tuple[str, ...]) -> Graph:
        steps: dict[str, Step] = {}
        for id in network.order:
            node = network.nodes[id]
            if not self._leads_on(node) and not self._left_out(node, prefix):
                steps[id] = self._step(node, network, analysis, prefix, path, steps)
        return Graph(steps)

    def _leads_on(self, node: Node) -> bool:
        return node.kind == "Reroute" or node.mode == "bypass"

    def _left_out(self, node: Node, prefix: str) -> bool:
        return node.mode == "mute" or prefix + node.id in self.muted

    def _step(
        self,
        node: Node,
        network: Network,
        analysis: Analysis,
        prefix: str,
        path: tuple[str, ...],
        known: Mapping[str, Step],
    ) -> Step:
        layer = self._layer(node, analysis)
        facts = analysis.facts.get(node.id)
        shape = facts.outputs[0].dims if facts and facts.outputs else None
        taken = facts.inputs[0] if facts and facts.inputs else None
        ports = _order(layer)
        wires = sorted(network.incoming(node.id), key=lambda w: ports.get(w.target.port, 99))
        ends = (self._origin(network, wire.source) for wire in wires)
        sources = tuple(end.node for end in ends if end is not None and end.node in known)
        if shape is None and taken is not None and (node.kind in PORTS or (layer and layer.is_output)):
            shape = taken.dims
        repeat = layer.repeat if isinstance(layer, BlockUse) else 1
        inside = self._inside(node, layer, analysis, prefix, path)
        family = "combine" if layer is None or isinstance(layer, Unknown) else layer.family
        channels = taken.dims[0] if taken and taken.dims else 0
        parameters = facts.parameters if facts else 0
        return Step(node.id, node.title, node.kind, layer, family, shape, sources, channels, parameters, repeat, inside)

    def _layer(self, node: Node, analysis: Analysis) -> Layer | None:
        try:
            return self.catalogue.parse(node.kind, resolved(node.fields, analysis.names))
        except (BadFields, ExpressionFault):
            return None

    def _origin(self, network: Network, end: End) -> End | None:
        """The output port whose value comes out here, through dots and bypassed layers."""
        seen = set()
        while end.node not in seen and self._leads_on(network.nodes[end.node]):
            seen.add(end.node)
            wires = sorted(network.incoming(end.node), key=lambda w: w.target.port)
            if not wires:
                return None
            end = wires[0].source
        return end

    def _inside(
        self, node: Node, layer: Layer | None, analysis: Analysis, prefix: str, path: tuple[str, ...]
    ) -> Graph | None:
        if not self.opened or not isinstance(layer, BlockUse):
            return None
        use = self.root.flat.uses.get(prefix + node.id)
        if use is None or not use.prefixes:
            return None
        here = (*path, node.id)
        return self.graph(layer.block.network, self.root.inside(here), use.prefixes[0], here)


def _order(layer: Layer | None) -> dict[str, int]:
    ports: tuple[Port, ...] = layer.inputs() if layer is not None else ()
    return {port.name: index for index, port in enumerate(ports)}
