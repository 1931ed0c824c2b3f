"""The source of the network, as it would be saved, under the canvas of the Export workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from widgets import shipping
from widgets.jobs import Job
from widgets.look.style import Panel, label
from widgets.panels.highlighter import Highlighter
from widgets.shipping import Source


class SourcePreview(Panel):
    """The network as Python, as it would be saved."""

    def __init__(self, source: Callable[[], Source], parent: QWidget | None = None) -> None:
        super().__init__("sourcePreview", parent=parent)
        self._source = source
        self.name = "Network"
        self.text = QPlainTextEdit()
        self.text.setObjectName("sourceText")
        self.text.document().setDocumentMargin(16)
        self._colours = Highlighter(self.text.document())
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Python source of the network")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        copy = QPushButton("Copy")
        copy.setProperty("rank", "small")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        head = Panel("viewTabs", across=True)
        head.setFixedHeight(max(36, self.fontMetrics().height() + 20))
        head.box.setContentsMargins(16, 0, 8, 0)
        head.box.addWidget(label("Python source", heading=True))
        head.box.addStretch(1)
        head.box.addWidget(copy)
        self.box.addWidget(head)
        self.box.addWidget(self.text, 1)
        self.job = Job(self)
        self.job.done.connect(self._show)
        self.job.failed.connect(lambda error: self.text.setPlainText(f"# {error}"))

    def renew(self) -> None:
        """Write it again, where it can be seen."""
        if self.isVisible():
            project, name = self._source().project, self.name
            self.job.start(lambda report: shipping.preview_source(project, name), "source")

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.renew()

    def _show(self, text: str) -> None:
        if text != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)
