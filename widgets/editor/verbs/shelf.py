"""One's own blocks and ready-made ones, as kinds for palettes; they come into the project when they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QDialog, QMenu

from graphs.edits import EditError, SetBlocks
from graphs.files.faults import FileFault
from graphs.layers.base import Layer
from graphs.layers.blocks import kind_of
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK, Block, Network
from graphs.reuse.fragments import adopted
from graphs.reuse.library import SHIPPED, Entry, Library
from graphs.reuse.rooms import names_at
from widgets.editor import drawn
from widgets.editor.ranking import OWN, READY
from widgets.jobs import Job

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Kept(NamedTuple):
    """A block of a library, and the kind that palettes list for it."""

    entry: Entry
    kind: type[Layer]


class Shelf(QObject):
    """Two libraries: one's own, which can be changed, and the blocks that ship. Empty until `renew` is called."""

    changed = Signal()
    failed = Signal(str)
    wanted = Signal(str)
    """An architecture is to be opened as a project: JSON of its name and fields."""

    def __init__(self, folder: Path, parent: QObject | None = None, shipped: Path = SHIPPED) -> None:
        super().__init__(parent)
        self._own, self._shipped = Library(folder), Library(shipped)
        self.kept: Mapping[str, Kept] = {}
        self.drawn: Mapping[str, type[Layer]] = {}
        """The architectures, once they are imported."""
        self.job = Job(self)
        self.job.done.connect(self._know_drawn)

    @property
    def kinds(self) -> dict[str, type[Layer]]:
        """What palettes list, by key: one's own, then the ready-made, then the architectures."""
        return {**{key: kept.kind for key, kept in self.kept.items()}, **self.drawn}

    def _know_drawn(self, found: Mapping[str, type[Layer]]) -> None:
        self.drawn = found
        self.changed.emit()

    def renew(self) -> None:
        """Looks what the libraries hold now."""
        found: dict[str, Kept] = {}
        for prefix, library in ((OWN, self._own), (READY, self._shipped)):
            try:
                listing = library.listing()
            except FileFault as fault:
                self.failed.emit(str(fault))
                continue
            for entry in listing.entries:
                key = f"{prefix}{entry.path.name}"
                known = self.kept.get(key)
                found[key] = known if known and known.entry is entry else Kept(entry, kind_of(entry.definition, {}))
            if listing.faults:
                self.failed.emit(str(listing.faults[0]))
        if found != self.kept:
            self.kept = found
            self.changed.emit()
        if not self.drawn and not self.job.running:
            self.job.start(lambda _report: drawn.kinds(), "architectures")

    def catalogue(self, key: str) -> tuple[Catalogue, str]:
        """A catalogue that knows the block, and the name of its kind there."""
        entry, made = self.kept[key].entry, standard().copy()
        made.know(entry.part)
        return made, BLOCK + entry.block

    def save(self, network: Network, block: str, over: bool = False) -> None:
        """Keeps a block of a design. Raises FileFault where there is another one of that name, unless `over`."""
        self._own.save(network, block, over=over)
        self.renew()

    def rename(self, key: str, title: str) -> None:
        """Gives one's own block another title."""
        self._change(lambda entry: self._own.rename(entry, title), key)

    def remove(self, key: str) -> None:
        """Takes one's own block away for good; projects that use it keep their definition."""
        self._change(self._own.remove, key)

    def _change(self, act: Callable[[Entry], object], key: str) -> None:
        kept = self.kept.get(key) if key.startswith(OWN) else None
        if kept is None:
            return
        try:
            act(kept.entry)
        except FileFault as fault:
            self.failed.emit(str(fault))
        self.renew()


class _NotAdded(Exception):
    """What takes back the definitions that came with a use that does not fit."""


class Shelving:
    """What goes between the project and the shelf; a part of `Canvas`."""

    shelf: Shelf | None = None
    asking: QDialog | None = None
    """The dialog that asks for the fields of an architecture."""

    def bring(self: Canvas, kind: str, act: Callable[[str], str | None]) -> str | None:
        """Does `act` with a kind of the project; a block from the shelf is brought in first, in the same step.

        Returns what `act` does: the id of the new node, None where there is none. The fields of an architecture are
        asked for first, so that it comes in later.
        """
        if kind.startswith(drawn.DRAWN):
            self._ask_architecture(kind, act)
            return None
        kept = self.shelf.kept.get(kind) if self.shelf is not None else None
        if kept is None:
            return act(kind)
        return self._bring_in(kept.entry.title, kept.entry.part.blocks, kept.entry.block, act)

    def _ask_architecture(self: Canvas, kind: str, act: Callable[[str], str | None]) -> None:
        from graphs.architectures.part import as_part
        from widgets.panels.architecture_dialog import ArchitectureDialog

        def bring(network: Network, name: str) -> None:
            part = as_part(network, name)
            self._bring_in(part.definition.title, part.blocks, part.block, act)

        dialog = ArchitectureDialog(self.window(), drawn.name_of(kind))
        dialog.added.connect(bring)
        if self.shelf is not None:
            dialog.opened.connect(self.shelf.wanted)
        self.asking = dialog
        dialog.open()

    def _bring_in(
        self: Canvas, title: str, blocks: Mapping[str, Block], block: str, act: Callable[[str], str | None]
    ) -> str | None:
        """Adds a use of a block, with the definitions that are missing."""
        found: str | None = None
        try:
            with self.document.transaction(f"Add {title}"):
                made, names = adopted(self.root.network, blocks)
                if made:
                    self.root.apply(SetBlocks(made))
                    self._learn()
                found = act(BLOCK + names[block])
                if found is None:
                    raise _NotAdded
        except _NotAdded:
            self._learn()
        except EditError as error:
            self.message.emit(str(error))
            self._learn()
        if found is not None:
            self.select([found])
            self.reveal(found)
        return found

    def _learn(self: Canvas) -> None:
        """Has the catalogues know what the document holds at this moment, before it is announced."""
        network = self.root.network
        self.root_catalogue.know(network)
        if self.path:
            self.catalogue.know(network, names_at(network, self.path))

    def is_kind(self: Canvas, kind: str) -> bool:
        """Whether a layer of this kind can be added: the catalogue has it, or the shelf."""
        return kind in self.catalogue.kinds or (self.shelf is not None and kind in self.shelf.kinds)

    def drafting(self: Canvas, kind: str) -> tuple[Catalogue, str]:
        """What to draw a node of this kind with before it is there: a catalogue and the kind's name in it."""
        if self.shelf is not None and kind in self.shelf.kept:
            return self.shelf.catalogue(kind)
        return drawn.drafted(kind) if kind.startswith(drawn.DRAWN) else (self.catalogue, kind)

    def save_block(self: Canvas, id: str = "") -> None:
        """Keeps a block among one's own, by default that of the selection or the room; where another has its name, asks
        whether to replace that."""
        block = self.root.network.blocks.get(id) or self.the_block
        if block is None or self.shelf is None:
            return
        try:
            self.shelf.save(self.root.network, block.id)
        except FileFault as fault:
            self._ask_over(block.id, str(fault))
            return
        self.told.emit(f"“{block.title or block.id}” is among your blocks now.")

    def _ask_over(self: Canvas, block: str, why: str) -> None:
        menu = QMenu(self)
        menu.addAction(why).setEnabled(False)
        menu.addSeparator()
        menu.addAction("Replace it").triggered.connect(lambda: self._save_over(block))
        menu.addAction("Leave it as it is")
        self.popup = menu
        menu.popup(self.mapToGlobal(self.rect().center() - QPoint(120, 40)))

    def _save_over(self: Canvas, block: str) -> None:
        try:
            if self.shelf is not None:
                self.shelf.save(self.root.network, block, over=True)
        except FileFault as fault:
            self.message.emit(str(fault))
