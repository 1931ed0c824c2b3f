"""Samples as a person sees them: a picture where they are pictures, a line of numbers where they are not."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from widgets.views.context import Context
from widgets.views.painting import compact, draw_image, photo
from widgets.views.tiles import draw_bars

Floats = NDArray[Any]


def raw_sample(context: Context, split: str, index: int) -> Floats | None:
    """A sample in raw units [*shape]; None where there is none of this number."""
    if context.data is None or not 0 <= index < context.count(split):
        return None
    value = context.part(split).inputs[index].detach().cpu()
    return context.data.normalisation.invert(value).numpy()


def is_picture(raw: Floats) -> bool:
    """Whether a sample can be looked at: [height, width], or [channels, height, width] of 1 or 3 channels."""
    return (raw.ndim == 3 and raw.shape[0] in (1, 3)) or (raw.ndim == 2 and min(raw.shape) > 2)


def sample_picture(context: Context, split: str, index: int) -> QImage | None:
    """A sample as a picture, None where it is none."""
    raw = raw_sample(context, split, index)
    if raw is None or not is_picture(raw) or context.data is None:
        return None
    return photo(raw, *context.data.bounds)


def sample_words(context: Context, split: str, index: int) -> str:
    """A sample that is no picture as a line of numbers."""
    raw = raw_sample(context, split, index)
    if raw is None or is_picture(raw):
        return ""
    values = [compact(float(v)) for v in raw.reshape(-1)[:4]]
    return ", ".join(values) + (" …" if raw.size > 4 else "")


def label_of(context: Context, split: str, index: int) -> str:
    """The name of a sample's class; nothing for a regression."""
    part = context.part(split)
    if part is None or not context.classes or not 0 <= index < len(part.targets):
        return ""
    return context.classes[int(part.targets[index])]


def hover_words(context: Context, split: str, index: int) -> str:
    """Two lines about a sample: its class, then its number and what it holds."""
    label, words = label_of(context, split, index), sample_words(context, split, index)
    lines = [label or f"sample {index}", f"{'validation' if split == 'validation' else 'training'} {index}"]
    return "\n".join(lines + ([words] if words else []))


def draw_sample(painter: QPainter, rect: QRectF, raw: Floats, bounds: tuple[float, float]) -> QRectF:
    """A sample in `rect`, as large as fits, else as bars; gives the box it takes."""
    if not is_picture(raw):
        draw_bars(painter, rect, raw.reshape(-1))
        return rect
    box = fitted(rect, raw.shape[-1], raw.shape[-2])
    draw_image(painter, box, photo(raw, *bounds))
    return box


def picture_grid(count: int, width: int, height: int, area: QRectF, *, gap: float, caption: float) -> list[QRectF]:
    """Boxes for `count` pictures of this shape in as few rows as make them largest, room for captions below."""
    best: list[QRectF] = []
    for columns in range(count, 0, -1):
        rows = -(-count // columns)
        room = QRectF(0, 0, (area.width() - gap * (columns - 1)) / columns, area.height() / rows - caption)
        box = fitted(room, width, height)
        if box.width() > 0 and (not best or box.width() > 1.02 * best[0].width()):
            places = [divmod(index, columns) for index in range(count)]
            best = [
                box.translated(area.left() + c * (box.width() + gap), area.top() + r * (box.height() + caption))
                for r, c in places
            ]
    return best


def around(boxes: list[QRectF], area: QRectF) -> QRectF:
    """The box around all of them; an empty one at the top left where there are none."""
    found = QRectF(area.topLeft(), area.topLeft())
    for box in boxes:
        found = found.united(box)
    return found


def fitted(rect: QRectF, width: int, height: int) -> QRectF:
    """The largest box of this shape in `rect`, at its top left; whole multiples where pixels are enlarged."""
    scale = min(rect.width() / width, rect.height() / height)
    whole = float(int(scale))
    scale = whole if scale >= 1 and whole >= 0.95 * scale else scale
    return QRectF(rect.left(), rect.top(), width * scale, height * scale)
