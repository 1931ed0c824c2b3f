"""A field over the head of a card, or another place, to name what it is; Enter keeps what was typed, Esc does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from widgets.editor.painting.face import HEADER

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

NARROWEST = 150.0


class Naming(QObject):
    """At most one field at a time."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._done: Callable[[str], object] = lambda _text: None
        self._box: Callable[[], QRectF | None] = lambda: None
        self.field: QLineEdit | None = None

    def begin(self, box: Callable[[], QRectF | None], text: str, says: str, done: Callable[[str], object]) -> None:
        """Opens the field over `box` (widget pixels; None: it is not there any more) with `text` in it; `done` gets
        what was typed, where that is another.
        """
        self.finish()
        self._box, self._done = box, done
        self.field = field = QLineEdit(text, self._canvas)
        field.setAccessibleName(says)
        field.setPlaceholderText(says)
        field.setMaxLength(80)
        field.setProperty("before", text)
        field.selectAll()
        field.installEventFilter(self)
        self.place()
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def head(self, id: str) -> QRectF | None:
        """The head of a card as the camera sees it now."""
        item, camera = self._canvas.scene.items.get(id), self._canvas.camera
        if item is None:
            return None
        box = camera.view_rect(item.rect)
        return QRectF(box.left(), box.top(), max(NARROWEST, box.width()), max(28.0, HEADER * camera.scale))

    def place(self) -> None:
        """Lays the field over its place; without that it goes."""
        if self.field is None:
            return
        if (box := self._box()) is None:
            self.finish(keep=False)
        else:
            self.field.setGeometry(box.toAlignedRect())

    def finish(self, keep: bool = True) -> None:
        """Takes the field away; what was typed counts unless `keep` is false."""
        field, self.field = self.field, None
        if field is None:
            return
        text = field.text().strip()
        field.removeEventFilter(self)
        field.deleteLater()
        if field.hasFocus():
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        if keep and text and text != field.property("before"):
            self._done(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter keeps, Esc does not, and going elsewhere keeps; the window's own keys wait."""
        if watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self.finish()
        elif isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        ends = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(ends)  # else Esc and Enter would be the window's
            return ends
        if ends:
            self.finish(keep=event.key() != Qt.Key.Key_Escape)
        return ends
