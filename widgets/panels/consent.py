"""Asking whether code may run: the code itself, where it lies, and what agreeing means. Nothing of it has run yet."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from graphs.files.python_files import SourceFile, laid_open
from widgets.look.style import Elided, label
from widgets.panels.highlighter import Highlighter

WARNING = (
    "Python code can do all that you can do on this computer: read, change and delete files, and use the network. "
    "Allow it if you know who wrote it. It is asked again when the file changes."
)
EDIT = "Open in your editor"
NEEDLESS = "You have allowed this code to run. It is asked again when the file changes."


def open_in_editor(path: Path) -> bool:
    """Opens a file in the program with which it is changed; False where there is none.

    Windows runs a Python file that is opened: there it is asked for an editor alone, else the folder is shown.
    """
    if sys.platform == "win32":
        try:
            os.startfile(path, "edit")
        except OSError:
            return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class CodeView(QPlainTextEdit):
    """Source to be read; long lines are wrapped, so that nothing stands out of sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceText")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setAccessibleName("Code that would run")
        self.setToolTip("Only to be read. To change it, open the file in an editor of yours.")
        Highlighter(self.document())


class ConsentDialog(QDialog):
    """Shows Python files and asks whether they may run. `agreed()`: a person has said so of what is shown here.

    `files` are shown as they were read; who agrees, agrees to that text. `known` says that this was done before."""

    agreed = Signal()

    def __init__(self, files: Sequence[SourceFile], parent: QWidget | None = None, *, known: bool = False) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.files = tuple(files)
        self.known = known
        first = self.files[0].path.name
        many = len(self.files) > 1
        self.setWindowTitle("Code of your own" if known else "Allow code to run")
        self.heading = label(first if known else f"Allow {f'these {len(self.files)} files' if many else first} to run?",
                             size="large")  # fmt: skip
        self.warning = label(NEEDLESS if known else WARNING, tone="dim", wrap=True)
        self.list, self.code = QListWidget(), CodeView()
        self.where, self.digest = Elided(mode=Qt.TextElideMode.ElideMiddle), label(tone="faint", size="small")
        self.edit = QPushButton(EDIT)
        self.edit.setProperty("rank", "small")
        self.edit.setAutoDefault(False)
        self.edit.setToolTip("The code here is only to be read. It is read again when the file changes.")
        self.edit.clicked.connect(lambda: open_in_editor(self.files[max(0, self.list.currentRow())].path))
        self.allow, self.refuse = QPushButton("Allow"), QPushButton("Don't allow")
        if known:
            self.refuse.setText("Cancel")
        self._lay_out(many)
        self.list.addItems([file.path.name for file in self.files])
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)
        self._show(0)

    def extra(self) -> QWidget | None:
        """What stands between the code and the buttons."""
        return None

    def usual(self) -> QPushButton | None:
        """The button that Return presses: the safe answer, as Escape gives it, until somebody has agreed."""
        return self.allow if self.known else self.refuse

    def order(self) -> tuple[QPushButton, QPushButton]:
        """The buttons from left to right."""
        return self.refuse, self.allow

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self.files):
            return
        file = self.files[row]
        self.code.setPlainText(laid_open(file.text))
        self.where.setText(str(file.path))
        lines = file.text.count("\n") + 1
        self.digest.setText(f"{lines:,} {'line' if lines == 1 else 'lines'} · SHA-256 {file.digest[:16]}…")
        self.digest.setToolTip(file.digest)

    def _say_yes(self) -> None:
        self.accept()
        self.agreed.emit()

    def _lay_out(self, many: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.warning)
        across = QHBoxLayout()
        across.setSpacing(12)
        self.list.setVisible(many)
        self.list.setAccessibleName("Files that would run")
        self.list.setMaximumWidth(180)
        across.addWidget(self.list)
        across.addWidget(self.code, 1)
        column.addLayout(across, 1)
        below = QHBoxLayout()
        below.addWidget(self.where, 1)
        below.addWidget(self.digest)
        below.addWidget(self.edit)
        column.addLayout(below)
        if (extra := self.extra()) is not None:
            column.addWidget(extra)
        column.addLayout(self._buttons())
        self.resize(760, 620)

    def _buttons(self) -> QHBoxLayout:
        """What the dialog is for stands last and stands out, as everywhere; Return presses the safe answer."""
        row = QHBoxLayout()
        row.addStretch(1)
        for button in self.order():
            row.addWidget(button)
            button.setAutoDefault(False)
        self.order()[-1].setProperty("primary", True)
        chosen = self.usual()
        if chosen is not None:
            chosen.setDefault(True)
            chosen.setFocus()
        self.allow.clicked.connect(self._say_yes)
        self.refuse.clicked.connect(self.reject)
        return row
