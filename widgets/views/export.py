"""Saving what a view shows: pictures as PNG and SVG, numbers as CSV. A file is whole or not there at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from graphs.files.atomic import write_bytes, write_text
from widgets import theme

MARGIN, FOOT = 16, 8
HEAD = 28

Head = Callable[[QPainter, QRectF], None]


class UnknownFormatError(ValueError):
    """The file's ending is neither .png nor .svg."""


def save_picture(body: QWidget, head: Head, path: Path, *, scale: float = 2.0) -> None:
    """`body` under its headline as .png (at `scale`) or .svg (lines and text as vectors).

    Raises UnknownFormatError for another ending, OSError where the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending == ".png":
        write_bytes(path, _png(picture(body, head, scale)))
    elif ending == ".svg":
        write_text(path, svg(body, head))
    else:
        raise UnknownFormatError(f"{path.name}: a picture is saved as .png or .svg.")


def picture(body: QWidget, head: Head, scale: float = 2.0) -> QImage:
    """`body` under its headline as an image."""
    size = _size(body)
    image = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    _compose(painter, body, head, size)
    painter.end()
    return image


def svg(body: QWidget, head: Head) -> str:
    """`body` under its headline as SVG text."""
    from PySide6.QtSvg import QSvgGenerator

    size, buffer = _size(body), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(), size))
    generator.setResolution(96)
    generator.setTitle("Netloom")
    painter = QPainter(generator)
    _compose(painter, body, head, size)
    painter.end()
    text = bytes(buffer.data().data()).decode("utf-8")
    return text.replace("<image ", '<image style="image-rendering:pixelated" ')


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV: full precision, "\\n" line ends, UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_plain(value) for value in row] for row in rows])
    return out.getvalue()


def save_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write `csv_text` to `path`; raises OSError."""
    write_text(path, csv_text(header, rows))


def _plain(value: Any) -> Any:
    """A numpy number as Python's, so that it is written with the digits that read back the same."""
    return value.item() if hasattr(value, "item") else value


def _size(body: QWidget) -> QSize:
    return QSize(body.width(), body.height() + HEAD + MARGIN + FOOT)


def _compose(painter: QPainter, body: QWidget, head: Head, size: QSize) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRect(QPoint(), size), theme.qcolor(theme.current().panel))
    head(painter, QRectF(MARGIN, MARGIN - 6, body.width() - 2 * MARGIN, HEAD))
    body.render(painter, QPoint(0, MARGIN + HEAD), QRegion(), QWidget.RenderFlag.DrawChildren)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())
