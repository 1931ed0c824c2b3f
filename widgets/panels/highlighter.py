"""Colours for Python source: words of the language, names being defined, strings, numbers, comments."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from widgets import theme

WORDS = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<open>\"\"\"|''')"
    r"|(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<defined>(?<=class )\w+|(?<=def )\w+)"
    rf"|(?P<word>\b(?:{'|'.join(keyword.kwlist)}|self)\b)"
    r"|(?P<number>\b\d[\d_.e]*\b)"
)
QUOTES = ('"""', "'''")
"""What begins and ends a text of several lines; a block whose end lies within one has its place here as its state."""


class Highlighter(QSyntaxHighlighter):
    """Follows the theme."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.notifier().changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        self.setCurrentBlockState(-1)
        within = self.previousBlockState()
        place = self._string(text, 0, 0, within) if within >= 0 else 0
        while (match := WORDS.search(text, place)) is not None:
            if match.lastgroup == "open":
                place = self._string(text, match.start(), match.end(), QUOTES.index(match.group()))
            else:
                self._paint(match.start(), match.end(), str(match.lastgroup))
                place = match.end()

    def _string(self, text: str, start: int, inside: int, quotes: int) -> int:
        """Colour a text of several lines from `start` on, whose words begin at `inside`; where it ends."""
        end = text.find(QUOTES[quotes], inside)
        if end < 0:
            self.setCurrentBlockState(quotes)
        end = len(text) if end < 0 else end + len(QUOTES[quotes])
        self._paint(start, end, "text")
        return end

    def _paint(self, start: int, end: int, what: str) -> None:
        made = QTextCharFormat()
        made.setForeground(theme.qcolor(self._colours()[what]))
        self.setFormat(start, end - start, made)

    def _colours(self) -> dict[str, str]:
        now = theme.current()
        return {
            "comment": now.faint,
            "text": now.good,
            "defined": now.accent,
            "word": theme.mix(now.families["recurrent"], now.text, 0.6),
            "number": now.warn,
        }
