"""What leaves the house: ONNX, Python source, weights. No Qt; torch is imported inside, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.project import Project

if TYPE_CHECKING:
    from graphs.build import Built
    from studio.data.prepare import Prepared
    from studio.training.snapshot import Snapshot

Report = Callable[[float, str], None]
SAMPLES = 5


class ShippingFault(ValueError):
    """Why something was not exported, in one sentence."""


@dataclass(frozen=True)
class Shipped:
    """What was written: one line about it, and lines of detail."""

    path: Path
    headline: str
    details: tuple[tuple[str, str], ...] = ()
    trained: bool = True


@dataclass(frozen=True)
class Source:
    """What an export takes: the project, the weights to use (None for fresh ones) and the data where it is there."""

    project: Project
    snapshot: Snapshot | None = None
    data: Prepared | None = None

    def built(self) -> tuple[Built, bool]:
        """The network with its weights, and whether they are trained. Raises BuildError, ShippingFault."""
        from graphs.build import build

        built = build(self.project.network, self.project.catalogue, seed=self.project.recipe.seed)
        if self.snapshot is None:
            return built, False
        try:
            built.module.load_state_dict(dict(self.snapshot.weights))
        except RuntimeError:
            raise ShippingFault(
                "The network has changed since it was trained, so its weights no longer fit; train it again, "
                "or undo the change."
            ) from None
        return built, self.snapshot.step > 0


def onnx(source: Source, path: Path, opset: int, report: Report) -> Shipped:
    """Writes an ONNX file, checked and compared with onnxruntime on real samples."""
    from graphs.exchange.onnx_out import export_onnx
    from studio.data.prepare import prepare

    report(0.05, "Building the network")
    built, trained = source.built()
    report(0.15, "Fetching samples to compare with")
    data = source.data or prepare(source.project.data)
    samples = data.validation.inputs if len(data.validation.inputs) >= SAMPLES else data.train.inputs
    made = export_onnx(
        built,
        path,
        samples=samples[:SAMPLES].cpu(),
        opset=opset,
        metadata=_metadata(source, data),
        progress=lambda share: report(0.2 + 0.8 * share, "Exporting and comparing with onnxruntime"),
    )
    worst = max(made.differences.values(), default=0.0)
    sizes = ", ".join(str(size) for size in made.differences)
    details = [("Opset", str(made.opset)), ("Nodes", f"{made.nodes:,}"), ("Size", size_of(made.bytes))]
    if made.checked:
        details.append(("Largest difference", f"{worst:.1e}, onnxruntime against PyTorch"))
        details.append(("Compared at batch sizes", sizes))
    return Shipped(made.path, f"Written and verified: {made.path.name}", tuple(details), trained)


def source_code(source: Source, path: Path, class_name: str, report: Report) -> Shipped:
    """Writes the network as a Python file."""
    from graphs.atomic import write_text
    from graphs.source import write_source

    report(0.2, "Writing the source")
    text = write_source(source.project.network, source.project.catalogue, class_name)
    write_text(path, text)
    return Shipped(path, f"Written: {path.name}", (("Lines", str(text.count(chr(10)))),))


def weights(source: Source, path: Path, report: Report) -> Shipped:
    """Writes the weights as safetensors."""
    from graphs.weights import save_weights

    report(0.2, "Building the network")
    built, trained = source.built()
    state = dict(built.module.state_dict())
    save_weights(path, state, {"network": source.project.name})
    count = sum(tensor.numel() for tensor in state.values())
    details = (
        ("Tensors", str(len(state))),
        ("Numbers", f"{count:,}"),
        ("Size", size_of(path.stat().st_size)),
    )
    return Shipped(path, f"Written: {path.name}", details, trained)


def preview_source(project: Project, class_name: str) -> str:
    """The text of the Python file. Raises BuildError, ValueError."""
    from graphs.source import write_source

    return write_source(project.network, project.catalogue, class_name)


def class_name(name: str) -> str:
    """A class's name made from a project's: "lenet-digits" gives LenetDigits."""
    words = "".join(c if c.isalnum() else " " for c in name).split()
    made = "".join(word[:1].upper() + word[1:] for word in words)
    return made if made.isidentifier() else "Network"


def size_of(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _metadata(source: Source, data: Any) -> dict[str, str]:
    import json

    made = {"netloom.classes": json.dumps(list(data.classes), ensure_ascii=False)}
    made["netloom.normalisation"] = _text(data.normalisation.to_json())
    if source.snapshot is not None:
        made["netloom.step"] = str(source.snapshot.step)
    return made


def _text(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)
