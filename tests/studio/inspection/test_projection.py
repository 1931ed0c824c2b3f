from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from studio.inspection import projection
from studio.inspection.base import InspectionFault, Result, quiet
from studio.inspection.probe import Probe
from studio.inspection.projection import ProjectionOptions, ProjectionResult

QUICK = {"samples": 150, "iterations": 60, "refresh": 10, "perplexity": 10.0}


class Watch:
    """A progress that keeps what it is told; `newer` says that newer weights wait."""

    def __init__(self, newer: bool = False) -> None:
        self.fractions: list[float] = []
        self.partials: list[ProjectionResult] = []
        self.superseded = newer

    def __call__(self, fraction: float, partial: Result | None = None) -> None:
        self.fractions.append(fraction)
        if isinstance(partial, ProjectionResult):
            self.partials.append(partial)


def analyse(probe: Probe, progress: Any = quiet, previous: Any = None, **options: Any) -> ProjectionResult:
    return projection.analyse(probe, ProjectionOptions(**{**QUICK, **options}), progress, previous)


def nudged(probe: Probe, by: float) -> None:
    """Newer weights, a little different."""
    now = probe.snapshot
    assert now is not None
    generator = torch.Generator().manual_seed(1)
    weights = {
        name: value + by * value.std() * torch.randn(value.shape, generator=generator)
        if value.is_floating_point() and value.numel() > 1
        else value
        for name, value in now.weights.items()
    }
    probe.load(replace(now, step=now.step + 1, weights=weights))


def test_it_lays_out_the_last_layer_before_the_answer(probe: Probe) -> None:
    result = analyse(probe)
    assert (result.node, result.iteration, result.finished) == ("tanh", 60, True)
    assert result.embedding.shape == (150, 2) and np.isfinite(result.embedding).all()
    np.testing.assert_array_equal(result.labels, probe.data.validation.targets[result.indices])
    assert len(set(result.indices)) == 150 and result.indices.max() == 358
    assert result.table().header == ("sample", "class", "x", "y")


def test_samples_of_a_class_end_up_together(probe: Probe) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    result = analyse(probe, samples=300, iterations=250)
    near = KNeighborsClassifier(5).fit(result.embedding, result.labels)
    assert near.score(result.embedding, result.labels) > 0.85
    assert result.divergence is not None and 0 < result.divergence < 1.5


def test_iterations_are_streamed_from_a_pca_on(probe: Probe) -> None:
    watch = Watch()
    result = analyse(probe, watch)
    seen = [partial.iteration for partial in watch.partials]
    assert seen[0] == 0 and seen == sorted(seen) and 50 <= seen[-1] <= 60 and len(seen) >= 5
    assert watch.fractions == sorted(watch.fractions) and watch.fractions[-1] > 0.9
    first, pca = watch.partials[0].embedding, analyse(probe, method="pca").embedding
    np.testing.assert_allclose(first, pca / pca[:, 0].std(), rtol=1e-4, atol=1e-5)
    assert result.iteration == 60


def test_a_refresh_moves_on_smoothly_and_keeps_the_orientation(probe: Probe) -> None:
    first = analyse(probe, iterations=200)
    nudged(probe, 0.02)
    fresh, moved = analyse(probe, iterations=200, seed=3), analyse(probe, previous=first, iterations=200)
    assert moved.iteration == 210 and moved.finished
    spread = first.embedding.std()
    assert np.abs(moved.embedding - first.embedding).mean() < 0.2 * spread
    assert np.abs(fresh.embedding - first.embedding).mean() > np.abs(moved.embedding - first.embedding).mean()


def test_newer_weights_end_a_run_early_and_the_next_goes_on(probe: Probe) -> None:
    part = analyse(probe, Watch(newer=True))
    assert not part.finished and 10 <= part.iteration < 60
    rest = analyse(probe, previous=part)
    assert rest.finished and rest.iteration == 60


def test_other_samples_or_another_layer_start_afresh(probe: Probe) -> None:
    first = analyse(probe)
    other = analyse(probe, previous=first, node="fc1")
    assert other.iteration == 60 and other.node == "fc1"
    fewer = analyse(probe, previous=first, samples=50)
    assert fewer.iteration == 60 and len(fewer.embedding) == 50


def test_pca_gives_the_share_of_variance(probe: Probe) -> None:
    result = analyse(probe, method="pca", node="image")
    assert result.explained is not None and 1 > result.explained[0] > result.explained[1] > 0
    flipped = replace(result, embedding=-result.embedding)
    again = analyse(probe, method="pca", node="image", previous=flipped)
    np.testing.assert_allclose(again.embedding, flipped.embedding)


@pytest.mark.parametrize("node", ["image", "conv2", "fc3", "output"])
def test_any_node_can_be_laid_out(probe: Probe, node: str) -> None:
    assert np.isfinite(analyse(probe, node=node, iterations=20).embedding).all()


def test_what_cannot_be_laid_out(probe: Probe, probe_of: Callable[..., Probe], plane: Any) -> None:
    with pytest.raises(InspectionFault, match="at least 5 samples; there are 4"):
        analyse(probe_of(plane, "xor"))
    with pytest.raises(InspectionFault, match="no layer “lost”"):
        analyse(probe, node="lost")
    with torch.no_grad():
        for parameter in probe.module.get_submodule("fc2").parameters():
            parameter.zero_()
    with pytest.raises(InspectionFault, match="same output for every sample"):
        analyse(probe)


def test_the_pca_stays_until_the_layout_has_unfolded(probe: Probe) -> None:
    watch = Watch()
    analyse(probe, watch, iterations=200)
    assert [partial.iteration for partial in watch.partials][:3] == [0, 30, 40]
    wide = [partial.embedding.std() for partial in watch.partials[1:]]
    assert min(wide) > 0.5
