"""A network as a PyTorch module: an fx graph with one fresh module per node, named as the node."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.overrides import TorchFunctionMode

from graphs.building.modular import WHOLE, Part, Parts
from graphs.building.sharing import share
from graphs.inference.measure import make
from graphs.inference.problems import Problem
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import Catalogue
from graphs.names import argument, module_names, named_modules
from graphs.network import End, Network

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

    `network` is the plain network of layers that the design comes to, `drawn` the design itself. `names` gives the
    path in `module` for each node that has a module of its own ("stage1.0.conv"), and the argument of forward for each
    input; outputs have neither. `inputs` and `outputs` are node ids in the order of forward's arguments and results;
    `shapes` are the input shapes, without the batch axis. Nodes whose result reaches no output are left out. A use of a
    block is a module of its own that can be called; `graph` calls the layers alone, whatever they stand in.
    """

    module: fx.GraphModule
    names: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    network: Network
    shapes: tuple[Shape, ...]
    graph: fx.Graph
    drawn: Network

    @property
    def layers(self) -> fx.GraphModule:
        """The same computation over the same weights as one graph of layers, without a module for each block."""
        if self.graph is self.module.graph:
            return self.module
        return fx.GraphModule(self.module, self.graph, class_name="Network")

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
    if analysis is None or (analysis.network is not network and analysis.core.network is not network):
        analysis = Inference(catalogue).analyse(network)
    if not analysis.buildable:
        raise BuildError(analysis.problems)
    builder = _Builder(catalogue, analysis)
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    with _Drawn(generator):
        return builder.build()


class _Builder:
    """Makes the modules of all layers in order, and grows a graph for each part that calls them."""

    def __init__(self, catalogue: Catalogue, analysis: Analysis) -> None:
        self.flat, self.catalogue, self.analysis = analysis.flat, catalogue, analysis.core
        self.network = analysis.core.network
        names, around = named_modules(self.network)
        self.names = {**around, **names}
        self.texts: dict[Hashable, Any] = {}

    def build(self) -> Built:
        order = [node for node in self.analysis.order if node in self.analysis.used]
        self.layers = {node: self.catalogue.layer(self.network.nodes[node]) for node in order}
        inputs = tuple(node for node in self._as_drawn(order) if self.layers[node].source_only)
        outputs = tuple(node for node in self._as_drawn(order) if self.layers[node].is_output)
        inner = [node for node in order if node not in {*inputs, *outputs}]
        self.modules = {node: self._module(node) for node in inner}
        share(self.modules, self.analysis.shares)
        self.results = tuple(self.network.incoming(node)[0].source for node in outputs)
        self.parts = Parts(self.flat, inner) if self.flat.uses else None
        module = self._whole(inputs, inner)
        names = {node: self.names[node] for node in order if node not in outputs}
        shapes = tuple(self.analysis.facts[node].outputs[0] for node in inputs)
        graph = self._graph(inputs, inner) if self.parts else module.graph
        return Built(module, names, inputs, outputs, self.network, shapes, graph, self.flat.drawn)

    def _as_drawn(self, order: list[str]) -> list[str]:
        known = set(order)
        return [node for node in self.network.ids if node in known]

    def _module(self, node: str) -> nn.Module:
        facts, layer = self.analysis.facts[node], self.layers[node]
        shapes = tuple(shape for shape in facts.inputs if shape is not None)
        try:
            module = make(layer, shapes)
        except (RuntimeError, MemoryError) as error:
            message = f"{self.network.nodes[node].title}: its {facts.parameters:,} parameters do not fit into memory."
            raise BuildError((Problem(node.partition("/")[0], "error", message),)) from error
        initialise(module, layer)
        return module

    def _whole(self, inputs: tuple[str, ...], inner: list[str]) -> fx.GraphModule:
        if self.parts is None:
            root = nn.Module()
            for node in inner:
                _hang(root, self.names[node], self.modules[node])
            return fx.GraphModule(root, self._graph(inputs, inner), class_name="Network")
        return self._called(self.parts.parts[WHOLE], inputs)

    def _graph(self, inputs: tuple[str, ...], inner: list[str]) -> fx.Graph:
        """The graph of the layers alone."""
        growing = _Growing(self)
        for node in inputs:
            growing.feed(node, self.names[node])
        for node in inner:
            growing.call(node, self.names[node])
        growing.give(self.results)
        return growing.graph

    def _called(self, part: Part, inputs: tuple[str, ...] = ()) -> fx.GraphModule:
        """The module of a part, and of the parts in it."""
        assert self.parts is not None
        growing, root = _Growing(self, part), nn.Module()
        for node in inputs:
            growing.feed(node, self.names[node])
        growing.take(part, {port: self._argument(part, port) for port in part.inputs})
        for item in part.items:
            inside = self.parts.parts.get(item)
            target = self.parts.path(self.names, item, part.id)
            _hang(root, target, self._called(inside) if inside else self.modules[item])
            if inside:
                growing.call_part(inside, target)
            else:
                growing.call(item, target)
        growing.give(self.results if part.id == WHOLE else tuple(part.outputs))
        name = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", part.block))
        return fx.GraphModule(root, growing.graph, class_name=f"Block{name}" if part.block else "Network")

    def _argument(self, part: Part, port: str) -> str:
        inner = self.flat.drawn.blocks[part.block].network.nodes[port]
        return argument(inner.title, inner.id, len(part.inputs) == 1)

    def source(self, target: End) -> End:
        """The layer's output port that feeds a layer's input port."""
        return self.network.wires[target].source

    def port(self, part: str, target: End) -> str | None:
        """The port of a part through which a layer inside it is fed from outside."""
        drawn = self.flat.drawn_input(target)
        return self.parts.ports.get((part, target)) or self.parts.ports.get((part, drawn)) if self.parts else None


class _Graph(fx.Graph):
    """A graph that shares its Python text with those that say the same: most blocks of a network stand in it often."""

    def __init__(self, texts: dict[Hashable, Any]) -> None:
        super().__init__()
        self._texts = texts

    def python_code(self, root_module: str, **options: Any) -> Any:
        nodes = tuple((n.op, n.name, n.target, n.args, repr(n.kwargs), n.type) for n in self.nodes)
        said = (root_module, repr(options), *(repr(node) for node in nodes))
        if said not in self._texts:
            self._texts[said] = super().python_code(root_module, **options)
        return self._texts[said]


class _Growing:
    """The graph of one module while it is written."""

    def __init__(self, builder: _Builder, part: Part | None = None) -> None:
        self.builder, self.part = builder, part.id if part else WHOLE
        self.graph = _Graph(builder.texts) if part else fx.Graph()
        self._values: dict[End, fx.Node] = {}
        self._taken: dict[str, fx.Node] = {}

    def feed(self, node: str, name: str) -> None:
        """An input of the network as an argument."""
        value = self.graph.placeholder(name)
        self._values.update({End(node, port.name): value for port in self.builder.layers[node].outputs()})

    def take(self, part: Part, names: Mapping[str, str]) -> None:
        """The ports of a part as arguments."""
        given: set[str] = set()
        for port in part.inputs:
            name = names[port]
            while name in given:
                name += "_"
            given.add(name)
            self._taken[port] = self.graph.placeholder(name)

    def call(self, node: str, target: str) -> None:
        """A call of one layer."""
        layer = self.builder.layers[node]
        arguments = tuple(self._value(End(node, port.name)) for port in layer.inputs())
        self._keep(self.graph.call_module(target, arguments), [End(node, port.name) for port in layer.outputs()])

    def call_part(self, part: Part, target: str) -> None:
        """A call of one part."""
        arguments = tuple(self._value(end) for end in part.inputs.values())
        self._keep(self.graph.call_module(target, arguments), part.outputs)

    def give(self, results: tuple[End, ...]) -> None:
        """What the module returns: one result as it is, several as a tuple."""
        values = tuple(self._values[end] for end in results)
        self.graph.output(values[0] if len(values) == 1 else values)

    def _value(self, target: End) -> fx.Node:
        source = self.builder.source(target)
        if source in self._values:
            return self._values[source]
        return self._taken[str(self.builder.port(self.part, target))]

    def _keep(self, value: fx.Node, ends: list[End]) -> None:
        for index, end in enumerate(ends):
            self._values[end] = self.graph.call_function(_part, (value, index)) if len(ends) > 1 else value


def _hang(root: nn.Module, path: str, module: nn.Module) -> None:
    """Puts a module at a path, with plain containers on the way."""
    *around, name = path.split(".")
    for step in around:
        if not hasattr(root, step):
            root.add_module(step, nn.Module())
        root = getattr(root, step)
    root.add_module(name, module)


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
