"""What the ports of a block are called, in a small form over the canvas; each name is changed as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QLineEdit, QWidget

from graphs.edits import EditError, InBlock, Rename
from graphs.layers.blocks import ports
from widgets import theme
from widgets.look.style import label

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

SIDES = (("BlockInput", "Inputs"), ("BlockOutput", "Outputs"))


class PortNames(QFrame):
    """A field for each port; a name left empty is the port's id again."""

    def __init__(self, canvas: Canvas, block: str) -> None:
        super().__init__(canvas, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._canvas, self._block = canvas, block
        self.fields: dict[str, QLineEdit] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("portNames")
        self.setAccessibleName("Names of the ports")
        look = theme.current()
        self.setStyleSheet(
            f"#portNames {{ background: {look.panel}; border: 1px solid {look.line}; border-radius: 8px; }}"
        )
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(14, 12, 14, 12)
        self._rows.setSpacing(8)
        for kind, title in SIDES:
            self._side(kind, title)
        self.setMinimumWidth(round(260 * theme.scale()))

    def _side(self, kind: str, title: str) -> None:
        definition = self._canvas.root.network.blocks[self._block]
        found = ports(definition, kind)
        if found:
            self._rows.addRow(label(title, tone="dim"))
        for port in found:
            field = QLineEdit(port.title)
            field.setMaxLength(80)
            field.setAccessibleName(f"Name of {port.name}")
            field.editingFinished.connect(lambda id=port.name: self._rename(id))
            self.fields[port.name] = field
            self._rows.addRow(_name(port.name), field)

    def commit(self) -> None:
        """Hand over what was typed."""
        for id in self.fields:
            self._rename(id)

    def _rename(self, id: str) -> None:
        text = self.fields[id].text().strip()
        known = self._canvas.root.network.blocks.get(self._block)
        node = known.network.nodes.get(id) if known is not None else None
        if node is None or text == node.title:
            return
        try:
            self._canvas.root.apply(InBlock(self._block, Rename(id, text)))
        except EditError as error:
            self._canvas.message.emit(str(error))

    def show_at(self, point: QPoint) -> None:
        """Shows the form with its corner at a point of the screen, kept on that screen."""
        self.adjustSize()
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        x = max(room.left(), min(point.x(), room.right() - self.width()))
        y = max(room.top(), min(point.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.PopupFocusReason)
            first.selectAll()


def _name(id: str) -> QWidget:
    made = QLabel(id)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
