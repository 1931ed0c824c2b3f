"""Automatic layout: at once for a network one can survey, beside the window for a large one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

from graphs.document import Change
from graphs.edits import Batch, Edit, Move, SetMarks
from graphs.network import Mark, Network, Note
from graphs.placing.framed import Places, placed_among, tidied
from graphs.placing.layout import Cancelled
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

AT_ONCE, FEW = 400, 120
Sizes = Mapping[str, tuple[float, float]]


class Tidy(QObject):
    """Finds places for nodes and notes and moves them there, in one step of undo.

    It knows which nodes are new: those that came after the document was opened, and were moved since neither by
    hand nor by a layout.
    """

    _found = Signal(object, object, object)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._stop = threading.Event()
        self._new: dict[str, None] = {}
        self._settled: set[str] = set()
        self._found.connect(self._place)
        self.destroyed.connect(self._stop.set)

    # What is new

    def watch(self, change: Change) -> None:
        """Learns from a change which nodes are new and which have a place by now."""
        for id, node in change.patch.nodes.items():
            before = change.before.nodes.get(id)
            if node is None:
                if self._new.pop(id, "placed") is not None:
                    self._settled.add(id)  # should it come back, it has its place
            elif before is None:
                if id not in self._settled:
                    self._new[id] = None
            elif before.position != node.position:
                self._new.pop(id, None)

    def forget(self) -> None:
        """Another document: nothing in it is new."""
        self._new, self._settled = {}, set()

    def new(self) -> list[str]:
        """The nodes without a place of their own yet."""
        return [i for i in self._new if i in self._canvas.document.network.nodes]

    def start_new(self) -> None:
        """Finds places for what is new; everything else stays where it is."""
        ids, canvas = self.new(), self._canvas
        if not ids:
            canvas.told.emit("Nothing is new since the last layout: L tidies up everything.")
            return
        self._stop.set()
        network = canvas.document.network
        self._place(network, ids, placed_among(network, self._sizes(), ids))

    # Everything, or the selection

    def start(self, ids: Sequence[str] | None) -> None:
        """Arranges these nodes, or all; a run that is still under way is given up."""
        canvas = self._canvas
        self._stop.set()
        network, sizes = canvas.document.network, self._sizes()
        widths, view = self._widths(len(ids or sizes)), QSizeF(canvas.size())
        if len(sizes) <= AT_ONCE:
            self._place(network, ids, best_places(network, sizes, ids, widths, view))
            return
        self._stop = threading.Event()
        self.destroyed.connect(self._stop.set)
        work = (network, sizes, ids, widths, view, self._stop)
        threading.Thread(target=self._run, args=work, name="tidy", daemon=True).start()

    def _sizes(self) -> dict[str, tuple[float, float]]:
        return {i: (item.rect.width(), item.rect.height()) for i, item in self._canvas.scene.items.items()}

    def _run(self, network: Network, sizes: Sizes, ids: Sequence[str] | None, widths: Sequence[float],
             view: QSizeF, stop: threading.Event) -> None:  # fmt: skip
        try:
            places = best_places(network, sizes, ids, widths, view, stop.is_set)
        except Cancelled:
            return
        if not stop.is_set():
            self._found.emit(network, ids, places)

    def _place(self, network: Network, ids: Sequence[str] | None, places: Places) -> None:
        canvas = self._canvas
        if canvas.document.network is not network:
            canvas.message.emit("The network changed while it was being tidied up, so it stays as it is.")
            return
        for id in places.nodes:
            self._new.pop(id, None)
        goal = {i: editing.snapped(*p) for i, p in places.nodes.items()}
        before = {i: network.nodes[i].position for i in goal}
        moved = {i: p for i, p in goal.items() if p != before[i]}
        edits: list[Edit] = [Move(moved)] if moved else []
        if notes := _moved_notes(network, places.notes):
            edits.append(SetMarks(notes))
        if edits and canvas.apply(Batch(tuple(edits), "Tidy up")):
            if ids is None:
                canvas.fit()
            canvas.ease.nodes({i: before[i] for i in moved})

    def _widths(self, count: int) -> tuple[float, ...]:
        """How long a row may be: for a small network several lengths are tried, a large one is as wide as high."""
        view = max(720.0, self._canvas.width() - 220.0)
        if count > FEW:
            return (max(view, 240.0 * count**0.5),)
        return tuple(view * factor for factor in (1.0, 1.3, 1.6, 2.0))


def _moved_notes(network: Network, places: Mapping[str, tuple[float, float]]) -> dict[str, Mark | None]:
    found: dict[str, Mark | None] = {}
    for id, place in places.items():
        note, goal = network.marks[id], editing.snapped(*place)
        if isinstance(note, Note) and note.position != goal:
            found[id] = replace(note, position=goal)
    return found


def best_places(
    network: Network,
    sizes: Sizes,
    ids: Iterable[str] | None,
    widths: Sequence[float],
    view: QSizeF,
    cancel: Callable[[], bool] | None = None,
) -> Places:
    """The layout, among those for several lengths of a row, that can be seen largest in a view of this size."""
    found = [tidied(network, sizes, ids, wrap_width=width, cancel=cancel) for width in widths]
    return max(found, key=lambda places: round(_zoom(places, sizes, view), 3))


def _zoom(places: Places, sizes: Sizes, view: QSizeF) -> float:
    """At which zoom all of a layout could be seen, 1.0 at most."""
    whole = QRectF()
    for id, (x, y) in places.nodes.items():
        whole = whole.united(QRectF(QPointF(x, y), QSizeF(*sizes[id])))
    return min(1.0, view.width() / (whole.width() + 290), view.height() / (whole.height() + 96))
