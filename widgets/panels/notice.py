"""The quiet bar: one sentence about what went wrong or well, with at most one button, in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from widgets.look.icons import pixmap, set_icon
from widgets.look.style import Panel, flat_button, label

Level = Literal["info", "good", "warn", "bad"]
_SHAPES = {"good": "check", "warn": "warning", "bad": "warning"}
_TONES = {"good": "good", "warn": "warn", "bad": "bad"}
PASSING: tuple[Level, ...] = ("info", "good")
STAYS, LONGER, READ = 4000, 20_000, 600
"""Milliseconds: how long what only passes by stays, how long what is asked or warned of, and how long at least,
whatever a person does meanwhile."""
SIDE, BELOW = 12, 16
"""Pixels around the words, and between the bar and the lower edge of what it floats over."""


class Notice(Panel):
    """Hidden while there is nothing to say. All but what went wrong leaves by itself; and that too once a person turns
    to something else: an edit, a run, another workspace. What is under way, with a button to end it, stays meanwhile.

    It floats over the lower edge of `ground()`, clear of what stands in its corners: nothing moves when it comes."""

    def __init__(self, ground: Callable[[], QWidget] | None = None, parent: QWidget | None = None) -> None:
        super().__init__("notice", across=True, parent=parent)
        self.box.setContentsMargins(SIDE, 6, 8, 6)
        self._ground = ground
        self._watched: QWidget | None = None
        self._sign = QLabel()
        self._words = label(wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton()
        self._button.setProperty("rank", "small")
        self._button.clicked.connect(self._pressed)
        self._act: Callable[[], None] | None = None
        self.level: Level = "info"
        self._since = QElapsedTimer()
        close = flat_button(tip="Dismiss")
        set_icon(close, "close", 14)
        close.clicked.connect(self.hide)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.hide)
        self._soon = QTimer(self)  # once more, when everything around has its place
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._place)
        self.box.addWidget(self._sign)
        self.box.addWidget(self._words, 1)
        self.box.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        self.box.addWidget(close, 0, Qt.AlignmentFlag.AlignBottom)
        self._close = close
        self._button.setMinimumHeight(close.sizeHint().height())
        self.hide()

    def say(
        self, sentence: str, level: Level = "info", button: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show one sentence; `button` runs `act`. An empty one takes back what was said at this level."""
        if not sentence:
            if level == self.level:
                self.hide()
            return
        self.level = level
        self._sign.setVisible(level in _SHAPES)
        if level in _SHAPES:
            self._sign.setPixmap(pixmap(_SHAPES[level], _TONES[level], 16, self.devicePixelRatioF()))
        self._words.setText(" ".join(sentence.split()))
        self._button.setVisible(bool(button))
        self._button.setText(button)
        self._act = act
        self.setAccessibleName(sentence)
        self._float()
        self.show()
        self.raise_()
        self._since.start()
        self._leave.stop()
        if self.level != "bad" and not self.under_way:
            self._leave.start(STAYS if self.passes else LONGER)

    @property
    def passes(self) -> bool:
        """Whether what is said leaves by itself: nothing is wrong, and nothing is asked."""
        return self.level in PASSING and not self._button.text()

    @property
    def under_way(self) -> bool:
        """Whether it tells of work that goes on, which its button ends."""
        return self.level == "info" and bool(self._button.text())

    def pass_by(self, after: int = READ) -> None:
        """A person goes on working: what is only told leaves, once it has stood for so many milliseconds; what is wrong
        or asked once it could be read."""
        stood = after if self.passes else max(after, STAYS)
        if not self.under_way and not self.isHidden() and self._since.elapsed() >= stood:
            self.hide()

    def turn_away(self) -> None:
        """A person has turned to something else: a run, another workspace. What was said before is over."""
        if not self.under_way:
            self.hide()

    def text(self) -> str:
        """The sentence that is shown, empty while there is none."""
        return "" if self.isHidden() else self._words.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        moved = event.type() in (QEvent.Type.Resize, QEvent.Type.Move)
        if moved and watched in (self.parentWidget(), self._watched) and not self.isHidden():
            self._place()
            self._soon.start()
        return False

    def _float(self) -> None:
        """Out of the layout it was put into, and over what stands there."""
        parent = self.parentWidget()
        layout = parent.layout() if parent is not None else None
        if parent is not None and layout is not None and layout.indexOf(self) >= 0:
            layout.removeWidget(self)
            parent.installEventFilter(self)
        ground = self._ground() if self._ground is not None else None
        if ground is not self._watched:
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            self._watched = ground
            if ground is not None:
                ground.installEventFilter(self)
                ground.destroyed.connect(self._forget)
        self._place()

    def _forget(self) -> None:
        self._watched = None

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        area = self._area(parent)
        line = self.fontMetrics().height()
        others = [self._sign, self._button, self._close]
        beside = sum(w.sizeHint().width() + self.box.spacing() for w in others if not w.isHidden()) + SIDE + 8
        most = max(8 * line, min(area.width() - 2 * SIDE, 36 * line) - beside)
        width = (self._width(most) if self._button.isHidden() else most) + beside  # a button stays where it is
        self.box.activate()
        needed = (
            self.box.totalHeightForWidth(width) if self.box.hasHeightForWidth() else self.box.totalSizeHint().height()
        )
        height = max(needed, line + 12)
        self.setGeometry(area.center().x() - width // 2, area.bottom() - BELOW - height, width, height)

    def _area(self, parent: QWidget) -> QRect:
        """What it floats over, in its parent, without what stands in the corners there: the map."""
        ground = self._watched
        if ground is None:
            return parent.rect()
        area = QRect(ground.mapTo(parent, QPoint(0, 0)), ground.size())
        corner = getattr(getattr(ground, "minimap", None), "width", None)
        taken = corner() + SIDE if callable(corner) and ground.minimap.isVisible() else 0  # type: ignore[attr-defined]
        return area.adjusted(taken, 0, -taken, 0) if area.width() > 3 * taken else area

    def _width(self, most: int) -> int:
        """How wide the words stand: in one line, or in lines of like length, so that no word is left alone."""
        self._words.ensurePolished()
        metrics, words = self._words.fontMetrics(), self._words.text()
        flags = int(Qt.TextFlag.TextWordWrap)

        def high(width: int) -> int:
            return metrics.boundingRect(QRect(0, 0, width, 10_000), flags, words).height()

        whole = metrics.horizontalAdvance(words) + 4
        if whole <= most:
            return whole
        least, best = most // 2, high(most)
        return next((width for width in range(least, most, 4) if high(width) <= best), most) + 4

    def _pressed(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
