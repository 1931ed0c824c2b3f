"""The worked example of a help card as one still picture: its numbers, and the first step of the sum marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from graphs.cards.base import Bars, Cell, Curve, Demonstration, Part, Table
from graphs.pictures.colours import COLOURS
from graphs.pictures.inks import mix
from graphs.pictures.lettering import safe
from graphs.pictures.lettering import width as width_of
from graphs.reference.themes import merged

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
ROLES = {"input": "convolution", "weight": "linear", "output": "pooling", "state": "activation", "picture": "io"}
HIGH, GAP, MARGIN, TITLE, SMALL = 24.0, 22.0, 20.0, 22.0, 12
NARROW, PLOT, BAR = 34.0, (230.0, 140.0), 150.0
LONGEST = 96
"""Characters of a line of words under the numbers."""


class _Placed(NamedTuple):
    part: Part | str
    left: float
    top: float
    width: float
    height: float


def picture(shown: Demonstration, title: str) -> str:
    """The example as SVG text that follows the reader's theme."""
    return merged(_picture(shown, "light", title), _picture(shown, "dark", title))


def _picture(shown: Demonstration, theme: Literal["light", "dark"], title: str) -> str:
    ink = COLOURS[theme]
    placed, width, height = _arranged(shown)
    words = list(_words(shown))
    width = max(width, max((width_of(line, SMALL) for line in words), default=0.0))
    total = height + (len(words) * 18 + 12 if words else 0)
    marks = shown.steps[0].marks if shown.steps else {}
    box = f"0 0 {width + 2 * MARGIN:.0f} {total + 2 * MARGIN:.0f}"
    size = f'width="{width + 2 * MARGIN:.0f}" height="{total + 2 * MARGIN:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {size} font-family="{FONT}" font-size="{SMALL}">',
        f"<title>{safe(title)}</title>",
        f'<rect {size} rx="8" fill="{ink["background"]}"/>',
    ]
    for each in placed:
        lines += _part(each, marks, ink)
    top = MARGIN + height + 24
    for number, line in enumerate(words):
        lines.append(_text(MARGIN, top + 18 * number, line, ink["dim"]))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _words(shown: Demonstration) -> Iterator[str]:
    for line in shown.steps[0].words if shown.steps else ():
        yield line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _arranged(shown: Demonstration) -> tuple[list[_Placed], float, float]:
    """Rows of parts, each part in the middle of its row."""
    placed: list[_Placed] = []
    top, widest = MARGIN, 0.0
    for row in shown.rows:
        sizes = [_size(part) for part in row]
        high, left = max((height for _, height in sizes), default=0.0), MARGIN
        for part, (width, height) in zip(row, sizes, strict=True):
            placed.append(_Placed(part, left, top + (high - height) / 2, width, height))
            left += width + (GAP if not isinstance(part, str) else GAP / 2)
        widest = max(widest, left - GAP - MARGIN)
        top += high + GAP
    return placed, widest, top - GAP - MARGIN


def _size(part: Part | str) -> tuple[float, float]:
    if isinstance(part, str):
        return width_of(part, 16) + 4, 20.0
    if isinstance(part, Curve):
        return PLOT[0], PLOT[1] + TITLE
    if isinstance(part, Bars):
        labels = max((width_of(label, SMALL) for label in part.labels), default=0.0)
        return max(labels + BAR + 48, width_of(part.name, SMALL)), len(part.values) * HIGH + TITLE
    columns, before = _columns(part)
    whole = before + sum(columns)
    return max(whole, width_of(part.name, SMALL)), (len(part.rows) + bool(part.across)) * HIGH + TITLE


def _columns(part: Table) -> tuple[list[float], float]:
    """How wide the columns are, and the words before the rows."""
    count = max((len(row) for row in part.rows), default=0)
    cells = [
        [_number(row[i]) for row in part.rows if i < len(row)] + list(part.across[i : i + 1]) for i in range(count)
    ]
    before = max((width_of(word, SMALL) + 10 for word in part.down), default=0.0)
    return [max(NARROW, *(width_of(text, SMALL) + 12 for text in column)) for column in cells], before


def _part(each: _Placed, marks: Mapping[str, tuple[Cell, ...]], ink: Mapping[str, str]) -> Iterator[str]:
    if isinstance(each.part, str):
        yield _text(
            each.left + each.width / 2, each.top + TITLE / 2 + each.height / 2 + 4, each.part, ink["dim"], 16, True
        )
        return
    yield _text(each.left, each.top + 12, each.part.name, ink["dim"])
    if isinstance(each.part, Table):
        yield from _table(each.part, each.left, each.top + TITLE, marks.get(each.part.name, ()), ink)
    elif isinstance(each.part, Curve):
        yield from _curve(each.part, each.left, each.top + TITLE, ink)
    else:
        yield from _bars(each.part, each.left, each.top + TITLE, ink)


def _table(part: Table, left: float, top: float, marked: tuple[Cell, ...], ink: Mapping[str, str]) -> Iterator[str]:
    columns, before = _columns(part)
    colour = ink[ROLES[part.role]]
    for number, word in enumerate(part.across):
        at = left + before + sum(columns[:number]) + columns[min(number, len(columns) - 1)] / 2
        yield _text(at, top + 16, word, ink["faint"], SMALL, True)
    top += HIGH * bool(part.across)
    for row, word in enumerate(part.down):
        yield _text(left, top + row * HIGH + 16, word, ink["faint"])
    high, last = len(part.rows), max((len(row) for row in part.rows), default=0)
    for row, values in enumerate(part.rows):
        at = left + before
        for column, value in enumerate(values):
            edge = not (part.border <= row < high - part.border and part.border <= column < last - part.border)
            share = 0.5 if (row, column) in marked else (0.04 if part.border and edge else 0.14)
            yield (
                f'<rect x="{at:g}" y="{top + row * HIGH:g}" width="{columns[column]:g}" height="{HIGH:g}" '
                f'fill="{mix(colour, ink["card"], share)}" stroke="{ink["line"]}"/>'
            )
            tone = ink["faint"] if part.border and edge else ink["text"]
            yield _text(at + columns[column] / 2, top + row * HIGH + 16, _number(value), tone, SMALL, True)
            at += columns[column]


def _curve(part: Curve, left: float, top: float, ink: Mapping[str, str]) -> Iterator[str]:
    """The function as a line, its slope dashed, both axes where they are."""
    width, height = PLOT
    every = [*part.ys, *part.slopes, 0.0]
    low, high = min(every), max(every)
    first, last = min(part.xs), max(part.xs)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            left + (x - first) / ((last - first) or 1) * width,
            top + height - (y - low) / ((high - low) or 1) * height,
        )

    ground = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
    yield f'<rect {ground} fill="{ink["card"]}" stroke="{ink["line"]}"/>'
    zero = at(0.0, 0.0)
    yield f'<path d="M{left:g} {zero[1]:.1f}h{width:g}" stroke="{ink["line"]}"/>'
    if first < 0 < last:
        yield f'<path d="M{zero[0]:.1f} {top:g}v{height:g}" stroke="{ink["line"]}"/>'
    for values, tone, dash in (
        (part.slopes, ink["activation"], ' stroke-dasharray="4 4"'),
        (part.ys, ink["convolution"], ""),
    ):
        if values:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, part.xs, values))
            yield f'<polyline points="{points}" fill="none" stroke="{tone}" stroke-width="2"{dash}/>'
    yield _text(left + 4, top + height - 5, f"{first:g}", ink["faint"], 10)
    yield _text(left + width - 4 - width_of(f"{last:g}", 10), top + height - 5, f"{last:g}", ink["faint"], 10)
    yield _text(left + 4, top + 12, f"{high:.3g}", ink["faint"], 10)


def _bars(part: Bars, left: float, top: float, ink: Mapping[str, str]) -> Iterator[str]:
    most = max((abs(value) for value in part.values), default=1.0) or 1.0
    before = max((width_of(label, SMALL) + 8 for label in part.labels), default=0.0)
    for row, value in enumerate(part.values):
        y = top + row * HIGH
        if row < len(part.labels):
            yield _text(left, y + 16, part.labels[row], ink["faint"])
        long = abs(value) / most * BAR
        fill = mix(ink[ROLES[part.role]], ink["card"], 0.6)
        size = f'width="{long:.1f}" height="{HIGH - 8:g}"'
        yield f'<rect x="{left + before:g}" y="{y + 4:g}" {size} rx="2" fill="{fill}"/>'
        yield _text(left + before + long + 6, y + 16, _number(value), ink["text"])


def _number(value: float | int | str) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−")


def _text(x: float, y: float, text: str, colour: str, size: int = SMALL, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    other = f' font-size="{size}"' if size != SMALL else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{other}{anchor}>{safe(text)}</text>'
