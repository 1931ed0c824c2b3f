"""The fonts of cards: how large, how wide a text gets, and how it is shortened.

Zoomed out a little, letters grow in proportion to their card, so that they stay legible on the screen. Cards are
the same in scene pixels at every size of the system's text: larger text only shows the network larger.
"""

from __future__ import annotations

import math
from enum import IntEnum
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from widgets import theme

LEGIBLE = 0.8
"""The zoom below which letters begin to grow."""
MOST = 1.55
SIZES = (13.5, 12.0, 11.5)
"""Heights of the three fonts at 100 %."""
SMALLEST = 8.5
"""Letters on the screen are at least this high, in pixels."""


class Face(IntEnum):
    """Which of a card's fonts."""

    NAME = 0
    TEXT = 1
    SMALL = 2


def growth(zoom: float) -> float:
    """How much larger than at 100 % letters are drawn, in scene pixels, at this zoom."""
    return round(min(MOST, max(1.0, LEGIBLE * theme.scale() / zoom)), 2)


def sizes(zoom: float) -> tuple[float, ...]:
    """Growths to try at this zoom, the largest first; the last is the least that is legible."""
    most = growth(zoom)
    least = min(most, max(1.0, math.ceil(SMALLEST / zoom) / SIZES[Face.SMALL]))
    return tuple(round(least + (most - least) * step / 3, 2) for step in (3, 2, 1, 0))


def font(which: Face, grown: float = 1.0) -> QFont:
    """One of the fonts, in scene pixels; a copy, which may be changed."""
    return QFont(_font(which, grown))


@lru_cache(maxsize=256)
def _font(which: Face, grown: float) -> QFont:
    made = theme.font(SIZES[which], QFont.Weight.DemiBold if which == Face.NAME else QFont.Weight.Normal)
    made.setPixelSize(round(SIZES[which] * grown))
    return made


def width(text: str, which: Face, grown: float = 1.0) -> float:
    """How wide a text is, in scene pixels."""
    return _width(text, which, grown)


@lru_cache(maxsize=32768)
def _width(text: str, which: Face, grown: float) -> float:
    return _metrics(which, grown).horizontalAdvance(text)


@lru_cache(maxsize=256)
def _metrics(which: Face, grown: float) -> QFontMetricsF:
    return QFontMetricsF(_font(which, grown))


def shortened(text: str, room: float, which: Face, grown: float = 1.0) -> str:
    """The text, with an ellipsis where it is wider than `room`."""
    if width(text, which, grown) <= room:
        return text
    return _metrics(which, grown).elidedText(text, Qt.TextElideMode.ElideRight, room)
