"""A project beside another one, or beside its last save: what differs, in words and in numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from graphs.comparing.compare import Both, Comparison, Figures, compare, figures
from graphs.comparing.compare_words import Line, Said, lines
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio import examples
from studio.project import Project, open_project

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis, Inference
    from graphs.layers.base import Shape


@dataclass(frozen=True)
class Side:
    """One of the two: its network, what its kinds are, and its shapes and costs."""

    network: Network
    catalogue: Catalogue
    analysis: Analysis


@dataclass(frozen=True)
class Found:
    """Everything that is to be said about two networks."""

    before: Side
    after: Side
    comparison: Comparison
    lines: tuple[Line, ...]
    figures: Figures

    @property
    def totals(self) -> tuple[Said, ...]:
        """Layers, parameters and multiply-adds before and after."""
        layers = Both(len(self.before.network.nodes), len(self.after.network.nodes))
        costs = self.figures
        named = (("Layers", layers), ("Parameters", costs.parameters), ("Multiply-adds", costs.multiply_adds))
        return tuple(Said(title, f"{both.before:,}", f"{both.after:,}") for title, both in named)

    def costs(self, node: str) -> tuple[Said, ...]:
        """How parameters and shapes of a node differ, by its id after; empty where they do not."""
        known = self.figures.nodes.get(node)
        if known is None or node not in self.comparison.mates:
            return ()
        parameters, shapes = known
        said = [Said("Parameters", f"{parameters.before:,}", f"{parameters.after:,}")]
        said.append(Said("Output", _shapes(shapes.before), _shapes(shapes.after)))
        return tuple(one for one in said if one.before != one.after)

    @property
    def follows(self) -> tuple[str, ...]:
        """Nodes that are as they were, but whose parameters or shapes differ because of others."""
        own = {line.node for line in self.lines if line.what == "node" and line.sort != "moved"}
        return tuple(i for i in self.after.network.order if i in self.figures.nodes and i not in own)

    def rows(self) -> list[tuple[str, str, str]]:
        """Sort, what, and the values before and after: one row for each difference, the insides of blocks too."""
        follows = [("follows", self.after.network.nodes[i].title, _joined(self.costs(i))) for i in self.follows]
        return [*_rows(self.lines, ""), *(row for row in follows if row[2])]

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "totals": {said.title: {"before": said.before, "after": said.after} for said in self.totals},
            "differences": [_plain(line) for line in self.lines],
            "follows": {i: [vars(said) for said in self.costs(i)] for i in self.follows if self.costs(i)},
        }


class Comparer:
    """Compares a growing network with a fixed one. `look` may be called from any thread, one at a time."""

    def __init__(self, opened: Callable[[], Project]) -> None:
        self._open = opened
        self._before: Side | None = None
        self._after: Analysis | None = None
        self._inference: Inference | None = None
        self._turn = threading.Lock()

    def look(self, network: Network, catalogue: Catalogue) -> Found:
        """What differs in this network. Raises ProjectFault where the other cannot be opened."""
        with self._turn:
            before = self._before = self._before or _side(self._open())
            from graphs.inference.shapes import Inference

            self._inference = self._inference or Inference(catalogue)
            self._after = self._inference.analyse(network, self._after)
            return found(before, Side(network, catalogue, self._after))


def found(before: Side, after: Side) -> Found:
    """What differs between two sides."""
    difference = compare(before.network, after.network)
    told = lines(difference, before.network, after.network, Both(before.catalogue, after.catalogue), models_of_settings)
    return Found(before, after, difference, told, figures(difference, before.analysis, after.analysis))


def beside(first: str | Path, second: str | Path) -> Found:
    """What differs in the second project. Raises ProjectFault."""
    return found(_side(open_project(first)), _side(open_project(second)))


def last_save(project: Project) -> Path | None:
    """The file that holds a project as it was saved, or as its example ships; None where there is none."""
    if project.path is not None:
        return project.path if project.path.is_file() else None
    return examples.path(project.name) if project.name in examples.names() else None


def models_of_settings(section: str, values: Mapping[str, Any]) -> type[BaseModel] | None:
    """The class that declares a section of the settings, for the titles and defaults of its fields."""
    if section == "recipe":
        from studio.recipe import Recipe

        return Recipe
    if section == "data":
        from studio.data.spec import SOURCES

        return SOURCES.get(str(values.get("source", "digits")))
    return None


def _side(project: Project) -> Side:
    from graphs.inference.shapes import Inference

    return Side(project.network, project.catalogue, Inference(project.catalogue).analyse(project.network))


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(str, shapes)) or "unknown"


def _rows(lines: Iterable[Line], inside: str) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        yield line.sort, f"{inside}{line.what} {line.title}", _joined(line.details)
        yield from _rows(line.within, f"{line.title} / ")


def _joined(details: Iterable[Said]) -> str:
    return ", ".join(map(str, details))


def _plain(line: Line) -> dict[str, Any]:
    return {
        "sort": line.sort,
        "what": line.what,
        "title": line.title,
        "node": line.node,
        "values": [vars(said) for said in line.details],
        "within": [_plain(inner) for inner in line.within],
    }
