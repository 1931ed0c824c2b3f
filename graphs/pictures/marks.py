"""Frames and notes of a canvas as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphs.network import Frame, Mark, Note
from graphs.pictures.inks import mix
from graphs.pictures.lettering import elided, safe, width
from graphs.pictures.routes import Box
from graphs.placing.arranging import framed

__all__ = ["frames", "frames_svg", "notes_svg"]

TITLE, LETTERS, INSET = 28.0, 12.5, 12.0
LINE = 17.0
FOLD, ROUND = 12.0, 6.0


def frames(marks: Mapping[str, Mark], boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Where each frame lies, the largest first."""
    solid = {**boxes, **{id: Box(*m.position, *m.size) for id, m in marks.items() if isinstance(m, Note)}}
    found: dict[str, Box] = {}
    for id, mark in marks.items():
        if isinstance(mark, Frame):
            around = framed(solid[held] for held in (*mark.members, *mark.notes) if held in solid)
            if around is not None:
                found[id] = Box(*around)
    return dict(sorted(found.items(), key=lambda item: -item[1].width * item[1].height))


def frames_svg(marks: Mapping[str, Mark], places: Mapping[str, Box], colours: Mapping[str, str]) -> Iterator[str]:
    """A tinted ground with a title strip."""
    for id, box in places.items():
        mark = marks[id]
        assert isinstance(mark, Frame)
        shade = colours.get(mark.colour, colours["faint"])
        place = f'x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}" rx="10"'
        yield f'<rect {place} fill="{shade}" fill-opacity="0.07" stroke="{shade}" stroke-opacity="0.5"/>'
        strip = (
            f"M{box.left:g} {box.top + TITLE:g}v{10 - TITLE:g}a10 10 0 0 1 10 -10h{box.width - 20:g}a10 10 0 0 1 10 10"
        )
        yield f'<path d="{strip}v{TITLE - 10:g}Z" fill="{shade}" fill-opacity="0.12"/>'
        title = safe(elided(mark.title or "Frame", box.width - 2 * INSET, LETTERS))
        at = f'x="{box.left + INSET:g}" y="{box.top + 18.5:g}" font-size="{LETTERS:g}" font-weight="600"'
        yield f'<text {at} fill="{mix(colours["text"], shade, 0.82)}">{title}</text>'


def notes_svg(marks: Mapping[str, Mark], colours: Mapping[str, str]) -> Iterator[str]:
    """Sheets with a folded corner and their text in lines that fit."""
    for mark in marks.values():
        if not isinstance(mark, Note):
            continue
        (x, y), (w, h) = mark.position, mark.size
        shade = colours.get(mark.colour, colours["warn"])
        ground, edge = mix(shade, colours["card"], 0.13), mix(shade, colours["card"], 0.42)
        fold = min(FOLD, w / 3, h / 3)
        path = (
            f"M{x + w:g} {y + h - fold:g}l{-fold:g} {fold:g}H{x + ROUND:g}"
            f"a{ROUND:g} {ROUND:g} 0 0 1 {-ROUND:g} {-ROUND:g}"
            f"V{y + ROUND:g}a{ROUND:g} {ROUND:g} 0 0 1 {ROUND:g} {-ROUND:g}H{x + w - ROUND:g}"
            f"a{ROUND:g} {ROUND:g} 0 0 1 {ROUND:g} {ROUND:g}Z"
        )
        yield f'<path d="{path}" fill="{ground}" stroke="{edge}"/>'
        yield f'<path d="M{x + w:g} {y + h - fold:g}h{-fold:g}v{fold:g}Z" fill="{edge}"/>'
        room = int((h - 15) // LINE)
        for index, line in enumerate(wrapped(mark.text, w - 2 * INSET, LETTERS, room)):
            at = f'x="{x + INSET:g}" y="{y + 21 + LINE * index:g}" font-size="{LETTERS:g}"'
            yield f'<text {at} fill="{colours["text"]}">{safe(line)}</text>'


def wrapped(text: str, room: float, size: float, most: int) -> list[str]:
    """The text in lines no wider than `room`; at most so many, the last with an ellipsis where more follows."""
    lines: list[str] = []
    for paragraph in text[:4000].split("\n"):
        line = ""
        for word in paragraph.split():
            if line and width(f"{line} {word}", size) > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    shown = [elided(line, room, size) for line in lines[: max(most, 1)]]
    if len(lines) > len(shown) and shown:
        shown[-1] = elided(shown[-1] + " …", room, size)
    return shown
