"""What leaves the house: ONNX, Python source, weights. No Qt; torch is imported inside, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.project import Project

if TYPE_CHECKING:
    from graphs.building.build import Built
    from studio.data.prepare import Prepared
    from studio.learnt import Learnt
    from studio.training.snapshot import Snapshot

Report = Callable[[float, str], None]


OUTGROWN = (
    "The network has changed since it was trained, so its weights no longer fit; train it again, or undo the change."
)


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
    """What an export takes: the project, the weights to use (None for fresh ones) and the data where it is there.

    `learnt` says what learnt weights stand on; `outgrown`, that they are of another design than the project's."""

    project: Project
    snapshot: Snapshot | None = None
    data: Prepared | None = None
    learnt: Learnt | None = None
    outgrown: bool = False

    def told(self, data: Prepared | None) -> dict[str, str]:
        """What goes with the weights: classes and normalisation of what they were learnt on, or of the data."""
        from studio.learnt import metadata

        if self.learnt is not None:
            return dict(self.learnt.told)
        return metadata(data) if data is not None else {}

    def samples(self) -> Prepared | None:
        """The data to compare an export on, None where it can't be had."""
        from studio.data.prepare import DataFault, prepare

        if self.data is not None:
            return self.data
        try:
            return prepare(self.project.data)
        except DataFault:
            return None

    def built(self) -> tuple[Built, bool]:
        """The network with its weights, and whether they are trained. Raises BuildError, ShippingFault."""
        from graphs.building.build import build

        built = build(self.project.network, self.project.catalogue, seed=self.project.recipe.seed)
        if self.snapshot is None or (self.outgrown and not self.snapshot.step):
            return built, False
        if self.outgrown:
            raise ShippingFault(OUTGROWN)
        try:
            built.module.load_state_dict(dict(self.snapshot.under(built.names).weights))
        except RuntimeError:
            raise ShippingFault(OUTGROWN) from None
        return built, self.snapshot.step > 0


def onnx(source: Source, path: Path, opset: int, report: Report) -> Shipped:
    """Writes an ONNX file, checked and compared with onnxruntime on real samples."""
    from graphs.exchange.onnx_out import export_onnx
    from studio.learnt import STEP
    from studio.outputs import samples

    report(0.05, "Building the network")
    built, trained = source.built()
    report(0.15, "Fetching samples to compare with")
    data = source.samples()
    told = source.told(data)
    if source.snapshot is not None and told:
        told[STEP] = str(source.snapshot.step if trained else 0)
    made = export_onnx(
        built,
        path,
        samples=samples(built, data),
        opset=opset,
        metadata=told,
        progress=lambda share: report(0.2 + 0.8 * share, "Exporting and comparing with onnxruntime"),
    )
    worst = max(made.differences.values(), default=0.0)
    sizes = ", ".join(str(size) for size in made.differences)
    details = [("Opset", str(made.opset)), ("Nodes", f"{made.nodes:,}"), ("Size", size_of(made.bytes))]
    if made.checked:
        details.append(("Largest difference", f"{worst:.1e}"))
        details.append(("Compared in batches of", sizes))
    return Shipped(made.path, f"Written, and verified with onnxruntime: {made.path.name}", tuple(details), trained)


def source_code(source: Source, path: Path, class_name: str, report: Report) -> Shipped:
    """Writes the network as a Python file."""
    from graphs.building.source import write_source
    from graphs.files.atomic import write_text

    report(0.2, "Writing the source")
    text = write_source(source.project.network, source.project.catalogue, class_name)
    write_text(path, text)
    return Shipped(path, f"Written: {path.name}", (("Lines", str(text.count(chr(10)))),))


def weights(source: Source, path: Path, report: Report) -> Shipped:
    """Writes the weights as safetensors, with the design's digest, classes and normalisation."""
    from studio.design import design_of
    from studio.learnt import Learnt, write

    report(0.2, "Building the network")
    built, trained = source.built()
    state = {name: tensor.detach().cpu() for name, tensor in built.module.state_dict().items()}
    step = source.snapshot.step if source.snapshot is not None and trained else 0
    design = design_of(source.project.network, source.project.catalogue)
    write(path, Learnt(design, state, step, source.told(source.data), names=built.names))
    count = sum(tensor.numel() for tensor in state.values())
    details = (("Tensors", str(len(state))), ("Numbers", f"{count:,}"), ("Size", size_of(path.stat().st_size)))
    return Shipped(path, f"Written: {path.name}", details, trained)


def preview_source(project: Project, class_name: str) -> str:
    """The text of the Python file. Raises BuildError, ValueError."""
    from graphs.building.source import write_source

    return write_source(project.network, project.catalogue, class_name)


def size_of(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
