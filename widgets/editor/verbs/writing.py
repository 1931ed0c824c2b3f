"""Writing on the canvas: a field laid over a frame's title or over a note, gone when the person is done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from graphs.edits import SetMarks
from graphs.network import Frame, Note
from widgets import theme
from widgets.editor.painting.markpaint import note_colours, text_height
from widgets.forms.keys import belongs_to_window

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

Field = QLineEdit | QPlainTextEdit
LEAST, MOST = 11.0, 28.0
"""How large letters are while they are typed, in pixels on the screen."""
ENDING = (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Writing(QObject):
    """At most one field at a time. What is typed becomes one edit when the field goes."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._merge: str | None = None
        self.field: Field | None = None
        self.mark = ""

    def begin(self, id: str, merge: str | None = None) -> None:
        """Opens a frame's title or a note; with `merge` what is typed is one step with an edit under that key."""
        self.finish()
        mark = self._canvas.marks.known.get(id)
        if mark is None:
            return
        self.mark, self._merge = id, merge
        self.field = self._title(mark) if isinstance(mark, Frame) else self._text(mark)
        self.field.installEventFilter(self)
        self.place()
        self.field.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._canvas.scene.revision += 1
        self._canvas.update()

    def _title(self, mark: Frame) -> QLineEdit:
        field = QLineEdit(mark.title, self._canvas)
        field.setPlaceholderText("Title")
        field.setAccessibleName("Title of the frame")
        field.selectAll()
        return field

    def _text(self, mark: Note) -> QPlainTextEdit:
        field = QPlainTextEdit(mark.text, self._canvas)
        field.setPlaceholderText("Write a note. Esc ends it.")
        field.setAccessibleName("Text of the note")
        field.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        field.moveCursor(QTextCursor.MoveOperation.End)
        return field

    def place(self) -> None:
        """Lays the field over what is written, as the camera sees it now."""
        canvas, scale = self._canvas, self._canvas.camera.scale
        mark = canvas.marks.known.get(self.mark)
        if self.field is None or mark is None:
            return
        letters = round(min(MOST, max(LEAST, (13.5 if isinstance(mark, Frame) else 12.0) * scale)))
        if isinstance(mark, Frame):
            box = canvas.camera.view_rect(canvas.marks.strip(self.mark, scale))
            height = max(26.0, letters + 12.0)
            box = QRectF(box.left() + 4, box.center().y() - height / 2, min(360.0, max(140.0, box.width() - 8)), height)
            self.field.setStyleSheet(f"font-size: {letters}px; font-weight: 600; padding: 0 5px;")
        else:
            box = canvas.camera.view_rect(canvas.marks.note(self.mark))
            box.setSize(box.size().expandedTo(QRectF(0, 0, 180, 72).size()))
            ground = note_colours(mark.colour)[0]
            self.field.setStyleSheet(
                f"font-size: {letters}px; background: {ground}; color: {theme.current().text};"
                f" border: 1px solid {theme.current().accent}; padding: {round(4 * scale)}px {round(7 * scale)}px;"
            )
        self.field.setGeometry(box.toAlignedRect())

    def finish(self, keep: bool = True) -> None:
        """Takes the field away; what was typed counts unless `keep` is false."""
        field, self.field = self.field, None
        if field is None:
            return
        text = field.text().strip() if isinstance(field, QLineEdit) else field.toPlainText().rstrip()
        field.removeEventFilter(self)
        focused = field.hasFocus()
        field.hide()
        field.deleteLater()
        id, self.mark = self.mark, ""
        if focused:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        if keep:
            self._write(id, text)
        self._canvas.scene.revision += 1
        self._canvas.update()

    def _write(self, id: str, text: str) -> None:
        mark = self._canvas.marks.known.get(id)
        if isinstance(mark, Frame) and text != mark.title:
            self._canvas.apply(SetMarks({id: replace(mark, title=text)}, f"Call the frame “{text}”"), self._merge)
        elif isinstance(mark, Note) and text != mark.text:
            height = max(mark.size[1], text_height(text, mark.size[0]))
            after = replace(mark, text=text, size=(mark.size[0], float(round(height / 8 + 0.49) * 8)))
            self._canvas.apply(SetMarks({id: after}, "Write a note"), self._merge)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() in ENDING or not (belongs_to_window(event) or _function_key(event)))
            return True  # while somebody writes no letter is a command; what types nothing is the window's
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        passing = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent) and event.reason() not in passing:
            self.finish()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """Escape leaves a title as it was and ends a note; Enter ends a title, Ctrl+Enter both; Tab types nothing."""
        title = isinstance(self.field, QLineEdit)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.finish(keep=not title)
        elif event.key() == Qt.Key.Key_Tab or (enter and (title or control)):
            self.finish()
        else:
            return False
        return True


def _function_key(event: QKeyEvent) -> bool:
    return Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
