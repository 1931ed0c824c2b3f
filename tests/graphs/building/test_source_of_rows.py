"""Repeats, strange names and twins of names in written source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from graphs.architectures.draw import Drawing
from graphs.building.build import build
from graphs.building.source import write_source
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Block, End, Network, Node, Wire


def net(nodes: list[Node], wires: str, *blocks: Block) -> Network:
    """Nodes and wires: "a.out>b.in", where "out" and "in" may be left out."""
    made = []
    for pair in wires.split():
        (source, _, out), (target, _, into) = (text.partition(".") for text in pair.split(">"))
        made.append(Wire(End(source, out or "out"), End(target, into or "in")))
    return replace(Network.of(nodes, made), blocks={block.id: block for block in blocks})


def written(network: Network) -> str:
    """The source, after it computed what is built."""
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    text = write_source(network, catalogue, "Net")
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written.py", "exec"), space)
    built = build(network, catalogue, seed=1)
    copy = space["Net"]()
    copy.load_state_dict(built.module.state_dict())
    inputs = [torch.randn(2, *s.dims, generator=torch.Generator().manual_seed(i)) for i, s in enumerate(built.shapes)]
    with torch.no_grad():
        assert torch.equal(copy.eval()(*inputs), built.module.eval()(*inputs))
    return text


VECTOR, OUT = Node("v", "VectorInput", "", {"features": 6}), Node("out", "Output")
LINEAR = Node("fc", "Linear", "", {"out_features": 6})
DECODER = Block("d", "Decoder layer", net(
    [
        Node("i1", "BlockInput", "x"), Node("i2", "BlockInput", "memory"), LINEAR, Node("add", "Add"),
        Node("o", "BlockOutput"),
    ],
    "i1>fc fc>add.a i2>add.b add>o",
))  # fmt: skip


@pytest.mark.parametrize("times", [2, 6])
def test_a_row_hands_its_result_on_and_takes_the_rest_from_outside_every_time(times: int) -> None:
    nodes = [VECTOR, Node("tanh", "Tanh"), Node("decoder", "block-d", "", {"repeat": times}), OUT]
    text = written(net(nodes, "v>decoder.i1 v>tanh tanh>decoder.i2 decoder.o>out", DECODER))
    if times == 2:
        assert "x = self.decoder[0](v, tanh)\n        return self.decoder[1](x, tanh)\n" in text
    else:
        assert "for module in self.decoder:\n            x = module(x, tanh)\n        return x\n" in text


def test_a_row_of_which_only_the_last_copy_is_used() -> None:
    swap = Block("s", "Swap", net(
        [Node("i1", "BlockInput"), Node("i2", "BlockInput"), LINEAR, Node("o", "BlockOutput")], "i2>fc fc>o",
    ))  # fmt: skip
    written(net([VECTOR, Node("u", "block-s", "", {"repeat": 2}), OUT], "v>u.i1 v>u.i2 u.o>out", swap))


@pytest.mark.parametrize("title", ["self", "torch", "nn", "super", "in", "range", "print"])
def test_ports_and_parameters_may_be_called_as_what_the_source_speaks_of(title: str) -> None:
    inner = net(
        [
            Node("i1", "BlockInput", title),
            Node("i2", "BlockInput", title),
            Node("fc", "Linear", "", {"out_features": f"={title}"}),
            Node("fc2", "Linear", "", {"out_features": 6}),
            Node("add", "Add"),
            Node("o", "BlockOutput"),
        ],
        "i1>fc fc>fc2 fc2>add.a i2>add.b add>o",
    )
    block = Block("b", "B", inner, {title: 2})
    uses = [Node("u1", "block-b"), Node("u2", "block-b", "", {title: 3})]
    text = written(net([VECTOR, *uses, OUT], "v>u1.i1 v>u1.i2 u1.o>u2.i1 v>u2.i2 u2.o>out", block))
    assert f"fc_{title}: int" in text


def test_names_of_classes_keep_letters_with_accents_and_parameters_do_not_hide_classes() -> None:
    inner = Block("i", "Réseau", net([Node("x", "BlockInput"), LINEAR, Node("y", "BlockOutput")], "x>fc fc>y"))
    wide = Node("wide", "Linear", "", {"out_features": "=Reseau"})
    nodes = [Node("x", "BlockInput"), wide, Node("r", "block-i"), Node("y", "BlockOutput")]
    outer = Block("o", "Stage", net(nodes, "x>wide wide>r.x r.y>y"), {"Reseau": 4})
    uses = [Node("u1", "block-o"), Node("u2", "block-o", "", {"Reseau": 5})]
    text = written(net([VECTOR, *uses, OUT], "v>u1.x u1.y>u2.x u2.y>out", inner, outer))
    assert "class Reseau(nn.Module):" in text and "wide_Reseau: int" in text


def test_blocks_whose_modules_are_numbers_are_rows_of_them() -> None:
    d = Drawing()
    d.unit("unit", "ReLU")
    with d.block("stage", "Stage", filters=4, depth=2) as b:
        x = b.use("unit", b.input(), id="0", filters="=filters")
        x = b.use("unit", x, id="1", filters="=filters", repeat="=depth")
        b.output(b.max_pool(x, 2, "2"))
    x = d.use("stage", d.image(2, 8, 8), id="features", depth=2)
    d.output(d.linear(d.flatten(x), 3, "fc"))
    text = written(d.network())
    assert "get_submodule" not in text and text.count("class ") == 1
    row = "nn.Sequential(nn.Conv2d({}, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())"
    assert f"self.features = nn.Sequential(\n            {row.format(2)},\n" in text
    assert (
        f"*(\n                    {row.format(4)}\n                    for _ in range(2)\n                )\n" in text
    )
    assert max(map(len, text.splitlines())) <= 120


def test_uses_that_differ_in_how_often_a_block_is_repeated_share_a_class() -> None:
    d = Drawing()
    with d.block("step", "Step", width=8) as b:
        b.output(b.relu(b.linear(b.input(), "=width", "fc")))
    with d.block("stage", "Stage", width=8, depth=2) as b:
        x = b.linear(b.input(), "=width", "first")
        b.output(b.use("step", x, id="steps", width="=width", repeat="=depth"))
    x = d.use("stage", d.layer("VectorInput", id="v", features=4), id="a", width=8, depth=2)
    d.output(d.use("stage", x, id="b", width=6, depth=5))
    text = written(d.network())
    assert "nn.Sequential(*(Step(width) for _ in range(depth)))" in text
    assert "self.a = Stage(4, 8, 2)\n        self.b = Stage(8, 6, 5)\n" in text
