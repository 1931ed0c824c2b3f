"""Making blocks and unmaking them. The verbs of `Canvas` about blocks; each ends in one edit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from graphs.edits import Edit, EditError
from graphs.network import Block, Network
from graphs.reuse.blocks import duplicate_block, make_block, remove_block, rename_block, unpack
from widgets.editor.verbs.portnames import PortNames
from widgets.shortcuts import shortcuts

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

NEW = "Block"
MADE = "make a block"
SAYS = "Name of the block"


class Making:
    """What turns nodes into blocks and back; a part of `Canvas`."""

    def make_block(self: Canvas) -> None:
        """Puts the selected nodes into a block, and asks what it shall be called."""
        chosen = self.selected()
        if not chosen:
            self.told.emit("Select the layers that shall become a block.")
            return
        before = self.document.network.nodes
        title = _free_title(self.root.network)
        if not self._try(lambda network: make_block(network, chosen, self.catalogue, title), MADE):
            return
        use = next((i for i, node in self.document.network.nodes.items() if i not in before and node.block), None)
        if use is not None:
            self.select([use])
            self.reveal(use)
            self._name_block(use, MADE)

    def _name_block(self: Canvas, use: str, merge: str | None = None) -> None:
        """Asks for the title of a use's block; what is typed under `merge` is one step with what was done under it."""
        block = self.document.network.nodes[use].block

        def rename(title: str) -> None:
            self.rename_definition(block or "", title, merge)

        known = self.root.network.blocks.get(block or "")
        if known is not None:
            self.naming.begin(lambda: self.naming.head(use), known.title or known.id, SAYS, rename)

    def rename_definition(self: Canvas, block: str, title: str, merge: str | None = None) -> None:
        """Gives a block of the project another title."""
        if merge is not None or not self.path:
            self._try(lambda network: rename_block(network, block, title), merge)
        else:
            self.root.apply(rename_block(self.root.network, block, title))  # the uses that follow are out there

    def remove_definition(self: Canvas, block: str) -> None:
        """Removes a block of the project that nothing uses."""
        try:
            self.root.apply(remove_block(self.root.network, block))
        except EditError as error:
            self.message.emit(str(error))

    def the_use(self: Canvas) -> str | None:
        """The one use that is selected."""
        chosen = self.selected()
        return chosen[0] if len(chosen) == 1 and self.is_use(chosen[0]) else None

    @property
    def the_block(self: Canvas) -> Block | None:
        """The block of the selected use; with nothing selected, the one that one is in."""
        use, blocks = self.the_use(), self.root.network.blocks
        if use is not None:
            return blocks[self.document.network.nodes[use].block or ""]
        here = self.document.block if self.path and not self.selection else None  # type: ignore[union-attr]
        return blocks.get(here) if here is not None else None

    def unpack_block(self: Canvas) -> None:
        """Puts what the selected uses hold in their place."""
        uses, before = [i for i in self.selected() if self.is_use(i)], set(self.document.network.nodes)
        try:
            with self.document.transaction("Unpack" if len(uses) > 1 else f"Unpack {self._titles(uses)}"):
                for use in uses:
                    self.document.apply(unpack(self.document.network, use, self.catalogue))
        except EditError as error:
            self.message.emit(str(error))
            return
        self.select([i for i in self.document.network.nodes if i not in before])

    def _titles(self: Canvas, ids: list[str]) -> str:
        return ", ".join(self.document.network.nodes[i].title for i in ids)

    def own_block(self: Canvas) -> None:
        """Gives the selected use a definition of its own."""
        use = self.the_use()
        if use is not None and self._try(lambda network: duplicate_block(network, use)):
            self._name_block(use)

    def _try(self: Canvas, edit_of: Callable[[Network], Edit], merge: str | None = None) -> bool:
        try:
            edit = edit_of(self.document.network)
        except EditError as error:
            self.message.emit(str(error))
            return False
        return self.apply(edit, merge)

    def rename_block(self: Canvas) -> None:
        """Asks for another title of the block; all its uses follow."""
        use, block = self.the_use(), self.the_block
        if use is not None:
            self._name_block(use)
        elif block is not None:
            done = partial(self.rename_definition, block.id)
            self.naming.begin(self.breadcrumb.here, block.title or block.id, SAYS, done)

    def name_ports(self: Canvas) -> None:
        """Shows what the ports of the block are called, to be changed."""
        block = self.the_block
        if block is not None:
            self.popup = PortNames(self, block.id)
            self.popup.show_at(self.mapToGlobal(self._below_use()))

    def _below_use(self: Canvas) -> QPoint:
        use = self.the_use()
        if use is None:
            return self.breadcrumb.geometry().bottomLeft()
        return self.camera.view_rect(self.scene.items[use].rect).bottomLeft().toPoint()

    def block_menu(self: Canvas, menu: QMenu) -> None:
        """What can be done with blocks, under the rest of a menu."""
        use, block = self.the_use(), self.the_block
        menu.addSeparator()
        if use is None and self.selection:
            _entry(menu, "Make a block", "Ctrl+Alt+G", self.make_block)
        if use is not None:
            _entry(menu, "Go inside", "Return", self.enter)
            _entry(menu, "Unpack", "Ctrl+Alt+Shift+G", self.unpack_block)
            _entry(menu, "Make it a block of its own", "", self.own_block)
        if self.path and not self.selection:
            _entry(menu, "Leave the block", "Esc", self.leave)
        if block is not None:
            _entry(menu, "Rename the block", "", self.rename_block)
            _entry(menu, "Names of its ports…", "", self.name_ports)
            _entry(menu, "Save to my blocks", "", self.save_block)


def _entry(menu: QMenu, text: str, key: str, act: Callable[[], object]) -> None:
    action = menu.addAction(text)
    if key:
        action.setShortcut(shortcuts().now(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(lambda _=False: act())


def _free_title(network: Network) -> str:
    """“Block”, or that with a number."""
    taken = {block.title for block in network.blocks.values()}
    titles = (NEW if number == 1 else f"{NEW} {number}" for number in range(1, len(taken) + 2))
    return next(title for title in titles if title not in taken)
