"""Writes in place: into copies, into views, into what a view is of; each compared with the module itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from graphs.exchange.from_torch import original, read_module, read_program
from graphs.exchange.imported import Imported
from graphs.files.faults import FileFault
from studio.importing.importing import import_file
from studio.importing.likeness import likeness
from tests.graphs.exchange.from_torch.test_torch_modules import built, difference

Step = Callable[[Tensor], Tensor]


class Once(nn.Module):
    """A function as a module."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x)


def copied(x: Tensor) -> Tensor:
    y = x.clone()
    y.add_(1)
    return 2 * x + 3 * y


def detached_copy(x: Tensor) -> Tensor:
    y = x.detach().clone()
    y[:, 0] = 5
    return x + y


def detached(x: Tensor) -> Tensor:
    x = x * 1
    y = x.detach()
    y[:, 0] = 5
    return x + y


def stale_view(x: Tensor) -> Tensor:
    x = x * 1
    part = x[:, 1:3]
    x.mul_(2)
    return part + x[:, :2]


def view_of_a_view(x: Tensor) -> Tensor:
    x = x * 1
    deep, other = x[:, 1][:, 1:3], x.transpose(1, 2)
    x.view(-1)[:].add_(1)
    x[:, :, 0].zero_()
    return deep.sum(1, keepdim=True) + other.flatten(1)


def through_a_copy(x: Tensor) -> Tensor:
    y = x * 1
    y.transpose(1, 2).reshape(-1).add_(1)
    return x + y


def through_a_view(x: Tensor) -> Tensor:
    y = x * 1
    y.reshape(-1).add_(1)
    return x + y


def contiguous_copy(x: Tensor) -> Tensor:
    y = x * 1
    y.transpose(1, 2).contiguous().add_(1)
    y.contiguous().mul_(3)
    return x + y


def permuted(x: Tensor) -> Tensor:
    y = x * 1
    y.permute(2, 0, 1)[1].sub_(1)
    y.movedim(0, 2)[0].mul_(2)
    return y


def in_parts(x: Tensor) -> Tensor:
    y = x * 1
    first, second = y.chunk(2, 2)
    first.add_(1)
    second.copy_(first * 2)
    a, b = y.unbind(1)[:2]
    b += a
    y.split([1, 3], dim=2)[1].neg_()
    y.narrow(2, -2, 1).exp_()
    return y * 1 + first.sum() * 0


def turned(x: Tensor) -> Tensor:
    y = x * 1
    z = y[:, 0]
    z.unsqueeze_(1)
    z.add_(1)
    z.squeeze_(1).transpose_(0, 1)
    z.mul_(2)
    return y + z.t().unsqueeze(1)


def whole_numbers(x: Tensor) -> Tensor:
    y = torch.zeros_like(x, dtype=torch.int64)
    y[:, 0] = x[:, 0] * 3
    half = x.double()
    half[:, 1] = x[:, 2]
    half += x
    return x + y + half.float()


def powers(x: Tensor) -> Tensor:
    y = x * 1
    y.pow_(2)
    y.clamp_(min=0.1)
    y[:, 1].masked_fill_(y[:, 0] > 1, 7.0)
    y[x > 1] = 4.0
    y.fill_(2) if False else y.div_(3)
    return functional.leaky_relu(y, inplace=True) + functional.dropout(x * 1, 0.5, False, inplace=True)


def kept_dropout(x: Tensor) -> Tensor:
    y = functional.dropout(x * 2, 0.5, training=False)
    y += x
    return y.relu_()


def the_input(x: Tensor) -> Tensor:
    y = x.clone()
    z = y.view(-1, 12)
    y += 1
    z *= 2
    w = z.clone()
    w -= 1
    return y.flatten(1) + z * w


STEPS = [
    copied, detached_copy, detached, stale_view, view_of_a_view, through_a_copy, through_a_view, contiguous_copy,
    permuted, in_parts, turned, whole_numbers, powers, kept_dropout, the_input,
]  # fmt: skip


def come_in(step: Step) -> tuple[nn.Module, Imported]:
    module = Once(step).eval()
    return module, read_module(module, (torch.randn(2, 3, 4),))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_what_is_written_is_seen_by_whoever_shares_the_memory_and_nobody_else(step: Step, tmp_path: Path) -> None:
    torch.manual_seed(0)
    module, found = come_in(step)
    for batch in (1, 5):
        assert difference(module, built(found), (torch.randn(batch, 3, 4),)) <= 1e-6
    torch.export.save(torch.export.export(module, (torch.randn(2, 3, 4),)), tmp_path / "net.pt2")
    x = torch.randn(5, 3, 4)
    assert difference(module, built(read_program(tmp_path / "net.pt2")), (x,)) <= 1e-6
    torch.testing.assert_close(original(tmp_path / "net.pt2")([x])[0], module(x), rtol=0, atol=0)


def test_comparing_sees_what_an_importer_does_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The original runs its own calls: nothing that was made of them."""
    module = Once(stale_view).eval()
    path, x = tmp_path / "net.pt2", torch.randn(2, 3, 4)
    torch.export.save(torch.export.export(module, (x,)), path)
    arrival = import_file(path)
    assert likeness(arrival) == 0
    monkeypatch.setattr("graphs.exchange.from_torch.plainly._Plain._looked", lambda self, place: self.now[place])
    wrong = likeness(import_file(path))
    assert wrong is not None and wrong > 0.1


def test_a_write_that_nothing_says_is_refused_in_a_sentence() -> None:
    def step(x: Tensor) -> Tensor:
        y = x * 1
        y.unfold(1, 2, 2).add_(1)
        return y

    with pytest.raises(FileFault, match="needed as a whole"):
        come_in(step)


def test_a_buffer_that_is_written_into_is_told_of() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(4))

        def forward(self, x: Tensor) -> Tensor:
            self.seen.add_(1)
            return x + self.seen

    found = read_module(Counting(), (torch.randn(2, 4),))
    assert any("seen" in note for note in found.notes)
    x = torch.randn(3, 4)
    torch.testing.assert_close(built(found).module(x), x + 1)
