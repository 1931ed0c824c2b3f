"""Comparing: what differs between this network and another one, listed at the side and drawn on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QGridLayout, QListWidget, QListWidgetItem

from graphs.comparing.compare import Comparison
from graphs.comparing.compare_words import Line
from graphs.document import Change
from graphs.network import Network
from studio.comparing import Comparer, Found
from studio.project import Project, ProjectFault
from widgets.editor.canvas import Canvas
from widgets.editor.painting.difference import Difference, Different
from widgets.jobs import Job
from widgets.look.style import clear, label
from widgets.panels.aside import Aside
from widgets.panels.comparing_rows import HEADING, ROW, Painted, Row, rows_of

SETTLED = 250
"""Milliseconds after the last change until the comparison is made again."""


class Comparing(Aside):
    """`other` is what the project is compared with, in words; `opened` opens it, away from the GUI's thread."""

    def __init__(self, canvas: Canvas, project: Project, other: str, opened: Callable[[], Project]) -> None:
        super().__init__(f"Compared with {other}")
        self.found: Found | None = None
        self._canvas, self._project, self._comparer = canvas, project, Comparer(opened)
        self._job = Job(self)
        self._job.done.connect(self.show_found)
        self._job.failed.connect(self._fail)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLED)
        self._soon.timeout.connect(self.renew)
        self._lay_out()
        self._unsubscribe = project.document.subscribe(self._follow)
        canvas.room_changed.connect(self._draw)
        self.renew()

    # What is shown

    def renew(self) -> None:
        """Compare as the network stands now."""
        network, catalogue, comparer = self._project.network, self._project.catalogue, self._comparer
        self._job.start(lambda _report: comparer.look(network, catalogue), "comparing")

    def show_found(self, found: Found) -> None:
        """List and draw what differs."""
        self.found = found
        kept = self.list.currentRow()
        self.list.clear()
        rows = rows_of(found)
        for row in rows:
            self._add(row)
        self.says.setText(_sentence(rows))
        self._show_totals(found)
        self._draw()
        if 0 <= kept < self.list.count():
            self.list.setCurrentRow(kept)

    def leave(self) -> None:
        self._soon.stop()
        self._job.cancel()
        self._unsubscribe()
        self._canvas.room_changed.disconnect(self._draw)
        self._canvas.lay_over(None)

    def focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # Going from one to the next

    def step(self, by: int) -> None:
        """Go to the next difference (1) or the one before (-1), around the end."""
        places = [i for i in range(self.list.count()) if self.list.item(i).flags() & Qt.ItemFlag.ItemIsSelectable]
        if not places:
            return
        here = self.list.currentRow()
        ahead = [i for i in places if (i > here if by > 0 else i < here)]
        row = (ahead or places)[0 if by > 0 else -1]
        self.list.setCurrentRow(row)
        self._go(self.list.item(row))

    def _go(self, item: QListWidgetItem) -> None:
        row: Row = item.data(ROW)
        over = self._canvas.overlay
        if row.line is None or not isinstance(over, Difference):
            return
        line = row.line
        over.focus = line.end or line.node
        if line.what == "block":
            over.focus = next((n.id for n in self._canvas.scene.network.nodes.values() if n.block == line.node), None)
        place = over.rect_of(over.focus)
        if not place.isEmpty():
            self._canvas.reveal_rect(place)
        self._canvas.update()

    # Inner workings

    def _lay_out(self) -> None:
        self.says = label("Comparing…", tone="dim", wrap=True)
        self.totals = QGridLayout()
        self.totals.setContentsMargins(16, 4, 16, 8)
        self.totals.setHorizontalSpacing(12)
        self.totals.setVerticalSpacing(4)
        self.totals.setColumnStretch(1, 1)
        self.list = QListWidget()
        self.list.setAccessibleName("Differences")
        self.list.setItemDelegate(Painted(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.says.setContentsMargins(16, 0, 16, 4)
        self.box.addWidget(self.says)
        self.box.addLayout(self.totals)
        self.box.addWidget(self.list, 1)

    def _add(self, row: Row) -> None:
        item = QListWidgetItem(row.title)
        item.setData(ROW, row)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, row.words)
        item.setToolTip(row.words)
        if row.sign == HEADING:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.list.addItem(item)

    def _show_totals(self, found: Found) -> None:
        clear(self.totals)
        for row, said in enumerate(found.totals):
            self.totals.addWidget(label(said.title, tone="dim"), row, 0)
            same = said.before == said.after
            value = label(said.after if same else f"{said.before} → {said.after}")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.totals.addWidget(value, row, 1)

    def _draw(self, *_room: object) -> None:
        """Draw what differs at the level the canvas shows: the network, or the inside of a block."""
        if self.found is None:
            return
        shown = level(self.found, self._canvas.path)
        if shown is None:
            self._canvas.lay_over(None)
            return
        comparison, before, lines = shown
        words = {line.node: _short(line) for line in lines if line.what == "node" and line.sort == "changed"}
        analysis = self.found.before.analysis if not self._canvas.path else None
        different = Different(comparison, before, self.found.before.catalogue, analysis, words)
        self._canvas.lay_over(Difference(different, self._canvas.scene, self.closed.emit))

    def _follow(self, _change: Change) -> None:
        self._soon.start()

    def _fail(self, error: Any) -> None:
        self.found = None
        self.list.clear()
        self._canvas.lay_over(None)
        self.says.setText(str(error) if isinstance(error, ProjectFault) else f"They cannot be compared: {error}")


def level(found: Found, path: tuple[str, ...]) -> tuple[Comparison, Network, tuple[Line, ...]] | None:
    """What differs in the network itself, or inside the block at a path; None where nothing does."""
    if not path:
        return found.comparison, found.before.network, found.lines
    from graphs.reuse.rooms import block_at

    block = block_at(found.after.network, path)
    change = found.comparison.blocks.get(block) if block is not None else None
    if change is None or change.inner is None or change.before is None:
        return None
    lines = next((line.within for line in found.lines if line.what == "block" and line.node == block), ())
    return change.inner, change.before.network, lines


def _short(line: Line) -> str:
    """What stands under a card: the first value that differs, and how many more do."""
    more = len(line.details) - 1
    return f"{line.details[0]}{f' and {more} more' if more else ''}"


def _sentence(rows: list[Row]) -> str:
    count = sum(row.sign != HEADING for row in rows)
    if not count:
        return "Nothing is different."
    return f"{count} difference{'' if count == 1 else 's'}. F7 goes to the next one, Esc ends."
