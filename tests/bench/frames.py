"""How long a frame takes while panning, zooming and dragging 100 selected nodes, painting included.

At 100 % and with the whole network in view, at 1600×900, for evenly laid chains and for a residual network whose
shapes are known. Zooming passes a factor of 3.4 and comes back, so that every level of detail is met.
"""

from __future__ import annotations

import gc
import time
from typing import Any

from tests.bench.apart import apart
from tests.bench.opening import THEIRS, UNCHECKED, kind_of
from tests.bench.table import Row, render

AIMS = {5_000: 8.0, 20_000: 16.0}
FRAMES, FEWER = 150, 40
SHARP_S = 0.6
"""So long after zooming everything is sharp."""
PLACES = {"close": "at 100 %", "fitted": "fitted"}
MOTIONS = ("pan", "zoom", "drag")
Found = dict[str, dict[str, float]]


def run() -> list[Row]:
    """About three minutes, most of them for the plain QGraphicsScene."""
    return [row for count, aim in AIMS.items() for row in _rows(count, aim)] + beside()


def _rows(count: int, aim: float) -> list[Row]:
    """A row per motion and place: the slower of both networks counts."""
    chains, residual = (apart(measured, "ours", name, count, FRAMES) for name in ("chains", "residual"))
    plain = apart(measured, "plain", "chains", count, FEWER)
    rows = []
    for place, words in PLACES.items():
        for motion in MOTIONS:
            both = chains[place][motion], residual[place][motion]
            busy = max(chains[place][f"{motion} busy"], residual[place][f"{motion} busy"])
            note = f"p95 of {FRAMES}, of processor time {busy:.1f}; chains {both[0]:.1f}, residual {both[1]:.1f}"
            note += "; reference: plain QGraphicsScene"
            if motion == "zoom":
                sharp = max(chains[place]["sharpen"], residual[place]["sharpen"])
                note += f"; longest frame that sharpens afterwards: {sharp:.0f} ms"
            name = f"{motion} {count:,} nodes {words}"
            rows.append(Row(name, max(both), plain[place][motion], max(both), aim, "ms", least=False, note=note))
    return rows


def beside() -> list[Row]:
    """NodeGraphQt with as many nodes as it opens in seconds, where it is installed."""
    theirs = apart(measured, "nodegraphqt", "chains", THEIRS, FEWER)
    if theirs is None:
        return []
    ours = apart(measured, "ours", "chains", THEIRS, FRAMES)
    return [
        Row(f"{motion} {THEIRS} nodes {words} beside NodeGraphQt", a, b, b / a, 1.0, "ms", note=f"p95; {UNCHECKED}")
        for place, words in PLACES.items()
        for motion in MOTIONS
        for a, b in [(ours[place][motion], theirs[place][motion])]
    ]


def measured(editor: str, drawing: str, count: int, frames: int) -> Found | None:
    """Milliseconds (p95) by place and motion; None where the editor is not installed."""
    from tests.bench import drawings
    from tests.bench.editors import application, p95, shown

    application()
    kind = kind_of(editor)
    if kind is None:
        return None
    design = getattr(drawings, drawing)(count)
    made = kind(design, analysed(design) if editor == "ours" and drawing == "residual" else None)
    target = shown(made)
    gc.collect()
    gc.freeze()
    found: Found = {}
    for place in PLACES:
        found[place] = {}
        for motion in MOTIONS:
            made.look(place)
            application().processEvents()
            target.repaint()
            if motion == "drag":
                made.hold()
            found[place][motion], found[place][f"{motion} busy"] = p95(getattr(made, motion), target, frames)
            if motion == "zoom" and editor == "ours":
                found[place]["sharpen"] = sharpened(target)
            if motion == "drag":
                made.drop()
    return found


def sharpened(target: Any) -> float:
    """Milliseconds of the longest of the frames in which what was stretched while zooming becomes sharp."""
    times, until = [], time.perf_counter() + SHARP_S
    while time.perf_counter() < until:
        start = time.perf_counter()
        target.repaint()
        times.append(1000 * (time.perf_counter() - start))
    return max(times)


def analysed(design: object) -> object:
    """The shapes of a network."""
    from graphs.inference.shapes import Inference
    from graphs.layers.catalogue import standard
    from graphs.network import Network

    assert isinstance(design, Network)
    return Inference(standard()).analyse(design)


if __name__ == "__main__":
    print(render(run()))
