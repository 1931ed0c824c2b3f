"""Pictures as files: PNG as pixels, SVG and PDF as vectors, of the canvas as it is painted and of SVG text.

A canvas is recorded on the thread of the window, which takes as long as painting it once; what is made of the record,
and of SVG text, may be made on any thread.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QByteArray, QMarginsF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter, QPicture

from graphs.files.atomic import write_text
from graphs.network import End, Frame
from graphs.pictures.drawing import FONT
from widgets import theme

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

    from widgets.editor.canvas import Canvas

BORDER = 32.0
MOST_PIXELS, LONGEST = 100_000_000, 30_000
TITLE = "Netloom network"
DPI = 96
"""That of a record: at another one it would be painted at another size."""
ENDINGS = (".png", ".svg", ".pdf")


class Drawn(Protocol):
    """A picture that can be painted at any size."""

    @property
    def size(self) -> QSizeF:
        """Its size in pixels at a scale of 1."""

    def paint(self, painter: QPainter) -> None:
        """Paint it at a scale of 1, from (0, 0) on."""

    def write_svg(self, path: Path) -> None:
        """Write it as SVG. Raises OSError."""


@dataclass(frozen=True)
class Recorded:
    """What was painted of a canvas."""

    size: QSizeF
    picture: QPicture

    def paint(self, painter: QPainter) -> None:
        """Paint it again."""
        painter.drawPicture(0, 0, self.picture)

    def write_svg(self, path: Path) -> None:
        """Write it through Qt's generator."""
        from PySide6.QtSvg import QSvgGenerator

        made = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # Tiny 1.2 does not clip
        made.setFileName(str(path))
        whole = _whole(self.size)
        made.setSize(whole)
        made.setViewBox(QRect(0, 0, whole.width(), whole.height()))
        made.setResolution(DPI)
        made.setTitle(TITLE)
        _on(made, path, self)


@dataclass(frozen=True)
class Vector:
    """SVG text."""

    text: str

    @property
    def size(self) -> QSizeF:
        return QSizeF(_renderer(self.text).defaultSize())

    def paint(self, painter: QPainter) -> None:
        """Paint it with Qt's renderer."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _renderer(self.text).render(painter, QRectF(0, 0, self.size.width(), self.size.height()))

    def write_svg(self, path: Path) -> None:
        """Write the text itself."""
        try:
            write_text(path, self.text)
        except OSError as error:
            raise OSError(f"{path} cannot be written.") from error


def record(canvas: Canvas, only: Collection[str] | None = None, look: str = "", transparent: bool = False) -> Recorded:
    """What is on the canvas, or these nodes of it, in the colours of a theme ("dark", "light"; as it is without)."""
    with theme.worn(look or theme.current().name):
        area = _area(canvas, only)
        made = QPicture()
        painter = QPainter(made)
        painter.translate(-area.topLeft())
        if not transparent:
            painter.fillRect(area, QColor(theme.current().background))
        if only is None:
            canvas.picture.paint_all(painter, 1.0)
        else:
            _paint_some(canvas, painter, set(only))
        painter.end()
    return Recorded(area.size(), made)


def write(drawn: Drawn, path: Path, scale: float) -> None:
    """Writes a file. Raises ValueError for an ending it does not know and a picture too large, OSError where it
    cannot write."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"{path.name}: pictures are written as .png, .svg or .pdf.")
    if ending == ".svg":
        drawn.write_svg(path)
    elif ending == ".pdf":
        _pdf(drawn, path)
    elif not image(drawn, scale).save(str(path)):
        raise OSError(f"{path} cannot be written.")


def save_picture(canvas: Canvas, path: Path, scale: float) -> None:
    """Writes all of the canvas, as `write`."""
    write(record(canvas), path, scale)


def image(drawn: Drawn, scale: float) -> QImage:
    """The picture as pixels. Raises ValueError where there would be too many."""
    size = _whole(drawn.size * scale)
    if size.width() * size.height() > MOST_PIXELS or max(size.width(), size.height()) > LONGEST:
        raise ValueError(
            f"At this scale the picture would have {size.width():,} × {size.height():,} pixels, which is too large for "
            "a PNG; choose a smaller scale, or SVG or PDF."
        )
    made = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    painter.scale(scale, scale)
    drawn.paint(painter)
    painter.end()
    return made


def _area(canvas: Canvas, only: Collection[str] | None) -> QRectF:
    ids = canvas.scene.items if only is None else [i for i in only if i in canvas.scene.items]
    area = canvas.scene.bounds(ids).adjusted(-BORDER, -BORDER, BORDER, BORDER)
    if only is None and canvas.marks.known:
        area = area.united(canvas.marks.bounds().adjusted(-8, -8, 8, 8))
    for mark in _marks(canvas, only) if only is not None else ():
        area = area.united(canvas.marks.rect(mark).adjusted(-8, -8, 8, 8))
    for end in canvas.scene.routes if only is None else _wires(canvas, only):
        area = area.united(canvas.scene.routes[end].rect.adjusted(-8, -8, 8, 8))
    return area


def _wires(canvas: Canvas, only: Collection[str]) -> list[End]:
    """The wires from one of these nodes to another."""
    wires = canvas.scene.network.wires
    return [end for end in canvas.scene.routes if end.node in only and wires[end].source.node in only]


def _marks(canvas: Canvas, only: Collection[str]) -> list[str]:
    """The frames that hold nothing but these nodes, with their notes."""
    frames = [m for m in canvas.marks.known.values() if isinstance(m, Frame)]
    inside = [m for m in frames if m.members and all(member in only for member in m.members)]
    return [id for frame in inside for id in (frame.id, *frame.notes)]


def _paint_some(canvas: Canvas, painter: QPainter, only: set[str]) -> None:
    """These nodes, the wires between them and the frames around them."""
    from widgets.editor.camera import Camera
    from widgets.editor.painting.cards import Detail, paint_card
    from widgets.editor.painting.markpaint import paint_these
    from widgets.editor.painting.wires import Labels, paint_wires

    scene = canvas.scene
    ends = _wires(canvas, only)
    paint_these(painter, canvas.marks, _marks(canvas, only), 1.0)
    paint_wires(painter, scene, ends, 1.0, canvas.badges.misfits())
    Labels().paint(painter, Camera(), scene, ends)
    severities = canvas.badges.severities()
    for id in (i for i in scene.items if i in only):
        painter.save()
        painter.translate(scene.items[id].rect.topLeft())
        paint_card(painter, scene.items[id], canvas.live, Detail.FULL, 1.0, severities.get(id, ""))
        painter.restore()
    canvas.badges.paint(painter, Camera(), [i for i in canvas.badges.problems if i in only])


def _pdf(drawn: Drawn, path: Path) -> None:
    writer = QPdfWriter(str(path))
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(drawn.size * 0.75, QPageSize.Unit.Point))
    writer.setResolution(DPI)
    writer.setTitle(TITLE)
    _on(writer, path, drawn)


def _on(device: QPaintDevice, path: Path, drawn: Drawn) -> None:
    painter = QPainter()
    if not painter.begin(device):
        raise OSError(f"{path} cannot be written.")
    drawn.paint(painter)
    painter.end()


def _renderer(text: str) -> QSvgRenderer:
    from PySide6.QtSvg import QSvgRenderer

    named = text.replace(f'font-family="{FONT}"', f'font-family="{_family()}"', 1)
    return QSvgRenderer(QByteArray(named.encode("utf-8")))


@cache
def _family() -> str:
    """The first font of figures that there is here; Qt's renderer takes one name, not a list."""
    for name in FONT.split(","):
        family = name.strip(" '")
        if QFontInfo(QFont(family)).family() == family:
            return family
    return theme.font().family()


def _whole(size: QSizeF) -> QSize:
    return QSize(max(1, round(size.width())), max(1, round(size.height())))
