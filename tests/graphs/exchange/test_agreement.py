"""When a difference is rounding, judged against numbers with twice the digits that were worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from graphs.exchange.to_onnx import agreement
from graphs.exchange.to_onnx.agreement import ExportError, compare, difference, largest, rounding

BIG = 2.0**24
"""From here on a float32 holds even numbers alone: BIG + 1 becomes BIG, BIG + 3 becomes BIG + 4."""


class Cancelling(nn.Module):
    """(x + 2^24) - 2^24: x to the nearest even number in float32, x itself in float64."""

    def forward(self, x: Tensor) -> Tensor:
        return (x + BIG) - BIG


class Whole(nn.Module):
    """Its buffer is of float32 whatever it is told, so that it cannot be computed with twice the digits."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ torch.ones(2, 2, dtype=torch.float32)


class Session:
    """In place of onnxruntime's: gives what it is told to."""

    def __init__(self, *outputs: Any) -> None:
        self.outputs = [np.asarray(output, dtype=np.float32) for output in outputs]

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="x")]

    def run(self, _names: None, feed: dict[str, Any]) -> list[Any]:
        assert list(feed) == ["x"]
        return self.outputs


def test_what_pytorch_itself_rounds_is_its_distance_from_float64() -> None:
    x = torch.tensor([[1.0, 3.0, 4.0]])
    expected = agreement.results(Cancelling(), [x])
    np.testing.assert_array_equal(expected[0], [[0.0, 4.0, 4.0]])  # ties go to the even last bit
    assert rounding(Cancelling(), [x], expected) == 1.0
    assert rounding(Cancelling(), [torch.tensor([[2.0, 8.0]])], [np.float32([[2, 8]])]) == 0.0


def test_whole_numbers_stay_so_and_what_cannot_be_doubled_excuses_nothing() -> None:
    table = nn.Embedding(3, 2)
    tokens = torch.tensor([[0, 2]])
    assert rounding(table, [tokens], agreement.results(table, [tokens])) == 0.0
    assert rounding(Whole(), [torch.ones(1, 2)], [np.zeros((1, 2), np.float32)]) == 0.0


@pytest.mark.parametrize(("value", "found"), [(1000.0, 0.0), (1000.009, 0.009), (1000.02, None)])
def test_the_tolerance_is_a_share_of_the_largest_value(value: float, found: float | None) -> None:
    x = torch.tensor([[1000.0, 1.0]])
    running = Session([[value, 1.0]])
    if found is None:
        with pytest.raises(ExportError, match=r"differ by 0\.02 at a batch of 1, more than 1e-05"):
            compare(running, nn.Identity(), [x], 1e-5, "a batch of 1")
    else:
        assert compare(running, nn.Identity(), [x], 1e-5, "a batch of 1") == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize(("x", "given", "passes"), [
    ([1.0, 500.0], [3.0, 500.0], True),  # 3 away from 0, where PyTorch is 1 away from 1: less than four times
    ([1.0, 500.0], [6.0, 500.0], False),  # 6 away is more than four times 1, and than a hundredth of 500
    ([2.0, 500.0], [4.0, 500.0], False),  # PyTorch rounds nothing here: no excuse
    ([1.0, 200.0], [3.0, 200.0], False),  # 3 is more than a hundredth of 200, which no rounding excuses
])  # fmt: skip
def test_beyond_the_tolerance_only_rounding_is_excused(x: list[float], given: list[float], passes: bool) -> None:
    batch = [torch.tensor([x])]
    if passes:
        assert compare(Session([given]), Cancelling(), batch, 1e-5, "here") == 3.0
    else:
        with pytest.raises(ExportError, match="nothing was written"):
            compare(Session([given]), Cancelling(), batch, 1e-5, "here")


def test_values_that_are_not_finite_must_be_the_same() -> None:
    inf, nan = np.inf, np.nan
    assert difference(np.float32([inf, -inf, nan, 1]), np.float32([inf, -inf, nan, 1])) == 0.0
    for out, expected in (([inf], [-inf]), ([nan], [1.0]), ([1.0], [nan]), ([1.0], [inf])):
        assert difference(np.float32(out), np.float32(expected)) == np.inf
    assert difference(np.float32([[1]]), np.float32([1])) == np.inf  # shapes
    with pytest.raises(ExportError):
        compare(Session([[nan]]), nn.Identity(), [torch.tensor([[1.0]])], 1e-5, "here")


def test_differences_and_sizes_of_every_type_of_number() -> None:
    assert difference(np.array([True, False]), np.array([True, True])) == 1.0
    assert difference(np.array([0], np.uint8), np.array([255], np.uint8)) == 255.0
    assert difference(np.float32([]), np.float32([])) == 0.0
    assert largest(np.array([-3, 2])) == 3.0 and largest(np.float32([np.inf, -2, np.nan])) == 2.0
    assert largest(np.float32([np.nan])) == 0.0 and largest(np.array([True])) == 1.0


def test_the_worst_of_several_results_counts() -> None:
    class Two(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x, x * 100

    x = torch.tensor([[1.0]])
    assert compare(Session([[1.0]], [[100.0005]]), Two(), [x], 1e-5, "here") == pytest.approx(5e-4, rel=0.05)
