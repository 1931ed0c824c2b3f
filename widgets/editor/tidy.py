"""Automatic layout: at once for a network one can survey, beside the window for a large one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

from graphs.edits import Batch, Move
from graphs.layout import Cancelled, arrange
from graphs.network import Network
from widgets.editor import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

AT_ONCE, FEW = 400, 120
Places = dict[str, tuple[float, float]]
Sizes = Mapping[str, tuple[float, float]]


class Tidy(QObject):
    """Finds places for nodes and moves them there, in one step of undo."""

    _found = Signal(object, object, object)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._stop = threading.Event()
        self._found.connect(self._place)
        self.destroyed.connect(self._stop.set)

    def start(self, ids: Sequence[str] | None) -> None:
        """Arranges these nodes, or all; a run that is still under way is given up."""
        canvas = self._canvas
        self._stop.set()
        network = canvas.document.network
        sizes = {i: (item.rect.width(), item.rect.height()) for i, item in canvas.scene.items.items()}
        widths, view = self._widths(len(ids or sizes)), QSizeF(canvas.size())
        if len(sizes) <= AT_ONCE:
            self._place(network, ids, best_places(network, sizes, ids, widths, view))
            return
        self._stop = threading.Event()
        self.destroyed.connect(self._stop.set)
        work = (network, sizes, ids, widths, view, self._stop)
        threading.Thread(target=self._run, args=work, name="tidy", daemon=True).start()

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
        goal = {i: editing.snapped(*p) for i, p in places.items()}
        before = {i: network.nodes[i].position for i in goal}
        moved = {i: p for i, p in goal.items() if p != before[i]}
        if moved and canvas.apply(Batch((Move(moved),), "Tidy up")):
            if ids is None:
                canvas.fit()
            canvas.ease.nodes({i: before[i] for i in moved})

    def _widths(self, count: int) -> tuple[float, ...]:
        """How long a row may be: for a small network several lengths are tried, a large one is as wide as high."""
        view = max(720.0, self._canvas.width() - 220.0)
        if count > FEW:
            return (max(view, 240.0 * count**0.5),)
        return tuple(view * factor for factor in (1.0, 1.3, 1.6, 2.0))


def best_places(
    network: Network,
    sizes: Sizes,
    ids: Sequence[str] | None,
    widths: Sequence[float],
    view: QSizeF,
    cancel: Callable[[], bool] | None = None,
) -> Places:
    """The layout, among those for several lengths of a row, that can be seen largest in a view of this size."""
    found = [arrange(network, sizes, ids, wrap_width=width, cancel=cancel) for width in widths]
    return max(found, key=lambda places: round(_zoom(places, sizes, view), 3))


def _zoom(places: Places, sizes: Sizes, view: QSizeF) -> float:
    """At which zoom all of a layout could be seen, 1.0 at most."""
    whole = QRectF()
    for id, (x, y) in places.items():
        whole = whole.united(QRectF(QPointF(x, y), QSizeF(*sizes[id])))
    return min(1.0, view.width() / (whole.width() + 290), view.height() / (whole.height() + 96))
