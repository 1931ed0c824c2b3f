"""Writing the canvas to a file: PNG as pixels, SVG and PDF as vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter

from widgets import theme

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

BORDER = 32.0
MOST_PIXELS = 100_000_000


def save_picture(canvas: Canvas, path: Path, scale: float) -> None:
    """Writes all of the network. Raises ValueError for an ending it does not know, OSError where it cannot write."""
    area = canvas.scene.bounds(canvas.scene.items).adjusted(-BORDER, -BORDER, BORDER, BORDER)
    if canvas.marks.known:
        area = area.united(canvas.marks.bounds().adjusted(-8, -8, 8, 8))
    for way in canvas.scene.routes.values():
        area = area.united(way.rect.adjusted(-8, -8, 8, 8))
    writers = {".png": _png, ".svg": _svg, ".pdf": _pdf}
    if path.suffix.lower() not in writers:
        raise ValueError(f"{path.name}: pictures are written as .png, .svg or .pdf.")
    writers[path.suffix.lower()](canvas, path, area, scale)


def _paint(canvas: Canvas, painter: QPainter, area: QRectF, scale: float) -> None:
    painter.scale(scale, scale)
    painter.translate(-area.topLeft())
    painter.fillRect(area, QColor(theme.current().background))
    canvas.picture.paint_all(painter, 1.0)


def _png(canvas: Canvas, path: Path, area: QRectF, scale: float) -> None:
    scale = min(scale, (MOST_PIXELS / max(1.0, area.width() * area.height())) ** 0.5)
    image = QImage((area.size() * scale).toSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    _paint(canvas, painter, area, scale)
    painter.end()
    if not image.save(str(path), "PNG"):
        raise OSError(f"{path} cannot be written.")


def _svg(canvas: Canvas, path: Path, area: QRectF, scale: float) -> None:
    from PySide6.QtSvg import QSvgGenerator

    made = QSvgGenerator()
    made.setFileName(str(path))
    made.setSize(_whole(area.size()))
    made.setViewBox(QRect(0, 0, _whole(area.size()).width(), _whole(area.size()).height()))
    made.setTitle("Netloom network")
    painter = QPainter()
    if not painter.begin(made):
        raise OSError(f"{path} cannot be written.")
    _paint(canvas, painter, area, 1.0)
    painter.end()


def _pdf(canvas: Canvas, path: Path, area: QRectF, scale: float) -> None:
    writer = QPdfWriter(str(path))
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(area.size() * 0.75, QPageSize.Unit.Point))
    writer.setResolution(96)
    writer.setTitle("Netloom network")
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{path} cannot be written.")
    _paint(canvas, painter, area, 1.0)
    painter.end()


def _whole(size: QSizeF) -> QSize:
    return QSize(max(1, round(size.width())), max(1, round(size.height())))
