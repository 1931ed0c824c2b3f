"""Architectures that torchvision has hold weights of the same names and shapes, but for what their rules say.

One of each family runs in the suite; `make architectures` runs them all.
"""

from __future__ import annotations

import os
import re

import pytest
import torch

from graphs.architectures import ARCHITECTURES, find
from graphs.building.build import build
from graphs.layers.catalogue import standard
from tests.graphs.architectures.torchvision_keys import FAMILIES

ALL = bool(os.environ.get("NETLOOM_ARCHITECTURES"))
HELD = {kind: [name for name in kind.variants() if name in kind.torchvision] for kind in ARCHITECTURES}
NAMES = [name for kind, names in HELD.items() if kind.name in FAMILIES for name in (names if ALL else names[:1])]


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_called_as_in_torchvision(name: str) -> None:
    kind, variant = find(name)
    architecture = kind(variant=variant)
    network, catalogue = architecture.network(), standard().copy()
    catalogue.know(network)
    with torch.device("meta"):
        state = build(network, catalogue).module.state_dict()
    expected = {}
    for key, shape in FAMILIES[kind.name](name).items():
        for pattern, replacement in architecture.weights_map():
            key = re.sub(pattern, replacement, key)
        expected[key] = shape
    assert {key: tuple(value.shape) for key, value in state.items()} == expected
