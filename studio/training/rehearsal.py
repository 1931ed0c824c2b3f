"""One pass before the first step, to learn what the loop has to know; it leaves the network as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.training.randomness import exclusive


@dataclass(frozen=True)
class Rehearsed:
    """`output` is the shape of the output without the batch axis; `trained` are the weights that get a
    gradient, by name; `idle` the others that could be trained; `random` says whether a pass draws random
    numbers; `work` is its multiply-adds for each sample."""

    output: tuple[int, ...]
    trained: dict[str, nn.Parameter]
    idle: tuple[str, ...]
    random: bool
    work: int


def rehearse(module: nn.Module, samples: Tensor) -> Rehearsed:
    """A pass forth and back in training mode on two samples or more. Raises what the module raises."""
    named = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
    with exclusive, untouched(module, samples.device):
        sizes, random, output = _forward(module, samples)
        gradients = _gradients(output, list(named.values()))
    trained = {name: weight for (name, weight), g in zip(named.items(), gradients, strict=True) if g is not None}
    work = _work(module, sizes) // len(samples)
    return Rehearsed(tuple(output.shape[1:]), trained, tuple(set(named) - set(trained)), random, work)


@contextmanager
def untouched(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Gives the module its buffers and mode back afterwards, and torch its random state."""
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    mode = module.training
    module.train()
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        module.train(mode)
        for name, buffer in module.named_buffers():
            buffer.detach().copy_(buffers[name])


def _forward(module: nn.Module, samples: Tensor) -> tuple[dict[str, int], bool, Tensor]:
    sizes: dict[str, int] = {}

    def remember(name: str) -> object:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            first = output[0] if isinstance(output, tuple) else output
            sizes[name] = first.numel() if isinstance(first, Tensor) else 0

        return hook

    hooks = [m.register_forward_hook(remember(name)) for name, m in module.named_modules() if name]
    before = _random_state(samples.device)
    try:
        output = module(samples)
    finally:
        for hook in hooks:
            hook.remove()
    if not isinstance(output, Tensor):
        raise TypeError("training needs a network with exactly one output")
    return sizes, not torch.equal(before, _random_state(samples.device)), output


def _random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _gradients(output: Tensor, weights: list[nn.Parameter]) -> tuple[Tensor | None, ...]:
    if not weights or not output.requires_grad:
        return (None,) * len(weights)
    return torch.autograd.grad(output.sum(), weights, allow_unused=True)


def _work(module: nn.Module, output_sizes: dict[str, int]) -> int:
    """Roughly the multiply-adds of a pass, from the elements that each submodule gave out."""
    total = 0
    for name, size in output_sizes.items():
        weights = [p for p in module.get_submodule(name).parameters(recurse=False) if p.dim() > 1]
        total += sum(size * (w.numel() // max(1, w.shape[0])) for w in weights)
    return total
