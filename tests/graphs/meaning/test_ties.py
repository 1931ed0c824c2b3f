"""Layers that share their weights: wherever a design goes, they are one and the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from graphs.building.build import BuildError, Built, build
from graphs.building.source import write_source
from graphs.document import Document
from graphs.edits import EditError, InBlock, RemoveNodes, Rename, SetFields, SetSetting
from graphs.exchange.from_onnx.ours import open_onnx
from graphs.exchange.to_onnx.export import export_onnx
from graphs.files.storage import digest, dumps, load_weights, loads, save_weights
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.meaning.ties import MOST, ShareWeights, groups, root, roots, ties_of
from graphs.network import Network
from graphs.reuse.blocks import make_block, unpack
from tests.graphs.meaning.tied import DESIGNS, language_model, memories, repeats, twin_blocks, twins, with_bias

every = pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.__name__)
Design = Callable[[], Network]


def catalogue(network: Network) -> Catalogue:
    known = Catalogue(standard().kinds.values())
    known.know(network)
    return known


def made(network: Network, seed: int = 0) -> Built:
    return build(network, catalogue(network), seed=seed)


def samples(built: Built, batch: int = 3) -> tuple[Tensor, ...]:
    """Random input for a network."""
    torch.manual_seed(5)
    return tuple(
        torch.rand(batch, *s.dims) if s.dtype == "float32" else torch.randint(0, 11, (batch, *s.dims))
        for s in built.shapes
    )


def written(network: Network) -> nn.Module:
    """The network as its own source makes it."""
    scope: dict[str, Any] = {"__name__": "written"}
    exec(write_source(network, catalogue(network)), scope)
    found = scope["Network"]()
    assert isinstance(found, nn.Module)
    return found


def together(module: nn.Module) -> set[frozenset[str]]:
    """The names of parameters that are one and the same."""
    named: dict[int, set[str]] = {}
    for name, weight in module.named_parameters(remove_duplicate=False):
        named.setdefault(id(weight), set()).add(name)
    return {frozenset(names) for names in named.values() if len(names) > 1}


def learned(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def trained(module: nn.Module, inputs: tuple[Tensor, ...]) -> nn.Module:
    """The module after two steps."""
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(2):
        optimiser.zero_grad()
        module(*inputs).square().mean().backward()
        optimiser.step()
    return module


@every
def test_the_build_shares_the_very_parameters(design: Design) -> None:
    network = design()
    built, known = made(network), Inference(catalogue(network)).analyse(network)
    for follower, source in ties_of(network.settings).items():
        own, theirs = (built.module.get_submodule(built.names[id]) for id in (follower, source))
        assert own is not theirs
        assert own.weight is theirs.weight if hasattr(own, "weight") else own.weight_hh_l0 is theirs.weight_hh_l0
    assert known.parameters == learned(built.module) == sum(facts.parameters for facts in known.facts.values())
    free = made(Network(network.nodes, network.wires, {}, network.blocks))
    assert learned(built.module) < learned(free.module)
    assert built.module.state_dict().keys() == free.module.state_dict().keys()


@every
def test_the_source_shares_them_too_and_computes_the_same(design: Design) -> None:
    built = made(design())
    found = written(design())
    assert together(found) == together(built.module)
    found.load_state_dict(built.module.state_dict())
    inputs = samples(built)
    assert torch.allclose(found(*inputs), built.module(*inputs), atol=1e-6)
    trained(built.module, inputs), trained(found, inputs)
    for name, tensor in built.module.state_dict().items():
        assert torch.allclose(found.state_dict()[name], tensor, atol=1e-5), name


@every
def test_they_stay_together_in_copies_and_other_types(design: Design) -> None:
    built = made(design())
    inputs = samples(built)
    moved = copy.deepcopy(built.module).double()
    assert together(moved) == together(built.module)
    trained(moved, tuple(x.double() if x.is_floating_point() else x for x in inputs))
    for names in together(built.module):
        first, *others = (moved.get_parameter(name) for name in sorted(names))
        assert all(torch.equal(first, other) for other in others)
    before, after = built.module.state_dict(), copy.deepcopy(built.module)
    trained(after, inputs)
    after.load_state_dict(before)
    assert together(after) == together(built.module)


@every
def test_files_keep_them(design: Design, tmp_path: Path) -> None:
    network, built = design(), made(design())
    trained(built.module, samples(built))
    assert loads(dumps(network)).settings["ties"] == network.settings["ties"]
    assert digest(network) != digest(Network(network.nodes, network.wires, {}, network.blocks))
    save_weights(tmp_path / "a.safetensors", built.module.state_dict())
    state, _ = load_weights(tmp_path / "a.safetensors", built.module.state_dict())
    again = made(network, seed=1)
    again.module.load_state_dict(state)
    assert torch.equal(again.module.eval()(*samples(built)), built.module.eval()(*samples(built)))


@every
def test_onnx_holds_them_once_and_gives_them_back(design: Design, tmp_path: Path) -> None:
    import onnx

    network, built = design(), made(design())
    trained(built.module, samples(built)).eval()
    export_onnx(built, tmp_path / "a.onnx", samples=samples(built))
    opened, state = open_onnx(tmp_path / "a.onnx")
    assert opened == network
    assert all(torch.equal(state[name], tensor) for name, tensor in built.module.state_dict().items())
    graph = onnx.load(tmp_path / "a.onnx").graph
    kept = [t for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    buffers = {id(b): b.numel() for b in built.module.buffers() if b.is_floating_point()}
    numbers = sum(onnx.numpy_helper.to_array(tensor).size for tensor in kept)
    if design is not memories:  # whose weights stand in another order in ONNX, once for each layer
        assert numbers <= learned(built.module) + sum(buffers.values()) + 8


def test_normalisation_that_is_alike_in_all_has_one_memory() -> None:
    built = made(twins())
    built.module.to("meta").to_empty(device="cpu")
    found = written(twins())
    for module in (built.module, found):
        module.norm_left.running_mean.fill_(3.0)
        assert module.norm_right.running_mean is module.norm_left.running_mean


# Edits


def unshared(network: Network) -> int:
    """How many numbers a network learns."""
    return Inference(catalogue(network)).analyse(network).parameters


def test_sharing_is_an_edit_that_can_be_taken_back() -> None:
    document = Document(Network(language_model().nodes, language_model().wires))
    before = unshared(document.network)
    document.apply(ShareWeights("head", "wte"))
    assert unshared(document.network) == before - 12_000
    document.apply(Rename("wte", "My table"))
    assert unshared(document.network) == before - 12_000
    document.apply(ShareWeights("head", None))
    assert unshared(document.network) == before
    document.undo(), document.undo(), document.undo()
    assert unshared(document.network) == before and "ties" not in document.network.settings
    with pytest.raises(EditError, match="already"):
        ShareWeights("first", "third").apply(with_bias())


@pytest.mark.parametrize("gone", ["first", "second", "third"])
def test_what_goes_takes_its_ties_along_and_the_others_stay_together(gone: str) -> None:
    document = Document(with_bias())
    document.apply(RemoveNodes((gone,)))
    left = {"first", "second", "third"} - {gone}
    ties = ties_of(document.network.settings)
    assert {*ties, *ties.values()} == left
    document.undo()
    assert document.network == with_bias()


def test_a_layer_removed_inside_a_block_takes_its_ties_along() -> None:
    for design, block, id in ((twin_blocks, "seen", "0"), (repeats, "step", "fc")):
        after, back = InBlock(block, RemoveNodes((id,))).apply(design())
        assert not ties_of(after.settings)
        assert back.apply(after)[0] == design()


def test_a_new_layer_of_the_same_id_shares_nothing() -> None:
    after, _ = RemoveNodes(("head",)).apply(language_model())
    assert not ties_of(after.settings)


@pytest.mark.parametrize(("design", "ids"), [(twins, ["conv_left"]), (with_bias, ["second", "third"])])
def test_what_becomes_a_block_keeps_its_ties(design: Design, ids: list[str]) -> None:
    network = design()
    after, back = make_block(network, ids, catalogue(network), "Part").apply(network)
    assert unshared(after) == unshared(network)
    assert not Inference(catalogue(after)).analyse(after).problems
    assert back.apply(after)[0] == network


@pytest.mark.parametrize(("design", "use"), [(twin_blocks, "see_a"), (twin_blocks, "see_b"), (repeats, "h")])
def test_what_is_unpacked_keeps_its_ties(design: Design, use: str) -> None:
    network = design()
    after, back = unpack(network, use, catalogue(network)).apply(network)
    assert unshared(after) == unshared(network)
    assert back.apply(after)[0] == network


# Problems


def problems(network: Network) -> list[str]:
    return [problem.message for problem in Inference(catalogue(network)).analyse(network).problems]


def test_shapes_that_differ_are_told_and_mended() -> None:
    network = SetFields("head", {"out_features": 9}).apply(language_model())[0]
    (problem,) = Inference(catalogue(network)).analyse(network).problems
    assert problem.node == "head" and (problem.expected, problem.received) == ("3000 × 4", "9 × 4")
    with pytest.raises(BuildError):
        made(network)
    for fix in problem.fixes:
        assert not problems(fix.edit.apply(network)[0])


@pytest.mark.parametrize(
    ("ties", "told"),
    [
        ({"head": "ln"}, "another shape|none"),
        ({"ln": "text"}, "none"),
        ({"head": "wte", "wte": "head"}, "circle"),
        ({"head": "nobody"}, "not there"),
    ],
)
def test_what_cannot_be_shared_is_told_and_mended(ties: dict[str, str], told: str) -> None:
    import re

    network = SetSetting("ties", ties).apply(language_model())[0]
    found = Inference(catalogue(network)).analyse(network).problems
    assert found and all(re.search(told, problem.message) for problem in found)
    for problem in found:
        network = problem.fixes[0].edit.apply(network)[0]
    assert not problems(network)


@pytest.mark.parametrize("strange", [3, [], {"a": 1}, {"head": "head"}, {"x/y/z": "wte"}, {"head": ["wte"]}, "ties"])
def test_a_strange_section_says_nothing(strange: Any) -> None:
    network = SetSetting("ties", strange).apply(language_model())[0]
    assert not problems(network) and learned(made(network).module) == 24_008


def test_an_analysis_follows_the_edits() -> None:
    network = language_model()
    inference = Inference(catalogue(network))
    known = inference.analyse(network)
    for edit in (ShareWeights("head", None), ShareWeights("head", "wte"), SetFields("wte", {"embedding_dim": 5})):
        network = edit.apply(network)[0]
        known = inference.analyse(network, known)
        assert known == Inference(catalogue(network)).analyse(network)
    assert known.facts["head"].shared == 15_000


def test_long_rows_of_layers_are_walked_once() -> None:
    """Every layer follows the one before it: each is looked up once, not once for every one behind it."""

    class Counted(dict[str, str]):
        asked = 0

        def __getitem__(self, key: str) -> str:
            self.asked += 1
            return super().__getitem__(key)

    ties = Counted({str(i + 1): str(i) for i in range(2000)} | {"a": "b", "b": "a", "c": "a"})
    found = roots(ties)
    assert ties.asked <= len(ties)
    assert {found.pop(id) for id in "abc"} == {None} and {*found.values()} == {"0"}
    assert groups(ties)["0"] and len(ties_of({"ties": {str(i): "x" for i in range(MOST + 5)}})) == MOST


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefgh")))
def test_the_ends_of_all_rows_are_those_of_each(pairs: dict[str, str]) -> None:
    ties = ties_of({"ties": pairs})
    assert roots(ties) == {id: root(ties, id) for id in ties}
