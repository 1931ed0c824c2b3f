"""The arithmetic of one node: what goes in and comes out, and each number worked out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from graphs.cards import Line
from graphs.inference.facts import Facts
from graphs.layers.base import Shape
from widgets.look.style import clear, label

UNKNOWN = "The shapes are not known yet. They appear as soon as every input of this layer is connected."

ASLEEP = {
    "bypass": "This layer is bypassed: what comes in goes out as it is.",
    "mute": "This layer is muted: it gives nothing.",
}


def shape_text(shape: Shape | None) -> str:
    """ "N × 6 × 28 × 28"."""
    return "not known" if shape is None else " × ".join(["N", *map(str, shape.dims)])


def flow(facts: Facts) -> str:
    """ "N × 1 × 28 × 28 → N × 6 × 28 × 28"; empty where an input is not known."""
    ends = ["  and  ".join(map(shape_text, shapes)) for shapes in (facts.inputs, facts.outputs) if shapes]
    return "   →   ".join(ends)


class Sums(QWidget):
    """Lines with their results one under the other. They are made again only where their names change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.flow = label(heading=True), label(wrap=True)
        self.unknown = label(UNKNOWN, tone="dim", wrap=True)
        self._names: tuple[str, ...] = ()
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.head, self.flow, self.unknown):
            column.addWidget(widget)
        column.addLayout(self._grid)

    def show_lines(self, title: str, facts: Facts | None, lines: tuple[Line, ...], mode: str = "") -> None:
        """Show the sums of the node of this title; without facts say that they are not known."""
        known = facts is not None and facts.ok
        self.head.setText(title)
        self.flow.setText(flow(facts) if facts is not None and known else "")
        self.flow.setVisible(bool(self.flow.text()))
        self.unknown.setText(ASLEEP.get(mode, UNKNOWN))
        self.unknown.setVisible(not known)
        names = tuple(line.name for line in lines)
        if names != self._names:
            self._make_rows(names)
        for (working, result), line in zip(self._rows, lines, strict=True):
            working.setText(line.note if line.plain else f"{line.working}  =")
            working.setToolTip(line.note)
            tone = "faint" if line.plain else ""
            if working.property("tone") != tone:
                working.setProperty("tone", tone)
                working.style().polish(working)
            result.setText(line.result)

    def text(self) -> str:
        """What is shown, as text."""
        rows = zip(self._names, self._rows, strict=True)
        return "\n".join([self.flow.text(), *(f"{name}: {a.text()} {b.text()}" for name, (a, b) in rows)])

    def _make_rows(self, names: tuple[str, ...]) -> None:
        clear(self._grid)
        self._names, self._rows = names, []
        for row, name in enumerate(names):
            working, result = label(wrap=True), label(heading=True)
            working.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(label(name, tone="dim"), row, 0)
            self._grid.addWidget(working, row, 1)
            self._grid.addWidget(result, row, 2)
            self._rows.append((working, result))
