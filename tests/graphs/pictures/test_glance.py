"""What is in view is looked at first, and says the same as the whole analysis."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from graphs.edits import SetFields
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import Block, End, Network, Node, Wire


def chain(kernel: int, mode: str = "") -> Network:
    nodes = [Node("image1", "ImageInput", fields={"height": 32, "width": 32})]
    for n in range(1, 9):
        nodes.append(
            Node(f"conv{n}", "Conv2d", fields={"out_channels": 4, "kernel_size": [kernel if n == 2 else 3, 3]})
        )
    nodes[5] = replace(nodes[5], mode=mode)
    return Network.of(nodes, [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)])


def test_a_glance_agrees_where_it_looks_and_leaves_the_rest() -> None:
    inference = Inference(standard())
    before, after = inference.analyse(chain(3)), chain(5)
    glance, whole = inference.glance(after, before, ["conv3", "image1"]), inference.analyse(after, before)
    assert glance is not None and glance.renewed == ("conv3",)
    assert {i for i in after.nodes if glance.facts[i] != whole.facts[i]} == {f"conv{n}" for n in (2, *range(4, 9))}
    assert all(glance.facts[i] == before.facts[i] for i in ("conv4", "conv8"))


def test_there_is_no_glance_where_nothing_in_view_changed() -> None:
    inference = Inference(standard())
    before = inference.analyse(chain(3))
    assert inference.glance(chain(5), before, ["image1", "conv1", "nobody"]) is None


@pytest.mark.parametrize("mode", ["", "bypass", "mute"])
@pytest.mark.parametrize("before", ["", "bypass"])
def test_a_glance_at_what_has_to_be_resolved_agrees_where_it_looks(mode: str, before: str) -> None:
    inference = Inference(standard())
    known, after = inference.analyse(chain(3, before)), chain(5, mode)
    wanted = [f"conv{n}" for n in range(1, 9)]
    glance, whole = inference.glance(after, known, wanted), inference.analyse(after, known)
    assert glance is not None and {i for i in wanted if glance.facts[i] != whole.facts[i]} == set()


def test_a_glance_tells_of_a_block_once_all_in_it_is_looked_at() -> None:
    plain = chain(3)
    inner = Network.of([Node("in1", "BlockInput"), Node("c", "Conv2d"), Node("out1", "BlockOutput")],
                       [Wire(End("in1", "out"), End("c", "in")), Wire(End("c", "out"), End("out1", "in"))])  # fmt: skip
    blocks = {"b": Block("b", "B", inner)}
    use = Node("conv6", "block-b", fields={"repeat": 3})
    wires = [w for w in plain.wires.values() if "conv6" not in (w.source.node, w.target.node)]
    wires += [Wire(End("conv5", "out"), End("conv6", "in1")), Wire(End("conv6", "out1"), End("conv7", "in"))]
    network = replace(Network.of([*(n for n in plain.nodes.values() if n.id != "conv6"), use], wires), blocks=blocks)
    catalogue = standard().copy()
    catalogue.know(network)
    inference = Inference(catalogue)
    known = inference.analyse(network)
    after = SetFields("conv2", {"kernel_size": [5, 3]}).apply(network)[0]
    glance, whole = inference.glance(after, known, ["conv6", "conv7"]), inference.analyse(after, known)
    assert glance is not None and whole.facts["conv6"] != known.facts["conv6"]
    assert all(glance.facts[i] == whole.facts[i] for i in ("conv6", "conv7"))
    assert glance.facts["conv8"] == known.facts["conv8"]
