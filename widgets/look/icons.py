"""The window's own icons: small SVG files on a 24 px grid, drawn in the theme's colours."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from widgets import theme

FOLDER = Path(__file__).parents[2] / "resources" / "icons"
_SIZES = (16, 32)


@cache
def _drawing(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _pixmap(name: str, colour: str, size: int) -> QPixmap:
    markup = _drawing(name).replace("currentColor", colour)
    made = QPixmap(size, size)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(markup.encode())).render(painter)
    painter.end()
    return made


def icon(name: str, tone: str = "dim") -> QIcon:
    """The icon `name` in the theme's colour `tone`. Raises FileNotFoundError for a name that is none."""
    now, made = theme.current(), QIcon()
    for mode, wanted in (
        (QIcon.Mode.Normal, tone),
        (QIcon.Mode.Active, "text"),
        (QIcon.Mode.Disabled, "line"),
    ):
        for size in _SIZES if mode == QIcon.Mode.Normal else _SIZES[1:]:
            made.addPixmap(_pixmap(name, getattr(now, wanted), size), mode)
    return made


def pixmap(name: str, tone: str = "dim", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` pixels, sharp on a screen with the ratio `ratio`."""
    made = QPixmap(_pixmap(name, getattr(theme.current(), tone), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    return made


def set_icon(button: QAbstractButton | QAction, name: str, size: int = 16, tone: str = "dim") -> None:
    """Gives a button an icon that `refresh` draws again when the theme changes."""
    button.setProperty("shape", name)
    button.setProperty("shape_tone", tone)
    button.setIcon(icon(name, tone))
    if isinstance(button, QAbstractButton):
        button.setIconSize(QSize(size, size))


def refresh(parent: QObject) -> None:
    """Draws the icons of all buttons and actions under `parent` in the colours of the theme now."""
    owners: list[QAbstractButton | QAction] = [*parent.findChildren(QAbstractButton), *parent.findChildren(QAction)]
    for owner in owners:
        if name := owner.property("shape"):
            owner.setIcon(icon(str(name), str(owner.property("shape_tone"))))
