"""The status bar: size of the network, its problems, whether it compiles and exports."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from graphs.network import Network
from widgets.look.icons import pixmap
from widgets.look.style import Elided, Panel, clear, flat_button, label, set_tone


class StatusBar(Panel):
    """`go(node)`: a problem was clicked. `fix(problem, fix)`: its remedy was chosen."""

    go = Signal(str)
    fix = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("status", across=True, parent=parent)
        self._grow()
        self.box.setContentsMargins(16, 0, 16, 0)
        self.summary = Elided()
        self.summary.setProperty("tone", "dim")
        self.problems = flat_button(tip="Problems of the network")
        self.problems.clicked.connect(self.open_problems)
        self.compiles = label()
        self.exports = label()
        self.box.addWidget(self.summary, 1)
        for widget in (self.problems, self.compiles, self.exports):
            self.box.addWidget(widget)
        self.popup = ProblemList(self)
        self.popup.go.connect(self.go)
        self.popup.fix.connect(self.fix)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._grow()

    def _grow(self) -> None:
        self.setFixedHeight(max(32, self.fontMetrics().height() + 16))

    def show_network(self, network: Network, analysis: Any | None) -> None:
        """Show the figures of a network; those that are derived follow with the analysis."""
        self.summary.setText(summary(network, analysis))
        found = analysis.listed if analysis is not None and network.nodes else ()
        self.problems.setVisible(bool(found))
        count = len(found)
        self.problems.setText(f"{count} problem{'' if count == 1 else 's'}")
        set_tone(self.problems, "bad" if any(p.severity == "error" for p in found) else "warn")
        self.popup.show_problems(network, found)
        self._show_verdict(network, analysis)

    def open_problems(self) -> None:
        """List the problems over the bar."""
        self.popup.fit()
        corner = self.problems.mapToGlobal(QPoint(self.problems.width(), -4))
        self.popup.move(corner - QPoint(self.popup.width(), self.popup.height()))
        self.popup.show()

    def _show_verdict(self, network: Network, analysis: Any | None) -> None:
        if analysis is None or not network.nodes:
            self.compiles.setText("")
            self.exports.setText("")
            return
        good = analysis.buildable
        self.compiles.setText("✓ compiles" if good else "does not compile yet")
        self.exports.setText("✓ exports to ONNX" if good else "")
        self.exports.setToolTip("Every layer here has an ONNX form. An export is checked with onnxruntime.")
        set_tone(self.compiles, "good" if good else "faint")
        set_tone(self.exports, "good")


def summary(network: Network, analysis: Any | None) -> str:
    """ "12 nodes · 61,706 parameters · 416,520 multiply-adds · input N×1×28×28"."""
    if not network.nodes:
        return "Empty network"
    count = len(network.nodes)
    parts = [f"{count:,} node{'' if count == 1 else 's'}"]
    if analysis is not None:
        parts += [f"{analysis.parameters:,} parameters", f"{analysis.multiply_adds:,} multiply-adds"]
        if shape := _input_shape(network, analysis):
            parts.append(f"input N×{shape}")
    return " · ".join(parts)


def _input_shape(network: Network, analysis: Any) -> str:
    for node in network.order:
        facts = analysis.facts.get(node)
        if facts is not None and not network.incoming(node) and facts.outputs and not facts.inputs:
            return str(facts.outputs[0])
    return ""


class ProblemList(QFrame):
    """Every problem as one row: what and where, what was expected, and its remedies as buttons."""

    go = Signal(str)
    fix = Signal(object, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(16, 12, 16, 12)
        self.rows.setSpacing(12)

    def fit(self) -> None:
        """Be as tall as the rows are at this width."""
        width = max(440, self.fontMetrics().averageCharWidth() * 70)
        self.rows.activate()
        self.resize(width, self.rows.totalHeightForWidth(width))

    def show_problems(self, network: Network, problems: Any) -> None:
        """List these; the first forty, with the number of the others."""
        clear(self.rows)
        for problem in problems[:40]:
            self.rows.addWidget(ProblemRow(problem, _title(network, problem.node), self, named=True))
        if len(problems) > 40:
            self.rows.addWidget(label(f"and {len(problems) - 40:,} more", tone="dim"))
        if self.isVisible() and not problems:
            self.hide()


class ProblemRow(QWidget):
    """One problem."""

    def __init__(self, problem: Any, title: str, owner: Any, *, named: bool = False) -> None:
        super().__init__()
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        sign = label()
        tone = "bad" if problem.severity == "error" else "warn"
        sign.setPixmap(pixmap("warning", tone, 16, self.devicePixelRatioF()))
        across.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        across.addLayout(column, 1)
        if named and title:
            go = QPushButton(title)
            go.setProperty("link", True)
            go.setCursor(Qt.CursorShape.PointingHandCursor)
            go.clicked.connect(lambda: owner.go.emit(problem.node))
            column.addWidget(go, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label(said_of(title, problem.message), wrap=True))
        if problem.expected and problem.received:
            words = f"Expected {problem.expected}, received {problem.received}."
            column.addWidget(label(words, tone="dim", wrap=True))
        self._add_fixes(column, problem, owner)

    def _add_fixes(self, column: QVBoxLayout, problem: Any, owner: Any) -> None:
        for remedy in problem.fixes:
            button = QPushButton(remedy.label)
            button.setProperty("rank", "small")
            button.clicked.connect(lambda _=False, chosen=remedy: owner.fix.emit(problem, chosen))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)


def said_of(title: str, message: str) -> str:
    """A problem's message where the layer's name stands over it already."""
    if not title:
        return message
    rest = message.removeprefix(f"{title}: ")
    return rest[:1].upper() + rest[1:]


def _title(network: Network, node: str) -> str:
    return network.nodes[node].title if node in network.nodes else ""
