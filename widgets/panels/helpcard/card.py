"""The help card: a sentence, the formula, a picture with numbers, the arithmetic of the node, the paper."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from graphs.cards import CARDS, Card, Line, card_for, demonstration, lines_of, shown_by
from graphs.cards.base import described
from graphs.cards.maths import plain
from graphs.inference.facts import Facts
from graphs.layers.base import FAMILIES, Layer
from graphs.layers.blocks import BlockUse
from graphs.layers.catalogue import Catalogue
from graphs.layers.operation import Operation
from graphs.layers.titles import title_of
from graphs.network import Node
from widgets import theme
from widgets.look.scrolling import Scrolled
from widgets.look.style import label, rule, sheet
from widgets.panels.helpcard.inside import Inside
from widgets.panels.helpcard.maths import Formula
from widgets.panels.helpcard.picture import Picture, Words
from widgets.panels.helpcard.player import Player
from widgets.panels.helpcard.sums import Sums
from widgets.panels.inspector_parts import Bar

WIDTH, MARGIN = 560, 20
SMALL = re.compile(r"([_^])(?:\(([^()]*)\)|(.))")
"""A sign that stands lower or higher: of one letter, or of several in brackets."""
LETTER = re.compile(r"(?<=\b\w)(_)(?:\(([^()]*)\)|(\w))(?!\w)")
"""The same within words: only behind a letter that stands alone."""


class Body(QWidget):
    """What stands on a card, from top to bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar, self.title, self.family = Bar(), label(size="large"), label(tone="dim")
        self.help = label(wrap=True)
        self.formula, self.symbols = Formula(), label(tone="dim", wrap=True)
        self.picture, self.words, self.player = Picture(), Words(), Player()
        self.caption = label(tone="dim", wrap=True)
        self.inside, self.sums = Inside(), Sums()
        self.source = label(wrap=True)
        self.source.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.source.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.source.setAccessibleName("Source")
        self.source.linkActivated.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        self.player.moved.connect(self._show_step)
        self._example = [self.caption, self.picture, self.words, rule()]
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.bar)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.family)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 16, MARGIN, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.help)
        column.addWidget(self.formula)
        column.addWidget(self.symbols)
        column.addWidget(rule())
        column.addWidget(self.caption)
        column.addWidget(self.picture)
        column.addWidget(self.player)
        column.addWidget(self.words)
        column.addWidget(self.inside)
        column.addWidget(self._example[-1])
        column.addWidget(self.sums)
        column.addWidget(rule())
        column.addWidget(self.source)
        column.addStretch(1)

    def show_kind(self, kind: type[Layer], card: Card | None, layer: Layer | None = None) -> None:
        """What belongs to the kind; of an operation, what belongs to the one that `layer` computes."""
        self.bar.family = kind.family
        self.bar.update()
        self.title.setText(kind.title if layer is None else layer.label)
        self.family.setText(FAMILIES.get(kind.family, kind.family))
        self.help.setText(kind.help)
        self.formula.setVisible(card is not None)
        self.symbols.setVisible(card is not None and bool(card.symbols))
        self.source.setVisible(card is not None)
        for widget in self._example:
            widget.setVisible(card is not None)
        if card is None:
            self.player.set_steps(1)
            return
        self.formula.show_formula(card.formula)
        self.restyle_words(card)
        if layer is not None and not shown_by(layer):
            for widget in self._example:
                widget.hide()
            self.player.set_steps(1)
            return
        made = demonstration(kind.kind())
        self.caption.setText(made.caption)
        self.caption.setVisible(bool(made.caption))
        self.picture.show_demonstration(made)
        self.words.show_steps(tuple(step.words for step in made.steps))
        self.player.set_steps(len(made.steps))

    def restyle_words(self, card: Card) -> None:
        """Letters and link in the colours of the theme."""
        self.symbols.setText(symbols_text(card))
        source = card.source
        link = f'<a href="{source.url}" style="color: {theme.current().accent}">{source.title}</a>'
        self.source.setText(f"{source.authors} ({source.year}): {link}")

    def restyle(self) -> None:
        """The theme or the size of text is another."""
        for part in (self.formula, self.picture, self.words):
            part.restyle()

    def _show_step(self, place: int) -> None:
        if self.picture.made is not None and place < len(self.picture.made.steps):
            self.picture.show_step(place)
            self.words.show_step(place)


def symbols_text(card: Card) -> str:
    """The letters of the formula and what they stand for, one after the other."""
    bright = theme.current().text
    signs = [_signs(sign).replace(" ", "&nbsp;") for sign, _ in card.symbols]
    pairs = zip(signs, card.symbols, strict=True)
    said = (
        f'<i style="color: {bright}">{sign}</i>&nbsp;&nbsp;{LETTER.sub(_small, meaning)}'
        for sign, (_, meaning) in pairs
    )
    return " &nbsp;&nbsp;&nbsp;&nbsp; ".join(said)


def _signs(markup: str) -> str:
    """Symbols in rich text: b_f as b with a small f, x_1, x_2 with small numbers."""
    return SMALL.sub(_small, plain(markup))


def _small(found: re.Match[str]) -> str:
    tag = "sub" if found[1] == "_" else "sup"
    return f"<{tag}>{found[2] or found[3]}</{tag}>"


def summed(facts: Facts) -> tuple[Line, ...]:
    """What everything inside a block comes to."""
    note = "of everything inside"
    return (
        Line("Parameters", f"{facts.parameters}", facts.parameters, ("parameters",), note),
        Line("Multiply-adds", f"{facts.multiply_adds}", facts.multiply_adds, ("multiply_adds",), note),
    )


class HelpCard(QWidget):
    """A window of its own beside the work: it stays until it is closed, and Escape closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("helpCard")
        self.body = Body()
        self.scroll = Scrolled(self.body, self)
        self._kind: type[Layer] | None = None
        self._layer: Layer | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self.scroll)
        theme.notifier().changed.connect(self._restyle)
        self._restyle()

    @property
    def kind(self) -> str:
        """The kind that is shown, empty for none."""
        return self._kind.kind() if self._kind is not None else ""

    def show_kind(self, kind: type[Layer]) -> None:
        """The card of a kind, without a node."""
        self._set_kind(kind)
        self.body.sums.hide()
        self._describe(())

    def show_node(self, node: Node, layer: Layer, facts: Facts | None) -> None:
        """The card of a node, with the arithmetic of what is known about it."""
        kind = type(layer)
        self._set_kind(kind, layer if isinstance(layer, Operation) else None)
        known = facts is not None and facts.ok and None not in facts.inputs and not node.mode
        shapes = tuple(s for s in facts.inputs if s is not None) if facts is not None else ()
        lines = lines_of(layer, shapes, facts.outputs) if facts is not None and known else ()
        if isinstance(layer, BlockUse) and facts is not None and known:
            lines = summed(facts)
        self.body.sums.show()
        self.body.sums.show_lines(f"Worked out for {title_of(node, layer)}", facts if known else None, lines, node.mode)
        self._describe(lines)

    def show_inside(self, catalogue: Catalogue) -> None:
        """Show what the block holds, where it is one."""
        kind = self._kind
        block = kind.block if kind is not None and issubclass(kind, BlockUse) else None
        self.body.inside.show_block(block, catalogue)

    def open(self) -> None:
        """Show it, as high as it needs to be, and let the keyboard reach it."""
        if not self.isVisible():
            self._size()
        self.show()
        self.raise_()
        self.activateWindow()
        self.body.player.slider.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_Space and self.body.player.isVisible():
            self.body.player.toggle()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.body.player.start()

    def full_size(self) -> tuple[int, int]:
        """Width and height at which nothing has to be scrolled."""
        width = round(WIDTH * theme.scale())
        for part in self.findChildren(QWidget):
            part.ensurePolished()
        self.body.resize(width, 100)
        layout = self.body.layout()
        assert layout is not None
        layout.activate()
        for part in (self.body.picture, self.body.words):
            part.fit(width - 2 * MARGIN)
        layout.invalidate()
        layout.activate()
        return width + 2, layout.totalHeightForWidth(width) + 2

    def _size(self) -> None:
        width, height = self.full_size()
        screen = self.screen() or QGuiApplication.primaryScreen()
        owner = self.parentWidget()
        room = max(480, owner.window().height() - 96) if owner is not None else height
        self.resize(width, min(height, room, round(screen.availableGeometry().height() * 0.9)))

    def _set_kind(self, kind: type[Layer], layer: Layer | None = None) -> None:
        if kind is self._kind and layer == self._layer:
            return
        self._kind, self._layer = kind, layer
        title = kind.title if layer is None else layer.label
        self.setWindowTitle(f"{title}, explained")
        self.setAccessibleName(f"Help card of {title}")
        self.body.show_kind(kind, self._card(), layer)
        if self.isVisible():
            self.body.player.start()

    def _describe(self, lines: tuple) -> None:  # type: ignore[type-arg]
        assert self._kind is not None
        card = self._card()
        title = self._layer.label if self._layer is not None else ""
        text = (
            described(self._kind, card, lines, title) if card is not None else f"{self._kind.title}. {self._kind.help}"
        )
        self.setAccessibleDescription(text)

    def _card(self) -> Card | None:
        return CARDS.get(self.kind) if self._layer is None else card_for(self._layer)

    def _restyle(self) -> None:
        now = theme.current()
        self.setStyleSheet(f"{sheet(now)} #helpCard {{ border: 1px solid {now.line}; }}")
        self.body.restyle()
        card = self._card()
        if card is not None:
            self.body.restyle_words(card)
