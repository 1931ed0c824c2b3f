r"""Formulas: a small markup that reads like a textbook when it is drawn.

"y_i = \frac{x_i - μ}{\sqrt{σ^2 + ε}}": _ and ^ take one sign or a group in braces; \frac, \sqrt and
\sum, \max, \prod (with limits) are known, a word stands upright, one or two letters are slanted.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORT_WORDS = ("of", "in", "by")
_LIMITS = {"sum": "∑", "prod": "∏", "max": "max"}


class FormulaFault(ValueError):
    """Markup that cannot be read."""


@dataclass(frozen=True)
class Text:
    """Signs in a row; `slanted` for the letter of a quantity."""

    text: str
    slanted: bool = False


@dataclass(frozen=True)
class Row:
    """One after another."""

    parts: tuple[Box, ...]


@dataclass(frozen=True)
class Scripts:
    """Something with what stands below and above it; `limits` puts them under and over, as with a sum."""

    base: Box
    below: Box | None
    above: Box | None
    limits: bool = False


@dataclass(frozen=True)
class Fraction:
    """One over the other."""

    top: Box
    bottom: Box


@dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Box


Box = Text | Row | Scripts | Fraction | Root


def parse(markup: str) -> Row:
    """The boxes of a line of markup. Raises FormulaFault."""
    reader = _Reader(markup)
    made = reader.row("")
    if reader.place < len(markup):
        raise FormulaFault(f"“{markup}” has a closing brace too many.")
    return made


def plain(markup: str) -> str:
    """A formula in one line of text, for screen readers and tooltips."""
    return _plain(parse(markup)).strip()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    def row(self, end: str) -> Row:
        parts: list[Box] = []
        while self.place < len(self.text) and self.text[self.place] != "}":
            parts.append(self._scripted(self._atom()))
        if end:
            self._take(end)
        return Row(tuple(parts))

    def _take(self, sign: str) -> None:
        if self.text[self.place : self.place + 1] != sign:
            raise FormulaFault(f"“{self.text}” lacks “{sign}” at place {self.place + 1}.")
        self.place += 1

    def _group(self) -> Box:
        if self.text[self.place : self.place + 1] == "{":
            self.place += 1
            return self.row("}")
        return self._atom()

    def _scripted(self, base: Box) -> Box:
        below = above = None
        while self.text[self.place : self.place + 1] in ("_", "^") and self.place < len(self.text):
            sign = self.text[self.place]
            self.place += 1
            if sign == "_":
                below = self._group()
            else:
                above = self._group()
        if below is None and above is None:
            return base
        return Scripts(base, below, above, isinstance(base, Text) and base.text in _LIMITS.values())

    def _atom(self) -> Box:
        sign = self.text[self.place : self.place + 1]
        if not sign:
            raise FormulaFault(f"“{self.text}” ends too early.")
        if sign == "{":
            return self._group()
        if sign == "\\":
            self.place += 1
            return (
                self._brace() if self.text[self.place : self.place + 1] in ("{", "}") else self._command(self._word())
            )
        if sign.isalpha():
            word = self._word()
            if len(word) > 2 or word in SHORT_WORDS:
                return Text(word)
            self.place -= len(word) - 1
            return Text(word[0], slanted=True)
        self.place += 1
        return Text("−" if sign == "-" else sign)

    def _brace(self) -> Text:
        self.place += 1
        return Text(self.text[self.place - 1])

    def _word(self) -> str:
        start = self.place
        while self.place < len(self.text) and self.text[self.place].isalpha():
            self.place += 1
        return self.text[start : self.place]

    def _command(self, name: str) -> Box:
        if name == "frac":
            return Fraction(self._group(), self._group())
        if name == "sqrt":
            return Root(self._group())
        if name in _LIMITS:
            return Text(_LIMITS[name])
        raise FormulaFault(f"“{self.text}” uses \\{name}, which is not known.")


def _plain(box: Box) -> str:
    if isinstance(box, Text):
        return box.text
    if isinstance(box, Row):
        return "".join(_plain(part) for part in box.parts)
    if isinstance(box, Fraction):
        return f"({_bracketed(box.top)} / {_bracketed(box.bottom)})"
    if isinstance(box, Root):
        return f"√{_bracketed(box.inside)}"
    below = f" from {_plain(box.below)}" if box.below and box.limits else _below(box.below)
    above = f" to {_plain(box.above)} of " if box.above and box.limits else _above(box.above)
    return f"{_plain(box.base)}{below}{above}"


def _bracketed(box: Box) -> str:
    text = _plain(box)
    return text if len(text) == 1 else f"({text})"


def _below(box: Box | None) -> str:
    return f"_{_bracketed(box)}" if box is not None else ""


def _above(box: Box | None) -> str:
    return f"^{_bracketed(box)}" if box is not None else ""
