"""Small models of a few operators, and what they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto

from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, model, results, samples, worst

RNG = np.random.default_rng(3)


def numbers(*shape: int) -> Any:
    """Random weights."""
    return (0.5 * RNG.standard_normal(shape)).astype(np.float32)


def whole(*values: int) -> Any:
    """A shape, or axes."""
    return np.array(values, np.int64)


def read(made: ModelProto, folder: Path, near: float = 2e-5) -> Imported:
    """The network of a model, which must give what onnxruntime gives."""
    path = folder / "net.onnx"
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    built = computed(imported)
    for batch in (1, 2, 5):
        given = samples(built, batch, seed=batch)
        assert worst(results(built, given), by_onnxruntime(path, given)) < near
    return imported


def kinds(imported: Imported) -> dict[str, int]:
    """How often each kind stands in a network without blocks."""
    found = Counter(str(n.fields.get("op") or n.kind) for n in imported.network.nodes.values())
    return {kind: count for kind, count in found.items() if kind != "Output" and not kind.endswith("Input")}


PICTURE = {"x": ("N", 4, 9, 11)}
ROW = {"x": ("batch", 6)}
SERIES = {"x": ("N", 7, 6)}


def single(*nodes: Any, inputs: dict[str, Sequence[Any]] = PICTURE, opset: int = 17, **more: Any) -> ModelProto:
    """A model that gives y."""
    return model(nodes, inputs, ["y"], opset, **more)
