"""The published architectures: a file per family of networks, one class per architecture, found by itself."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from graphs.architectures.base import Architecture

__all__ = ["ARCHITECTURES", "Architecture", "find"]


def _declared(file: ModuleType) -> Iterator[type[Architecture]]:
    """The architectures that a file declares; a class without a name of its own is what some have in common."""
    for found in vars(file).values():
        if isinstance(found, type) and found.__module__ == file.__name__ and vars(found).get("name"):
            yield found


_FILES = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
ARCHITECTURES: tuple[type[Architecture], ...] = tuple(
    sorted((kind for file in _FILES for kind in _declared(file)), key=lambda kind: (kind.paper.year, kind.name))
)
"""Every architecture that ships, by the year of its paper."""


def find(name: str) -> tuple[type[Architecture], str]:
    """The architecture and the variant of a name: "resnet50", or "resnet" for the usual one.

    Raises LookupError, whose message says what comes near.
    """
    known = {kind.name: (kind, str(kind.model_fields["variant"].default)) for kind in ARCHITECTURES}
    known |= {variant: (kind, variant) for kind in ARCHITECTURES for variant in kind.variants()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 3)
    raise LookupError(f"There is no architecture “{name}”." + (f" Is it {' or '.join(near)}?" if near else ""))
