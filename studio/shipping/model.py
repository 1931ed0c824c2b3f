"""The ONNX model in float32: what is compared with PyTorch, and what the smaller models are made from."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from graphs.layers.base import setting
from studio.shipping.cargo import Cargo
from studio.shipping.shipped import Report, Shipped, size_of

if TYPE_CHECKING:
    from onnx import ModelProto

    from graphs.exchange.to_onnx.export import OnnxReport

OWN = "netloom."
KEPT = ("netloom.classes", "netloom.normalisation", "netloom.step")
"""What stays true of a model whose weights were changed; the rest of our own entries is the way back to the network."""


class ModelOptions(BaseModel):
    """Options of an ONNX model, whether it is a file or stands in a folder with more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numbers: Literal["float32", "float16", "int8"] = setting(
        "float32", "Numbers", "How the model holds them: float16 takes half the room, int8 a quarter.",
        extra={"labels": {"float32": "float32", "float16": "float16", "int8": "int8"}},
    )  # fmt: skip
    opset: int = setting(20, "Opset", "The version of ONNX's operators; 20 suits most programs.", ge=18, le=23)
    free_size: bool = setting(
        False, "Any size", "It takes pictures, series and texts of other sizes, too, where the network can."
    )
    calibration: int = setting(
        256, "Calibrate on", "Training samples that show how large the numbers inside become.", ge=1, le=10_000,
        extra={"unit": "samples", "when": {"numbers": ["int8"]}},
    )  # fmt: skip
    seven: bool = setting(
        False, "7-bit weights", "Safer on processors without VNNI, whose sums of int8 can overflow.",
        extra={"when": {"numbers": ["int8"]}},
    )  # fmt: skip


def ship_onnx(cargo: Cargo, path: Path, options: ModelOptions, report: Report) -> Shipped:
    """Writes an ONNX file, checked and compared with onnxruntime. Raises ExportError, FileFault."""
    data, made = float_model(cargo, options, report)
    report(0.99, "Writing")
    write(path, data)
    report(1.0, "Written")
    headline = f"Written, and verified with onnxruntime: {path.name}"
    summary = f"checked, largest difference {made.worst:.1e}"
    return Shipped(path, headline, tuple(_details(made)), cargo.trained, _facts(cargo, made), summary=summary)


def float_model(cargo: Cargo, options: ModelOptions, report: Report) -> tuple[bytes, OnnxReport]:
    """The float32 model, made once for each kind of options. Raises ExportError."""
    from graphs.exchange.to_onnx.export import export_onnx

    key = (options.opset, options.free_size)
    if key not in cargo.models:
        words = "Converting, and comparing with onnxruntime"
        report(0.0, words)
        with TemporaryDirectory(prefix="netloom-") as folder:
            file = Path(folder) / "model.onnx"
            made = export_onnx(
                cargo.built,
                file,
                samples=cargo.samples(),
                opset=options.opset,
                free_size=options.free_size,
                metadata=told(cargo),
                progress=lambda share: report(share, words),
            )
            cargo.models[key] = file.read_bytes(), made
    return cargo.models[key]


def told(cargo: Cargo) -> dict[str, str]:
    """What a program that runs the model must know beside it."""
    from studio.weights.learnt import STEP

    return {**cargo.told, STEP: str(cargo.step)} if cargo.told or cargo.step else {}


def plain(model: ModelProto) -> ModelProto:
    """The model without the way back to the network it was made from, which changed weights would belie; in order,
    and with the operators that it uses alone."""
    import onnx_ir
    from onnx_ir.passes import common

    unneeded = [entry for entry in model.metadata_props if not _stays(entry.key)]
    for entry in unneeded:
        model.metadata_props.remove(entry)
    graph: Any = onnx_ir.from_proto(model)
    common.TopologicalSortPass()(graph)
    common.RemoveUnusedOpsetsPass()(graph)
    sorted_model: ModelProto = onnx_ir.to_proto(graph)
    sorted_model.producer_name = "Netloom"
    return sorted_model


def write(path: Path, data: bytes) -> None:
    """Writes a file in one step. Raises FileFault."""
    from graphs.files import atomic
    from graphs.files.faults import unwritable

    try:
        atomic.write_bytes(path, data)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def _stays(key: str) -> bool:
    return key in KEPT or not key.startswith((OWN, "onnx."))


def _details(made: OnnxReport) -> list[tuple[str, str]]:
    sizes = ", ".join(str(size) for size in made.differences)
    free = ", ".join(name for names in made.sizes.values() for name in names)
    details = [("Opset", str(made.opset)), ("Nodes", f"{made.nodes:,}"), ("Size", size_of(made.bytes))]
    details += [("Largest difference", f"{made.worst:.1e}"), ("Compared in batches of", sizes)]
    details += [("Free", f"batch, {free}"), ("Compared at", "; ".join(made.resized))] if free else []
    return details + ([("Fixed", made.fixed)] if made.fixed else [])


def _facts(cargo: Cargo, made: OnnxReport) -> dict[str, Any]:
    return {
        "format": "onnx",
        "weights": cargo.weights,
        "opset": made.opset,
        "nodes": made.nodes,
        "bytes": made.bytes,
        "largest_difference": made.worst,
        "differences": {str(size): found for size, found in made.differences.items()},
        "free": {name: ["batch", *axes] for name, axes in made.sizes.items()},
        "resized": dict(made.resized),
        "fixed": made.fixed,
    }
