"""How a person's text becomes numbers: plain ones, series such as 3×5, arithmetic, expressions over names. No Qt.

Arithmetic without names is its number; what has a name in it is kept as an expression, "=width*2".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphs.meaning.expressions import (
    ExpressionFault,
    evaluate,
    expressions_in,
    is_expression,
    names_in,
    resolve_fields,
)

Names = Mapping[str, Any]
"""What names stand for; numbers, and for parameters of a block also texts and truth values."""

_PIECE = re.compile(
    r"(?P<operand>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*)|(?P<between>[×,;])|(?P<space>\s+)|(?P<sign>.)",
    re.ASCII,
)


def parts(text: str) -> list[str]:
    """A series typed as "3×5", "3x5", "3, 5", "3 5" or "width+1 x 3", taken apart where no bracket is open."""
    made, here, depth, operand, at = [], "", 0, False, 0
    text = _bare(text.strip())
    while match := _PIECE.match(text, at):
        piece, sort = match[0], match.lastgroup
        if operand and piece[0] in "xX" and (here[-1].isspace() or here[-1].isdigit() or here[-1] == ")"):
            piece, sort = piece[0], "between"
        at += len(piece)
        apart = operand and sort == "operand" and here[-1:].isspace()
        if not depth and (apart or sort == "between"):
            made.append(here)
            here = ""
        if depth or sort != "between":
            here += piece
        depth += {"(": 1, ")": -1}.get(piece, 0)
        operand = operand if sort == "space" else sort == "operand" or piece == ")"
    return [part for part in map(str.strip, [*made, here]) if part]


def _bare(text: str) -> str:
    """The text without one pair of brackets around all of it."""
    if text[:1] not in ("(", "["):
        return text
    depth = 0
    for index, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if not depth:
            return text[1:-1] if index == len(text) - 1 else text
    return text


def arithmetic(text: str) -> list[Any]:
    """What a text means as arithmetic: its number, or the expression where names or faults are in it."""
    text = text.strip().removeprefix("=").strip()
    if not text:
        return []
    if not names_in(text):
        try:
            return [evaluate(text, {})]
        except ExpressionFault:
            pass  # said where the candidate is judged
    return [f"={text}"]


def has_names(value: Any) -> bool:
    """Whether a value holds an expression that speaks of names."""
    return any(names_in(text) for text in expressions_in(value))


def value_of(value: Any, names: Names) -> Any:
    """A field's value with its expressions evaluated. Raises ExpressionFault."""
    alone = value[1:].strip() if is_expression(value) else ""
    if isinstance(names.get(alone), str | bool):
        return names[alone]
    return resolve_fields({"": value}, names)[""]


def typed(value: Any) -> Any:
    """An expression as a person types it: without the "="."""
    return value[1:] if is_expression(value) else value


def without_expressions(values: Mapping[str, Any], names: Names | None) -> dict[str, Any]:
    """The values with every expression evaluated; a field whose expression has no value is left out."""
    made = {}
    for name, value in values.items():
        try:
            made[name] = value_of(value, names or {}) if expressions_in(value) else value
        except ExpressionFault:
            continue
    return made
