"""Text in pictures: about how wide it is, shortened to a room, and safe inside XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

__all__ = ["elided", "safe", "width"]


def width(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif font of `size` pixels."""
    narrow = sum(c in "ijlftI.,:;|!'()[] ·" for c in text)
    wide = sum(c in "mwMW@%" or ord(c) > 0x2E7F for c in text)
    return size * (0.62 * len(text) - 0.25 * narrow + 0.3 * wide)


def elided(text: str, room: float, size: float) -> str:
    """The text, shortened with an ellipsis where it is wider than `room`."""
    if width(text, size) <= room + 1:
        return text
    text = text[: int(room / size * 3) + 8]
    while text and width(text, size) + size > room:
        text = text[:-1]
    return text.rstrip() + "…"


def safe(text: str) -> str:
    """Text that is safe inside XML: markup escaped, characters that XML has no place for replaced."""
    allowed = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)
    return escape(" ".join(allowed.split()), {'"': "&quot;"})
