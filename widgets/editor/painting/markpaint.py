"""How frames and notes look. Drawn in scene pixels, at any zoom, on the screen and in files."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from graphs.network import Frame, Note
from widgets import theme
from widgets.editor.mirror.marks import TITLE, Marks
from widgets.editor.painting.lettering import Face, font, growth

ROUND, NOTE_ROUND = 10.0, 6.0
LETTERS, SMALLEST_TITLE = 12.5, 11.0
"""Heights of a title at 100 % and at least, on the screen."""
NARROW = 34.0
LOW = 52.0
"""A frame narrower or, with its title above it, lower than this on the screen is a colour without a title."""
READABLE = 0.45
"""From this zoom on notes say their text."""
INSET = 12.0
PLACEHOLDER = "Double-click to write"


def tone(colour: str, note: bool = False) -> str:
    """The colour of a family by its id; without one a frame is grey and a note like paper."""
    look = theme.current()
    return look.families.get(colour, look.warn if note else look.faint)


def title_colour(colour: str) -> str:
    """A title's colour: the text's with a breath of the frame's."""
    return theme.mix(theme.current().text, tone(colour), 0.82)


def note_colours(colour: str) -> tuple[str, str]:
    """Ground and border of a note."""
    look = theme.current()
    ground = look.raised if look.name == "dark" else look.panel
    shade = tone(colour, note=True)
    return theme.mix(shade, ground, 0.13), theme.mix(shade, ground, 0.42)


def frame_shares() -> tuple[float, float, float]:
    """How much of its colour a frame's ground, title strip and border have."""
    return (0.07, 0.13, 0.5) if theme.current().name == "dark" else (0.07, 0.12, 0.5)


def paint_frames(painter: QPainter, marks: Marks, near: QRectF, scale: float, held: bool | None = None) -> None:
    """Draws the frames that come near a rectangle of the scene, the largest first.

    `held` draws those alone that the hand changes (True), or the others (False).
    """
    chosen = marks.in_hand if held is not None else frozenset()
    for id, rect in marks.frames().items():
        mark = marks.known.get(id)
        if held is not None and (id in chosen) != held:
            continue
        if isinstance(mark, Frame) and near.intersects(rect.united(marks.strip(id, scale))):
            _frame(painter, mark, rect, scale)


def paint_held(painter: QPainter, marks: Marks, near: QRectF, scale: float, cards: Iterable[QRectF]) -> None:
    """Draws the frames and notes that the hand changes, behind the cards that stand still there."""
    if not marks.in_hand:
        return
    painter.save()
    clip = QPainterPath()
    clip.addRect(near)
    for rect in cards:
        clip.addRoundedRect(rect, 8, 8)  # the odd-even rule cuts them out
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    paint_frames(painter, marks, near, scale, held=True)
    painter.restore()
    paint_titles(painter, marks, near, scale, held=True)
    paint_notes(painter, marks, near, scale, held=True)


def _frame(painter: QPainter, mark: Frame, rect: QRectF, scale: float) -> None:
    shade, (ground, header, border) = tone(mark.colour), frame_shares()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = min(ROUND, rect.width() / 4, rect.height() / 4)
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    painter.fillPath(path, theme.qcolor(shade, ground))
    top = QPainterPath()
    top.addRect(QRectF(rect.left(), rect.top(), rect.width(), TITLE))
    painter.fillPath(path.intersected(top), theme.qcolor(shade, header))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.qcolor(shade, border), max(1.0, 1.0 / scale)))
    painter.drawPath(path)


def paint_titles(painter: QPainter, marks: Marks, near: QRectF, scale: float, held: bool | None = None) -> None:
    """Draws the titles of frames, over the wires and behind cards; one above its frame has a ground of its own.

    `held` is as for `paint_frames`.
    """
    chosen = marks.in_hand if held is not None else frozenset()
    for id, rect in marks.frames().items():
        mark, strip = marks.known.get(id), marks.strip(id, scale)
        if not isinstance(mark, Frame) or (held is not None and (id in chosen) != held) or not near.intersects(strip):
            continue
        above = strip.top() < rect.top()
        if rect.width() * scale >= NARROW and (not above or rect.height() * scale >= LOW):
            _title(painter, mark, strip, scale, above)


def _title(painter: QPainter, mark: Frame, strip: QRectF, scale: float, above: bool) -> None:
    """The title, never smaller on the screen than can be read."""
    letters = font(Face.NAME)
    letters.setPixelSize(round(max(LETTERS, SMALLEST_TITLE / scale)))
    metrics = QFontMetricsF(letters)
    inset = min(INSET, 8.0 / scale)
    text = metrics.elidedText(mark.title or "Frame", Qt.TextElideMode.ElideRight, strip.width() - 2 * inset)
    if len(text) < 2 and len(mark.title) > 1:
        return
    if above:
        wide = metrics.horizontalAdvance(text) + 8.0 / scale
        ground = QRectF(strip.left() + inset - 4.0 / scale, strip.top(), wide, strip.height())
        painter.fillRect(ground, theme.qcolor(theme.current().background, 0.85))
    painter.setFont(letters)
    painter.setPen(QColor(title_colour(mark.colour)))
    place = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(strip.adjusted(inset, 0, -inset, 0), place, text)


def paint_notes(
    painter: QPainter, marks: Marks, near: QRectF, scale: float, writing: str | None = None, held: bool | None = None
) -> None:
    """Draws the notes near a rectangle of the scene; they lie over cards, so that their text is never covered.

    The note that is being written (`writing`) has no text; `held` is as for `paint_frames`.
    """
    chosen = marks.in_hand if held is not None else frozenset()
    for id, rect in marks.notes().items():
        mark = marks.known[id]
        if held is not None and (id in chosen) != held:
            continue
        if isinstance(mark, Note) and near.intersects(rect):
            _note(painter, mark, rect, scale, id != writing)


def paint_these(painter: QPainter, marks: Marks, ids: Iterable[str], scale: float) -> None:
    """Draws these frames and notes alone, the largest frame first."""
    chosen = set(ids)
    for id, rect in marks.frames().items():
        if id in chosen and isinstance(mark := marks.known.get(id), Frame):
            _frame(painter, mark, rect, marks.strip(id, scale), scale)
    for id, rect in marks.notes().items():
        if id in chosen and isinstance(mark := marks.known.get(id), Note):
            _note(painter, mark, rect, scale, True)


def _note(painter: QPainter, mark: Note, rect: QRectF, scale: float, says: bool) -> None:
    ground, border = note_colours(mark.colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(border), max(1.0, 1.0 / scale)))
    painter.setBrush(QColor(ground))
    painter.drawPath(_paper(rect))
    painter.setBrush(QColor(border))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(_fold(rect))
    if says and scale >= READABLE:
        _words(painter, mark, rect, scale)


def _words(painter: QPainter, mark: Note, rect: QRectF, scale: float) -> None:
    look = theme.current()
    grown = growth(scale)
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setFont(font(Face.TEXT, grown))
    painter.setPen(QColor(look.text if mark.text else look.dim))
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(rect.adjusted(INSET, 9, -INSET, -6), flags, mark.text or PLACEHOLDER)
    painter.restore()


def text_height(text: str, width: float) -> float:
    """How high a note of this width is that shows all of its text at 100 %."""
    metrics = QFontMetricsF(font(Face.TEXT))
    room = QRectF(0, 0, max(16.0, width - 2 * INSET), 1e6)
    return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text or PLACEHOLDER).height() + 22


def _paper(rect: QRectF) -> QPainterPath:
    """A sheet with round corners but for the lower right one, which is folded over."""
    fold, turn = _edge(rect), 2 * NOTE_ROUND
    path = QPainterPath(QPointF(rect.right(), rect.bottom() - fold))
    path.lineTo(rect.right() - fold, rect.bottom())
    path.arcTo(QRectF(rect.left(), rect.bottom() - turn, turn, turn), 270, -90)
    path.arcTo(QRectF(rect.left(), rect.top(), turn, turn), 180, -90)
    path.arcTo(QRectF(rect.right() - turn, rect.top(), turn, turn), 90, -90)
    path.closeSubpath()
    return path


def _fold(rect: QRectF) -> QPolygonF:
    fold, corner = _edge(rect), rect.bottomRight()
    return QPolygonF([corner - QPointF(fold, fold), corner - QPointF(0, fold), corner - QPointF(fold, 0)])


def _edge(rect: QRectF) -> float:
    return min(12.0, rect.width() / 3, rect.height() / 3)


def paint_chosen(painter: QPainter, marks: Marks, ids: Iterable[str], view: QRectF, scale: float) -> None:
    """Outlines of selected frames and notes, in scene pixels."""
    look = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for id in ids:
        rect = marks.rect(id)
        radius = NOTE_ROUND if isinstance(marks.known.get(id), Note) else ROUND
        if not rect.isEmpty() and view.intersects(rect):
            for colour, thick in ((theme.qcolor(look.accent, 0.25), 5.0), (theme.qcolor(look.accent), 2.0)):
                painter.setPen(QPen(colour, thick / scale))
                painter.drawRoundedRect(rect, radius, radius)
