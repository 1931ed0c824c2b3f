"""All cards of a family side by side, for whoever wants to look at every one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from graphs.cards import CARDS, sample
from graphs.inference.facts import Facts
from graphs.inference.measure import measure
from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue
from graphs.network import Node
from widgets.panels.helpcard.card import HelpCard

TALLEST = 2600
"""Pixels after which another column begins."""


def facts_of(layer: Layer) -> Facts:
    """What is known about a layer that is fed shapes that suit it."""
    shapes = sample(layer)
    if layer.inputs() and not shapes:
        return Facts((None,) * len(layer.inputs()))
    found = measure(layer, shapes)
    return Facts(shapes, found.outputs, found.parameters, found.multiply_adds, ok=True)


def card_of(catalogue: Catalogue, kind: str) -> HelpCard:
    """The card of a kind with its default fields, in the middle of its example."""
    made = HelpCard()
    fill(made, catalogue, kind)
    return made


def fill(made: HelpCard, catalogue: Catalogue, kind: str) -> None:
    """Show a kind with its default fields on a card, in the middle of its example, as large as it has to be."""
    layer = catalogue.parse(kind, {})
    made.body.player.reduced = True
    made.show_node(Node(layer.stem, kind, name=catalogue.kinds[kind].title), layer, facts_of(layer))
    slider = made.body.player.slider
    slider.setValue(slider.maximum() * 2 // 3)
    made.resize(*made.full_size())
    made.scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class Gallery(QWidget):
    """The cards of one family in columns."""

    def __init__(self, catalogue: Catalogue, family: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        column, used = QVBoxLayout(), TALLEST
        self.cards = [card_of(catalogue, kind) for kind in kinds_of(catalogue, family)]
        for card in self.cards:
            if used + card.height() > TALLEST:
                column, used = QVBoxLayout(), 0
                row.addLayout(column)
            card.setParent(self)
            card.setFixedSize(card.size())
            column.addWidget(card)
            used += card.height()
        for index in range(row.count()):
            inner = row.itemAt(index).layout()
            assert isinstance(inner, QVBoxLayout)
            inner.addStretch(1)


def kinds_of(catalogue: Catalogue, family: str) -> list[str]:
    """The kinds of a family that have a card."""
    return [kind for kind, made in catalogue.kinds.items() if made.family == family and kind in CARDS]
