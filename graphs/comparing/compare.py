"""What is different between two networks: nodes, wires, blocks, marks and settings, and what that costs.

A `Comparison` is complete: `lead` makes the second network from the first. Positions alone are kept apart, since
they change nothing that is computed. Words for it are in `graphs.comparing.compare_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from graphs.comparing.matching import match
from graphs.network import Block, End, Frame, Mark, Network, Node, Wire, natural

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from graphs.layers.base import Shape

T = TypeVar("T")


@dataclass(frozen=True)
class Both(Generic[T]):
    """A value before and after; None where there is none."""

    before: T
    after: T

    @property
    def flipped(self) -> Both[T]:
        """The other way round."""
        return Both(self.after, self.before)


@dataclass(frozen=True)
class BlockChange:
    """A block before and after, None where there is none, and what is different inside where there are both."""

    before: Block | None
    after: Block | None
    inner: Comparison | None = None


@dataclass(frozen=True)
class Comparison:
    """What leads from one network to another.

    `pairs` holds, by the id before, the id after of every node that is in both. `changed` and `moved` hold nodes by
    their id after; a node that is only moved is in `moved` alone. Removed wires are written with the ids before,
    added ones with those after.
    """

    pairs: Mapping[str, str]
    added: Mapping[str, Node] = field(default_factory=dict)
    removed: Mapping[str, Node] = field(default_factory=dict)
    changed: Mapping[str, Both[Node]] = field(default_factory=dict)
    moved: Mapping[str, Both[Node]] = field(default_factory=dict)
    wires_added: tuple[Wire, ...] = ()
    wires_removed: tuple[Wire, ...] = ()
    blocks: Mapping[str, BlockChange] = field(default_factory=dict)
    marks: Mapping[str, Both[Mark | None]] = field(default_factory=dict)
    settings: Mapping[str, Both[Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.structural or self.moved or self.marks or self.settings)

    @property
    def structural(self) -> bool:
        """Whether the networks differ in more than positions, marks and settings."""
        return bool(self.added or self.removed or self.changed or self.wires_added or self.wires_removed or self.blocks)

    @cached_property
    def mates(self) -> Mapping[str, str]:
        """The id before, by the id after."""
        return {b: a for a, b in self.pairs.items()}

    @property
    def flipped(self) -> Comparison:
        """What leads back."""
        return Comparison(
            self.mates,
            self.removed,
            self.added,
            {self.mates[i]: both.flipped for i, both in self.changed.items()},
            {self.mates[i]: both.flipped for i, both in self.moved.items()},
            self.wires_removed,
            self.wires_added,
            {i: BlockChange(c.after, c.before, c.inner and c.inner.flipped) for i, c in self.blocks.items()},
            {i: both.flipped for i, both in self._marks_back.items()},
            {key: both.flipped for key, both in self.settings.items()},
        )

    @property
    def _marks_back(self) -> Mapping[str, Both[Mark | None]]:
        """The marks in the ids before; `marks` has them in the ids after."""
        back = {i: Both(_renamed(b.before, self.mates), _renamed(b.after, self.mates)) for i, b in self.marks.items()}
        return {i: both for i, both in back.items() if both.before != both.after}

    def lead(self, before: Network) -> Network:
        """The network after, made from the one before."""
        there = {**self.changed, **self.moved}
        kept = {b: there[b].after if b in there else before.nodes[a] for a, b in self.pairs.items()}
        gone = set(self.wires_removed)
        wires = [self._carried(wire) for wire in before.wires.values() if wire not in gone]
        marks: dict[str, Mark | None] = {i: _renamed(mark, self.pairs) for i, mark in before.marks.items()}
        return Network(
            {**kept, **self.added},
            {wire.target: wire for wire in (*wires, *self.wires_added)},
            _changed(before.settings, self.settings),
            _changed(before.blocks, {i: Both(c.before, c.after) for i, c in self.blocks.items()}),
            _changed({i: mark for i, mark in marks.items() if mark is not None}, self.marks),
        )

    def _carried(self, wire: Wire) -> Wire:
        return _carried(wire, self.pairs)


def compare(before: Network, after: Network) -> Comparison:
    """What is different in `after`; nodes are found again by id, name, neighbours and what they do."""
    pairs = match(before, after)
    both = {b: Both(before.nodes[a], after.nodes[b]) for a, b in pairs.items()}
    different = {i: pair for i, pair in both.items() if pair.before is not pair.after and pair.before != pair.after}
    moved = {
        i: pair for i, pair in different.items() if replace(pair.before, position=pair.after.position) == pair.after
    }
    carried = {_carried(w, pairs): w for w in before.wires.values() if _ends(w) <= pairs.keys()}
    lost = [w for w in before.wires.values() if not _ends(w) <= pairs.keys()]
    new = set(after.wires.values())
    return Comparison(
        pairs,
        {i: node for i, node in after.nodes.items() if i not in both},
        {i: node for i, node in before.nodes.items() if i not in pairs},
        {i: pair for i, pair in different.items() if i not in moved},
        moved,
        _in_order(new - carried.keys()),
        _in_order([*lost, *(w for there, w in carried.items() if there not in new)]),
        _blocks(before.blocks, after.blocks),
        _pairs({i: _renamed(mark, pairs) for i, mark in before.marks.items()}, after.marks),
        _pairs(before.settings, after.settings),
    )


def _blocks(before: Mapping[str, Block], after: Mapping[str, Block]) -> Mapping[str, BlockChange]:
    made = {}
    for id, both in _pairs(before, after).items():
        old, new = both.before, both.after
        inner = compare(old.network, new.network) if old and new else None
        made[id] = BlockChange(old, new, inner)
    return made


def _pairs(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, Both[T | None]]:
    keys = [*before, *(key for key in after if key not in before)]
    made = {key: Both(before.get(key), after.get(key)) for key in keys}
    return {key: both for key, both in made.items() if both.before is not both.after and both.before != both.after}


def _changed(values: Mapping[str, T], changes: Mapping[str, Both[T | None]]) -> dict[str, T]:
    made = {**values, **{key: both.after for key, both in changes.items()}}
    return {key: value for key, value in made.items() if value is not None}


def _ends(wire: Wire) -> set[str]:
    return {wire.source.node, wire.target.node}


def _carried(wire: Wire, names: Mapping[str, str]) -> Wire:
    source, target = (End(names[end.node], end.port) for end in (wire.source, wire.target))
    return Wire(source, target)


def _renamed(mark: Mark | None, names: Mapping[str, str]) -> Mark | None:
    """A frame that holds its nodes under their other ids; those that are gone are left as they are."""
    if isinstance(mark, Frame) and any(names.get(m, m) != m for m in mark.members):
        return replace(mark, members=tuple(names.get(m, m) for m in mark.members))
    return mark


def _in_order(wires: Iterable[Wire]) -> tuple[Wire, ...]:
    return tuple(sorted(wires, key=lambda w: (natural(str(w.target)), natural(str(w.source)))))


@dataclass(frozen=True)
class Figures:
    """What a comparison means in numbers. The nodes are those whose parameters or shapes differ, by id after;
    added ones have no shapes and no parameters before.
    """

    parameters: Both[int]
    multiply_adds: Both[int]
    nodes: Mapping[str, tuple[Both[int], Both[tuple[Shape, ...]]]]


def figures(comparison: Comparison, before: Analysis, after: Analysis) -> Figures:
    """Parameters, multiply-adds and shapes before and after. The analyses are those of the two networks."""
    nodes = {}
    for id in after.network.nodes:
        old, new = before.facts.get(comparison.mates.get(id, "")), after.facts.get(id)
        costs = Both(old.parameters if old else 0, new.parameters if new else 0)
        shapes = Both(old.outputs if old else (), new.outputs if new else ())
        if costs.before != costs.after or shapes.before != shapes.after:
            nodes[id] = (costs, shapes)
    return Figures(Both(before.parameters, after.parameters), Both(before.multiply_adds, after.multiply_adds), nodes)
