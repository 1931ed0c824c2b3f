"""What the transport bar says: in as many words as there is room for, so that the sense stays when the bar is short."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.look.style import Elided

MISFIT = re.compile(r"The samples are (?P<has>.+?), but the network takes (?P<takes>.+?)(?:: .*)?\.?$")


class Where(Elided):
    """One line in the longest of its wordings that fits. `clicked()`: somebody wants to know more of what it says."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setProperty("tone", "dim")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._forms: tuple[str, ...] = ("",)

    def say(self, forms: Sequence[str], tip: str = "", *, more: bool = False) -> None:
        """Say this, the longest wording first; `more`: a click tells more."""
        whole = forms[0]
        self._forms = tuple(forms)
        if self.text() != whole:
            self.setText(whole)
        self.set_tip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor if more else Qt.CursorShape.ArrowCursor)
        self.setProperty("more", more)
        self.setAccessibleName(whole)

    @property
    def shown(self) -> str:
        """The wording that fits now; the shortest where none does."""
        forms = self._forms if self.text() == self._forms[0] else (self.text(),)
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        return next((form for form in forms if metrics.horizontalAdvance(form) <= room), forms[-1])

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_text(self.shown)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.property("more") and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


def wordings(message: str, others: int = 0) -> tuple[str, ...]:
    """A problem in ever fewer words: with how many `others` there are beside it, as it is, without its advice, then
    what it comes down to."""
    found = MISFIT.match(message)
    if found:
        has, takes = found["has"], found["takes"]
        return (
            message, f"The samples are {has}, but the network takes {takes}", f"Samples {has}, network {takes}",
            f"Data {has}, not {takes}", "The data does not fit",
        )  # fmt: skip
    first = re.split(r"(?<=[^.])[.;] ", message, maxsplit=1)[0]
    more = f"{message} And {others} more." if others else message
    return tuple(dict.fromkeys((more, message, first)))


def passages(parts: Sequence[str], status: Any) -> tuple[str, ...]:
    """Where a run is in ever fewer words: without its speed, then without the step."""
    if len(parts) == 4 and status.state == "running":
        epoch, step, _, left = parts
        return " · ".join(parts), f"{epoch} · {step} · {left}", f"{epoch} · {left}", epoch
    return (" · ".join(parts), *(" · ".join((parts[0], parts[-1])) for _ in range(len(parts) > 2)), parts[0])
