"""Facts and problems of a network, as they are shown and built from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from graphs.inference.facts import Facts, output
from graphs.inference.problems import Problem
from graphs.inference.sharing import Share
from graphs.layers.base import Shape
from graphs.meaning.flat import Flat
from graphs.meaning.scopes import Names
from graphs.network import End, Network

Path = tuple[str, ...]
"""Ids of uses of blocks, from the outermost inwards."""


class Place(NamedTuple):
    """Where an analysis is drawn: at which path of which design, with which names, and what is computed."""

    core: Analysis
    names: Names
    path: Path = ()
    root: Analysis | None = None
    """The analysis of the whole design, for the inside of a block."""
    block: str = ""


@dataclass(frozen=True)
class Analysis:
    """Facts and problems of a network as it is drawn. `renewed` holds the ids that were looked at again for it.

    Where blocks, dots, modes or expressions are drawn, `core` is the analysis of the plain network that they come to
    (`flat`); a use of a block has the sums of what it holds, and the problems of what is inside it.
    """

    network: Network
    facts: Mapping[str, Facts]
    problems: tuple[Problem, ...]
    order: tuple[str, ...]
    used: frozenset[str] = frozenset()
    renewed: tuple[str, ...] = field(default=(), compare=False)
    flat: Flat = field(default_factory=lambda: Flat(Network(), Network()), compare=False, repr=False)
    place: Place | None = field(default=None, compare=False, repr=False)
    """Where it is drawn, unless that is the design itself and plain."""
    shares: Mapping[str, Share] = field(default_factory=dict, compare=False, repr=False)
    """What layers of a plain network have from others, by the one that follows; for a design those of `core` count."""

    @cached_property
    def parameters(self) -> int:
        """Parameters of everything that is built."""
        if self.place is not None and not self.place.path:
            return self.core.parameters
        return sum(self.facts[node].parameters for node in self._counted)

    @cached_property
    def multiply_adds(self) -> int:
        """Multiply-adds of everything that is built, for one sample."""
        if self.place is not None and not self.place.path:
            return self.core.multiply_adds
        return sum(self.facts[node].multiply_adds for node in self._counted)

    @property
    def core(self) -> Analysis:
        """The analysis of the plain network that this one comes to; itself where it is plain."""
        return self if self.place is None else self.place.core

    @property
    def names(self) -> Names:
        """What names in expressions stand for here."""
        return self.flat.names if self.place is None else self.place.names

    def inside(self, path: tuple[str, ...]) -> Analysis:
        """What is known about the inside of the use of a block at `path`, under the ids that are drawn there: of its
        first repeat. Where that use is muted, bypassed or at fault, nothing is known. Raises KeyError without one."""
        from graphs.inference.drawn import room

        if path not in self._rooms:
            self._rooms[path] = room(self, path) if path else self
        return self._rooms[path]

    @cached_property
    def _rooms(self) -> dict[Path, Analysis]:
        return {}

    @property
    def _counted(self) -> Iterator[str]:
        return (node for node in self.facts if node in self.used or not self.used)

    @cached_property
    def buildable(self) -> bool:
        """Whether `build` would succeed: there is no error, warnings aside, neither here nor in what this comes to."""
        whole = self.place is not None and self.place.root is None
        return not any(problem.severity == "error" for problem in self.problems) and (not whole or self.core.buildable)

    @cached_property
    def listed(self) -> tuple[Problem, ...]:
        """The problems as a list tells them: what is wrong inside a block once, at the first of its uses."""
        found: dict[tuple[str, ...], list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(self._told_alike(problem), []).append(problem)
        return tuple(_together(problems) for problems in found.values())

    def _told_alike(self, problem: Problem) -> tuple[str, ...]:
        node = self.network.nodes.get(problem.node)
        if node is None or node.block is None or not problem.message.startswith(f"{node.title}/"):
            return problem.node, problem.message
        inner = problem.message.removeprefix(node.title)
        return node.block, inner, problem.severity, problem.received, *(fix.label for fix in problem.fixes)

    @cached_property
    def _by_node(self) -> Mapping[str, tuple[Problem, ...]]:
        groups: dict[str, list[Problem]] = {}
        for problem in self.problems:
            groups.setdefault(problem.node, []).append(problem)
        return {node: tuple(found) for node, found in groups.items()}

    def problems_of(self, node: str) -> tuple[Problem, ...]:
        """The problems at one node."""
        return self._by_node.get(node, ())

    def output_shape(self, end: End) -> Shape | None:
        """The shape at an output port, None where it is not known."""
        return output(self.facts, end)


def _together(problems: list[Problem]) -> Problem:
    """One problem for the same one in several uses of a block."""
    first, more = problems[0], len(problems) - 1
    told = f" The same in {'another use' if more == 1 else f'{more} other uses'} of this block." if more else ""
    return replace(first, message=first.message + told)
