"""Layers for series and for volumes come in as what they are."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import nn

from graphs.exchange.from_torch import read_module
from graphs.layers.catalogue import standard
from graphs.meaning.flat import flatten
from tests.graphs.exchange.from_torch.test_torch_modules import built, difference
from tests.graphs.exchange.ranks import SERIES, STRETCHED, VOLUMES, Series, Stretched, Volumes, lively


@pytest.mark.parametrize(
    ("module", "shape", "kinds"),
    [
        (Series, (4, 16), SERIES),
        (Stretched, (4, 16), STRETCHED),
        (Volumes, (3, 4, 6, 8), {**VOLUMES, "Dropout3d": 1, "AdaptiveAvgPool3d": 1, "Flatten": 1}),
    ],
    ids=["series", "stretched", "volumes"],
)
def test_every_layer_is_its_own_kind(module: type[nn.Module], shape: tuple[int, ...], kinds: dict[str, int]) -> None:
    net = lively(module())
    found = read_module(net, (torch.randn(2, *shape),))
    catalogue = standard().copy()
    catalogue.know(found.network)
    plain = flatten(found.network, catalogue).network
    got = Counter(n.kind for n in plain.nodes.values() if n.kind != "Output" and not n.kind.endswith("Input"))
    assert got == kinds
    made = built(found)
    for batch in (1, 5):
        assert difference(net, made, (torch.randn(batch, *shape),)) <= 1e-6


def test_the_filler_of_a_table_stays() -> None:
    net = nn.Embedding(7, 3, padding_idx=2)
    found = read_module(net, (torch.tensor([[1, 2, 3], [4, 5, 6]]),))
    (table,) = [n for n in found.network.nodes.values() if n.kind == "Embedding"]
    assert table.fields["padding_idx"] == 2
