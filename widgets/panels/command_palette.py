"""All commands in one list: type a few letters, Enter does it. Opened with Ctrl+K."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.actions import Actions
from widgets.editor.ranking import fuzzy

MOST = 14
ID, KEYS, MENU = (Qt.ItemDataRole.UserRole + i for i in range(3))


class Painted(QStyledItemDelegate):
    """Words left, menu faint, keys right."""

    def sizeHint(self, option: object, index: object) -> QSize:
        return QSize(200, option.fontMetrics.height() + 12)  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: object, index: object) -> None:
        now = theme.current()
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.qcolor(now.raised))
            painter.drawRoundedRect(area.adjusted(4, 0, -4, 0), 6, 6)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)  # type: ignore[attr-defined]
        painter.setFont(theme.font(13))
        painter.setPen(theme.qcolor(now.text if enabled else now.faint))
        text = index.data()  # type: ignore[attr-defined]
        area = area.adjusted(16, 0, -16, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        left = painter.fontMetrics().horizontalAdvance(text) + 12
        painter.setPen(theme.qcolor(now.faint))
        painter.drawText(area.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, index.data(MENU))  # type: ignore[attr-defined]
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(theme.qcolor(now.dim))
        painter.drawText(area, flags, index.data(KEYS))  # type: ignore[attr-defined]
        painter.restore()


class CommandPalette(QFrame):
    """A pop-up over the window; the commands that can be done now come first."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("commandPalette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions, self._owner = actions, parent
        self.line = QLineEdit()
        self.line.setPlaceholderText("What do you want to do?")
        self.line.setAccessibleName("Search commands")
        self.line.setMinimumHeight(36)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._search)
        self.list = QListWidget()
        self.list.setItemDelegate(Painted(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list)
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
        """The ids of the commands listed."""
        return [self.list.item(row).data(ID) for row in range(self.list.count())]

    def _search(self, query: str) -> None:
        self.list.clear()
        for id in ranked(self._actions, query):
            action = self._actions[id]
            item = QListWidgetItem(action.text())
            item.setData(ID, id)
            item.setData(KEYS, keys_of(action))
            declared = self._actions.declared[id]
            item.setData(MENU, " · ".join(part for part in (declared.menu, declared.under) if part))
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        action = self._actions[item.data(ID)]
        self.close()
        action.trigger()


def ranked(actions: Actions, query: str) -> list[str]:
    """Ids of the actions that match every word, the best first, those that can't be done now last."""
    words = query.casefold().split()
    found = []
    for place, (id, declared) in enumerate(actions.declared.items()):
        text = f"{actions[id].text()} {declared.menu} {declared.under}"
        scores = [max((fuzzy(word, part)[0] for part in [*text.split(), text]), default=0.0) for word in words]
        if all(scores) or not words:
            found.append((not actions[id].isEnabled(), -sum(scores), place, id))
    return [id for *_, id in sorted(found)]


def keys_of(action: QAction) -> str:
    """The action's first shortcut as the desktop writes it."""
    return action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
