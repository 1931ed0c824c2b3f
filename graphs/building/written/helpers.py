"""The classes of `graphs.building.modules` that generated source constructs, as text, with what they import."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

PREFIX = "modules."
"""How a kind names such a class: "modules.Maxout"."""


@dataclass
class Helpers:
    """Import lines in the order of the file, and the text of each class or function by its name, the used first."""

    imports: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    """What one file of `graphs.building.modules` defines and imports, by name."""

    definitions: dict[str, tuple[str, frozenset[str]]]
    imports: dict[str, str]


def helpers(kinds: Iterable[str]) -> Helpers:
    """What the source of a network has to hold for these kinds of constructor; others than our own need nothing."""
    found = Helpers()
    for kind in sorted({kind for kind in kinds if kind.startswith(PREFIX)}):
        name = kind.removeprefix(PREFIX)
        _add(name, getattr(modules(), name).__module__, found)
    found.imports.sort(key=lambda line: (line.startswith("from"), line))
    return found


def modules() -> ModuleType:
    """`graphs.building.modules`, which brings torch with it."""
    from graphs.building import modules as found

    return found


def _add(name: str, place: str, found: Helpers) -> None:
    file = _file(place)
    if name in found.texts or name not in file.definitions:
        return
    text, used = file.definitions[name]
    for other in sorted(used - {name}):
        _add(other, place, found)
        line = file.imports.get(other, "")
        if line and line not in found.imports:
            found.imports.append(line)
    found.texts[name] = text


@cache
def _file(place: str) -> _File:
    source = inspect.getsource(sys.modules[place])
    definitions: dict[str, tuple[str, frozenset[str]]] = {}
    imports: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            text = re.sub(r"  # (type|noqa): ?[^\n]*", "", str(ast.get_source_segment(source, node)))
            definitions[node.name] = (text, _names(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            definitions[str(getattr(target, "id", ""))] = (str(ast.get_source_segment(source, node)), _names(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports |= _lines(node)
    return _File(definitions, imports)


def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _lines(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The line that imports each name; what every file has anyway is left out."""
    place = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
    lines = {}
    for alias in node.names:
        line = f"{place}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        if line not in ("import torch", "from torch import nn", "from __future__ import annotations"):
            lines[alias.asname or alias.name] = line
    return lines
