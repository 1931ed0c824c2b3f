"""Which value of an ONNX graph is the result of which layer, kept while the graph is simplified.

PyTorch's exporter is given the result of every layer as an output of its own: what stands there is that result,
whatever the layer was taken apart into. The outputs are taken off again before anything is simplified, and the values
are followed as others take their place. A result that nothing needs is gone in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import fx

    from graphs.building.build import Built

DOMAIN = "netloom"
Place = tuple[str, int]
"""The id of a plain layer, and which of its results."""


def places(built: Built, graph: fx.Graph) -> dict[fx.Node, Place]:
    """Where each result stands in `graph`, which calls the layers of `built` alone, in the order of computing."""
    by_path = {path: node for node, path in built.names.items()}
    found: dict[fx.Node, Place] = {}
    for node in graph.nodes:
        if node.op == "call_module":
            parts = [user for user in node.users if user.op == "call_function"]
            found.update({part: (by_path[node.target], int(part.args[1])) for part in parts})
            if not parts:
                found[node] = (by_path[node.target], 0)
    return found


def widened(built: Built, module: fx.GraphModule) -> tuple[fx.GraphModule, list[Place]]:
    """A module that gives, behind the results of the network, those of every layer; and whose they are.

    `module` holds the layers of `built`, as its own module or a copy of that does.
    """
    from torch import fx

    graph = fx.Graph()
    copied: dict[fx.Node, fx.Node] = {}
    results = graph.graph_copy(built.graph, copied)
    found = {copied[node]: place for node, place in places(built, built.graph).items() if node in copied}
    given = results if isinstance(results, tuple) else (results,)
    graph.output((*given, *found))
    return fx.GraphModule(module, graph, class_name="Network"), list(found.values())


class Traces:
    """The values of an IR model that are the results of layers.

    Takes their outputs off the model, and puts a node in that takes them all: what replaces a value in the graph
    replaces it there, until `end` takes the node out.
    """

    def __init__(self, model: Any, results: int, whose: Iterable[Place]) -> None:
        import onnx_ir as ir

        graph, whose = model.graph, list(whose)
        outputs = list(graph.outputs)
        for _ in outputs[results:]:
            graph.outputs.pop()
        if len(outputs) != results + len(whose):
            raise ValueError("The results of the layers do not come out of the exporter one by one.")
        self.values: dict[Place, Any] = {}
        self._whose = whose
        self._node = ir.node("Trace", outputs[results:], domain=DOMAIN)
        self._node.outputs[0].name = DOMAIN
        graph.opset_imports[DOMAIN] = 1
        graph.append(self._node)
        graph.outputs.append(self._node.outputs[0])

    def end(self, model: Any) -> None:
        """Reads where the values have got to, and leaves the graph without a trace."""
        self.values = dict(zip(self._whose, self._node.inputs, strict=True))
        model.graph.outputs.pop()
        model.graph.remove(self._node, safe=True)

    def name(self, model: Any, paths: Mapping[str, str]) -> None:
        """Forgets values that the graph does not need; gives the others the names of the modules whose results they
        are, where no other name is fixed."""
        alive = {id(value) for value in _values(model)}
        self.values = {place: value for place, value in self.values.items() if id(value) in alive}
        fixed = {value.name for value in (*model.graph.inputs, *model.graph.outputs)}
        fixed.update(model.graph.initializers)
        taken = {value.name for value in _values(model)}
        named: set[int] = set()
        for (node, port), value in self.values.items():
            name = f"{paths[node]}:{port}" if port else paths[node]
            if value.name not in fixed and id(value) not in named and name not in taken:
                value.name = name
                taken.add(name)
            named.add(id(value))

    def told(self) -> dict[str, dict[str, str]]:
        """The names of the values by id of the layer and number of the result, for JSON."""
        found: dict[str, dict[str, str]] = {}
        for (node, port), value in self.values.items():
            found.setdefault(node, {})[str(port)] = value.name
        return found


def _values(model: Any) -> Iterator[Any]:
    yield from model.graph.inputs
    yield from model.graph.initializers.values()
    for node in model.graph:
        yield from node.outputs
