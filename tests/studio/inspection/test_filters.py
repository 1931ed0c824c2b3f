from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from studio.inspection import filters
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.filters import FiltersOptions, FiltersResult
from studio.inspection.probe import Probe


def analyse(probe: Probe, **options: Any) -> FiltersResult:
    return filters.analyse(probe, FiltersOptions(**options), quiet)


def weight(probe: Probe, name: str) -> Any:
    assert probe.snapshot is not None
    return probe.snapshot.weights[name].numpy()


def test_the_first_convolution_is_shown(probe: Probe) -> None:
    result = analyse(probe)
    expected = weight(probe, "conv1.weight")
    assert (result.node, result.kind, result.total) == ("conv1", "filters", (6, 1))
    np.testing.assert_array_equal(result.weights, expected)
    assert result.bias is not None
    np.testing.assert_array_equal(result.bias, weight(probe, "conv1.bias"))
    assert result.limit == np.abs(expected).max()
    np.testing.assert_allclose(result.norms, np.linalg.norm(expected.reshape(6, -1), axis=1), rtol=1e-5)
    assert result.table().rows[-1] == (5, 0, 4, 4, float(expected[5, 0, 4, 4]))


def test_only_so_many_filters_and_channels(probe: Probe) -> None:
    result = analyse(probe, node="conv2", filters=3, channels=2)
    np.testing.assert_array_equal(result.weights, weight(probe, "conv2.weight")[:3, :2])
    assert result.total == (16, 6) and len(result.norms) == 16


def test_a_linear_layer_is_a_matrix(probe: Probe) -> None:
    result = analyse(probe, node="fc3")
    assert result.kind == "matrix" and result.weights.shape == (1, 1, 10, 84)
    np.testing.assert_array_equal(result.weights[0, 0], weight(probe, "fc3.weight"))


def test_a_linear_layer_that_reads_the_picture_shows_pictures(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("image", "ImageInput", {"height": 8, "width": 8}),
        ("flatten", "Flatten", {}),
        ("fc", "Linear", {"out_features": 10}),
        ("output", "Output", {}),
    ]
    result = analyse(probe_of(layers, "digits"))
    assert result.kind == "filters" and result.weights.shape == (10, 1, 8, 8)


@pytest.mark.parametrize(("node", "shape"), [("up", (4, 1, 3, 3)), ("line", (5, 4, 1, 3)), ("lstm", (1, 1, 24, 5))])
def test_other_kinds_of_weights(probe_of: Callable[..., Probe], node: str, shape: tuple[int, ...]) -> None:
    layers = [
        ("image", "ImageInput", {"height": 8, "width": 8}),
        ("up", "ConvTranspose2d", {"out_channels": 4, "kernel_size": [3, 3], "stride": [1, 1]}),
        ("rows", "Reshape", {"shape": [4, 100]}),
        ("line", "Conv1d", {"out_channels": 5, "kernel_size": 3}),
        ("swap", "Permute", {"axes": [2, 1]}),
        ("lstm", "LSTM", {"hidden_size": 6}),
        ("flatten", "Flatten", {}),
        ("fc", "Linear", {"out_features": 10}),
        ("output", "Output", {}),
    ]
    assert analyse(probe_of(layers, "digits"), node=node).weights.shape == shape


def test_a_layer_without_weights_says_so(probe: Probe, probe_of: Callable[..., Probe]) -> None:
    for node in ("relu1", "norm", "image", "output"):
        with pytest.raises(InspectionFault, match="has no filters"):
            analyse(probe, node=node)
    empty = probe_of([("point", "VectorInput", {"features": 2}), ("output", "Output", {})], "xor")
    with pytest.raises(InspectionFault, match="no layer with weights"):
        analyse(empty)
