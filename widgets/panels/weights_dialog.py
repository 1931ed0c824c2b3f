"""Weights that training begins with: published ones or those of a file, loaded beside the window, and what landed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from studio.project import Project
from studio.weights.starting import Start, start_of
from widgets.forms.fields import Combo
from widgets.jobs import Job
from widgets.look import holding
from widgets.look.scrolling import Scrolled
from widgets.look.style import clear, label, set_tone

if TYPE_CHECKING:
    from graphs.files.landing import Landing

FILES = "Weights (*.pth *.pt *.bin *.ckpt *.safetensors)"
FRESH = "Training begins with fresh weights, drawn by the seed of the recipe."
STEPS, MOST_NAMES = 1000, 2000


class Cancelled(Exception):
    """A person does not want it any more."""


class WeightsDialog(QDialog):
    """`chosen(start)`: the network shall begin with these weights, which have landed; None for fresh ones."""

    chosen = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None, start: Start | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Load weights")
        self.setAcceptDrops(True)
        self._project = project
        self._now = _sound_start(project)
        self._stop = Event()
        self._found: tuple[Start, Landing] | None = None
        self.published, self.from_file = QRadioButton("Published"), QRadioButton("A file")
        self.network, self.weights, self.path = Combo(), Combo(), QLineEdit()
        self.browse = QPushButton("Browse…")
        self.about, self.headline = label(tone="dim", wrap=True), label(wrap=True)
        self.bar = QProgressBar()
        self.fresh, self.cancel, self.load = QPushButton("Fresh weights"), QPushButton("Cancel"), QPushButton("Load")
        self.job = Job(self)
        self._lay_out()
        self._join()
        self._fill(start or self._now)
        self.load.setFocus()

    @property
    def start(self) -> Start | None:
        """What is chosen now; None while no file is named."""
        if self.from_file.isChecked():
            text = self.path.text().strip()
            return Start(file=str(Path(text).expanduser().absolute())) if text else None
        return Start(published=self.network.currentData() or "", weights=self.weights.currentData() or "")

    def begin(self) -> None:
        """Load what is chosen."""
        from studio.weights.starting import landing, starting

        start = self.start
        if start is None:
            self._ask_file()
            return
        self._stop = stop = Event()
        network, catalogue = starting(self._project.network, start), self._project.catalogue.copy()

        def work(report: object) -> tuple[Start, Landing]:
            def progress(share: float, words: str) -> None:
                if stop.is_set():
                    raise Cancelled
                report(share, words)  # type: ignore[operator]

            return start, landing(network, catalogue, progress)

        self._show_report(None)
        self._show_progress(0.0, f"Looking for {start.words}")
        self._set_busy(True)
        self.job.start(work, "weights")

    def done(self, result: int) -> None:
        """Closed, whatever way: nothing is fetched any further."""
        self._stop.set()
        self.job.cancel()
        super().done(result)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file of weights may be dropped here."""
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """It is the file."""
        event.acceptProposedAction()
        self._take_file(event.mimeData().urls()[0].toLocalFile())

    # What comes back

    def _landed(self, found: tuple[Start, Landing]) -> None:
        self._set_busy(False)
        start, landing = self._found = found
        if landing.whole and not landing.unexpected:
            self._use()
            return
        set_tone(self.headline, "")
        self.headline.setText(f"{start.words}: {landing.headline}")
        self._show_report(landing)
        self.load.setText("Use what landed")

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._found = None
        set_tone(self.headline, "" if isinstance(error, Cancelled) else "bad")
        self.headline.setText("" if isinstance(error, Cancelled) else str(error))

    def _show_progress(self, share: float, words: str) -> None:
        set_tone(self.headline, "dim")
        self.headline.setText(words)
        self.bar.setValue(round(STEPS * share))

    def _show_report(self, landing: Landing | None) -> None:
        clear(self._rows)
        sentences = landing.sentences() if landing is not None else []
        whole = landing.sentences(MOST_NAMES) if landing is not None else []
        for sentence, every in zip(sentences, whole, strict=True):
            self._rows.addWidget(words := label(sentence, tone="dim", wrap=True))
            if every != sentence:
                self._rows.addWidget(_opener(words, every), 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch(1)
        self._report.setVisible(landing is not None)
        if landing is not None:
            self.resize(self.width(), max(self.height(), 460))

    def _use(self) -> None:
        assert self._found is not None
        self.chosen.emit(self._found)
        self.accept()

    # What a person does

    def _pressed(self) -> None:
        if self._found is not None and self._found[0] == self.start:
            self._use()
        else:
            self.begin()

    def _changed(self) -> None:
        """Something else is chosen: what was found is of no use."""
        self._found = None
        self._stop.set()
        self.job.cancel()
        self._set_busy(False)
        self.headline.setText("")
        self._show_report(None)
        self._show_about()

    def _show_about(self) -> None:
        for part in (self.network, self.weights):
            part.setEnabled(self.published.isChecked())
        for part in (self.path, self.browse):
            part.setEnabled(self.from_file.isChecked())
        start = self.start
        weights = start.chosen if start is not None and start.published else None
        if weights is None:
            said = (
                "A state dict as torch.save or safetensors writes it. Names of torchvision are known; nothing is run."
            )
        else:
            seen = (
                f"{weights.crop}×{weights.crop} pixels"
                if weights.crop
                else f"{weights.resize} pixels on the short side"
            )
            said = f"{weights.score:.1f} % of {weights.measure}, on {seen}. {weights.mebibytes:,.1f} MB, fetched once."
            said += f" To be used {weights.terms}." if weights.terms else ""
        self.about.setText(said)

    def _list_weights(self) -> None:
        from graphs.architectures.weights import weights_of

        self.weights.blockSignals(True)
        self.weights.clear()
        for each in weights_of(self.network.currentData() or ""):
            self.weights.addItem(each.words, each.name)
        self.weights.blockSignals(False)
        self._changed()

    def _ask_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(self, "Weights", self.path.text(), FILES)
        if found:
            self._take_file(found)

    def _take_file(self, path: str) -> None:
        self.from_file.setChecked(True)
        self.path.setText(path)

    def _begin_fresh(self) -> None:
        self.chosen.emit(None)
        self.accept()

    # Building

    def _set_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        holding.enable(self.load, not busy)
        self.load.setText("Load")

    def _fill(self, start: Start | None) -> None:
        from graphs.architectures import ARCHITECTURES
        from graphs.architectures.weights import weights_of

        self.network.blockSignals(True)
        for kind in ARCHITECTURES:
            for variant in kind.variants():
                if weights_of(variant):
                    self.network.addItem(kind.titles.get(variant, kind.title), variant)
        self.network.blockSignals(False)
        about = self._project.network.settings.get("about")
        title = str(about.get("title", "")) if isinstance(about, Mapping) else ""
        wanted = start.published if start is not None and start.published else ""
        index = self.network.findData(wanted) if wanted else self.network.findText(title)
        self.network.setCurrentIndex(max(index, 0))
        self.published.setChecked(index >= 0 and not (start and start.file))
        self.from_file.setChecked(not self.published.isChecked())
        self.path.setText(start.file if start is not None else "")
        self._list_weights()
        if wanted and start is not None:
            self.weights.setCurrentIndex(max(self.weights.findData(start.weights), 0))
        self._show_about()

    def _join(self) -> None:
        self.job.done.connect(self._landed)
        self.job.failed.connect(self._failed)
        self.job.progressed.connect(self._show_progress)
        self.published.toggled.connect(self._changed)
        self.network.currentIndexChanged.connect(self._list_weights)
        self.weights.currentIndexChanged.connect(self._changed)
        self.path.textChanged.connect(self._changed)
        self.browse.clicked.connect(self._ask_file)
        self.fresh.clicked.connect(self._begin_fresh)
        self.cancel.clicked.connect(self.reject)
        self.load.clicked.connect(self._pressed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Load weights", size="large"))
        told = f"Training begins with the weights of {self._now.words}." if self._now is not None else FRESH
        column.addWidget(label(told, tone="dim", wrap=True))
        column.addLayout(self._choices())
        column.addWidget(self.about)
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.hide()
        column.addWidget(self.headline)
        column.addWidget(self.bar)
        inside = QWidget()
        inside.setObjectName("clear")
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._rows.setSpacing(8)
        self._report = Scrolled(inside)
        self._report.hide()
        column.addWidget(self._report, 1)
        column.addStretch(0)
        across = QHBoxLayout()
        across.addWidget(self.fresh)
        across.addStretch(1)
        across.addWidget(self.cancel)
        across.addWidget(self.load)
        self.fresh.setVisible(self._now is not None)
        self.load.setProperty("primary", True)
        self.load.setDefault(True)
        column.addLayout(across)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.resize(560, 340)

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.path.setPlaceholderText("A .pth, .pt or .safetensors file; it may be dropped here")
        names = {self.network: "Architecture", self.weights: "Weights", self.path: "File of weights"}
        for part, name in names.items():
            part.setAccessibleName(name)
        grid.addWidget(self.published, 0, 0)
        grid.addWidget(self.network, 0, 1, 1, 2)
        grid.addWidget(self.weights, 1, 1, 1, 2)
        grid.addWidget(self.from_file, 2, 0)
        grid.addWidget(self.path, 2, 1)
        grid.addWidget(self.browse, 2, 2)
        self.browse.setAutoDefault(False)
        return grid


def _opener(words: QLabel, whole: str) -> QPushButton:
    """A button that lists what is only counted in some words."""
    made = QPushButton("Show all")
    made.setProperty("link", True)
    made.setAutoDefault(False)

    def show() -> None:
        words.setText(whole)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.hide()

    made.clicked.connect(show)
    return made


def _sound_start(project: Project) -> Start | None:
    try:
        return start_of(project.network)
    except ValueError:
        return None
