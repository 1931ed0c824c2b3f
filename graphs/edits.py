"""Every change to a network, as a small value.

An edit holds ids and plain data, never live objects. It says what it changes as a `Patch` (the new value of
everything it touches, None for what goes away), and a patch applied to a network yields the network after it
and the patch that takes it back. Undo, merging and "what changed" all come from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from graphs.network import Block, End, Frame, Mark, Mode, Network, Node, Wire
from graphs.patches import EditError, Patch

__all__ = [
    "AddNodes", "Batch", "Connect", "Disconnect", "Edit", "EditError", "InBlock", "Move", "Patch", "RemoveNodes",
    "Rename", "SetBlocks", "SetFields", "SetMarks", "SetMode", "SetNodes", "SetSetting", "enclosing", "inside",
    "without",
]  # fmt: skip


MOST_BLOCKS, MOST_DEPTH, MOST_PARAMETERS, MOST_ALTOGETHER = 1_000, 32, 64, 4_096
"""Blocks of a design, how deep they stand in each other, parameters of one and of all: more is no design but a trap."""


class Edit(Protocol):
    """What can be applied to a network."""

    @property
    def label(self) -> str:
        """What undo calls it: "Add conv1"."""

    def patch(self, network: Network) -> Patch:
        """What this edit changes in `network`. Raises EditError."""

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""


class Applied:
    """What all edits share: to apply one is to apply its patch."""

    def patch(self, network: Network) -> Patch:
        """What this edit changes in `network`. Raises EditError."""
        raise NotImplementedError

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The network after this edit, and the patch that takes it back. Raises EditError."""
        return self.patch(network).apply(network)


@dataclass(frozen=True)
class AddNodes(Applied):
    """Adds nodes under ids that are not in use, with wires among them or to what is there."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...] = ()

    @property
    def label(self) -> str:
        return f"Add {_names([n.title for n in self.nodes])}"

    def patch(self, network: Network) -> Patch:
        known = set(network.nodes)
        for node in self.nodes:
            if node.id in known:
                raise EditError(f"There is already a node “{node.id}”.")
            known.add(node.id)
        return Patch({n.id: n for n in self.nodes}, {w.target: w for w in self.wires})


@dataclass(frozen=True)
class RemoveNodes(Applied):
    """Removes nodes and every wire that touches them."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Delete {_names(self.ids)}"

    def patch(self, network: Network) -> Patch:
        _known(network, self.ids)
        wires = {w.target: None for i in self.ids for w in (*network.incoming(i), *network.outgoing(i))}
        return Patch(dict.fromkeys(self.ids), wires, marks=without(network, self.ids))


@dataclass(frozen=True)
class Connect(Applied):
    """Adds wires; a wire that ended in the same input port is replaced."""

    wires: tuple[Wire, ...]

    @property
    def label(self) -> str:
        return f"Connect {_names([str(w) for w in self.wires])}"

    def patch(self, network: Network) -> Patch:
        return Patch(wires={w.target: w for w in self.wires})


@dataclass(frozen=True)
class Disconnect(Applied):
    """Removes the wires that end in these input ports."""

    targets: tuple[End, ...]

    @property
    def label(self) -> str:
        return f"Disconnect {_names([str(t) for t in self.targets])}"

    def patch(self, network: Network) -> Patch:
        return Patch(wires={t: None for t in self.targets if t in network.wires})


@dataclass(frozen=True)
class SetFields(Applied):
    """Sets fields of one node; a value of None returns the field to its kind's default."""

    id: str
    fields: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"Change {_names(list(self.fields))} of {self.id}"

    def patch(self, network: Network) -> Patch:
        _known(network, (self.id,))
        node = network.nodes[self.id]
        back = {key for key, value in self.fields.items() if value is None}
        fields = {k: v for k, v in {**node.fields, **self.fields}.items() if k not in back}
        return Patch({self.id: replace(node, fields=fields)})


@dataclass(frozen=True)
class Rename(Applied):
    """Gives a node the name a person sees; its id stays."""

    id: str
    name: str

    @property
    def label(self) -> str:
        return f"Rename {self.id}"

    def patch(self, network: Network) -> Patch:
        _known(network, (self.id,))
        name = "" if self.name == self.id else self.name
        return Patch({self.id: replace(network.nodes[self.id], name=name)})


@dataclass(frozen=True)
class Move(Applied):
    """Puts nodes at positions on the canvas."""

    positions: Mapping[str, tuple[float, float]]

    @property
    def label(self) -> str:
        return f"Move {_names(list(self.positions))}"

    def patch(self, network: Network) -> Patch:
        _known(network, self.positions)
        return Patch({i: replace(network.nodes[i], position=p) for i, p in self.positions.items()})


@dataclass(frozen=True)
class SetMode(Applied):
    """Lets nodes compute (""), hand their input on ("bypass") or be left out ("mute")."""

    ids: tuple[str, ...]
    mode: Mode

    @property
    def label(self) -> str:
        words = {"": "Let {} compute", "bypass": "Bypass {}", "mute": "Mute {}"}
        return words[self.mode].format(_names(self.ids))

    def patch(self, network: Network) -> Patch:
        _known(network, self.ids)
        return Patch({i: replace(network.nodes[i], mode=self.mode) for i in self.ids})


@dataclass(frozen=True)
class SetNodes(Applied):
    """Puts other nodes in the place of those with the same ids: of another kind, with other fields."""

    nodes: tuple[Node, ...]
    label: str = "Change the nodes"

    def patch(self, network: Network) -> Patch:
        _known(network, [node.id for node in self.nodes])
        return Patch({node.id: node for node in self.nodes})


@dataclass(frozen=True)
class SetMarks(Applied):
    """Adds, changes and removes (None) frames and notes. A removed note leaves its frame; a frame left empty goes."""

    marks: Mapping[str, Mark | None]
    label: str = "Change the marks"

    def patch(self, network: Network) -> Patch:
        gone = tuple(key for key, mark in self.marks.items() if mark is None and key in network.marks)
        return Patch(marks={**without(network, gone), **self.marks})


@dataclass(frozen=True)
class SetBlocks(Applied):
    """Adds, changes and removes (None) definitions of blocks. Raises EditError where a removed one is in use."""

    blocks: Mapping[str, Block | None]
    label: str = "Change the blocks"

    def patch(self, network: Network) -> Patch:
        _check_blocks(network, {**network.blocks, **self.blocks}, self.blocks)
        return Patch(blocks=dict(self.blocks))


@dataclass(frozen=True)
class InBlock(Applied):
    """An edit of the inner network of a block: all its uses follow.

    The edit sees the inner nodes, wires and marks with the blocks and settings of the whole design, and may change
    those too.
    """

    block: str
    edit: Edit

    @property
    def label(self) -> str:
        return self.edit.label

    def patch(self, network: Network) -> Patch:
        if self.block not in network.blocks:
            raise EditError(f"There is no block “{self.block}”.")
        step = self.edit.patch(inside(network, self.block))
        step.apply(inside(network, self.block))  # raises where the step does not fit
        definition = step.blocks.get(self.block, network.blocks[self.block])
        if definition is None:
            raise EditError("A block cannot be removed from its own inside.")
        # an edit of the same block inside the edit has changed the definition itself: both changes count
        inner = Patch(step.nodes, step.wires, marks=step.marks).apply(definition.network)[0]
        blocks = {**step.blocks, self.block: replace(definition, network=inner)}
        _check_blocks(network, {**network.blocks, **blocks}, blocks)
        return Patch(settings=step.settings, blocks=blocks)


@dataclass(frozen=True)
class SetSetting(Applied):
    """Replaces one section of the settings ("data", "recipe"); None removes it."""

    key: str
    value: Any

    @property
    def label(self) -> str:
        return f"Change the {self.key}"

    def patch(self, network: Network) -> Patch:
        return Patch(settings={self.key: self.value})


@dataclass(frozen=True)
class Batch(Applied):
    """Several edits in order, as one."""

    edits: tuple[Edit, ...]
    label: str = ""

    def patch(self, network: Network) -> Patch:
        whole = Patch()
        for edit in self.edits:
            step = edit.patch(network)
            network = step.apply(network)[0]
            whole = whole.then(step)
        return whole


def inside(network: Network, block: str) -> Network:
    """The inner network of a block as an edit sees it: with the blocks and settings of the whole design."""
    inner = network.blocks[block].network
    return replace(inner, blocks=network.blocks, settings=network.settings, within=block)


def enclosing(network: Network) -> Block | None:
    """The block that a network, as `inside` gives it, is the inside of; None for a design."""
    return network.blocks.get(network.within)


def without(network: Network, ids: Iterable[str]) -> dict[str, Mark | None]:
    """What becomes of the frames when these nodes and notes go: they hold the rest, and an empty one goes too."""
    gone = set(ids)
    changed: dict[str, Mark | None] = {}
    for key in {network.frame_of[i] for i in gone & network.frame_of.keys()} if network.marks else ():
        frame = network.marks[key]
        assert isinstance(frame, Frame)
        members = tuple(m for m in frame.members if m not in gone)
        notes = tuple(n for n in frame.notes if n not in gone)
        changed[key] = replace(frame, members=members, notes=notes) if members or notes else None
    return changed


def _check_blocks(network: Network, after: Mapping[str, Block | None], changed: Mapping[str, Block | None]) -> None:
    """Raises EditError where a removed block is in use, where a block would hold itself, or one holds what none can."""
    gone = {key for key, block in changed.items() if block is None and key in network.blocks}
    places = (network, *(block.network for block in after.values() if block)) if gone else ()
    for place in places:
        for key in place.uses & gone:
            user = next(node for node in place.nodes.values() if node.block == key)
            raise EditError(f"The block “{network.blocks[key].title or key}” is in use by “{user.title}”.")
    if sum(block is not None for block in after.values()) > max(MOST_BLOCKS, len(network.blocks)):
        raise EditError(f"A design holds at most {MOST_BLOCKS:,} blocks.")
    grown = False
    for key, block in changed.items():
        if block and (block.network.blocks or block.network.settings):
            raise EditError("The inside of a block holds no blocks and no settings of its own.")
        known = network.blocks.get(key)
        if block and len(block.parameters) > max(MOST_PARAMETERS, len(known.parameters) if known else 0):
            raise EditError(f"A block has at most {MOST_PARAMETERS} parameters.")
        if block and block.network.uses - (known.network.uses if known else frozenset()):
            grown = True
            if _holds(after, key):
                raise EditError(f"The block “{block.title or key}” cannot hold itself.")
    altogether = sum(len(block.parameters) for block in after.values() if block)
    if altogether > max(MOST_ALTOGETHER, sum(len(block.parameters) for block in network.blocks.values())):
        raise EditError(f"The blocks of a design have at most {MOST_ALTOGETHER:,} parameters.")
    if grown and depth(after) > MOST_DEPTH:
        raise EditError(f"Blocks stand in each other at most {MOST_DEPTH} deep.")


def depth(blocks: Mapping[str, Block | None]) -> int:
    """How many blocks stand in each other at most; those that hold themselves, or one that does, do not count."""
    needs = {key: block.network.uses & blocks.keys() for key, block in blocks.items() if block}
    users: dict[str, list[str]] = {}
    for key, held in needs.items():
        for inner in held:
            users.setdefault(inner, []).append(key)
    waiting = {key: len(held) for key, held in needs.items()}
    heights = {key: 1 for key, count in waiting.items() if not count}
    ready = list(heights)
    while ready:
        inner = ready.pop()
        for key in users.get(inner, ()):
            waiting[key] -= 1
            heights[key] = max(heights.get(key, 1), heights[inner] + 1)
            ready += [] if waiting[key] else [key]
    return max(heights.values(), default=0)


def _holds(blocks: Mapping[str, Block | None], key: str) -> bool:
    """Whether a block is used in its own inside, however deep."""
    seen: set[str] = set()
    stack = [key]
    while stack:
        block = blocks.get(stack.pop())
        for used in block.network.uses - seen if block else ():
            if used == key:
                return True
            seen.add(used)
            stack.append(used)
    return False


def _known(network: Network, ids: Any) -> None:
    for node in ids:
        if node not in network.nodes:
            raise EditError(f"There is no node “{node}”.")


def _names(names: Any) -> str:
    names = list(names)
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} items"
