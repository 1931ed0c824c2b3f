"""A network as a Python file that a person would have written: one nn.Module class that needs torch alone.

The class has the parameters of the built network under the same state-dict names, so weights move freely
between the two, and its forward computes the same numbers.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphs.build import BuildError
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import Catalogue
from graphs.names import module_names
from graphs.network import End, Network
from graphs.shapes import Analysis, Inference

__all__ = ["write_source"]

WIDTH = 110
OWN = {"nn", "print", "super", "torch", "tuple"}
"""Names that the file needs for itself."""
SHORT = {"kernel_size", "stride", "padding", "output_padding", "dilation", "output_size", "size"}
"""Arguments of torch.nn for which 3 means (3, 3)."""


def write_source(network: Network, catalogue: Catalogue, class_name: str = "Network") -> str:
    """The text of the file. Raises BuildError for a network with faults, ValueError for a bad name."""
    if not class_name.isidentifier() or keyword.iskeyword(class_name) or class_name in OWN:
        raise ValueError(f"“{class_name}” is no name for a Python class.")
    analysis = Inference(catalogue).analyse(network)
    if not analysis.buildable:
        raise BuildError(analysis.problems)
    writer = _Writer(network, catalogue, analysis)
    parts = [
        f'"""{class_name}, designed with Netloom."""\n\nimport torch\nfrom torch import nn\n\n',
        f"class {class_name}(nn.Module):\n{_indented(writer.docstring())}",
        f"{_indented(writer.constructor())}",
        f"{_indented(writer.forward())}\n",
        writer.guard(class_name),
    ]
    return "\n".join(parts)


@dataclass(frozen=True)
class _Step:
    """One line of forward: what it computes, and how."""

    node: str
    layer: Layer
    arguments: tuple[End, ...]
    results: tuple[End, ...]


class _Writer:
    """Collects what is written about one network."""

    def __init__(self, network: Network, catalogue: Catalogue, analysis: Analysis) -> None:
        self.network, self.analysis = network, analysis
        self.names = module_names(network)
        order = [node for node in analysis.order if node in analysis.used]
        self.layers = {node: catalogue.layer(network.nodes[node]) for node in order}
        drawn = [node for node in network.ids if node in self.layers]
        self.inputs = [node for node in drawn if self.layers[node].source_only]
        self.outputs = [node for node in drawn if self.layers[node].is_output]
        self.inner = [node for node in order if node not in {*self.inputs, *self.outputs}]
        self.results = [network.incoming(node)[0].source for node in self.outputs]
        self.steps = _steps(network, self.layers, self.inputs, self.inner)
        self.variables = self._variables()

    def docstring(self) -> str:
        """Input and output shapes without the batch axis, and the number of parameters."""
        shapes = [str(self.analysis.facts[node].outputs[0]) for node in self.inputs]
        results = [str(self.analysis.output_shape(end)) for end in self.results]
        count = sum(self.analysis.facts[node].parameters for node in self.inner)
        size = "1 parameter" if count == 1 else f"{count:,} parameters" if count else "no parameters"
        return f'"""{" and ".join(shapes)} → {" and ".join(results)}, {size}."""\n'

    def constructor(self) -> str:
        """__init__ with a line for each module, and a line for each weight that is drawn in a chosen way."""
        made = [line for node in self.inner if (line := self._made(node))]
        drawn = [line for node in self.inner if (line := self._drawn(node))]
        lines = ["super().__init__()", *made, *drawn]
        return "def __init__(self) -> None:\n" + _indented("\n".join(lines)) + "\n"

    def forward(self) -> str:
        """forward with a line for each step and the shape that it gives, where that is a new one."""
        arguments = [f"{self.names[node]}: torch.Tensor" for node in self.inputs]
        result = "torch.Tensor" if len(self.outputs) == 1 else "tuple[torch.Tensor, ...]"
        head = f"def forward(self, {', '.join(arguments)}) -> {result}:"
        if len(head) > WIDTH - 4:
            listed = "".join(f"    {argument},\n" for argument in ("self", *arguments))
            head = f"def forward(\n{listed}) -> {result}:"
        return f"{head}\n{_indented(chr(10).join(self._body()))}\n"

    def guard(self, class_name: str) -> str:
        """What happens when the file is run: random input goes in, the shapes of the results are printed."""
        name = class_name.lower()
        if keyword.iskeyword(name) or name in OWN or name in self.names.values():
            name = _free("net", set(self.names.values()))
        made = "\n".join(f"    {self.names[node]} = {self._example(node)}" for node in self.inputs)
        call = f"{name}({', '.join(self.names[node] for node in self.inputs)})"
        shown = (
            f"        print(tuple({call}.shape))"
            if len(self.outputs) == 1
            else f"        for result in {call}:\n            print(tuple(result.shape))"
        )
        lines = ['if __name__ == "__main__":', f"    {name} = {class_name}().eval()", made]
        return "\n".join([*lines, "    with torch.no_grad():", shown]) + "\n"

    def _made(self, node: str) -> str:
        """ "self.conv1 = nn.Conv2d(1, 6, 5, padding=2)", empty where forward says it all."""
        layer = self.layers[node]
        kind = layer.torch if layer.written is None else layer.written
        if not kind:
            return ""
        shapes = tuple(shape for shape in self.analysis.facts[node].inputs if shape is not None)
        return f"self.{self.names[node]} = {kind}({_arguments(kind, layer.source_arguments(shapes))})"

    def _drawn(self, node: str) -> str:
        chosen = self.layers[node].initial()
        if chosen is None:
            return ""
        options = "".join(f", {key}={_value(value)}" for key, value in chosen[1].items())
        return f"nn.init.{chosen[0]}(self.{self.names[node]}.weight{options})"

    def _variables(self) -> dict[End, str]:
        """A name for each value: x where the next line alone takes it, the name of its node otherwise."""
        names = {End(n, p.name): self.names[n] for n in self.inputs for p in self.layers[n].outputs()}
        takers: dict[End, list[int]] = {}
        for index, step in enumerate(self.steps):
            for end in step.arguments:
                takers.setdefault(end, []).append(index)
        for end in self.results:
            takers.setdefault(end, []).append(len(self.steps))
        taken = set(names.values())
        for index, step in enumerate(self.steps):
            passing = len(step.results) == 1 and set(takers.get(step.results[0], ())) == {index + 1}
            for end in step.results:
                own = self.names[end.node] + (f"_{end.port}" if len(step.results) > 1 else "")
                names[end] = "x" if passing and "x" not in self.names.values() else _free(own, taken)
                taken.add(names[end])
        return names

    def _body(self) -> list[str]:
        lines = [f"{', '.join(self.variables[e] for e in s.results)} = {self._call(s)}" for s in self.steps]
        shapes = [self._shapes(step) for step in self.steps]
        last = ", ".join(self.variables[end] for end in self.results)
        if self.steps and last == "x" and self.steps[-1].results == (self.results[0],):
            lines[-1] = f"return {self._call(self.steps[-1])}"
            return _commented(lines, shapes)
        return [*_commented(lines, shapes), f"return {last}"]

    def _shapes(self, step: _Step) -> str:
        """The shapes that a step gives, empty where its first argument has the same."""
        given = [str(self.analysis.output_shape(end)) for end in step.results]
        taken = [str(self.analysis.output_shape(end)) for end in step.arguments[:1]]
        return "" if given == taken else ", ".join(given)

    def _call(self, step: _Step) -> str:
        return step.layer.call(self.names[step.node], [self.variables[end] for end in step.arguments])

    def _example(self, node: str) -> str:
        shape = self.analysis.facts[node].outputs[0]
        tables = [getattr(layer, "num_embeddings", None) for layer in self.layers.values()]
        words = [getattr(self.layers[node], "vocabulary", 2), *(size for size in tables if size)]
        return _random(shape, min(words))


def _steps(network: Network, layers: Mapping[str, Layer], inputs: list[str], inner: list[str]) -> list[_Step]:
    """The steps in an order that stays on a branch for as long as it can."""
    rank = {node: index for index, node in enumerate(inner)}
    waiting = {node: {wire.source.node for wire in network.incoming(node)} - {*inputs} for node in inner}
    ready = sorted((node for node, sources in waiting.items() if not sources), key=lambda n: -rank[n])
    steps = []
    while ready:
        node = ready.pop()
        layer = layers[node]
        arguments = tuple(network.wires[End(node, port.name)].source for port in layer.inputs())
        steps.append(_Step(node, layer, arguments, tuple(End(node, port.name) for port in layer.outputs())))
        after = {wire.target.node for wire in network.outgoing(node)} & rank.keys()
        for other in sorted(after, key=lambda n: -rank[n]):
            waiting[other].discard(node)
            if not waiting[other]:
                ready.append(other)
    return steps


def _arguments(kind: str, values: Mapping[str, Any]) -> str:
    """As a person writes them: required ones by place, others by name where they are not the default."""
    defaults = _defaults(kind)
    short = {key: _short(key, value) for key, value in values.items()}
    if "stride" in short and defaults.get("stride", 0) is None and short["stride"] == short.get("kernel_size"):
        del short["stride"]
    required = [key for key, default in defaults.items() if default is inspect.Parameter.empty]
    placed = [_value(short.pop(key)) for key in required if key in short]
    named = [f"{k}={_value(v)}" for k, v in short.items() if not _same(v, _short(k, defaults.get(k, ...)))]
    return ", ".join([*placed, *named])


def _defaults(kind: str) -> dict[str, Any]:
    """Parameters of a constructor of torch.nn and their defaults, `empty` where there is none."""
    from torch import nn

    cls = getattr(nn, kind.removeprefix("nn."))
    for base in cls.__mro__:
        parameters = inspect.signature(base.__init__).parameters
        if base.__init__ is not object.__init__ and not any(p.kind == p.VAR_POSITIONAL for p in parameters.values()):
            found = {
                name: p.default
                for name, p in parameters.items()
                if name not in ("self", "mode" if base is nn.RNNBase else "")
            }
            return {**found, "nonlinearity": "tanh"} if issubclass(cls, nn.RNN) else found
    return {}


def _short(key: str, value: Any) -> Any:
    """3 for (3, 3) where torch takes both, and 120 for (120,)."""
    if isinstance(value, list | tuple) and value and key in SHORT | {"normalized_shape"}:
        alike = len(set(value)) == 1 and (key in SHORT or len(value) == 1)
        return value[0] if alike else tuple(value)
    return value


def _same(value: Any, default: Any) -> bool:
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)


def _value(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(tuple(value) if isinstance(value, list) else value)


def _random(shape: Shape, vocabulary: int) -> str:
    dims = ", ".join(map(str, (2, *shape.dims)))
    if shape.dtype.startswith("float"):
        return f"torch.randn({dims})"
    return f"torch.randint({vocabulary}, ({dims}))"


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _commented(lines: list[str], comments: list[str]) -> list[str]:
    return [f"{line}  # {comment}" if comment else line for line, comment in zip(lines, comments, strict=True)]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n")).rstrip(" ")
