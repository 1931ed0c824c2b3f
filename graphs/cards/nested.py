"""Numbers in lists of lists, and how they are written in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from graphs.cards.base import Nested, Rows, Value


def dims(x: Nested) -> tuple[int, ...]:
    """The size of each axis."""
    return (len(x), *dims(x[0])) if isinstance(x, list | tuple) else ()


def at(x: Nested, index: Iterable[int]) -> float:
    """The number at an index."""
    for place in index:
        x = x[place]
    return x  # type: ignore[no-any-return]


def build(sizes: tuple[int, ...], give: Callable[..., Any], index: tuple[int, ...] = ()) -> Nested:
    """Nested lists of these sizes; `give(*index)` says each number."""
    if not sizes:
        return give(*index)
    return [build(sizes[1:], give, (*index, i)) for i in range(sizes[0])]


def places(sizes: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Every index, the last axis fastest."""
    return product(*map(range, sizes))


def table(x: Nested) -> Rows:
    """A list of lists as rows of a table; a plain list is one row."""
    rows = x if isinstance(x[0], list | tuple) else [x]
    return tuple(tuple(row) for row in rows)


def number(value: Value, digits: int = 2) -> str:
    """−0.5, 3, 0.73: no more digits than are needed, and a real minus sign."""
    if isinstance(value, str):
        return value
    text = str(value) if isinstance(value, int) else f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text in ("-0", "") else text
    return text.replace("-", "−")


def factor(value: Value, digits: int = 2) -> str:
    """A number as a factor: negative ones in brackets."""
    text = number(value, digits)
    return f"({text})" if text.startswith("−") else text


def products(first: Iterable[Value], second: Iterable[Value]) -> str:
    """ "0·1 + 1·0 + 2·(−1)"."""
    return " + ".join(f"{factor(a)}·{factor(b)}" for a, b in zip(first, second, strict=True))


def added(values: Iterable[Value]) -> str:
    """ "3 − 2 + 1"."""
    text = ""
    for value in values:
        said = number(value)
        text += said if not text else (f" − {said[1:]}" if said.startswith("−") else f" + {said}")
    return text


def spaced(start: float, stop: float, count: int) -> tuple[float, ...]:
    """`count` numbers at equal distances, both ends included."""
    return tuple(start + (stop - start) * i / (count - 1) for i in range(count))
