"""What flows through the nodes right now, as pictures: mosaics of maps, bars, class chances, health lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtGui import QImage

from widgets import theme

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from studio.inspection.activations import Health, Thumbnail

T = TypeVar("T")
DEAD, SATURATED = 0.05, 0.25
"""Shares from which a node is called unwell."""


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Maps side by side in one picture, each `width`×`height` of its pixels."""

    image: QImage
    count: int
    width: int
    height: int
    signed: bool = False
    finite: bool = True


@dataclass(frozen=True)
class Line:
    """One line about a node's health; `tone` is a colour of the theme ("dim", "warn", "bad")."""

    text: str
    tone: str


class Live:
    """The newest thumbnails and health by node id; pictures are made when they are first painted."""

    def __init__(self) -> None:
        self.thumbnails: dict[str, Thumbnail] = {}
        self.health: dict[str, Line] = {}
        self.truth: int | None = None
        self._mosaics: dict[str, tuple[Thumbnail, str, Mosaic]] = {}

    def set_thumbnails(self, thumbnails: Mapping[str, Thumbnail]) -> set[str]:
        """Takes new thumbnails; returns the ids whose picture is another one now."""
        ids = self.thumbnails.keys() | thumbnails.keys()
        changed = {i for i in ids if _differ(self.thumbnails.get(i), thumbnails.get(i))}
        for id in changed:
            if id in thumbnails:
                self.thumbnails[id] = thumbnails[id]
            else:
                self.thumbnails.pop(id, None)
                self._mosaics.pop(id, None)
        return changed

    def set_health(self, health: Mapping[str, Health]) -> set[str]:
        """Takes new health; returns the ids whose line reads differently now."""
        lines = {id: line for id, value in health.items() if (line := health_line(value))}
        changed = {i for i in self.health.keys() | lines.keys() if self.health.get(i) != lines.get(i)}
        self.health = lines
        return changed

    def mosaic(self, id: str, grey: bool) -> Mosaic | None:
        """The maps of a node as one picture; `grey` for inputs, which are shown as they are."""
        thumbnail = self.thumbnails.get(id)
        if thumbnail is None or thumbnail.values.ndim != 3:
            return None
        known = self._mosaics.get(id)
        if known is None or known[0] is not thumbnail or known[1] != theme.current().name:
            made = _picture(thumbnail, grey)
            known = self._mosaics[id] = (thumbnail, theme.current().name, made)
        return known[2]


def alive(values: Mapping[str, T], analysis: Analysis | None) -> Mapping[str, T]:
    """Of values by plain layer those of layers that can still be computed: nothing that a cut wire, a muted or a
    bypassed node or a problem leaves without its input looks as if it still ran."""
    facts = analysis.core.facts if analysis is not None else None
    if facts is None or all(id in facts and facts[id].ok for id in values):
        return values
    return {id: value for id, value in values.items() if id in facts and facts[id].ok}


def _differ(old: Thumbnail | None, new: Thumbnail | None) -> bool:
    if old is new:
        return False
    if old is None or new is None or old.values.shape != new.values.shape:
        return True
    same = (old.low, old.high, old.chosen, old.labels) == (new.low, new.high, new.chosen, new.labels)
    return not same or not np.array_equal(old.values, new.values)


def shares(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as places between `low` and `high`, 0…1; what is not finite counts as `low`."""
    low, high = float(low), float(high)
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return np.zeros(values.shape, dtype=np.float32)
    return np.clip((np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / span, 0.0, 1.0)


def finite(thumbnail: Thumbnail) -> bool:
    """Whether all that a thumbnail says are numbers."""
    return bool(np.isfinite(thumbnail.values).all() and np.isfinite((thumbnail.low, thumbnail.high)).all())


def _picture(thumbnail: Thumbnail, grey: bool) -> Mosaic:
    if not finite(thumbnail):
        return Mosaic(QImage(), *thumbnail.values.shape, finite=False)
    return _colour(thumbnail.values) if thumbnail.colour else _mosaic(thumbnail, grey)


def _mosaic(thumbnail: Thumbnail, grey: bool) -> Mosaic:
    values = thumbnail.values
    low, high = thumbnail.low, thumbnail.high
    if grey:
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    levels = (shares(values, low, high) * 255).astype(np.uint8)
    count, height, width = levels.shape
    strip = levels.transpose(1, 0, 2).reshape(height, count * width)
    table = _grey_lut() if grey else theme.signed_lut() if thumbnail.signed else theme.magnitude_lut()
    return Mosaic(_image(table[strip]), count, width, height, thumbnail.signed and not grey)


def _colour(values: np.ndarray) -> Mosaic:
    """Three channels as one colour picture."""
    levels = (shares(values, float(values.min()), float(values.max())) * 255).astype(np.uint8)
    _, height, width = levels.shape
    pixels = np.full((height, width, 4), 255, dtype=np.uint8)
    pixels[..., :3] = levels.transpose(1, 2, 0)
    return Mosaic(_image(pixels), 1, width, height)


def _grey_lut() -> np.ndarray:
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
    table[:, 3] = 255
    return table


def _image(pixels: np.ndarray) -> QImage:
    """A picture of its own from RGBA pixels, uint8 [height, width, 4]."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def health_line(health: Health) -> Line | None:
    """The one thing worth saying about a node: what ails it, or else its gradient, or its spread."""
    if not health.finite:
        return Line("not finite", "bad")
    if health.dead is not None:
        unwell = health.dead >= DEAD
        return Line(f"{health.dead:.0%} dead units".replace("%", " %"), "warn" if unwell else "dim")
    if health.saturated is not None and health.saturated >= SATURATED:
        return Line(f"{health.saturated:.0%} saturated".replace("%", " %"), "warn")
    if health.gradient is not None:
        return Line(f"|∇| {short(health.gradient)}", "dim")
    return Line(f"σ {short(health.std)}", "dim")


def short(value: float) -> str:
    """Two figures: 3.1e-3, 0.21, 14."""
    if value == 0:
        return "0"
    if 0.01 <= abs(value) < 1000:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"
