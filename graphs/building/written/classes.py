"""Which classes a design needs: modules that differ in numbers alone share one, the numbers become its parameters."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphs.building.modular import WHOLE
from graphs.building.written.arguments import Ref, annotation
from graphs.building.written.lines import Line, variable
from graphs.building.written.modules import Design, Module, Writer
from graphs.names import SHADOWING, plain_name

Place = tuple[int, tuple[Any, ...]]
"""Where a number stands: the line of the constructor, and the argument in it."""


@dataclass(frozen=True)
class Class:
    """A class to be written. `parameters` gives the type of each argument of its constructor."""

    name: str
    module: Module
    parameters: Mapping[str, str]
    help: str = ""


def classes_of(design: Design, whole: str, reserved: set[str]) -> list[Class]:
    """The classes of a design, the inner ones first and that of the whole network, called `whole`, last."""
    made: list[Class] = []
    known: dict[str, tuple[str, Mapping[str, Any]]] = {}
    names = {whole, *reserved}
    for parts in _by_height(design):
        modules = [Writer(design, design.parts.parts[part], known).module() for part in parts]
        for alike in _grouped(modules):
            found, arguments = _class(design, alike, names)
            made.append(found)
            known |= {module.part.id: (found.name, values) for module, values in zip(alike, arguments, strict=True)}
    module = Writer(design, design.parts.parts[WHOLE], known).module()
    return [*made, Class(whole, module, {})]


def _by_height(design: Design) -> list[list[str]]:
    """The parts that become classes, those that hold no others first; rows of all sorts are none."""
    heights: dict[str, int] = {}
    for part in sorted(design.parts.parts, key=lambda part: -part.count("/") - bool(part)):
        inner = [heights[item] for item in design.parts.parts[part].items if item in heights]
        plain = bool(design.row(part) or design.sequence(part))
        heights[part] = max(inner, default=-1) + (0 if plain else 1)
    levels: dict[int, list[str]] = {}
    for part in design.parts.parts:
        if part != WHOLE and not design.row(part) and not design.sequence(part):
            levels.setdefault(heights[part], []).append(part)
    return [levels[height] for height in sorted(levels)]


def _grouped(modules: list[Module]) -> list[list[Module]]:
    groups: dict[tuple[Any, ...], list[Module]] = {}
    for module in modules:
        groups.setdefault(module.form, []).append(module)
    return list(groups.values())


def _class(design: Design, alike: list[Module], names: set[str]) -> tuple[Class, list[dict[str, Any]]]:
    """One class for modules that differ in numbers alone, and for each of them the numbers it takes."""
    block = design.flat.drawn.blocks[alike[0].part.block]
    name = _class_name(block.title or block.id, names)
    numbers = [_numbers(module) for module in alike]
    places = list(dict.fromkeys(place for found in numbers for place in found))
    columns = {place: tuple(_frozen(found.get(place)) for found in numbers) for place in places}
    wanted = {place: column for place, column in columns.items() if len(set(column)) > 1}
    called = _parameter_names(design, alike, wanted, names)
    first: dict[str, Place] = {}
    for place, column in wanted.items():
        first.setdefault(called[column], place)
    values = {place: Ref(called[columns[place]]) if place in wanted else numbers[0].get(place) for place in places}
    lines = tuple(
        line.with_numbers({at: value for (index, at), value in values.items() if index == number})
        for number, line in enumerate(alike[0].lines)
    )
    parameters = {name: annotation([found.get(place) for found in numbers]) for name, place in first.items()}
    arguments = [{name: found.get(place) for name, place in first.items()} for found in numbers]
    return Class(name, _common(alike, lines), parameters, block.help or block.title), arguments


def _numbers(module: Module) -> dict[Place, Any]:
    return {(index, at): value for index, line in enumerate(module.lines) for at, value in line.numbers()}


def _frozen(value: Any) -> Any:
    """Something that can be compared and hashed; 1, 1.0 and True stay apart."""
    return type(value).__name__, repr(value)


def _parameter_names(
    design: Design, alike: list[Module], wanted: Mapping[Place, Any], classes: set[str]
) -> dict[Any, str]:
    """A name for each column of numbers: the block's own parameter where it has one, else that of the argument.

    A name that would hide a class, or what a constructor speaks of, stands behind that of the module.
    """
    hidden = SHADOWING | classes
    uses = [design.flat.uses.get(m.part.id) or design.flat.scopes[m.part.id + "/"] for m in alike]
    own = design.flat.drawn.blocks[alike[0].part.block].parameters
    columns = {tuple(_frozen(use.names.get(name)) for use in uses): name for name in reversed(list(own))}
    called: dict[Any, str] = {}
    for (index, at), column in wanted.items():
        if column in called:
            continue
        name = columns.get(column, str(at[-1]))
        if name in called.values() or name in hidden or not plain_name(name):
            stem = variable(alike[0].lines[index].path)
            name = f"{stem}_{name}" if plain_name(f"{stem}_{name}") else f"{stem}_{at[-1]}"
            while name in called.values():
                name += "_"
        called[column] = name
    return called


def _common(alike: list[Module], lines: tuple[Line, ...]) -> Module:
    """The module of a class: comments and shapes stay where they hold for all."""
    first = alike[0]
    comments = tuple(
        texts[0] if len(set(texts)) == 1 else "" for texts in zip(*(module.comments for module in alike), strict=True)
    )
    same = all((m.taken, m.given) == (first.taken, first.given) for m in alike)
    return replace(
        first, lines=lines, comments=comments, taken=first.taken if same else (), given=first.given if same else ()
    )


def _class_name(title: str, names: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    stem = "".join(word[:1].upper() + word[1:] for word in words) or "Block"
    stem = f"Block{stem}" if stem[0].isdigit() or keyword.iskeyword(stem) else stem
    name, number = stem, 2
    while name in names:
        name, number = f"{stem}{number}", number + 1
    names.add(name)
    return name
