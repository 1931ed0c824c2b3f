"""The rows of a comparison: headings, and one row for each difference with a sign, a title and what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from widgets import theme
from widgets.panels.aside import paint_row

if TYPE_CHECKING:
    from graphs.comparing.compare_words import Line
    from studio.comparing import Found

ROW = Qt.ItemDataRole.UserRole
HEADING = ""
SIGNS = {"added": "+", "removed": "−", "changed": "~", "moved": "·"}
TONES = {"+": "good", "−": "bad", "~": "warn", "·": "faint", "→": "accent", "✓": "good", "!": "bad"}
MOST = 400
"""More rows than this under one heading are counted instead of listed."""


@dataclass(frozen=True)
class Row:
    """A heading (without a sign) or a difference."""

    sign: str
    title: str
    details: tuple[str, ...] = ()
    line: Line | None = None
    more: str = ""
    """What is said where it is pointed at, alone."""

    @property
    def words(self) -> str:
        """The row for a screen reader and for its tooltip."""
        sort = f", {self.line.sort}" if self.line is not None else ""
        return ". ".join([f"{self.title}{sort}", *self.details, *([self.more] if self.more else [])])


def rows_of(found: Found) -> list[Row]:
    """All rows, under headings: what is added first, what only follows from it last."""
    from graphs.comparing.compare_words import Line

    rows: list[Row] = []
    nodes = [line for line in found.lines if line.what == "node"]
    for heading, lines in (
        ("Added", [n for n in nodes if n.sort == "added"]),
        ("Removed", [n for n in nodes if n.sort == "removed"]),
        ("Changed", [n for n in nodes if n.sort == "changed"]),
        ("Wires", [n for n in found.lines if n.what == "wire"]),
        ("Blocks", [n for n in found.lines if n.what == "block"]),
        ("Frames and notes", [n for n in found.lines if n.what == "mark"]),
        ("Project", [n for n in found.lines if n.what == "setting"]),
    ):
        _put(rows, heading, (row for line in lines for row in _rows(line, found)))
    follows = found.after.network.nodes
    _put(rows, "Follows from it", (
        Row("→", follows[i].title, tuple(map(str, found.costs(i))), Line("changed", "node", follows[i].title, node=i))
        for i in found.follows if found.costs(i)
    ))  # fmt: skip
    _put(rows, "Only moved", (Row("·", n.title, (), n) for n in nodes if n.sort == "moved"))
    return rows


def _put(rows: list[Row], heading: str, made: Iterable[Row]) -> None:
    found = list(made)
    if not found:
        return
    rows.append(Row(HEADING, f"{heading} ({len(found):,})"))
    rows += found[:MOST]
    if len(found) > MOST:
        rows.append(Row(HEADING, f"and {len(found) - MOST:,} more"))


def _rows(line: Line, found: Found, inside: str = "") -> Iterator[Row]:
    costs = found.costs(line.node) if line.what == "node" and not inside else ()
    kind = tuple(said.after or said.before for said in line.details) if line.sort in ("added", "removed") else None
    details = kind if kind is not None and line.what == "node" else tuple(map(str, line.details))
    title = f"{inside} / {line.title}" if inside else line.title
    yield Row(SIGNS[line.sort], title, (*details, *map(str, costs)), line if not inside else None)
    for inner in line.within:
        yield from _rows(inner, found, line.title.removeprefix("Block "))


class Painted(QStyledItemDelegate):
    """Sign, title, and below it one dim line for each detail."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row: Row = index.data(ROW)
        lines = len(row.details)
        return QSize(120, _height(13.0) + (14 if row.sign == HEADING else 10) + lines * _height(11.5))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, look = index.data(ROW), theme.current()
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        if row.sign == HEADING:
            room = area.adjusted(16, 8, -12, 0)
            _write(painter, room, row.title, 11.5, look.dim, bold=True)
        else:
            paint_row(painter, option)
            top = QRectF(area.left() + 14, area.top() + 5, area.width() - 26, _height(13.0))
            _write(painter, top, row.sign, 13, getattr(look, TONES[row.sign]), bold=True)
            top.setLeft(top.left() + 20)
            _write(painter, top, row.title, 13, look.text)
            for place, words in enumerate(row.details):
                below = top.translated(0, _height(13.0) + place * _height(11.5))
                below.setHeight(_height(11.5))
                _write(painter, below, words, 11.5, look.dim)
        painter.restore()


def _height(size: float) -> int:
    return QFontMetrics(theme.font(size)).height() + 1


def _write(painter: QPainter, box: QRectF, words: str, size: float, colour: str, bold: bool = False) -> None:
    painter.setFont(theme.font(size, QFont.Weight.DemiBold if bold else QFont.Weight.Normal))
    painter.setPen(theme.qcolor(colour))
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
