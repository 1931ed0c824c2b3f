"""Small networks and samples for training, and ways to run a trainer to an end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from graphs.building.build import Built, build
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from studio.data.normalise import Normalisation
from studio.data.prepare import Part, Prepared
from studio.recipe import Recipe
from studio.training.stream import Stream
from studio.training.trainer import Trainer

torch.set_num_threads(1)
Layers = list[tuple[str, str, dict[str, Any]]]

MLP: Layers = [
    ("input", "VectorInput", {"features": 8}),
    ("hidden", "Linear", {"out_features": 16}),
    ("relu", "ReLU", {}),
    ("last", "Linear", {"out_features": 3}),
    ("output", "Output", {}),
]
DROPOUT: Layers = [*MLP[:3], ("dropout", "Dropout", {}), *MLP[3:]]
NORMED: Layers = [*MLP[:2], ("norm", "BatchNorm1d", {}), *MLP[2:]]


def chain(layers: Layers, **settings: Any) -> Network:
    """A network that is one row of layers."""
    nodes = [Node(name, kind, fields=fields) for name, kind, fields in layers]
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    return Network.of(nodes, wires, settings)


def made_data(count: int = 97, validation: int = 30, classes: int = 3, features: int = 8) -> Prepared:
    """Clusters that are easy to tell apart; 97 is odd, so that batches do not come out even."""
    generator = torch.Generator().manual_seed(1)
    centres = torch.randn(classes, features, generator=generator)

    def part(n: int) -> Part:
        labels = torch.randint(0, classes, (n,), generator=generator)
        inputs = centres[labels] + 0.3 * torch.randn(n, features, generator=generator)
        return Part(inputs, labels, torch.arange(n))

    names = tuple(map(str, range(classes)))
    return Prepared(
        part(count), part(validation), names, "classification", (features,), Normalisation(), (-3, 3), "made"
    )


class Runs:
    """Makes trainers and sees to it that their threads end."""

    def __init__(self) -> None:
        self._trainers: list[Trainer] = []

    def trainer(
        self, layers: Layers = MLP, recipe: Recipe | None = None, data: Prepared | None = None, **options: Any
    ) -> Trainer:
        """A trainer that is not started yet."""
        recipe = recipe or Recipe(batch_size=16, epochs=3)
        options = {"stream": Stream(), "threads": 1, **options}
        built = options.pop("built", None) or self.built(layers, recipe.seed)
        trainer = Trainer(built, data or made_data(), recipe, **options)
        self._trainers.append(trainer)
        return trainer

    def built(self, layers: Layers = MLP, seed: int = 0) -> Built:
        return build(chain(layers), standard(), seed=seed)

    def finished(self, *args: Any, **options: Any) -> Trainer:
        """A trainer that has trained to its end."""
        trainer = self.trainer(*args, **options)
        trainer.start()
        trainer.play()
        assert trainer.join(60)
        return trainer

    def close(self) -> None:
        for trainer in self._trainers:
            trainer.stop()
            assert trainer.join(30)
