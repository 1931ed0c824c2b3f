"""What leaves the house from the window: the project with the weights as they are now. No Qt; torch is imported inside,
off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.project import Project
from studio.shipping.int8 import UNCALIBRATED
from studio.shipping.shipped import Report, Shipped, ShippingFault, size_of

if TYPE_CHECKING:
    from graphs.building.build import Built
    from studio.data.prepare import Prepared
    from studio.shipping.cargo import Cargo
    from studio.training.snapshot import Snapshot
    from studio.weights.learnt import Learnt

__all__ = ["OUTGROWN", "Report", "Shipped", "ShippingFault", "Source", "first_words", "preview_source", "size_of"]

OUTGROWN = (
    "The network has changed since it was trained, so its weights no longer fit; train it again, or undo the change."
)


@dataclass(frozen=True)
class Source:
    """What an export takes: the project, the weights to use (None for fresh ones) and the data where it is there.

    `learnt` says what learnt weights stand on; `outgrown`, that they are of another design than the project's; `unfit`,
    why there is no data, where that is known."""

    project: Project
    snapshot: Snapshot | None = None
    data: Prepared | None = None
    learnt: Learnt | None = None
    outgrown: bool = False
    unfit: str = ""

    def without_samples(self) -> str:
        """Why nothing can be calibrated, in a sentence or two, as far as that is known without reading anything."""
        return f"{UNCALIBRATED} {self.unfit}" if self.data is None and self.unfit else ""

    def cargo(self) -> Cargo:
        """The network with its weights, and the samples that it can be judged on. Raises BuildError, FileFault,
        ShippingFault."""
        from studio.shipping.cargo import Cargo, samples_of
        from studio.weights.learnt import metadata

        if (cargo := self._untrained()) is not None:
            return cargo
        assert self.snapshot is not None
        built, _ = self.built()
        data, missing = samples_of(self.project, built, self.data)
        known = metadata(data) if data is not None else {}
        known |= dict(self.learnt.told) if self.learnt is not None else {}
        step = self.snapshot.step
        return Cargo(self.project, built, self._words(step), step, data, missing, known)

    def built(self) -> tuple[Built, bool]:
        """The network with its weights, and whether they are trained. Raises BuildError, FileFault, ShippingFault."""
        from graphs.building.build import build

        if (cargo := self._untrained()) is not None:
            return cargo.built, cargo.step > 0
        if self.outgrown:
            raise ShippingFault(OUTGROWN)
        assert self.snapshot is not None
        built = build(self.project.network, self.project.catalogue, seed=self.project.recipe.seed)
        try:
            built.module.load_state_dict(dict(self.snapshot.under(built.names).weights))
        except RuntimeError:
            raise ShippingFault(OUTGROWN) from None
        return built, self.snapshot.step > 0

    def _untrained(self) -> Cargo | None:
        """Where nothing was trained here: the network with the weights that it came with or begins with, as in the
        terminal; whether its data is there, or fits it, says nothing about those."""
        from studio.shipping.cargo import load, samples_of
        from studio.weights.learnt import metadata

        if self.snapshot is not None and (self.snapshot.step or (self.learnt is not None and not self.outgrown)):
            return None
        cargo = load(self.project, judged=False)
        data, missing = samples_of(self.project, cargo.built, self.data)
        told = {**(metadata(data) if data is not None else {}), **cargo.told}
        return replace(cargo, data=data, missing=missing, told=told)

    def _words(self, step: int) -> str:
        return f"weights of step {step:,}" if step else "imported weights"


def first_words(project: Project) -> str:
    """Which weights an export holds before anything was trained here. Reads no more than the head of a file."""
    from studio.weights.starting import start_of

    if words := _kept_words(project):
        return words
    try:
        start = start_of(project.network)
    except ValueError:
        start = None
    return f"Weights of {start.words}." if start else "Not trained yet: an export holds fresh weights."


def _kept_words(project: Project) -> str:
    """Those that the project came with; empty where there are none, or they are of another design."""
    from graphs.files.faults import FileFault
    from graphs.files.weights import load_metadata
    from studio.design import known_as
    from studio.weights.brought import Brought
    from studio.weights.learnt import BEGINS, DIGEST, STEP, beside

    bring = project.learnt
    if isinstance(bring, Brought):
        digest, begins, step = bring.digest, bring.begins, bring.step
    elif bring is not None and project.path is not None and beside(project.path).is_file():
        try:
            told = load_metadata(beside(project.path))
        except FileFault:
            return ""
        text = told.get(STEP, "")
        digest, begins = told.get(DIGEST, ""), BEGINS in told
        step = int(text) if text.isdecimal() and len(text) < 19 else 0
    else:
        return ""
    if digest not in known_as(project.network, project.catalogue):
        return "The imported weights, where they still fit." if begins else ""
    return f"Weights of step {step:,}." if step else "The weights that it was imported with."


def preview_source(project: Project, class_name: str) -> str:
    """The text of the Python file. Raises BuildError, ValueError."""
    from graphs.building.source import write_source

    return write_source(project.network, project.catalogue, class_name)
