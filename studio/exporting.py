"""Files that are made from a project as it is: ONNX, a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphs.files import atomic
from graphs.files.faults import unwritable
from studio.project import Project, ProjectFault

if TYPE_CHECKING:
    from graphs.exchange.to_onnx.export import OnnxReport
    from graphs.pictures.figure import Look


def onnx(project: Project, path: Path, weights: Path | None = None) -> tuple[OnnxReport, str]:
    """The network as ONNX, with `weights`, else those kept beside the project, else as it begins; and which they are.

    It is compared with onnxruntime on samples of the project's data where they can be had and fit. Raises
    BuildError, FileFault, ExportError.
    """
    from studio.outputs import write_onnx
    from studio.shipping.cargo import load
    from studio.shipping.model import told

    cargo = load(project, weights)
    return write_onnx(cargo.built, path, cargo.data, told=told(cargo)), cargo.weights


def picture(project: Project, path: Path, look: Look | None = None, style: str = "canvas") -> None:
    """The canvas, or with the style "figure" a figure for papers, as an SVG picture.

    Raises FileFault, ProjectFault for the name of another kind of picture.
    """
    if path.suffix.lower() not in ("", ".svg"):
        raise ProjectFault(f"{path.name}: here the network is drawn as SVG; give a name that ends in .svg.")
    from graphs.inference.shapes import Inference
    from graphs.pictures.canvas import svg
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
