"""What came in from PyTorch is a network as any other: it trains, is written as source and as ONNX, and comes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.architectures import find
from graphs.building.build import Built, build
from graphs.building.source import write_source
from graphs.exchange.from_torch import read_module
from graphs.exchange.imported import Imported
from graphs.exchange.to_onnx.export import export_onnx
from graphs.files.storage import dumps, loads
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from tests.graphs.exchange.from_torch.torch_nets import NETS


def come_in(name: str) -> tuple[nn.Module, Imported]:
    make, inputs, _ = NETS[name]
    torch.manual_seed(0)
    module = make().eval()
    return module, read_module(module, inputs(2))


def knowing(network: Network) -> Catalogue:
    catalogue = standard().copy()
    catalogue.know(network)
    return catalogue


def filled(found: Imported) -> Built:
    made = build(found.network, knowing(found.network), seed=1)
    made.module.load_state_dict(dict(found.weights))
    return made


def several(value: Any) -> tuple[Tensor, ...]:
    return tuple(torch.utils._pytree.tree_leaves(value))


def source(network: Network) -> nn.Module:
    """The module that our own source of a network defines."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(write_source(network, knowing(network)), "generated.py", "exec"), scope)
    made: nn.Module = scope["Network"]()
    return made


@pytest.mark.parametrize("name", ["functional", "residual"])
def test_it_is_kept_trained_written_and_exported(name: str, tmp_path: Path) -> None:
    _, found = come_in(name)
    inputs = NETS[name][1](4)
    assert loads(dumps(found.network)) == found.network
    made = filled(found)
    optimiser = torch.optim.SGD(made.module.parameters(), 0.1)
    before = {key: value.clone() for key, value in made.module.named_parameters()}
    sum(out.square().mean() for out in several(made.module.train()(*inputs))).backward()
    optimiser.step()
    weights = {key: value for key, value in made.module.named_parameters() if key.endswith("weight")}
    assert all(not torch.equal(value, before[key]) for key, value in weights.items())  # a bias may do nothing
    made.module.load_state_dict(dict(found.weights))
    written = source(found.network)
    written.load_state_dict(dict(found.weights))
    with torch.no_grad():
        torch.testing.assert_close(written.eval()(*inputs), made.module.eval()(*inputs), rtol=0, atol=0)
    report = export_onnx(made, tmp_path / "net.onnx", samples=inputs[0])
    assert report.checked and max(report.differences.values()) <= 1e-5


def test_modules_of_its_own_become_blocks_that_share_their_definition() -> None:
    _, found = come_in("residual")
    titles = {block.title for block in found.network.blocks.values()}
    assert {"Basic", "Stem"} <= titles
    assert [node.id for node in found.network.nodes.values() if node.block] == ["stem", "layer1", "layer2"]
    inner = next(b for b in found.network.blocks.values() if b.title == "Layer")
    assert [node.kind for node in inner.network.nodes.values() if node.block] == [
        "block-basic_with_downsample",
        "block-basic",
    ]


def test_what_is_shared_stays_shared() -> None:
    _, found = come_in("shared")
    made = filled(found)
    count = sum(parameter.numel() for parameter in made.module.parameters())
    assert count == 6 * 8 + 8 + 8 * 6 + 6 + 9 * 6
    assert len(found.network.settings["ties"]) == 3


def test_gradients_and_buffers_of_a_network_that_trains() -> None:
    """Dropout drops and batch normalisation follows the batch, though it was read while it did neither."""
    module, found = come_in("cnn")
    made = filled(found)
    x = NETS["cnn"][1](8)[0]
    made.module.train()
    torch.manual_seed(1)
    first = made.module(x)
    torch.manual_seed(2)
    assert not torch.equal(first, made.module(x))
    with torch.no_grad():
        torch.testing.assert_close(made.module.eval()(x), module(x), rtol=0, atol=0)


@pytest.mark.parametrize(("variant", "fields"), [("resnet18", {"height": 64, "width": 64}), ("gpt", {"length": 16})])
def test_our_own_source_comes_back_as_layers(variant: str, fields: dict[str, int]) -> None:
    kind, name = find(variant)
    known = {key: value for key, value in fields.items() if key in kind.model_fields}
    network = kind(**({"variant": name} if name else {}), **known).network()
    torch.manual_seed(0)
    module = source(network).eval()
    feed = next(node for node in network.nodes.values() if node.kind.endswith("Input"))
    shape = standard().layer(feed).feeds()
    assert shape is not None

    def inputs(batch: int) -> Tensor:
        dims = (batch, *shape.dims)
        return torch.randint(shape.values, dims) if shape.dtype == "int64" else torch.randn(dims)

    found = read_module(module, (inputs(2),))
    assert not found.operations and not found.notes
    made = filled(found)
    assert made.module.state_dict().keys() == module.state_dict().keys()
    with torch.no_grad():
        x = inputs(3)
        torch.testing.assert_close(made.module.eval()(x), module(x), rtol=0, atol=1e-6)
