"""One contract over all architectures: what is published of each is what the drawn network comes to."""

from __future__ import annotations

import re

import pytest

from graphs.architectures import ARCHITECTURES, Architecture, find
from graphs.architectures.measured import measure, measured
from graphs.files.storage import dumps, loads
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.catalogue import standard

NAMES = [variant for kind in ARCHITECTURES for variant in kind.variants()]
every_variant = pytest.mark.parametrize("name", NAMES)
every_architecture = pytest.mark.parametrize("kind", ARCHITECTURES, ids=lambda kind: kind.name)


def analysed(architecture: Architecture) -> Analysis:
    """What is known of the network of an architecture."""
    network, catalogue = architecture.network(), standard().copy()
    catalogue.know(network)
    return Inference(catalogue).analyse(network)


@every_variant
def test_it_is_as_large_as_is_published(name: str) -> None:
    kind, variant = find(name)
    analysis = analysed(kind(variant=variant))
    assert not [problem.message for problem in analysis.problems]
    counts, known = measure(kind(variant=variant)), kind.published[variant]
    assert counts == measured()[variant], "run “make docs”"
    assert counts.parameters == known.count and known.source
    if known.giga:
        assert counts.multiply_adds / 1e9 == pytest.approx(known.giga, rel=0.02)


@every_variant
def test_its_file_gives_it_back(name: str) -> None:
    kind, variant = find(name)
    network = kind(variant=variant).network()
    assert loads(dumps(network)) == network


@every_architecture
def test_it_says_what_it_is(kind: type[Architecture]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name)
    assert kind.title and kind.help.endswith(".") and kind.paper.title and 1940 < kind.paper.year < 2030
    assert set(kind.published) == set(kind.variants()) and kind.torchvision <= set(kind.variants())
    assert all(field.title and field.description for field in kind.model_fields.values())
    assert kind.family in ("classics", "classification", "segmentation", "sequence", "generative")


def test_names_are_unique() -> None:

    assert len(NAMES) == len({*NAMES}) and len(ARCHITECTURES) == len({kind.name for kind in ARCHITECTURES})


def test_a_name_that_is_not_known_tells_what_comes_near() -> None:
    with pytest.raises(LookupError, match="resnet"):
        find("resnet51")
