"""A network as a PyTorch module: an fx graph with one fresh module per node, named as the node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.overrides import TorchFunctionMode

from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import Catalogue
from graphs.measure import make
from graphs.names import module_names
from graphs.network import End, Network
from graphs.problems import Problem
from graphs.shapes import Analysis, Inference

__all__ = ["BuildError", "Built", "build", "module_names"]


class BuildError(ValueError):
    """A network that cannot be built; `problems` says why, errors first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.severity != "error"))
        first = str(self.problems[0]) if self.problems else "The network cannot be built."
        more = sum(problem.severity == "error" for problem in self.problems) - 1
        super().__init__(f"{first} And {more} more." if more > 0 else first)


@dataclass
class Built:
    """A built network.

    `names` gives the attribute of `module` for each node that has a module of its own, and the argument of
    forward for each input; outputs have neither. `inputs` and `outputs` are node ids in the order of
    forward's arguments and results; `shapes` are the input shapes, without the batch axis. Nodes whose result
    reaches no output are left out.
    """

    module: fx.GraphModule
    names: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    network: Network
    shapes: tuple[Shape, ...]

    def example(self, batch: int = 2) -> tuple[torch.Tensor, ...]:
        """Inputs of the right shapes and dtypes, all zero: one tensor [batch, *shape] for each input."""
        return tuple(torch.zeros((batch, *s.dims), dtype=getattr(torch, s.dtype)) for s in self.shapes)


def build(
    network: Network, catalogue: Catalogue, *, seed: int | None = None, analysis: Analysis | None = None
) -> Built:
    """The network as a `torch.fx.GraphModule` on the CPU, in training mode.

    One Output gives a tensor, several a tuple. The same `seed` gives the same weights; torch's global
    generator is neither used nor changed. Raises BuildError with the problems that stand against it.
    """
    if analysis is None or analysis.network is not network:
        analysis = Inference(catalogue).analyse(network)
    if not analysis.buildable:
        raise BuildError(analysis.problems)
    builder = _Builder(network, catalogue, analysis)
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    with _Drawn(generator):
        return builder.build()


class _Builder:
    """Walks the nodes in order and grows the graph."""

    def __init__(self, network: Network, catalogue: Catalogue, analysis: Analysis) -> None:
        self.network, self.catalogue, self.analysis = network, catalogue, analysis
        self.names = module_names(network)
        self.root = nn.Module()
        self.graph = fx.Graph()
        self.values: dict[End, fx.Node] = {}

    def build(self) -> Built:
        order = [node for node in self.analysis.order if node in self.analysis.used]
        layers = {node: self.catalogue.layer(self.network.nodes[node]) for node in order}
        inputs = tuple(node for node in self._as_drawn(order) if layers[node].source_only)
        outputs = tuple(node for node in self._as_drawn(order) if layers[node].is_output)
        for node in inputs:
            self._feed(node, layers[node])
        for node in order:
            if node not in inputs and node not in outputs:
                self._add(node, layers[node])
        results = tuple(self.values[self.network.incoming(node)[0].source] for node in outputs)
        self.graph.output(results[0] if len(results) == 1 else results)
        module = fx.GraphModule(self.root, self.graph, class_name="Network")
        names = {node: self.names[node] for node in order if node not in outputs}
        shapes = tuple(self.analysis.facts[node].outputs[0] for node in inputs)
        return Built(module, names, inputs, outputs, self.network, shapes)

    def _as_drawn(self, order: list[str]) -> list[str]:
        known = set(order)
        return [node for node in self.network.ids if node in known]

    def _feed(self, node: str, layer: Layer) -> None:
        value = self.graph.placeholder(self.names[node])
        self.values.update({End(node, port.name): value for port in layer.outputs()})

    def _add(self, node: str, layer: Layer) -> None:
        shapes = tuple(shape for shape in self.analysis.facts[node].inputs if shape is not None)
        self.root.add_module(self.names[node], self._module(node, layer, shapes))
        arguments = tuple(self.values[self.network.wires[End(node, p.name)].source] for p in layer.inputs())
        value = self.graph.call_module(self.names[node], arguments)
        ports = layer.outputs()
        for index, port in enumerate(ports):
            many = len(ports) > 1
            part = self.graph.call_function(_part, (value, index)) if many else value
            self.values[End(node, port.name)] = part

    def _module(self, node: str, layer: Layer, shapes: tuple[Shape, ...]) -> nn.Module:
        count = self.analysis.facts[node].parameters
        try:
            module = make(layer, shapes)
        except (RuntimeError, MemoryError) as error:
            message = f"{self.network.nodes[node].title}: its {count:,} parameters do not fit into memory."
            raise BuildError((Problem(node, "error", message),)) from error
        initialise(module, layer)
        return module


def _part(values: tuple[Any, ...], index: int) -> Any:
    return values[index]


def initialise(module: nn.Module, layer: Layer) -> None:
    """Draws the weight of a module as its layer says; PyTorch's own way is left alone."""
    chosen = layer.initial()
    weight = getattr(module, "weight", None)
    if chosen is not None and isinstance(weight, torch.Tensor):
        function: Callable[..., Any] = getattr(nn.init, chosen[0])
        function(weight, **chosen[1])


class _Drawn(TorchFunctionMode):
    """Lets all random initialisation inside draw from a generator of its own, in this thread alone.

    A fork of the global generator would give the same numbers, but a training thread that draws at that
    moment would have its state rewound.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if getattr(func, "__name__", "").endswith(("uniform_", "normal_")):
            given["generator"] = self.generator
        return func(*args, **given)
