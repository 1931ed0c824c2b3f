"""The Export workspace: what can be written, from which weights, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from studio.exporting import class_name
from studio.shipping.code import CodeOptions
from studio.shipping.model import ModelOptions
from studio.shipping.shipped import Cancelled, part
from widgets import shipping
from widgets.jobs import Job
from widgets.look import holding
from widgets.look.scrolling import Scrolled
from widgets.look.style import Panel, label, rule, set_tone
from widgets.panels.export_section import Section
from widgets.panels.picture_section import PICTURES, PictureSection, Recorder
from widgets.shipping import Report, Shipped, Source

if TYPE_CHECKING:
    from studio.shipping.cargo import Cargo

Ship = Callable[["Cargo", Path, Report], Shipped]
BUILT = 0.1
"""The share of the work that making the network takes."""


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
        self._able: dict[Section, bool] = {}
        self._unwanted = threading.Event()
        self.job = Job(self)
        self.job.progressed.connect(lambda share, words: self._current and self._current.show_progress(share, words))
        self.job.done.connect(self._finish)
        self.job.failed.connect(self._fail)
        self.trained = label(wrap=True)
        self._make_sections()
        self._join_sections()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(label("Export", size="large"))
        column.addWidget(self.trained)
        for section in self.sections:
            column.addWidget(rule())
            column.addWidget(section)
        column.addStretch(1)
        self.box.addWidget(Scrolled(inside))
        self.setMinimumWidth(260)

    @property
    def sections(self) -> tuple[Section, ...]:
        """All ways out, in the order that they stand in."""
        return self.onnx, self.deploy, self.program, self.python, self.weights, self.picture

    def show_state(self, step: int | None, buildable: bool, outgrown: bool = False) -> None:
        """Say which weights would be written, and whether there is anything to write; weights that were learnt by
        another design are not."""
        words = shipping.first_words(self._source().project) if not step else f"Weights of step {step:,}."
        other = outgrown and step is not None
        words = shipping.OUTGROWN if other else words
        self.trained.setText(words if buildable else "The network has problems that must be solved first.")
        good = not words.startswith("Not") and buildable and not other
        set_tone(self.trained, "good" if good else "warn")
        self._able = {section: buildable and (section is self.python or not other) for section in self.sections[:-1]}
        self._show_buttons()

    def _show_buttons(self) -> None:
        """One export at a time, and none of what cannot be written."""
        for section in self.sections:
            holding.enable(section.button, self._able.get(section, True) and not self._busy)

    def show_design(self, design: str) -> None:
        """The design that would be exported now; what was said of another one is forgotten."""
        if design != self._design and not self.job.running:
            for section in self.sections:
                section.forget()
        self._design = design
        self.picture.renew()

    def cancel(self) -> None:
        """Whatever is under way no longer matters."""
        self._busy = False
        self._unwanted.set()
        self.job.cancel()
        self.picture.cancel()

    def export_onnx(self, path: str | Path | None = None) -> None:
        """Write an ONNX file; asks where without a path."""
        from studio.shipping.models import ship_model

        options = ModelOptions.model_validate(self.onnx.options())
        if self._uncalibrated(self.onnx, options):
            return
        ship: Ship = lambda cargo, file, report: ship_model(cargo, file, options, report)  # noqa: E731
        self._export(self.onnx, path, ".onnx", "ONNX model (*.onnx)", ship)

    def export_deploy(self, path: str | Path | None = None) -> None:
        """Write a folder that predicts; asks for its name without a path."""
        from studio.shipping.deploy import ship_deploy

        options = ModelOptions.model_validate(self.deploy.options())
        if self._uncalibrated(self.deploy, options):
            return
        ship: Ship = lambda cargo, file, report: ship_deploy(cargo, file, options, report)  # noqa: E731
        self._export(self.deploy, path, "", "New folder (*)", ship)

    def export_program(self, path: str | Path | None = None) -> None:
        """Write a program of torch.export; asks where without a path."""
        from studio.shipping.program import ship_program

        self._export(self.program, path, ".pt2", "PyTorch program (*.pt2)", ship_program)

    def export_python(self, path: str | Path | None = None) -> None:
        """Write the Python source; asks where without a path."""
        from studio.shipping.code import ship_source

        options = CodeOptions.model_validate(self.python.options())
        ship: Ship = lambda cargo, file, report: ship_source(cargo, file, options, report)  # noqa: E731
        self._export(self.python, path, ".py", "Python source (*.py)", ship, plain=True)

    def export_weights(self, path: str | Path | None = None) -> None:
        """Write the weights; asks where without a path."""
        from studio.shipping.tensors import ship_weights

        self._export(self.weights, path, ".safetensors", "Weights (*.safetensors)", ship_weights)

    def export_picture(self, path: str | Path | None = None) -> None:
        """Write the picture that the section shows; asks where without a path."""
        suffix = self.picture.suffix
        file = self._ask(path, suffix, PICTURES[suffix])
        if file is not None and not self._busy:
            work = self.picture.work(file)
            self._begin(self.picture, "Drawing", work)

    def _export(
        self, section: Section, path: str | Path | None, suffix: str, kinds: str, ship: Ship, plain: bool = False
    ) -> None:
        """Ships the network with its weights; a `plain` one with fresh weights, where those of now fit no more."""
        file = self._ask(path, suffix, kinds)
        if file is None or self._busy:
            return
        source = self._source()
        if plain and source.outgrown:
            source = Source(source.project)
        elif source.snapshot is not None and source.snapshot.step:
            self.trained.setText(f"Weights of step {source.snapshot.step:,}.")

        def work(report: Report) -> Shipped:
            report(0.0, "Building the network")
            cargo = source.cargo()
            return ship(cargo, file, part(report, BUILT, 1.0))

        self._begin(section, "Beginning", work)

    def _uncalibrated(self, section: Section, options: ModelOptions) -> bool:
        """Whether there is nothing to calibrate int8 on, which is said before anybody is asked for a name."""
        why = self._source().without_samples() if options.numbers == "int8" else ""
        if why and not self._busy:
            section.show_fault(why)
        return bool(why)

    def _begin(self, section: Section, words: str, work: Callable[[Report], Shipped]) -> None:
        self._busy, self._current = True, section
        self._unwanted = unwanted = threading.Event()
        self._show_buttons()
        section.show_progress(0.0, words)

        def guarded(report: Report) -> Shipped:
            def heard(share: float, words: str) -> None:
                if unwanted.is_set() and share < 1.0:  # at 1 it is written
                    raise Cancelled
                report(share, words)

            return work(heard)

        self.job.start(guarded, "export")

    def _ask(self, path: str | Path | None, suffix: str, kinds: str) -> Path | None:
        if path is None:
            project = self._source().project
            start = (project.folder or Path.home()) / f"{project.name}{suffix or '-deploy'}"
            chosen, _ = QFileDialog.getSaveFileName(self, "Export", str(start), kinds)
            path = chosen or None
        if path is None:
            return None
        file = Path(path)
        return file if file.suffix or not suffix else file.with_suffix(suffix)

    def _finish(self, shipped: Shipped) -> None:
        self._busy = False
        if self._current is not None:
            self._current.show_done(shipped)
        self._show_buttons()
        self.done.emit(shipped)

    def _fail(self, error: Exception) -> None:
        self._busy = False
        sentence = "" if isinstance(error, Cancelled) else " ".join(str(error).split()) or type(error).__name__
        if self._current is not None:
            self._current.show_fault(sentence) if sentence else self._current.show_cancelled()
        self._show_buttons()
        if sentence:
            self.failed.emit(sentence)

    def _make_sections(self) -> None:
        self.onnx = Section(
            "cube", "ONNX model", "Runs in onnxruntime and many other programs. It is compared with PyTorch on real "
            "samples; float16 and int8 are judged beside float32 on held-out samples.", ModelOptions, "Export ONNX…",
        )  # fmt: skip
        self.deploy = Section(
            "export", "Deploy folder", "The model with a short predict.py that needs onnxruntime and numpy alone, its "
            "labels, what it does with your data, and a model card.", ModelOptions, "Export folder…",
        )  # fmt: skip
        self.program = Section(
            "save", "PyTorch program", "A .pt2 file of torch.export, which PyTorch runs without Netloom. It is loaded "
            "again and compared.", None, "Save .pt2…",
        )  # fmt: skip
        self.python = Section(
            "code", "Python source", "PyTorch classes as a person would have written them, run and compared.",
            CodeOptions, "Save source…",
        )  # fmt: skip
        if self.python.form is not None:
            self.python.form.set_values({"class_name": class_name(self._source().project.name)})
        self.weights = Section("weights", "Weights", "The state dict as safetensors.", None, "Save weights…")
        self.picture = PictureSection(lambda: self._source().project, self._canvas)

    def _join_sections(self) -> None:
        self.onnx.wanted.connect(lambda: self.export_onnx())
        self.deploy.wanted.connect(lambda: self.export_deploy())
        self.program.wanted.connect(lambda: self.export_program())
        self.python.wanted.connect(lambda: self.export_python())
        self.weights.wanted.connect(lambda: self.export_weights())
        self.picture.wanted.connect(lambda: self.export_picture())
        for section in self.sections:
            section.stopped.connect(lambda: self._unwanted.set())
