"""Files that are made from a project as it is: ONNX, Python source, a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.files import atomic
from graphs.files.faults import unwritable
from studio.following import names_of, renamed
from studio.learnt import fitting, names_in
from studio.project import Project, ProjectFault

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.building.build import Built
    from graphs.exchange.onnx_out import OnnxReport
    from graphs.pictures.figure import Look
    from studio.starting import Begun


def onnx(project: Project, path: Path, weights: Path | None = None) -> tuple[OnnxReport, str]:
    """The network as ONNX, with `weights`, else those kept beside the project, else as it begins; and which they are.

    It is compared with onnxruntime on samples of the project's data where they can be had and fit. Raises
    BuildError, FileFault, ExportError.
    """
    from studio.data.prepare import DataFault, prepare
    from studio.outputs import write_onnx

    built, first = _begun(project, alone=weights is None)
    state, which = _weights(project, weights, built.module.state_dict())
    told: Mapping[str, str] = {}
    if first is not None and which == _untrained(project):
        which, told = f"weights of {first.start.words}", first.told
    built.module.load_state_dict(state)
    try:
        data = prepare(project.data)
    except DataFault:
        data = None  # the model does not depend on it: write_onnx compares on made samples then
    return write_onnx(built, path, data, told=told), which


def _weights(project: Project, path: Path | None, first: dict[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    from graphs.files.weights import check_fit, load_weights

    if path:
        state, told = load_weights(path)
        names = names_of(project.network, project.catalogue)
        state = renamed(state, names_in(told), names)
        check_fit(state, first, path.name)
        return state, f"weights of {path.name}"
    if found := fitting(project.learnt, project.network, project.catalogue, first):
        return dict(found.weights), f"weights of step {found.step:,}"
    return first, _untrained(project)


def _untrained(project: Project) -> str:
    return f"untrained weights, seed {project.recipe.seed}"


def _begun(project: Project, alone: bool) -> tuple[Built, Begun | None]:
    """The network as training begins; with fresh weights where others are put in anyway."""
    from studio.starting import build_begun, starting

    network = project.network if alone else starting(project.network, None)
    return build_begun(network, project.catalogue, project.recipe.seed, fetch=True)


def source(project: Project, path: Path) -> None:
    """The network as a Python file with one class. Raises BuildError, FileFault."""
    from graphs.building.source import write_source

    _write(path, write_source(project.network, project.catalogue, class_name(project.name)))


def picture(project: Project, path: Path, look: Look | None = None, style: str = "canvas") -> None:
    """The canvas, or with the style "figure" a figure for papers, as an SVG picture.

    Raises FileFault, ProjectFault for the name of another kind of picture.
    """
    if path.suffix.lower() not in ("", ".svg"):
        raise ProjectFault(f"{path.name}: here the network is drawn as SVG; give a name that ends in .svg.")
    from graphs.exchange.picture import svg
    from graphs.inference.shapes import Inference
    from graphs.pictures.figure import Look, figure

    network, known, look = project.network, project.catalogue, look or Look()
    analysis = Inference(known).analyse(network)
    if style == "figure":
        text = figure(network, analysis, look, catalogue=known, title=project.name)
    else:
        clear = look.transparent
        text = svg(network, analysis, look.theme, catalogue=known, title=project.name, transparent=clear)
    _write(path, text)


def class_name(name: str) -> str:
    """A class's name made from a project's: "lenet-digits" gives LenetDigits."""
    words = "".join(c if c.isalnum() else " " for c in name).split()
    made = "".join(word[:1].upper() + word[1:] for word in words)
    return made if made.isidentifier() else "Network"


def _write(path: Path, text: str) -> None:
    try:
        atomic.write_text(path, text)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error
