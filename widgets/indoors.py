"""What the desk does about blocks: inspector, problems and weights follow the canvas into rooms and out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.edits import EditError
from graphs.network import BLOCK
from graphs.reuse.rooms import Path, block_at, network_at, uses
from studio.project import home
from widgets.editor.verbs.shelf import Shelf

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from widgets.desk import Desk

FILTERS, SPREAD = "inspector-filters", "inspector-spread"


class Indoors:
    """The part of `Desk` that knows in which room the canvas is, and which blocks there are."""

    def join_blocks(self: Desk) -> None:
        """Joins palette, canvas and library of blocks."""
        self.shelf = self.canvas.shelf = Shelf(home() / "blocks", self)
        self.shelf.changed.connect(self.list_blocks)
        self.shelf.failed.connect(lambda sentence: self.said.emit("warning", sentence))
        self.shelf.wanted.connect(lambda text: self.wanted.emit(f"architecture:{text}"))
        self.palette_panel.renamed.connect(self.rename_listed)
        self.palette_panel.asked.connect(self.do_with_block)
        self.palette_panel.may = self.may_with_block
        self.canvas.room_changed.connect(self.follow_room)
        self.list_blocks()

    def list_blocks(self: Desk) -> None:
        """The palette lists the blocks that there are now."""
        self.palette_panel.show_blocks(self.shelf.kinds, bool(self.canvas.path))

    def rename_listed(self: Desk, kind: str, title: str) -> None:
        """A block was renamed in the palette."""
        if kind.startswith(BLOCK):
            self.canvas.rename_definition(kind.removeprefix(BLOCK), title)
        else:
            self.shelf.rename(kind, title)

    def do_with_block(self: Desk, verb: str, kind: str) -> None:
        """Something was chosen from the menu of a block in the palette."""
        if verb == "delete":
            self.canvas.remove_definition(kind.removeprefix(BLOCK))
        elif verb == "save":
            self.canvas.save_block(kind.removeprefix(BLOCK))
        elif verb == "forget":
            self.shelf.remove(kind)

    def may_with_block(self: Desk, verb: str, kind: str) -> bool:
        """A definition can be deleted once nothing uses it."""
        return verb != "delete" or not uses(self.project.network, kind.removeprefix(BLOCK))

    def follow_room(self: Desk, _path: Path = ()) -> None:
        """Everything around the canvas looks at the network that it shows."""
        self.inspector.show_room(self.canvas.document, self.canvas.catalogue)
        self.list_blocks()
        self._show_network()
        self.changed.emit()

    @property
    def here(self: Desk) -> Analysis | None:
        """What is known about the network on the canvas."""
        return self.canvas.here(self.known)

    def go(self: Desk, node: str) -> None:
        """Select a node of the design and show it; where the trouble is inside a block, the node in there."""
        if node not in self.project.network.nodes:
            return
        path, inner = troubled(self.analysis, (), node) if self.analysis is not None else ((), node)
        self.canvas.set_room(path)
        self.canvas.select([inner])
        self.canvas.fit_selection()
        self.canvas.setFocus()

    def show_nodes(self: Desk, ids: list[str]) -> None:
        """Select nodes of the design and show them."""
        self.canvas.set_room(())
        self.canvas.select(ids)
        self.canvas.fit_selection()
        self.canvas.setFocus()

    def fix(self: Desk, _problem: Any, fix: Any) -> None:
        """Do what a problem in the list of the whole design offers."""
        if self.attend(fix.edit):
            return
        try:
            self.project.document.apply(fix.edit)
        except EditError as error:
            self.said.emit("warning", str(error))

    def fix_here(self: Desk, _problem: Any, fix: Any) -> None:
        """Do what a problem in the inspector offers, where the canvas is."""
        self.canvas.apply(fix.edit)

    def watch_node(self: Desk, node: str) -> None:
        """Keep the weights of the inspected node fresh; nothing where there are none."""
        session, here = self.session, self.here
        if session is None:
            return
        facts = here.facts.get(node) if here is not None and node else None
        whole = self.analysis is not None and self.analysis.buildable
        if facts is None or not facts.weights or not whole or self.canvas.is_use(node):
            session.unwatch(FILTERS)
            session.unwatch(SPREAD)
            return
        from studio.inspection import filters, statistics

        layer = self.canvas.layer_of(node)
        session.watch(FILTERS, filters.analyse, filters.FiltersOptions(node=layer, filters=24, channels=1), live=True)
        session.watch(SPREAD, statistics.analyse, statistics.StatisticsOptions(bins=40, health_samples=0), live=True)

    def show_weights(self: Desk, key: str, outcome: Any) -> None:
        """The newest pictures of the weights of the inspected node."""
        if key not in (FILTERS, SPREAD) or outcome.result is None:
            return
        node = self.inspector.watched()
        layer = self.canvas.layer_of(node)
        if key == FILTERS:
            self._filters = outcome.result
        else:
            self._spread = next((found for found in outcome.result.layers if found.node == layer), None)
        filters = self._filters if self._filters is not None and self._filters.node == layer else None
        spread = self._spread if self._spread is not None and self._spread.node == layer else None
        self.inspector.show_pictures(node, filters, spread, outcome.step)


def troubled(analysis: Analysis, path: Path, node: str) -> tuple[Path, str]:
    """The room and the node where the problem of a node is: as deep inside its block as there is one."""
    deeper = (*path, node)
    inner = network_at(analysis.network, deeper) if block_at(analysis.network, deeper) is not None else None
    if inner is None:
        return path, node
    worst = sorted(analysis.inside(deeper).problems, key=lambda problem: problem.severity != "error")
    first = next((problem.node for problem in worst if problem.node in inner.nodes), None)
    return troubled(analysis, deeper, first) if first is not None else (path, node)
