"""One way out of the house in the Export workspace."""

from __future__ import annotations

from pydantic import BaseModel
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from widgets.forms.form import Form
from widgets.look import holding
from widgets.look.icons import set_icon
from widgets.look.style import label, set_tone
from widgets.panels.inspector_parts import Facts
from widgets.shipping import Shipped


class Section(QWidget):
    """One way out: what it is, its options, its button, and what came of it. `stopped`: nobody wants it any more."""

    wanted = Signal()
    stopped = Signal()

    def __init__(self, shape: str, title: str, help: str, options: type[BaseModel] | None, button: str) -> None:
        super().__init__()
        self.form = Form(options) if options is not None else None
        self.button = QPushButton(button)
        set_icon(self.button, shape)
        self.button.clicked.connect(self.wanted)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAccessibleName(f"Cancel: {title}")
        self.cancel_button.clicked.connect(self._stop)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.words = label(tone="dim", wrap=True)
        self.warning = label(tone="warn", wrap=True)
        self.facts = Facts(wrap=True)
        self._lay_out(title, help)
        if self.form is not None:  # what was written with other settings is not what these would give
            self.form.changed.connect(lambda *_: self.forget() if self.cancel_button.isHidden() else None)

    def _lay_out(self, title: str, help: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(title, heading=True))
        column.addWidget(label(help, tone="dim", wrap=True))
        if self.form is not None:
            column.addWidget(self.form)
        across = QHBoxLayout()
        across.addWidget(self.button)
        across.addWidget(self.cancel_button)
        across.addStretch(1)
        column.addLayout(across)
        self.cancel_button.hide()
        for widget in (self.progress, self.words, self.warning, self.facts):
            column.addWidget(widget)
            widget.hide()

    def options(self) -> dict[str, object]:
        """What the form says, by the names of its fields."""
        return {} if self.form is None else {name: self.form.value(name) for name in self.form.model.model_fields}

    def show_progress(self, share: float, words: str) -> None:
        """It is under way."""
        if self.cancel_button.isHidden():
            self.cancel_button.setEnabled(True)
        self.cancel_button.show()
        self.progress.show()
        self.progress.setValue(round(share * 1000))
        if self.cancel_button.isEnabled():
            self._say(words, "dim")
        self.warning.hide()
        self.facts.hide()

    def show_done(self, shipped: Shipped) -> None:
        """It was written."""
        self._rest()
        self._say(shipped.headline, "good")
        self.words.setToolTip(str(shipped.path))
        self.warning.setText(shipped.warning)
        self.warning.setVisible(bool(shipped.warning))
        self.facts.show_facts(dict(shipped.details))
        self.facts.setVisible(bool(shipped.details))

    def show_fault(self, sentence: str) -> None:
        """It was not written."""
        self._rest()
        self._say(sentence, "bad")

    def show_cancelled(self) -> None:
        """It was not written, as a person wanted."""
        self._rest()
        self._say("Cancelled: nothing was written.", "dim")

    def forget(self) -> None:
        """Say nothing of what was written before."""
        for widget in (self.facts, self.words, self.warning):
            widget.hide()

    def _stop(self) -> None:
        holding.enable(self.cancel_button, False)
        self._say("Stopping after this step", "dim")
        self.stopped.emit()

    def _rest(self) -> None:
        holding.show(self.cancel_button, False)
        for widget in (self.progress, self.warning, self.facts):
            widget.hide()

    def _say(self, words: str, tone: str) -> None:
        self.words.setProperty("dim", tone == "dim")
        set_tone(self.words, tone)
        self.words.setText(words)
        self.words.show()
