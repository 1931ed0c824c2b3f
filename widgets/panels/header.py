"""The first row of the window: menus, project and whether it is saved; workspaces; device and memory."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenuBar, QToolButton, QWidget

from widgets import theme
from widgets.look.style import Elided, Panel, label

MOST_ASIDE = 96
"""How far from the middle a long name may move the workspaces, in pixels."""


class Header(Panel):
    """`workspace(name)`: a person wants another workspace."""

    workspace = Signal(str)

    def __init__(self, workspaces: Sequence[str], menus: QMenuBar | None, parent: QWidget | None = None) -> None:
        super().__init__("header", across=True, parent=parent)
        self.setFixedHeight(max(40, self.fontMetrics().height() + 24))
        self.box.setContentsMargins(8, 0, 16, 0)
        self.box.setSpacing(0)
        self._menus = menus
        if menus is not None:
            menus.setParent(self)
            menus.setNativeMenuBar(False)
            self.box.addWidget(menus, 0, Qt.AlignmentFlag.AlignVCenter)
            self.box.addSpacing(8)
        self.name = Elided("", Qt.TextElideMode.ElideMiddle)
        self.name.setObjectName("projectName")
        self.saved = label(tone="faint")
        self.box.addWidget(self.name)
        self.box.addSpacing(8)
        self.box.addWidget(self.saved)
        self.box.addStretch(1)
        self.device = Elided()
        self.device.setProperty("dim", True)
        self.device.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.box.addWidget(self.device)
        self._add_workspaces(workspaces)

    def show_project(self, name: str, modified: bool, path: str = "") -> None:
        """Show the project's name and whether there is something to save; nothing is said of one without a file that is
        as it began."""
        self.name.setText(name)
        self.name.setToolTip(path)
        self.saved.setText("" if not name else "· unsaved" if modified else "· saved" if path else "")
        self._place()

    def show_device(self, device: str, used: float = 0.0, total: float = 0.0) -> None:
        """Show where the network is trained, and its memory in bytes where that is known."""
        text = device
        if total:
            text += f" · {used / 2**30:.1f} GB of {total / 2**30:.0f} GB"
        if text != self.device.text():
            self.device.setText(text)
            self._place()

    def show_workspace(self, name: str) -> None:
        """Light the name of the workspace that is shown; an empty name lights none."""
        for button in self._group.buttons():
            button.setChecked(button.text() == name)

    def set_working(self, working: bool) -> None:
        """Whether there is a project whose workspaces can be chosen."""
        self._tabs.setVisible(working)
        self.name.setVisible(working)
        self.saved.setVisible(working)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The names of the workspaces need other room: larger text, another style."""
        if watched is self._tabs and event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.setFixedHeight(max(40, self.fontMetrics().height() + 24))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _add_workspaces(self, workspaces: Sequence[str]) -> None:
        self._tabs = QWidget(self)
        self._tabs.setObjectName("workspaces")
        across = QHBoxLayout(self._tabs)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(4)
        self._group = QButtonGroup(self)
        for name in workspaces:
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setAccessibleName(f"{name} workspace")
            button.clicked.connect(lambda _=False, chosen=name: self.workspace.emit(chosen))
            self._group.addButton(button)
            across.addWidget(button)
        self._tabs.installEventFilter(self)

    def _place(self) -> None:
        """The workspaces stand in the middle; a long name moves them a little to the right, then it is cut."""
        size, saved = self._tabs.sizeHint(), self.saved.sizeHint().width()
        before = self._menus.sizeHint().width() + 16 if self._menus is not None else 8
        wanted = before + self.name.sizeHint().width() + saved + 40
        last = self.width() - size.width() - self.device.sizeHint().width() - 40
        middle = (self.width() - size.width()) // 2
        x = max(middle, min(wanted, last, middle + round(MOST_ASIDE * theme.scale())))
        self.name.setMaximumWidth(max(48, x - before - saved - 32))
        self._tabs.setGeometry(x, (self.height() - size.height()) // 2, size.width(), size.height())
