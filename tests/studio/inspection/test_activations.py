from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from studio.inspection import activations
from studio.inspection.activations import ActivationsOptions, ActivationsResult
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.health import measure
from studio.inspection.probe import Probe


def analyse(probe: Probe, **options: Any) -> ActivationsResult:
    return activations.analyse(probe, ActivationsOptions(**options), quiet)


def by_hand(probe: Probe, sample: int) -> dict[str, torch.Tensor]:
    """Every node's output, module after module."""
    value = probe.data.validation.inputs[sample : sample + 1]
    found = {"image": value}
    with torch.no_grad():
        for node, module in probe.module.named_children():
            value = found[node] = module(value)
    return found


def test_every_node_has_a_thumbnail_of_its_output(probe: Probe) -> None:
    result, expected = analyse(probe, sample=3), by_hand(probe, 3)
    assert set(result.thumbnails) == set(probe.network.nodes)
    for node in ("conv1", "relu2", "pool2"):
        np.testing.assert_allclose(result.thumbnails[node].values, expected[node][0], rtol=1e-4, atol=1e-6)
    for node in ("fc1", "tanh", "fc3"):
        np.testing.assert_allclose(result.thumbnails[node].values, expected[node][0], rtol=1e-4, atol=1e-5)
    assert result.thumbnails["conv2"].total == 16
    assert result.thumbnails["flatten"].total == 400
    assert result.thumbnails["flatten"].values.shape == (128,)


def test_maps_of_a_node_share_one_scale(probe: Probe) -> None:
    thumbnails = analyse(probe).thumbnails
    positive, signed = thumbnails["relu1"], thumbnails["conv1"]
    assert (positive.low, positive.high) == (0.0, float(positive.values.max()))
    assert not positive.signed
    assert signed.signed and signed.low == -signed.high == -float(np.abs(signed.values).max())


def test_the_input_is_shown_in_raw_units(probe: Probe) -> None:
    result = analyse(probe, sample=5)
    shown = result.thumbnails["image"]
    assert (shown.low, shown.high) == (0.0, 1.0)
    assert result.input.shape == (1, 28, 28)
    assert result.input.min() > -1e-6 and 0.9 < result.input.max() < 1 + 1e-6
    np.testing.assert_array_equal(shown.values, result.input)


def test_probabilities_are_the_softmax_of_the_scores(probe: Probe) -> None:
    result, expected = analyse(probe, sample=7), by_hand(probe, 7)
    assert result.probabilities is not None
    np.testing.assert_allclose(result.probabilities, expected["fc3"].softmax(1)[0], rtol=1e-4, atol=1e-6)
    output = result.thumbnails["output"]
    assert output.kind == "chances" and output.labels == probe.data.classes
    assert output.chosen == result.predicted == int(expected["fc3"].argmax())
    assert result.label == int(probe.data.validation.targets[7])


def test_large_maps_are_averaged_and_many_are_cut() -> None:
    maps, total = activations.pictures(torch.arange(20 * 96 * 96.0).reshape(20, 96, 96))
    assert maps.shape == (16, 48, 48) and total == 20
    assert maps[0, 0, 0] == np.mean([0, 1, 96, 97])
    assert activations.pictures(torch.ones(5, 7))[0].shape == (1, 5, 7)
    assert activations.pictures(torch.ones(2, 3, 4, 5))[0].shape == (2, 4, 5)
    np.testing.assert_array_equal(activations.bars(torch.arange(256.0)), np.arange(128) * 2 + 0.5)


def test_the_whole_output_of_a_node_and_its_table(probe: Probe) -> None:
    result = analyse(probe, node="conv2")
    assert result.full is not None and result.full.shape == (16, 10, 10)
    table = result.table()
    assert table.header == ("node", "place", "value")
    assert table.rows[-1] == ("conv2", "15 9 9", float(result.full[15, 9, 9]))
    assert len(analyse(probe).table().rows) == len(probe.network.nodes)


def test_a_sample_or_node_that_is_not_there(probe: Probe) -> None:
    with pytest.raises(InspectionFault, match=r"no validation sample 359: there are 359, counted from 0\."):
        analyse(probe, sample=359)
    with pytest.raises(InspectionFault, match="no layer “nothing”"):
        analyse(probe, node="nothing")


def test_health_does_not_depend_on_the_sample_shown_or_on_batches(probe: Probe) -> None:
    one, other, apart = analyse(probe, sample=1).health, analyse(probe, sample=2).health, measure(probe, 32)
    for node, health in one.items():
        assert health == other[node]
        assert health.mean == pytest.approx(apart[node].mean, rel=1e-4, abs=1e-6)


def test_health_figures_by_hand(probe: Probe) -> None:
    with torch.no_grad():
        module = probe.module.get_submodule("conv1")
        assert isinstance(module, torch.nn.Conv2d) and module.bias is not None
        module.bias[:2] = -100.0  # two of six filters never fire
    health = measure(probe, 32)
    inputs = probe.inputs("validation", probe.spread("validation", 32))
    found = probe.activations(inputs)
    assert health["relu1"].dead == pytest.approx(2 / 6)
    assert health["conv1"].dead is None
    expected = float((found["relu3"] > 0).any(0).logical_not().float().mean())
    assert health["relu3"].dead == pytest.approx(expected)
    assert health["tanh"].saturated == pytest.approx(float((found["tanh"].abs() > 0.96).float().mean()))
    for node in ("conv2", "tanh", "output"):
        assert health[node].mean == pytest.approx(float(found[node].mean()), rel=1e-4, abs=1e-6)
        assert health[node].std == pytest.approx(float(found[node].std(correction=0)), rel=1e-4)
        assert health[node].finite
    gradients = [probe.gradients["fc1.weight"], probe.gradients["fc1.bias"]]
    norm = float(torch.cat([g.flatten() for g in gradients]).norm())
    assert health["fc1"].gradient == pytest.approx(norm, rel=1e-5)
    assert health["relu1"].gradient is None


def test_values_that_are_not_finite_are_said(probe: Probe) -> None:
    with torch.no_grad():
        next(probe.module.get_submodule("fc2").parameters())[0, 0] = torch.nan
    health = measure(probe, 4)
    assert health["fc1"].finite and not health["fc2"].finite


def test_hooks_leave_nothing_behind_even_after_a_failure(probe: Probe) -> None:
    def fail(node: str, output: torch.Tensor) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        probe.visit(probe.inputs("validation")[:1], fail, ["conv2"])
    assert all(not module._forward_hooks for module in probe.module.modules())


def test_a_single_output_for_two_classes_gives_two_probabilities(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("point", "VectorInput", {"features": 2}),
        ("out", "Linear", {"out_features": 1}),
        ("sigmoid", "Sigmoid", {}),
        ("output", "Output", {}),
    ]
    for recipe, cut in (({"loss": "binary cross-entropy"}, layers[:2] + layers[3:]), ({"loss": "mse"}, layers)):
        probe = probe_of(cut, "xor", recipe=recipe)
        result = analyse(probe)
        score = float(by_hand(probe, 0)["out"]) if "point" in probe.network.nodes else 0.0
        chance = float(torch.sigmoid(torch.tensor(score)))
        assert result.probabilities == pytest.approx([1 - chance, chance], abs=1e-5)


def test_outputs_of_a_squared_error_are_taken_as_chances(probe_of: Callable[..., Probe], plane: Any) -> None:
    probe = probe_of(plane, "moons", recipe={"loss": "mse"})
    result = analyse(probe)
    assert result.probabilities == pytest.approx(result.output.clip(0, 1), abs=1e-6)


def test_a_softmax_in_the_network_is_not_applied_twice(probe_of: Callable[..., Probe], plane: Any) -> None:
    layers = [*plane[:-1], ("softmax", "LogSoftmax", {}), plane[-1]]
    probe = probe_of(layers, "moons", recipe={"loss": "nll"})
    result = analyse(probe)
    assert probe.head.node == "out"
    assert result.probabilities == pytest.approx(np.exp(result.output), abs=1e-6)
    assert functional.softmax(by_hand(probe, 0)["out"], 1)[0].numpy() == pytest.approx(result.probabilities, abs=1e-6)
