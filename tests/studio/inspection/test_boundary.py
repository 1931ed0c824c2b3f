from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from studio.inspection import boundary
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.boundary import BoundaryOptions, BoundaryResult
from studio.inspection.probe import Probe


def analyse(probe: Probe, **options: Any) -> BoundaryResult:
    return boundary.analyse(probe, BoundaryOptions(**options), quiet)


def test_every_grid_point_has_the_network_s_answer(probe_of: Callable[..., Probe], plane: Any) -> None:
    probe = probe_of(plane, "moons", steps=60, normalise="standard")
    result = analyse(probe, resolution=20)
    assert result.values.shape == (20, 20, 2) and result.predicted is not None
    for row, column in ((0, 0), (3, 17), (19, 5)):
        raw = torch.tensor([[result.x[column], result.y[row]]])
        with torch.no_grad():
            expected = probe.module(probe.data.normalisation.apply(raw)).softmax(1)[0]
        np.testing.assert_allclose(result.values[row, column], expected, rtol=1e-4, atol=1e-6)
        assert result.predicted[row, column] == int(expected.argmax())
    np.testing.assert_allclose(result.values.sum(axis=2), 1, atol=1e-5)


def test_the_grid_reaches_beyond_the_samples(probe_of: Callable[..., Probe], plane: Any) -> None:
    result = analyse(probe_of(plane, "moons", normalise="standard"), margin=0.5, split="train")
    low, high = result.points.min(axis=0), result.points.max(axis=0)
    np.testing.assert_allclose(
        result.x[[0, -1]], [1.5 * low[0] - 0.5 * high[0], 1.5 * high[0] - 0.5 * low[0]], rtol=1e-4
    )
    np.testing.assert_allclose(
        result.y[[0, -1]], [1.5 * low[1] - 0.5 * high[1], 1.5 * high[1] - 0.5 * low[1]], rtol=1e-4
    )


def test_samples_are_given_in_raw_units_with_their_classes(probe_of: Callable[..., Probe], plane: Any) -> None:
    probe = probe_of(plane, "xor")
    result = analyse(probe)
    assert sorted(map(tuple, result.points.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for point, label in zip(result.points, result.labels, strict=True):
        assert label == int(point[0] != point[1])
    assert len(analyse(probe, points=0).points) == 0
    assert len(analyse(probe, resolution=8).table().rows) == 64


def test_other_inputs_have_no_plane(probe: Probe) -> None:
    with pytest.raises(InspectionFault, match="two numbers; these are 1×28×28"):
        analyse(probe)
