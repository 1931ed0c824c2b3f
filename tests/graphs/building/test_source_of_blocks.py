"""Source code of networks with blocks: a class for each, the same weights, the same numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import torch

from graphs.building.build import build
from graphs.building.source import write_source
from graphs.layers.catalogue import Catalogue, standard
from graphs.names import argument
from graphs.network import Block, End, Network, Node, Wire


def wires(text: str) -> list[Wire]:
    """ "a.out b.in, …" as wires; a port that is left out is "out" or "in"."""

    def end(part: str, port: str) -> End:
        node, _, named = part.partition(".")
        return End(node, named or port)

    return [Wire(end(a, "out"), end(b, "in")) for a, b in (pair.split() for pair in text.split(","))]


def drawn(nodes: list[Node], lines: str, *blocks: Block, **hyperparameters: Any) -> Network:
    network = Network.of(nodes, wires(lines), {"hyperparameters": hyperparameters} if hyperparameters else {})
    return replace(network, blocks={block.id: block for block in blocks})


RESIDUAL = Block(
    "residual",
    "Residual block",
    Network.of(
        [
            Node("x", "BlockInput"),
            Node(
                "conv1",
                "Conv2d",
                "",
                {"out_channels": "=channels", "kernel_size": 3, "padding": 1, "stride": "=stride"},
            ),
            Node("bn1", "BatchNorm2d"),
            Node("relu1", "ReLU"),
            Node("conv2", "Conv2d", "", {"out_channels": "=channels", "kernel_size": 3, "padding": 1}),
            Node("short", "Conv2d", "Shortcut", {"out_channels": "=channels", "kernel_size": 1, "stride": "=stride"}),
            Node("add1", "Add"),
            Node("y", "BlockOutput"),
        ],
        wires("x conv1, conv1 bn1, bn1 relu1, relu1 conv2, conv2 add1.a, x short, short add1.b, add1 y"),
    ),
    {"channels": 4, "stride": 1},
    "Adds what two convolutions find to their input.",
)
STAGE = Block(
    "stage",
    "Stage",
    Network.of(
        [
            Node("x", "BlockInput"),
            Node("down", "block-residual", "", {"channels": "=channels", "stride": 2}),
            Node("rest", "block-residual", "", {"channels": "=channels", "repeat": 2}),
            Node("y", "BlockOutput"),
        ],
        wires("x down.x, down.y rest.x, rest.y y"),
    ),
    {"channels": 4},
)
CROSS = Block(
    "cross",
    "Cross",
    Network.of(
        [
            Node("a", "BlockInput"),
            Node("b", "BlockInput"),
            Node("fc1", "Linear", "", {"out_features": 6}),
            Node("tanh1", "Tanh"),
            Node("p", "BlockOutput"),
            Node("q", "BlockOutput"),
        ],
        wires("a fc1, fc1 p, b tanh1, tanh1 q"),
    ),
)
IMAGE = Node("image1", "ImageInput", "Image", {"channels": 1, "height": 16, "width": 16})
TAIL = [Node("gap", "GlobalAvgPool"), Node("fc", "Linear", "", {"out_features": 3}), Node("out", "Output", "Classes")]
VECTOR = Node("vector1", "VectorInput", "", {"features": 6})

CASES = {
    "repeated": drawn(
        [IMAGE, Node("s", "block-residual", "Layer 1", {"repeat": 3, "channels": "=width*2"}), *TAIL],
        "image1 s.x, s.y gap, gap fc, fc out", RESIDUAL, width=3,
    ),
    "numbers differ": drawn(
        [
            IMAGE,
            Node("s1", "block-residual", "", {"channels": 4}),
            Node("s2", "block-residual", "", {"channels": 6, "stride": 2}),
            *TAIL,
        ],
        "image1 s1.x, s1.y s2.x, s2.y gap, gap fc, fc out", RESIDUAL,
    ),
    "nested": drawn(
        [IMAGE, Node("s1", "block-stage"), Node("s2", "block-stage", "", {"channels": 8}), *TAIL],
        "image1 s1.x, s1.y s2.x, s2.y gap, gap fc, fc out", RESIDUAL, STAGE,
    ),
    "two ports in a row": drawn(
        [VECTOR, Node("c", "block-cross", "", {"repeat": 2}), Node("add1", "Add"), Node("out", "Output")],
        "vector1 c.a, vector1 c.b, c.p add1.a, c.q add1.b, add1 out", CROSS,
    ),
    "called in two goes": drawn(
        [VECTOR, Node("c", "block-cross"), Node("relu1", "ReLU"), Node("out", "Output")],
        "vector1 c.a, c.p relu1, relu1 c.b, c.q out", CROSS,
    ),
    "bypassed and muted": drawn(
        [
            IMAGE,
            Node("s1", "block-residual"),
            Node("s2", "block-residual", mode="bypass"),
            Node("d", "Dropout", mode="bypass"),
            Node("dot", "Reroute"),
            Node("m", "Conv2d", "", {"out_channels": 4, "kernel_size": 1}, mode="mute"),
            Node("add2", "Add"),
            *TAIL,
        ],
        "image1 s1.x, s1.y s2.x, s2.y d, d dot, dot add2.a, dot m, m add2.b, add2 gap, gap fc, fc out", RESIDUAL,
    ),
}  # fmt: skip


def made(network: Network) -> tuple[str, Any, torch.nn.Module, list[torch.Tensor]]:
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    text = write_source(network, catalogue, "Net")
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written.py", "exec"), space)
    built = build(network, catalogue, seed=3)
    generator = torch.Generator().manual_seed(3)
    return text, space, built.module, [torch.randn(2, *s.dims, generator=generator) for s in built.shapes]


@pytest.mark.parametrize("name", CASES)
def test_the_written_classes_compute_the_same_with_the_same_weights(name: str) -> None:
    text, space, module, inputs = made(CASES[name])
    written = space["Net"]()
    assert set(written.state_dict()) == set(module.state_dict())
    written.load_state_dict(module.state_dict())
    with torch.no_grad():
        assert torch.equal(written.eval()(*inputs), module.eval()(*inputs))
    assert all(len(line) <= 120 for line in text.splitlines())


def test_one_class_serves_all_uses_of_a_block_and_takes_what_differs() -> None:
    text, space, _, _ = made(CASES["numbers differ"])
    assert [name for name in space if isinstance(space[name], type)] == ["ResidualBlock", "Net"]
    assert "def __init__(self, in_channels: int, channels: int, stride: int) -> None:" in text
    assert "self.s1 = ResidualBlock(1, 4, 1)" in text and "self.s2 = ResidualBlock(4, 6, 2)" in text
    assert "self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)" in text


def test_repeats_are_a_sequential_named_as_torchvision_names_them() -> None:
    text, space, module, _ = made(CASES["repeated"])
    assert "self.layer_1 = nn.Sequential(ResidualBlock(1), ResidualBlock(6), ResidualBlock(6))" in text
    assert "layer_1.2.conv2.weight" in module.state_dict()
    assert isinstance(space["Net"]().layer_1, torch.nn.Sequential)


def test_blocks_in_blocks_are_written_before_those_that_use_them() -> None:
    text, _, _, _ = made(CASES["nested"])
    assert text.count("class ") == 3
    assert text.index("class ResidualBlock") < text.index("class Stage(") < text.index("class Net(")


def test_what_is_bypassed_or_muted_is_not_written() -> None:
    text, _, module, _ = made(CASES["bypassed and muted"])
    assert "Dropout" not in text and "self.m" not in text and "s2" not in text
    assert not any(name.startswith("m.") for name in module.state_dict())


def test_a_port_that_is_called_as_a_word_of_python_is_an_argument_that_reads_well() -> None:
    inner = RESIDUAL.network
    nodes = {**inner.nodes, "x": replace(inner.nodes["x"], name="in")}
    block = replace(RESIDUAL, network=replace(inner, nodes=nodes))
    network = replace(CASES["numbers differ"], blocks={"residual": block})
    text, space, module, inputs = made(network)
    assert not re.search(r"\b_in\b", text) and "def forward(self, x" in text
    assert [node.target for node in module.s1.graph.nodes if node.op == "placeholder"] == ["x"]
    written = space["Net"]()
    written.load_state_dict(module.state_dict())
    with torch.no_grad():
        assert torch.equal(written.eval()(*inputs), module.eval()(*inputs))


def test_arguments_have_names_of_their_own() -> None:
    assert argument("in", "in1", alone=True) == "x"
    assert argument("in", "in1", alone=False) == "input_"
    assert argument("from", "in1", alone=False) == "from_"
    assert argument("Query", "in1", alone=False) == "query"
