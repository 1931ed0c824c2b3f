"""The Export workspace: what can be written, from which weights, and what came of it; the source as a preview."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.exporting import class_name
from widgets import shipping
from widgets.jobs import Job
from widgets.look.scrolling import Scrolled
from widgets.look.style import Panel, label, rule, set_tone
from widgets.panels.export_section import Section
from widgets.panels.highlighter import Highlighter
from widgets.panels.picture_section import PICTURES, PictureSection, Recorder
from widgets.shipping import Shipped, Source


class OnnxOptions(BaseModel):
    """Options of the ONNX file."""

    opset: int = Field(
        20,
        title="Opset",
        description="The version of ONNX's operators; 20 suits most programs.",
        ge=17,
        le=23,
    )


class PythonOptions(BaseModel):
    """Options of the Python file."""

    class_name: str = Field("Network", title="Class", description="The name of the class.", min_length=1)


class ExportPanel(Panel):
    """`source()` gives what to export at the moment of the click. `done(Shipped)`, `failed(sentence)`."""

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, source: Callable[[], Source], canvas: Recorder, parent: QWidget | None = None) -> None:
        super().__init__("side", parent=parent)
        self._source, self._canvas = source, canvas
        self._current: Section | None = None
        self._design = ""
        self._busy = False
        self.job = Job(self)
        self.job.progressed.connect(lambda share, words: self._current and self._current.show_progress(share, words))
        self.job.done.connect(self._finish)
        self.job.failed.connect(self._fail)
        self.trained = label(wrap=True)
        self._name = class_name(source().project.name)
        self._make_sections()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(label("Export", size="large"))
        column.addWidget(self.trained)
        for section in (self.onnx, self.python, self.weights, self.picture):
            column.addWidget(rule())
            column.addWidget(section)
        column.addStretch(1)
        self.box.addWidget(Scrolled(inside))
        self.setMinimumWidth(260)

    def show_state(self, step: int | None, buildable: bool, outgrown: bool = False) -> None:
        """Say which weights would be written, and whether there is anything to write; weights that were learnt by
        another design are not."""
        words = "Weights as they are now." if step is None else f"Weights of step {step:,}."
        if step is None:
            words = "Not trained yet: an export holds fresh weights."
        other = outgrown and step is not None
        words = shipping.OUTGROWN if other else words
        self.trained.setText(words if buildable else "The network has problems that must be solved first.")
        set_tone(self.trained, "good" if step is not None and buildable and not other else "warn")
        for section in (self.onnx, self.python, self.weights):
            fits = section is self.python or not other
            section.button.setEnabled(buildable and fits and not self.job.running)

    def show_design(self, design: str) -> None:
        """The design that would be exported now; what was said of another one is forgotten."""
        if design != self._design and not self.job.running:
            for section in (self.onnx, self.python, self.weights, self.picture):
                section.forget()
        self._design = design
        self.picture.renew()

    def cancel(self) -> None:
        """Whatever is under way no longer matters."""
        self._busy = False
        self.job.cancel()
        self.picture.cancel()

    def export_onnx(self, path: str | Path | None = None) -> None:
        """Write an ONNX file; asks where without a path."""
        opset = int(self.onnx.form.value("opset")) if self.onnx.form else 20
        self._export(
            self.onnx, path, ".onnx", "ONNX model (*.onnx)",
            lambda source, file, report: shipping.onnx(source, file, opset, report),
        )  # fmt: skip

    def export_python(self, path: str | Path | None = None) -> None:
        """Write the Python source; asks where without a path."""
        name = str(self.python.form.value("class_name")) if self.python.form else "Network"
        self._export(
            self.python, path, ".py", "Python source (*.py)",
            lambda source, file, report: shipping.source_code(source, file, name, report),
        )  # fmt: skip

    def export_weights(self, path: str | Path | None = None) -> None:
        """Write the weights; asks where without a path."""
        self._export(self.weights, path, ".safetensors", "Weights (*.safetensors)", shipping.weights)

    def export_picture(self, path: str | Path | None = None) -> None:
        """Write the picture that the section shows; asks where without a path."""
        suffix = self.picture.suffix
        file = self._ask(path, suffix, PICTURES[suffix])
        if file is None or self._busy:
            return
        self._current = self.picture
        work = self.picture.work(file)
        self.picture.show_progress(0.0, "Drawing")
        self._busy = True
        self.job.start(work, "export")

    def _export(
        self, section: Section, path: str | Path | None, suffix: str, kinds: str, work: Callable[..., Shipped]
    ) -> None:
        file = self._ask(path, suffix, kinds)
        if file is None or self._busy:
            return
        self._current = section
        section.show_progress(0.0, "Beginning")
        source = self._source()
        self._busy = True
        self.job.start(lambda report: work(source, file, report), "export")

    def _ask(self, path: str | Path | None, suffix: str, kinds: str) -> Path | None:
        if path is None:
            project = self._source().project
            start = (project.folder or Path.home()) / f"{project.name}{suffix}"
            chosen, _ = QFileDialog.getSaveFileName(self, "Export", str(start), kinds)
            path = chosen or None
        if path is None:
            return None
        file = Path(path)
        return file if file.suffix else file.with_suffix(suffix)

    def _finish(self, shipped: Shipped) -> None:
        self._busy = False
        if self._current is not None:
            self._current.show_done(shipped)
        self.done.emit(shipped)

    def _fail(self, error: Exception) -> None:
        self._busy = False
        sentence = " ".join(str(error).split()) or type(error).__name__
        if self._current is not None:
            self._current.show_fault(sentence)
        self.failed.emit(sentence)

    def _make_sections(self) -> None:
        self.onnx = Section(
            "cube", "ONNX model", "Runs in onnxruntime and many other programs. It is compared with PyTorch on real "
            "samples before it is written, and opens in Netloom again exactly as it was.", OnnxOptions, "Export ONNX…",
        )  # fmt: skip
        self.python = Section(
            "code",
            "Python source",
            "A PyTorch class as a person would have written it.",
            PythonOptions,
            "Save source…",
        )
        if self.python.form is not None:
            self.python.form.set_values({"class_name": self._name})
        self.weights = Section("weights", "Weights", "The state dict as safetensors.", None, "Save weights…")
        self.picture = PictureSection(lambda: self._source().project, self._canvas)
        self.onnx.wanted.connect(lambda: self.export_onnx())
        self.python.wanted.connect(lambda: self.export_python())
        self.weights.wanted.connect(lambda: self.export_weights())
        self.picture.wanted.connect(lambda: self.export_picture())


class SourcePreview(Panel):
    """The network as Python, as it would be saved."""

    def __init__(self, source: Callable[[], Source], parent: QWidget | None = None) -> None:
        super().__init__("sourcePreview", parent=parent)
        self._source = source
        self.name = "Network"
        self.text = QPlainTextEdit()
        self.text.setObjectName("sourceText")
        self.text.document().setDocumentMargin(16)
        self._colours = Highlighter(self.text.document())
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Python source of the network")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        copy = QPushButton("Copy")
        copy.setProperty("rank", "small")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        head = Panel("viewTabs", across=True)
        head.setFixedHeight(max(36, self.fontMetrics().height() + 20))
        head.box.setContentsMargins(16, 0, 8, 0)
        head.box.addWidget(label("Python source", heading=True))
        head.box.addStretch(1)
        head.box.addWidget(copy)
        self.box.addWidget(head)
        self.box.addWidget(self.text, 1)
        self.job = Job(self)
        self.job.done.connect(self._show)
        self.job.failed.connect(lambda error: self.text.setPlainText(f"# {error}"))

    def renew(self) -> None:
        """Write it again, where it can be seen."""
        if self.isVisible():
            project, name = self._source().project, self.name
            self.job.start(lambda report: shipping.preview_source(project, name), "source")

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.renew()

    def _show(self, text: str) -> None:
        if text != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)
