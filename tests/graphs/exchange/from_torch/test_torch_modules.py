"""Modules of a person's own come in, compute the same at other batch sizes, and keep their names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from graphs.building.build import Built, build
from graphs.exchange.from_torch import read_module, read_program
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_torch.torch_nets import NETS


def built(found: Imported) -> Built:
    """The network that came in, with its weights; every name of them must be there."""
    catalogue = standard().copy()
    catalogue.know(found.network)
    made = build(found.network, catalogue, seed=1)
    assert made.module.state_dict().keys() == found.weights.keys()
    made.module.load_state_dict(dict(found.weights))
    made.module.eval()
    return made


def difference(module: nn.Module, made: Built, inputs: tuple[Tensor, ...]) -> float:
    """The largest difference of any result, relative where it is larger than 1."""
    with torch.no_grad():
        wanted, got = torch.utils._pytree.tree_leaves(module(*inputs)), made.module(*inputs)
    got = got if isinstance(got, tuple) else (got,)
    assert len(wanted) == len(got)
    return max(float(((a - b).abs() / a.abs().clamp(min=1)).max()) for a, b in zip(wanted, got, strict=True))


@pytest.mark.parametrize("name", NETS)
def test_a_module_comes_in_and_computes_the_same_at_any_batch_size(name: str) -> None:
    make, inputs, operations = NETS[name]
    torch.manual_seed(0)
    module = make().eval()
    found = read_module(module, inputs(2))
    made = built(found)
    for batch in (1, 5):
        assert difference(module, made, inputs(batch)) <= 1e-6
    assert found.operations.total() <= operations, found.operations


@pytest.mark.parametrize("name", ["residual", "shared", "attentive", "head"])
def test_a_file_says_the_same_as_the_module(name: str, tmp_path: Path) -> None:
    """Exported as most people do it: no word of sizes, with the batch that was at hand."""
    make, inputs, operations = NETS[name]
    torch.manual_seed(0)
    module = make().eval()
    torch.export.save(torch.export.export(module, inputs(2)), tmp_path / "net.pt2")
    found = read_program(tmp_path / "net.pt2")
    made = built(found)
    for batch in (1, 5):
        assert difference(module, made, inputs(batch)) <= 1e-6
    assert found.operations.total() <= operations, found.operations
