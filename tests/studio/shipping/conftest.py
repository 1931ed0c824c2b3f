"""Cargo of small networks that have learnt a little, made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from graphs.document import Document
from graphs.network import End, Network, Node, Wire
from studio import api
from studio.data.prepare import prepare
from studio.project import Project
from studio.shipping.cargo import Cargo, load
from studio.shipping.shipped import Report

Told = list[tuple[float, str]]


@pytest.fixture
def told() -> Told:
    """What was reported."""
    return []


@pytest.fixture
def report(told: Told) -> Report:
    """Reports into `told`."""
    return lambda share, words: told.append((share, words))


def project_of(layers: list[object], data: dict[str, object], **recipe: object) -> Project:
    """A project that feeds these layers with this data."""
    network = api.sequential(*layers)  # type: ignore[arg-type]
    settings = {"data": data, "recipe": recipe}
    return Project(Document(Network(network.nodes, network.wires, settings)), name="small")


def learnt(project: Project, folder: Path, epochs: int = 3) -> Cargo:
    """The project after some training."""
    trained = api.train(project, epochs=epochs, learning_rate=0.01)
    trained.save_weights(folder / "weights.safetensors")
    return load(project, folder / "weights.safetensors")


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    """A small convolutional network that reads 8×8 digits."""
    layers = [
        api.ImageInput(channels=1, height=8, width=8),
        api.Conv2d(out_channels=8, padding=1),
        api.BatchNorm2d(),
        api.ReLU(),
        api.MaxPool2d(),
        api.Flatten(),
        api.Linear(out_features=10),
    ]
    return learnt(project_of(layers, {"source": "digits"}), tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    """A small network on a table with normalised columns."""
    layers = [api.VectorInput(features=4), api.Linear(out_features=8), api.ReLU(), api.Linear(out_features=3)]
    return learnt(project_of(layers, {"source": "iris"}), tmp_path_factory.mktemp("iris"), 10)


LETTERS = "abcdefgh "


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Cargo:
    """A network of characters: which of two letters does a text of twelve hold more of?"""
    folder = tmp_path_factory.mktemp("texts")
    tokens = np.random.default_rng(0).integers(0, len(LETTERS), (200, 12))
    targets = np.where((tokens == 0).sum(1) > (tokens == 1).sum(1), "a", "b")
    np.savez(folder / "texts.npz", x=tokens, y=targets, vocabulary=np.array(list(LETTERS)))
    layers = [
        api.TokensInput(length=12, vocabulary=len(LETTERS)),
        api.Embedding(num_embeddings=len(LETTERS), embedding_dim=6),
        api.LSTM(hidden_size=8),
        api.Linear(out_features=2),
    ]
    data = {"source": "npz", "path": str(folder / "texts.npz"), "values": "tokens"}
    return learnt(project_of(layers, data), folder, 1)


def held_out(cargo: Cargo) -> tuple[np.ndarray, np.ndarray]:
    """The held-out samples and answers, prepared anew."""
    data = prepare(cargo.project.data)
    return data.validation.inputs.numpy(), data.validation.targets.numpy()


def computed(cargo: Cargo, inputs: np.ndarray) -> np.ndarray:
    """What PyTorch gives."""
    with torch.no_grad():
        found: np.ndarray = cargo.built.module.eval()(torch.from_numpy(inputs)).numpy()
    return found


@pytest.fixture
def branches_project() -> Project:
    """Two inputs, a picture and a text, and two outputs."""
    nodes = {
        "image1": ("ImageInput", {"channels": 1, "height": 6, "width": 6}),
        "tokens1": ("TokensInput", {"length": 5, "vocabulary": 9}),
        "flatten1": ("Flatten", {}),
        "embed1": ("Embedding", {"num_embeddings": 9, "embedding_dim": 4}),
        "gru1": ("GRU", {"hidden_size": 6}),
        "concat1": ("Concat", {}),
        "fc1": ("Linear", {"out_features": 3}),
        "output1": ("Output", {}),
        "output2": ("Output", {}),
    }
    ends = [
        *(("image1", "flatten1", "in"), ("tokens1", "embed1", "in"), ("embed1", "gru1", "in")),
        *(("flatten1", "concat1", "a"), ("gru1", "concat1", "b"), ("concat1", "fc1", "in")),
        *(("fc1", "output1", "in"), ("gru1", "output2", "in")),
    ]
    network = Network(
        {node: Node(node, kind, fields=fields) for node, (kind, fields) in nodes.items()},
        {End(to, port): Wire(End(start, "out"), End(to, port)) for start, to, port in ends},
    )
    return Project(Document(network), name="branches")
