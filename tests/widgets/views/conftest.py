"""A tiny network that was really trained, and results that were really computed from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from graphs.document import Document
from graphs.network import End, Network, Node, Wire
from studio.project import Project
from studio.training.history import EpochRow, History
from widgets import theme
from widgets.views import View
from widgets.views.context import Context

QUICK: dict[str, dict[str, Any]] = {
    "activations": {"node": "conv1"},
    "projection": {"samples": 40, "perplexity": 8.0, "iterations": 40},
    "adversarial": {"epsilon": 0.3, "sample": 2},
    "boundary": {"resolution": 24, "points": 60},
}


def chain(*nodes: Node, settings: dict[str, Any]) -> Network:
    """Nodes one after the other."""
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    return Network.of(list(nodes), wires, settings)


def digits_network() -> Network:
    """An 8×8 picture, one convolution, one linear layer."""
    return chain(
        Node("image", "ImageInput", "Image", {"channels": 1, "height": 8, "width": 8}),
        Node("conv1", "Conv2d", "", {"out_channels": 4, "kernel_size": [3, 3]}),
        Node("relu1", "ReLU"),
        Node("flatten", "Flatten"),
        Node("fc1", "Linear", "", {"out_features": 10}),
        Node("classes", "Output", "Classes"),
        settings={"data": {"source": "digits", "size": 8}, "recipe": {"epochs": 2, "batch_size": 64}},
    )


def moons_network() -> Network:
    """Two numbers, one hidden layer, two classes."""
    return chain(
        Node("numbers", "VectorInput", "", {"features": 2}),
        Node("fc1", "Linear", "", {"out_features": 8}),
        Node("tanh1", "Tanh"),
        Node("fc2", "Linear", "", {"out_features": 2}),
        Node("classes", "Output", "Classes"),
        settings={"data": {"source": "moons"}, "recipe": {}},
    )


@dataclass
class World:
    """A project, its data, a probe with trained weights, and the history of the training."""

    project: Project
    context: Context
    probe: Any
    history: History

    def compute(self, view: View) -> Any:
        """What the view's analysis gives for its options."""
        from studio.inspection.base import quiet

        analyse = view.analyse()
        assert analyse is not None
        return analyse(self.probe, view.options(), quiet)


def train(network: Network, epochs: int, rate: float) -> World:
    """Train for a moment, with Adam, and look at the result through a probe."""
    import torch

    from graphs.building.build import build
    from graphs.inference.shapes import Inference
    from studio.data.prepare import prepare
    from studio.inspection.probe import Probe
    from studio.training.snapshot import Snapshot

    torch.set_num_threads(1)
    project = Project(Document(network), name="tiny")
    data, module = prepare(project.data), build(network, project.catalogue, seed=0).module
    optimiser, history, step = torch.optim.Adam(module.parameters(), lr=rate), History(), 0
    for epoch in range(1, epochs + 1):
        for start in range(0, len(data.train), 64):
            x, y = data.train.inputs[start : start + 64], data.train.targets[start : start + 64]
            optimiser.zero_grad()
            scores = module(x)
            loss = torch.nn.functional.cross_entropy(scores, y)
            loss.backward()
            optimiser.step()
            step += 1
            right = (scores.argmax(1) == y).float().mean()
            history.extend(step, [loss.item()], [right.item()], [rate])
        row = (history.loss[-1], history.accuracy[-1], history.loss[-1] + 0.1, history.accuracy[-1] - 0.1)
        history.append_epoch(EpochRow(epoch, step, *map(float, row), rate, 0.1))
    weights = {name: value.detach().clone() for name, value in module.state_dict().items()}
    gradients = {name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None}
    probe = Probe(network, project.catalogue, data)
    probe.load(Snapshot("tiny", step, float(epochs), weights, gradients))
    analysis = Inference(project.catalogue).analyse(network)
    return World(project, Context(network, analysis, data), probe, history)


@pytest.fixture(scope="session")
def digits() -> World:
    """A convolutional network that has learnt the 8×8 digits for two epochs."""
    return train(digits_network(), 2, 0.02)


@pytest.fixture(scope="session")
def moons() -> World:
    """A small network that has learnt two moons."""
    return train(moons_network(), 12, 0.05)


@pytest.fixture
def world(digits: World, moons: World) -> Callable[[type[View]], World]:
    """The world that a view can look at."""
    return lambda cls: moons if cls.name == "boundary" else digits


@pytest.fixture
def shown(qtbot: Any, world: Any) -> Callable[..., View]:
    """A view that shows a real result."""
    results: dict[Any, Any] = {}

    def show(cls: type[View], width: int = 900, height: int = 280, **options: Any) -> View:
        view, place = cls(), world(cls)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_context(place.context)
        for name, value in {**QUICK.get(cls.name, {}), **options}.items():
            view.set_option(name, value)
        with qtbot.waitExposed(view):
            view.show()
        if view.analysis is None:
            view.show_history(place.history)
        else:
            key = (cls, str(view.options()))
            results[key] = results[key] if key in results else place.compute(view)
            view.show_result(results[key], place.probe.snapshot.step)
        return view

    return show


@pytest.fixture(autouse=True)
def dark() -> Any:
    """Every test begins and ends in the dark theme."""
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")
