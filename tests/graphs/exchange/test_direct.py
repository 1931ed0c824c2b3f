"""Programs that PyTorch's exporter can translate as they are go straight there, with the same results."""

from __future__ import annotations

import gc
import operator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from graphs.exchange.to_onnx import direct

onnxruntime = pytest.importorskip("onnxruntime")


class Normed(nn.Module):
    """A convolution, normalised, and the mean of each map (or of quarters of it)."""

    def __init__(self, size: int = 1, learnt: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)
        self.norm = nn.BatchNorm2d(3, track_running_stats=learnt)
        self.pool = nn.AdaptiveAvgPool2d(size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.pool(torch.relu(self.norm(self.conv(x))))
        return found.flatten(1)


class Writing(nn.Module):
    """Writes into what it was given."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x + 1).relu_().mul_(2)


def converted(module: nn.Module, x: torch.Tensor, path: Path) -> tuple[Any, bool]:
    """What onnxruntime computes, and whether the program went straight there."""
    went = []
    made = direct._made_direct

    def told(program: Any, known: Any) -> bool:
        went.append(made(program, known))
        return went[-1]

    with pytest.MonkeyPatch.context() as patch, direct.not_traced_twice():
        patch.setattr(direct, "_made_direct", told)
        program = torch.onnx.export(module.eval(), (x,), dynamo=True, optimize=False, verbose=False)
    assert program is not None
    program.save(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x.numpy()})[0], went[0]


@pytest.mark.parametrize(
    ("module", "straight"),
    [(Normed(), True), (Normed(2), False), (Normed(learnt=False), False), (Writing(), False), (nn.LSTM(2, 3), None)],
    ids=["plain", "pooled to quarters", "normalised by the batch", "writes", "recurrent"],
)
def test_the_results_are_the_same_whichever_way(module: nn.Module, straight: bool | None, tmp_path: Path) -> None:
    torch.manual_seed(1)
    x = torch.randn(4, 5, 2) if isinstance(module, nn.LSTM) else torch.randn(4, 2, 8, 8)
    if isinstance(module, Normed) and module.norm.running_mean is not None:
        module.norm.running_mean.normal_()
    found, went = converted(module, x, tmp_path / "it.onnx")
    with torch.no_grad():
        expected = module(x)
    expected = expected[0] if isinstance(expected, tuple) else expected
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-5, atol=1e-5)
    assert straight is None or went is straight


def test_what_is_a_reason_to_trace_again() -> None:
    known = {torch.ops.aten.relu.default, torch.ops.aten.relu_.default}
    assert direct._translated(torch.ops.aten.relu.default, known)
    assert direct._translated(operator.getitem, known)
    assert not direct._translated(torch.ops.aten.relu_.default, known)
    assert not direct._translated(torch.ops.aten.gelu.default, known)


def test_everything_is_as_it_was_afterwards() -> None:
    from torch.onnx._internal.exporter import _fx_passes

    before, counts = _fx_passes.decompose_with_registry, gc.get_threshold()
    with pytest.raises(RuntimeError), direct.not_traced_twice(), direct.unhurried():
        assert _fx_passes.decompose_with_registry is not before
        assert gc.get_threshold()[0] >= direct.ALLOCATIONS
        raise RuntimeError
    assert _fx_passes.decompose_with_registry is before
    assert gc.get_threshold() == counts
