"""What is in view is looked at first, and says the same as the whole analysis."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from graphs.shapes import Inference


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


def test_there_is_no_glance_where_nothing_in_view_changed_or_it_has_to_be_resolved() -> None:
    inference = Inference(standard())
    before = inference.analyse(chain(3))
    assert inference.glance(chain(5), before, ["image1", "conv1", "nobody"]) is None
    assert inference.glance(chain(5, "bypass"), before, ["conv3"]) is None
