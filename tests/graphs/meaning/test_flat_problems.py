"""Whatever stands against a build is an error that is told, and told once, however often its block is used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphs.building.build import BuildError, build
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.catalogue import standard
from graphs.network import Block, End, Network, Node, Wire

CATALOGUE = standard()


def net(nodes: list[Node], wires: str, *blocks: Block) -> Network:
    """Nodes and wires: "a.out>b.in", where "out" and "in" may be left out."""
    made = []
    for pair in wires.split():
        (source, _, out), (target, _, into) = (text.partition(".") for text in pair.split(">"))
        made.append(Wire(End(source, out or "out"), End(target, into or "in")))
    return replace(Network.of(nodes, made), blocks={block.id: block for block in blocks})


def analysed(network: Network) -> Analysis:
    return Inference(CATALOGUE).analyse(network)


IMAGE = Node("image", "ImageInput", "", {"channels": 4, "height": 6, "width": 6})
OUT = Node("output", "Output")
TWO = [Node("x", "BlockInput"), Node("y", "BlockOutput")]


def errors(network: Network) -> list[str]:
    """The errors of a design that cannot be built."""
    analysis = analysed(network)
    assert not analysis.buildable
    with pytest.raises(BuildError):
        build(network, CATALOGUE)
    return [problem.message for problem in analysis.problems if problem.severity == "error"]


def test_an_open_port_that_also_feeds_a_dead_branch_is_an_error() -> None:
    block = Block("b", "", net([*TWO, Node("a1", "ReLU"), Node("relu", "ReLU")], "x>a1 x>relu relu>y"))
    network = net([IMAGE, Node("u", "block-b"), Node("add", "Add"), OUT], "image>add.a u.y>add.b add>output", block)
    assert errors(network) == ["u: nothing is connected to its input x."]


def test_a_warning_of_one_repeat_does_not_hide_the_error_of_another() -> None:
    ports = [Node("x", "BlockInput"), Node("z", "BlockInput"), Node("w", "BlockOutput"), Node("y", "BlockOutput")]
    large = Node("conv", "Conv2d", "", {"kernel_size": 9, "out_channels": 4})
    block = Block("b", "", net([*ports, large, Node("relu", "ReLU")], "x>conv conv>y z>relu relu>w"))
    # only the last copy's convolution is used: the first copy hands on what its ReLU gives
    network = net([IMAGE, Node("u", "block-b", "", {"repeat": 2}), OUT], "image>u.x image>u.z u.y>output", block)
    (message,) = errors(network)
    assert message.startswith("u/conv: ")


@pytest.mark.parametrize(("kind", "end", "wires"), [
    ("VectorInput", "BlockInput", "x>relu relu>add.a i>add.b add>y"),
    ("Output", "BlockOutput", "x>relu relu>i relu>y"),
])  # fmt: skip
def test_an_input_or_output_of_the_network_inside_a_block_can_become_a_port(kind: str, end: str, wires: str) -> None:
    inner = [*TWO, Node("relu", "ReLU"), Node("add", "Add"), Node("i", kind)]
    block = Block("b", "", net(inner, wires))
    network = net([IMAGE, Node("u", "block-b"), OUT], "image>u.x u.y>output", block)
    (message,) = errors(network)
    assert message.startswith("u/i: an ") and "cannot stand inside a block" in message
    analysis = analysed(network)
    (fix,) = next(p for p in analysis.problems if p.severity == "error").fixes
    mended = fix.edit.apply(network)[0].blocks["b"].network
    assert mended.nodes["i"].kind == end and mended.wires == block.network.wires
    (room,) = (p for p in analysis.inside(("u",)).problems if p.node == "i")
    assert room.message.startswith("i: an ") and room.severity == "error"


def test_a_problem_inside_a_block_is_listed_once_for_all_its_uses() -> None:
    inner = [*TWO, Node("conv", "Conv2d", "", {"out_channels": 0, "padding": "same"})]
    block = Block("b", "", net(inner, "x>conv conv>y"))
    uses = [Node(f"u{i}", "block-b", "", {"repeat": i}) for i in (1, 2, 3)]
    network = net([IMAGE, *uses, OUT], "image>u1.x u1.y>u2.x u2.y>u3.x u3.y>output", block)
    analysis = analysed(network)
    told = [p for p in analysis.listed if p.severity == "error"]
    assert {p.node for p in analysis.problems if p.severity == "error"} == {"u1", "u2", "u3"}
    assert [p.node for p in told] == ["u1"]
    assert str(told[0].message).endswith("The same in 2 other uses of this block.")
    assert analysed(told[0].fixes[0].edit.apply(network)[0]).buildable
