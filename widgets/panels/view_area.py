"""The views under the canvas: a strip of names that open and close them, and panes that a person arranges.

Click a name to open or close its view, double-click to see it alone, drag it onto a side of another view to
put it there. A view can also stand in a window of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from widgets import theme
from widgets.look.splitting import Splitter
from widgets.look.style import Panel, label
from widgets.panels import arrangement
from widgets.panels.arrangement import Rows, Side
from widgets.panels.view_tabs import MIME, Strip, Tab


class Pane(QWidget):
    """What holds one view; its smallest size never pushes the window wider."""

    def __init__(self, name: str, view: QWidget) -> None:
        super().__init__()
        self.name, self.view = name, view
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(view)
        self.setMinimumSize(140, 96)


class Own(QWidget):
    """A window of its own for one view; closing it gives the view back."""

    closed = Signal(str)

    def __init__(self, pane: Pane, title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.pane = pane
        self.setWindowTitle(f"{title} · Netloom")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(pane)
        self.resize(720, 520)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit(self.pane.name)


class Goal(QWidget):
    """Shows where a dragged view would land."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        accent = theme.current().accent
        painter.fillRect(self.rect(), theme.qcolor(accent, 0.18))
        painter.setPen(theme.qcolor(accent))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class Body(QWidget):
    """Rows of panes between splitters, and the landing of a dragged one."""

    landed = Signal(str, str, str)  # name, target, side

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._splitter: Splitter | None = None
        self.panes: list[Pane] = []
        self.empty = label("Open a view by its name above.", tone="faint")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._inside.addWidget(self.empty)
        self._goal = Goal(self)
        self._goal.hide()

    def arrange(self, rows: Sequence[Sequence[Pane]]) -> None:
        """Show these panes, row by row."""
        old = self._splitter
        outer = Splitter(Qt.Orientation.Vertical)
        for row in rows:
            across = Splitter(Qt.Orientation.Horizontal, *row)
            for pane in row:
                pane.show()
            across.setSizes([1000] * len(row))
            outer.addWidget(across)
        outer.setSizes([1000] * len(rows))
        self.panes = [pane for row in rows for pane in row]
        self._splitter = outer
        self._inside.addWidget(outer, 1)
        outer.setVisible(bool(self.panes))
        self.empty.setVisible(not self.panes)
        if old is not None:
            old.hide()
            old.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if not event.mimeData().hasFormat(MIME):
            return
        event.acceptProposedAction()
        place = self._place(event.position().toPoint())
        self._goal.setVisible(place is not None)
        if place is not None:
            self._goal.setGeometry(_half(self._area(place[0]), place[1]))
            self._goal.raise_()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._goal.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._goal.hide()
        name = bytes(event.mimeData().data(MIME).data()).decode(errors="replace")
        place = self._place(event.position().toPoint())
        target, side = (place[0].name, place[1]) if place else ("", "right")
        event.acceptProposedAction()
        self.landed.emit(name, target, side)

    def _place(self, point: QPoint) -> tuple[Pane, Side] | None:
        for pane in self.panes:
            area = self._area(pane)
            if area.contains(point):
                inside = point - area.topLeft()
                return pane, arrangement.side_of(inside.x(), inside.y(), area.width(), area.height())
        return None

    def _area(self, pane: Pane) -> QRect:
        return QRect(pane.mapTo(self, QPoint(0, 0)), pane.size())


def _half(area: QRect, side: Side) -> QRect:
    if side in ("left", "right"):
        half = QRect(area.topLeft(), area.size())
        half.setWidth(area.width() // 2)
        if side == "right":
            half.moveRight(area.right())
        return half
    half = QRect(area.topLeft(), area.size())
    half.setHeight(area.height() // 2)
    if side == "below":
        half.moveBottom(area.bottom())
    return half


class ViewArea(Panel):
    """Strip and body. `load` gives it the view classes once importing them holds up nothing."""

    changed = Signal()
    """The arrangement is another one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("viewArea", parent=parent)
        self._classes: dict[str, type[Any]] = {}
        self._attach: Callable[[Any], None] = lambda view: None
        self._panes: dict[str, Pane] = {}
        self._own: dict[str, Own] = {}
        self._rows: Rows = ()
        self._before_alone: Rows = ()
        self.tabs: dict[str, Tab] = {}
        self.strip = Strip()
        self.body = Body()
        self.body.landed.connect(self._landed)
        self.box.addWidget(self.strip)
        self.box.addWidget(self.body, 1)

    def load(self, classes: Sequence[type[Any]], attach: Callable[[Any], None]) -> None:
        """Offer these view classes; `attach` is called with each view that is made."""
        self._classes = {cls.name: cls for cls in classes}
        self._attach = attach
        for cls in classes:
            tab = Tab(cls.name, cls.title, cls.help)
            tab.clicked.connect(lambda _=False, name=cls.name: self.toggle(name))
            tab.alone.connect(lambda name=cls.name: self.show_alone(name))
            tab.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            tab.customContextMenuRequested.connect(lambda point, owner=tab: self._open_menu(owner, point))
            self.tabs[cls.name] = tab
            self.strip.add(tab)
        self.set_rows(self._rows)

    def rows(self) -> Rows:
        """How the open views are arranged."""
        return self._rows

    def set_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Arrange the open views so."""
        known = list(self._classes) if self._classes else None
        self._rows = arrangement.tidy(rows, known)
        if self._classes:
            self.body.arrange([[self._pane(n) for n in row if n not in self._own] for row in self._rows])
            self._hide_closed()
        for name, tab in self.tabs.items():
            tab.setChecked(name in arrangement.names(self._rows) or name in self._own)
        self.strip.fit()
        self.changed.emit()

    def toggle(self, name: str) -> None:
        """Open a closed view, close an open one."""
        if name in self._own:
            self._own[name].raise_()
            self._own[name].activateWindow()
            self.tabs[name].setChecked(True)
            return
        is_open = name in arrangement.names(self._rows)
        self.set_rows(arrangement.closed(self._rows, name) if is_open else arrangement.opened(self._rows, name))

    def open(self, name: str) -> Any:
        """Open a view where it is closed, and return it."""
        if name not in self._own:
            self.set_rows(arrangement.opened(self._rows, name))
        return self._pane(name).view

    def show_alone(self, name: str) -> None:
        """Show one view only; the same again brings the others back."""
        if self._rows == ((name,),) and self._before_alone:
            self.set_rows(self._before_alone)
        else:
            self._before_alone = self._rows
            self.set_rows(((name,),))

    def pop_out(self, name: str) -> None:
        """Put a view into a window of its own."""
        if name in self._own:
            return
        own = Own(self._pane(name), self._classes[name].title, self)
        own.closed.connect(self._give_back)
        self._own[name] = own
        self.set_rows(arrangement.closed(self._rows, name))
        self._panes[name].show()
        own.show()

    def view(self, name: str) -> Any | None:
        """The view of that name, None where it was never opened."""
        return self._panes[name].view if name in self._panes else None

    def views(self) -> list[Any]:
        """The views that have been made."""
        return [pane.view for pane in self._panes.values()]

    def _pane(self, name: str) -> Pane:
        if name not in self._panes:
            view = self._classes[name]()
            self._panes[name] = Pane(name, view)
            self._attach(view)
        return self._panes[name]

    def _hide_closed(self) -> None:
        for name, pane in self._panes.items():
            if name not in arrangement.names(self._rows) and name not in self._own:
                pane.hide()
                pane.setParent(self.body)

    def _give_back(self, name: str) -> None:
        own = self._own.pop(name)
        self.set_rows(arrangement.opened(self._rows, name))
        own.deleteLater()

    def _landed(self, name: str, target: str, side: Side) -> None:
        if name in self._classes and name not in self._own:
            self.set_rows(arrangement.moved(self._rows, name, target, side))

    def _open_menu(self, tab: Tab, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show alone", lambda: self.show_alone(tab.name))
        menu.addAction("Open in a window of its own", lambda: self.pop_out(tab.name))
        if tab.name in arrangement.names(self._rows):
            menu.addAction("Close", lambda: self.toggle(tab.name))
        menu.popup(tab.mapToGlobal(point))
