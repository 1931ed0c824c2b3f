"""The quiet bar: one sentence about what went wrong or well, with at most one button, in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from widgets.look.icons import pixmap, set_icon
from widgets.look.style import Panel, flat_button, label

Level = Literal["info", "good", "warn", "bad"]
_SHAPES = {"info": "info", "good": "check", "warn": "warning", "bad": "warning"}
_TONES = {"info": "accent", "good": "good", "warn": "warn", "bad": "bad"}


class Notice(Panel):
    """Hidden while there is nothing to say. Good news leaves by itself; what is bad stays.

    It floats over the top of the canvas: nothing else moves when it comes or goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("notice", across=True, parent=parent)
        self.box.setContentsMargins(16, 6, 8, 6)
        self._sign = QLabel()
        self._words = label(wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton()
        self._button.setProperty("rank", "small")
        self._button.clicked.connect(self._pressed)
        self._act: Callable[[], None] | None = None
        self._level: Level = "info"
        close = flat_button(tip="Dismiss")
        set_icon(close, "close", 14)
        close.clicked.connect(self.hide)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.hide)
        self.box.addWidget(self._sign)
        self.box.addWidget(self._words, 1)
        self.box.addWidget(self._button)
        self.box.addWidget(close)
        self.hide()

    def say(
        self, sentence: str, level: Level = "info", button: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show one sentence; `button` runs `act`. An empty one takes back what was said at this level."""
        if not sentence:
            if level == self._level:
                self.hide()
            return
        self._level = level
        self._sign.setPixmap(pixmap(_SHAPES[level], _TONES[level], 16, self.devicePixelRatioF()))
        self._words.setText(" ".join(sentence.split()))
        self._button.setVisible(bool(button))
        self._button.setText(button)
        self._act = act
        self.setAccessibleName(sentence)
        self._float()
        self.show()
        self.raise_()
        self._leave.stop()
        if level in ("info", "good") and not button:
            self._leave.start(8000)

    def text(self) -> str:
        """The sentence that is shown, empty while there is none."""
        return "" if self.isHidden() else self._words.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _float(self) -> None:
        """Out of the layout it was put into, and over what stands there."""
        parent = self.parentWidget()
        layout = parent.layout() if parent is not None else None
        if parent is not None and layout is not None and layout.indexOf(self) >= 0:
            layout.removeWidget(self)
            parent.installEventFilter(self)
        self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        line = self.fontMetrics().height()
        width = min(parent.width() - 2 * line, 36 * line, parent.width() * 2 // 5)
        self.box.activate()
        needed = (
            self.box.totalHeightForWidth(width) if self.box.hasHeightForWidth() else self.box.totalSizeHint().height()
        )
        self.setGeometry((parent.width() - width) // 2, 2 * max(40, line + 24) + 8, width, max(needed, line + 12))

    def _pressed(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
