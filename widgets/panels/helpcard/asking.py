"""How a person asks for a card: the small “?”, and the pointer that rests on a kind. Light: the window shows first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QToolButton, QWidget

from graphs.layers.base import Layer
from graphs.layers.catalogue import Catalogue

if TYPE_CHECKING:
    from widgets.panels.helpcard.glance import Glance

ACTION = "explain"
"""The id of the action that opens the card."""
DELAY = 600
"""Milliseconds that the pointer rests before the small card appears."""
KindAt = Callable[[QPoint], "type[Layer] | None"]


def explain_button() -> QToolButton:
    """The small “?” beside the name of a layer."""
    made = QToolButton()
    made.setText("?")
    made.setProperty("flat", True)
    made.setToolTip("What this layer does, with numbers (F1)")
    made.setAccessibleName("Explain this layer")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.clicked.connect(lambda: trigger(made))
    return made


def trigger(inside: QWidget) -> None:
    """Do what F1 does, from a part of the window."""
    action = inside.window().findChild(QAction, ACTION)
    if action is not None:
        action.trigger()


def hover(view: QAbstractItemView, kind_at: Callable[[QPoint], str], catalogue: Catalogue) -> Hover:
    """Show the small card of the kind whose name `kind_at` gives for a place in a list."""
    return Hover(view, lambda at: catalogue.kinds.get(kind_at(at)))


class Hover(QObject):
    """Shows the small card of what the pointer rests on in a list of kinds."""

    def __init__(self, view: QAbstractItemView, kind_at: KindAt) -> None:
        super().__init__(view)
        self._view, self._kind_at = view, kind_at
        self._at = QPoint()
        self._shown: type[Layer] | None = None
        self.glance: Glance | None = None
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(DELAY)
        self.timer.timeout.connect(self.show_now)
        view.setMouseTracking(True)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Starts anew with each row; anything but resting ends it."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._moved(event.position().toPoint())
        elif kind == QEvent.Type.ToolTip and self._kind_at(self._at) is not None:
            return True
        elif kind in (QEvent.Type.Leave, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.Hide):
            self.end()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Nothing is rested on."""
        self.timer.stop()
        self._shown = None
        if self.glance is not None:
            self.glance.hide()

    def show_now(self) -> None:
        """Show the card of what the pointer is on."""
        kind = self._kind_at(self._at)
        if kind is None:
            return
        self._shown = kind
        if self.glance is None:
            from widgets.panels.helpcard.glance import Glance

            self.glance = Glance(self._view)
        self.glance.show_kind(kind)
        index = self._view.indexAt(self._at)
        row = self._view.visualRect(index)
        view = self._view.viewport()
        self.glance.beside(
            QRect(view.mapToGlobal(QPoint(0, row.top())), view.mapToGlobal(QPoint(view.width(), row.bottom())))
        )

    def _moved(self, at: QPoint) -> None:
        self._at = at
        kind = self._kind_at(at)
        if kind is self._shown and kind is not None:
            return
        visible = self.glance is not None and self.glance.isVisible()
        self.end()
        if kind is None:
            return
        if visible:
            self.show_now()
        else:
            self.timer.start()
