"""Colours for Python source: words of the language, names being defined, strings, numbers, comments."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from widgets import theme

WORDS = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<text>\"\"\".*?(?:\"\"\"|$)|\"[^\"]*\"|'[^']*')"
    r"|(?P<defined>(?<=class )\w+|(?<=def )\w+)"
    rf"|(?P<word>\b(?:{'|'.join(keyword.kwlist)}|self)\b)"
    r"|(?P<number>\b\d[\d_.e]*\b)"
)


class Highlighter(QSyntaxHighlighter):
    """Follows the theme."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.notifier().changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        for match in WORDS.finditer(text):
            colour = self._colours()[str(match.lastgroup)]
            made = QTextCharFormat()
            made.setForeground(theme.qcolor(colour))
            self.setFormat(match.start(), match.end() - match.start(), made)

    def _colours(self) -> dict[str, str]:
        now = theme.current()
        return {
            "comment": now.faint,
            "text": now.good,
            "defined": now.accent,
            "word": theme.mix(now.families["recurrent"], now.text, 0.6),
            "number": now.warn,
        }
