"""The fonts of cards: how large, how wide a text gets, and how it is shortened.

Zoomed out a little, letters grow in proportion to their card, so that they stay legible on the screen.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from widgets import theme

LEGIBLE = 0.8
"""The zoom below which letters begin to grow."""
MOST = 1.3


class Face(IntEnum):
    """Which of a card's fonts."""

    NAME = 0
    TEXT = 1
    SMALL = 2


def growth(zoom: float) -> float:
    """How much larger than at 100 % letters are drawn, in scene pixels, at this zoom."""
    return round(min(MOST, max(1.0, LEGIBLE / zoom)), 2)


def font(which: Face, grown: float = 1.0) -> QFont:
    """One of the fonts, in scene pixels."""
    return _font(which, grown, theme.scale())


@lru_cache(maxsize=256)
def _font(which: Face, grown: float, scale: float) -> QFont:
    made = theme.font((13.5, 12.0, 11.5)[which], QFont.Weight.DemiBold if which == Face.NAME else QFont.Weight.Normal)
    made.setPixelSize(round(made.pixelSize() * grown))
    return made


def width(text: str, which: Face, grown: float = 1.0) -> float:
    """How wide a text is, in scene pixels."""
    return _width(text, which, grown, theme.scale())


@lru_cache(maxsize=32768)
def _width(text: str, which: Face, grown: float, scale: float) -> float:
    return _metrics(which, grown, scale).horizontalAdvance(text)


@lru_cache(maxsize=256)
def _metrics(which: Face, grown: float, scale: float) -> QFontMetricsF:
    return QFontMetricsF(_font(which, grown, scale))


def shortened(text: str, room: float, which: Face, grown: float = 1.0) -> str:
    """The text, with an ellipsis where it is wider than `room`."""
    if width(text, which, grown) <= room:
        return text
    return _metrics(which, grown, theme.scale()).elidedText(text, Qt.TextElideMode.ElideRight, room)
