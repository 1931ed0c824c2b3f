"""Blocks that differ in numbers alone become one, which its uses tell these numbers; all else stays as it was."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.building.build import build
from graphs.layers.catalogue import standard
from graphs.meaning.flat import flatten
from graphs.network import End, Network, Node, Wire
from graphs.reuse.folding import fold, folded
from graphs.reuse.merging import MOST
from tests.graphs.reuse.test_folding import Paths, check, scrambled

Step = tuple[str, str, dict[str, object]]


def row(*steps: Step) -> tuple[Network, Paths]:
    """Layers in a row, each with its path, its kind and its fields."""
    nodes = [Node("x", "ImageInput", fields={"channels": 4, "height": 16, "width": 16})]
    nodes += [Node(f"n{number}", kind, fields=fields) for number, (_, kind, fields) in enumerate(steps)]
    nodes.append(Node("y", "Output"))
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    return Network.of(nodes, wires), {f"n{i}": tuple(path.split(".")) for i, (path, _, _) in enumerate(steps)}


def conv(path: str, channels: int, kernel: int = 3, **fields: object) -> Step:
    return path, "Conv2d", {"out_channels": channels, "kernel_size": [kernel, kernel], **fields}


def uses(network: Network) -> dict[str, dict[str, object]]:
    return {id: dict(node.fields) for id, node in network.nodes.items() if node.block}


def parameters(network: Network) -> dict[str, dict[str, object]]:
    return {block.title: dict(block.parameters) for block in network.blocks.values()}


def test_a_residual_network_is_a_handful_of_blocks() -> None:
    plain, paths = scrambled("resnet18")
    titles = {("layer1", "0"): "BasicBlock", ("layer1", "1"): "BasicBlock"}
    titles |= {(f"layer{n}", "1"): "BasicBlock" for n in (2, 3, 4)} | {
        (f"layer{n}", "0"): "BasicBlock" for n in (2, 3, 4)
    }
    network = check(plain, paths)
    assert len(network.blocks) <= 5
    network = fold(plain, paths, titles)
    assert parameters(network) == {
        "BasicBlock": {"channels": 64},
        "BasicBlock with downsample": {"channels": 128},
        "Downsample": {"channels": 128},
        "Layer": {"channels": 128},
    }
    assert uses(network) == {
        "layer1": {"repeat": 2},
        "layer2": {},
        "layer3": {"channels": 256},
        "layer4": {"channels": 512},
    }


@pytest.mark.parametrize(
    ("name", "most"), [("resnet50", 6), ("efficientnet_b0", 16), ("vit_b_16", 6), ("squeezenet", 3)]
)
def test_published_networks_are_few_blocks(name: str, most: int) -> None:
    assert len(check(*scrambled(name)).blocks) <= most


def test_numbers_that_follow_from_others_are_no_parameters() -> None:
    first = [conv("a.one", 8, 3, padding=1), conv("a.two", 16, 1)]
    plain, paths = row(*first, conv("b.one", 12, 5, padding=2), conv("b.two", 24, 1))
    network = fold(plain, paths, {("a",): "Unit", ("b",): "Unit"})
    assert parameters(network) == {"Unit": {"channels": 8, "kernel": 3}}
    one, two = (network.blocks["unit"].network.nodes[id].fields for id in ("one", "two"))
    assert (one["kernel_size"], one["padding"], two["out_channels"]) == ("=kernel", "=kernel//2", "=channels*2")
    assert uses(network) == {"a": {}, "b": {"channels": 12, "kernel": 5}}


def test_names_come_from_fields_and_from_nodes() -> None:
    two = [conv("a.one", 8), conv("a.two", 9), conv("b.one", 12), conv("b.two", 8)]
    plain, paths = row(*two)
    named = {("a",): "Unit", ("b",): "Unit"}
    assert parameters(fold(plain, paths, named)) == {"Unit": {"hidden": 8, "channels": 9}}
    three = [
        conv(f"{p}.{n}", c) for p, cs in (("a", (4, 5, 6)), ("b", (9, 7, 8))) for n, c in zip("xyz", cs, strict=True)
    ]
    assert parameters(fold(*row(*three), named)) == {"Unit": {"x_channels": 4, "y_channels": 5, "channels": 6}}


def test_a_name_of_the_design_is_left_alone() -> None:
    plain, paths = row(conv("a.one", 8), conv("b.one", 9))
    plain = Network(plain.nodes, plain.wires, {"hyperparameters": {"channels": 3}})
    assert parameters(fold(plain, paths, {("a",): "Unit", ("b",): "Unit"})) == {"Unit": {"channels_2": 8}}


def test_what_differs_in_too_many_numbers_stays_apart() -> None:
    count = MOST + 1
    steps = [conv(f"{p}.c{n}", n + 1 if p == "a" else 40 - (n * n) % 31) for p in "ab" for n in range(count)]
    network = fold(*row(*steps), {("a",): "Unit", ("b",): "Unit"})
    assert parameters(network) == {"Unit": {}, "Unit 2": {}}


def test_a_row_of_the_same_is_a_repeat_under_the_same_names() -> None:
    steps = [
        (f"blocks.{n}.{part}", kind, {}) for n in range(4) for part, kind in (("norm", "BatchNorm2d"), ("act", "ReLU"))
    ]
    plain, paths = row(*steps)
    network = check(plain, paths)
    assert uses(network) == {"blocks": {"repeat": 4}} and len(network.blocks) == 1
    state = build(network, standard(), seed=0).module.state_dict()
    assert "blocks.3.norm.weight" in state and "blocks.0.norm.running_mean" in state


def test_rows_of_different_length_are_one_block_with_its_depth() -> None:
    steps = [
        (f"{stage}.blocks.{n}.{part}", kind, {})
        for stage, depth in (("s1", 2), ("s2", 3))
        for n in range(depth)
        for part, kind in (("norm", "BatchNorm2d"), ("act", "ReLU"))
    ]
    plain, paths = row(*[conv("s1.conv", 8), *steps[:4], conv("s2.conv", 8), *steps[4:]])
    network = check(plain, paths)
    assert uses(network) == {"s1": {}, "s2": {"depth": 3}}


def test_what_the_design_had_already_stays() -> None:
    plain, paths = row(conv("a.one", 8), conv("b.one", 9))
    old = fold(plain, paths)
    again = fold(Network(plain.nodes, plain.wires, {}, old.blocks), paths)
    assert all(again.blocks[key] == block for key, block in old.blocks.items()) and len(again.blocks) == 4


@st.composite
def _rows(draw: st.DrawFn) -> tuple[Network, Paths]:
    sizes, kernels = st.sampled_from([4, 8, 12, 16]), st.sampled_from([1, 3, 5])
    steps = []
    for _ in range(draw(st.integers(1, 5))):
        stage, inner = draw(st.sampled_from(["a", "b.0", "b.1", "c.0.x", "c.1.x", "d"])), draw(st.integers(1, 3))
        for number in range(inner):
            kernel = draw(kernels)
            more = {"padding": draw(st.sampled_from([0, kernel // 2, 1]))} if draw(st.booleans()) else {}
            steps.append(conv(f"{stage}.{number}", draw(sizes), kernel, **more))
    return row(*steps)


@settings(max_examples=100, deadline=None)
@given(_rows(), st.sampled_from(["", "Unit"]))
def test_any_network_stays_what_it_is(drawn: tuple[Network, Paths], title: str) -> None:
    plain, paths = drawn
    check(plain, paths)
    titles = {path[:depth]: title for path in paths.values() for depth in range(1, len(path))} if title else {}
    found = folded(plain, paths, titles)
    flat = flatten(found.network, standard())
    assert not flat.faults and flat.network.nodes.keys() == set(found.places.values())
    for id, place in found.places.items():
        kind = standard().kinds[plain.nodes[id].kind]
        assert kind.model_validate(plain.nodes[id].fields) == kind.model_validate(flat.network.nodes[place].fields)
