"""The start page: one click to LeNet learning the digits, the examples as pictures, recent projects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from graphs.files.storage import FileFault, load
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from studio.examples import Example, gallery
from widgets import theme
from widgets.look.icons import set_icon
from widgets.look.scrolling import Scrolled
from widgets.look.style import Elided, Panel, clear, label
from widgets.panels.thumbnail import thumbnail
from widgets.recovery import Recoverable

FIRST = "lenet-digits"
CARD = 232
MOST_RECENT = 5
"""So many recent projects stand above the examples; the File menu has the others."""


class Card(QWidget):
    """An example: its network as a picture, its title and what it shows."""

    chosen = Signal(str)

    def __init__(self, example: Example, network: Network, catalogue: Catalogue, tall: int = 132) -> None:
        super().__init__()
        self._tall = tall
        self._example, self._network, self._catalogue = example, network, catalogue
        self._hover = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"Open the example {example.title}")
        self.setAccessibleDescription(example.text)
        self.setToolTip(example.text)
        self.setMinimumWidth(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(CARD, self._tall + 3 * self.fontMetrics().height() + 48)

    def enterEvent(self, event: object) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._example.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._example.name)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self._hover or self.hasFocus()
        painter.setPen(QPen(theme.qcolor(now.accent if lit else now.line), 1.5 if lit else 1))
        painter.setBrush(theme.qcolor(now.panel))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        size = QSize(self.width() - 18, self._tall)
        picture = thumbnail(self._network, self._catalogue, size, self.devicePixelRatioF())
        painter.drawPixmap(9, 9, picture)
        self._words(painter)
        painter.end()

    def _words(self, painter: QPainter) -> None:
        now, line = theme.current(), self.fontMetrics().height()
        area = QRect(16, self._tall + 20, self.width() - 32, line + 2)
        painter.setFont(theme.font(13, theme.font().Weight.DemiBold))
        painter.setPen(theme.qcolor(now.text))
        title = painter.fontMetrics().elidedText(self._example.title, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(12))
        painter.setPen(theme.qcolor(now.dim))
        text = QRect(16, area.bottom() + 4, self.width() - 32, 2 * painter.fontMetrics().lineSpacing())
        painter.drawText(text, Qt.TextFlag.TextWordWrap, two_lines(self._example.text, painter, text.width()))


def two_lines(text: str, painter: QPainter, width: int) -> str:
    """As much of a text as two lines hold, with an ellipsis."""
    metrics, words = painter.fontMetrics(), text.split()
    lines: list[str] = [""]
    for index, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        elif len(lines) == 2:
            rest = " ".join([lines[-1], *words[index:]])
            lines[-1] = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
            break
        else:
            lines.append(word)
    return "\n".join(lines)


class Gallery(QWidget):
    """Cards in as many columns as fit."""

    chosen = Signal(str)

    def __init__(self, examples: Sequence[Example]) -> None:
        super().__init__()
        catalogue = standard()
        self.cards: list[Card] = []
        for example in examples:
            try:
                network = load(example.path)
            except FileFault:
                continue
            card = Card(example, network, catalogue)
            card.chosen.connect(self.chosen)
            self.cards.append(card)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        self._columns = 0
        self._arrange(3)

    def resizeEvent(self, event: object) -> None:
        most = max(1, min(6, self.width() // (CARD - 20)))
        rows = -(-len(self.cards) // most)
        self._arrange(-(-len(self.cards) // rows))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, *divmod(index, columns))


class StartPage(Panel):
    """What a person sees who has opened nothing."""

    example = Signal(str, bool)  # name, begin to train at once
    recent = Signal(str)
    new = Signal()
    browse = Signal()
    architecture = Signal()
    recover = Signal(object)
    discard = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("startPage", parent=parent)
        inside = QWidget()
        inside.setObjectName("clear")
        across = QHBoxLayout(inside)
        across.setContentsMargins(32, 40, 32, 40)
        column = QWidget()
        column.setObjectName("clear")
        column.setMaximumWidth(1240)
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        across.addWidget(column)
        self.box.addWidget(Scrolled(inside))
        self._recovery, self._recent = QVBoxLayout(), QGridLayout()
        self._column.addStretch(1)
        found = gallery()
        self._add_top(found[0])
        self._column.addLayout(self._recovery)
        self._column.addSpacing(8)
        self._recent_title = label("Recent projects", heading=True)
        self._column.addWidget(self._recent_title)
        self._column.addLayout(self._recent)
        self._column.addWidget(label("Examples", heading=True))
        self.gallery = Gallery(found[1:])
        self.gallery.chosen.connect(lambda name: self.example.emit(name, False))
        self._column.addWidget(self.gallery)
        self._column.addStretch(2)
        self.show_recent([])

    def show_recent(self, paths: Sequence[str]) -> None:
        """List these projects; those that are gone are left out."""
        clear(self._recent)
        found = [Path(path) for path in paths if Path(path).is_file()][:MOST_RECENT]
        self._recent_title.setVisible(bool(found))
        self._recent.setHorizontalSpacing(16)
        self._recent.setColumnStretch(1, 1)
        for index, path in enumerate(found):
            button = QPushButton(path.stem)
            button.setProperty("link", True)
            button.clicked.connect(lambda _=False, chosen=path: self.recent.emit(str(chosen)))
            where = Elided(str(path.parent), Qt.TextElideMode.ElideMiddle)
            where.setProperty("tone", "faint")
            self._recent.addWidget(button, index, 0)
            self._recent.addWidget(where, index, 1)

    def show_recoverable(self, found: Sequence[Recoverable]) -> None:
        """Offer work that was not saved."""
        clear(self._recovery)
        for one in found:
            row = Panel("recoveryRow", across=True)
            words = f"“{one.name}” was not saved when Netloom ended, {one.when:%d %B, %H:%M}."
            row.box.addWidget(label(words, tone="warn", wrap=True), 1)
            open_it, forget = QPushButton("Recover"), QPushButton("Discard")
            open_it.clicked.connect(lambda _=False, chosen=one: self.recover.emit(chosen))
            forget.clicked.connect(lambda _=False, chosen=one: self.discard.emit(chosen))
            row.box.addWidget(open_it)
            row.box.addWidget(forget)
            self._recovery.addWidget(row)

    def _add_top(self, first: Example) -> None:
        """What this is, the one click to begin with, and the network that it trains."""
        words = QVBoxLayout()
        words.setSpacing(16)
        words.addStretch(1)
        words.addWidget(label("Netloom", size="huge"))
        text = "Wire a neural network by hand, watch it learn, look inside it, and ship it."
        words.addWidget(label(text, tone="dim", wrap=True))
        words.addSpacing(8)
        row = QVBoxLayout()
        row.setSpacing(8)
        self.begin = QPushButton("Train LeNet on handwritten digits")
        self.begin.setProperty("primary", True)
        set_icon(self.begin, "play", 16, "on_accent")
        self.begin.clicked.connect(lambda: self.example.emit(FIRST, True))
        new, browse = QPushButton("New project"), QPushButton("Open…")
        self.drawn = QPushButton("From an architecture…")
        self.drawn.clicked.connect(self.architecture)
        set_icon(new, "new")
        set_icon(browse, "open")
        new.clicked.connect(self.new)
        browse.clicked.connect(self.browse)
        for button in (self.begin, new, self.drawn, browse):
            button.setMinimumHeight(36)
        row.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        pair.addWidget(new)
        pair.addWidget(self.drawn)
        pair.addWidget(browse)
        pair.addStretch(1)
        row.addLayout(pair)
        words.addLayout(row)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(32)
        top.addLayout(words, 2)
        hero = Card(first, load(first.path), standard(), tall=260)
        hero.chosen.connect(lambda name: self.example.emit(name, False))
        self.hero = hero
        top.addWidget(hero, 3)
        self._column.addLayout(top)
