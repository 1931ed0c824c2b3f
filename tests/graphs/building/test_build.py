"""A build is an fx graph with a fresh module per node, the same for a seed, and leaves torch's randomness alone."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import fx, nn

from graphs.building.build import BuildError, build, module_names
from graphs.edits import Rename
from graphs.layers.base import Shape
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire

CATALOGUE = standard()


def wire(source: str, target: str, port: str = "in") -> Wire:
    return Wire(End(source, "out"), End(target, port))


def chain(*layers: tuple[str, str, dict[str, Any]]) -> Network:
    nodes = [Node(i, kind, fields=f) for i, kind, f in layers]
    return Network.of(nodes, [wire(a.id, b.id) for a, b in pairwise(nodes)])


SMALL = chain(
    ("image", "ImageInput", {"height": 8, "width": 8}),
    ("conv", "Conv2d", {"out_channels": 3}),
    ("norm", "BatchNorm2d", {}),
    ("relu", "ReLU", {}),
    ("drop", "Dropout", {}),
    ("flatten", "Flatten", {}),
    ("fc", "Linear", {"out_features": 4}),
    ("output", "Output", {}),
)


def test_one_fresh_module_per_node_named_as_the_node() -> None:
    made = build(SMALL, CATALOGUE)
    assert isinstance(made.module, fx.GraphModule) and made.module.training
    kinds = [(name, type(module)) for name, module in made.module.named_children()]
    assert kinds == [
        ("conv", nn.Conv2d),
        ("norm", nn.BatchNorm2d),
        ("relu", nn.ReLU),
        ("drop", nn.Dropout),
        ("flatten", nn.Flatten),
        ("fc", nn.Linear),
    ]
    assert made.inputs == ("image",) and made.outputs == ("output",) and made.shapes == (Shape((1, 8, 8)),)
    assert made.names == {n: n for n in SMALL.nodes if n != "output"}
    assert made.module(*made.example(5)).shape == (5, 4)
    calls = [node for node in made.module.graph.nodes if node.op == "call_module"]
    assert [node.name for node in calls] == [node.target for node in calls]


def test_a_seed_gives_pytorchs_own_numbers() -> None:
    made = build(SMALL, CATALOGUE, seed=7)
    torch.manual_seed(7)
    conv, fc = nn.Conv2d(1, 3, 3), nn.Linear(108, 4)
    for own, theirs in ((made.module.conv, conv), (made.module.fc, fc)):
        assert isinstance(own, nn.Module)
        for a, b in zip(own.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(a, b)


def test_seeds_differ_and_repeat() -> None:
    first, again, other = (build(SMALL, CATALOGUE, seed=s).module.state_dict() for s in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv.weight"], other["conv.weight"])
    free = [build(SMALL, CATALOGUE).module.state_dict()["fc.weight"] for _ in range(2)]
    assert not torch.equal(*free)


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("initialise", ["default", "he_normal", "xavier_uniform", "orthogonal"])
def test_torchs_generator_is_left_alone(seed: int | None, initialise: str) -> None:
    layers = [
        ("start", "SequenceInput", {"length": 5, "features": 4}),
        ("lstm", "LSTM", {"bidirectional": True}),
        ("fc", "Linear", {"initialise": initialise}),
        ("act", "PReLU", {}),
        ("output", "Output", {}),
    ]
    before = torch.get_rng_state()
    build(chain(*layers), CATALOGUE, seed=seed)
    assert torch.equal(before, torch.get_rng_state())


def test_a_thread_that_draws_meanwhile_gets_its_own_numbers() -> None:
    """A build while training runs (a view opens) does not disturb the training's dropout."""
    torch.manual_seed(5)
    wanted = [torch.rand(3) for _ in range(200)]
    torch.manual_seed(5)
    drawn: list[torch.Tensor] = []
    thread = threading.Thread(target=lambda: drawn.extend(torch.rand(3) for _ in range(200)))
    thread.start()
    for _ in range(5):
        build(SMALL, CATALOGUE, seed=1)
    thread.join()
    assert all(torch.equal(a, b) for a, b in zip(wanted, drawn, strict=True))


@pytest.mark.parametrize(
    ("initialise", "spread"),
    [("he_normal", (2 / 400) ** 0.5), ("he_uniform", (2 / 400) ** 0.5), ("xavier_normal", (2 / 900) ** 0.5)],
)
def test_weights_begin_as_chosen(initialise: str, spread: float) -> None:
    net = chain(
        ("v", "VectorInput", {"features": 400}),
        ("fc", "Linear", {"out_features": 500, "initialise": initialise}),
        ("output", "Output", {}),
    )
    weight = build(net, CATALOGUE, seed=0).module.state_dict()["fc.weight"]
    assert float(weight.std()) == pytest.approx(spread, rel=0.02)


def test_several_inputs_and_outputs() -> None:
    nodes = [
        Node("words", "TokensInput", fields={"length": 5, "vocabulary": 9}),
        Node("table", "VectorInput", fields={"features": 6}),
        Node("lookup", "Embedding", fields={"num_embeddings": 9, "embedding_dim": 6}),
        Node("read", "GRU", fields={"hidden_size": 6}),
        Node("both", "Bilinear", fields={"out_features": 2}),
        Node("sum", "Add"),
        Node("first", "Output"),
        Node("second", "Output"),
    ]
    wires = [
        wire("words", "lookup"),
        wire("lookup", "read"),
        wire("read", "both", "a"),
        wire("table", "both", "b"),
        wire("read", "sum", "a"),
        wire("table", "sum", "b"),
        wire("both", "first"),
        wire("sum", "second"),
    ]
    made = build(Network.of(nodes, wires), CATALOGUE, seed=0)
    assert made.inputs == ("table", "words") and made.outputs == ("first", "second")
    first, second = made.module(*made.example(3))
    assert first.shape == (3, 2) and second.shape == (3, 6)


def test_what_no_output_uses_is_left_out() -> None:
    net = Network.of(
        [*SMALL.nodes.values(), Node("spare", "Linear")], [*SMALL.wires.values(), wire("flatten", "spare")]
    )
    made = build(net, CATALOGUE)
    assert "spare" not in made.names and not hasattr(made.module, "spare")


def test_a_network_with_problems_is_not_built() -> None:
    net = chain(("image", "ImageInput", {}), ("fc", "Linear", {}), ("output", "Output", {}))
    with pytest.raises(BuildError, match="fc: Linear takes a row of numbers") as caught:
        build(net, CATALOGUE)
    assert caught.value.problems[0].fixes


def test_weights_that_no_memory_holds_are_a_build_error() -> None:
    fields = {"out_features": 1_000_000}
    net = chain(("v", "VectorInput", {"features": 1_000_000}), ("fc", "Linear", fields), ("output", "Output", {}))
    with pytest.raises(BuildError, match="fc: It would have 1,000,001,000,000 parameters"):
        build(net, CATALOGUE)


def test_names_are_identifiers_and_unique() -> None:
    titles = ["My conv", "my-conv", "3rd", "lambda", "train", "graph", "Größe", "層", "weights.1", "self", "", "__y__"]
    nodes = [Node(f"n{i}", "ReLU", name=title) for i, title in enumerate(titles)]
    names = module_names(Network.of(nodes, []))
    expected = [
        "my_conv",
        "my_conv_2",
        "_3rd",
        "_lambda",
        "train_2",
        "graph_2",
        "groe",
        "n7",
        "weights_1",
        "self_2",
        "n10",
        "y",
    ]
    assert list(names.values()) == expected
    assert all(name.isidentifier() for name in names.values())


def test_no_name_hides_an_attribute_of_modules() -> None:
    attributes = [name for name in dir(fx.GraphModule(nn.Module(), fx.Graph())) if name == name.lower()]
    nodes = [Node(f"n{i}", "ReLU", name=name) for i, name in enumerate(attributes)]
    assert not set(module_names(Network.of(nodes, [])).values()) & set(attributes)


def test_long_and_equal_names() -> None:
    """Long ones are cut, thousands of equal ones take no time."""
    nodes = [Node(f"n{i}", "ReLU", name="x" * 200) for i in range(5000)] + [Node("n7000", "ReLU", name="relu_2")]
    nodes += [Node(f"n{i}", "ReLU", name="relu") for i in range(7001, 7004)]
    names = module_names(Network.of(nodes, []))
    assert len(set(names.values())) == len(nodes) and max(map(len, names.values())) < 100
    assert [names[f"n{i}"] for i in range(7000, 7004)] == ["relu_2", "relu", "relu_3", "relu_4"]


@pytest.mark.parametrize("title", ["input", "output", "torch", "self", "forward", "class", "image"])
def test_any_title_can_be_built(title: str) -> None:
    net = SMALL
    for node in ("image", "conv", "relu"):
        net = Rename(node, title).apply(net)[0]
    made = build(net, CATALOGUE)
    assert made.module(*made.example(2)).shape == (2, 4)
    assert set(dict(made.module.named_children())) == {made.names[n] for n in made.names if n not in made.inputs}
