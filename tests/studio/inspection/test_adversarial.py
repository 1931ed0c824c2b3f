from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from graphs.layers.catalogue import standard
from graphs.network import Network
from studio.data.prepare import Prepared
from studio.inspection import adversarial
from studio.inspection.adversarial import AdversarialOptions, AdversarialResult
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.probe import Probe
from studio.training.snapshot import Snapshot


def analyse(probe: Probe, **options: Any) -> AdversarialResult:
    return adversarial.analyse(probe, AdversarialOptions(**options), quiet)


class OnRaw(nn.Module):
    """The network on raw inputs, as captum's attacks need it."""

    def __init__(self, probe: Probe) -> None:
        super().__init__()
        self.module, self.apply_to = probe.module, probe.data.normalisation.apply

    def forward(self, raw: Tensor) -> Tensor:
        scores: Tensor = self.module(self.apply_to(raw))
        return scores


def loss(scores: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(scores, labels, reduction="none")


@pytest.fixture
def exact(trained: tuple[Network, Snapshot], digits: Prepared) -> Probe:
    """LeNet in double precision, so that no gradient is so small that rounding decides its sign."""
    train, validation = (replace(part, inputs=part.inputs.double()) for part in (digits.train, digits.validation))
    probe = Probe(trained[0], standard(), replace(digits, train=train, validation=validation))
    probe.load(trained[1])
    probe.module.double()
    return probe


def raw_sample(probe: Probe, sample: int) -> tuple[Tensor, int]:
    part = probe.data.validation
    return probe.raw(part.inputs[sample : sample + 1]).clamp(0, 1), int(part.targets[sample])


@pytest.mark.filterwarnings("ignore:Input Tensor")
@pytest.mark.parametrize("target", [None, 3])
def test_one_step_agrees_with_captum(exact: Probe, target: int | None) -> None:
    from captum.robust import FGSM

    raw, label = raw_sample(exact, 1)
    reference = FGSM(OnRaw(exact), loss, lower_bound=0, upper_bound=1)
    reference.zero_thresh = 0.0  # captum takes gradients under a millionth for none
    aim = label if target is None else target
    expected = reference.perturb(raw, epsilon=0.1, target=torch.tensor([aim]), targeted=target is not None)
    result = analyse(exact, sample=1, epsilon=0.1, target=target)
    np.testing.assert_allclose(result.adversarial, expected[0].numpy(), atol=1e-6)


@pytest.mark.filterwarnings("ignore:Input Tensor")
@pytest.mark.parametrize("target", [None, 7])
def test_many_steps_agree_with_captum(exact: Probe, target: int | None) -> None:
    from captum.robust import PGD

    raw, label = raw_sample(exact, 2)
    reference = PGD(OnRaw(exact), loss, lower_bound=0, upper_bound=1)
    reference.fgsm.zero_thresh = 0.0
    expected = reference.perturb(
        raw,
        radius=0.12,
        step_size=0.02,
        step_num=9,
        target=torch.tensor([label if target is None else target]),
        targeted=target is not None,
        norm="Linf",
    )
    result = analyse(exact, sample=2, epsilon=0.12, steps=9, step=0.02, method="iterated", target=target)
    np.testing.assert_allclose(result.adversarial, expected[0].detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("method", ["fgsm", "iterated", "pgd"])
def test_changes_stay_within_epsilon_and_the_bounds(probe: Probe, method: str) -> None:
    result = analyse(probe, method=method, epsilon=0.15, steps=7)
    assert np.abs(result.difference).max() <= 0.15 + 1e-6
    assert result.adversarial.min() >= 0 and result.adversarial.max() <= 1
    np.testing.assert_allclose(result.original + result.difference, result.adversarial, atol=1e-6)
    assert result.losses[-1] > result.losses[0]
    assert len(result.losses) == (2 if method == "fgsm" else 8)
    assert result.before.sum() == pytest.approx(1, abs=1e-5) and result.after.sum() == pytest.approx(1, abs=1e-5)


def test_a_strong_attack_succeeds_and_none_changes_nothing(probe: Probe) -> None:
    right = next(k for k in range(20) if not analyse(probe, sample=k, epsilon=0).success)
    strong, none = analyse(probe, sample=right, epsilon=0.3), analyse(probe, sample=right, epsilon=0)
    assert strong.success and strong.predicted_after != strong.label
    assert none.predicted_before == none.predicted_after == none.label
    np.testing.assert_array_equal(none.original, none.adversarial)
    led = analyse(probe, sample=right, epsilon=0.4, target=5, method="pgd", steps=40)
    assert led.success and led.predicted_after == 5 and led.losses[-1] < led.losses[0]


def test_the_random_start_has_a_generator_of_its_own(probe: Probe) -> None:
    runs = [analyse(probe, method="pgd", seed=seed, steps=3).adversarial for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_epsilon_is_a_share_of_the_range_of_the_inputs(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("row", "VectorInput", {"features": 4}),
        ("out", "Linear", {"out_features": 3}),
        ("output", "Output", {}),
    ]
    probe = probe_of(layers, "iris", normalise="standard")
    low, high = probe.data.bounds
    result = analyse(probe, epsilon=0.1)
    assert result.epsilon == pytest.approx(0.1 * (high - low))
    assert np.abs(result.difference).max() == pytest.approx(result.epsilon, rel=1e-4)
    assert low <= result.adversarial.min() and result.adversarial.max() <= high


def test_it_follows_the_loss_of_a_sigmoid(probe_of: Callable[..., Probe]) -> None:
    layers = [
        ("point", "VectorInput", {"features": 2}),
        ("out", "Linear", {"out_features": 1}),
        ("output", "Output", {}),
    ]
    probe = probe_of(layers, "xor", recipe={"loss": "binary cross-entropy"})
    weight = probe.module.get_submodule("out").get_parameter("weight")[0].numpy()
    result = analyse(probe, epsilon=0.05)
    away = -np.sign(weight) if result.label == 1 else np.sign(weight)
    inside = np.clip(result.original + result.epsilon * away, result.low, result.high)
    np.testing.assert_allclose(result.adversarial, inside, atol=1e-6)


def test_what_it_cannot_attack(probe: Probe, probe_of: Callable[..., Probe]) -> None:
    with pytest.raises(InspectionFault, match="no class 10: there are 10"):
        analyse(probe, target=10)
    layers = [
        ("point", "VectorInput", {"features": 2}),
        ("out", "Linear", {"out_features": 5}),
        ("output", "Output", {}),
    ]
    with pytest.raises(InspectionFault, match="5 outputs for 2 classes"):
        analyse(probe_of(layers, "moons"))
    assert torch.is_grad_enabled()
