"""Short eases of 120 ms, so that the eye can follow; none where motion is unwanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from widgets.look import motion

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

Positions = Mapping[str, tuple[float, float]]
MILLISECONDS = 120
MOST = 1500
"""More nodes than this jump to their places."""


class Ease(QObject):
    """Moves nodes or the camera from where they are to where they shall be."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._finish: Callable[[], None] | None = None
        self._step: Callable[[float], None] | None = None
        self._animation = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=MILLISECONDS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._advance)
        self._animation.finished.connect(self.stop)
        self.reduced: bool | None = None
        """True and False overrule the system; None asks it."""

    def nodes(self, before: Positions) -> None:
        """Shows nodes on their way from `before` to where the document has them."""
        scene = self._canvas.scene
        ways = {i: (p, scene.items[i].node.position) for i, p in before.items() if i in scene.items}
        ways = {i: way for i, way in ways.items() if way[0] != way[1]}

        def step(t: float) -> None:
            scene.preview({i: _between(a, b, t) for i, (a, b) in ways.items() if i in scene.items})
            self._canvas.update()

        if ways:
            self._run(step, scene.settle, len(ways) <= MOST)

    def camera(self, goal: tuple[float, float, float], then: Callable[[], None] = lambda: None) -> None:
        """Moves the camera to a state; `then` is called once it is there."""
        camera, start = self._canvas.camera, self._canvas.camera.state()

        def step(t: float) -> None:
            scale, x, y = (a + (b - a) * t for a, b in zip(start, goal, strict=True))
            camera.restore((scale, x, y))
            self._canvas.moved_camera()

        self._run(step, then, True)

    def _run(self, step: Callable[[float], None], finish: Callable[[], None], worthwhile: bool) -> None:
        self.stop()
        self._step, self._finish = step, finish
        if worthwhile and self._canvas.isVisible() and not self.still():
            step(0.0)
            self._animation.start()
        else:
            self.stop()

    def _advance(self, value: float) -> None:
        if self._step is not None:
            self._step(float(value))

    def stop(self) -> None:
        """Goes to the end at once."""
        step, finish, self._step, self._finish = self._step, self._finish, None, None
        self._animation.stop()
        if step is not None and finish is not None:
            step(1.0)
            finish()
            self._canvas.update()

    def still(self) -> bool:
        """Whether the person or the system asks for as little motion as can be."""
        return motion.still() if self.reduced is None else self.reduced


def _between(start: tuple[float, float], end: tuple[float, float], t: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t
