"""Going into blocks and out again. The verbs of `Canvas` that change what network it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QRectF

from graphs.document import Change, Document
from graphs.reuse.addresses import layers_of, place_of
from graphs.reuse.rooms import Path, Room, block_at, names_at, nearest, trail, uses
from widgets.editor.camera import Camera

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from studio.inspection.activations import ActivationsResult
    from widgets.editor.canvas import Canvas

NEAR = 0.55
"""How much of the way into a card the eye is taken: all of it would be a leap in 120 ms."""
T = TypeVar("T")
Look = tuple[float, float, float]


class Rooms:
    """What enters and leaves blocks; a part of `Canvas`.

    `root` is the document of the design, `document` what is shown: the same, or a room in it.
    """

    root: Document
    path: Path
    whole: Analysis | None
    activations: ActivationsResult | None

    def begin_rooms(self: Canvas) -> None:
        """Begins at the top, with nothing known."""
        self.path, self.whole, self.activations = (), None, None
        self._unwatch: Callable[[], None] = lambda: None
        self.forget_rooms()
        self.node_activated.connect(lambda id: self.enter(id) if self.is_use(id) else None)

    def forget_rooms(self: Canvas) -> None:
        """Forgets where one looked, and which layers are drawn where."""
        self._looks_at: dict[Path, Look | None] = {}
        self._layers: tuple[tuple[object, ...], dict[str, str]] | None = None

    def set_room(self: Canvas, path: Path) -> None:
        """Shows the inside of the block at `path`, as far as it leads somewhere; the whole network for ()."""
        path = nearest(self.root.network, tuple(path))
        if path == self.path:
            return
        self._looks_at[self.path] = None if self.fitted else self.camera.state()
        before, card = self.path, self._card(path)
        self.show_document(self.root if not path else Room(self.root, path), path)
        self.room_changed.emit(path)  # before anything in there is selected: others look it up
        self._look_in(path)
        use = self.scene.items.get(before[len(path)]) if before[: len(path)] == path and before != path else None
        if use is not None:
            self.select([use.node.id])
            self._zoom_from(self.camera.view_rect(use.rect), inwards=False)
        elif card is not None:
            self._zoom_from(card, inwards=True)

    def _card(self: Canvas, path: Path) -> QRectF | None:
        """Where the use that one goes into is now, in widget pixels."""
        item = self.scene.items.get(path[-1]) if path and path[:-1] == self.path else None
        return self.camera.view_rect(item.rect) if item is not None else None

    def _look_in(self: Canvas, path: Path) -> None:
        """Where one looked when one was here last; all of it at first."""
        look = self._looks_at.get(path)
        if look is None:
            self.fit()
        else:
            self.camera.restore(look)
            self.moved_camera()
            self.zoom_changed.emit(self.camera.scale)

    def _zoom_from(self: Canvas, card: QRectF, inwards: bool) -> None:
        """Eases the camera into place, from within the card's frame or out of it."""
        goal, fitted = self.camera.state(), self.fitted
        whole = QRectF(self.rect())
        frame = _between(whole, card, NEAR)
        start = Camera()
        if inwards:
            start.scale = goal[0] * frame.width() / max(1.0, whole.width())
            start.x, start.y = goal[1] - frame.left() / start.scale, goal[2] - frame.top() / start.scale
        else:
            start.scale = goal[0] * whole.width() / max(1.0, frame.width())
            start.x, start.y = goal[1] + frame.left() / goal[0], goal[2] + frame.top() / goal[0]
        self.camera.restore(start.state())
        self.ease.camera(goal, lambda: setattr(self, "fitted", fitted))

    def watch_rooms(self: Canvas, change: Change) -> None:
        """Steps out of a room that is gone, and keeps the way in words."""
        if self.path and block_at(change.after, self.path) is None:
            self.set_room(nearest(change.after, self.path))
        elif self.path:
            self.catalogue.read(self.root_catalogue.codes)
            self.catalogue.know(change.after, names_at(change.after, self.path))
            self.show_way()

    def learn_room(self: Canvas, path: Path) -> None:
        """Reads nodes with what names stand for in the room at `path`."""
        network = self.root.network
        self.catalogue = self.root_catalogue.copy() if path else self.root_catalogue
        if path:
            self.catalogue.know(network, names_at(network, path))
        self.scene.set_catalogue(self.catalogue)

    def show_way(self: Canvas) -> None:
        """What the bar at the top left says."""
        network = self.root.network
        block = block_at(network, self.path)
        count = uses(network, block) if block is not None else 0
        steps, title = trail(network, self.path), network.blocks[block].title if block is not None else ""
        what = f"{title}, " if title and title != steps[-1].title else ""
        hint = f"{what}used {count} times: a change here changes all" if count > 1 else ""
        self.breadcrumb.show_way(steps, hint or what.removesuffix(", "))

    def here(self: Canvas, analysis: Analysis | None) -> Analysis | None:
        """The part of an analysis that is about this room; None while it knows no such room."""
        if analysis is None or not self.path:
            return analysis
        if block_at(analysis.network, self.path) != block_at(self.root.network, self.path):
            return None
        return analysis.inside(self.path)

    def layers(self: Canvas, known: Iterable[str]) -> dict[str, str]:
        """The plain layer for each node that is shown; `known` are the ids of all plain layers."""
        key = (self.document.network, self.path, tuple(known))
        if self._layers is None or self._layers[0][0] is not key[0] or self._layers[0][1:] != key[1:]:
            self._layers = (key, layers_of(self.root.network, self.path, key[2]))
        return self._layers[1]

    def drawn(self: Canvas, values: Mapping[str, T]) -> Mapping[str, T]:
        """Values by plain layer as values by the nodes that are shown."""
        if not self.root.network.blocks:
            return values
        return {id: values[layer] for id, layer in self.layers(values).items() if layer in values}

    def layer_of(self: Canvas, id: str) -> str:
        """The plain layer that a node that is shown stands for; the id itself where that is not known."""
        if self.whole is None or not self.root.network.blocks:
            return id
        return self.layers(self.whole.core.network.nodes).get(id, id)

    # The verbs

    def is_use(self: Canvas, id: str) -> bool:
        """Whether a node can be entered."""
        node = self.document.network.nodes.get(id)
        return node is not None and node.block is not None and node.block in self.root.network.blocks

    def enter(self: Canvas, id: str | None = None) -> None:
        """Goes into a use of a block; into the one selected by default."""
        chosen = self.selected()
        id = id if id is not None else chosen[0] if len(chosen) == 1 else ""
        if self.is_use(id):
            self.set_room((*self.path, id))
        elif id in self.document.network.nodes:
            self.told.emit(f"{self.document.network.nodes[id].title} is a layer; only blocks can be entered.")

    def leave(self: Canvas) -> None:
        """One step out of the block that one is in."""
        if self.path:
            self.set_room(self.path[:-1])

    def enter_or_chain(self: Canvas) -> None:
        """Enter: into the selected block; after a layer, a new one."""
        chosen = self.selected()
        if len(chosen) == 1 and self.is_use(chosen[0]):
            self.enter(chosen[0])
        else:
            self.chain_layer()

    def go_to(self: Canvas, path: Path, id: str) -> None:
        """Enters a room and shows one of its nodes."""
        self.set_room(path)
        if id in self.scene.items:
            self.select([id])
            self.reveal(id)

    def show_layer(self: Canvas, flat: str) -> None:
        """Selects what a plain layer is drawn as, in the room where it is."""
        place = place_of(self.root.network, flat)
        if place is not None:
            self.go_to(*place)


def _between(first: QRectF, second: QRectF, t: float) -> QRectF:
    corners = zip(first.getRect(), second.getRect(), strict=True)
    return QRectF(*(a + (b - a) * t for a, b in corners))
