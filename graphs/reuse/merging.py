"""Blocks that differ in numbers alone become one, with the numbers as its parameters.

"Bottleneck" of 64, 128, 256 and 512 channels is one block with the parameter "channels", which its uses set. A block
that is nothing but a row of the same one becomes a repeat of that. What the network is once it is resolved stays as it
was, and so do the names of its weights. Light: no torch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from graphs.layers.catalogue import standard
from graphs.meaning.scopes import MOST_REPEATS, REPEAT, design_names
from graphs.network import BLOCK, Block, Network, Node, natural
from graphs.reuse.fragments import inner_first
from graphs.reuse.wording import Place, generic, parameter_names, shared_title, sort, titled_apart, written

MOST = 8
"""Parameters of a block; what differs in more numbers is told apart better."""
FIXED = frozenset(
    ("count", "takes", "gives", "pieces", "version", "order", "dims", "axis", "axes", "start_dim", "end_dim")
)
"""Fields that say what a layer is like rather than how large: no parameters."""
LARGEST = 10**12
"""Numbers beyond it stand in no expression."""
Numbers = Mapping[Place, int | float]


def merged(network: Network, keep: Collection[str] = (), called: Collection[str] | None = None) -> Network:
    """The design with one block for all that have the same title, layers and wires, and other numbers.

    The blocks `keep` stay as they are; all others have ids and titles of which no two are the same. Where the titles
    are those that somebody gave is said by `called` (None: all); others say little, so that blocks need not agree
    in their numbers, nor short rows around a convolution in any word.
    """
    merging = _Merging(network, keep, network.blocks if called is None else called)
    for level in _levels(network):
        merging.level([key for key in level if key not in keep])
    return titled_apart(merging.design(), keep)


def _levels(network: Network) -> list[list[str]]:
    """The blocks, those that hold no others first."""
    heights: dict[str, int] = {}
    for key in inner_first(network.blocks):
        inner = (heights.get(used, 0) for used in network.blocks[key].network.uses)
        heights[key] = 1 + max(inner, default=0)
    levels: list[list[str]] = [[] for _ in range(max(heights.values(), default=0))]
    for key in network.blocks:
        levels[heights[key] - 1].append(key)
    return levels


class _Merging:
    """The blocks as they become, and what a use of each is then: the block, and the fields it sets."""

    def __init__(self, network: Network, keep: Collection[str], called: Collection[str]) -> None:
        self._network, self._called, self._keep = network, called, [key for key in keep if key in network.blocks]
        self._taken = frozenset(design_names(network))
        self._blocks: dict[str, Block] = {key: network.blocks[key] for key in self._keep}
        self._uses: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def level(self, keys: list[str]) -> None:
        """The blocks of one height."""
        alike: dict[str, list[_Read]] = {}
        for key in keys:
            block = self._network.blocks[key]
            block = replace(block, network=self._followed(block.network))
            if row := _row(block, self._blocks):
                self._uses[key] = row
            else:
                read = self._read(block)
                alike.setdefault(read.form, []).append(read)
        for blocks in alike.values():
            for group in _gathered(blocks):
                self._one(group)

    def design(self) -> Network:
        """The design with these blocks, as far as anything uses them."""
        top = self._followed(self._network)
        used, found = [*top.uses, *self._keep], dict[str, None]()
        while used:
            key = used.pop()
            if key in self._blocks and key not in found:
                found[key] = None
                used.extend(self._blocks[key].network.uses)
        return replace(top, blocks={key: block for key, block in self._blocks.items() if key in found})

    def _followed(self, network: Network) -> Network:
        """A network whose uses are those of the blocks as they are now."""
        changed = {id: self._use(node) for id, node in network.nodes.items() if node.block in self._uses}
        return replace(network, nodes={**network.nodes, **changed}) if changed else network

    def _use(self, node: Node) -> Node:
        key, fields = self._uses[str(node.block)]
        return replace(node, kind=BLOCK + key, fields={**node.fields, **fields})

    def _read(self, block: Block) -> _Read:
        """A block apart from its numbers, and these."""
        nodes, numbers = [], dict[Place, int | float]()
        for node in block.network.nodes.values():
            shapes = dict(node.fields)
            for name, value in (self._usual(node) | dict(node.fields)).items():
                if name not in FIXED and _counts(value):
                    shapes[name] = _shape(value)
                    numbers.update(_places(node.id, name, value))
            nodes.append((node.id, node.kind, node.name, node.mode, shapes))
        wires = sorted(map(str, block.network.wires.values()))
        title = block.title if block.id in self._called else generic(block)
        told = [title, block.help, [*block.parameters.items()], sorted(nodes, key=lambda n: natural(n[0])), wires]
        return _Read(block, json.dumps(told, sort_keys=True, default=repr), numbers)

    def _usual(self, node: Node) -> dict[str, Any]:
        """The fields with numbers that a node has where it says nothing."""
        return dict(self._blocks[node.block].parameters) if node.block in self._blocks else _usual(node.kind)

    def _one(self, alike: list[_Read]) -> None:
        """One block for all of these."""
        first = alike[0].block
        title = first.title if first.id in self._called else shared_title([read.block for read in alike])
        columns = _columns(alike)
        values, texts = parameter_names(columns, {*first.parameters, *self._taken})
        nodes = dict(first.network.nodes)
        for key, places in columns.items():
            for place in places:
                old = (self._usual(nodes[place.node]) | dict(nodes[place.node].fields))[place.field]
                nodes[place.node] = written(nodes[place.node], place, old, texts[key])
        parameters = {**first.parameters, **{name: column[0] for name, column in values.items()}}
        network = replace(first.network, nodes=nodes)
        self._blocks[first.id] = Block(first.id, title, network, parameters, first.help)
        for number, read in enumerate(alike):
            fields = {name: column[number] for name, column in values.items() if column[number] != column[0]}
            self._uses[read.block.id] = first.id, fields


@dataclass
class _Read:
    """A block, what it has in common with those that differ in numbers alone, and its numbers."""

    block: Block
    form: str
    numbers: Numbers


@dataclass
class _Gathering:
    """Blocks that become one. Places of one class hold the same number in each; those that differ are `open`."""

    blocks: list[_Read]
    classes: dict[Place, Any]
    open: frozenset[Place] = frozenset()

    def takes(self, read: _Read) -> bool:
        """Takes a block in, where the parameters are not too many then."""
        first, known = self.blocks[0].numbers, dict[Any, int]()
        classes = {p: known.setdefault((c, read.numbers[p]), len(known)) for p, c in self.classes.items()}
        differ = self.open.union(p for p in classes if read.numbers[p] != first[p])
        if len({classes[p] for p in differ}) > MOST:
            return False
        self.blocks.append(read)
        self.classes, self.open = classes, differ
        return True


def _gathered(alike: list[_Read]) -> list[list[_Read]]:
    """The blocks of one form in groups that become one each."""
    groups: list[_Gathering] = []
    for read in alike:
        if not any(group.takes(read) for group in groups[:MOST]):
            groups.append(_Gathering([read], {place: sort(place.field) for place in read.numbers}))
    return [group.blocks for group in groups]


def _columns(alike: list[_Read]) -> dict[tuple[str, tuple[int | float, ...]], list[Place]]:
    """Where numbers differ, by the sort of number and what it is in each of the blocks."""
    found: dict[tuple[str, tuple[int | float, ...]], list[Place]] = {}
    for place in alike[0].numbers if len(alike) > 1 else ():
        column = tuple(read.numbers[place] for read in alike)
        if any(number != column[0] for number in column):
            found.setdefault((sort(place.field), column), []).append(place)
    return found


def _row(block: Block, known: Mapping[str, Block]) -> tuple[str, Mapping[str, Any]] | None:
    """What a block repeats whose layers are those of another one, many times in a row, under "0", "1" …"""
    nodes = block.network.nodes
    count = len(nodes) - 2
    steps = [nodes[str(number)] for number in range(count) if str(number) in nodes]
    if not 2 <= len(steps) == count <= MOST_REPEATS or block.parameters:
        return None
    inner = known.get(steps[0].block or "")
    alike = all((n.kind, n.fields, n.name, n.mode) == (steps[0].kind, steps[0].fields, "", "") for n in steps)
    if inner is None or not alike or REPEAT in steps[0].fields:
        return None
    ports = [[n.id for n in part.network.nodes.values() if n.kind == k] for part in (block, inner) for k in _PORTS]
    if any(len(found) != 1 for found in ports):
        return None
    (first,), (last,), (taken,), (given,) = ports
    ends = [(first, "out"), *((node.id, given) for node in steps)]
    into = [*((node.id, taken) for node in steps), (last, "in")]
    if {(w.source, w.target) for w in block.network.wires.values()} != set(zip(ends, into, strict=True)):
        return None
    return str(steps[0].block), {**steps[0].fields, REPEAT: count}


_PORTS = ("BlockInput", "BlockOutput")


@lru_cache(maxsize=1024)
def _usual_numbers(kind: str) -> tuple[tuple[str, Any], ...]:
    known = standard().kinds.get(kind)
    fields = known().model_dump(mode="json") if known is not None else {}
    return tuple((name, value) for name, value in fields.items() if _counts(value))


def _usual(kind: str) -> dict[str, Any]:
    return dict(_usual_numbers(kind))


def _counts(value: Any) -> bool:
    """Whether a value is a number that an expression may give, or a list of such."""
    if isinstance(value, list | tuple):
        return bool(value) and all(_counts(inner) and not isinstance(inner, list | tuple) for inner in value)
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _places(node: str, name: str, value: Any) -> Iterator[tuple[Place, int | float]]:
    if isinstance(value, list | tuple):
        yield from ((Place(node, name, index), number) for index, number in enumerate(value))
    else:
        yield Place(node, name, -1), value


def _shape(value: Any) -> Any:
    """Numbers without what they are: whole or not, and how many."""
    return [_shape(inner) for inner in value] if isinstance(value, list | tuple) else type(value).__name__
