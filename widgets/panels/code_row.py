"""Which class a custom layer is, and the ways to its code; hidden for all other layers."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from graphs.inference.mends import Attend
from graphs.inference.problems import Fix
from graphs.layers.base import Layer
from graphs.network import Node
from widgets.look.style import Elided, label
from widgets.panels.consent import EDIT

NOT_YET, GONE = "Not allowed to run yet", "It cannot be read"
WAYS = (
    ("allow", "Look at the code…", "Read it, allow it to run, or take that back"),
    ("choose", "Choose…", "Choose a Python file, and a class in it"),
    ("write", "Write one…", "Write a first layer to begin with"),
    ("edit", EDIT, "Change the code in the program that your system has for it; it is read again when it is saved"),
)


class CodeRow(QWidget):
    """`fix(None, Fix)`: what a person wants to do about the code, as the fix of a problem would ask for it."""

    fix = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._node = ""
        self.where = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self.buttons: dict[str, QPushButton] = {}
        column, above, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        above.addWidget(label("Class", tone="dim"), 3)
        above.addWidget(self.where, 4)
        column.addLayout(above)
        self.state = label(tone="warn", wrap=True)
        column.addWidget(self.state)
        column.addLayout(below)
        for what, words, tip in WAYS:
            button = QPushButton(words)
            button.setProperty("rank", "small")
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, what=what, words=words: self._ask(what, words))
            if what != "edit":
                below.addWidget(button)
            self.buttons[what] = button
        below.addStretch(1)
        column.addWidget(self.buttons["edit"], 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_node(self, node: Node, kind: type[Layer] | None) -> None:
        """Show the class of this node."""
        self.setVisible(kind is not None and kind.own_code)
        self._node = node.id
        file, name = str(node.fields.get("file", "")), str(node.fields.get("name", ""))
        self.where.setText(f"{name} in {PurePath(file).name}" if file else "none is chosen")
        self.where.set_tip(file)
        self.buttons["allow"].setVisible(bool(file))
        self.buttons["edit"].setVisible(bool(file))
        self.buttons["write"].setVisible(not file)
        code = getattr(kind, "code", None)
        read = code is not None and code.source is not None
        self.state.setText("" if code is not None and code.allowed else NOT_YET if read else GONE)
        self.state.setVisible(bool(file) and bool(self.state.text()))

    def _ask(self, what: str, words: str) -> None:
        self.fix.emit(None, Fix(words, Attend(self._node, what, words)))
