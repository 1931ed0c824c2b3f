"""What is known of operations of other programs: how they are called, and how much of the input they see."""

from __future__ import annotations

import pytest

from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.layers.titles import title_of
from graphs.network import End, Network, Node, Wire

CUMSUM = {"op": "CumSum", "slots": [{"wire": 0}, {"value": 1, "dtype": "int64"}]}


def _network(kind: str, fields: dict[str, object]) -> Network:
    nodes = (
        Node("image", "ImageInput", fields={"channels": 1, "height": 8, "width": 8}),
        Node("conv", "Conv2d", fields={"out_channels": 2, "kernel_size": [3, 3]}),
        Node("op1", kind, fields=fields),
    )
    pairs = (("image", "out", "conv", "in"), ("conv", "out", "op1", "in0"))
    wires = (Wire(End(a, b), End(c, d)) for a, b, c, d in pairs)
    return Network({node.id: node for node in nodes}, {wire.target: wire for wire in wires})


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("OnnxOp", CUMSUM, None),
        ("OnnxOp", {"op": "Erf"}, (3, 3)),
        ("TorchOp", {"args": [{"wire": 0}, [1], [2]]}, None),
        ("TorchOp", {"target": "aten.erf.default", "args": [{"wire": 0}]}, (3, 3)),
        (
            "TorchOp",
            {
                "target": "aten.erf.default",
                "args": [{"step": 0}],
                "before": [{"target": "aten.cumsum.default", "args": [{"wire": 0}, 2]}],
            },
            None,
        ),
    ],
)
def test_only_what_computes_each_value_by_itself_keeps_what_it_sees(kind, fields, field) -> None:
    facts = Inference(standard()).analyse(_network(kind, fields)).facts["op1"]
    assert facts.ok and facts.receptive_field == field


def test_an_operation_is_called_by_what_it_computes_until_a_person_names_it() -> None:
    catalogue = standard()
    for node, title in (
        (Node("op1", "OnnxOp", fields=CUMSUM), "CumSum"),
        (Node("op1", "TorchOp", fields={"target": "aten.cumsum.default", "args": [{"wire": 0}, 1]}), "cumsum"),
        (Node("op1", "TorchOp", "Shift"), "Shift"),
        (Node("conv1", "Conv2d", fields={}), "conv1"),
    ):
        assert title_of(node, catalogue.layer(node)) == title
    assert catalogue.layer(Node("op1", "TorchOp", fields={})).summary() == "1 · −1"
