"""What every view can save: its picture as PNG and SVG, its numbers as CSV; and the menu that offers it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import (
    QFileDialog,
    QMenu,
    QWidget,
)

from widgets.views import export
from widgets.views.states import Caption, Message


class Saving(QWidget):
    """The part of a view that saves; the view says what is shown."""

    name: ClassVar[str]
    title: ClassVar[str]
    message: Message
    caption: Caption
    _result: Any
    _step: int | None

    def body(self) -> QWidget:
        """The widget that shows results."""
        raise NotImplementedError

    def _show_body(self) -> None:
        raise NotImplementedError

    def table(self) -> Any:
        """The numbers shown, as a header and rows; None while there is nothing."""
        return self._result.table() if self._result is not None else None

    def picture(self, scale: float = 2.0) -> QImage:
        """What is shown, under its headline, as an image."""
        return export.picture(self._exported(), self._head, scale)

    def save_picture(self, path: Path | str) -> None:
        """Save what is shown as .png or .svg. Raises export.UnknownFormatError, OSError."""
        export.save_picture(self._exported(), self._head, Path(path))

    def save_table(self, path: Path | str) -> None:
        """Save the numbers shown as CSV. Raises ValueError while there are none, OSError."""
        table = self.table()
        if table is None:
            raise ValueError(f"{self.title} has no numbers to save yet.")
        export.save_csv(Path(path), table.header, table.rows)

    def file_stem(self) -> str:
        """A name for files saved from here."""
        return self.name if self._step is None else f"{self.name}-step{self._step}"

    def actions_menu(self) -> QMenu:
        """Save and copy; the menu of the button and of the right mouse button."""
        menu = QMenu(self)
        has = self._result is not None
        for words, act, enabled in (
            ("Save picture…", self._ask_picture, has),
            ("Save numbers as CSV…", self._ask_table, has),
            ("Copy picture", self._copy, has),
        ):
            action = QAction(words, menu)
            action.setEnabled(enabled)
            action.triggered.connect(act)
            menu.addAction(action)
        return menu

    def _head(self, painter: QPainter, rect: QRectF) -> None:
        self.caption.draw(painter, rect)

    def _exported(self) -> QWidget:
        self._show_body() if self._result is not None else None
        return self.body() if self._result is not None else self.message

    def _open_menu(self, position: QPoint) -> None:
        self._open_menu_at(self.body(), position)

    def _open_menu_at(self, widget: QWidget, position: QPoint) -> None:
        menu = self.actions_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(widget.mapToGlobal(position))

    def _ask_picture(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Save picture", f"{self.file_stem()}.svg", "Vector picture (*.svg);;Picture (*.png)"
        )
        if path:
            self._try(lambda: self.save_picture(path))

    def _ask_table(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save numbers", f"{self.file_stem()}.csv", "Numbers (*.csv)")
        if path:
            self._try(lambda: self.save_table(path))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.picture())

    def _try(self, act: Callable[[], None]) -> None:
        """Save, or say in a box why not."""
        from PySide6.QtWidgets import QMessageBox

        try:
            act()
        except (OSError, ValueError) as error:
            QMessageBox.warning(self, "Not saved", str(error))
