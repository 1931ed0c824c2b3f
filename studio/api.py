"""Netloom from Python: build a network, train it, look inside, export it.

    from studio.api import Linear, ReLU, VectorInput, data, sequential, train

    network = sequential(VectorInput(features=4), Linear(out_features=16), ReLU(), Linear(out_features=3))
    trained = train(network, data("iris"), epochs=50, learning_rate=0.01)
    print(trained.accuracy)

Every layer kind of the catalogue can be imported from here by its name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from graphs.building.builder import sequential
from graphs.document import Document
from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from studio.data.spec import DataSpec, dump_spec, make
from studio.headless import Finished, Watch
from studio.headless import train as _train
from studio.project import Project, dump_recipe, open_project, parse_recipe
from studio.weights import learnt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from graphs.exchange.proving.verdicts import Proof
    from graphs.exchange.to_onnx.export import OnnxReport
    from graphs.files.landing import Landing
    from studio.inspection.base import Result
    from studio.inspection.probe import Probe
    from studio.training.history import History

__all__ = ["Trained", "architecture", "beginning", "data", "open_project", "sequential", "train"]

LOOKS = ("activations", "adversarial", "boundary", "confusion", "filters", "projection", "saliency", "statistics")
"""The ways of looking inside that `Trained.look` knows."""


def __getattr__(name: str) -> Callable[..., Layer]:
    """What makes a layer of each kind, by the kind's name in the catalogue."""
    if name not in standard().kinds:
        raise AttributeError(f"studio.api has no {name!r}, and the catalogue no such layer.")
    return partial(_layer, name)


def _layer(kind: str, /, *given: object, **fields: Any) -> Layer:
    """A layer of the kind with these fields. Raises ValueError."""
    known = list(standard().kinds[kind].model_fields)
    if given:
        such = f", such as {kind}({known[0]}={given[0]!r})" if known else ""
        raise ValueError(f"{kind} takes its fields by name{such}.")
    return standard().parse(kind, fields)


def architecture(name: str, /, *, weights: str = "", **fields: Any) -> Network:
    """A published network by its name, with its fields: `architecture("resnet50", classes=10)`.

    With `weights`, "pretrained" or a name such as "IMAGENET1K_V1", training begins with published ones, which are
    fetched when they are needed. Raises ValueError.
    """
    from studio import listing

    return listing.architecture(name, fields, weights=weights)


def beginning(network: Network, weights: str | Path) -> tuple[Network, Landing]:
    """The network that begins with other weights, and what landed of them: those of a file (.pth, .pt, .safetensors) or
    published ones by their name, "resnet50@pretrained". Raises FileFault, ValueError."""
    from studio.weights import starting

    start = starting.chosen_by(weights)
    made = starting.starting(network, start)
    return made, starting.landing(made, _knowing(made))


def _knowing(network: Network) -> Catalogue:
    catalogue = standard().copy()
    catalogue.know(network)
    return catalogue


def data(source: str, **options: Any) -> DataSpec:
    """A source of samples by its name, with its options: `data("digits", size=28)`. Raises DataFault."""
    return make(source, **options)


def train(
    network: Network | Project,
    samples: DataSpec | str | None = None,
    *,
    folder: str | Path | None = None,
    resume: bool = False,
    watch: Watch | None = None,
    **recipe: Any,
) -> Trained:
    """Trains a network on `samples`, from `data` or the name of a source, and waits for the end.

    `recipe` are options of `studio.recipe.Recipe`, such as epochs, learning_rate, batch_size, optimiser, loss,
    seed or device; a project brings its own data and recipe, which these change. With a `folder` the run is
    kept there and can be resumed. Raises DataFault, ProjectFault, BuildError and TrainingFault.
    """
    settings = dict(network.network.settings if isinstance(network, Project) else network.settings)
    if samples is not None:
        settings["data"] = dump_spec(_spec(samples))
    settings["recipe"] = dump_recipe(parse_recipe({**(settings.get("recipe") or {}), **recipe}))
    design = network.network if isinstance(network, Project) else network
    name = network.name if isinstance(network, Project) else "network"
    document = Document(replace(design, settings=settings))
    path = network.path if isinstance(network, Project) else None
    place = Path(folder) if folder is not None else None
    catalogue = network.catalogue if isinstance(network, Project) else None
    project = Project(document, path, catalogue, name)
    project.learnt = network.learnt if isinstance(network, Project) else None
    return Trained(_train(project, place, resume=resume, watch=watch))


def _spec(samples: object) -> DataSpec:
    if isinstance(samples, str):
        return make(samples)
    if not isinstance(samples, DataSpec):
        raise ValueError(f'Samples come from data(…), such as data("iris"), not from a {type(samples).__name__}.')
    return samples


@dataclass(frozen=True)
class Trained:
    """A network that has learnt, and everything about how it did."""

    run: Finished

    @property
    def network(self) -> Network:
        """The network, with the data and the recipe it was trained with."""
        return self.run.project.network

    @property
    def history(self) -> History:
        """Loss and accuracy of every step and epoch."""
        return self.run.history

    @property
    def accuracy(self) -> float:
        """The share of validation samples that it gets right, 0…1; nan for regression."""
        return self.history.epochs[-1].val_accuracy

    @property
    def loss(self) -> float:
        """The loss on the validation samples."""
        return self.history.epochs[-1].val_loss

    @cached_property
    def probe(self) -> Probe:
        """The network with its learnt weights, to look into."""
        from studio.inspection.probe import Probe

        probe = Probe(self.network, self.run.project.catalogue, self.run.data)
        probe.load(self.run.final)
        return probe

    def look(self, way: str, **options: Any) -> Result:
        """A look inside: `look("saliency", sample=3)`; `.table()` gives the numbers. `LOOKS` names the ways.

        Raises ValueError for a way or an option that there is not, InspectionFault where it does not apply.
        """
        from studio.inspection.base import quiet

        if way not in LOOKS:
            raise ValueError(f"There is no way of looking called {way!r}; choose one of {', '.join(LOOKS)}.")
        module = importlib.import_module(f"studio.inspection.{way}")
        chosen = _chosen(way, getattr(module, f"{way.capitalize()}Options"), options)
        result: Result = module.analyse(self.probe, chosen, quiet)
        return result

    def predict(self, inputs: ArrayLike) -> NDArray[np.float32]:
        """What the network gives for raw inputs [N, *shape]: class scores [N, classes] or numbers [N, k]."""
        import torch

        wanted = self.run.built.shapes[0]
        raw = torch.as_tensor(inputs)
        if tuple(raw.shape[1:]) != wanted.dims or not raw.dim():
            found = "×".join(map(str, raw.shape)) or "a single number"
            raise ValueError(f"The network takes samples of {wanted}, so inputs of N×{wanted}, not {found}.")
        fed = raw.long() if wanted.dtype.startswith("int") else self.run.data.normalisation.apply(raw.float())
        with torch.no_grad():
            given: NDArray[np.float32] = self.probe.module(fed).numpy()
        return given

    def export(self, path: str | Path) -> OnnxReport:
        """Writes an ONNX model that was compared with onnxruntime. Raises ExportError, FileFault."""
        from studio.outputs import write_onnx

        return write_onnx(self.run.built, Path(path), self.run.data, step=self.run.final.step)

    def prove(self, opset: int = 20) -> Proof:
        """Every layer beside what onnxruntime computes there, on held-out samples; `.first` names the layer in which
        the two part, None where all agree. Raises ExportError."""
        from graphs.exchange.proving.proof import prove
        from studio.outputs import samples

        return prove(self.run.built, samples(self.run.built, self.run.data, 2), opset)

    def save(self, path: str | Path) -> Path:
        """Writes the project, and beside it what it learnt, for the window. Raises ProjectFault, FileFault."""
        saved = self.run.project.save(path)
        self.save_weights(learnt.beside(saved))
        return saved

    def save_weights(self, path: str | Path) -> None:
        """Writes the learnt weights as safetensors. Raises FileFault."""
        from studio.outputs import write_weights

        write_weights(self.run, Path(path))


def kinds() -> Mapping[str, type[Layer]]:
    """All layer kinds by name."""
    return standard().kinds


def _chosen(way: str, options: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """The options of a way of looking. Raises ValueError with one sentence."""
    try:
        return options(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            raise ValueError(f"The look {way!r} has no option {name!r}.") from None
        reason = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
        raise ValueError(f"{name} of the look {way!r} cannot be {first['input']!r}: it {reason}.") from None
