"""The layer palette: every kind by family, blocks of the project and one's own, fuzzy search, drag or Enter to add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFont, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QMenu, QStyle, QStyledItemDelegate, QWidget

from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue
from widgets import theme
from widgets.editor.ranking import SECTIONS, Entry, rank
from widgets.forms.keys import belongs_to_window
from widgets.look import icons
from widgets.look.style import Panel, label
from widgets.panels.helpcard.asking import hover

MIME = "application/x-netloom-kind"
Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
Row = Entry | str
"""A kind, or the key of the section whose kinds follow."""
BLOCKS = ("project", "own")
"""The sections that hold blocks, which can be renamed and taken away."""


class Kinds(QAbstractListModel):
    """Headings and kinds, or the kinds that match a query, the best first. `renamed(kind, title)`."""

    renamed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._shelf: Mapping[str, type[Layer]] = {}
        self._inside = False
        self._query = ""
        self._rows: list[Row] = []
        self.search("")

    def set_blocks(self, shelf: Mapping[str, type[Layer]], inside: bool) -> None:
        """List these blocks from the shelf as well, and the ports of blocks only `inside` one."""
        self._shelf, self._inside = shelf, inside
        self.search(self._query)

    def search(self, query: str) -> None:
        """Show what matches `query`; everything by family for an empty one."""
        self._query = query
        found = rank(query, self._catalogue, shelf=self._shelf, inside=self._inside)
        rows = list(found) if query.strip() else _by_section(found)
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == ENTRY:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.EditRole):
            return row.title if isinstance(row, Entry) else SECTIONS.get(row, row)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Entry):
            return row.help
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self._rows[index.row()]
        if not isinstance(row, Entry):
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemIsEditable if row.section in BLOCKS else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A block was renamed in the list; what comes of it is the project's or the library's to say."""
        row, title = self._rows[index.row()], str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not isinstance(row, Entry) or not title or title == row.title:
            return False
        self.renamed.emit(row.kind, title)
        return True

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Any) -> QMimeData:
        data = QMimeData()
        kinds = [row.kind for index in indexes if isinstance(row := self._rows[index.row()], Entry)]
        data.setData(MIME, QByteArray(kinds[0].encode() if kinds else b""))
        return data


def _by_section(entries: list[Entry]) -> list[Row]:
    rows: list[Row] = []
    section = ""
    for entry in entries:
        if entry.section != section:
            section = entry.section
            rows.append(section)
        rows.append(entry)
    return rows


class Painted(QStyledItemDelegate):
    """A heading with its family's bar; a kind's name, the letters that matched in the accent."""

    def sizeHint(self, option: Any, index: Index) -> QSize:
        line = option.fontMetrics.height()
        heading = not isinstance(index.data(ENTRY), Entry)
        return QSize(100, line + (18 if heading and index.row() else 10 if heading else 7))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        row, now = index.data(ENTRY), theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if isinstance(row, Entry):
            self._kind(painter, rect, option, row)
        else:
            rect.setTop(rect.bottom() - option.fontMetrics.height() - 6)
            colour = now.families.get(row, now.families["blocks"])
            painter.fillRect(QRectF(12, rect.center().y() - 6, 3, 12), theme.qcolor(colour))
            painter.setFont(theme.font(12.5, QFont.Weight.DemiBold))
            painter.setPen(theme.qcolor(now.text))
            painter.drawText(rect.adjusted(24, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, SECTIONS.get(row, row))
        painter.restore()

    def _kind(self, painter: QPainter, rect: QRectF, option: Any, entry: Entry) -> None:
        now = theme.current()
        hover = option.state & QStyle.StateFlag.State_MouseOver
        chosen = option.state & QStyle.StateFlag.State_Selected
        if hover or chosen:
            painter.setPen(theme.qcolor(now.accent) if chosen and _focused(option) else Qt.PenStyle.NoPen)
            painter.setBrush(theme.qcolor(now.raised))
            painter.drawRoundedRect(rect.adjusted(8.5, 0.5, -8.5, -0.5), 6, 6)
        painter.setFont(theme.font(12.5))
        painter.setPen(theme.qcolor(now.text if hover or chosen else now.dim))
        text = rect.adjusted(24, 0, -12, 0)
        x = text.left()
        for position, letter in enumerate(entry.title):
            if entry.hits:
                painter.setPen(theme.qcolor(now.accent if position in entry.hits else now.text))
            else:
                shown = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, int(text.width()))
                painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, shown)
                return
            painter.drawText(QRectF(x, text.top(), 40, text.height()), Qt.AlignmentFlag.AlignVCenter, letter)
            x += painter.fontMetrics().horizontalAdvance(letter)


def _focused(option: Any) -> bool:
    return option.widget is not None and option.widget.hasFocus()


class KindList(QListView):
    """The list; a drag carries the kind's name and shows it at the pointer."""

    def startDrag(self, _actions: Qt.DropAction) -> None:
        entry = self.currentIndex().data(ENTRY)
        if not isinstance(entry, Entry):
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([self.currentIndex()]))
        drag.setPixmap(self._ghost(entry))
        drag.setHotSpot(QPoint(16, 16))
        drag.exec(Qt.DropAction.CopyAction)

    def _ghost(self, entry: Entry) -> QPixmap:
        now, ratio = theme.current(), self.devicePixelRatioF()
        width = self.fontMetrics().horizontalAdvance(entry.title) + 32
        made = QPixmap(QSize(width, 32) * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.qcolor(now.families[entry.family]))
        painter.setBrush(theme.qcolor(theme.mix(now.families[entry.family], now.raised, 0.22)))
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, 31), 8, 8)
        painter.setPen(theme.qcolor(now.text))
        painter.setFont(theme.font(12.5, QFont.Weight.DemiBold))
        painter.drawText(QRectF(0, 0, width, 32), Qt.AlignmentFlag.AlignCenter, entry.title)
        painter.end()
        return made


VERBS = {
    "project": (("save", "Save to my blocks"), ("delete", "Delete from the project")),
    "own": (("forget", "Remove from my blocks"),),
}


class PalettePanel(Panel):
    """Search over the list. `chosen(kind)`: Enter, double-click. `asked(verb, kind)`: what is to be done with a block:
    "save", "delete" or "forget". `renamed(kind, title)`."""

    chosen = Signal(str)
    asked = Signal(str, str)
    renamed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__("side", parent=parent)
        self.kinds = Kinds(catalogue, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search layers")
        self.search.setAccessibleName("Search layers")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search", "faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self._choose_current)
        self.search.installEventFilter(self)
        self.list = KindList()
        self.list.setModel(self.kinds)
        self.list.setItemDelegate(Painted(self.list))
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        hover(self.list, lambda at: getattr(self._entry_at(self.list.indexAt(at)), "kind", ""), catalogue)
        self.list.setAccessibleName("Layers")
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.activated.connect(lambda index: self._choose(index))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.kinds.renamed.connect(self.renamed)
        self.may: Callable[[str, str], bool] = lambda _verb, _kind: True
        """Whether something can be done with a block now."""
        self.nothing = label("No layer of that name. Try what it does, for example “norm” or “pool”.", wrap=True)
        self.nothing.setProperty("dim", True)
        self.nothing.setContentsMargins(16, 8, 16, 0)
        self.nothing.hide()
        self._lay_out()
        theme.notifier().changed.connect(self.list.viewport().update)

    def show_blocks(self, shelf: Mapping[str, type[Layer]], inside: bool) -> None:
        """The blocks of the project or one's own are others now."""
        current, at = self._entry_at(self.list.currentIndex()), self.list.verticalScrollBar().value()
        self.kinds.set_blocks(shelf, inside)
        self.nothing.setVisible(not self.kinds.rowCount())
        for row in range(self.kinds.rowCount()) if current is not None else ():
            entry = self._entry(row)
            if entry is not None and entry.kind == current.kind:
                self.list.setCurrentIndex(self.kinds.index(row))
        self.list.verticalScrollBar().setValue(at)

    def block_menu(self, index: Index) -> QMenu | None:
        """What can be done with a row: blocks can be placed, renamed, kept and taken away; layers placed."""
        entry = self._entry_at(index)
        if entry is None:
            return None
        menu = QMenu(self)
        menu.addAction("Add to the network").triggered.connect(lambda: self.chosen.emit(entry.kind))
        if entry.section in BLOCKS:
            rename = menu.addAction("Rename")
            rename.triggered.connect(lambda: self.list.edit(index))
            rename.setEnabled(self.may("rename", entry.kind))
        for verb, words in VERBS.get(entry.section, ()):
            action = menu.addAction(words)
            action.setEnabled(self.may(verb, entry.kind))
            action.triggered.connect(lambda _=False, verb=verb: self.asked.emit(verb, entry.kind))
        return menu

    def _open_menu(self, point: QPoint) -> None:
        if (menu := self.block_menu(self.list.indexAt(point))) is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(point))

    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and belongs_to_window(event):
            event.ignore()
            return True
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.setFocus()
                self.list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        top = Panel("searchRow")
        top.box.setContentsMargins(12, 12, 12, 4)
        top.box.addWidget(self.search)
        self.box.addWidget(top)
        self.box.addWidget(self.nothing)
        self.box.addWidget(self.list, 1)
        self._fit()
        theme.notifier().changed.connect(self._fit)

    def _fit(self) -> None:
        """As wide as the longest name is."""
        words = [str(self.kinds.index(row).data()) for row in range(self.kinds.rowCount())]
        metrics = QFontMetrics(theme.font(12.5, QFont.Weight.DemiBold))
        longest = max((metrics.horizontalAdvance(word) for word in words), default=0)
        self.setMinimumWidth(min(longest + 52, round(260 * theme.scale())))

    def _searched(self, query: str) -> None:
        self.kinds.search(query)
        self.nothing.setVisible(not self.kinds.rowCount())
        first = next((i for i in range(self.kinds.rowCount()) if self._entry(i)), None)
        if query.strip() and first is not None:
            self.list.setCurrentIndex(self.kinds.index(first))

    def _entry(self, row: int) -> Entry | None:
        return self._entry_at(self.kinds.index(row))

    def _entry_at(self, index: Index) -> Entry | None:
        entry = index.data(ENTRY) if index.isValid() else None
        return entry if isinstance(entry, Entry) else None

    def _choose_current(self) -> None:
        if self.search.text().strip():
            self._choose(self.list.currentIndex())

    def _choose(self, index: Index) -> None:
        if (entry := self._entry_at(index)) is not None:
            self.chosen.emit(entry.kind)
