"""What a view shows when there is nothing to show: a page that teaches, a strip for how far the work is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import theme
from widgets.look import icons
from widgets.views.painting import draw_text, text_width


@dataclass(frozen=True)
class Need:
    """What is missing: a sentence, and the button that gets it (`action`: a word that the window knows)."""

    sentence: str
    button: str = ""
    action: str = ""


class Message(QWidget):
    """A quiet page in the middle of the view: icon, headline, one sentence, at most one button."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._bad, self._action = "", False, ""
        self._icon, self._headline, self._sentence = QLabel(), QLabel(), QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setProperty("dim", True)
        self._headline.setProperty("heading", True)
        self._headline.setWordWrap(True)
        self._button = QPushButton()
        self._button.setProperty("primary", True)
        self._button.clicked.connect(lambda: self.pressed.emit(self._action))
        self._lay_out()

    def say(self, icon_name: str, headline: str, need: Need, *, bad: bool = False) -> None:
        """Show this; a need without a button has none."""
        self._icon_name, self._bad, self._action = icon_name, bad, need.action
        self._headline.setText(headline)
        self._sentence.setText(need.sentence)
        self._button.setText(need.button)
        self._button.setVisible(bool(need.button))
        self._wrap()
        self.restyle()

    def restyle(self) -> None:
        """Take the colours of the theme now."""
        if self._icon_name:
            tone, ratio = "bad" if self._bad else "faint", self.devicePixelRatioF()
            self._icon.setPixmap(icons.pixmap(self._icon_name, tone, 28, ratio))

    def texts(self) -> tuple[str, str, str]:
        """Headline, sentence and the button's words."""
        return self._headline.text(), self._sentence.text(), self._button.text()

    def is_bad(self) -> bool:
        """Whether it tells of an error."""
        return self._bad

    def press(self) -> None:
        """Press the button."""
        self._button.click()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(6)
        layout.addStretch(1)
        for label in (self._icon, self._headline, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        layout.addWidget(self._icon)
        layout.addWidget(self._headline, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(4)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 48)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._wrap()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self._wrap()  # the letters have another size
        return super().event(event)

    def _wrap(self) -> None:
        """Lines of a readable length, and all of them visible."""
        width = max(100, min(460, self.width() - 24))
        for label in (self._headline, self._sentence):
            label.setFixedWidth(width)
            label.setFixedHeight(max(0, label.heightForWidth(width)))
        self._leave_away()

    def _leave_away(self) -> None:
        """In a low view the icon goes first, then the headline (it stays as a tooltip); nothing is overprinted."""
        texts = [label.height() for label in (self._headline, self._sentence)]
        button = self._button.sizeHint().height() + 10 if self._button.text() else 0
        room = self.height() - 12
        short = room < texts[0] + texts[1] + button + 12
        self._icon.setVisible(room >= sum(texts) + button + 28 + 24)
        self._headline.setVisible(not short or not self._sentence.text())
        self._button.setVisible(bool(self._button.text()) and (not short or room >= texts[1] + button + 6))
        self.setToolTip(self._headline.text() if short else "")


class Strip(QWidget):
    """Two pixels that say how far the work is; clear while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self.setFixedHeight(2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_fraction(self, fraction: float | None) -> None:
        """0…1 while something is being worked out, None while not."""
        if fraction != self._fraction:
            self._fraction = fraction
            self.update()

    def fraction(self) -> float | None:
        """How far the work is."""
        return self._fraction

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._fraction is None:
            return
        painter = QPainter(self)
        width = max(24.0, self.width() * min(max(self._fraction, 0.0), 1.0))
        painter.fillRect(QRectF(0, 0, width, self.height()), theme.qcolor(theme.current().accent))
        painter.end()


class Caption(QWidget):
    """The view's headline: what is shown, and faintly from which step. It never moves its neighbours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._note, self._warn = "", "", False
        self.changed: Callable[[], None] = lambda: None

    def wanted_width(self) -> int:
        """Pixels that the headline takes without its note."""
        return math.ceil(text_width(self._text)) + 2

    def say(self, text: str, note: str = "", *, warn: bool = False) -> None:
        """Show `text`, and `note` faintly after it."""
        if (text, note, warn) != (self._text, self._note, self._warn):
            self._text, self._note, self._warn = text, note, warn
            self.setToolTip(" · ".join(part for part in (text, note) if part))
            self.changed()
            self.update()

    def text(self) -> str:
        """What it says, without the note."""
        return self._text

    def note(self) -> str:
        """What stands faintly after it."""
        return self._note

    def sizeHint(self) -> QSize:
        return QSize(200, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw(painter, QRectF(self.rect()))
        painter.end()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Paint it into `rect`."""
        t = theme.current()
        draw_text(painter, rect, self._text, t.dim)
        left = text_width(self._text) + 10
        if self._note and rect.width() - left > 30:
            colour = t.warn if self._warn else t.faint
            draw_text(painter, rect.adjusted(left, 0, 0, 0), self._note, colour, size=11)


class Head(QWidget):
    """The line over a view: its caption, its options and a button; the caption is the last to lose its room."""

    CAPTION = 240
    HEIGHT = 36

    def __init__(self, caption: Caption, bar: QWidget, button: QWidget) -> None:
        super().__init__()
        self._caption, self._bar, self._button = caption, bar, button
        for part in (caption, bar, button):
            part.setParent(self)
        self.setFixedHeight(self.HEIGHT)
        self.setMinimumWidth(110)
        caption.changed = self._arrange
        self._reserved = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reserved = 0
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        """Caption left, options right of it and before the button. What the caption once had it keeps."""
        right = self.width() - 8 - 28
        self._button.setGeometry(right, 4, 28, 28)
        self._reserved = max(self._reserved, min(self._caption.wanted_width(), self.CAPTION))
        hint = self._bar.sizeHint().width()
        width = min(hint, max(right - 8 - 16 - self._reserved - 12, 28 if hint else 0))
        self._bar.setGeometry(right - 8 - width, 4, width, 28)
        self._caption.setGeometry(16, 4, max(right - 8 - width - 12 - 16, 0), 28)
