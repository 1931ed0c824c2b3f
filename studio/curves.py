"""The curves of a run as a small SVG picture, without Qt: loss above, accuracy below, over epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from studio.training.history import EpochRow, History

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, GAP = 56, 132, 52, 44
PANEL = (HEIGHT - TOP - GAP - 32) / 2
TRAIN, VALIDATION = "#1f6fe5", "#12805c"
TEXT, FAINT, LINE = "#1a1d23", "#4b5565", "#d7dbe2"
MOST_POINTS = 600

Value = Callable[[EpochRow], float]


@dataclass(frozen=True)
class _Panel:
    """One pair of axes: `low`…`high` from `bottom` up to `top`, epochs 1…`last` from left to right."""

    top: float
    low: float
    high: float
    last: int

    def x(self, epoch: float) -> float:
        span = WIDTH - LEFT - RIGHT
        return LEFT + span * ((epoch - 1) / (self.last - 1) if self.last > 1 else 0.5)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.top + PANEL * (1 - min(max(share, 0.0), 1.0))

    def grid(self, marks: Sequence[float], label: Callable[[float], str]) -> Iterable[str]:
        for mark in marks:
            y = self.y(mark)
            yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>'
            yield _text(label(mark), LEFT - 8, y + 4, FAINT, "end")

    def curve(self, rows: Sequence[EpochRow], value: Value, colour: str, name: str, shift: float) -> Iterable[str]:
        points = [(self.x(row.epoch), self.y(value(row))) for row in rows if math.isfinite(value(row))]
        if not points:
            return
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        x, y = points[-1]
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
        yield _text(name, WIDTH - RIGHT + 8, y + 4 + shift, colour)


def svg(history: History, title: str) -> str:
    """Loss and accuracy of every epoch on training and validation samples; accuracy only where there is one."""
    rows = _thinned(history.epochs)
    body = [_text(title, LEFT, 24, TEXT, size=14, weight=600)]
    if rows:
        body += _panels(rows)
    else:
        body.append(_text("No epoch is complete yet.", LEFT, TOP + 20, FAINT))
    lines = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12">\n<title>{escape(title)}: curves</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{lines}\n</svg>\n'
    )


def _thinned(rows: Sequence[EpochRow]) -> list[EpochRow]:
    step = max(1, len(rows) // MOST_POINTS)
    kept = list(rows[::step])
    return kept if not rows or kept[-1] is rows[-1] else [*kept, rows[-1]]


def _panels(rows: Sequence[EpochRow]) -> list[str]:
    last = rows[-1].epoch
    losses = [v for row in rows for v in (row.train_loss, row.val_loss) if math.isfinite(v)]
    high, marks = _scale(max(losses, default=1.0))
    loss = _Panel(TOP, 0.0, high, last)
    body = [*loss.grid(marks, lambda v: f"{v:g}"), _text("loss", LEFT, TOP - 6, FAINT)]
    body += _pair(loss, rows, lambda r: r.train_loss, lambda r: r.val_loss, lambda v: f"{v:.3g}")
    if any(math.isfinite(row.train_accuracy) for row in rows):
        accuracy = _Panel(TOP + PANEL + GAP, 0.0, 1.0, last)
        body += accuracy.grid((0, 0.25, 0.5, 0.75, 1), lambda v: f"{v:.0%}")
        body.append(_text("accuracy", LEFT, accuracy.top - 6, FAINT))
        body += _pair(accuracy, rows, lambda r: r.train_accuracy, lambda r: r.val_accuracy, lambda v: f"{v:.1%}")
    body.append(_text("1", LEFT, HEIGHT - 12, FAINT))
    body.append(_text(f"{last:,} epochs", WIDTH - RIGHT, HEIGHT - 12, FAINT, "end"))
    return body


def _pair(
    panel: _Panel, rows: Sequence[EpochRow], train: Value, validation: Value, label: Callable[[float], str]
) -> list[str]:
    """Both curves; their labels are moved apart where they would overlap."""
    ends = [value(rows[-1]) for value in (train, validation)]
    finite = all(map(math.isfinite, ends))
    distance = panel.y(ends[0]) - panel.y(ends[1]) if finite else 99.0
    shift = max(0.0, 14 - abs(distance)) / 2 * (1 if distance >= 0 else -1)
    return [
        *panel.curve(rows, train, TRAIN, f"training {label(ends[0])}", shift),
        *panel.curve(rows, validation, VALIDATION, f"validation {label(ends[1])}", -shift),
    ]


def _scale(highest: float) -> tuple[float, list[float]]:
    """A round number at or above `highest`, and marks up to it."""
    if highest <= 0:
        return 1.0, [0, 0.5, 1]
    unit = 10.0 ** math.floor(math.log10(highest))
    step = next(unit * f for f in (0.2, 0.5, 1, 2, 5) if highest <= 5 * unit * f)
    count = math.ceil(highest / step)
    return step * count, [step * k for k in range(count + 1)]


def _text(text: str, x: float, y: float, colour: str, anchor: str = "start", size: int = 12, weight: int = 400) -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {style}>{escape(text)}</text>'
