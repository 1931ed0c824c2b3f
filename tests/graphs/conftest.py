"""Small networks that the tests of exchange share."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from graphs.network import End, Network, Node, Wire


def net(nodes: dict[str, tuple[str, dict[str, Any]]], wires: str, **settings: Any) -> Network:
    """{"conv1": ("Conv2d", {…})} and "image1>conv1 conv1>add1.b" as a network."""
    made = [Node(id, kind, fields=fields) for id, (kind, fields) in nodes.items()]
    return Network.of(made, [_wire(text) for text in wires.split()], settings)


def _wire(text: str) -> Wire:
    source, target = text.split(">")
    return Wire(_end(source, "out"), _end(target, "in"))


def _end(text: str, port: str) -> End:
    node, _, named = text.partition(".")
    return End(node, named or port)


@pytest.fixture
def lenet() -> Network:
    """LeNet-5 as it stands in the example."""
    layers: dict[str, tuple[str, dict[str, Any]]] = {
        "image": ("ImageInput", {}),
        "conv1": ("Conv2d", {"out_channels": 6, "kernel_size": [5, 5], "padding": [2, 2]}),
        "relu1": ("ReLU", {}),
        "pool1": ("MaxPool2d", {}),
        "conv2": ("Conv2d", {"out_channels": 16, "kernel_size": [5, 5]}),
        "relu2": ("ReLU", {}),
        "pool2": ("MaxPool2d", {}),
        "flatten": ("Flatten", {}),
        "fc1": ("Linear", {"out_features": 120}),
        "relu3": ("ReLU", {}),
        "fc2": ("Linear", {"out_features": 84}),
        "relu4": ("ReLU", {}),
        "fc3": ("Linear", {"out_features": 10}),
        "classes": ("Output", {}),
    }
    chain = list(layers)
    wires = " ".join(f"{a}>{b}" for a, b in pairwise(chain))
    return net(layers, wires, data={"source": "digits"})


@pytest.fixture
def branches() -> Network:
    """Two inputs and two outputs, a skip, a batch normalisation and a recurrent layer in both directions."""
    layers: dict[str, tuple[str, dict[str, Any]]] = {
        "tokens1": ("TokensInput", {"length": 2, "vocabulary": 20}),
        "image1": ("ImageInput", {"channels": 2, "height": 8, "width": 8}),
        "conv1": ("Conv2d", {"out_channels": 4, "padding": "same", "initialise": "he_normal"}),
        "norm1": ("BatchNorm2d", {}),
        "relu1": ("ReLU", {}),
        "conv2": ("Conv2d", {"out_channels": 4, "kernel_size": [3, 5], "padding": [1, 2], "bias": False}),
        "add1": ("Add", {}),
        "pool1": ("GlobalAvgPool", {}),
        "embedding1": ("Embedding", {"num_embeddings": 20, "embedding_dim": 6}),
        "gru1": ("GRU", {"hidden_size": 3, "bidirectional": True}),
        "concat1": ("Concat", {}),
        "fc1": ("Linear", {"out_features": 4}),
        "output1": ("Output", {}),
        "output2": ("Output", {}),
        "unused1": ("Linear", {}),
    }
    wires = (
        "image1>conv1 conv1>norm1 norm1>relu1 relu1>conv2 conv2>add1.a relu1>add1.b add1>pool1 pool1>concat1.a "
        "tokens1>embedding1 embedding1>gru1 gru1>concat1.b concat1>fc1 fc1>output1 pool1>output2"
    )
    return net(layers, wires)
