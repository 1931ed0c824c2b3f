"""How large every architecture is as it is drawn: counted once by `make docs`, for lists that cannot wait for it.

`tests/graphs/architectures` counts anew and compares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from graphs.architectures.base import Architecture
from graphs.layers.catalogue import standard

FILE = Path(__file__).resolve().parents[2] / "resources" / "architectures.json"


class Measured(NamedTuple):
    """Learned values, each counted once, and products with weights that one sample takes."""

    parameters: int
    multiply_adds: int


@cache
def measured() -> Mapping[str, Measured]:
    """What was counted, by the name of the variant."""
    return {name: Measured(*counts) for name, counts in json.loads(FILE.read_text("utf-8")).items()}


def measure(architecture: Architecture) -> Measured:
    """The same counted now, on the meta device."""
    from graphs.inference.shapes import Inference

    network, catalogue = architecture.network(), standard().copy()
    catalogue.know(network)
    analysis = Inference(catalogue).analyse(network)
    facts = [analysis.core.facts[node] for node in analysis.core.used]
    return Measured(sum(fact.parameters for fact in facts), sum(fact.multiply_adds for fact in facts))


def text() -> str:
    """What the file says when all are counted now, a line for each."""
    from graphs.architectures import ARCHITECTURES

    found = {variant: measure(kind(variant=variant)) for kind in ARCHITECTURES for variant in kind.variants()}
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(counts)}" for name, counts in found.items()) + "\n}\n"
