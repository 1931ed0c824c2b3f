"""Where boxes stand beside each other: aligned, at equal distances, inside a frame, on free ground.

Boxes are (left, top, width, height) in pixels at 100 % zoom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Side = Literal["left", "centre", "right", "top", "middle", "bottom"]

BESIDE, ABOVE = 24.0, 40.0
"""Between a frame's border and what it holds: at three sides, and at the top, where its title stands."""
LEAST_GAP = 16.0


def around(boxes: Iterable[Box]) -> Box | None:
    """The box around boxes; None around none."""
    found = list(boxes)
    if not found:
        return None
    left, top = min(b[0] for b in found), min(b[1] for b in found)
    return left, top, max(b[0] + b[2] for b in found) - left, max(b[1] + b[3] for b in found) - top


def framed(boxes: Iterable[Box]) -> Box | None:
    """The box of a frame that holds these boxes; None where it holds none."""
    inner = around(boxes)
    if inner is None:
        return None
    left, top, width, height = inner
    return left - BESIDE, top - ABOVE, width + 2 * BESIDE, height + ABOVE + BESIDE


def aligned(boxes: Mapping[str, Box], side: Side) -> dict[str, Point]:
    """New corners that bring one side, or the middles, of all boxes in line; those that stay are left out."""
    whole = around(boxes.values())
    if whole is None:
        return {}
    left, top, width, height = whole
    place: Mapping[str, Callable[[Box], Point]] = {
        "left": lambda b: (left, b[1]),
        "centre": lambda b: (left + (width - b[2]) / 2, b[1]),
        "right": lambda b: (left + width - b[2], b[1]),
        "top": lambda b: (b[0], top),
        "middle": lambda b: (b[0], top + (height - b[3]) / 2),
        "bottom": lambda b: (b[0], top + height - b[3]),
    }
    return _changed(boxes, {i: place[side](box) for i, box in boxes.items()})


def distributed(boxes: Mapping[str, Box], across: bool) -> dict[str, Point]:
    """New corners with equal gaps from left to right (`across`) or from top to bottom.

    The outermost two stay where they are; only where there is no room between them, the row grows.
    """
    low, size = (0, 2) if across else (1, 3)
    row = sorted(boxes, key=lambda i: (boxes[i][low] + boxes[i][size] / 2, i))
    if len(row) < 3:
        return {}
    start, last = boxes[row[0]][low], boxes[row[-1]]
    room = last[low] + last[size] - start - sum(boxes[i][size] for i in row)
    gap = max(LEAST_GAP, room / (len(row) - 1))
    found: dict[str, Point] = {}
    for id in row:
        box = boxes[id]
        found[id] = (start, box[1]) if across else (box[0], start)
        start += box[size] + gap
    return _changed(boxes, found)


def _changed(boxes: Mapping[str, Box], places: Mapping[str, Point]) -> dict[str, Point]:
    return {
        i: point for i, point in places.items() if max(abs(point[0] - boxes[i][0]), abs(point[1] - boxes[i][1])) > 1e-6
    }


def touch(first: Box, second: Box, apart: float = 0.0) -> bool:
    """Whether two boxes overlap or are nearer to each other than `apart`."""
    across = first[0] < second[0] + second[2] + apart and second[0] < first[0] + first[2] + apart
    return across and first[1] < second[1] + second[3] + apart and second[1] < first[1] + first[3] + apart


def free_level(box: Box, others: Iterable[Box], apart: float) -> float:
    """The top nearest to that of `box` at which it keeps `apart` from all `others`, moved up or down alone."""
    left, top, width, height = box
    column = [b for b in others if left < b[0] + b[2] + apart and b[0] < left + width + apart]
    blocked = _merged(sorted((b[1] - height - apart, b[1] + b[3] + apart) for b in column))
    for low, high in blocked:
        if low < top < high:
            return low if top - low < high - top else high
    return top


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that overlap as one; where one ends and the next begins there is room between them."""
    found: list[tuple[float, float]] = []
    for low, high in spans:
        if found and low < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def distance(first: Box, second: Box) -> float:
    """How far apart two boxes are, in pixels; 0 where they touch."""
    dx = max(first[0] - second[0] - second[2], second[0] - first[0] - first[2], 0.0)
    dy = max(first[1] - second[1] - second[3], second[1] - first[1] - first[3], 0.0)
    return float((dx * dx + dy * dy) ** 0.5)
