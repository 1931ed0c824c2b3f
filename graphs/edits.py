"""Every change to a network, as a small value.

An edit holds ids and plain data, never live objects. It says what it changes as a `Patch` (the new value of
everything it touches, None for what goes away), and a patch applied to a network yields the network after it
and the patch that takes it back. Undo, merging and "what changed" all come from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from graphs.limits import check_blocks
from graphs.meaning import ties
from graphs.network import Block, End, Frame, Mark, Mode, Network, Node, Wire
from graphs.patches import EditError, Patch

__all__ = [
    "AddNodes", "Batch", "Connect", "Disconnect", "Edit", "EditError", "InBlock", "Move", "Patch", "RemoveNodes",
    "Rename", "SetBlocks", "SetFields", "SetMarks", "SetMode", "SetNodes", "SetSetting", "enclosing", "inside",
    "without",
]  # fmt: skip


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
        return Patch(dict.fromkeys(self.ids), wires, ties.removed(network, self.ids), marks=without(network, self.ids))


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
        changed = {self.id: replace(node, fields=fields)}
        counted = {} if network.within else ties.recounted(network.nodes, changed)
        return Patch(changed, settings=ties.followed(network, {"": counted}, ()))


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
        check_blocks(network, {**network.blocks, **self.blocks}, self.blocks)
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
        check_blocks(network, {**network.blocks, **blocks}, blocks)
        after = replace(network, settings={**network.settings, **step.settings})
        ways = {**ties.recounted(network.blocks[self.block].network.nodes, step.nodes), **moves(self.edit)}
        followed = ties.followed(after, {self.block: ways}, _lost(network, blocks))
        return Patch(settings={**step.settings, **followed}, blocks=blocks)


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
    moved: Mapping[str, str] = field(default_factory=dict)
    """The ways to nodes that stand elsewhere afterwards, before and after: {"conv1": "stem/conv1"}."""

    def patch(self, network: Network) -> Patch:
        whole, before = Patch(), network
        for edit in self.edits:
            step = edit.patch(network)
            network = step.apply(network)[0]
            whole = whole.then(step)
        if not self.moved or ties.TIES not in before.settings or before.within:
            return whole
        gone = {("", id) for id, node in whole.nodes.items() if node is None}
        kept = {ties.TIES: before.settings[ties.TIES], **ties.followed(before, {"": self.moved}, gone)}
        return replace(whole, settings={**whole.settings, **kept})


def moves(edit: Edit) -> dict[str, str]:
    """The ways to nodes that stand elsewhere after an edit, before and after."""
    if not isinstance(edit, Batch):
        return {}
    return {**edit.moved, **{before: after for part in edit.edits for before, after in moves(part).items()}}


def _lost(network: Network, blocks: Mapping[str, Block | None]) -> set[tuple[str, str]]:
    """The nodes that blocks of a design hold no more when these take their places, each with its block."""
    pairs = ((key, network.blocks.get(key), block) for key, block in blocks.items())
    return {(key, id) for key, old, new in pairs if old and new for id in old.network.nodes.keys() - new.network.nodes}


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


def _known(network: Network, ids: Any) -> None:
    for node in ids:
        if node not in network.nodes:
            raise EditError(f"There is no node “{node}”.")


def _names(names: Any) -> str:
    names = list(names)
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} items"
