"""Where the samples come from: choose a source, set its options, see what it holds, and only then use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.data.base import DataFault, DataSpec
from studio.data.spec import SOURCES, parse_spec
from studio.project import Project
from widgets import theme
from widgets.forms.fields import Combo, TextField, row_height
from widgets.forms.form import Form
from widgets.jobs import Job
from widgets.look import holding
from widgets.look.style import clear, label, rule, set_tone
from widgets.panels.status import ProblemRow
from widgets.panels.table_head import Head, HeadView, head_of

DROPPED = {".npz": "npz", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}


class Samples(QWidget):
    """A few samples of the source: pictures with their labels, rows of numbers, or points in the plane."""

    COLUMNS = 4

    def __init__(self) -> None:
        super().__init__()
        self._preview: Any | None = None
        self._images: list[QImage] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Samples of the data")

    def show_preview(self, preview: Any | None) -> None:
        """Show the samples of a preview."""
        from widgets.views.painting import photo

        self._preview = preview
        shown = preview.inputs if preview is not None and preview.is_pictures else ()
        self._images = [photo(sample, *preview.bounds) for sample in shown] if preview is not None else []
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._images:
            rows = -(-len(self._images) // self.COLUMNS)
            return rows * (self._tile(width) + self.fontMetrics().height() + 10)
        return 0

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._images or self._preview is None:
            return
        painter, now = QPainter(self), theme.current()
        tile, line = self._tile(self.width()), self.fontMetrics().height()
        painter.setPen(theme.qcolor(now.dim))
        for index, image in enumerate(self._images):
            row, column = divmod(index, self.COLUMNS)
            x, y = column * (tile + 8), row * (tile + line + 10)
            painter.drawImage(QRectF(x, y, tile, tile), image)
            words = self.fontMetrics().elidedText(self._preview.labels[index], Qt.TextElideMode.ElideRight, tile)
            painter.drawText(QRectF(x, y + tile + 2, tile, line), Qt.AlignmentFlag.AlignHCenter, words)
        painter.end()

    def _tile(self, width: int) -> int:
        return max(16, min(96, (width - 8 * (self.COLUMNS - 1)) // self.COLUMNS))


class Counts(QWidget):
    """How many samples each class has, as bars."""

    MOST = 20

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Samples of each class")

    def show_counts(self, counts: dict[str, int]) -> None:
        """Show these; the first twenty."""
        self._counts = dict(list(counts.items())[: self.MOST])
        words = ", ".join(f"{name}: {count}" for name, count in self._counts.items())
        self.setAccessibleDescription(words)
        self.setFixedHeight(len(self._counts) * self._line())
        self.update()

    def _line(self) -> int:
        return self.fontMetrics().height() + 4

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        top = max(self._counts.values(), default=1) or 1
        left = min(120, max((self.fontMetrics().horizontalAdvance(n) for n in self._counts), default=0)) + 8
        right = self.fontMetrics().horizontalAdvance("88,888") + 8
        room = max(8, self.width() - left - right)
        for index, (name, count) in enumerate(self._counts.items()):
            y = index * self._line()
            area = QRectF(0, y, left - 8, self._line())
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, left - 8)
            painter.setPen(theme.qcolor(now.dim))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            painter.fillRect(QRectF(left, y + self._line() / 2 - 3, room, 6), theme.qcolor(now.line))
            painter.fillRect(QRectF(left, y + self._line() / 2 - 3, room * count / top, 6), theme.qcolor(now.accent))
            painter.setPen(theme.qcolor(now.text))
            area = QRectF(self.width() - right, y, right, self._line())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{count:,}")
        painter.end()


@dataclass(frozen=True)
class Found:
    """What a look at a source gave."""

    preview: Any
    head: Head | None


def summary_of(preview: Any) -> str:
    """One line: "1,797 samples · 1×28×28 · 10 classes", "200 samples · 3 features · 2 classes"."""
    parts = preview.summary().split(" · ")
    if len(preview.shape) == 1:
        parts[1] = f"{preview.shape[0]:,} feature{'' if preview.shape[0] == 1 else 's'}"
    return " · ".join(parts)


class DataPanel(QWidget):
    """The project's data. Nothing changes before "Use this data" is pressed."""

    used = Signal(object)  # DataSpec
    fix = Signal(object, object)  # Problem, Fix
    go = Signal(str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._draft: DataSpec | None = None
        self._stale = True
        self.form: Form | None = None
        self.setAcceptDrops(True)
        self.source = Combo()
        self.source.setAccessibleName("Source of the data")
        for name, kind in SOURCES.items():
            self.source.addItem(kind.title, name)
        self.source.activated.connect(lambda _index: self.draft({"source": self.source.currentData()}))
        self.help = label(tone="dim", wrap=True)
        self.summary = label(wrap=True)
        self.notes = label(tone="warn", wrap=True)
        self.misfits = QVBoxLayout()
        self.samples, self.counts, self.head = Samples(), Counts(), HeadView()
        self.use = QPushButton("Use this data")
        self.use.setProperty("primary", True)
        self.use.clicked.connect(self._use)
        self.revert = QPushButton("Back to the project's")
        self.revert.clicked.connect(self.show_project)
        self.job = Job(self)
        self.job.done.connect(self._show_found)
        self.job.failed.connect(self._show_fault)
        self._lay_out()
        self.show_project()

    def show_project(self) -> None:
        """Show the data that the project uses."""
        try:
            spec = self._project.data
        except DataFault as fault:
            self._show_fault(fault)
            return
        if self._draft is None or spec != self._draft:
            self._show(spec)

    def show_misfit(self, network: Any, misfit: Any) -> None:
        """Why the network cannot learn this data, with the remedies; None where it can."""
        clear(self.misfits)
        if misfit is not None:
            title = network.nodes[misfit.node].title if misfit.node in network.nodes else ""
            self.misfits.addWidget(ProblemRow(misfit, title, self))

    def draft(self, values: dict[str, Any]) -> None:
        """Try other data, without using it yet."""
        try:
            self._show(parse_spec(values))
        except DataFault as fault:
            self._show_fault(fault)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_source(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if values := dropped_source(event):
            event.acceptProposedAction()
            self.draft(values)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self._look()

    def _show(self, spec: DataSpec) -> None:
        other = self._draft is None or type(self._draft) is not type(spec)
        self._draft = spec
        self.source.setCurrentIndex(list(SOURCES).index(spec.source))
        self.help.setText(type(spec).help)
        if other:
            clear(self._form_box)
            self.form = Form(type(spec), spec, first=("path", "target"))
            self.form.changed.connect(self._option_changed)
            self._form_box.addWidget(self.form)
        elif self.form is not None:
            self.form.set_values(spec)
        self._show_use()
        self._stale = True
        if self.isVisible():
            self._look()

    def _option_changed(self, _name: str, _value: Any) -> None:
        if self.form is not None and self._draft is not None:
            self.draft({"source": self._draft.source, **self.form.values()})

    def _look(self) -> None:
        self._stale = False
        spec = self._draft
        if spec is None:
            return
        if "path" in type(spec).model_fields and not getattr(spec, "path", ""):
            self.job.cancel()
            self._show_preview(None)
            self.summary.setText("Choose a file or folder, or drop it here.")
            return
        self.summary.setText("Looking at the data")

        def look(report: Any) -> Any:
            from studio.data.preview import preview

            return Found(preview(spec, samples=12), head_of(spec))

        self.job.start(look, "preview")

    def _show_found(self, found: Found) -> None:
        self._show_preview(found.preview)
        self._show_head(found.head)

    def _show_head(self, head: Head | None) -> None:
        self.head.show_head(head)
        target = self.form.rows.get("target") if self.form is not None else None
        if target is not None and head is not None and isinstance(target.editor, TextField):
            target.editor.suggest(head.names)
            target.editor.setPlaceholderText(f"{head.names[-1]} (the last one)")

    def _show_preview(self, preview: Any | None) -> None:
        set_tone(self.summary, "")
        self.summary.setText(summary_of(preview) if preview is not None else "")
        self.head.show_head(None)
        self.notes.setText("\n".join(preview.notes) if preview is not None else "")
        self.notes.setVisible(bool(self.notes.text()))
        self.samples.show_preview(preview)
        self.counts.show_counts(preview.counts if preview is not None else {})
        self._show_use(preview is not None)

    def _show_fault(self, fault: Exception) -> None:
        self._show_preview(None)
        self.summary.setText(str(fault))
        set_tone(self.summary, "bad")
        holding.enable(self.use, False)

    def _show_use(self, usable: bool = True) -> None:
        try:
            same = self._project.data == self._draft
        except DataFault:
            same = False
        holding.show(self.use, not same)
        holding.show(self.revert, not same)
        holding.enable(self.use, usable)

    def _use(self) -> None:
        if self._draft is not None:
            self.used.emit(self._draft)
            self._show_use()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        words = label("Source", tone="dim")
        words.setMinimumWidth(88)
        words.setBuddy(self.source)
        top.addWidget(words, 3)
        top.addWidget(self.source, 4)
        self.source.setMinimumHeight(row_height(self))
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._form_box = QVBoxLayout()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.revert)
        buttons.addWidget(self.use)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.help)
        column.addLayout(self._form_box)
        column.addLayout(buttons)
        column.addLayout(self.misfits)
        column.addWidget(rule())
        for widget in (self.summary, self.notes, self.head, self.samples, self.counts):
            column.addWidget(widget)
        column.addStretch(1)


def dropped_source(event: QDragEnterEvent | QDropEvent) -> dict[str, Any] | None:
    """The source that a dropped file or folder is, None for anything else."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    if path is None:
        return None
    if path.is_dir():
        return {"source": "folder", "path": str(path)}
    source = DROPPED.get(path.suffix.lower())
    return {"source": source, "path": str(path)} if source else None
