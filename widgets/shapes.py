"""The shapes of a project's network, as its thread works them out: what is in view within the frame that an edit asks
for, the whole when it is there."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from graphs.document import Change
from graphs.layers.catalogue import Catalogue
from graphs.network import Block, Network
from widgets.background import Background

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis, Inference

WAIT_S = 0.012
"""How long the window holds a frame back for the shapes that belong in it."""


class Shapes(QObject):
    """Asks the thread, and hears from it in the window's own."""

    glance = Signal(object)
    """graphs.inference.shapes.Analysis in which only what is in view is up to date; the whole one follows."""
    _news = Signal()
    _asked = Signal()

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = Background(catalogue)
        self._thread.told = self._news.emit
        self._news.connect(self._hand_out, Qt.ConnectionType.QueuedConnection)
        self._asked.connect(self._wait, Qt.ConnectionType.QueuedConnection)
        self._open = True

    @property
    def inference(self) -> Inference | None:
        """What derives shapes; None until torch is imported."""
        inference: Inference | None = self._thread.inference
        return inference

    @property
    def preloaded(self) -> bool:
        """Whether torch's libraries are loaded, so that importing torch holds up no window."""
        return self._thread.preloaded.is_set()

    def start(self) -> None:
        """Begins to import torch."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread. Nothing is handed out after it."""
        self._open = False
        self._thread.close()

    def submit(self, network: Network, near: Collection[str] = ()) -> None:
        """Asks for the shapes of this network, those of what is in view (`near`) first."""
        self._thread.submit(network, near)
        if near and self._thread.ready:
            self._asked.emit()

    def take(self) -> Analysis | None:
        """The newest analysis, once; raises what went wrong on the thread."""
        return self._thread.take()

    def _wait(self) -> None:
        """Gives the thread the interpreter before the next frame is painted, so that it shows the new shapes."""
        if self._open:
            self._thread.await_glance(WAIT_S)
            self._hand_out()

    def _hand_out(self) -> None:
        if self._open and (glance := self._thread.take_glance()) is not None:
            self.glance.emit(glance)


def means_more_than_moving(change: Change) -> bool:
    """Whether a change touches more than places, names and marks on the canvas, inside blocks too."""
    if change.patch.wires or change.patch.settings.keys() - {"canvas"}:
        return True
    if any(_differs(change.before, change.after, node) for node in change.patch.nodes):
        return True
    return any(_redefined(change.before.blocks.get(id), change.after.blocks.get(id)) for id in change.patch.blocks)


def _redefined(old: Block | None, new: Block | None) -> bool:
    if old is None or new is None or (old.title, old.parameters) != (new.title, new.parameters):
        return True
    before, after = old.network, new.network
    if before.nodes.keys() != after.nodes.keys() or before.wires != after.wires:
        return True
    return any(_differs(before, after, node) for node in after.nodes)


def _differs(before: Network, after: Network, node: str) -> bool:
    old, new = before.nodes.get(node), after.nodes.get(node)
    return old is None or new is None or (old.kind, old.name, old.fields, old.mode) != (
        new.kind, new.name, new.fields, new.mode,
    )  # fmt: skip
