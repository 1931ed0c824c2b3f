"""The quiet bar: one sentence about what went wrong or well, with at most one button, in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from widgets.look.icons import pixmap, set_icon
from widgets.look.style import Panel, flat_button, label

Level = Literal["info", "good", "warn", "bad"]
_SHAPES = {"info": "info", "good": "check", "warn": "warning", "bad": "warning"}
_TONES = {"info": "accent", "good": "good", "warn": "warn", "bad": "bad"}


class Notice(Panel):
    """Hidden while there is nothing to say. Good news leaves by itself; what is bad stays."""

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
        """Show one sentence; `button` runs `act`."""
        self._sign.setPixmap(pixmap(_SHAPES[level], _TONES[level], 16, self.devicePixelRatioF()))
        self._words.setText(" ".join(sentence.split()))
        self._button.setVisible(bool(button))
        self._button.setText(button)
        self._act = act
        self.setAccessibleName(sentence)
        self.show()
        self._leave.stop()
        if level in ("info", "good") and not button:
            self._leave.start(8000)

    def text(self) -> str:
        """The sentence that is shown, empty while there is none."""
        return "" if self.isHidden() else self._words.text()

    def _pressed(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
