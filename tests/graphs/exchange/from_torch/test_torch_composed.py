"""Modules that look like a layer and are not quite it come in as what they compute, and modes of training are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from graphs.exchange.from_torch import read_module
from graphs.exchange.from_torch.verifying import Verifier
from tests.graphs.exchange.from_torch.test_torch_modules import built, difference

KINDS = {"MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer"}


def squared(x: Tensor) -> Tensor:
    return functional.relu(x) ** 2


class Attending(nn.Module):
    """Attention of two values in some order."""

    def __init__(self, order: str, **more: bool) -> None:
        super().__init__()
        self.order = order
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True, **more)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        given = [{"x": x, "y": y}[letter] for letter in self.order]
        return self.attention(*given, need_weights=False)[0] + 0 * y.mean()


class Encoding(nn.Module):
    """One layer of a transformer, for two inputs."""

    def __init__(self, layer: nn.Module, changed: Callable[[nn.Module], object] = lambda layer: None) -> None:
        super().__init__()
        self.layer = layer
        changed(layer)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.layer(x, y) if isinstance(self.layer, nn.TransformerDecoderLayer) else self.layer(x) + y


def encoder(**more: object) -> nn.Module:
    return nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, **more)  # type: ignore[arg-type]


CASES: dict[str, tuple[Callable[[], nn.Module], bool]] = {
    "an activation of its own": (lambda: Encoding(encoder(activation=squared)), False),
    "its own in a decoder": (
        lambda: Encoding(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True, activation=squared)),
        False,
    ),
    "another eps in one norm": (lambda: Encoding(encoder(), lambda layer: setattr(layer.norm2, "eps", 0.1)), False),
    "as it is": (lambda: Encoding(encoder(activation="gelu", norm_first=True)), True),
    "a zero to attend to": (lambda: Attending("xyy", add_zero_attn=True), False),
    **{order: (lambda order=order: Attending(order), True) for order in ("xyy", "xyx", "xxy", "yxx", "yxy")},
}


@pytest.mark.parametrize("name", CASES)
def test_what_looks_like_a_layer_computes_what_it_did(name: str) -> None:
    make, whole = CASES[name]
    torch.manual_seed(0)
    module = make().eval()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    found = read_module(module, (torch.randn(2, 5, 8), torch.randn(2, 5, 8)))
    made = built(found)
    for batch in (1, 3):
        assert difference(module, made, (torch.randn(batch, 5, 8), torch.randn(batch, 5, 8))) <= 1e-5
    kinds = {node.kind for node in found.network.nodes.values()}
    kinds |= {node.kind for block in found.network.blocks.values() for node in block.network.nodes.values()}
    outer = "TransformerEncoderLayer" if isinstance(module, Encoding) else "MultiheadAttention"
    assert (outer in kinds) is whole


def test_layers_of_one_build_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[str]()
    compare = Verifier._compare
    monkeypatch.setattr(Verifier, "_compare", lambda self, match, calls: seen.append("") or compare(self, match, calls))
    stack = nn.TransformerEncoder(encoder(), 4, enable_nested_tensor=False).eval()
    found = read_module(stack, (torch.randn(2, 5, 8),))
    assert len(seen) <= 2  # the first may work out sizes that the others take
    assert difference(stack, built(found), (torch.randn(3, 5, 8),)) <= 1e-5


def test_dropout_that_is_always_on_is_told_of() -> None:
    class Always(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return functional.dropout(x, 0.5, training=True)

    found = read_module(Always().eval(), (torch.randn(2, 4),))
    assert any("as in training" in note for note in found.notes)
    assert not read_module(nn.Dropout(0.5).eval(), (torch.randn(2, 4),)).notes


def test_normalisation_without_statistics_always_follows_its_batch() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3, track_running_stats=False), nn.ReLU()).eval()
    found = read_module(module, (torch.randn(2, 2, 4, 4),))
    assert not found.notes
    assert difference(module, built(found), (torch.randn(5, 2, 4, 4),)) <= 1e-6


def test_what_was_used_without_gradients_is_told_of() -> None:
    class Still(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.below, self.above = nn.Linear(4, 4), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                x = self.below(x)
            return self.above(x)

    module = Still().eval()
    found = read_module(module, (torch.randn(2, 4),))
    assert any("without gradients" in note for note in found.notes)
    assert difference(module, built(found), (torch.randn(3, 4),)) <= 1e-6
