"""The strip of view names: each whole, and what finds no room under one button at the end."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QFont, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from widgets.look.style import Panel, flat_button

MIME = "application/x-netloom-view"
WIDE, TIGHT = 16, 8


class Tab(QToolButton):
    """The name of a view; lit while it is open."""

    alone = Signal()

    def __init__(self, name: str, title: str, help: str) -> None:
        super().__init__()
        self.name = name
        self.setText(title)
        self.setCheckable(True)
        self.setToolTip(f"{help}\nClick: open or close. Double-click: alone. Drag: put it elsewhere.")
        self.setAccessibleName(f"{title} view")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._pressed: QPoint | None = None

    def sizeHint(self) -> QSize:
        """As wide as its name is once the view is open, so that nothing moves then."""
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        usual, name = super().sizeHint(), QFontMetrics(bold).horizontalAdvance(self.text()) + 10
        return QSize(max(usual.width(), name), usual.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = QApplication.startDragDistance()
        moved = self._pressed is not None and (event.position().toPoint() - self._pressed).manhattanLength() > far
        if not (moved and event.buttons() & Qt.MouseButton.LeftButton):
            super().mouseMoveEvent(event)
            return
        self._pressed = None
        self.setDown(False)
        data = QMimeData()
        data.setData(MIME, QByteArray(self.name.encode()))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab())
        drag.exec(Qt.DropAction.MoveAction)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.alone.emit()


class Strip(Panel):
    """Tabs side by side. Where they do not all fit, those that are closed move into a menu first; none is ever cut."""

    def __init__(self) -> None:
        super().__init__("viewTabs", across=True)
        self.tabs: list[Tab] = []
        self.more = flat_button("More…", tip="Views that have no room in this row")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self._menu)
        self.more.hide()
        self.box.setContentsMargins(16, 0, 8, 0)
        self.box.setSpacing(WIDE)
        self.box.addWidget(self.more)
        self.box.addStretch(1)
        self._grow()

    def add(self, tab: Tab) -> None:
        """One more at the end."""
        self.box.insertWidget(len(self.tabs), tab)
        self.tabs.append(tab)

    def fit(self) -> None:
        """Show as many tabs as have room for their whole names."""
        if not self.tabs:
            return
        widths = [tab.sizeHint().width() for tab in self.tabs]
        room = self.width() - 24
        tight = sum(widths) + WIDE * (len(widths) - 1) > room
        self.box.setSpacing(TIGHT if tight else WIDE)
        open_first = sorted(range(len(widths)), key=lambda index: not self.tabs[index].isChecked())
        shown = _fitting(widths, open_first, room, self.more.sizeHint().width()) if tight else set(open_first)
        for index, tab in enumerate(self.tabs):
            tab.setVisible(index in shown)
        self.more.setVisible(len(shown) < len(widths))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._grow()
            self.fit()

    def _grow(self) -> None:
        self.setFixedHeight(max(36, self.fontMetrics().height() + 20))

    def _fill(self) -> None:
        self._menu.clear()
        for tab in self.tabs:
            if tab.isHidden():
                action = self._menu.addAction(tab.text(), tab.click)
                action.setCheckable(True)
                action.setChecked(tab.isChecked())


def _fitting(widths: list[int], order: list[int], room: int, more: int) -> set[int]:
    """Which tabs fit into `room`, taken in this order, the button that holds the others included."""
    if sum(widths) + TIGHT * (len(widths) - 1) <= room:
        return set(order)
    used, shown = more, set()
    for index in order:
        used += widths[index] + TIGHT
        if used > room:
            break
        shown.add(index)
    return shown
