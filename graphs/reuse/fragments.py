"""Parts of a network that travel: what is copied, and how it takes root in another network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graphs.edits import AddNodes, Batch, Edit, SetBlocks, SetMarks, SetSetting
from graphs.meaning.ties import TIES, copied, ties_of
from graphs.network import BLOCK, Block, End, Frame, Mark, Network, Node, Note, Wire
from graphs.reuse.carrying import carried, settled

_NUMBER = re.compile(r" \d+$")
WIDE, HIGH = 176.0, 64.0
"""About how large a node is, in pixels at 100 % zoom: for what stands within a selection, and where things go."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels at 100 % zoom."""


@dataclass(frozen=True)
class Graft:
    """A fragment that takes root: the edit, and under which ids its nodes and marks will stand.

    `note` says what became of names in expressions that are not known there, or mean something else.
    """

    edit: Edit
    nodes: tuple[str, ...]
    ids: Mapping[str, str]
    note: str = ""


def fragment(network: Network, ids: Iterable[str]) -> Network:
    """Nodes, the wires between them, the blocks they use, and the frames and notes that belong to them alone.

    Unknown ids are left out; ids of frames and notes may be among them. The order of `ids` is kept. The settings hold
    what names in expressions stand for.
    """
    ids = list(dict.fromkeys(ids))
    nodes = {i: network.nodes[i] for i in ids if i in network.nodes}
    inner = {w.target: w for i in nodes for w in network.incoming(i) if w.source.node in nodes}
    marks = {i: network.marks[i] for i in ids if i in network.marks} | enclosed(network, nodes)
    blocks = needed(network.blocks, Network(nodes).uses)
    return Network(nodes, inner, carried(network, nodes, blocks), blocks, _closed(marks, nodes))


def enclosed(network: Network, ids: Iterable[str]) -> dict[str, Mark]:
    """The frames whose nodes are all among `ids`, with their notes, and loose notes that lie between these nodes."""
    chosen = set(ids)
    found: dict[str, Mark] = {}
    box = bounds(network.nodes[i] for i in chosen) if network.marks and chosen else None
    for key, mark in network.marks.items():
        if isinstance(mark, Frame) and mark.members and chosen.issuperset(mark.members):
            found |= {key: mark, **{i: network.marks[i] for i in mark.notes}}
        elif isinstance(mark, Note) and box and key not in network.frame_of and _within(mark, box):
            found[key] = mark
    return found


def bounds(nodes: Iterable[Node]) -> Box | None:
    """About where nodes stand; None for no nodes."""
    places = [node.position for node in nodes]
    if not places:
        return None
    lefts, tops = [x for x, _ in places], [y for _, y in places]
    return min(lefts), min(tops), max(lefts) + WIDE, max(tops) + HIGH


def needed(blocks: Mapping[str, Block], uses: Iterable[str]) -> dict[str, Block]:
    """The blocks that these uses need, those that they hold in turn included."""
    found: dict[str, Block] = {}
    stack = sorted(uses)
    while stack:
        key = stack.pop()
        if key in blocks and key not in found:
            found[key] = blocks[key]
            stack.extend(sorted(blocks[key].network.uses))
    return found


def graft(
    network: Network, part: Network, offset: tuple[float, float] = (0.0, 0.0), keep: Iterable[Wire] = ()
) -> Graft:
    """Adds a fragment under ids that are free, moved by `offset`; `keep` are wires from outside that the copies keep.

    Blocks that the network has already, equal in all, are used; others come along, under a free id where theirs is
    taken. Names in expressions keep what they stand for (`graphs.reuse.carrying`). Layers that share their weights
    within the fragment do so again, unless it takes root inside a block. Raises EditError where that would
    make an expression too long.
    """
    part, settings, note = settled(network, part)
    names = fresh_names(network, (*part.nodes, *part.marks))
    blocks, renamed = adopted(network, part.blocks)
    titles = fresh_titles(network, (node.name for node in part.nodes.values()))
    nodes = tuple(
        replace(node, id=names[i], kind=kind_of(node, renamed), name=title, position=_moved(node.position, offset))
        for (i, node), title in zip(part.nodes.items(), titles, strict=True)
    )
    wires = [_wire(wire, names, names) for wire in part.wires.values()]
    wires += [_wire(wire, {}, names) for wire in keep]
    marks = {names[i]: _mark(mark, names, offset) for i, mark in part.marks.items()}
    add = AddNodes(nodes, tuple(wires))
    edits: list[Edit] = [*settings, *([SetBlocks(blocks)] if blocks else []), add]
    edits += [SetMarks(marks)] if marks else []
    shared = {} if network.within else copied(ties_of(part.settings), {i: names[i] for i in part.nodes})
    edits += [SetSetting(TIES, {**ties_of(network.settings), **shared})] if shared else []
    edit = edits[0] if len(edits) == 1 else Batch(tuple(edits), add.label)
    return Graft(edit, tuple(node.id for node in nodes), names, note)


def fresh_titles(network: Network, wanted: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """For each name one that no node is called by: itself, or it with a number, as in “Stem 2”. No name stays none.

    The nodes `without` are about to go.
    """
    gone = set(without)
    taken = {node.title for id, node in network.nodes.items() if id not in gone}
    made: list[str] = []
    for name in wanted:
        stem = _NUMBER.sub("", name)
        options = (name, *(f"{stem} {number}" for number in range(2, len(taken) + 3)))
        found = next(option for option in options if option not in taken) if name else ""
        taken |= {found} - {""}
        made.append(found)
    return made


def fresh_names(network: Network, ids: Iterable[str]) -> dict[str, str]:
    """For each id one that is free in the network: itself where it is."""
    names: dict[str, str] = {}
    taken = {*network.nodes, *network.marks}
    last: dict[str, int] = {}
    for id in ids:
        made = id
        while made in taken:
            stem = id.rstrip("0123456789") or id
            last[stem] = last.get(stem, 0) + 1
            made = network.fresh_id(stem, last[stem])
        names[id] = made
        taken.add(made)
    return names


def adopted(network: Network, blocks: Mapping[str, Block]) -> tuple[dict[str, Block], dict[str, str]]:
    """The blocks that have to be added so that `network` has all of these, and the id that each has there.

    A block that is there already, with all it holds, is not added again.
    """
    names: dict[str, str] = {}
    made: dict[str, Block] = {}
    for key in inner_first(blocks):
        block = _with_names(blocks[key], names)
        there = next((i for i, known in network.blocks.items() if replace(known, id=key) == block), None)
        if there is None:
            there = _free(replace(network, blocks={**network.blocks, **made}), key)
            made[there] = replace(block, id=there)
        names[key] = there
    return made, names


def kind_of(node: Node, renamed: Mapping[str, str]) -> str:
    """The kind of a node when blocks have other ids."""
    return BLOCK + renamed.get(node.block, node.block) if node.block is not None else node.kind


def _free(network: Network, key: str) -> str:
    return network.fresh_block(key.rstrip("0123456789") or key) if key in network.blocks else key


def inner_first(blocks: Mapping[str, Block]) -> list[str]:
    """The ids so that each stands behind those it holds; in a circle, as they come."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    stack = [(key, False) for key in reversed(list(blocks))]
    while stack:
        key, left = stack.pop()
        if left:
            order[key] = None
        elif key in blocks and key not in entered:
            entered.add(key)
            stack.append((key, True))
            stack.extend((used, False) for used in sorted(blocks[key].network.uses))
    return list(order)


def _with_names(block: Block, names: Mapping[str, str]) -> Block:
    if all(names.get(used, used) == used for used in block.network.uses):
        return block
    nodes = {i: replace(node, kind=kind_of(node, names)) for i, node in block.network.nodes.items()}
    return replace(block, network=replace(block.network, nodes=nodes))


def _closed(marks: Mapping[str, Mark], nodes: Mapping[str, Node]) -> dict[str, Mark]:
    """The marks with frames that hold only what travels along."""
    kept: dict[str, Mark] = {key: mark for key, mark in marks.items() if isinstance(mark, Note)}
    for key, mark in marks.items():
        if isinstance(mark, Frame):
            members = tuple(i for i in mark.members if i in nodes)
            notes = tuple(i for i in mark.notes if i in kept)
            kept |= {key: replace(mark, members=members, notes=notes)} if members or notes else {}
    return {key: kept[key] for key in marks if key in kept}


def _within(note: Note, box: Box) -> bool:
    left, top = note.position
    return box[0] <= left and box[1] <= top and left + note.size[0] <= box[2] and top + note.size[1] <= box[3]


def _moved(position: tuple[float, float], offset: tuple[float, float]) -> tuple[float, float]:
    return position[0] + offset[0], position[1] + offset[1]


def _mark(mark: Mark, names: Mapping[str, str], offset: tuple[float, float]) -> Mark:
    if isinstance(mark, Note):
        return replace(mark, id=names[mark.id], position=_moved(mark.position, offset))
    members, notes = tuple(names[i] for i in mark.members), tuple(names[i] for i in mark.notes)
    return replace(mark, id=names[mark.id], members=members, notes=notes)


def _wire(wire: Wire, sources: Mapping[str, str], targets: Mapping[str, str]) -> Wire:
    start, end = wire.source, wire.target
    return Wire(End(sources.get(start.node, start.node), start.port), End(targets[end.node], end.port))
