"""Choosing an architecture: a list to search, the fields of the chosen one, and what shall become of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from graphs.architectures import ARCHITECTURES, find
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from widgets.editor import drawn
from widgets.editor.ranking import rank
from widgets.look import icons
from widgets.look.style import label
from widgets.panels.architecture_page import ArchitecturePage

FAMILIES = {
    "classics": "Classics",
    "classification": "Classification",
    "segmentation": "Segmentation",
    "sequence": "Text and series",
    "generative": "Generating and compressing",
}
KEY = Qt.ItemDataRole.UserRole
FIRST = "resnet18"


class ArchitectureDialog(QDialog):
    """Asks for one architecture. `added(network, name)`: as a block; `opened(text)`: as a new project, the text is JSON
    of its name and its fields. Without a `name` a list is there to choose from, and it can only be opened."""

    added = Signal(object, str)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.page = ArchitecturePage()
        self.page.ready = self._allow
        self.search, self.list = QLineEdit(), QListWidget()
        self.add, self.open_ = QPushButton("Add as a block"), QPushButton("Open as a new project")
        self.cancel = QPushButton("Cancel")
        self._measured = False
        self._asked: Callable[[], None] | None = None
        self._lay_out(chooses=not name)
        self.setWindowTitle("From an architecture" if not name else "Architecture")
        self._fill("")
        kind, variant = find(name or FIRST)
        self.page.show_architecture(kind, variant)
        self._mark(f"{drawn.DRAWN}{kind.name}")
        (self.add if name else self.open_).setFocus()

    def choose(self, key: str) -> None:
        """Show another one."""
        self._asked = None
        self.page.show_architecture(*find(drawn.name_of(key)))

    def keys(self) -> list[str]:
        """What is listed now, in order."""
        rows = (self.list.item(row).data(KEY) for row in range(self.list.count()))
        return [str(key) for key in rows if key]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the search go through the list."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in moves:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def done(self, result: int) -> None:
        """Closed, whatever way: what is being measured is of no use any more."""
        self.page.pause.stop()
        self.page.job.cancel()
        super().done(result)

    def _fill(self, query: str) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        if query.strip():
            for entry in rank(query, Catalogue(()), shelf=drawn.kinds()):
                self._row(entry.title, entry.kind, entry.help)
        else:
            for family, heading in FAMILIES.items():
                self._heading(heading)
                for one in sorted(ARCHITECTURES, key=lambda one: (one.paper.year, one.title)):
                    if one.family == family:
                        self._row(one.title, f"{drawn.DRAWN}{one.name}", one.help)
        self.list.blockSignals(False)
        if query.strip():
            self.list.setCurrentRow(0)

    def _row(self, title: str, key: str, tip: str) -> None:
        item = QListWidgetItem(title)
        item.setSizeHint(QSize(0, self.fontMetrics().height() + 8))
        item.setData(KEY, key)
        item.setToolTip(tip)
        self.list.addItem(item)

    def _heading(self, words: str) -> None:
        item = QListWidgetItem(words)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setTextAlignment(Qt.AlignmentFlag.AlignBottom)
        item.setSizeHint(QSize(0, self.fontMetrics().height() + (18 if self.list.count() else 8)))
        self.list.addItem(item)

    def _mark(self, key: str) -> None:
        """Selects a row without asking for it again."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            if self.list.item(row).data(KEY) == key:
                self.list.setCurrentRow(row)
        self.list.blockSignals(False)

    def _moved(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(KEY):
            self.choose(str(item.data(KEY)))

    def _allow(self, ready: bool) -> None:
        """Both buttons can be pressed while the network is measured, so that the default keeps the focus: what they
        ask for is done once it is."""
        self._measured = ready
        self._enable(True)
        if ready and self._asked is not None:
            self._asked()

    def _refuse(self, _fault: Exception) -> None:
        self._asked = None
        self._enable(False)

    def _enable(self, enabled: bool) -> None:
        self.add.setEnabled(enabled and not self.page.first_weights())
        self.open_.setEnabled(enabled)

    def _once_measured(self, act: Callable[[], None]) -> None:
        self.page.commit()
        self._asked = act
        if self._measured:
            act()

    def _take(self) -> tuple[Network, str]:
        """The network as the form says, and the name of its variant."""
        made = self.page.architecture()
        found = self.page.found
        whole = found.network if found is not None and self._measured else made.network()
        return whole, str(made.variant)

    def _add(self) -> None:
        network, name = self._take()
        self.accept()
        self.added.emit(network, name)

    def _open(self) -> None:
        _, name = self._take()
        fields = {key: value for key, value in self.page.values().items() if key != "variant"}
        weights = self.page.first_weights()
        self.accept()
        self.opened.emit(json.dumps({"name": name, "fields": fields, **({"weights": weights} if weights else {})}))

    def _lay_out(self, chooses: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        across = QHBoxLayout()
        across.setSpacing(24)
        if chooses:
            across.addLayout(self._choices(), 2)
        across.addWidget(self.page, 3)
        column.addLayout(across, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        buttons = (self.cancel, self.open_) if chooses else (self.cancel, self.open_, self.add)
        for button in buttons:
            row.addWidget(button)
        self.add.setVisible(not chooses)
        buttons[-1].setProperty("primary", True)
        self.cancel.setAutoDefault(False)
        buttons[-1].setDefault(True)
        column.addLayout(row)
        self.cancel.clicked.connect(self.reject)
        self.add.clicked.connect(lambda: self._once_measured(self._add))
        self.open_.clicked.connect(lambda: self._once_measured(self._open))
        self.page.job.failed.connect(self._refuse)
        self.page.weights.currentIndexChanged.connect(lambda _index: self._enable(self.open_.isEnabled()))
        self.add.setToolTip("A block begins with fresh weights; published ones come with a new project.")
        self.resize(860 if chooses else 500, 640)

    def _choices(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(label("From an architecture", size="large"))
        self.search.setPlaceholderText("Search architectures")
        self.search.setAccessibleName("Search architectures")
        self.search.addAction(icons.icon("search", "faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.setAccessibleName("Architectures")
        self.list.currentItemChanged.connect(lambda item, _before: self._moved(item))
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        return column
