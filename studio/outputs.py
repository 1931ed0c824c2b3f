"""What a trained network leaves on disk beside its project: weights, an ONNX file, the curves. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.weights.learnt import learnt_by, metadata
from studio.weights.learnt import write as write_learnt

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.building.build import Built
    from graphs.exchange.to_onnx.export import OnnxReport
    from studio.data.prepare import Prepared
    from studio.headless import Finished

MODEL, WEIGHTS, CURVES = "model.onnx", "weights.safetensors", "curves.svg"


def write_all(run: Finished, folder: Path, report: Callable[[float], None] | None = None) -> OnnxReport:
    """Weights, curves and a checked ONNX model of a finished run. Raises FileFault, ExportError."""
    write_sound(run, folder)
    return write_onnx(run.built, folder / MODEL, run.data, report, step=run.final.step)


def write_sound(run: Finished, folder: Path) -> None:
    """Weights and curves, also of a run that failed: its last finite weights. Raises FileFault."""
    from graphs.files import atomic
    from graphs.files.faults import unwritable
    from studio.curves import svg

    write_weights(run, folder / WEIGHTS)
    try:
        atomic.write_text(folder / CURVES, svg(run.history, run.project.name))
    except OSError as error:
        raise unwritable(folder / CURVES, error) from error


def write_weights(run: Finished, path: Path) -> None:
    """The weights as safetensors, with what belongs to them as metadata. Raises FileFault."""
    write_learnt(path, learnt_by(run.project.network, run.project.catalogue, run.final, run.data))


def write_onnx(
    built: Built,
    path: Path,
    data: Prepared | None,
    report: Callable[[float], None] | None = None,
    *,
    step: int | None = None,
    told: Mapping[str, str] | None = None,
) -> OnnxReport:
    """The network as ONNX, compared with onnxruntime on the data's samples, or on made ones without data.

    `told` goes with it as metadata, else what is known of the data. Raises ExportError, FileFault.
    """
    from graphs.exchange.to_onnx.export import export_onnx

    known = told or (metadata(data, step) if data else {})
    return export_onnx(built, path, samples=samples(built, data), metadata=known, progress=report)


def samples(built: Built, data: Prepared | None, count: int = 5) -> Sequence[Tensor]:
    """Inputs to compare with: the first validation samples where they fit, else seeded random ones."""
    import torch

    shapes = built.shapes
    if data is not None and len(shapes) == 1 and tuple(data.shape) == shapes[0].dims:
        return [data.validation.inputs[:count]]
    generator = torch.Generator().manual_seed(0)
    made = []
    for shape in shapes:
        size = (count, *shape.dims)
        if shape.dtype.startswith("int"):
            made.append(torch.randint(0, 2, size, generator=generator, dtype=getattr(torch, shape.dtype)))
        else:
            made.append(torch.rand(size, generator=generator))
    return made
