from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from graphs.layers.catalogue import standard
from studio.inspection import statistics
from studio.inspection.base import quiet
from studio.inspection.health import measure
from studio.inspection.probe import Probe
from studio.inspection.statistics import LayerStatistics, StatisticsOptions, StatisticsResult, spread


def analyse(probe: Probe, **options: Any) -> StatisticsResult:
    return statistics.analyse(probe, StatisticsOptions(**options), quiet)


def layer(result: StatisticsResult, node: str) -> LayerStatistics:
    return next(found for found in result.layers if found.node == node)


def gathered(tensors: Any, node: str, *, biases: bool = True) -> Any:
    names = [name for name in tensors if name.startswith(f"{node}.") and (biases or "bias" not in name)]
    parameters = [name for name in names if "running" not in name and "tracked" not in name]
    return np.concatenate([tensors[name].flatten().numpy() for name in parameters])


def test_figures_agree_with_numpy(probe: Probe) -> None:
    assert probe.snapshot is not None
    result = analyse(probe, bins=51)
    assert [found.node for found in result.layers] == ["conv1", "conv2", "fc1", "norm", "fc2", "fc3"]
    for found in result.layers:
        for made, source in ((found.weights, probe.snapshot.weights), (found.gradients, probe.gradients)):
            values = gathered(source, found.node).astype(np.float64)
            assert made is not None and made.finite and made.count == len(values)
            assert made.mean == pytest.approx(values.mean(), abs=1e-7)
            assert made.std == pytest.approx(values.std(), rel=1e-5)
            assert made.norm == pytest.approx(np.linalg.norm(values), rel=1e-5)
            assert made.largest == np.abs(values).max()
            assert made.zeros == pytest.approx((values == 0).mean())
            counts, _ = np.histogram(values, 51, (-made.largest, made.largest))
            assert made.counts.sum() == len(values)
            assert np.abs(made.counts - counts).sum() <= 4  # a value on an edge may fall to either side
    np.testing.assert_allclose(result.flow, [found.gradients.norm for found in result.layers if found.gradients])


def test_shared_bins_are_the_same_for_all_layers(probe: Probe) -> None:
    own, shared = analyse(probe), analyse(probe, scale="shared")
    assert len({float(found.weights.edges[-1]) for found in own.layers}) > 1
    largest = max(found.weights.largest for found in own.layers)
    assert {float(found.weights.edges[-1]) for found in shared.layers} == {np.float32(largest)}
    assert all(found.weights.counts.sum() == found.weights.count for found in shared.layers)


def test_biases_can_be_left_out(probe: Probe) -> None:
    result = layer(analyse(probe, biases=False), "fc3")
    assert result.weights.count == 840
    assert result.gradients is not None
    assert result.gradients.norm == pytest.approx(float(probe.gradients["fc3.weight"].norm()), rel=1e-6)


def test_without_gradients_there_are_none(probe: Probe) -> None:
    assert probe.snapshot is not None
    probe.load(replace(probe.snapshot, gradients={}))
    result = analyse(probe)
    assert np.isnan(result.flow).all()
    assert all(found.gradients is None and found.update_ratio is None for found in result.layers)


def test_the_update_ratio_of_plain_gradient_descent(probe: Probe) -> None:
    found = layer(analyse(probe, learning_rate=0.5), "conv2")
    assert found.gradients is not None
    assert found.update_ratio == pytest.approx(0.5 * found.gradients.norm / found.weights.norm)
    network = replace(probe.network, settings={"recipe": {"optimiser": "sgd", "learning_rate": 0.25}})
    other = Probe(network, standard(), probe.data)
    other.load(probe.snapshot)
    assert layer(analyse(other), "conv2").update_ratio == pytest.approx(found.update_ratio / 2)


def test_the_update_ratio_of_other_rules_is_what_the_weights_moved(probe: Probe) -> None:
    now = probe.snapshot
    assert now is not None
    moved = {name: value * 1.5 if "fc3" in name else value for name, value in now.weights.items()}
    assert layer(analyse(probe), "fc3").update_ratio is None
    probe.load(replace(now, step=now.step + 10, weights=moved))
    assert layer(analyse(probe), "fc3").update_ratio == pytest.approx(0.05, rel=1e-5)
    assert layer(analyse(probe), "fc1").update_ratio == 0
    probe.load(replace(now, run="another", step=now.step + 20))
    assert layer(analyse(probe), "fc3").update_ratio is None


def test_dead_units_are_those_of_the_relu_behind_the_layer(probe: Probe) -> None:
    with torch.no_grad():
        bias = probe.module.get_submodule("conv2").bias
        assert isinstance(bias, torch.Tensor)
        bias[:] = torch.tensor([-1000.0] * 4 + [1000.0] * 12)
    result, health = analyse(probe), measure(probe, 32)
    assert layer(result, "conv2").dead == health["relu2"].dead == 0.25
    assert layer(result, "fc1").dead == health["relu3"].dead  # through the batch normalisation
    assert layer(result, "fc2").dead is None and layer(result, "fc3").dead is None


def test_values_that_are_not_finite_are_left_out_and_said() -> None:
    made = spread([torch.tensor([1.0, torch.nan, -3.0, torch.inf])], 11)
    assert not made.finite and made.count == 2
    assert (made.mean, made.largest, made.counts.sum()) == (-1.0, 3.0, 2)
    empty = spread([torch.tensor([torch.nan])], 10)
    assert (empty.count, empty.norm, empty.counts.sum()) == (0, 0.0, 0)
    zero = spread([torch.zeros(5)], 9)
    assert zero.counts[4] == 5 and zero.zeros == 1.0
