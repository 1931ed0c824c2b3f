"""Architectures at a reduced size: they compute, they learn, and ONNX computes the same.

ONNX takes seconds each, so only a few are held against it in the suite; `make architectures` takes all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from graphs.architectures import find
from graphs.building.build import Built, build
from graphs.exchange.to_onnx.export import export_onnx
from graphs.layers.catalogue import standard

WORDS = {"vocabulary": 30, "length": 7}
GPT = {"layers": 2, "heads": 2, "width": 16}
REDUCED: Mapping[str, dict[str, Any]] = {
    "alphago128": {"planes": 4, "size": 7},
    "fcn32s": {"height": 33, "width": 40, "filters": 4, "classes": 3},
    "fcn16s": {"height": 33, "width": 40, "filters": 4, "classes": 3},
    "fcn8s": {"height": 33, "width": 40, "filters": 4, "classes": 3},
    "unet_valid": {"height": 188, "width": 204, "filters": 4},
    "unet_same": {"height": 32, "width": 48, "filters": 4},
    "unet_bn": {"height": 32, "width": 48, "filters": 4, "channels": 3, "classes": 5},
    "deeplabv3_resnet50": {"height": 65, "width": 72, "classes": 3},
    "fcn_resnet50": {"height": 65, "width": 72, "classes": 3},
    "segnet": {"size": 32, "filters": 4},
    "deconvnet": {"size": 64, "filters": 4, "classes": 3},
    "sharpmask_resnet50": {"size": 64},
    "char_rnn": {**WORDS, "units": 8, "features": 6},
    "char_lstm": {**WORDS, "units": 8, "features": 6, "dropout": 0.2},
    "char_gru": {**WORDS, "units": 8, "features": 6, "result": "last"},
    "kim_cnn": {**WORDS, "features": 9, "filters": 5, "classes": 3},
    "show_and_tell": {**WORDS, "features": 12, "units": 10, "height": 64, "width": 64},
    "gpt_mini": {**WORDS, **GPT},
    "encoder_small": {**WORDS, **GPT, "inner": 24},
    "dcnn_sst": {**WORDS, "features": 8, "maps": 2, "upper": 3, "kept": 2, "classes": 3},
    "deepmask_vgg": {"size": 32, "filters": 4},
    "siamese_omniglot": {"size": 76, "filters": 2, "units": 5},
    "albert_base": {**WORDS, **GPT, "inner": 24},
    "bert_base": {**WORDS, **GPT, "inner": 24},
    "autoencoder_deep": {"size": 12},
    "autoencoder_dense": {"size": 12, "codes": 3},
    "autoencoder_sparse": {"size": 12, "channels": 3},
    "autoencoder_conv": {"size": 12},
    "autoencoder_denoising": {"size": 12, "channels": 2},
    "dcgan_generator": {"filters": 2, "noise": 10},
    "dcgan_discriminator": {"filters": 2},
}
FEW = ("unet_bn", "gpt_mini", "siamese_omniglot", "kim_cnn", "dcgan_generator")
WITH_ONNX = tuple(REDUCED) if os.environ.get("NETLOOM_ARCHITECTURES") else FEW


def built(name: str, fields: Mapping[str, Any]) -> Built:
    """The network of an architecture, with random weights."""
    kind, variant = find(name)
    return build(kind(variant=variant, **fields).network(), standard(), seed=3)


def samples(of: Built, count: int = 5) -> list[Tensor]:
    """Random inputs."""
    generator = torch.Generator().manual_seed(3)
    return [
        torch.rand(count, *s.dims, generator=generator)
        if s.dtype == "float32"
        else torch.randint(s.values, (count, *s.dims), generator=generator)
        for s in of.shapes
    ]


@pytest.mark.parametrize("name", REDUCED)
def test_it_learns(name: str) -> None:
    made = built(name, REDUCED[name])
    found = made.module.train()(*samples(made, 2))
    results = found if isinstance(found, tuple) else (found,)
    sum(result.square().mean() for result in results).backward()
    assert all(torch.isfinite(result).all() for result in results)
    without = [key for key, weight in made.module.named_parameters() if weight.grad is None]
    assert not without


@pytest.mark.parametrize("name", WITH_ONNX)
def test_onnx_computes_the_same(name: str, tmp_path: Path) -> None:
    made = built(name, REDUCED[name])
    report = export_onnx(made, tmp_path / "it.onnx", samples=samples(made), tolerance=1e-5)
    assert max(report.differences.values()) <= 1e-4


@pytest.mark.parametrize("fields", [{"height": 100}, {"variant": "unet_valid", "width": 512}])
def test_a_size_that_cannot_be_halved_tells_the_nearest_that_can(fields: dict[str, Any]) -> None:
    kind, _ = find("unet")
    with pytest.raises(ValueError, match=r"188 can|508 can"):
        kind(**{"variant": "unet_valid", **fields})


def test_a_padded_unet_keeps_the_size_of_the_picture() -> None:
    made = built("unet_same", {"height": 32, "width": 48, "filters": 2, "classes": 3})
    assert made.module(*samples(made, 1)).shape == (1, 3, 32, 48)
