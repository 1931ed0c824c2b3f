"""The palette at the pointer: type a few letters, press Enter, the layer is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QKeyEvent, QPainter
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

from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue
from widgets import theme
from widgets.editor.ranking import SECTIONS, Entry, rank
from widgets.panels.helpcard.asking import hover

__all__ = ["Entry", "Palette", "rank"]

WIDTH, ROWS, ROW = 340, 9, 30
NOTHING = "No layer is called that. Try a word such as “image” or “average”."
LONG = 24
"""Letters of a name from which on it may be cut in its row, and its tooltip says all of it."""
ENTRY = Qt.ItemDataRole.UserRole


class Palette(QFrame):
    """A popup with a search field and the layers that match, the best first."""

    chosen = Signal(str)

    def __init__(
        self,
        catalogue: Catalogue,
        parent: QWidget | None = None,
        fits: Callable[[type[Layer]], bool] | None = None,
        shelf: Mapping[str, type[Layer]] | None = None,
        inside: bool = False,
        without: Collection[str] = (),
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._catalogue, self._fits, self._shelf, self._inside = catalogue, fits, shelf, inside
        self._without, self._fitting = frozenset(without), dict[type[Layer], bool]()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Layer palette")
        self.field, self.list, self.note = QLineEdit(), QListWidget(), QLabel()
        self._build()
        self._search("")

    def _build(self) -> None:
        look = theme.current()
        self.setObjectName("palette")
        self.setStyleSheet(
            f"#palette {{ background: {look.panel}; border: 1px solid {look.line}; border-radius: 8px; }}"
            f"QListWidget {{ background: {look.panel}; border: none; }}"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        self.field.setPlaceholderText("Search layers that fit" if self._fits else "Search layers")
        self.field.setAccessibleName("Search layers")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Layers")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(lambda item: self._choose(item))
        self.list.itemEntered.connect(self.list.setCurrentItem)
        hover(self.list, self._kind_at, self._catalogue)
        self.list.currentItemChanged.connect(self._explain)
        self.note.setWordWrap(True)
        self.note.setProperty("dim", True)
        self.note.setMinimumHeight(round(34 * theme.scale()))
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self.field, self.list, self.note):
            layout.addWidget(widget)
        self.setFixedSize(round(WIDTH * theme.scale()), round((ROWS * ROW + 108) * theme.scale()))

    def show_at(self, point: QPoint) -> None:
        """Shows the palette with its corner at a point of the screen, kept inside the window where that has the room,
        and else on that screen."""
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        if (parent := self.parentWidget()) is not None:
            window = parent.window().frameGeometry() & room
            wide, high = window.width() >= self.width(), window.height() >= self.height()
            room = window if wide and high else room
        x = max(room.left(), min(point.x(), room.right() - self.width()))
        y = max(room.top(), min(point.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def entries(self) -> list[Entry]:
        """What is listed now."""
        return [self.list.item(row).data(ENTRY) for row in range(self.list.count())]

    def _search(self, text: str) -> None:
        self.list.clear()
        for entry in rank(text, self._catalogue, self._fits and self._fit, self._shelf, self._inside, self._without):
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY, entry)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.help)
            item.setToolTip(entry.title if len(entry.title) > LONG else "")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        if not self.list.count():
            self.note.setText("Nothing that fits here is called that." if self._fits else NOTHING)

    def _fit(self, kind: type[Layer]) -> bool:
        """Whether a kind fits, asked once while the palette is open."""
        if kind not in self._fitting:
            self._fitting[kind] = self._fits is None or self._fits(kind)
        return self._fitting[kind]

    def _kind_at(self, at: QPoint) -> str:
        item = self.list.itemAt(at)
        return str(item.data(ENTRY).kind) if item is not None else ""

    def _explain(self, item: QListWidgetItem | None) -> None:
        self.note.setText(item.data(ENTRY).help if item else "")

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        kind = item.data(ENTRY).kind
        self.close()
        self.chosen.emit(kind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and Enter in the search field drive the list."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
        steps |= {Qt.Key.Key_PageDown: ROWS - 1, Qt.Key.Key_PageUp: 1 - ROWS}
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
            return True
        if key == Qt.Key.Key_Escape:
            self.close()
            return True
        return False

    def _step(self, by: int) -> None:
        count = self.list.count()
        if not count:
            return
        row = self.list.currentRow() + by
        if abs(by) == 1:
            row %= count
        self.list.setCurrentRow(max(0, min(count - 1, row)))


class _Row(QStyledItemDelegate):
    """One layer: its family's colour, its name with the letters that matched, its family."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(100, round(ROW * theme.scale()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        look, entry, box = theme.current(), index.data(ENTRY), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(look.raised))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 6, 6)
        painter.setBrush(QColor(look.families.get(entry.family, look.dim)))
        painter.drawRoundedRect(QRectF(box.left() + 8, box.center().y() - 7, 4, 14), 2, 2)
        section = SECTIONS.get(entry.section, entry.section)
        room = QFontMetricsF(theme.font(11)).horizontalAdvance(section) + 22
        self._title(painter, box.adjusted(22, 0, -room, 0), entry)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.dim))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box.adjusted(0, 0, -10, 0), right, section)
        painter.restore()

    def _title(self, painter: QPainter, box: QRectF, entry: Entry) -> None:
        look, x = theme.current(), box.left()
        for at, letter in enumerate(entry.title):
            hit = at in entry.hits
            font = theme.font(12.5, QFont.Weight.Bold if hit else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(look.accent if hit else look.text))
            width = QFontMetricsF(font).horizontalAdvance(letter)
            if x + 2 * width > box.right() and at < len(entry.title) - 1:  # the name is longer than its place
                painter.drawText(QRectF(x, box.top(), width + 12, box.height()), Qt.AlignmentFlag.AlignVCenter, "…")
                break
            painter.drawText(QRectF(x, box.top(), width + 2, box.height()), Qt.AlignmentFlag.AlignVCenter, letter)
            x += width
