"""What is known about the network, shown on its canvas: at once where it is in view, the rest a little at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QTimer

from widgets.editor.mirror.ways import FEW
from widgets.editor.painting.cards import Detail, detail

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis, Inference
    from widgets.editor.canvas import Canvas

SLICE_S, PAUSE_MS = 0.005, 3
"""How long cards out of view are brought up to date at a time, and how long the window has for other things between."""


class Knowing:
    """The verbs of `Canvas` that take shapes, parameters and problems."""

    def begin_knowing(self: Canvas) -> None:
        """Knows nothing yet."""
        self._grows = False
        self._behind = QTimer(self)
        self._behind.setSingleShot(True)
        self._behind.setInterval(PAUSE_MS)
        self._behind.timeout.connect(self.catch_up)

    def set_analysis(self: Canvas, analysis: Analysis | None) -> None:
        """Shows shapes, parameters and problems; one of an older network is shown as far as it goes."""
        self.whole = analysis
        self._grows |= self.scene.analysis is None
        changed = self.scene.set_analysis(self.here(analysis), self.seen_closely())
        self.picture.sheets.forget(changed)
        if self.activations is not None:
            self.show_activations(self.activations)
        self._problems()
        self.minimap.renew()
        self.update()
        if self.scene.behind:
            self._behind.start()
        else:
            self._settled()
            self.follow_later()

    def follow_later(self: Canvas) -> None:
        """Lays the wires that nobody has looked at, a few at a time."""
        if self.scene.routes.waiting > FEW:
            self._behind.start()

    def catch_up(self: Canvas) -> None:
        """Brings some more cards up to date that are out of view."""
        if self.scene.catch_up(SLICE_S):
            self.update()
            self._settled()
        else:
            self._behind.start()

    def _settled(self: Canvas) -> None:
        """Cards have grown to the size of what they will show."""
        grown, self._grows = self._grows, False
        if grown and self.fitted:
            self.fit()
        self.minimap.renew()

    def seen_closely(self: Canvas) -> QRectF:
        """The part of the scene of which cards are in view, empty where they are too small to say anything."""
        if detail(self.camera.scale, len(self.scene.items)) == Detail.BLOCKS:
            return QRectF()
        return self.camera.scene_rect(QRectF(self.rect()))

    def _problems(self: Canvas) -> None:
        before = self.badges.problems
        self.badges.refresh()
        if before != self.badges.problems:
            self.looks += 1
        self.picture.sheets.ailing = self.badges.severities()
        self._describe()

    def set_inference(self: Canvas, inference: Inference | None) -> None:
        """What says, while a wire is dragged, which shape it would give."""
        self.inference = inference
