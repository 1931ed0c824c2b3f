"""Frames and notes on the canvas: where they lie, and which of them is under the pointer.

Where a frame lies follows from what it holds. A gesture may show notes at other places and frames without
some of their members; `settle` forgets that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF

from graphs.network import Frame, Mark, Note
from graphs.placing.arranging import ABOVE, BESIDE
from widgets import theme
from widgets.editor.mirror.scene import Scene

TITLE = 28.0
"""How high a frame's title strip is."""
LEAST_STRIP, INSIDE, BORDER_REACH, CORNER = 16.0, 13.0, 5.0, 14.0
"""Pixels on the screen: a title's height above its frame, its least height inside, a border's grip, a note's corner."""


class Marks:
    """Rectangles of the frames and notes of a scene, in scene pixels."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._stamp: tuple[object, ...] = ()
        self._revision = -1
        self._frames: dict[str, QRectF] = {}
        self._strayed: frozenset[str] = frozenset()
        self._moved: dict[str, tuple[float, float]] = {}
        self._sizes: dict[str, tuple[float, float]] = {}
        self._leaving: frozenset[str] = frozenset()

    @property
    def known(self) -> Mapping[str, Mark]:
        """The frames and notes of the network."""
        return self._scene.network.marks

    @property
    def in_hand(self) -> frozenset[str]:
        """The frames and notes that look otherwise than the document has them, since the hand moves what they hold."""
        if not self.known:
            return frozenset()
        moved = self._moved.keys() | self._sizes.keys()
        of, strayed = self._scene.network.frame_of, self._scene.strayed
        held = {*strayed, *moved, *self._leaving}
        return frozenset(moved | {of[i] for i in held if i in of})

    def note(self, id: str) -> QRectF:
        """Where a note lies; an empty rectangle for an unknown one."""
        mark = self.known.get(id)
        if not isinstance(mark, Note):
            return QRectF()
        return QRectF(*self._moved.get(id, mark.position), *self._sizes.get(id, mark.size))

    def notes(self) -> dict[str, QRectF]:
        """All notes, the last on top."""
        return {i: self.note(i) for i, mark in self.known.items() if isinstance(mark, Note)}

    def frames(self) -> dict[str, QRectF]:
        """All frames; those that hold less lie on top, and come last."""
        scene = self._scene
        if not self.known:
            return {}
        if self._revision != scene.revision:
            self._renew()
            self._revision = scene.revision
        return self._frames

    def _renew(self) -> None:
        """Only frames of nodes that a gesture moves are worked out again while nothing else has changed."""
        scene = self._scene
        stamp = (id(scene.network), id(scene.analysis), theme.scale())
        strayed = frozenset(scene.strayed) | self._moved.keys() | self._sizes.keys() | self._leaving
        if stamp == self._stamp[: len(stamp)]:
            of = scene.network.frame_of
            for frame in {of[i] for i in strayed | self._strayed if i in of}:
                self._frames[frame] = self.extent(frame, self._leaving)
        else:
            found = {i: self.extent(i, self._leaving) for i, m in self.known.items() if isinstance(m, Frame)}
            self._frames = dict(sorted(found.items(), key=lambda pair: -pair[1].width() * pair[1].height()))
        self._stamp, self._strayed = (*stamp, scene.network, scene.analysis), strayed  # kept, so that ids stay theirs

    def extent(self, frame: str, without: Iterable[str] = ()) -> QRectF:
        """The rectangle of a frame around what it holds, some of it left out."""
        mark, items, gone = self.known.get(frame), self._scene.items, set(without)
        if not isinstance(mark, Frame):
            return QRectF()
        rects = [items[i].rect for i in mark.members if i in items and i not in gone]
        rects += [self.note(i) for i in mark.notes if i not in gone]
        if not rects:
            return QRectF()
        left, top = min(r.left() for r in rects), min(r.top() for r in rects)
        right, bottom = max(r.right() for r in rects), max(r.bottom() for r in rects)
        return QRectF(left - BESIDE, top - ABOVE, right - left + 2 * BESIDE, bottom - top + ABOVE + BESIDE)

    def rect(self, id: str) -> QRectF:
        """Where a frame or note lies."""
        return self.note(id) if isinstance(self.known.get(id), Note) else self.frames().get(id, QRectF())

    def words(self, id: str) -> str:
        """What a frame or note is called in a sentence."""
        mark = self.known.get(id)
        if isinstance(mark, Frame):
            return f"the frame “{mark.title}”" if mark.title else "the frame"
        return "the note"

    def bounds(self) -> QRectF:
        """The rectangle around all of them."""
        whole = QRectF()
        for rect in (*self.frames().values(), *self.notes().values()):
            whole = whole.united(rect)
        return whole

    def held(self, ids: Iterable[str]) -> tuple[list[str], list[str]]:
        """The nodes and the notes that move along with these frames and notes."""
        nodes: dict[str, None] = {}
        notes: dict[str, None] = {}
        for id in ids:
            mark = self.known.get(id)
            if isinstance(mark, Frame):
                nodes.update(dict.fromkeys(mark.members))
                notes.update(dict.fromkeys(mark.notes))
            elif mark is not None:
                notes[id] = None
        return list(nodes), list(notes)

    # What is not in the document yet

    def preview(
        self,
        notes: Mapping[str, tuple[float, float]],
        leaving: Iterable[str] = (),
        sizes: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """Shows notes at other places or sizes, and frames without the nodes and notes that leave them."""
        shown = dict(notes), dict(sizes or {}), frozenset(leaving)
        if shown != (self._moved, self._sizes, self._leaving):
            self._moved, self._sizes, self._leaving = shown
            self._scene.stir()

    def settle(self) -> None:
        """Shows everything as the document has it."""
        self.preview({})

    # What is under the pointer

    def note_at(self, point: QPointF) -> str | None:
        """The note on top at a scene point."""
        return next((i for i, rect in reversed(self.notes().items()) if rect.contains(point)), None)

    def corner_at(self, point: QPointF, scale: float) -> str | None:
        """The note whose lower right corner is at a scene point, by which it is made larger."""
        id = self.note_at(point)
        if id is None:
            return None
        away, reach = self.note(id).bottomRight() - point, CORNER / scale
        small = min(self.note(id).width(), self.note(id).height()) * scale < 3 * CORNER
        return id if not small and max(away.x(), away.y()) <= reach else None

    def strip(self, frame: str, scale: float) -> QRectF:
        """Where a frame's title stands: inside at its top, or, too far away to be read there, above it."""
        rect, height = self.frames().get(frame, QRectF()), LEAST_STRIP / scale
        if TITLE * scale >= INSIDE:
            return QRectF(rect.left(), rect.top(), rect.width(), TITLE)
        return QRectF(rect.left(), rect.top() - height, rect.width(), height)

    def grip_at(self, point: QPointF, scale: float) -> str | None:
        """The frame whose title or border is at a scene point."""
        reach = BORDER_REACH / scale
        for id, rect in reversed(self.frames().items()):
            outside = rect.adjusted(-reach, -reach, reach, reach)
            inside = rect.adjusted(reach, reach, -reach, -reach)
            top = QRectF(rect.left(), rect.top(), rect.width(), TITLE)
            border = outside.contains(point) and not inside.contains(point)
            if border or self.strip(id, scale).united(top).contains(point):
                return id
        return None

    def frame_at(self, point: QPointF, without: Iterable[str] = ()) -> str | None:
        """The frame that something dropped at a scene point falls into."""
        gone = set(without)
        return next((i for i, r in reversed(self.frames().items()) if i not in gone and r.contains(point)), None)

    def within(self, rect: QRectF) -> list[str]:
        """Notes that a rectangle touches, and frames that lie inside it."""
        notes = [i for i, r in self.notes().items() if r.intersects(rect)]
        return [*notes, *(i for i, r in self.frames().items() if rect.contains(r))]
