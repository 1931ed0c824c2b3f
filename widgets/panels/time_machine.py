"""The time machine: a slider over a run's recorded steps. Dots are recorded steps, the right end is now."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSlider, QPushButton, QSizePolicy, QWidget

from widgets import theme
from widgets.look.style import Panel, label


class Steps(QAbstractSlider):
    """Positions 0…n-1 are recorded steps, n is live; a logarithmic scale, as the steps are spaced."""

    picked = Signal(object)  # the step, None for live

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[int, ...] = ()
        self._last = 0
        self._shown = -1
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Time machine")
        self.setMouseTracking(True)
        self.valueChanged.connect(self._moved)

    def set_steps(self, steps: Sequence[int], last: int) -> None:
        """The recorded steps, ascending, and the step the run has reached. Whoever is live stays live."""
        steps = tuple(steps)
        if steps == self._steps and last == self._last:
            return
        live, kept = self.is_live(), self.step()
        fresh = len(steps) != len(self._steps)
        self._steps, self._last = steps, last
        if fresh:
            self.blockSignals(True)
            self.setRange(0, len(steps))
            self.setValue(len(steps) if live or kept is None else min(bisect_left(steps, kept), len(steps)))
            self.blockSignals(False)
        if fresh or round(self._x(last)) != self._shown:
            self._shown = round(self._x(last))
            self.update()

    def is_live(self) -> bool:
        """Whether it stands at now."""
        return self.value() >= len(self._steps)

    def step(self) -> int | None:
        """The recorded step it stands at, None for live."""
        return None if self.is_live() else self._steps[self.value()]

    def last(self) -> int:
        """The step the run has reached."""
        return self._last

    def sizeHint(self) -> QSize:
        return QSize(240, 24)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event.position().x())
        elif self._steps:
            index = self._nearest(event.position().x())
            self.setToolTip("live" if index == len(self._steps) else f"step {self._steps[index]:,}")

    def _pick(self, x: float) -> None:
        self.setValue(self._nearest(x))

    def _nearest(self, x: float) -> int:
        places = [self._x(step) for step in self._steps] + [self._x(self._last) + 4]
        return min(range(len(places)), key=lambda i: abs(places[i] - x))

    def _moved(self, _value: int) -> None:
        self.update()
        self.picked.emit(self.step())

    def _x(self, step: float) -> float:
        """Where a step lies: the square root spreads the early ones and still shows the late ones."""
        room = max(1.0, self.width() - 20.0)
        return 10 + room * (math.sqrt(step / self._last) if self._last else 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = self.height() / 2
        here = self._x(self._last) if self.is_live() else self._x(self.step() or 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(now.line))
        painter.drawRoundedRect(QRectF(8, y - 2, self.width() - 16, 4), 2, 2)
        if not self._steps:
            painter.end()
            return
        painter.setBrush(theme.qcolor(theme.mix(now.accent, now.panel, 0.6)))
        painter.drawRoundedRect(QRectF(8, y - 2, max(0.0, here - 8), 4), 2, 2)
        painter.setBrush(theme.qcolor(now.dim))
        for step in self._steps:
            painter.drawEllipse(QPointF(self._x(step), y), 2.6, 2.6)
        painter.setBrush(theme.qcolor(now.accent))
        painter.drawEllipse(QPointF(here, y), 7, 7)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.qcolor(now.accent), 1.5))
            painter.drawEllipse(QPointF(here, y), 9.5, 9.5)
        painter.end()


class TimeMachine(Panel):
    """The row under the views."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("timeMachine", across=True, parent=parent)
        self.setFixedHeight(max(40, self.fontMetrics().height() + 24))
        self.box.setContentsMargins(16, 0, 16, 0)
        self.box.setSpacing(12)
        self.where = label("nothing recorded yet", tone="dim")
        self.where.setMinimumWidth(self.fontMetrics().horizontalAdvance("step 88,888 of 88,888 · live"))
        self.steps = Steps()
        self.live = QPushButton("Back to live")
        self.live.setProperty("rank", "small")
        self.live.clicked.connect(lambda: self.steps.setValue(self.steps.maximum()))
        keep = self.live.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.live.setSizePolicy(keep)
        self.live.hide()
        self.box.addWidget(label("Time machine", heading=True))
        self.box.addWidget(self.where)
        self.box.addWidget(self.steps, 1)
        self.box.addWidget(self.live)
        self.steps.picked.connect(self._picked)
        self.setEnabled(False)

    def set_steps(self, steps: Sequence[int], last: int) -> None:
        """The recorded steps and the step the run has reached."""
        self.setEnabled(bool(steps))
        self.steps.set_steps(steps, last)
        self._say()

    def _picked(self, step: int | None) -> None:
        self._say()
        self.picked.emit(step)

    def _say(self) -> None:
        step, last = self.steps.step(), self.steps.last()
        words = f"step {last:,} of {last:,} · live" if step is None else f"step {step:,} of {last:,}"
        words = words if self.isEnabled() else "nothing recorded yet"
        if words != self.where.text():
            self.where.setText(words)
        self.live.setVisible(self.isEnabled() and step is not None)
