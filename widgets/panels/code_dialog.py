"""The code of a custom layer: to be read, allowed, and taken back again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from graphs.files.python_files import SourceFile
from widgets.panels.consent import ConsentDialog


class CodeDialog(ConsentDialog):
    """`withdrawn()`: what was allowed before may not run any more."""

    withdrawn = Signal()

    def __init__(self, files: Sequence[SourceFile], parent: QWidget | None = None, *, known: bool = False) -> None:
        super().__init__(files, parent, known=known)
        if known:
            self.allow.setText("Don't allow any more")
            self.refuse.setText("Close")

    def usual(self) -> QPushButton:
        return self.refuse

    def order(self) -> tuple[QPushButton, QPushButton]:
        return (self.allow, self.refuse) if self.known else (self.refuse, self.allow)

    def _say_yes(self) -> None:
        if not self.known:
            super()._say_yes()
            return
        self.accept()
        self.withdrawn.emit()
