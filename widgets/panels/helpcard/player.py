"""Play, pause, step and a slider over the steps of a demonstration."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from widgets.look import motion
from widgets.look.icons import set_icon
from widgets.look.style import label

PACE = 1100
"""Milliseconds that a step stays."""


class Player(QWidget):
    """`moved(place)`: another step is shown. Nothing plays while it is hidden, or where motion is unwanted."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reduced: bool | None = None
        """True and False overrule the system; None asks it."""
        self.timer = QTimer(self)
        self.timer.setInterval(PACE)
        self.timer.timeout.connect(self._tick)
        self.back, self.play, self.forward = (self._button(name) for name in ("Step back", "Play", "Step forward"))
        self.back.setText("◂")
        self.forward.setText("▸")
        self.back.clicked.connect(lambda: self._by(-1))
        self.forward.clicked.connect(lambda: self._by(1))
        self.play.clicked.connect(self.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of the example")
        self.slider.valueChanged.connect(self._moved)
        self.slider.actionTriggered.connect(lambda _action: self.stop())
        self.count = label(tone="dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.back, self.play, self.forward):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        row.addWidget(self.count)
        self._show_state()

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self.timer.isActive()

    def set_steps(self, count: int, place: int = 0) -> None:
        """There are so many steps; begin at `place`."""
        self.stop()
        self.slider.setRange(0, count - 1)
        self.setVisible(count > 1)
        self.slider.setValue(place)
        self._moved(place)

    def toggle(self) -> None:
        """Play, or pause; from the start where the end is reached."""
        if self.playing:
            self.stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        self.start()

    def start(self) -> None:
        """Play, where motion is wanted and anybody sees it."""
        if not self._still() and self.isVisible():
            self.timer.start()
        self._show_state()

    def stop(self) -> None:
        """Pause."""
        self.timer.stop()
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop()

    def _still(self) -> bool:
        return motion.still() if self.reduced is None else self.reduced

    def _by(self, step: int) -> None:
        self.stop()
        self.slider.setValue(self.slider.value() + step)

    def _tick(self) -> None:
        if self.slider.value() == self.slider.maximum():
            self.stop()
        else:
            self.slider.setValue(self.slider.value() + 1)

    def _moved(self, place: int) -> None:
        total = self.slider.maximum() + 1
        self.count.setText(f"{place + 1} of {total}")
        self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance(f"{total} of {total}"))
        self.back.setEnabled(place > 0)
        self.forward.setEnabled(place < total - 1)
        self.moved.emit(place)

    def _button(self, name: str) -> QToolButton:
        made = QToolButton()
        made.setAccessibleName(name)
        made.setToolTip(name)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def _show_state(self) -> None:
        name = "Pause" if self.playing else "Play"
        set_icon(self.play, name.lower())
        self.play.setAccessibleName(name)
        self.play.setToolTip(name)
        self.play.setVisible(not self._still())
