"""How large cards are while their shapes are unknown: as before, or as can be guessed; and how far they may grow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphs.layers.catalogue import Catalogue
from graphs.network import Network, Node
from widgets.editor.painting.face import GRID, Face, face
from widgets.editor.painting.guess import guesses

if TYPE_CHECKING:
    from graphs.inference.facts import Facts
    from graphs.inference.shapes import Analysis


class Sizes:
    """Remembers, for as long as a document is open, how each node looked when its shapes were last known."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[str, tuple[str, Face]] = {}
        self._guesses: dict[str, Facts] = {}

    def forget(self) -> None:
        """Begins anew, for another document."""
        self._known = {}

    def guess(self, network: Network, analysis: Analysis | None) -> set[str]:
        """Guesses what is likely of nodes that no analysis knows; returns the ids of those of which it is something
        else."""
        known = analysis.facts if analysis else {}
        old, self._guesses = self._guesses, guesses(network, self._catalogue, known)
        return {
            i for i in old.keys() | self._guesses.keys() if old.get(i) != self._guesses.get(i)
        } & network.nodes.keys()

    def face(self, node: Node, network: Network, facts: Facts | None, room: float | None) -> Face:
        """The face of a node that is new (`room` None), or that has this much room to grow to."""
        made = face(node, network, self._catalogue, facts)
        if node.mode and (last := self._known.get(node.id, ("", None)))[0] == node.kind and last[1] is not None:
            return _sized(made, last[1])  # what it would compute is still there, so that its ports stay where they are
        if facts is not None and (facts.outputs or any(facts.inputs)) and made.known:
            made = self._bounded(made, node, room)
            self._known[node.id] = (node.kind, made)
            return made
        kind, last = self._known.get(node.id, ("", None))
        if last is None or kind != node.kind:
            likely = self._guesses.get(node.id)
            last = face(node, network, self._catalogue, likely) if likely else None
        return self._bounded(_sized(made, last) if last else made, node, room)

    def _bounded(self, made: Face, node: Node, room: float | None) -> Face:
        """A card grows only into free room; it never gets narrower than its picture, nor than it was."""
        if room is None or made.width <= room:
            return made
        kind, last = self._known.get(node.id, ("", None))
        least = max(made.least, last.width if last and kind == node.kind else 0.0)
        return replace(made, width=min(made.width, max(least, room // GRID * GRID)))


def _sized(made: Face, like: Face) -> Face:
    """A face with the room for pictures of another."""
    art, health = (like.art, like.health) if made.known else (None, False)
    wide, high = max(made.least, like.width), max(like.height, made.height)
    return replace(made, art=art, health=health, width=wide, height=high)
