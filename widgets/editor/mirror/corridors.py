"""Ways around nodes: where the simple way of a wire would pass behind cards, level and upright legs beside them.

A way leaves level to an upright leg, runs along a lane, and comes back by another upright leg; any of them may have no
length. Of the ways that lead along the edges of the cards which are near, the one that meets the fewest and is the
shortest is taken.
"""

from __future__ import annotations

import itertools

import numpy as np

CLEAR = 16.0
"""How far from cards a way runs."""
TURN = 40.0
"""How round its corners are at most."""
STUB = 14.0
"""How far from its port it turns at the earliest."""
MOST, LINES = 48, 6
"""With more cards on the way than this nobody looks for another; lines tried per leg."""
HIT, CORNER = 4000.0, 40.0
"""What it costs to pass behind a card, and to turn, in pixels of length."""
Point = tuple[float, float]
Segment = tuple[float, float, float, float, float, float, float, float]


def around_cards(start: Point, end: Point, boxes: np.ndarray) -> list[Point] | None:
    """The corners of a way from left to right out of `start` and into `end`, or None where there are too many cards.

    `boxes` are left, top, right and bottom of the cards that are near, float64 [count, 4], its own two included.
    """
    if not 0 < len(boxes) <= MOST:
        return None
    (x0, y0), (x1, y1) = start, end
    sides = np.concatenate([boxes[:, 0] - CLEAR, boxes[:, 2] + CLEAR])
    levels = np.concatenate([boxes[:, 1] - CLEAR, boxes[:, 3] + CLEAR, _between(boxes)])
    out = _nearest(sides[sides >= x0 + STUB], x0, [x0 + STUB, x0 + TURN])
    back = _nearest(sides[sides <= x1 - STUB], x1, [x1 - STUB, x1 - TURN])
    middle = (y0 + y1) / 2
    lanes = np.concatenate([_nearest(levels, y0, [y0, y1, middle]), _nearest(levels, y1, [])])
    right, lane, left = (grid.ravel() for grid in np.meshgrid(out, np.unique(lanes), back, indexing="ij"))
    ends = np.ones_like(lane)
    xs = np.stack([x0 * ends, right, right, left, left, x1 * ends])
    ys = np.stack([y0 * ends, y0 * ends, lane, lane, y1 * ends, y1 * ends])
    best = int(_costs(xs, ys, boxes).argmin())
    return _tidy(list(zip(xs[:, best].tolist(), ys[:, best].tolist(), strict=True)))


def _between(boxes: np.ndarray) -> np.ndarray:
    """Levels in the middle between one row of cards and the next."""
    order = boxes[boxes[:, 1].argsort()]
    floors = np.maximum.accumulate(order[:, 3])[:-1]
    free = order[1:, 1] - floors >= CLEAR
    middles: np.ndarray = (floors + order[1:, 1])[free] / 2
    return middles


def _nearest(lines: np.ndarray, to: float, also: list[float]) -> np.ndarray:
    """The lines nearest to a place, and some more."""
    found = np.unique(lines)
    near = found[np.abs(found - to).argsort()[:LINES]]
    return np.concatenate([near, also])


def _costs(xs: np.ndarray, ys: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The length of ways by their corners, float64 [corners, ways], with what it costs to turn and to meet cards."""
    length = np.abs(np.diff(xs, axis=0)).sum(axis=0) + np.abs(np.diff(ys, axis=0)).sum(axis=0)
    turns = ((np.abs(np.diff(ys, axis=0)) > 1) * CORNER).sum(axis=0)
    left, top, right, bottom = (side[:, None, None] for side in boxes.T)
    low_x, high_x = np.minimum(xs[:-1], xs[1:]), np.maximum(xs[:-1], xs[1:])
    low_y, high_y = np.minimum(ys[:-1], ys[1:]), np.maximum(ys[:-1], ys[1:])
    hit = (low_x < right - 1) & (high_x > left + 1) & (low_y < bottom + 4) & (high_y > top - 4)
    costs: np.ndarray = length + turns + HIT * hit.sum(axis=(0, 1))
    return costs


def _tidy(corners: list[Point]) -> list[Point]:
    """Without corners that are none: where the way goes straight on, or stays where it is."""
    found = [corners[0]]
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        level = abs(before[1] - here[1]) < 0.5 and abs(here[1] - after[1]) < 0.5
        if here != found[-1] and not (level and (here[0] - before[0]) * (after[0] - here[0]) >= 0):
            found.append(here)
    return [*found, corners[-1]]


def rounded(corners: list[Point]) -> list[Segment]:
    """The way through these corners as Bézier segments, its corners round; legs may follow each other on one line."""
    spans = [_span(a, b) for a, b in itertools.pairwise(corners)]
    segments: list[Segment] = []
    here = corners[0]
    for index in range(1, len(corners) - 1):
        radius = min(
            TURN, spans[index - 1] / (1 if index == 1 else 2), spans[index] / (2 if index < len(corners) - 2 else 1)
        )
        before = _towards(corners[index], corners[index - 1], radius)
        after = _towards(corners[index], corners[index + 1], radius)
        segments.append(_line(here, before))
        a, b = (
            _towards(corners[index], corners[index - 1], radius * 0.45),
            _towards(corners[index], corners[index + 1], radius * 0.45),
        )
        segments.append((*before, *a, *b, *after))
        here = after
    segments.append(_line(here, corners[-1]))
    return [s for s in segments if s[:2] != s[6:]] or segments[-1:]


def _span(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(start: Point, end: Point, step: float) -> Point:
    length = max(1e-9, _span(start, end))
    share = min(1.0, step / length)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _line(a: Point, b: Point) -> Segment:
    dx, dy = (b[0] - a[0]) / 3, (b[1] - a[1]) / 3
    return (*a, a[0] + dx, a[1] + dy, b[0] - dx, b[1] - dy, *b)
