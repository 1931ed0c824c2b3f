"""ResNet-50 as a verified ONNX file, and proven layer by layer, with random weights and pictures of full size."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import torch

from graphs.architectures import find
from graphs.building.build import Built, build
from graphs.exchange.proving.proof import prove
from graphs.exchange.to_onnx.export import export_onnx
from graphs.layers.catalogue import standard
from tests.bench.table import Row

ROUNDS = 2


def run() -> list[Row]:
    """Seconds from the built network to a file that onnxruntime has run, the least of two; and to a proof."""
    kind, variant = find("resnet50")
    network, catalogue = kind(variant=variant).network(), standard().copy()
    catalogue.know(network)
    built = build(network, catalogue, seed=1)
    x = torch.rand(5, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    return [_exported(built, x), _proven(built, x)]


def _exported(built: Built, x: torch.Tensor) -> Row:
    taken, worst = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            worst = export_onnx(built, Path(folder) / "it.onnx", samples=x).worst
            taken.append(time.perf_counter() - start)
    note = f"seconds, batches of 1, 2 and 5 compared; worst |Δ| {worst:.1e}"
    return Row("export ResNet-50, verified", min(taken), 10.0, min(taken), 10.0, "s", least=False, note=note)


def _proven(built: Built, x: torch.Tensor) -> Row:
    start = time.perf_counter()
    found = prove(built, x)
    taken = time.perf_counter() - start
    worst = max(verdict.share for verdict in found.verdicts.values())
    note = f"{len(found.verdicts)} layers, worst share {worst:.1e}, parts in {found.first or 'none'}"
    return Row("prove ResNet-50 layer by layer", taken, 15.0, taken, 15.0, "s", least=False, note=note)
