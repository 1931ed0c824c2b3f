"""Into frames and out of them: where what is dragged belongs when it is dropped.

What is dropped inside a frame joins it; what is taken clear out of its frame leaves it. With Ctrl everything
stays in the frame that it is in, which grows. A frame all of whose content is dragged goes along.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from graphs.network import Frame
from widgets import theme
from widgets.editor.mirror.marks import Marks
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.markpaint import ROUND


class Homes:
    """Frames as they were at the press, and what of the dragged nodes and notes changes over."""

    def __init__(
        self, scene: Scene, marks: Marks, chosen: Iterable[str], nodes: Iterable[str], notes: Iterable[str]
    ) -> None:
        self._scene, self._marks = scene, marks
        dragged, chosen = {*nodes, *notes}, set(chosen)
        frames = {i: m for i, m in marks.known.items() if isinstance(m, Frame)}
        along = {i for i, m in frames.items() if i in chosen or dragged >= {*m.members, *m.notes}}
        self._still = {i: QRectF(rect) for i, rect in marks.frames().items() if i not in along}
        of = scene.network.frame_of
        self._was = {i: of.get(i) for i in (*nodes, *notes) if of.get(i) not in along} if frames else {}
        self.changed: dict[str, str | None] = {}

    @property
    def leaving(self) -> set[str]:
        """What is no more in the frame that it was in."""
        return {i for i in self.changed if self._was.get(i) is not None}

    def look(self, notes: dict[str, tuple[float, float]], keep: bool) -> None:
        """Works out what changes over where things lie now; nothing with `keep`."""
        self.changed = {}
        if keep or not self._still:
            return
        items, known = self._scene.items, self._marks.known
        for id, home in self._was.items():
            if id in items:
                box = items[id].rect
            elif id in notes:
                box = QRectF(*notes[id], *known[id].size)  # type: ignore[union-attr]
            else:
                continue
            goal = self._goal(box, home)
            if goal != home:
                self.changed[id] = goal

    def _goal(self, box: QRectF, home: str | None) -> str | None:
        middle = box.center()
        inside = next((i for i, rect in reversed(self._still.items()) if i != home and rect.contains(middle)), None)
        stays = home is not None and self._still[home].intersects(box)
        if stays and home is not None and (inside is None or self._still[home].contains(middle)):
            return home
        return inside

    def words(self) -> str:
        """What changed over, in a sentence, and what to do where that was not meant."""
        known = self._marks.known
        came = {home for home in self.changed.values() if home is not None}
        left = {self._was[i] for i in self.changed} - {None}
        count = len(self.changed)
        what = next(iter(self.changed)) if count == 1 else f"{count} things"
        node = self._scene.network.nodes.get(what)
        what = node.title if node else ("The note" if what in known else what)

        def named(ids: Iterable[str | None]) -> str:
            titles = (getattr(known.get(i or ""), "title", "") or "the frame" for i in ids)
            return ", ".join(sorted(f"“{title}”" for title in titles))

        if came:
            return f"{what} joined {named(came)}. With Ctrl frames stay as they are."
        return f"{what} left {named(left)}. With Ctrl it would stay in it."

    def paint(self, painter: QPainter, scale: float) -> None:
        """The frames that something would join, in scene pixels."""
        accent = theme.current().accent
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.qcolor(accent), 2.0 / scale))
        painter.setBrush(theme.qcolor(accent, 0.06))
        for id in {home for home in self.changed.values() if home is not None}:
            painter.drawRoundedRect(self._still[id], ROUND, ROUND)
