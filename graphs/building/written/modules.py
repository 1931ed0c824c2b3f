"""The text of one module: what its constructor makes, what its forward calls, and in which order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from graphs.building.modular import WHOLE, Part, Parts
from graphs.building.written.arguments import given, written
from graphs.building.written.lines import Line, accessor, variable
from graphs.building.written.sequences import module_of, sequence
from graphs.building.written.wrapping import wrapped
from graphs.inference.shapes import Analysis
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import Catalogue
from graphs.names import argument, named_modules
from graphs.network import End

PASSING = {"x", "y"}
"""Names of values that the next line alone takes."""


@dataclass(frozen=True)
class Step:
    """One statement of forward: where its values come from, what it gives, and its right side."""

    item: str
    arguments: tuple[End, ...]
    results: tuple[End, ...]
    expression: Callable[[list[str]], str]


@dataclass(frozen=True)
class Module:
    """One module as text. The values of `arguments` and results are one sample's shapes, without the batch axis."""

    part: Part
    arguments: tuple[str, ...]
    lines: tuple[Line, ...]
    body: tuple[str, ...]
    comments: tuple[str, ...]
    results: int
    taken: tuple[Shape | None, ...]
    given: tuple[Shape | None, ...]

    @property
    def form(self) -> tuple[Any, ...]:
        """What two modules of one class have in common."""
        return self.part.block, self.arguments, self.body, tuple(line.form for line in self.lines)


class Design:
    """What is written about: an analysed network and the parts it is made of."""

    def __init__(self, catalogue: Catalogue, analysis: Analysis) -> None:
        self.analysis, self.flat = analysis.core, analysis.flat
        self.network = self.analysis.network
        names, around = named_modules(self.network)
        self.names = {**around, **names}
        order = [node for node in self.analysis.order if node in self.analysis.used]
        self.layers = {node: catalogue.layer(self.network.nodes[node]) for node in order}
        drawn = [node for node in self.network.ids if node in self.layers]
        self.inputs = [node for node in drawn if self.layers[node].source_only]
        self.outputs = [node for node in drawn if self.layers[node].is_output]
        self.inner = [node for node in order if node not in {*self.inputs, *self.outputs}]
        self.results = [self.network.incoming(node)[0].source for node in self.outputs]
        self.parts = Parts(self.flat, self.inner)
        self._sequences: dict[str, tuple[str, ...]] = {}

    def row(self, item: str) -> tuple[str, ...]:
        """The parts in a row that a repeated use consists of; nothing for everything else."""
        part, use = self.parts.parts.get(item), self.flat.uses.get(item)
        if part is None or use is None or len(use.prefixes) < 2:
            return ()
        wanted = tuple(prefix.rstrip("/") for prefix in use.prefixes)
        return wanted if tuple(part.items) == wanted else ()

    def sequence(self, item: str) -> tuple[str, ...]:
        """What follows each other in a part that is nn.Sequential; nothing for everything else."""
        if item not in self._sequences:
            self._sequences[item] = sequence(self, item)
        return self._sequences[item]

    def chains(self, item: str) -> bool:
        """Whether a row only hands one value on, from each part to the next, and gives what the last one gives."""
        parts = [self.parts.parts[inner] for inner in self.row(item)]
        if self.parts.parts[item].outputs != parts[-1].outputs or any(
            len(part.inputs) != 1 or len(part.outputs) != 1 for part in parts
        ):
            return False
        fed = [self.network.wires[end].source for part in parts for end in part.inputs.values()]
        return fed[1:] == [part.outputs[0] for part in parts[:-1]]

    def shapes(self, node: str) -> tuple[Shape, ...]:
        """The shapes that a layer takes."""
        return tuple(shape for shape in self.analysis.facts[node].inputs if shape is not None)

    def path(self, item: str, around: str) -> str:
        """The name of a layer or a part as an attribute of the module around it."""
        return self.parts.path(self.names, item, around)


class Writer:
    """Writes one part of a design; `classes` gives the class and its arguments for each part inside."""

    def __init__(self, design: Design, part: Part, classes: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        self.design, self.part, self.classes = design, part, classes
        self.rows = {item: row for item in part.items if (row := design.row(item)) and not design.chains(item)}
        """Repeats that are called one by one, since more goes in or comes out than a nn.Sequential hands on."""
        self.items = [inner for item in part.items for inner in self.rows.get(item, (item,))]
        self.paths = {item: design.path(item, part.id) for item in (*part.items, *self.items)}
        self.outside = {End("", port): end for port, end in part.inputs.items()}
        self.inputs = [*self.outside] if part.id != WHOLE else [*self._feeds()]
        self.results = list(part.outputs) if part.id != WHOLE else design.results
        self.steps = self._ordered()
        self.variables = self._variables()

    def module(self) -> Module:
        """The text of the part."""
        plain, comments = self._body()
        lines = [wrapped(line, comment) for line, comment in zip(plain, comments, strict=True)]
        made = tuple(line for item in sorted(self.part.items, key=self._rank) if (line := self._made(item)))
        names = tuple(self.variables[end] for end in self.inputs)
        taken, result = tuple(map(self._shape, self.inputs)), tuple(map(self._shape, self.results))
        return Module(self.part, names, made, tuple(lines), tuple(comments), len(result), taken, result)

    def _body(self) -> tuple[list[str], list[str]]:
        """The statements of forward, and the comment behind each."""
        lines, comments, at = list[str](), list[str](), 0
        loop: list[Step] = []
        while at < len(self.steps):
            loop = self._loop(at)
            first, last = self.steps[at], self.steps[at + max(1, len(loop)) - 1]
            names = ", ".join(self.variables[end] for end in last.results)
            lines.append(self._looped(loop, names) if loop else f"{names} = {self._right(first)}")
            comments.append(self._shapes(first, last))
            at += max(1, len(loop))
        result = ", ".join(self.variables[end] for end in self.results)
        if self.steps and not loop and result in PASSING and self.steps[-1].results == (self.results[0],):
            lines[-1] = f"return {self._right(self.steps[-1])}"
            return lines, comments
        return [*lines, f"return {result}"], [*comments, ""]

    def _loop(self, at: int) -> list[Step]:
        """The steps from here on that a loop says at once: repeats that hand one value on and all take the same beside
        it."""
        row = next((row for row in self.rows.values() if row[0] == self.steps[at].item), ())
        steps = self.steps[at : at + len(row)]
        if len(row) < 3 or tuple(step.item for step in steps) != row or len(steps[-1].results) > 1:
            return []
        for before, step in pairwise(steps):
            if step.arguments[:1] != before.results or step.arguments[1:] != steps[0].arguments[1:]:
                return []
        beside = {self.variables[end] for end in steps[0].arguments[1:]}
        between = {step.results[0] for step in steps[:-1]}
        elsewhere = {end for step in self.steps if step not in steps for end in step.arguments} | {*self.results}
        return [] if self.variables[steps[-1].results[0]] in beside or between & elsewhere else steps

    def _looped(self, steps: list[Step], name: str) -> str:
        """ "for module in self.stage:", with the value that goes in under the name of what comes out."""
        row = next(item for item, row in self.rows.items() if row[0] == steps[0].item)
        first, *beside = (self.variables[end] for end in steps[0].arguments)
        module = free("module", {*self.variables.values()})
        start = f"{name} = {first}\n" if name != first else ""
        arguments = ", ".join([name, *beside])
        return f"{start}for {module} in self.{accessor(self.paths[row])}:\n    {name} = {module}({arguments})"

    def _feeds(self) -> list[End]:
        layers = self.design.layers
        return [End(node, port.name) for node in self.design.inputs for port in layers[node].outputs()]

    def _rank(self, item: str) -> int:
        while item in self.design.parts.held:
            item = self.design.parts.held[item][0]
        return self.design.parts.rank[item]

    # The constructor

    def _made(self, item: str) -> Line | None:
        """ "self.conv1 = nn.Conv2d(1, 6, 5, padding=2)", None where forward says it all."""
        path = self.paths[item]
        layer = self.design.layers.get(item)
        if layer is None:
            return self._part(item, path)
        kind = layer.constructs()
        if not kind:
            return None
        values = given(kind, layer.source_arguments(self.design.shapes(item)))
        return Line(path, kind, values, _drawn(layer, accessor(path)))

    def _part(self, item: str, path: str) -> Line:
        """The line of a use of a block, or of one of its repeats."""
        if row := self.design.row(item):
            kind = "nn.ModuleList" if item in self.rows else "nn.Sequential"
            made = tuple(self._part(inner, path) for inner in row)
            alike = all(line == made[0] for line in made)
            return (
                Line(path, kind, {"repeat": len(row)}, children=made[:1]) if alike else Line(path, kind, children=made)
            )
        if inner := self.design.sequence(item):
            return Line(path, "nn.Sequential", children=tuple(self._inside(step, path) for step in inner))
        return Line(path, *self.classes[item])

    def _inside(self, item: str, path: str) -> Line:
        """What stands for a layer or a part in nn.Sequential."""
        layer = self.design.layers.get(item)
        if layer is None:
            return self._part(item, path)
        kind, shapes = module_of(layer), self.design.shapes(item)
        arguments = layer.source_arguments(shapes) if layer.constructs() else layer.arguments(shapes)
        return Line(path, kind, given(kind, arguments))

    # The forward

    def _step(self, item: str) -> Step:
        name = self._place(item)
        part = self.design.parts.parts.get(item)
        if part is None:
            layer = self.design.layers[item]
            ends = tuple(End(item, port.name) for port in layer.inputs())
            results = tuple(End(item, port.name) for port in layer.outputs())
            return Step(item, tuple(map(self._source, ends)), results, lambda args: layer.call(name, args))
        arguments = tuple(map(self._source, part.inputs.values()))
        return Step(item, arguments, tuple(part.outputs), lambda args: f"self.{name}({', '.join(args)})")

    def _place(self, item: str) -> str:
        """How a module is spoken of behind "self."."""
        row = next((row for row, inner in self.rows.items() if item in inner), None)
        return (
            accessor(self.paths[item]) if row is None else f"{accessor(self.paths[row])}[{self.rows[row].index(item)}]"
        )

    def _source(self, target: End) -> End:
        """Where the value for an input port of a layer comes from: a value of this module, or one of its arguments."""
        source = self.design.network.wires[target].source
        owner = self.part.id
        if not owner or source.node.startswith(owner + "/"):
            return source
        parts, shown = self.design.parts, self.design.flat.drawn_input(target)
        port = parts.ports.get((owner, target)) or parts.ports.get((owner, shown))
        return End("", str(port))

    def _ordered(self) -> list[Step]:
        """The steps in an order that stays on a branch for as long as it can."""
        steps = {item: self._step(item) for item in self.items}
        rank = {item: index for index, item in enumerate(self.items)}
        maker = {end: item for item, step in steps.items() for end in step.results}
        waiting = {item: {maker[end] for end in step.arguments if end in maker} for item, step in steps.items()}
        after: dict[str, list[str]] = {item: [] for item in steps}
        for item, needs in waiting.items():
            for need in needs:
                after[need].append(item)
        ready = sorted((item for item, needs in waiting.items() if not needs), key=lambda item: -rank[item])
        ordered = []
        while ready:
            item = ready.pop()
            ordered.append(steps[item])
            for other in sorted(after[item], key=lambda item: -rank[item]):
                waiting[other].discard(item)
                if not waiting[other]:
                    ready.append(other)
        return ordered

    def _variables(self) -> dict[End, str]:
        """A name for each value: x (y while x is still needed) where the next line alone takes it, else its maker's."""
        names: dict[End, str] = {}
        for end in self.inputs:
            names[end] = free(self._argument(end), set(names.values()))
        takers: dict[End, list[int]] = {}
        for index, step in enumerate(self.steps):
            for end in step.arguments:
                takers.setdefault(end, []).append(index)
        for end in self.results:
            takers.setdefault(end, []).append(len(self.steps))
        modules = {path.split(".")[0] for path in self.paths.values()}
        last_use = {names[end]: max(takers.get(end, [-1])) for end in self.inputs}
        taken = set(names.values())
        for index, step in enumerate(self.steps):
            passing = len(step.results) == 1 and set(takers.get(step.results[0], ())) == {index + 1}
            spare = [name for name in ("x", "y") if name not in modules and last_use.get(name, -1) <= index]
            for place, end in enumerate(step.results):
                last = end.port if step.item in self.design.layers else str(place)
                own = variable(self.paths[step.item]) + (f"_{last}" if len(step.results) > 1 else "")
                names[end] = spare[0] if passing and spare else free(own, taken)
                taken |= {names[end]} - PASSING
        return names

    def _argument(self, end: End) -> str:
        if end.node:
            return self.design.names[end.node]
        port = self.design.flat.drawn.blocks[self.part.block].network.nodes[end.port]
        return argument(port.title, port.id, len(self.part.inputs) == 1)

    def _right(self, step: Step) -> str:
        return step.expression([self.variables[end] for end in step.arguments])

    def _shape(self, end: End) -> Shape | None:
        source = self.design.network.wires[self.outside[end]].source if end in self.outside else end
        return self.design.analysis.output_shape(source)

    def _shapes(self, first: Step, last: Step) -> str:
        """The shapes that steps in a row give, empty where the first argument has the same."""
        results = [str(self._shape(end)) for end in last.results]
        taken = [str(self._shape(end)) for end in first.arguments[:1]]
        return "" if results == taken else ", ".join(results)


def _drawn(layer: Layer, place: str) -> str:
    """The line that draws the weight in the way that was chosen; empty for PyTorch's own."""
    chosen = layer.initial()
    if chosen is None:
        return ""
    options = "".join(f", {key}={written(json.loads(json.dumps(value)))}" for key, value in chosen[1].items())
    return f"nn.init.{chosen[0]}(self.{place}.weight{options})"


def free(name: str, taken: set[str]) -> str:
    """The name, with as many "_" behind it as it takes to be nobody else's."""
    while name in taken:
        name += "_"
    return name
