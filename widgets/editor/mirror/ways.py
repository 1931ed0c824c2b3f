"""The ways of all wires, each laid when somebody looks at it: asked for by port, or by a part of the scene.

Laying is the greater part of opening a large network, and most of its wires are out of view. From far away wires are
straight lines between ports, which are known of all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF

from graphs.network import End
from widgets.editor.mirror.index import Index
from widgets.editor.mirror.routes import Route

FEW = 600
"""Up to so many wires that wait are laid at once, whatever part of the scene is asked for."""
REACH = 400.0
"""How far from the straight line between its ports a wire is looked for before it is laid."""

BESIDE = 64.0
"""How far wires run out of all nodes, of a network of more than `FEW`."""


class Spans(Index[End]):
    """Straight lines by input port, found by the rectangles around them."""

    def set_line(self, end: End, start: QPointF, stop: QPointF) -> None:
        """Adds a line or moves it."""
        self.set_sides(end, (start.x(), start.y(), stop.x(), stop.y()))

    def line(self, end: End) -> QLineF:
        """The line of a wire that is known."""
        return QLineF(*self.sides_of(end))

    def lines(self, rect: QRectF, without: Iterable[End] = ()) -> list[QLineF]:
        """The lines that come into a rectangle, but for some."""
        slots = self._touching(rect)
        away = [slot for end in without if (slot := self._slots.get(end)) is not None]
        slots = np.setdiff1d(slots, away, assume_unique=True) if away else slots
        return [QLineF(*line) for line in self._boxes[:, slots].T.tolist()]

    def _touching(self, rect: QRectF) -> np.ndarray:
        x0, y0, x1, y1 = self._boxes[:, : len(self._keys)]
        hit = np.minimum(x0, x1) <= rect.right()
        hit &= np.maximum(x0, x1) >= rect.left()
        hit &= np.minimum(y0, y1) <= rect.bottom()
        hit &= np.maximum(y0, y1) >= rect.top()
        # What was removed begins beyond everything and ends before it.
        return np.flatnonzero(hit & np.isfinite(x0))


class Ways(Mapping[End, Route]):
    """Routes by input port; `lay` works one out, None where there is no such wire any more."""

    def __init__(self, lay: Callable[[End, Route | None], Route | None]) -> None:
        self._lay = lay
        self._laid: dict[End, Route] = {}
        self._lanes: Index[End] = Index()
        self.spans = Spans()
        self._waiting: dict[End, None] = {}
        self._pressing: dict[End, None] = {}
        self._swept: dict[End, list[QRectF]] = {}
        self.strayed = False
        """Whether a wire was laid out of view that would have been in it, farther from its line than expected."""

    # Which ways there are

    def clear(self) -> None:
        """Forgets everything."""
        self._laid, self._waiting, self._pressing, self._swept = {}, {}, {}, {}
        self._lanes.clear()
        self.spans.clear()
        self.strayed = False

    def wait(self, ends: Iterable[End], pressing: bool = False) -> None:
        """Has these laid anew when somebody looks at them; `pressing` ones are those that `swept` tells of."""
        new = dict.fromkeys(ends)
        self._waiting.update(new)
        if pressing:
            self._pressing.update(new)

    def forget(self, end: End) -> None:
        """Forgets a wire that is no more."""
        self._laid.pop(end, None)
        self._waiting.pop(end, None)
        self._pressing.pop(end, None)
        self._swept.pop(end, None)
        self._lanes.remove(end)
        self.spans.remove(end)

    def __getitem__(self, end: End) -> Route:
        if end in self._waiting:
            self.lay(end)
        return self._laid[end]

    def __iter__(self) -> Iterator[End]:
        self.lay_all()
        return iter(self._laid)

    def __len__(self) -> int:
        self.lay_all()
        return len(self._laid)

    # Laying them

    def lay(self, end: End) -> None:
        """Lays one wire."""
        self._waiting.pop(end, None)
        known = self._laid.get(end)
        way = self._lay(end, known)
        if way is None:
            self.forget(end)
            return
        if end in self._pressing:
            del self._pressing[end]
            self._swept.setdefault(end, []).extend(w.rect for w in (known, way) if w is not None)
        self._laid[end] = way
        self._lanes.set(end, way.rect)

    def lay_all(self) -> None:
        """Lays all that wait."""
        while self._waiting:
            self.lay(next(iter(self._waiting)))

    def lay_some(self, until: float) -> bool:
        """Lays some that wait, until `time.perf_counter()` says so; True when none does any more."""
        while self._waiting and time.perf_counter() < until:
            end = next(iter(self._waiting))
            self.lay(end)
            if end in self._laid and not self.strayed:
                near = QRectF(self.spans.line(end).p1(), self.spans.line(end).p2()).normalized()
                self.strayed = not _wider(near).contains(self._laid[end].rect)
        return not self._waiting

    def lay_near(self, rect: QRectF) -> None:
        """Lays those that wait and could come into a part of the scene."""
        near: Iterable[End] = list(self._waiting)
        if len(self._waiting) > FEW:
            known = [*self.spans.within(_wider(rect)), *self._lanes.within(rect)]
            near = [end for end in dict.fromkeys(known) if end in self._waiting]
        for end in near:
            self.lay(end)

    def swept(self, but: frozenset[End]) -> list[QRectF]:
        """Where those run and ran that nodes in the hand have passed, but for some; they are laid for it."""
        for end in (self._pressing.keys() & self._waiting.keys()).difference(but):
            self.lay(end)
        swept, self._swept, self._pressing = self._swept, {}, {}
        return [rect for end, rects in swept.items() if end not in but for rect in rects]

    def carry(self, ends: Iterable[End], dx: float, dy: float) -> None:
        """Moves wires along by the same step; those that wait are laid later where they are then."""
        ends = list(ends)
        self.spans.shift(ends, dx, dy)
        along = [end for end in ends if end in self._laid and end not in self._waiting]
        for end in along:
            self._laid[end] = self._laid[end].moved(dx, dy)
        self._lanes.shift(along, dx, dy)

    # Where they run

    @property
    def waiting(self) -> int:
        """How many are not laid."""
        return len(self._waiting)

    def within(self, rect: QRectF) -> list[End]:
        """The wires that come into a part of the scene."""
        if self._waiting:
            self.lay_near(rect)
        return self._lanes.within(rect)

    def at(self, point: QPointF, reach: float = 0.0) -> list[End]:
        """The wires whose ways come within `reach` of a point, the last added first."""
        return self.within(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach))[::-1]

    def ready(self, rect: QRectF) -> tuple[list[End], list[QLineF]]:
        """The wires in a part of the scene that need not be laid for it, and the lines of those that would."""
        if len(self._waiting) <= FEW:
            return self.within(rect), []
        later = [self.spans.line(end) for end in self.spans.within(rect) if end in self._waiting]
        return [end for end in self._lanes.within(rect) if end not in self._waiting], later

    def guessed(self, rect: QRectF) -> set[End]:
        """The wires that may come into a part of the scene; none is laid for it."""
        return {*self.spans.within(rect), *self._lanes.within(rect)}

    def swerving(self, rects: list[QRectF], most: float) -> set[End]:
        """Those that were laid, are no wider, come into one of these rectangles and would run elsewhere without it."""
        touched = ((end, self._laid[end]) for end in self._lanes.touching(rects))
        return {end for end, way in touched if way.swerves and way.rect.width() <= most}

    def bounds(self, around: QRectF, laying: bool = True) -> QRectF:
        """The rectangle around all of them and the nodes they join; of many, what is around these is guessed."""
        if len(self.spans) > FEW:
            return around.adjusted(-BESIDE, -BESIDE, BESIDE, BESIDE)
        if laying:
            self.lay_all()
        return around.united(self._lanes.bounds())


def _wider(rect: QRectF) -> QRectF:
    return rect.adjusted(-REACH, -REACH, REACH, REACH)
