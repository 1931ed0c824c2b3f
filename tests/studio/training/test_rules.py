"""Updates against torch.optim itself, in a plain loop."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.recipe import Recipe
from studio.training.rules import RULES, Update, clipped

REFERENCES: dict[str, tuple[Any, dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.8}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "adadelta": (torch.optim.Adadelta, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.0}),
}


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 2))


def batches(count: int = 25) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(4)
    return [(torch.randn(6, 5, generator=generator), torch.randn(6, 2, generator=generator)) for _ in range(count)]


def ours(recipe: Recipe) -> list[Tensor]:
    module = network()
    update = Update(dict(module.named_parameters()), recipe)
    weights = list(module.parameters())
    for inputs, targets in batches():
        update(torch.autograd.grad(nn.functional.mse_loss(module(inputs), targets), weights), recipe.learning_rate)
    return weights


def torchs(
    optimiser: str, rate: float, groups: bool = False, clip: float = 0.0, l1: float = 0.0, **more: Any
) -> list[Tensor]:
    module = network()
    kind, options = REFERENCES[optimiser]
    named = dict(module.named_parameters())
    decayed = [w for name, w in named.items() if w.dim() > 1]
    others = [w for name, w in named.items() if w.dim() <= 1]
    parts = [{"params": decayed, **more}, {"params": others}] if groups else list(named.values())
    optim = kind(parts, lr=rate, **options)
    for inputs, targets in batches():
        optim.zero_grad()
        loss = nn.functional.mse_loss(module(inputs), targets)
        if l1:
            loss = loss + l1 * sum(w.abs().sum() for w in decayed)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(module.parameters(), clip)
        optim.step()
    return list(module.parameters())


@pytest.mark.parametrize("optimiser", RULES)
def test_updates_are_those_of_torch(optimiser: str) -> None:
    recipe = Recipe(optimiser=optimiser, learning_rate=0.05, momentum=0.8)
    for mine, theirs in zip(ours(recipe), torchs(optimiser, 0.05), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adagrad", "rmsprop", "adadelta", "adam", "adamw"])
def test_weight_decay_is_that_of_torch_and_spares_biases(optimiser: str) -> None:
    recipe = Recipe(optimiser=optimiser, learning_rate=0.05, momentum=0.8, weight_decay=0.1)
    theirs = torchs(optimiser, 0.05, groups=True, weight_decay=0.1)
    for mine, other in zip(ours(recipe), theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=5e-5, atol=5e-6)


def test_the_l1_penalty_is_its_derivative() -> None:
    recipe = Recipe(optimiser="sgd", learning_rate=0.05, l1=0.02)
    for mine, theirs in zip(ours(recipe), torchs("sgd", 0.05, l1=0.02), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-5, atol=2e-6)


def test_clipping_is_that_of_torch() -> None:
    recipe = Recipe(optimiser="sgd", learning_rate=0.05, clip=0.3)
    for mine, theirs in zip(ours(recipe), torchs("sgd", 0.05, clip=0.3), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-5, atol=2e-6)


def test_gradients_that_share_memory_are_clipped_once() -> None:
    shared = torch.full((4,), 3.0)
    first, second = clipped([shared, shared], 1.0)
    torch.testing.assert_close(first, second)
    assert float(torch.cat([first, second]).norm()) == pytest.approx(1.0, abs=1e-5)
    assert torch.equal(shared, torch.full((4,), 3.0))


@pytest.mark.parametrize("optimiser", RULES)
def test_gradients_may_lie_crosswise_in_memory(optimiser: str) -> None:
    results = []
    for crosswise in (False, True):
        weight = nn.Parameter(torch.arange(6.0).reshape(2, 3))
        gradient = torch.tensor([[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]])
        update = Update({"weight": weight}, Recipe(optimiser=optimiser, learning_rate=0.1))
        given = gradient.t().contiguous().t() if crosswise else gradient
        for _ in range(3):
            update((given,), 0.1)
        results.append(weight.detach())
    torch.testing.assert_close(results[0], results[1])


@pytest.mark.parametrize("optimiser", RULES)
def test_memory_comes_back_bit_by_bit(optimiser: str) -> None:
    gradients = [torch.randn(3, 4, generator=torch.Generator().manual_seed(i)) for i in range(8)]
    recipe = Recipe(optimiser=optimiser, learning_rate=0.1)
    weight = nn.Parameter(torch.ones(3, 4))
    update = Update({"weight": weight}, recipe)
    for gradient in gradients[:4]:
        update((gradient,), 0.1)
    other = nn.Parameter(weight.detach().clone())
    resumed = Update({"weight": other}, recipe)
    resumed.rule.restore(update.rule.updates, update.rule.slots)
    for gradient in gradients[4:]:
        update((gradient,), 0.1)
        resumed((gradient,), 0.1)
    assert torch.equal(weight, other)
