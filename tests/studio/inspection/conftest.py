"""LeNet on the digits after a little training, and smaller networks, shared by all tests of looking inside."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch.nn import functional

from graphs.building.build import Built, build
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from studio.data.prepare import Prepared, prepare
from studio.data.spec import make
from studio.inspection.probe import Probe
from studio.training.snapshot import Snapshot

torch.set_num_threads(1)
Layers = list[tuple[str, str, dict[str, Any]]]
LENET: Layers = [
    ("image", "ImageInput", {}),
    ("conv1", "Conv2d", {"out_channels": 6, "kernel_size": [5, 5], "padding": [2, 2]}),
    ("relu1", "ReLU", {}),
    ("pool1", "MaxPool2d", {"kernel_size": [2, 2]}),
    ("conv2", "Conv2d", {"out_channels": 16, "kernel_size": [5, 5]}),
    ("relu2", "ReLU", {}),
    ("pool2", "MaxPool2d", {"kernel_size": [2, 2]}),
    ("flatten", "Flatten", {}),
    ("fc1", "Linear", {"out_features": 60}),
    ("norm", "BatchNorm1d", {}),
    ("relu3", "ReLU", {}),
    ("fc2", "Linear", {"out_features": 84}),
    ("tanh", "Tanh", {}),
    ("fc3", "Linear", {"out_features": 10}),
    ("output", "Output", {}),
]


def chain(layers: Layers, **settings: Any) -> Network:
    """A network that is one row of layers."""
    nodes = [Node(name, kind, fields=fields) for name, kind, fields in layers]
    pairs = pairwise(nodes)
    return Network.of(nodes, [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairs], settings)


def learn(built: Built, data: Prepared, steps: int, loss: Any = functional.cross_entropy) -> Snapshot:
    """A snapshot after some steps of Adam."""
    optimiser = torch.optim.Adam(built.module.parameters(), lr=0.01)
    built.module.train()
    for step in range(steps):
        rows = torch.arange(step * 64, step * 64 + 64) % len(data.train)
        optimiser.zero_grad()
        loss(built.module(data.train.inputs[rows]), data.train.targets[rows]).backward()
        gradients = {name: p.grad.clone() for name, p in built.module.named_parameters() if p.grad is not None}
        optimiser.step()
    weights = {name: value.clone() for name, value in built.module.state_dict().items()}
    return Snapshot("run", steps, steps / 20, weights, gradients)


@pytest.fixture(scope="session")
def digits() -> Prepared:
    return prepare(make("digits", size=28, normalise="standard"))


@pytest.fixture(scope="session")
def trained(digits: Prepared) -> tuple[Network, Snapshot]:
    network = chain(LENET)
    return network, learn(build(network, standard(), seed=0), digits, 30)


@pytest.fixture
def probe(trained: tuple[Network, Snapshot], digits: Prepared) -> Probe:
    """LeNet with what it has learnt, to look into."""
    probe = Probe(trained[0], standard(), digits)
    probe.load(trained[1])
    return probe


@pytest.fixture(scope="session")
def probe_of() -> Callable[..., Probe]:
    """A probe of a row of layers on a source of data, untrained or after some steps."""

    def make_probe(layers: Layers, source: str, steps: int = 0, recipe: Any = None, **options: Any) -> Probe:
        data = prepare(make(source, **options))
        network = chain(layers, recipe=recipe or {})
        probe = Probe(network, standard(), data)
        if steps:
            probe.load(learn(build(network, standard(), seed=0), data, steps))
        return probe

    return make_probe


@pytest.fixture(scope="session")
def plane() -> Layers:
    """A small network for two numbers and two classes."""
    return [
        ("point", "VectorInput", {"features": 2}),
        ("hidden", "Linear", {"out_features": 8}),
        ("tanh", "Tanh", {}),
        ("out", "Linear", {"out_features": 2}),
        ("output", "Output", {}),
    ]
