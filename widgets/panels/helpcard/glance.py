"""The small card: sentence, formula and picture of a kind, beside what the pointer rests on."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from graphs.cards import CARDS, demonstration
from graphs.layers.base import Layer
from widgets import theme
from widgets.look.style import label, sheet
from widgets.panels.helpcard.maths import Formula
from widgets.panels.helpcard.picture import Picture

WIDTH = 400


class Glance(QFrame):
    """A small card that takes neither the pointer nor the keyboard."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setProperty("role", "popup")
        self.title, self.help, self.more = label(size="large"), label(wrap=True), label(tone="faint", size="small")
        self.formula, self.picture = Formula(size=14), Picture()
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        for part in (self.title, self.help, self.formula, self.picture):
            column.addWidget(part)

    def show_kind(self, kind: type[Layer]) -> None:
        """Show the card of a kind, every number of its picture known."""
        card = CARDS.get(kind.kind())
        self.setStyleSheet(sheet(theme.current()))
        self.title.setText(kind.title)
        self.help.setText(kind.help)
        self.formula.setVisible(card is not None)
        self.picture.setVisible(card is not None)
        if card is not None:
            made = demonstration(kind.kind())
            self.formula.show_formula(card.formula)
            self.picture.show_demonstration(made)
            self.picture.show_step(len(made.steps) - 1)
        self.setAccessibleName(f"{kind.title}. {kind.help}")
        self._fit()

    def beside(self, place: QRect) -> None:
        """Put it to the right of a rectangle of the screen, or to its left where there is no room."""
        screen = QGuiApplication.screenAt(place.center()) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        x = place.right() + 10
        if x + self.width() > room.right():
            x = place.left() - self.width() - 10
        y = max(room.top(), min(place.top() - 20, room.bottom() - self.height()))
        self.move(max(room.left(), x), y)
        self.show()

    def _fit(self) -> None:
        width = round(WIDTH * theme.scale())
        self.picture.fit(width - 30)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(width, layout.totalHeightForWidth(width))
