"""Lines of a constructor, before it is known which of their numbers become parameters of the class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from graphs.building.written.arguments import listed, written
from graphs.building.written.helpers import OWN, PREFIX, called
from graphs.building.written.wrapping import wrapped

WIDTH = 106
"""Characters of a line inside a class, behind its own indentation."""


@dataclass(frozen=True)
class Line:
    """`self.NAME = KIND(values)`, or a row of `children`: of one child as often as the value `repeat` says.

    `drawn` is how its weight is drawn.
    """

    path: str
    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    drawn: str = ""
    children: tuple[Line, ...] = ()

    @property
    def form(self) -> tuple[Any, ...]:
        """What must be equal for two lines to be the same but for numbers."""
        children = tuple(child.form for child in self.children)
        return self.path, self.kind, self.drawn, "repeat" in self.values and bool(children), children

    def numbers(self, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """Every argument with where it stands."""
        yield from (((*at, key), value) for key, value in self.values.items())
        for index, child in enumerate(self.children):
            yield from child.numbers((*at, index))

    def with_numbers(self, numbers: Mapping[tuple[Any, ...], Any], at: tuple[Any, ...] = ()) -> Line:
        """The line with other values: those of `numbers` at the places that it names, in its order."""
        here = {key[-1]: value for key, value in numbers.items() if key[:-1] == at and isinstance(key[-1], str)}
        inner = tuple(child.with_numbers(numbers, (*at, index)) for index, child in enumerate(self.children))
        return replace(self, values=here, children=inner)

    def text(self) -> str:
        """The statements of this line."""
        steps = self.path.split(".")
        paths = [".".join(steps[:depth]) for depth in range(1, len(steps))]  # never called: what they hold is
        return "\n".join([*(_set(path, "nn.ModuleDict()") for path in paths), _set(self.path, self.construction())])

    def construction(self) -> str:
        """The right side: "nn.Conv2d(1, 6, 5)"."""
        if not self.children:
            return f"{called(self.kind)}({self._arguments()})"
        made = [child.construction() for child in self.children]
        if "repeat" in self.values:
            return self._repeated(made[0], str(self.values["repeat"]))
        start, end = ("(", ")") if self.kind == "nn.Sequential" else ("([", "])")
        line = f"{self.kind}{start}{', '.join(made)}{end}"
        if len(line) + len(self.path) + 8 <= WIDTH and len(made) < 4:
            return line
        return f"{self.kind}{start}\n" + "".join(f"{indent(item, '    ')},\n" for item in made) + end

    def _repeated(self, made: str, times: str) -> str:
        """ "nn.Sequential(*(Step(width) for _ in range(depth)))", in more lines where one would be too long."""
        start, end = ("(*(", "))") if self.kind == "nn.Sequential" else ("(", ")")
        line = f"{self.kind}{start}{made} for _ in range({times}){end}"
        if "\n" not in made and len(line) + len(self.path) + 24 <= WIDTH:
            return line
        rows = f"{made}\nfor _ in range({times})"
        rows = f"*(\n{indent(rows, '    ')}\n)" if self.kind == "nn.Sequential" else rows
        return f"{self.kind}(\n{indent(rows, '    ')}\n)"

    def _arguments(self) -> str:
        if self.kind.startswith(("nn.", PREFIX, OWN)):
            return listed(self.kind, self.values)
        if len(self.values) > 3:
            return ", ".join(f"{key}={written(value)}" for key, value in self.values.items())
        return ", ".join(written(value) for value in self.values.values())


def accessor(path: str) -> str:
    """How a module is spoken of behind "self.": stage_1.conv1, which is not called as a whole, is stage_1["conv1"],
    and 0, which is no name in Python, get_submodule("0")."""
    first, *rest = path.split(".")
    return (f'get_submodule("{first}")' if first.isdigit() else first) + "".join(f'["{step}"]' for step in rest)


def variable(path: str) -> str:
    """The name of a value that is called after a module: stage_1_conv1, and layer_0 after a module with a number."""
    name = path.replace(".", "_")
    return f"layer_{name}" if name[:1].isdigit() else name


def _set(path: str, value: str) -> str:
    statement = f'self.add_module("{path}", {value})' if path.isdigit() else f"self.{accessor(path)} = {value}"
    return wrapped(statement)
