"""Pictures that leave the house: from the canvas and as figures, in every format, whole and in part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from graphs.inference.shapes import Inference
from graphs.pictures.figure import figure
from studio.project import Project, open_project
from widgets import theme
from widgets.editor.canvas import Canvas
from widgets.editor.verbs.saving import MOST_PIXELS, Vector, image, record, write
from widgets.panels.picture_section import PictureSection


@pytest.fixture
def project() -> Project:
    return open_project("xor")


@pytest.fixture
def canvas(qtbot, project: Project) -> Iterator[Canvas]:  # type: ignore[no-untyped-def]
    made = Canvas(project.document, project.catalogue)
    qtbot.addWidget(made)
    made.set_analysis(Inference(project.catalogue).analyse(project.network))
    yield made


@pytest.fixture
def section(qtbot, project: Project, canvas: Canvas) -> PictureSection:  # type: ignore[no-untyped-def]
    made = PictureSection(lambda: project, canvas.record_picture)
    qtbot.addWidget(made)
    return made


def shade(made: QImage) -> str:
    return made.pixelColor(2, 2).name()


def test_a_record_wears_the_theme_it_is_asked_for(canvas: Canvas) -> None:
    before = theme.current().name
    for name, look in theme.THEMES.items():
        assert shade(image(record(canvas, look=name), 1.0)) == look.background
    assert theme.current().name == before
    clear = image(record(canvas, transparent=True), 1.0)
    assert clear.pixelColor(2, 2).alpha() == 0


def test_a_part_is_smaller_and_scale_is_exact(canvas: Canvas) -> None:
    whole, ids = record(canvas), list(canvas.scene.items)
    part = record(canvas, ids[:1])
    assert part.size.width() < whole.size.width()
    once, twice = image(part, 1.0).size(), image(part, 2.0).size()
    assert twice == once * 2


def test_too_large_a_picture_is_one_sentence(canvas: Canvas, tmp_path: Path) -> None:
    drawn = record(canvas)
    scale = 2 * (MOST_PIXELS / (drawn.size.width() * drawn.size.height())) ** 0.5
    with pytest.raises(ValueError, match="smaller scale, or SVG or PDF"):
        write(drawn, tmp_path / "huge.png", scale)
    write(drawn, tmp_path / "fine.svg", scale)
    assert not (tmp_path / "huge.png").exists()


def test_a_figure_is_the_same_in_every_format(project: Project, tmp_path: Path) -> None:
    text = figure(project.network, Inference(project.catalogue).analyse(project.network), catalogue=project.catalogue)
    drawn = Vector(text)
    for ending in ("svg", "png", "pdf"):
        write(drawn, tmp_path / f"f.{ending}", 2.0)
    assert (tmp_path / "f.svg").read_text(encoding="utf-8") == text
    root = ElementTree.fromstring(text)
    size = QSize(int(root.get("width", "0")), int(root.get("height", "0")))
    assert QImage(str(tmp_path / "f.png")).size() == size * 2
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("style", ["canvas", "figure"])
@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_section_writes_what_is_chosen(section: PictureSection, tmp_path: Path, style: str, suffix: str) -> None:
    assert section.form is not None
    section.form.set_values({"style": style, "format": suffix[1:], "scale": 1.5})
    assert section.suffix == suffix
    path = tmp_path / f"out{suffix}"
    shipped = section.work(path)(lambda share, words: None)
    assert shipped.path == path and path.stat().st_size > 500
    assert "pixels" in dict(shipped.details)["Size"]


def test_nothing_selected_is_said(section: PictureSection, tmp_path: Path) -> None:
    assert section.form is not None
    section.form.set_values({"part": "selection"})
    with pytest.raises(ValueError, match="nothing is selected"):
        section.work(tmp_path / "x.png")(lambda share, words: None)


def test_the_preview_follows_the_options(qtbot, section: PictureSection) -> None:  # type: ignore[no-untyped-def]
    assert section.form is not None
    section.resize(300, 700)
    section.show()
    qtbot.waitUntil(lambda: not section.preview.pixmap().isNull(), timeout=20_000)
    before = section.preview.pixmap().cacheKey()
    section.form.set_values({"style": "figure"})
    section.renew()
    qtbot.waitUntil(lambda: section.preview.pixmap().cacheKey() != before, timeout=20_000)
    section.job.wait()


def test_the_canvas_is_copied_as_a_picture(qtbot, canvas: Canvas) -> None:  # type: ignore[no-untyped-def]
    QApplication.clipboard().clear()
    with qtbot.waitSignal(canvas.told, timeout=20_000) as said:
        canvas.copy_picture()
    assert "clipboard" in said.args[0]
    assert QApplication.clipboard().image().width() == round(record(canvas).size.width()) * 2
