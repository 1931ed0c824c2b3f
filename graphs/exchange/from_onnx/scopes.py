"""Where in a program an operator stood, as far as its file says: torch writes it beside it, or into its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

LONGEST = 4096
DEEPEST = 32
_PATH = re.compile(r"^/?((?:[^/]+/)+)[^/]+$")
_PLAIN = re.compile(r"Sequential|ModuleList|ModuleDict")
"""Classes that only hold others."""


def _said(node: NodeProto, key: str) -> list[str]:
    """The list of names that torch writes beside an operator."""
    text = next((entry.value for entry in node.metadata_props if entry.key == key), "")
    return re.findall(r"'([^']*)'", text[:LONGEST])


def scope_of(node: NodeProto) -> tuple[str, ...]:
    """The path of the module: ("layer1", "0", "conv1"); empty where nothing is said."""
    names = _said(node, "pkg.torch.onnx.name_scopes")[:-1]
    if names:
        longest = max(names, key=len)
        return tuple(part for part in longest.split(".") if part)[:DEEPEST]
    found = _PATH.match(node.name[:LONGEST])
    return _steps([part for part in found[1].split("/") if part]) if found else ()


def _steps(parts: list[str]) -> tuple[str, ...]:
    """ "/layer1/layer1.0/conv1": a part says again what it stands in, where it is a number."""
    steps: list[str] = []
    before = ""
    for part in parts:
        own = part[len(before) + 1 :] if before and part.startswith(f"{before}.") else part
        steps += [step for step in own.split(".") if step]
        before = part
    return tuple(steps[:DEEPEST])


def classes_of(node: NodeProto) -> dict[tuple[str, ...], str]:
    """What the modules around an operator are called by their classes, by their paths."""
    names, classes = _said(node, "pkg.torch.onnx.name_scopes"), _said(node, "pkg.torch.onnx.class_hierarchy")
    pairs = list(zip(names, classes, strict=False))[:-1]
    found = {tuple(name.split(".")): kind.rpartition(".")[2] for name, kind in pairs if name}
    return {path: kind[:80] for path, kind in found.items() if not _PLAIN.fullmatch(kind)}
