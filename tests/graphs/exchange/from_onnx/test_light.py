"""The nine architectures inside the onnx package: read, equal to onnxruntime, edited, taught a step, written again."""

from __future__ import annotations

import math
import os
from pathlib import Path

import onnx
import pytest
import torch

from graphs.building.build import build
from graphs.document import Document
from graphs.edits import RemoveNodes, Rename, SetFields
from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.to_onnx.export import export_onnx
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import Network
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, results, samples, worst, write_light

SMALL = ("inception_v1", "shufflenet", "squeezenet")
LARGE = ("bvlc_alexnet", "densenet121", "inception_v2", "resnet50", "vgg19", "zfnet512")
NEAR = 1e-4
ALL = [
    *SMALL,
    *(
        pytest.param(
            name,
            marks=pytest.mark.skipif("NETLOOM_ARCHITECTURES" not in os.environ, reason="part of make architectures"),
        )
        for name in LARGE
    ),
]


@pytest.mark.parametrize("name", ALL)
def test_runs_as_onnxruntime_says(name: str, tmp_path: Path) -> None:
    path = write_light(f"light_{name}", tmp_path)
    imported = read_onnx(path, standard())
    assert not imported.operations and imported.origin == "ONNX, opset 9, written by onnx-caffe2"
    built = computed(imported)
    pictures = samples(built, 2)
    ours = results(built, pictures)
    for place in range(2):  # the files are written for one picture, what is read takes any number
        theirs = by_onnxruntime(path, [pictures[0][place : place + 1]])
        assert (
            worst([value[place : place + 1].reshape(t.shape) for value, t in zip(ours, theirs, strict=True)], theirs)
            < NEAR
        )
    assert sum(p.numel() for p in built.module.parameters()) == _learnt(path)
    assert all(node.position != (0.0, 0.0) or node.kind == "ImageInput" for node in imported.network.nodes.values())


def _learnt(path: Path) -> int:
    """How many numbers of a file are learnt: what follows a normalisation and scales again belongs to it."""
    graph = onnx.load(path).graph
    sizes = {t.name: math.prod(t.dims) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[0] in sizes:
            sizes[node.output[0]] = sizes[node.input[0]]
    learnt = {"Conv": slice(1, 3), "Gemm": slice(1, 3), "BatchNormalization": slice(1, 3)}
    return sum(
        sizes[name] for node in graph.node if node.op_type in learnt for name in node.input[learnt[node.op_type]]
    )


def test_is_edited_taught_and_written_again(tmp_path: Path) -> None:
    imported = read_onnx(write_light("light_squeezenet", tmp_path), standard())
    network = _edited(imported.network)
    catalogue = standard().copy()
    catalogue.know(network)
    built = build(network, catalogue, seed=1)
    own = built.module.state_dict()
    fitting = {key: value for key, value in imported.weights.items() if own[key].shape == value.shape}
    assert own.keys() - fitting.keys() == {"conv10.weight", "conv10.bias"}
    built.module.load_state_dict(fitting, strict=False)
    pictures = samples(built, 2)
    optimiser = torch.optim.SGD(built.module.parameters(), 1e-3)
    scores = built.module.train()(*pictures).flatten(1)
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor([1, 2]))
    loss.backward()
    assert all(p.grad is not None for p in built.module.parameters())
    optimiser.step()
    report = export_onnx(built, tmp_path / "again.onnx", samples=pictures)
    assert report.checked
    again = read_onnx(tmp_path / "again.onnx", standard())
    rebuilt = computed(again)
    built.module.eval()
    assert worst(results(rebuilt, pictures), results(built, pictures)) < NEAR


def _edited(network: Network) -> Network:
    """For five classes and smaller pictures, without the Softmax and the result behind it."""
    (head,) = (n for n in network.nodes.values() if n.kind == "Conv2d" and n.fields.get("out_channels") == 1000)
    (softmax,) = (n.id for n in network.nodes.values() if n.kind == "Softmax")
    after = {wire.target.node for wire in network.outgoing(softmax)}
    document = Document(network)
    smaller = SetFields("image", {"height": 64, "width": 64})
    for edit in (
        SetFields(head.id, {"out_channels": 5}),
        RemoveNodes((softmax, *after)),
        Rename("image", "Picture"),
        smaller,
    ):
        document.apply(edit)
    return document.network


def test_reads_as_it_is_drawn_by_hand(tmp_path: Path) -> None:
    network = read_onnx(write_light("light_squeezenet", tmp_path), standard()).network
    assert {"conv1", "conv10", "fire2", "fire9"} <= network.nodes.keys()
    assert len(network.nodes) == 21 and len(network.blocks) == 1
    fire = network.blocks[str(network.nodes["fire2"].block)]
    assert fire.title == "Fire" and {"squeeze1x1", "expand1x1", "expand3x3"} <= fire.network.nodes.keys()
    catalogue = standard().copy()
    catalogue.know(network)
    assert Inference(catalogue).analyse(network).buildable


@pytest.mark.parametrize(
    ("name", "most", "title", "uses", "parameters"),
    [
        ("light_resnet50", 26, "Res", 12, {"channels"}),
        ("light_inception_v1", 25, "Inception", 9, {"n1x1", "n3x3_reduce", "n3x3", "n5x5_reduce", "channels"}),
        ("light_densenet121", 72, "Block", 58, set()),
    ],
)
def test_what_says_no_modules_reads_in_blocks(
    name: str, most: int, title: str, uses: int, parameters: set[str], tmp_path: Path
) -> None:
    """By what the weights are called, with the joins and pools that belong to them."""
    network = read_onnx(write_light(name, tmp_path), standard()).network
    block = next(block for block in network.blocks.values() if block.title == title)
    assert len(network.nodes) <= most and parameters <= block.parameters.keys()
    assert sum(node.block == block.id for node in network.nodes.values()) == uses
