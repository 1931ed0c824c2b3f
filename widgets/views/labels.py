"""Labels beside lines that keep out of each other's way."""

from __future__ import annotations

from PySide6.QtCore import QRectF

Label = tuple[QRectF, str, str]
"""(box, words, colour)."""


def apart(labels: list[Label], area: QRectF) -> list[Label]:
    """The labels moved so far down, and then up, that none overlaps another or leaves `area` while there is room."""
    boxes = [QRectF(box) for box, _, _ in labels]
    order = sorted(range(len(boxes)), key=lambda index: boxes[index].top())
    free = area.top()
    for index in order:
        boxes[index].moveTop(max(boxes[index].top(), free))
        free = boxes[index].bottom()
    free = area.bottom()
    for index in reversed(order):
        boxes[index].moveBottom(min(boxes[index].bottom(), free))
        free = boxes[index].top()
    return [(box, words, colour) for box, (_, words, colour) in zip(boxes, labels, strict=True)]
