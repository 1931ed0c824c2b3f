"""What leaves the house from the window: the project with the weights as they are now. No Qt; torch is imported inside,
off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project import Project
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

    `learnt` says what learnt weights stand on; `outgrown`, that they are of another design than the project's."""

    project: Project
    snapshot: Snapshot | None = None
    data: Prepared | None = None
    learnt: Learnt | None = None
    outgrown: bool = False

    def cargo(self) -> Cargo:
        """The network with its weights, and the samples that it can be judged on. Raises BuildError, FileFault,
        ShippingFault."""
        from studio.shipping.cargo import Cargo, samples_of
        from studio.weights.learnt import metadata

        built, trained = self.built()
        step = self.snapshot.step if self.snapshot is not None and trained else 0
        begun, told = self._begun(built) if not step else ("", {})
        data, missing = samples_of(self.project, built, self.data)
        known = metadata(data) if data is not None else {}
        known |= dict(self.learnt.told) if self.learnt is not None else told
        return Cargo(self.project, built, self._words(step, begun), step, data, missing, known)

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

    def _begun(self, built: Built) -> tuple[str, dict[str, str]]:
        """What the first weights are called where they are not fresh, and what goes with them; they are put in where
        no snapshot brought them."""
        from studio.weights.starting import begun

        found = begun(self.project.network, self.project.catalogue, built.module.state_dict(), fetch=True)
        if found is None:
            return "", {}
        if self.snapshot is None or self.outgrown:
            built.module.load_state_dict(dict(found.landing.state))
        return found.start.words, dict(found.told)

    def _words(self, step: int, begun: str) -> str:
        if step:
            return f"weights of step {step:,}"
        if self.learnt is not None and not self.outgrown:
            return "weights that it was opened with"
        return f"weights of {begun}" if begun else f"untrained weights, seed {self.project.recipe.seed}"


def first_words(project: Project) -> str:
    """Which weights an export holds before anything was trained."""
    from studio.weights.starting import start_of

    try:
        start = start_of(project.network)
    except ValueError:
        start = None
    return f"Weights of {start.words}." if start else "Not trained yet: an export holds fresh weights."


def preview_source(project: Project, class_name: str) -> str:
    """The text of the Python file. Raises BuildError, ValueError."""
    from graphs.building.source import write_source

    return write_source(project.network, project.catalogue, class_name)
