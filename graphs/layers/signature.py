"""What a class of a person's own takes and gives, read from its text: nothing of it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from graphs.files.faults import FileFault
from graphs.files.python_files import REMEDY, SourceFile

MOST = 32
"""Inputs, and arguments of a constructor, at most."""
SIMPLE = {"int": "whole", "float": "number", "bool": "switch", "str": "text"}


class Argument(NamedTuple):
    """An argument of a constructor: its name, how it is typed, its default, and the words it may be.

    `kind` is "whole", "number", "switch", "text", "choice", "wholes" or "numbers"; a default of None is none.
    """

    name: str
    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    required: bool = True
    """Whether the class has no default for it."""


@dataclass(frozen=True)
class Signature:
    """The inputs of forward by name, how many results it gives, and what its constructor takes."""

    takes: tuple[str, ...] = ("x",)
    gives: int = 1
    arguments: tuple[Argument, ...] = ()
    help: str = ""


@lru_cache(maxsize=256)
def signature(file: SourceFile, name: str) -> Signature:
    """What the class `name` in this file takes and gives. Raises FileFault."""
    classes = {node.name: node for node in file.tree.body if isinstance(node, ast.ClassDef)}
    if name not in classes:
        raise FileFault(file.path.name, "", f"has no class “{name[:80]}”", "name a class that it defines")
    lines = list(_lineage(classes, name))
    forward, maker = _method(lines, "forward"), _method(lines, "__init__")
    if forward is None:
        raise FileFault(file.path.name, f"class {name}", "has no forward", REMEDY)
    if forward.args.vararg or len(_placed(forward)) > MOST:
        raise FileFault(file.path.name, f"{name}.forward", "takes any number of inputs", "give each input a name")
    takes = _placed(forward)
    if not takes:
        raise FileFault(file.path.name, f"{name}.forward", "takes no input", "give it an input")
    told = " ".join((ast.get_docstring(classes[name]) or "").split("\n\n")[0].split())[:300]
    return Signature(tuple(takes), _results(forward), tuple(_arguments(maker))[:MOST] if maker else (), told)


def _lineage(classes: dict[str, ast.ClassDef], name: str) -> Iterator[ast.ClassDef]:
    """A class and those of the same file that it is built on."""
    seen: set[str] = set()
    while name in classes and name not in seen:
        seen.add(name)
        yield classes[name]
        name = next((base.id for base in classes[name].bases if isinstance(base, ast.Name)), "")


def _method(lines: list[ast.ClassDef], name: str) -> ast.FunctionDef | None:
    for made in lines:
        for part in made.body:
            if isinstance(part, ast.FunctionDef) and part.name == name:
                return part
    return None


def _placed(method: ast.FunctionDef) -> list[str]:
    """Arguments by place that must be given, without self."""
    names = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)][1:]
    return names[: len(names) - len(method.args.defaults)] if method.args.defaults else names


def _results(method: ast.FunctionDef) -> int:
    """How many tensors it gives: as its annotation says, else as what it returns looks."""
    told = method.returns
    if isinstance(told, ast.Subscript) and isinstance(told.value, ast.Name) and told.value.id in ("tuple", "Tuple"):
        inner = told.slice
        return min(MOST, len(inner.elts)) if isinstance(inner, ast.Tuple) else 1
    found = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
    return min(MOST, max((len(v.elts) for v in found if isinstance(v, ast.Tuple)), default=1)) or 1


def _arguments(method: ast.FunctionDef) -> Iterator[Argument]:
    """What can be typed in a form: the rest keeps the defaults that the class gives it."""
    placed = [*method.args.posonlyargs, *method.args.args][1:]
    missing = [None] * (len(placed) - len(method.args.defaults))
    pairs = [*zip(placed, [*missing, *method.args.defaults], strict=False)]
    pairs += zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    for argument, default in pairs:
        found = _argument(argument, default)
        if found is not None and argument.arg.isidentifier() and len(argument.arg) <= 60:
            yield found


def _argument(argument: ast.arg, default: ast.expr | None) -> Argument | None:
    value, known = _literal(default)
    if default is not None and not known:
        return None  # the class works it out itself
    kind, choices = _kind(argument.annotation)
    kind = kind or _kind_of(value)
    if not kind:
        return Argument(argument.arg, "number") if default is None else None
    return Argument(argument.arg, kind, value, choices, default is None)


def _literal(node: ast.expr | None) -> tuple[Any, bool]:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None, False
    value = tuple(value) if isinstance(value, list) else value
    plain = isinstance(value, int | float | str | bool | None) or (
        isinstance(value, tuple) and len(value) <= 64 and all(isinstance(v, int | float) for v in value)
    )
    return (value, True) if plain and len(str(value)) <= 1000 else (None, False)


def _kind(annotation: ast.expr | None) -> tuple[str, tuple[str, ...]]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError):
            return "", ()
    if isinstance(annotation, ast.BinOp):  # int | None
        return _kind(annotation.left)
    if isinstance(annotation, ast.Name):
        return SIMPLE.get(annotation.id, ""), ()
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if annotation.value.id == "Literal":
            words = tuple(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
            return ("choice", words) if words and len(words) == len(parts) else ("", ())
        if annotation.value.id in ("tuple", "Tuple", "list", "List", "Sequence") and isinstance(parts[0], ast.Name):
            return {"int": "wholes", "float": "numbers"}.get(parts[0].id, ""), ()
        if annotation.value.id == "Optional":
            return _kind(parts[0])
    return "", ()


def _kind_of(value: Any) -> str:
    if isinstance(value, tuple):
        return "wholes" if all(isinstance(v, int) for v in value) else "numbers"
    return {bool: "switch", int: "whole", float: "number", str: "text"}.get(type(value), "")
