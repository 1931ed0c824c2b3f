"""Small programs by chance: functions, views, writes in place and joins, compared with themselves at another batch."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from graphs.exchange.from_torch import read_module
from graphs.exchange.from_torch.importing import imported
from graphs.exchange.from_torch.tracing import from_export
from tests.graphs.exchange.from_torch.test_torch_modules import built, difference

Values = list[Tensor]
Step = Callable[[Values], None]
NEW: list[Callable[[Tensor], Tensor]] = [
    torch.relu,
    torch.sigmoid,
    lambda v: v * 2 - 1,
    lambda v: v.clone(),
    lambda v: v.detach().clone(),
    lambda v: v.contiguous(),
    lambda v: v.reshape(v.shape[0], -1),
    lambda v: v.transpose(1, -1).reshape(v.shape[0], -1),
    lambda v: v.transpose(1, -1).contiguous(),
    lambda v: v.double().float(),
]
VIEWS: list[Callable[[Tensor], Tensor]] = [
    lambda v: v[:, 1:],
    lambda v: v[:, ::2],
    lambda v: v[..., -2:],
    lambda v: v.transpose(1, -1),
    lambda v: v.unsqueeze(1),
    lambda v: v.flatten(1),
    lambda v: v.chunk(2, 1)[-1],
    lambda v: v.split([1, v.shape[-1] - 1], -1)[1],
    lambda v: v.narrow(1, 0, 1),
    lambda v: v.detach(),
    lambda v: v.movedim(1, -1),
    lambda v: v.view(v.shape[0], 2, -1) if v.is_contiguous() and v[0].numel() % 2 == 0 else v[:],
    lambda v: v.select(1, 0) if v.ndim > 2 else v[:],
    lambda v: v.unbind(1)[-1] if v.ndim > 2 else v[:],
    lambda v: v.permute(0, *range(v.ndim - 1, 0, -1)),
]
WRITES: list[Callable[[Tensor, Tensor], object]] = [
    lambda v, w: v.add_(1),
    lambda v, w: v.mul_(0.5),
    lambda v, w: v.relu_(),
    lambda v, w: v.zero_(),
    lambda v, w: v.fill_(0.5),
    lambda v, w: v.pow_(2),
    lambda v, w: v.clamp_(min=0.1),
    lambda v, w: v.copy_(w.clone()),
    lambda v, w: v.add_(w.flatten(1).mean(1).view(-1, *(1,) * (v.ndim - 1))),
    lambda v, w: v[:, 0].fill_(3.0),
    lambda v, w: v[..., 0].mul_(-1),
    lambda v, w: v.masked_fill_(v > 1, 0.25),
    lambda v, w: v.sub_(w.clone()),
]


class Chance(nn.Module):
    """A program that a seed says. Everything made on the way is in the result, so that nothing goes unseen."""

    def __init__(self, seed: int, length: int = 9) -> None:
        super().__init__()
        self.seed, self.length = seed, length

    def forward(self, x: Tensor) -> Tensor:
        chance, values = random.Random(self.seed), [x * 1]
        for _ in range(self.length):
            value = chance.choice(values)
            what = chance.choice(["new", "view", "view", "write", "write", "join"])
            if what == "new":
                values.append(chance.choice(NEW)(value))
            elif what == "view" and value.shape[1] > 1 and value.shape[-1] > 1:
                values.append(chance.choice(VIEWS)(value))
            elif what == "write":
                like = [other for other in values if other.shape[1:] == value.shape[1:]]
                chance.choice(WRITES)(value, chance.choice(like))
            elif what == "join":
                values.append(torch.cat([value.flatten(1), chance.choice(values).flatten(1)], 1))
        return torch.cat([value.flatten(1) for value in values], 1)


@pytest.mark.parametrize("seed", range(12))
def test_a_program_by_chance_comes_in_as_what_it_computes(seed: int) -> None:
    module, x = Chance(seed).eval(), torch.randn(2, 4, 6)
    if seed % 3:
        found = read_module(module, (x,))
    else:
        found = imported(from_export(torch.export.export(module, (x,))), "net.pt2", "")
    assert difference(module, built(found), (torch.randn(3, 4, 6),)) <= 1e-6
