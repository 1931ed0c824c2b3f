from __future__ import annotations

import torch
from torch import nn

from studio.training.scaling import Scaler, finite


def test_gradients_come_out_as_without_scaling_and_overflow_leaves_the_step_out() -> None:
    weight = nn.Parameter(torch.tensor([1.0, 2.0]))
    applied = []
    scaler = Scaler(scale=1024.0)
    gradients = scaler.update((weight * weight).sum(), [weight], lambda g, rate: applied.append((g, rate)), 0.5)
    torch.testing.assert_close(gradients[0], torch.tensor([2.0, 4.0]))
    assert len(applied) == 1
    scaler.update((weight * 1e38).sum(), [weight], lambda g, rate: applied.append((g, rate)), 0.5)
    assert len(applied) == 1
    assert scaler.scale == 512.0


def test_the_scale_grows_after_many_good_steps_and_is_kept() -> None:
    weight = nn.Parameter(torch.tensor([1.0]))
    scaler = Scaler(scale=2.0)
    for _ in range(1999):
        scaler.update(weight.sum(), [weight], lambda g, rate: None, 0.1)
    other = Scaler()
    other.restore(scaler.state())
    for each in (scaler, other):
        each.update(weight.sum(), [weight], lambda g, rate: None, 0.1)
        assert each.scale == 4.0


def test_what_is_finite() -> None:
    assert finite([])
    assert finite([torch.tensor([1, 2]), torch.zeros(0), torch.ones(3)])
    assert not finite([torch.ones(2), torch.tensor([float("inf")])])
    assert not finite([torch.tensor([float("nan")])])
