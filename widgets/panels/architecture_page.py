"""An architecture before it is drawn: its paper, its picture, its fields as a form, and what these come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from graphs.architectures import Architecture
from graphs.architectures.weights import weights_of
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from widgets import theme
from widgets.forms.fields import Combo
from widgets.forms.form import Form
from widgets.jobs import Job
from widgets.look.scrolling import Scrolled
from widgets.look.style import label, set_tone
from widgets.panels.thumbnail import thumbnail

PAUSE = 150
"""Milliseconds after the last change of a field until the network is measured."""
PICTURE = 150


class Measured(NamedTuple):
    """A network drawn with the fields that a person chose, and what it comes to."""

    network: Network
    catalogue: Catalogue
    parameters: int
    multiply_adds: int
    problem: str


def measured(architecture: Architecture) -> Measured:
    """Draws and measures; for a thread."""
    from graphs.inference.shapes import Inference

    network, catalogue = architecture.network(), standard().copy()
    catalogue.know(network)
    analysis = Inference(catalogue).analyse(network)
    problem = next((str(p) for p in analysis.problems if p.severity == "error"), "")
    return Measured(network, catalogue, analysis.parameters, analysis.multiply_adds, problem)


class ArchitecturePage(QWidget):
    """Shows one architecture after the other; `architecture` is what the form says now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind: type[Architecture] | None = None
        self.form: Form | None = None
        self.found: Measured | None = None
        self.title, self.text = label(size="large"), label(wrap=True)
        self.paper = label(tone="faint", wrap=True)
        self.paper.setOpenExternalLinks(True)
        self.paper.setTextFormat(Qt.TextFormat.RichText)
        self.picture = QLabel()
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.picture.setFixedHeight(PICTURE)
        self.facts = label(tone="dim", wrap=True)
        self.facts.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.weights = Combo()
        self.weights.setAccessibleName("Weights")
        self.weights_row = QWidget()
        self.job = Job(self)
        self.job.done.connect(self._show_found)
        self.job.failed.connect(self._show_failed)
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.setInterval(PAUSE)
        self.pause.timeout.connect(self.measure)
        self.ready: Callable[[bool], None] = lambda _ready: None
        """Told whether there is a network to add or open."""
        self._lay_out()

    def show_architecture(self, kind: type[Architecture], variant: str) -> None:
        """Ask for the fields of this one."""
        self.kind, self.found = kind, None
        self.title.setText(kind.title)
        self.text.setText(kind.help)
        paper = kind.paper
        cited = f"{paper.authors}: {paper.title}, {paper.year}."
        link = f' <a style="color:{theme.current().accent}" href="{paper.url}">Read it</a>' if paper.url else ""
        self.paper.setText(cited + link)
        hidden = () if len(kind.variants()) > 1 else ("variant",)
        form = Form(kind, {"variant": variant}, hidden=hidden)
        form.changed.connect(lambda _name, _value: self.pause.start())
        if self.form is not None:
            self.fields.removeWidget(self.form)
            self.form.deleteLater()
        self.form = form
        self.fields.insertWidget(0, form)
        form.changed.connect(lambda name, _value: self._list_weights() if name == "variant" else None)
        self._list_weights()
        self.picture.clear()
        self.measure()

    def architecture(self) -> Architecture:
        """What the form says."""
        assert self.kind is not None and self.form is not None
        return self.kind.model_validate(self.form.values())

    def values(self) -> dict[str, Any]:
        """What the form says, as plain JSON, without what is as it is by itself."""
        return self.architecture().model_dump(mode="json", exclude_defaults=True)

    def first_weights(self) -> str:
        """The name of the published weights that it shall begin with; empty for fresh ones."""
        return str(self.weights.currentData() or "")

    def measure(self) -> None:
        """Draw and measure what the form says, away from the window."""
        self.pause.stop()
        self.ready(False)
        set_tone(self.facts, "dim")
        self.facts.setText("Measuring…")
        architecture = self.architecture()
        self.job.start(lambda _report: measured(architecture), "architecture")

    def commit(self) -> None:
        """Take what is still being typed; a change of it is measured at once."""
        if self.form is not None:
            self.form.commit()
        if self.pause.isActive():
            self.measure()

    def _list_weights(self) -> None:
        """What is published for the variant that is chosen; another choice begins with fresh weights."""
        known = weights_of(self.architecture().variant)
        self.weights.blockSignals(True)
        self.weights.clear()
        self.weights.addItem("Fresh", "")
        for each in known:
            self.weights.addItem(each.words, each.name)
            self.weights.setItemData(self.weights.count() - 1, each.terms or each.url, Qt.ItemDataRole.ToolTipRole)
        self.weights.blockSignals(False)
        self.weights_row.setVisible(bool(known))

    def _show_found(self, found: Measured) -> None:
        assert self.kind is not None
        self.found = found
        size = QSize(max(self.picture.width(), 320), PICTURE)
        self.picture.setPixmap(thumbnail(found.network, found.catalogue, size, self.devicePixelRatioF()))
        set_tone(self.facts, "warn" if found.problem else "dim")
        said = f"{found.parameters:,} parameters · {found.multiply_adds / 1e9:,.2f} billion multiply-adds a sample"
        self.facts.setText(found.problem or said + self._source(found.parameters))
        self.ready(True)

    def _source(self, parameters: int) -> str:
        """Where the figure is published, where it is the published one."""
        assert self.kind is not None
        published = self.kind.published.get(self.architecture().variant)
        return f"\n{published.source}" if published is not None and published.count == parameters else ""

    def _show_failed(self, fault: Exception) -> None:
        set_tone(self.facts, "warn")
        self.facts.setText(f"It cannot be drawn like this: {fault}")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.title, self.text, self.paper, self.picture, self.facts):
            column.addWidget(widget)
        inside = QWidget()
        inside.setObjectName("clear")
        self.fields = QVBoxLayout(inside)
        self.fields.setContentsMargins(0, 0, 8, 0)
        across = QHBoxLayout(self.weights_row)
        across.setContentsMargins(0, 0, 0, 4)
        across.setSpacing(0)
        across.addWidget(label("Weights", tone="dim"), 204)
        across.addWidget(self.weights, 261)
        self.weights.setMinimumContentsLength(8)
        self.weights.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.weights_row.setObjectName("clear")
        self.fields.addWidget(self.weights_row)
        self.fields.addStretch(1)
        column.addWidget(Scrolled(inside), 1)
