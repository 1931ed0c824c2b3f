"""What a view may know about the project it looks at: the network, what was derived from it, and the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.network import Network

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from studio.data.prepare import Prepared


@dataclass(frozen=True, eq=False)
class Context:
    """Frozen, and replaced as a whole whenever the document, its analysis or the data change."""

    network: Network | None = None
    analysis: Analysis | None = None
    data: Prepared | None = None
    problem: str = ""
    """Why there is no data, in one sentence; empty while it is being loaded."""
    past: bool = False
    """Whether the history is that of a run before the network or its data were changed."""

    @property
    def plain(self) -> Network | None:
        """The network of plain layers, as it is built: what is inside blocks too."""
        return self.analysis.core.network if self.analysis is not None else self.network

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none for a regression or before the data is there."""
        return self.data.classes if self.data is not None else ()

    @property
    def buildable(self) -> bool:
        """Whether the network can be built; what is not known yet counts as yes."""
        return self.analysis is None or self.analysis.buildable

    def part(self, split: str) -> Any:
        """The training or validation part of the data, None before it is there."""
        if self.data is None:
            return None
        return self.data.train if split == "train" else self.data.validation

    def count(self, split: str) -> int:
        """How many samples a part has."""
        part = self.part(split)
        return len(part.inputs) if part is not None else 0

    def layers(self, *, weights: bool = False) -> list[tuple[str, str]]:
        """(id, title) of the nodes in forward order; `weights`: only those with parameters."""
        network = self.plain
        if network is None:
            return []
        facts = self.analysis.core.facts if self.analysis is not None else {}
        chosen = [n for n in network.order if not weights or (n in facts and facts[n].weights)]
        return [(n, network.nodes[n].title) for n in chosen]
