"""Plain layers and where they are drawn: there and back."""

from __future__ import annotations

import itertools

from graphs.network import Block, End, Network, Node, Wire
from graphs.reuse.addresses import layers_of, place_of

FLAT = (
    "image1", "stage1/0/conv1", "stage1/0/pair1/relu1", "stage1/1/conv1", "stage1/1/pair1/relu1",
    "stage2/conv1", "stage2/pair1/relu1", "fc1",
)  # fmt: skip


def wires(*ids: str) -> list[Wire]:
    return [Wire(End(a, "out"), End(b, "in")) for a, b in itertools.pairwise(ids)]


def design() -> Network:
    """A repeated and a single use of a block that holds a use of another."""
    pair = Network.of([Node("in1", "BlockInput"), Node("relu1", "ReLU"), Node("out1", "BlockOutput")],
                      wires("in1", "relu1", "out1"))  # fmt: skip
    stage = Network.of(
        [Node("in1", "BlockInput"), Node("conv1", "Conv2d"), Node("pair1", "block-pair"), Node("dot1", "Reroute"),
         Node("out1", "BlockOutput")],
        wires("in1", "conv1", "pair1", "dot1", "out1"),
    )  # fmt: skip
    nodes = [Node("image1", "ImageInput"), Node("stage1", "block-stage", "", {"repeat": 2}),
             Node("stage2", "block-stage"), Node("fc1", "Linear")]  # fmt: skip
    top = Network.of(nodes, wires("image1", "stage1", "stage2", "fc1"))
    return Network(top.nodes, top.wires, {}, {"pair": Block("pair", "", pair), "stage": Block("stage", "", stage)})


def test_every_plain_layer_has_a_place() -> None:
    """Whichever repeat it is of, it is drawn once."""
    network = design()
    assert place_of(network, "fc1") == ((), "fc1")
    assert place_of(network, "stage1/1/conv1") == place_of(network, "stage1/0/conv1") == (("stage1",), "conv1")
    assert place_of(network, "stage2/pair1/relu1") == (("stage2", "pair1"), "relu1")
    for nowhere in ("gone", "fc1/x", "stage1/0/gone", "stage2/pair1/relu1/x"):
        assert place_of(network, nowhere) is None


def test_a_room_shows_its_first_repeat_and_a_use_its_last_result() -> None:
    """Through dots and nested uses down to the layer that computes it."""
    network = design()
    assert layers_of(network, (), FLAT) == {
        "image1": "image1", "stage1": "stage1/1/pair1/relu1", "stage2": "stage2/pair1/relu1", "fc1": "fc1",
    }  # fmt: skip
    assert layers_of(network, ("stage1",), FLAT) == {
        "conv1": "stage1/0/conv1", "pair1": "stage1/0/pair1/relu1", "out1": "stage1/0/pair1/relu1",
    }  # fmt: skip
    assert layers_of(network, ("stage2", "pair1"), FLAT) == dict.fromkeys(("relu1", "out1"), "stage2/pair1/relu1")
    assert layers_of(network, ("gone",), FLAT) == {} == layers_of(network, ("stage1",), ())


def test_there_and_back() -> None:
    """What a room shows is drawn in that room."""
    network = design()
    for path in ((), ("stage1",), ("stage2",), ("stage1", "pair1")):
        for id, flat in layers_of(network, path, FLAT).items():
            place = place_of(network, flat)
            assert place is not None and place[0][: len(path)] == path
            assert id == "out1" or (*place[0], place[1])[len(path)] == id
