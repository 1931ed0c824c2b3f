"""What the pages of the inspector are made of: a name, facts, how a layer takes part, and what is kept of a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from graphs.inference.sharers import Follower, Offer
from graphs.layers.base import Layer
from widgets import theme
from widgets.forms.entries import Entry
from widgets.forms.fields import Choice
from widgets.forms.form import whole
from widgets.forms.keys import belongs_to_window
from widgets.look.style import Elided, clear, label


class Bar(QWidget):
    """The family's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.family = "io"
        self.setFixedSize(4, 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(theme.current().families.get(self.family, theme.current().faint)))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.end()


class Name(QLineEdit):
    """A name that looks like a heading until it is edited; Escape takes it back."""

    def event(self, event: QEvent) -> bool:
        """The window's shortcuts pass."""
        if belongs_to_window(event, typing=self.isModified()):
            event.ignore()
            return True
        return super().event(event)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("nodeName")
        self.setAccessibleName("Name of the layer")
        self.setToolTip("Click to rename")
        self._shown = ""

    def show_name(self, name: str) -> None:
        """Show this name unless another is being typed."""
        if not (self.hasFocus() and self.isModified()):
            self._shown = name
            self.setText(name)
            self.setCursorPosition(0)

    def commit(self) -> None:
        """Hand over what was typed, if anything was."""
        if self.isModified():
            self.editingFinished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self.clearFocus()
        else:
            super().keyPressEvent(event)


class Facts(QWidget):
    """What was derived: label left and dim, value right and bright; in one line, or with `wrap` in several."""

    def __init__(self, wrap: bool = False) -> None:
        super().__init__()
        self._wrap = wrap
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these; rows are only made again when their names change."""
        if list(facts) != list(self._values):
            clear(self._grid)
            self._values = {}
            for index, name in enumerate(facts):
                value = label(wrap=True) if self._wrap else Elided()
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
                self._grid.addWidget(label(name, tone="dim"), index, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(value, index, 1)
                self._values[name] = value
        for name, text in facts.items():
            if self._values[name].text() != text:
                self._values[name].setText(text)


def facts_of(facts: Any | None) -> dict[str, str]:
    """The facts of a node as words."""
    if facts is None:
        return {}
    made = {}
    if facts.inputs:
        made["Input"] = ", ".join(shape_words(shape) for shape in facts.inputs)
    if facts.outputs:
        made["Output"] = ", ".join(shape_words(shape) for shape in facts.outputs)
    made["Parameters"] = f"{facts.parameters:,}"
    if facts.shared:
        made["Shared"] = f"{facts.shared:,}"
    made["Multiply-adds"] = f"{facts.multiply_adds:,}"
    if facts.receptive_field:
        made["Receptive field"] = " × ".join(map(str, facts.receptive_field))
    return made


def shared_by(followers: Sequence[Follower]) -> dict[str, str]:
    """The fact that other layers have their weights from this one."""
    return {"Shared by": ", ".join(follower.title for follower in followers)} if followers else {}


def shape_words(shape: Any | None) -> str:
    """A shape as facts show it: "N × 6 × 28 × 28"."""
    return "not connected" if shape is None else " × ".join(["N", *map(str, shape.dims)])


MODES = (("", "computes"), ("bypass", "bypassed"), ("mute", "muted"))


def _beside(row: QWidget, words: QLabel, field: QWidget) -> None:
    """A name and its field, in line with those of a form, however long what is chosen in it is."""
    grid = QGridLayout(row)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    for part in (words, field):
        part.setSizePolicy(QSizePolicy.Policy.Ignored, part.sizePolicy().verticalPolicy())
    grid.addWidget(words, 0, 0)
    grid.addWidget(field, 0, 1)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 4)
    grid.setColumnMinimumWidth(0, 88)


class ModeRow(QWidget):
    """How layers take part. `chosen(mode)`: a person chose another."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        help_text = "Bypassed, a layer hands its input on unchanged; muted, it and what it alone feeds are left out."
        self.choice = Choice(Entry("mode", "Takes part", help_text, "choice", str, choices=MODES))
        self.choice.setAccessibleName("Takes part")
        self.choice.setAccessibleDescription(help_text)
        self.choice.setToolTip(help_text)
        words = label("Takes part", tone="dim")
        words.setBuddy(self.choice)
        _beside(self, words, self.choice)
        self.choice.entered.connect(lambda candidates: self.chosen.emit(candidates[0]))

    def show_modes(self, modes: set[str]) -> None:
        """Show how they take part; "mixed" where they differ."""
        if len(modes) == 1:
            self.choice.show_value(next(iter(modes)))
        else:
            self.choice.show_mixed()


class SharingRow(QWidget):
    """Whose weights a layer has; hidden where there is nobody to share with. `chosen(id)`: a person chose another one,
    "" for weights of its own."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        help_text = "Both layers have the very same weights: they are learned together, and counted once."
        self.choice = Choice(Entry("sharing", "Shares with", help_text, "choice", str))
        self.choice.setAccessibleName("Shares its weights with")
        self.choice.setAccessibleDescription(help_text)
        self.choice.setToolTip(help_text)
        words = label("Shares with", tone="dim")
        words.setBuddy(self.choice)
        _beside(self, words, self.choice)
        self.choice.entered.connect(lambda candidates: self.chosen.emit(candidates[0]))
        self.hide()

    def show_offer(self, offer: Offer | None) -> None:
        """Show with whom the weights can be shared, and are."""
        self.setVisible(offer is not None)
        if offer is None:
            return
        if [(self.choice.itemData(i), self.choice.itemText(i)) for i in range(self.choice.count())] != [*offer.choices]:
            self.choice.clear()
            for id, title in offer.choices:
                self.choice.addItem(title, id)
        self.choice.setCurrentIndex(self.choice.findData(offer.chosen))
        whole = f"{self.choice.currentText()}\n" if offer.chosen else ""
        self.choice.setToolTip(f"{whole}{self.choice.accessibleDescription()}")


def kept(kind: type[Layer], before: Mapping[str, Any], name: str, value: Any) -> Any:
    """What to write for a field's value: as it was before, where it means the same; None for the default."""
    if name in before and whole(kind, before)[name] == value:
        return before[name]
    return None if value == whole(kind, {})[name] else value
