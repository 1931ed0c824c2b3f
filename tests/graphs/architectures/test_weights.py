"""Published weights: the table is sound, and a state dict under torchvision's names lands to the last tensor."""

from __future__ import annotations

import os
import re

import pytest
import torch
from torch import Tensor

from graphs.architectures import ARCHITECTURES, find
from graphs.architectures.weights import WEIGHTS, Weights, named
from graphs.building.build import build
from graphs.files.landing import COUNTER, Landing, land
from graphs.layers.catalogue import standard
from tests.graphs.architectures.torchvision_keys import FAMILIES

ALL = bool(os.environ.get("NETLOOM_ARCHITECTURES"))
HELD = {name: kind for kind in ARCHITECTURES for name in kind.variants() if name in kind.torchvision}
FIRSTS = {kind.name: name for name, kind in reversed(HELD.items())}
NAMES = [name for name, kind in HELD.items() if kind.name in FAMILIES and (ALL or FIRSTS[kind.name] == name)]
FILES = [(variant, weights) for variant, several in WEIGHTS.items() for weights in several]


def fresh(name: str) -> dict[str, Tensor]:
    """The state dict of a variant, without its numbers."""
    kind, variant = find(name)
    network, catalogue = kind(variant=variant).network(), standard().copy()
    catalogue.know(network)
    with torch.device("meta"):
        return build(network, catalogue).module.state_dict()


def published(name: str) -> dict[str, Tensor]:
    """What torchvision would have in its file: its names and shapes, older habits and all."""
    keys = FAMILIES[HELD[name].name](name)
    older = {key: shape for key, shape in keys.items() if not key.endswith(COUNTER)}
    if name.startswith("densenet"):
        older = {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", key): s for key, s in older.items()}
    if name.startswith("vit"):
        steps = {".mlp.0.": ".mlp.linear_1.", ".mlp.3.": ".mlp.linear_2."}
        older = {re.sub(r"\.mlp\.[03]\.", lambda m: steps[m[0]], key): shape for key, shape in older.items()}
    spare = named(name).spare
    return {key: torch.empty(shape, device="meta") for key, shape in older.items()} | {
        f"{beginning}0.weight": torch.empty(8, 8, device="meta") for beginning in spare
    }


def landed(name: str, found: dict[str, Tensor], expected: dict[str, Tensor]) -> Landing:
    kind, variant = find(name)
    return land(found, expected, kind(variant=variant).weights_map(), named(name).spare)


@pytest.mark.parametrize("name", NAMES)
def test_every_tensor_of_torchvision_lands(name: str) -> None:
    found, expected = published(name), fresh(name)
    landing = landed(name, found, expected)
    assert landing.whole and not landing.unexpected and landing.placed == tuple(expected)
    assert len(landing.spare) == len(named(name).spare)


def test_every_variant_of_torchvision_has_weights() -> None:
    assert set(WEIGHTS) == set(HELD) and len(WEIGHTS) == 55


@pytest.mark.parametrize(("variant", "weights"), FILES, ids=[f"{v}-{w.name}" for v, w in FILES])
def test_a_file_says_its_hash_and_what_it_expects(variant: str, weights: Weights) -> None:
    assert re.fullmatch(r"https://download\.pytorch\.org/models/[\w.-]+-[0-9a-f]{8,10}\.pth", weights.url)
    assert weights.digest == torch.hub.HASH_REGEX.search(weights.file)[1]  # type: ignore[index]
    assert weights.resize >= (weights.crop or 0) > 0 or weights.crop is None
    assert 0 < weights.score < 100 and len(weights.labels) == (1000 if weights.classes == "imagenet" else 21)
    kind, _ = find(variant)
    size = kind.published[variant].count * 4 / 2**20
    halves = ("wide_resnet50_2-95faca4d", "wide_resnet101_2-32ee1156")  # these are kept in 16 bits
    assert weights.mebibytes / (size / 2 if weights.file.startswith(halves) else size) > 0.99


def test_names_and_files_are_unique() -> None:
    assert len({(variant, weights.name) for variant, weights in FILES}) == len(FILES)
    twice = {weights.file for variant, weights in FILES if variant != "inception_v3_aux"}
    assert len(twice) == len(FILES) - 1


def test_weights_that_nobody_publishes_are_said() -> None:
    with pytest.raises(LookupError, match="Nobody publishes weights for “lenet5”"):
        named("lenet5")
    with pytest.raises(LookupError, match="it has IMAGENET1K_V2, IMAGENET1K_V1"):
        named("resnet50", "IMAGENET1K_V3")
