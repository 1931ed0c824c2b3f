"""The canvas for a screen reader: a list of cards, each with a name and what is to be said about it.

Focus follows the selection, so that what arrow keys walk to is read. Interfaces belong to Qt's cache, which deletes
them; they are held here as long as their canvas lives, since Qt keeps no reference to what Python made.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from widgets import theme
from widgets.editor.words import card_name, node_words

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

Text, Role = QAccessible.Text, QAccessible.Role


class Card(QAccessibleInterface):
    """One node."""

    def __init__(self, canvas: Canvas, id: str) -> None:
        super().__init__()
        self._canvas, self.id = canvas, id

    def isValid(self) -> bool:
        return isValid(self._canvas) and self.id in self._canvas.scene.items

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._canvas.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._canvas)

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        box = self._canvas.camera.view_rect(self._canvas.scene.items[self.id].rect).toAlignedRect()
        return QRect(self._canvas.mapToGlobal(box.topLeft()), box.size())

    def role(self) -> QAccessible.Role:
        return Role.ListItem

    def state(self) -> QAccessible.State:
        made, chosen = QAccessible.State(), self.id in self._canvas.selection
        made.selectable = made.focusable = True
        made.selected = chosen
        made.focused = chosen and self._canvas.hasFocus() and self._canvas.selected()[-1] == self.id
        made.invalid = not self.isValid()
        return made

    def text(self, which: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        scene = self._canvas.scene
        if which == Text.Name:
            return card_name(scene, self.id)
        if which == Text.Description:
            return node_words(scene, self.id, self._canvas.badges)
        return ""

    def setText(self, _which: QAccessible.Text, _text: str) -> None:
        """Names are changed in the inspector."""

    def foregroundColor(self) -> QColor:
        return QColor(theme.current().text)

    def backgroundColor(self) -> QColor:
        return QColor(theme.current().raised)


class Cards(QAccessibleWidget):
    """The canvas, its nodes as children in the order in which data flows through them."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, Role.List, "Network")
        self._canvas = canvas
        self._made: dict[str, Card] = {}
        self._order: tuple[object, list[str], dict[str, int]] = (None, [], {})
        canvas.selection_changed.connect(lambda _ids: self._follow())

    @property
    def ids(self) -> list[str]:
        """The nodes in reading order."""
        network = self._canvas.scene.network
        if self._order[0] is not network:
            first = [i for i in network.order if i in self._canvas.scene.items]
            rest = [i for i in self._canvas.scene.items if i not in set(first)]
            found = [*first, *rest]
            self._order = (network, found, {id: index for index, id in enumerate(found)})
            self._forget()
        return self._order[1]

    def card(self, id: str) -> Card:
        """The child that stands for a node."""
        if id not in self._made:
            self._made[id] = Card(self._canvas, id)
            QAccessible.registerAccessibleInterface(self._made[id])
        return self._made[id]

    def childCount(self) -> int:
        return len(self.ids) if isValid(self._canvas) else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.card(self.ids[index]) if 0 <= index < self.childCount() else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self._order[2].get(child.id, -1) if isinstance(child, Card) and self.ids else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        at = QPointF(self._canvas.mapFromGlobal(QPoint(x, y)))
        id = self._canvas.scene.node_at(self._canvas.camera.to_scene(at))
        return self.card(id) if id is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        chosen = self._canvas.selected()
        return self.card(chosen[-1]) if chosen and self._canvas.hasFocus() else None

    def _follow(self) -> None:
        """Focus goes where the selection goes, so that it is read."""
        if isValid(self._canvas) and (focused := self.focusChild()) is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(focused, QAccessible.Event.Focus))

    def _forget(self) -> None:
        """Cards of nodes that are gone go too."""
        for id in [i for i in self._made if i not in self._order[2]]:
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(self._made.pop(id)))


_made: dict[int, Cards] = {}


@cache
def install() -> None:
    """Lets screen readers see every canvas that is made from now on. Nothing is made before one asks."""
    QAccessible.installFactory(_interface)


def _interface(_key: str, thing: QObject) -> QAccessibleInterface | None:
    from widgets.editor.canvas import Canvas

    if not isinstance(thing, Canvas):
        return None
    key = id(thing)
    _made[key] = Cards(thing)
    thing.destroyed.connect(lambda: _made.pop(key, None))
    return _made[key]
