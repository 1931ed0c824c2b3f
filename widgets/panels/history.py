"""The history: every step in words, where the document stands among them, and a click to go there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem

from graphs.document import Change, Document, Step
from graphs.edits import EditError
from graphs.layers.catalogue import Catalogue
from widgets import theme
from widgets.panels.aside import Aside, paint_row
from widgets.told import told

Index = QModelIndex | QPersistentModelIndex
STATE = Qt.ItemDataRole.UserRole
START = "Start"


class Steps(QAbstractListModel):
    """Row 0 is the beginning; row n is the document after its nth step."""

    def __init__(self, document: Document, catalogue: Catalogue, parent: Any = None) -> None:
        super().__init__(parent)
        self._document, self._catalogue = document, catalogue
        self._words: dict[int, tuple[Step, str]] = {}
        self._steps = document.history

    def renew(self) -> None:
        """The document changed."""
        self.beginResetModel()
        self._steps = self._document.history
        known = {id(step) for step in self._steps}
        self._words = {key: value for key, value in self._words.items() if key in known}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._steps) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, here = index.row(), self._document.position
        state = "here" if row == here else "done" if row < here else "undone"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.words(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            now = {"here": "you are here", "done": "done", "undone": "undone"}[state]
            return f"{self.words(row)}, step {row} of {len(self._steps)}, {now}"
        return state if role == STATE else None

    def words(self, row: int) -> str:
        """What the step of this row did."""
        if row == 0:
            return START
        step = self._steps[row - 1]
        if id(step) not in self._words:
            self._words[id(step)] = (step, told(step, self._document.network, self._catalogue))
        return self._words[id(step)][1]


class Painted(QStyledItemDelegate):
    """A dot on a line beside the words: filled where the document stands, dim behind it."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, option.fontMetrics.height() + 14)  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, state = theme.current(), index.data(STATE)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        paint_row(painter, option)
        middle, x = area.center().y(), area.left() + 20
        painter.setPen(theme.qcolor(look.line))
        last = index.row() == index.model().rowCount() - 1
        top, bottom = (area.top() if index.row() else middle), (middle if last else area.bottom())
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        colour = theme.qcolor({"here": look.accent, "done": look.dim, "undone": look.line}[state])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        size = 9.0 if state == "here" else 6.0
        painter.drawEllipse(QRectF(x - size / 2, middle - size / 2, size, size))
        painter.setFont(theme.font(12.5, QFont.Weight.DemiBold if state == "here" else QFont.Weight.Normal))
        painter.setPen(theme.qcolor(look.faint if state == "undone" else look.text))
        room = area.adjusted(36, 0, -12, 0)
        words = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class List(QListView):
    """`went(row)`: a row was clicked, or Enter or Space pressed on it."""

    went = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Steps of the history")
        self.setItemDelegate(Painted(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(lambda index: self.went.emit(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.went.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class History(Aside):
    """`failed(sentence)`: a step could not be gone to. `before` is called before the document travels."""

    failed = Signal(str)

    def __init__(self, document: Document, catalogue: Catalogue, before: Callable[[], None]) -> None:
        super().__init__("History")
        self._document, self._before = document, before
        self.steps = Steps(document, catalogue, self)
        self.list = List()
        self.list.setModel(self.steps)
        self.list.went.connect(self.go)
        self.box.addWidget(self.list, 1)
        self._unsubscribe = document.subscribe(self._follow)
        self._show_position()

    def go(self, row: int) -> None:
        """Travel to where so many steps are done."""
        self._before()
        try:
            self._document.travel(row)
        except EditError as error:
            self.failed.emit(str(error))

    def leave(self) -> None:
        self._unsubscribe()

    def focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, _change: Change) -> None:
        self.steps.renew()
        self._show_position()

    def _show_position(self) -> None:
        index = self.steps.index(self._document.position)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
