"""The picture of the network in the Export workspace: what it shows, how it looks, and a preview."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from graphs.inference.shapes import Inference
from graphs.layers.base import setting
from graphs.pictures.figure import Look, figure
from studio.project import Project
from widgets.editor.verbs.saving import Drawn, Recorded, Vector, image, write
from widgets.jobs import Job
from widgets.panels.export_section import Section
from widgets.shipping import Report, Shipped, size_of

PICTURES = {".svg": "Vector picture (*.svg)", ".png": "Picture (*.png)", ".pdf": "PDF (*.pdf)"}
Recorder = Callable[[str, bool, bool], Recorded | None]
"""Gives what is on the canvas: in which theme, the selection alone or all, and whether without a ground."""
MOST_NODES = 1_500
"""A network larger than this is drawn when it is saved, not before."""
FIGURE = {"when": {"style": ["figure"]}}
TALLEST = 260
LATER_MS = 120


class PictureOptions(BaseModel):
    """Options of the picture."""

    style: Literal["canvas", "figure"] = setting(
        "canvas", "Style", "The canvas as it is, or a figure for papers and slides.",
    )  # fmt: skip
    form: Literal["auto", "volumes", "columns", "boxes"] = setting(
        "auto", "Drawn as", "Volumes for maps, columns of circles for dense layers, or boxes.",
        extra={**FIGURE, "labels": {"auto": "what suits"}},
    )  # fmt: skip
    format: Literal["svg", "png", "pdf"] = setting(
        "svg", "Format", "SVG and PDF stay sharp at any size.",
        extra={"labels": {"svg": "SVG", "png": "PNG", "pdf": "PDF"}},
    )  # fmt: skip
    scale: float = setting(
        2.0, "Scale", "How many pixels of the file stand for one of the picture.", ge=0.25, le=16,
        extra={"unit": "×", "step": 0.25, "when": {"format": ["png"]}},
    )  # fmt: skip
    theme: Literal["light", "dark"] = setting("light", "Colours", "Light is for paper.")
    part: Literal["all", "selection"] = setting(
        "all", "What", "The whole canvas, or what is selected.",
        extra={"when": {"style": ["canvas"]}, "labels": {"all": "everything", "selection": "the selection"}},
    )  # fmt: skip
    details: bool = setting(True, "Details", "Write activations, norms and dropout, too.", extra=FIGURE)
    blocks: bool = setting(False, "Inside of blocks", "Show what blocks hold.", extra=FIGURE)
    greyscale: bool = setting(False, "Greys", "Greys that print apart instead of colours.", extra=FIGURE)
    transparent: bool = setting(False, "Transparent", "Leave the ground out.")


class PictureSection(Section):
    """`work(path)` gives what writes the file. The preview follows the options and the design."""

    def __init__(self, project: Callable[[], Project], canvas: Recorder) -> None:
        super().__init__(
            "picture", "Picture of the network", "The canvas, or a figure for papers and slides.", PictureOptions,
            "Save picture…",
        )  # fmt: skip
        self._project, self._canvas = project, canvas
        self._inference: Inference | None = None
        self.preview = Preview()
        column = self.layout()
        assert column is not None and self.form is not None
        column.insertWidget(3, self.preview)  # type: ignore[attr-defined]
        self.job = Job(self)
        self.job.done.connect(self.preview.show_picture)
        self.job.failed.connect(lambda error: self.preview.say(str(error)))
        self._soon = QTimer(self, singleShot=True, interval=LATER_MS)
        self._soon.timeout.connect(self._draw)
        self.form.changed.connect(lambda *_: self.renew())

    @property
    def suffix(self) -> str:
        """The ending of the chosen format."""
        return f".{self._value('format')}"

    def renew(self) -> None:
        """Draw the preview again soon, where it can be seen."""
        if self.isVisible():
            self._soon.start()

    def cancel(self) -> None:
        """The preview no longer matters."""
        self._soon.stop()
        self.job.cancel()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()

    def work(self, path: Path) -> Callable[[Report], Shipped]:
        """What writes the picture as it is chosen now, on any thread. Raises nothing here."""
        draw, scale = self._drawing(), float(self._value("scale"))

        def run(report: Report) -> Shipped:
            report(0.2, "Drawing")
            drawn = draw()
            report(0.6, "Writing")
            write(drawn, path, scale)
            factor = scale if path.suffix.lower() == ".png" else 1.0
            across, down = (round(side * factor) for side in (drawn.size.width(), drawn.size.height()))
            details = (("Size", f"{across:,} × {down:,} pixels"), ("File", size_of(path.stat().st_size)))
            return Shipped(path, f"Written: {path.name}", details)

        return run

    def _drawing(self) -> Callable[[], Drawn]:
        """What gives the picture; the canvas is looked at now, the rest may be done on another thread."""
        theme, clear = self._value("theme"), bool(self._value("transparent"))
        if self._value("style") == "canvas":
            recorded = self._canvas(theme, self._value("part") == "selection", clear)

            def canvas() -> Drawn:
                if recorded is None:
                    raise ValueError("There is nothing to draw: nothing is selected, or the canvas is empty.")
                return recorded

            return canvas
        project = self._project()
        network, known, title = project.network, project.catalogue, project.name
        if self._inference is None or self._inference.catalogue is not known:
            self._inference = Inference(known)
        inference = self._inference
        look = Look(
            theme, self._value("form"), bool(self._value("greyscale")), clear, bool(self._value("details")),
            bool(self._value("blocks")),
        )  # fmt: skip
        return lambda: Vector(figure(network, inference.analyse(network), look, catalogue=known, title=title))

    def _draw(self) -> None:
        if len(self._project().network.nodes) > MOST_NODES:
            self.preview.say("Too large for a preview; it is drawn when it is saved.")
            return
        draw, wide = self._drawing(), self.preview.width() * self.preview.devicePixelRatioF()

        def work(_report: Report) -> QImage:
            drawn = draw()
            size = drawn.size
            tall = TALLEST * self.preview.devicePixelRatioF()
            return image(drawn, min(wide / size.width(), tall / size.height(), 2.0))

        self.job.start(work, "preview")

    def _value(self, name: str) -> Any:
        assert self.form is not None
        return self.form.value(name)


class Preview(QLabel):
    """The picture as it would be saved, small."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setMinimumHeight(80)
        self.setAccessibleName("Preview of the picture")
        self._made: QPixmap | None = None

    def show_picture(self, made: QImage) -> None:
        """Show what was drawn, as large as there is room."""
        self._made = QPixmap.fromImage(made)
        self._fit()

    def say(self, words: str) -> None:
        """Words instead of a picture."""
        self._made = None
        self.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 80)

    def _fit(self) -> None:
        if self._made is None or self._made.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = QSize(max(1, self.width()), TALLEST) * ratio
        way = Qt.AspectRatioMode.KeepAspectRatio
        fitted = self._made
        if fitted.width() > room.width() or fitted.height() > room.height():
            fitted = self._made.scaled(room, way, Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        self.setPixmap(fitted)
