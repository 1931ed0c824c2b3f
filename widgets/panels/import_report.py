"""What came of an import, for whoever wants to know: what it was, what it became, what no layer says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.importing.importing import Arrival, called
from studio.importing.likeness import told
from widgets.look.scrolling import Scrolled
from widgets.look.style import label, rule

MOST_ROWS = 40


class ImportReport(QDialog):
    """Quiet: it is only shown when it is asked for."""

    def __init__(self, arrival: Arrival, apart: float | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(arrival.project.name, size="large"))
        if arrival.imported.origin:
            column.addWidget(label(arrival.imported.origin, tone="dim", wrap=True))
        column.addLayout(_figures(arrival, apart))
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setSpacing(8)
        if arrival.operations:
            rows.addWidget(label("Operations that no layer says", heading=True))
            rows.addWidget(label("They compute what they did, and can be trained; they have no fields to turn.",
                                 tone="dim", wrap=True))  # fmt: skip
            rows.addLayout(_table(arrival))
        if arrival.imported.notes:
            rows.addWidget(label("What else to know", heading=True))
            for note in arrival.imported.notes[:MOST_ROWS]:
                rows.addWidget(label(note, wrap=True))
        if arrival.operations or arrival.imported.notes:
            rows.addStretch(1)
            column.addWidget(rule())
            column.addWidget(Scrolled(inside), 1)
        else:
            column.addStretch(1)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(close)
        column.addLayout(across)
        self.resize(480, 420 if arrival.operations or arrival.imported.notes else 220)


def _figures(arrival: Arrival, apart: float | None) -> QGridLayout:
    weights = arrival.imported.weights
    numbers = sum(tensor.numel() for tensor in weights.values())
    rows = [
        ("Layers", f"{arrival.layers:,}"),
        ("Operations", f"{arrival.operations:,}"),
        ("Weights", f"{numbers:,} numbers in {len(weights):,} tensors"),
        ("Against the original", told(apart) or "Not compared."),
    ]
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(rows):
        grid.addWidget(label(name, tone="dim"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(value, wrap=True), row, 1)
    return grid


def _table(arrival: Arrival) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setColumnStretch(0, 1)
    found = arrival.imported.operations.most_common()
    for row, (name, count) in enumerate(found[:MOST_ROWS]):
        grid.addWidget(label(called(name)), row, 0)
        grid.addWidget(label(f"{count:,} ×", tone="dim"), row, 1, Qt.AlignmentFlag.AlignRight)
    if len(found) > MOST_ROWS:
        grid.addWidget(label(f"and {len(found) - MOST_ROWS:,} more", tone="dim"), MOST_ROWS, 0)
    return grid
