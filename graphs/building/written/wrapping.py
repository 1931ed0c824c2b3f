"""Long statements in several lines, as formatters of Python source write them."""

from __future__ import annotations

from itertools import pairwise

__all__ = ["wrapped"]

ROOM = 102
"""Characters of a statement in a method of a class, in lines of 110."""
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def wrapped(statement: str, comment: str = "", room: int = ROOM) -> str:
    """A statement of one line in as many as it needs; `comment` is what will stand behind it.

    What is between the brackets of the call goes into a line of its own, or each argument does.
    """
    behind = len(comment) + 4 if comment else 0
    if "\n" in statement or len(statement) + behind <= room:
        return statement
    found = _outermost(statement)
    if found is None:
        return statement
    start, end = found
    head, inner, tail = statement[: start + 1], statement[start + 1 : end], statement[end:]
    literal = start == 0 or not (statement[start - 1].isalnum() or statement[start - 1] in "_])")
    if not literal and len(inner) + 4 <= room:
        return f"{head}\n    {inner}\n{tail}"
    arguments = [wrapped(argument, room=room - 5).replace("\n", "\n    ") for argument in _parted(inner)]
    return f"{head}\n" + "".join(f"    {argument},\n" for argument in arguments) + tail


def _outermost(text: str) -> tuple[int, int] | None:
    """Where the last pair of brackets with something to part inside opens and closes, that is in no other pair."""
    found = None
    opened: list[int] = []
    for place, sign in _signs(text):
        if sign in _PAIRS:
            opened.append(place)
        elif sign in _PAIRS.values():
            start = opened.pop()
            if not opened and sign != "]" and place > start + 1:
                found = start, place
    return found


def _parted(text: str) -> list[str]:
    """The arguments of a call."""
    depth, cuts = 0, [-1]
    for place, sign in _signs(text):
        depth += (sign in _PAIRS) - (sign in _PAIRS.values())
        if sign == "," and not depth:
            cuts.append(place)
    cuts.append(len(text))
    return [part for a, b in pairwise(cuts) if (part := text[a + 1 : b].strip())]


def _signs(text: str) -> list[tuple[int, str]]:
    """Brackets and commas outside of quotes, and where they stand."""
    found, quote = list[tuple[int, str]](), ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "()[]{},":
            found.append((place, sign))
    return found
