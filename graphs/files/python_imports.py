"""Which other files of a person a Python file brings in, found by reading alone: nothing is imported to find out."""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from graphs.files.faults import FileFault
from graphs.files.python_files import SourceFile, read_source

MOST_FILES = 200


def located(module: str) -> tuple[Path, str]:
    """The folder that a module is found from, and its file, looked up as Python does, but nothing is imported.

    Raises FileFault.
    """
    parts = Path(*module.split("."))
    for entry in dict.fromkeys(("", *sys.path)):
        root = Path(entry) if entry else Path.cwd()
        for found in (root / parts.with_suffix(".py"), root / parts / "__init__.py"):
            if found.is_file():
                return root.absolute(), str(found)
    raise FileFault(module, "", "there is no such module here", "name its file, or start in the folder it lies in")


def installed(root: Path) -> bool:
    """Whether what lies there was installed as a package or came with Python, and is nobody's own work in progress."""
    named = ("stdlib", "platstdlib", "purelib", "platlib")
    places = {*map(sysconfig.get_path, named), site.getusersitepackages(), *site.getsitepackages()}
    return any(root.is_relative_to(place) for place in places if place)


def together(file: SourceFile, root: Path, name: str) -> dict[str, SourceFile]:
    """The file as the module `name`, and all that it brings in from below `root`, by the names of their modules.

    Raises FileFault.
    """
    found: dict[str, SourceFile] = {}
    waiting = [(name, file)]
    for package in _packages(name):
        waiting += _at(root, package)
    while waiting:
        module, source = waiting.pop()
        if module in found:
            continue
        found[module] = source
        if len(found) > MOST_FILES:
            raise FileFault(file.path.name, "", f"brings in more than {MOST_FILES} files", "import a smaller part")
        for wanted in _imports(source, module):
            for part in (*_packages(wanted), wanted):
                waiting += [one for one in _at(root, part) if one[0] not in found]
    return found


def _packages(module: str) -> list[str]:
    """The packages around a module: a, a.b of a.b.c."""
    parts = module.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _at(root: Path, module: str) -> list[tuple[str, SourceFile]]:
    """The module below `root`, where there is one."""
    place = root.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if path.is_file():
            return [(module, read_source(path))]
    return []


def _imports(source: SourceFile, module: str) -> Iterator[str]:
    """The modules that a file may import, and what it takes from them, which may be modules too."""
    package = module if source.path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = package.split(".")
                around = parts[: len(parts) - node.level + 1]
                start = ".".join([*around, *([start] if start else [])])
            if start:
                yield start
            yield from (f"{start}.{alias.name}" if start else alias.name for alias in node.names if alias.name != "*")
