"""One way out of the house in the Export workspace."""

from __future__ import annotations

from pydantic import BaseModel
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from widgets.forms.form import Form
from widgets.look.icons import set_icon
from widgets.look.style import label, set_tone
from widgets.panels.inspector_parts import Facts
from widgets.shipping import Shipped


class Section(QWidget):
    """One way out: what it is, its options, its button, and what came of it."""

    wanted = Signal()

    def __init__(self, shape: str, title: str, help: str, options: type[BaseModel] | None, button: str) -> None:
        super().__init__()
        self.form = Form(options) if options is not None else None
        self.button = QPushButton(button)
        set_icon(self.button, shape)
        self.button.clicked.connect(self.wanted)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.words = label(tone="dim", wrap=True)
        self.facts = Facts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(title, heading=True))
        column.addWidget(label(help, tone="dim", wrap=True))
        if self.form is not None:
            column.addWidget(self.form)
        across = QHBoxLayout()
        across.addWidget(self.button)
        across.addStretch(1)
        column.addLayout(across)
        for widget in (self.progress, self.words, self.facts):
            column.addWidget(widget)
            widget.hide()

    def show_progress(self, share: float, words: str) -> None:
        """It is under way."""
        self.button.setEnabled(False)
        self.progress.show()
        self.progress.setValue(round(share * 1000))
        self._say(words, "dim")
        self.facts.hide()

    def show_done(self, shipped: Shipped) -> None:
        """It was written."""
        self.button.setEnabled(True)
        self.progress.hide()
        self._say(shipped.headline, "good")
        self.words.setToolTip(str(shipped.path))
        self.facts.show_facts(dict(shipped.details))
        self.facts.setVisible(bool(shipped.details))

    def show_fault(self, sentence: str) -> None:
        """It was not written."""
        self.button.setEnabled(True)
        self.progress.hide()
        self.facts.hide()
        self._say(sentence, "bad")

    def forget(self) -> None:
        """Say nothing of what was written before."""
        self.facts.hide()
        self.words.hide()

    def _say(self, words: str, tone: str) -> None:
        self.words.setProperty("dim", tone == "dim")
        set_tone(self.words, tone)
        self.words.setText(words)
        self.words.show()
