"""The first rows of a table in a file, as they stand there: names of the columns and a few rows under them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.data.base import DataFault
from studio.data.tables import Csv
from widgets import theme

ROWS = 5
NARROW = 56
"""The least width of a column in pixels, before the text size."""


@dataclass(frozen=True)
class Head:
    """Names of all columns, the first rows, and which column is to be learnt."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    target: int


def head_of(spec: Any) -> Head | None:
    """The head of the file of a CSV source; None for other sources and where it can't be read."""
    from studio.data.csvfile import open_table

    if not isinstance(spec, Csv):
        return None
    path = Path(spec.path).expanduser()
    try:
        with path.open("rb") as binary:
            table = open_table(path.name, binary, path.stat().st_size, spec.header)
            rows = tuple(tuple(cells) for _number, cells in islice(table.rows, ROWS))
            target = table.column(spec.target, "target") if spec.target.strip() else table.width - 1
            return Head(table.names, rows, target)
    except (OSError, ValueError, csv.Error, DataFault):
        return None


class HeadView(QWidget):
    """Paints a head; columns without room become one "…", the target always stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head: Head | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("First rows of the table")
        self.hide()

    def show_head(self, head: Head | None) -> None:
        """Show these rows; None hides them."""
        self._head = head
        self.setVisible(head is not None)
        if head is not None:
            self.setFixedHeight((len(head.rows) + 1) * self._line())
            self.setAccessibleDescription(", ".join(head.names))
            self.setToolTip(", ".join(head.names[:60]))
        self.update()

    def columns(self) -> list[int | None]:
        """The columns that are painted at this width, None where some are left out."""
        if self._head is None:
            return []
        count, room = len(self._head.names), max(2, int(self.width() // (NARROW * theme.scale())))
        if count <= room:
            return list(range(count))
        others = [index for index in range(count) if index != self._head.target]
        return [*sorted([*others[: max(1, room - 2)], self._head.target]), None]

    def paintEvent(self, _event: QPaintEvent) -> None:
        columns = self.columns()
        if self._head is None or not columns:
            return
        painter, now = QPainter(self), theme.current()
        wide = self.width() / len(columns)
        for place, column in enumerate(columns):
            words = [cells[column] if column is not None else "…" for cells in (self._head.names, *self._head.rows)]
            self._column(painter, place * wide, wide - 6, words, column == self._head.target)
        painter.fillRect(QRectF(0, self._line() - 1, self.width(), 1), theme.qcolor(now.line))
        painter.end()

    def _column(self, painter: QPainter, x: float, width: float, words: list[str], target: bool) -> None:
        now = theme.current()
        for row, word in enumerate(words):
            painter.setFont(theme.font(12, QFont.Weight.DemiBold if row == 0 else QFont.Weight.Normal))
            painter.setPen(theme.qcolor(now.accent if target else now.text if row == 0 else now.dim))
            metrics = QFontMetrics(painter.font())
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(x, row * self._line(), width, self._line()), Qt.AlignmentFlag.AlignVCenter, shown)

    def _line(self) -> int:
        return self.fontMetrics().height() + 6
