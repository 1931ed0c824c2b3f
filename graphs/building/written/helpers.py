"""The classes of `graphs.building.modules` that generated source constructs, as text, with what they import."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, reduce
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.layers.base import Layer

PREFIX = "modules."
"""How a kind names such a class: "modules.Maxout"."""
OWN = "own."
"""How a kind names a class of a person's own, with the name that its module goes by: "own.netloom_own_5f0c.Swish"."""
OURS = "graphs.building.modules"
"""Where those stand that several files share; they are printed, and never imported."""


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


def needed(layers: Iterable[Layer]) -> Helpers:
    """What the source of these layers has to hold: the classes of ours that it constructs, the functions it calls."""
    found, names = Helpers(), set[str]()
    for layer in layers:
        kind = layer.constructs()
        if kind.startswith(OWN):
            _add(called(kind), class_of(kind).__module__, found)
        names |= {kind.removeprefix(PREFIX)} if kind.startswith(PREFIX) else set()
        names |= set(layer.uses())
    for name in sorted(names):
        _add(name.rpartition(".")[2], _at(name).__module__, found)
    found.imports.sort(key=lambda line: (line.startswith("from"), line))
    return found


def called(kind: str) -> str:
    """How source speaks of the class that a kind constructs: nn.Conv2d, Maxout, Swish."""
    return kind.rpartition(".")[2] if kind.startswith(OWN) else kind.removeprefix(PREFIX)


def class_of(kind: str) -> Any:
    """The class that a kind constructs."""
    from torch import nn

    if kind.startswith(OWN):
        from graphs.building.own import module_named

        _, place, name = kind.split(".")
        return getattr(module_named(place), name)
    return _at(kind.removeprefix(PREFIX)) if kind.startswith(PREFIX) else getattr(nn, kind.removeprefix("nn."))


def modules() -> ModuleType:
    """`graphs.building.modules`, which brings torch with it."""
    from graphs.building import modules as found

    return found


def _at(name: str) -> Any:
    """The class or function of this name: "Maxout", "onnx.onnx_erf"."""
    return reduce(getattr, name.split("."), modules())


def _add(name: str, place: str, found: Helpers) -> None:
    file = _file(place)
    if name not in file.definitions:
        return
    text, used = file.definitions[name]
    if name in found.texts:
        if found.texts[name] != text:
            raise ValueError(f"Two layers of this network have a “{name}” of their own: call one of them otherwise.")
        return
    for other in sorted(used - {name}):
        line = file.imports.get(other, "")
        if line.startswith(f"from {OURS}"):
            _add(other, line.split()[1], found)
            continue
        _add(other, place, found)
        if line and line not in found.imports:
            found.imports.append(line)
    found.texts[name] = text


@cache
def _file(place: str) -> _File:
    source = _source(place)
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


def _source(place: str) -> str:
    """The text of a module; of a person's own the text that ran, whatever lies on the disk now."""
    module = sys.modules[place]
    loader = module.__spec__.loader if module.__spec__ is not None else None
    text: str | None = loader.get_source(place) if hasattr(loader, "get_source") else None  # type: ignore[union-attr]
    return inspect.getsource(module) if text is None else text


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
