"""Layers for series and for volumes, as PyTorch writes them, come in as what they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import nn

from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.to_onnx.quiet import quiet
from graphs.layers.catalogue import standard
from graphs.meaning.flat import flatten
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, results, samples, worst
from tests.graphs.exchange.ranks import SERIES, VOLUMES, Series, Volumes, lively


@pytest.mark.parametrize(
    ("module", "shape", "kinds"),
    [(Series, (4, 16), SERIES), (Volumes, (3, 4, 6, 8), {**VOLUMES, "GlobalAvgPool": 1})],
    ids=["series", "volumes"],
)
def test_every_layer_is_its_own_kind(
    module: type[nn.Module], shape: tuple[int, ...], kinds: dict[str, int], tmp_path: Path
) -> None:
    path, batch = tmp_path / "net.onnx", torch.export.Dim("N", min=1, max=64)
    with quiet():
        program = torch.onnx.export(
            lively(module()), (torch.randn(3, *shape),), dynamic_shapes=({0: batch},), dynamo=True, verbose=False
        )
    assert program is not None
    program.save(path)
    found = read_onnx(path, standard())
    catalogue = standard().copy()
    catalogue.know(found.network)
    plain = flatten(found.network, catalogue).network
    got = Counter(n.kind for n in plain.nodes.values() if n.kind != "Output" and not n.kind.endswith("Input"))
    assert got == {kind: count for kind, count in kinds.items() if not kind.startswith("BatchNorm")}, found.notes
    made = computed(found)
    for size in (1, 2, 5):
        given = samples(made, size, seed=size)
        assert worst(results(made, given), by_onnxruntime(path, given)) < 2e-5
