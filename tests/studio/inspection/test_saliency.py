from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from studio.inspection import saliency
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.probe import Probe
from studio.inspection.saliency import SaliencyOptions, SaliencyResult


def analyse(probe: Probe, **options: Any) -> SaliencyResult:
    return saliency.analyse(probe, SaliencyOptions(**options), quiet)


def gradient(probe: Probe, sample: int, target: int) -> Any:
    inputs = probe.data.validation.inputs[sample : sample + 1].clone().requires_grad_()
    (found,) = torch.autograd.grad(probe.module(inputs)[0, target], inputs)
    return found[0].numpy()


def test_it_is_the_gradient_of_the_score(probe: Probe) -> None:
    result = analyse(probe, sample=4, target=8)
    expected = gradient(probe, 4, 8)
    np.testing.assert_allclose(result.attributions, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(result.map, np.abs(expected).max(axis=0), rtol=1e-4, atol=1e-6)
    assert result.map.shape == (28, 28) and result.target == 8
    assert result.label == int(probe.data.validation.targets[4])


def test_it_agrees_with_finite_differences(probe: Probe) -> None:
    probe.module.double()
    result_inputs = probe.data.validation.inputs[:1].double()
    place, small = (0, 0, 14, 12), 1e-6
    changed = result_inputs.clone()
    changed[place] += small
    with torch.no_grad():
        rise = (probe.scores(changed) - probe.scores(result_inputs))[0, 2] / small
    probe.module.float()
    assert analyse(probe, target=2).attributions[0, 14, 12] == pytest.approx(float(rise), rel=1e-3, abs=1e-5)


def test_without_a_target_it_explains_what_is_predicted(probe: Probe) -> None:
    result = analyse(probe, sample=2)
    assert result.probabilities is not None
    assert result.target == result.predicted == int(result.probabilities.argmax())
    with torch.no_grad():
        scores = probe.module(probe.data.validation.inputs[2:3])[0]
    assert result.score == pytest.approx(float(scores.max()), rel=1e-5)


def test_the_explained_score_stands_before_the_softmax(probe_of: Callable[..., Probe], plane: Any) -> None:
    """A saturated softmax has no gradient; the score under it does."""
    layers = [*plane[:-1], ("softmax", "Softmax", {}), plane[-1]]
    plain, softmaxed = probe_of(plane, "moons"), probe_of(layers, "moons")
    for probe in (plain, softmaxed):
        with torch.no_grad():
            for parameter in probe.module.get_submodule("out").parameters():
                parameter.mul_(1000)
    np.testing.assert_allclose(analyse(plain).attributions, analyse(softmaxed).attributions)
    assert np.abs(analyse(softmaxed).attributions).max() > 1


def test_guided_back_propagation_lets_only_positive_gradients_through(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("point", "VectorInput", {"features": 2}),
        ("hidden", "Linear", {"out_features": 3, "bias": False}),
        ("relu", "ReLU", {}),
        ("out", "Linear", {"out_features": 2, "bias": False}),
        ("output", "Output", {}),
    ]
    probe = probe_of(layers, "xor")
    first = torch.tensor([[1.0, 2.0], [3.0, -1.0], [-1.0, -1.0]])
    second = torch.tensor([[0.0, 0.0, 0.0], [2.0, -1.0, 5.0]])
    with torch.no_grad():
        probe.module.get_submodule("hidden").get_parameter("weight").copy_(first)
        probe.module.get_submodule("out").get_parameter("weight").copy_(second)
        probe.data.validation.inputs[0] = torch.tensor([1.0, 1.0])
    # the hidden units give 3, 2 and 0: two fire; of their gradients 2 and −1 only 2 may pass
    assert analyse(probe, target=1).attributions.tolist() == [2 * 1 - 3, 2 * 2 + 1]
    assert analyse(probe, target=1, method="guided").attributions.tolist() == [2, 4]


def test_integrated_gradients_add_up_to_the_rise_of_the_score(probe: Probe) -> None:
    result = analyse(probe, sample=1, method="integrated", steps=200)
    empty = probe.data.normalisation.apply(torch.zeros(1, 1, 28, 28))
    with torch.no_grad():
        rise = result.score - float(probe.scores(empty)[0, result.target])
    assert float(result.attributions.sum()) == pytest.approx(rise, rel=0.02)
    assert np.all(result.attributions[result.image <= 0] == 0)


def test_rows_of_numbers_keep_their_shape(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("row", "VectorInput", {"features": 4}),
        ("out", "Linear", {"out_features": 3}),
        ("output", "Output", {}),
    ]
    result = analyse(probe_of(layers, "iris"), target=1)
    assert result.map.shape == result.image.shape == (4,)
    assert len(result.table().rows) == 4


def test_a_class_that_is_not_there(probe: Probe) -> None:
    with pytest.raises(InspectionFault, match=r"no output 10: the network has 10"):
        analyse(probe, target=10)
