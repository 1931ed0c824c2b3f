"""The way into a room, over the canvas's top left corner: Network › Stage 1 › Residual; a click goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from graphs.reuse.rooms import Path, Step
from widgets import theme
from widgets.look.style import clear

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

INSET = 12


class Breadcrumb(QFrame):
    """A bar that is only there inside a block; its last step is where one stands."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._shown: tuple[list[Step], str] | None = None
        self.setObjectName("breadcrumb")
        self.setAccessibleName("Where you are")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 3, 12, 3)
        self._row.setSpacing(0)
        theme.notifier().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_way(self, steps: list[Step], hint: str) -> None:
        """Shows these steps, and quietly what a change in here means; nothing at the top."""
        if (steps, hint) == self._shown:
            return
        self._shown = (steps, hint)
        clear(self._row)
        for number, step in enumerate(steps[:-1]):
            self._row.addWidget(self._link(step))
            self._row.addWidget(_word("›", "crumbArrow"))
            if number == 0:
                self.setTabOrder(self._canvas, self._row.itemAt(0).widget())
        if steps:
            self._row.addWidget(_word(steps[-1].title, "crumbHere"))
        if hint:
            self._row.addSpacing(12)
            self._row.addWidget(_word(hint, "crumbHint"))
        self.setVisible(len(steps) > 1)
        self.place()

    def place(self) -> None:
        """Keeps the bar within the canvas: the hint goes first where there is too little room."""
        if self.isHidden():
            return
        room = self._canvas.width() - 2 * INSET
        for hint in self.findChildren(QLabel, "crumbHint"):
            hint.show()
        self._row.activate()
        if self.sizeHint().width() > room:
            for hint in self.findChildren(QLabel, "crumbHint"):
                hint.hide()
        self.setGeometry(INSET, INSET, min(self.sizeHint().width(), room), self.sizeHint().height())
        self.raise_()

    def links(self) -> list[QToolButton]:
        """The steps that a click goes to, the whole network first."""
        return [self._row.itemAt(i).widget() for i in range(self._row.count())  # type: ignore[misc]
                if isinstance(self._row.itemAt(i).widget(), QToolButton)]  # fmt: skip

    def here(self) -> QRectF | None:
        """Where the name of the room stands, in the canvas's pixels; None outside of blocks."""
        found = self.findChild(QLabel, "crumbHere") if self.isVisible() else None
        if found is None:
            return None
        box = QRectF(found.geometry()).translated(self.geometry().topLeft())
        return box.adjusted(-2, 0, max(0.0, 150 - box.width()), 0)

    def _link(self, step: Step) -> QToolButton:
        button = QToolButton()
        button.setText(step.title)
        button.setAccessibleName(f"Go to {step.title}")
        button.setToolTip(f"Go to {step.title} (Esc leaves one step)")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAutoRaise(True)
        button.clicked.connect(lambda _=False, path=step.path: self._go(path))
        return button

    def _go(self, path: Path) -> None:
        self._canvas.set_room(path)
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _restyle(self) -> None:
        look = theme.current()
        self.setStyleSheet(
            f"#breadcrumb {{ background: {look.panel}; border: 1px solid {look.line}; border-radius: 8px; }}"
            f"#breadcrumb QToolButton {{ border: none; border-radius: 5px; padding: 3px 6px; color: {look.dim}; }}"
            f"#breadcrumb QToolButton:hover {{ background: {look.raised}; color: {look.text}; }}"
            f"#breadcrumb QToolButton:focus {{ border: 1px solid {look.accent}; padding: 2px 5px; }}"
            f"#breadcrumb QLabel {{ background: transparent; }}"
            f"#crumbArrow {{ color: {look.faint}; padding: 0 1px; }}"
            f"#crumbHere {{ color: {look.text}; font-weight: 600; padding: 3px 6px; }}"
            f"#crumbHint {{ color: {look.dim}; }}"
        )
        self.place()


def _word(text: str, name: str) -> QWidget:
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
