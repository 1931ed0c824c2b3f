"""A list to type into: a few letters find an entry, Enter does it. What Ctrl+K opens, and what offers ports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.editor.ranking import fuzzy

ENTRY = Qt.ItemDataRole.UserRole
MOST = 200
Index = QModelIndex | QPersistentModelIndex


class Entry(NamedTuple):
    """One thing to choose: its words, where it belongs, its keys, and what it does."""

    id: str
    text: str
    run: Callable[[], object]
    where: str = ""
    keys: str = ""
    enabled: bool = True
    score: float = 0.0

    @property
    def words(self) -> str:
        """The entry for a screen reader."""
        parts = [self.text, self.where, self.keys, "" if self.enabled else "not now"]
        return ", ".join(part for part in parts if part)


Source = Callable[[str], Iterable[Entry]]


class Painted(QStyledItemDelegate):
    """Words left, where they belong faint, keys right."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, option.fontMetrics.height() + 12)  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        now, entry = theme.current(), index.data(ENTRY)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.qcolor(now.raised))
            painter.drawRoundedRect(area.adjusted(4, 0, -4, 0), 6, 6)
        painter.setFont(theme.font(13))
        metrics = painter.fontMetrics()
        area = area.adjusted(16, 0, -16, 0)
        keys = metrics.horizontalAdvance(entry.keys) + 16 if entry.keys else 0
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, int(area.width() - keys))
        painter.setPen(theme.qcolor(now.text if entry.enabled else now.faint))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        left = metrics.horizontalAdvance(text) + 12
        room = area.adjusted(left, 0, -keys, 0)
        painter.setPen(theme.qcolor(now.faint))
        where = metrics.elidedText(entry.where, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, where)
        painter.setPen(theme.qcolor(now.dim))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.keys)
        painter.restore()


class Finder(QFrame):
    """A pop-up over a window. `source(query)` gives the entries, best first."""

    def __init__(self, source: Source, parent: QWidget, prompt: str, name: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("commandPalette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._source, self._owner = source, parent
        self.line = QLineEdit()
        self.line.setPlaceholderText(prompt)
        self.line.setAccessibleName(f"Search {name.lower()}")
        self.line.setMinimumHeight(36)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._search)
        self.list = QListWidget()
        self.list.setItemDelegate(Painted(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(name)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.list.currentItemChanged.connect(lambda item, _old: self._say(item))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.nothing = QLabel()
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("dim", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(16, 24, 16, 24)
        column.addWidget(self.nothing, 1)
        self._search("")

    def open(self) -> None:
        """Show it in the upper middle of the window."""
        owner = self._owner
        width = min(560, owner.width() - 64)
        self.resize(width, min(480, owner.height() - 128))
        self.move(owner.mapToGlobal(QPoint((owner.width() - width) // 2, 72)))
        self.show()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def found(self) -> list[str]:
        """The ids of the entries listed."""
        return [self.list.item(row).data(ENTRY).id for row in range(self.list.count())]

    def _search(self, query: str) -> None:
        self.list.clear()
        for entry in list(self._source(query))[:MOST]:
            item = QListWidgetItem(entry.text)
            item.setData(ENTRY, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.words)
            if not entry.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.nothing.setText(f"Nothing found for “{query.strip()}”. Try another word for it." if query.strip() else "")
        self.nothing.setVisible(not self.list.count())
        self.list.setVisible(bool(self.list.count()))
        self._say(self.list.currentItem())

    def _say(self, item: QListWidgetItem | None) -> None:
        """The keyboard stays in the line: what is chosen in the list is said there."""
        self.line.setAccessibleDescription(item.data(ENTRY).words if item is not None else "Nothing found")

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None or not item.data(ENTRY).enabled:
            return
        run = item.data(ENTRY).run
        self.close()
        run()


def scored(query: str, text: str) -> float:
    """How well every word of a query fits a text: 0 where one does not, 1 for an empty query."""
    words = query.casefold().split()
    scores = [max((fuzzy(word, part)[0] for part in (*text.split(), text)), default=0.0) for word in words]
    return (sum(scores) / len(scores) if all(scores) else 0.0) if words else 1.0


def best(entries: Iterable[Entry]) -> list[Entry]:
    """Those that fit, the best first; what cannot be done now last."""
    found = [(not entry.enabled, -entry.score, place, entry) for place, entry in enumerate(entries) if entry.score > 0]
    return [entry for *_, entry in sorted(found, key=lambda row: row[:3])]
