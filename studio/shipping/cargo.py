"""What is shipped: a built network with its weights, the samples that it can be judged on, and what goes with both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from studio.project import Project

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.building.build import Built
    from graphs.exchange.to_onnx.export import OnnxReport
    from studio.data.prepare import Prepared
    from studio.weights.learnt import Learnt


@dataclass(frozen=True, eq=False)
class Cargo:
    """`data` is None where there is none that fits the network; `missing` says why, in one sentence.

    `told` are classes and normalisation of what the weights were learnt on, as files carry them. `step` is 0 for
    weights that were never trained here; `weights` says in words which they are. `models` keeps the float models that
    were converted from it, by opset and sizes: several formats begin with the same one.
    """

    project: Project
    built: Built
    weights: str
    step: int = 0
    data: Prepared | None = None
    missing: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    models: dict[tuple[int, bool], tuple[bytes, OnnxReport]] = field(default_factory=dict)

    @property
    def trained(self) -> bool:
        """Whether the weights are learnt ones."""
        return not self.weights.startswith("untrained")

    def samples(self, count: int = 5) -> Sequence[Tensor]:
        """Inputs to compare with, one tensor for each input: held-out samples where they fit, else made ones."""
        from studio.outputs import samples

        return samples(self.built, self.data, count)


def load(project: Project, weights: Path | None = None, *, judged: bool = True) -> Cargo:
    """The project's network with the weights of that file, else those kept beside the project, else as it begins.

    Its samples are loaded where a model is to be `judged`. Raises BuildError, FileFault, ValueError.
    """
    from graphs.building.build import build
    from studio.weights.learnt import metadata

    built = build(project.network, project.catalogue, seed=project.recipe.seed)
    fresh = built.module.state_dict()
    found = _weights(project, weights, fresh) or _begun(project, fresh)
    built.module.load_state_dict(dict(found.state))
    data, missing = samples_of(project, built) if judged else (None, "No samples were loaded.")
    told = {**(metadata(data) if data is not None else {}), **found.told}
    return Cargo(project, built, found.words, found.step, data, missing, told)


def samples_of(project: Project, built: Built, ready: Prepared | None = None) -> tuple[Prepared | None, str]:
    """The project's samples where they can be had and fit the network, else why not."""
    from studio.checking import misfit_of
    from studio.data.prepare import DataFault, prepare

    try:
        data = ready if ready is not None else prepare(project.data)
    except DataFault as fault:
        return None, str(fault)
    if len(built.shapes) != 1:
        return None, f"The data feeds one input, and this network has {len(built.shapes)}."
    if message := misfit_of(data.shape, built.shapes[0].dims):
        return None, message
    if data.train.inputs.is_floating_point() != built.shapes[0].dtype.startswith("float"):
        kinds = "numbers" if data.train.inputs.is_floating_point() else "tokens"
        return None, f"The data holds {kinds}, which this network does not take."
    return data, ""


class _Found(NamedTuple):
    """Weights, what they are called, the step of training they are of, and what goes with them."""

    state: Mapping[str, Tensor]
    words: str
    step: int
    told: Mapping[str, str]


def _weights(project: Project, path: Path | None, first: Mapping[str, Tensor]) -> _Found | None:
    """Those of a file, else those kept beside the project where they fit."""
    from graphs.files.weights import check_fit, load_weights
    from studio.weights.following import names_of, renamed
    from studio.weights.learnt import STEP, TOLD, fitting, names_in

    if path:
        state, said = load_weights(path)
        state = renamed(state, names_in(said), names_of(project.network, project.catalogue))
        check_fit(state, first, path.name)
        step = int(text) if (text := said.get(STEP, "")).isdecimal() and len(text) < 19 else 0
        return _Found(state, f"weights of {path.name}", step, {key: said[key] for key in TOLD if key in said})
    found = fitting(project.learnt, project.network, project.catalogue, first)
    return _Found(found.weights, _called(found), found.step, found.told) if found else None


def _called(found: Learnt) -> str:
    """Which weights these are, in words."""
    if not found.begins or found.step:
        return f"weights of step {found.step:,}"
    fresh, all_ = len(found.fresh), len(found.weights)
    return f"imported weights, {fresh:,} of {all_:,} tensors untrained" if fresh else "imported weights"


def _begun(project: Project, fresh: Mapping[str, Tensor]) -> _Found:
    """The weights that training begins with; published ones are fetched."""
    from studio.weights.starting import begun

    first = begun(project.network, project.catalogue, fresh, fetch=True)
    if first is None:
        return _Found(fresh, f"untrained weights, seed {project.recipe.seed}", 0, {})
    return _Found(first.landing.state, f"weights of {first.start.words}", 0, first.told)
