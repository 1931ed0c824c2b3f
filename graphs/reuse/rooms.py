"""Rooms: the inside of a block, seen and edited as if it were a network of its own.

The design has one document. A room is a window into one definition in it: its edits are edits of the document, so
that all uses of the block follow and one history holds every step, wherever it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from graphs.document import Change, Document, Listener, difference
from graphs.edits import Edit, EditError, InBlock, Patch, inside
from graphs.meaning.expressions import ExpressionFault
from graphs.meaning.scopes import Names, design_names, inner_names, resolved
from graphs.network import Network, Node

Path = tuple[str, ...]
"""Ids of uses, from the outermost inwards: ("stage1", "res2") is inside res2 inside stage1."""


class Step(NamedTuple):
    """One step of the way into a room: the path up to it, and what a person calls it."""

    path: Path
    title: str


def use_at(network: Network, path: Path) -> Node | None:
    """The node at the end of a path, where every node on it is a use of a block that there is."""
    here, found = network, None
    for id in path:
        found = here.nodes.get(id)
        if found is None or found.block is None or found.block not in network.blocks:
            return None
        here = network.blocks[found.block].network
    return found


def block_at(network: Network, path: Path) -> str | None:
    """The id of the block whose inside a path leads to; None where it leads nowhere."""
    use = use_at(network, path)
    return use.block if use is not None else None


def network_at(network: Network, path: Path) -> Network | None:
    """What a room at this path shows: the whole network for an empty one, None where it leads nowhere."""
    if not path:
        return network
    block = block_at(network, path)
    return None if block is None else inside(network, block)


def nearest(network: Network, path: Path) -> Path:
    """As much of a path as still leads somewhere."""
    while path and block_at(network, path) is None:
        path = path[:-1]
    return path


def trail(network: Network, path: Path) -> list[Step]:
    """The way into a room, the whole network first. A use without a name is called as its block."""
    steps = [Step((), "Network")]
    for depth in range(1, len(path) + 1):
        use = use_at(network, path[:depth])
        if use is None or use.block is None:
            break
        steps.append(Step(path[:depth], use.name or network.blocks[use.block].title or use.block))
    return steps


def names_at(network: Network, path: Path) -> Names:
    """What names in expressions stand for in a room: the hyperparameters, and the parameters of its block as the uses
    on the way set them. A use whose own expressions have no value leaves its block's defaults."""
    design = names = design_names(network)
    here = network
    for id in path:
        use = here.nodes.get(id)
        block = network.blocks.get(use.block) if use is not None and use.block is not None else None
        if use is None or block is None:
            break
        try:
            given = resolved(use.fields, names)
        except ExpressionFault:
            given = {}
        names, here = inner_names(block, design, given)[0], block.network
    return names


def uses(network: Network, block: str) -> int:
    """How many nodes are uses of a block, in the design and in all its blocks."""
    places = (network, *(known.network for known in network.blocks.values()))
    return sum(node.block == block for place in places for node in place.nodes.values())


class Room:
    """The inside of the block at `path`, with the interface of a Document.

    Once the path leads nowhere any more (the use or its block is gone) the room is `gone`: its network is empty, it
    refuses edits with EditError and announces nothing; undo and redo are still those of the document.
    """

    def __init__(self, document: Document, path: Path) -> None:
        self.document = document
        self.path = path
        self._seen: tuple[Network, Network | None] | None = None

    @property
    def gone(self) -> bool:
        """Whether the path leads nowhere any more."""
        return self._at(self.document.network) is None

    @property
    def block(self) -> str | None:
        """The id of the block this is the inside of; None once it is gone."""
        return block_at(self.document.network, self.path)

    @property
    def network(self) -> Network:
        """The inner network with the blocks and settings of the design; empty once the room is gone."""
        return self._at(self.document.network) or Network()

    def apply(self, edit: Edit, merge: str | None = None) -> Change:
        """Applies an edit inside, as one step of the document. Raises EditError and changes nothing."""
        block = self.block
        if block is None:
            raise EditError("This block is not in the network any more.")
        key = None if merge is None else f"{merge} in {block}"
        change = self.document.apply(InBlock(block, edit), key)
        return self._inner(change) or Change(self.network, self.network, change.label, Patch())

    @contextmanager
    def transaction(self, label: str) -> Iterator[None]:
        """Edits inside are one step and one notification; an exception takes all of them back."""
        with self.document.transaction(label):
            yield

    def undo(self) -> Change | None:
        """Takes the last step of the document back, wherever it was made; None when there is none."""
        return self.document.undo()

    def redo(self) -> Change | None:
        """Does the last undone step of the document again; None when there is none."""
        return self.document.redo()

    def seal(self) -> None:
        """Ends merging, as Document.seal."""
        self.document.seal()

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self.document.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self.document.can_redo

    @property
    def undo_label(self) -> str:
        """What undo would take back, or an empty string."""
        return self.document.undo_label

    @property
    def redo_label(self) -> str:
        """What redo would do again, or an empty string."""
        return self.document.redo_label

    @property
    def modified(self) -> bool:
        """Whether the design differs from what was last saved."""
        return self.document.modified

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with what each change changes in here, if anything; returns the function that ends it."""

        def pass_on(change: Change) -> None:
            inner = self._inner(change)
            if inner is not None:
                listener(inner)

        return self.document.subscribe(pass_on)

    def _at(self, network: Network) -> Network | None:
        """What this room shows of a design; the same object as long as the design is the same."""
        if self._seen is None or self._seen[0] is not network:
            self._seen = (network, network_at(network, self.path))
        return self._seen[1]

    def _inner(self, change: Change) -> Change | None:
        """What a change of the design changes in here; None where that is nothing, or the room is not there."""
        before, after = network_at(change.before, self.path), self._at(change.after)
        if before is None or after is None:
            return None
        patch = difference(before, after)
        return Change(before, after, change.label, patch, change.travelled) if patch else None
