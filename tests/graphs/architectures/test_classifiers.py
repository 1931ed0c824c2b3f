"""Classifiers at a reduced input: they compute, every weight learns, ONNX and generated source compute the same.

A few small ones run in the suite; `make architectures` runs them all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.architectures import ARCHITECTURES, find
from graphs.architectures.base import Picture
from graphs.building.build import Built, build
from graphs.building.source import write_source
from graphs.exchange.to_onnx.export import export_onnx
from graphs.layers.catalogue import standard
from graphs.network import Network

ALL = bool(os.environ.get("NETLOOM_ARCHITECTURES"))
SIDES = {
    "alexnet": 63, "alexnet_original": 67, "zfnet": 63, "lenet5": 28, "digits_6_12": 28, "inception_v3": 91,
    "inception_v3_aux": 299, "inception_resnet_v2": 91,
}  # fmt: skip
"""The side of the reduced picture; 64 where nothing is said."""
FLAT = ("perceptron", "mlp784")
CLASSIFIERS = [
    *FLAT,
    *(name for kind in ARCHITECTURES if issubclass(kind, Picture) and kind.published for name in kind.variants()
      if kind.family in ("classics", "classification")),
]  # fmt: skip
QUICK = {*FLAT, "lenet5", "digits_6_12", "squeezenet1_1", "resnet18", "shufflenet_v2_x0_5", "mobilenet_v3_small"}
EXPORTED = QUICK - {"resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5"}
quick = pytest.mark.parametrize("name", [name for name in CLASSIFIERS if ALL or name in QUICK])
exported = pytest.mark.parametrize("name", [name for name in CLASSIFIERS if ALL or name in EXPORTED])
patient = pytest.mark.timeout(900)


def reduced(name: str) -> Network:
    kind, variant = find(name)
    side = {} if name in FLAT else {"height": SIDES.get(name, 64), "width": SIDES.get(name, 64)}
    return kind(variant=variant, **side).network()


def samples(made: Built, count: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [torch.rand(count, *shape.dims, generator=generator) for shape in made.shapes]


def results(module: nn.Module, inputs: list[Tensor]) -> tuple[Tensor, ...]:
    given = module(*inputs)
    return given if isinstance(given, tuple) else (given,)


@patient
@quick
def test_every_weight_learns(name: str) -> None:
    made = build(reduced(name), standard(), seed=5)
    given = results(made.module.train(), samples(made, 2))
    sum(result.square().mean() for result in given).backward()
    assert all(torch.isfinite(result).all() for result in given)
    gradients = {key: weight.grad for key, weight in made.module.named_parameters()}
    assert not [key for key, found in gradients.items() if found is None or not torch.isfinite(found).all()]


@patient
@quick
def test_the_source_computes_the_same(name: str) -> None:
    network = reduced(name)
    made = build(network, standard(), seed=5)
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(write_source(network, standard()), name, "exec"), space)  # our own text
    with torch.device("meta"):
        written = space["Network"]()
    written.load_state_dict(made.module.state_dict(), assign=True)
    inputs = samples(made, 1)
    with torch.no_grad():
        pairs = zip(results(written.eval(), inputs), results(made.module.eval(), inputs), strict=True)
        assert all(torch.equal(ours, theirs) for ours, theirs in pairs)


@patient
@exported
def test_onnx_computes_the_same(name: str, tmp_path: Path) -> None:
    made = build(reduced(name), standard(), seed=5)
    report = export_onnx(made, tmp_path / "it.onnx", samples=samples(made, 5), tolerance=1e-5)
    assert set(report.differences) == {1, 2, 5}
