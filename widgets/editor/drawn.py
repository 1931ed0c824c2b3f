"""The published architectures as kinds for palettes: a row for each, and, for who searches, one for each variant."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

from graphs.layers.base import Layer, Port
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK

if TYPE_CHECKING:
    from graphs.architectures import Architecture

DRAWN = "architecture:"
"""How the key of an architecture begins in a palette: "architecture:resnet" or "architecture:resnet/resnet50"."""


class Drawn(Layer):
    """What stands for an architecture in a list. It has no ports, so it is not offered at the end of a wire."""

    family: ClassVar[str] = "blocks"
    wiring: ClassVar[bool] = True
    year: ClassVar[int] = 0

    def inputs(self) -> tuple[Port, ...]:
        return ()

    def outputs(self) -> tuple[Port, ...]:
        return ()


@cache
def kinds() -> dict[str, type[Layer]]:
    """All architectures by key. Imports them all: call it away from the window's thread the first time."""
    from graphs.architectures import ARCHITECTURES

    found: dict[str, type[Layer]] = {}
    for one in sorted(ARCHITECTURES, key=lambda one: one.title.casefold()):
        found[f"{DRAWN}{one.name}"] = _kind(one, one.title, one.name)
        for variant in one.variants() if len(one.variants()) > 1 else ():
            title = one.titles.get(variant, variant)
            found[f"{DRAWN}{one.name}/{variant}"] = _kind(one, title, variant)
    return found


def _kind(one: type[Architecture], title: str, name: str) -> type[Layer]:
    words = ("architecture", "network", name, name.replace("_", " "), one.family)
    paper = f"{one.paper.authors.split(',')[0]} and others" if "," in one.paper.authors else one.paper.authors
    told = f"{one.help} {paper}, {one.paper.year}."
    made: type[Layer] = type(name, (Drawn,), {"title": title, "help": told, "synonyms": words, "stem": "network"})
    return made


def name_of(key: str) -> str:
    """What `graphs.architectures.find` knows of a key."""
    return key.removeprefix(DRAWN).rpartition("/")[2]


@cache
def drafted(key: str) -> tuple[Catalogue, str]:
    """A catalogue that knows the usual form of an architecture as a block, and its kind there: for what is dragged."""
    from graphs.architectures import find
    from graphs.architectures.part import as_part
    from graphs.network import Network

    kind, variant = find(name_of(key))
    part, catalogue = as_part(kind(variant=variant).network(), variant), standard().copy()
    catalogue.know(Network(blocks=part.blocks))
    return catalogue, BLOCK + part.block
