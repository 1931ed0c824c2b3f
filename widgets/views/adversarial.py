"""A sample changed so little that a person hardly sees it, and what the network says then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Figure, Hit
from widgets.views.painting import (
    RIGHT,
    compact,
    draw_image,
    draw_text,
    fill,
    percent,
    photo,
    signed_image,
    text_width,
)
from widgets.views.samples import around, is_picture, picture_grid
from widgets.views.states import Need
from widgets.views.tiles import bar_at, draw_bars

PAD = 16.0
CAPTION = 22.0


class Adversarial(View):
    """The sample, the change as it is and tenfold, the changed sample, and the answers before and after."""

    name = "adversarial"
    title = "Adversarial"
    icon = "view-adversarial"
    section = "Why"
    help = "How little a sample must change for the network to take it for something else."
    empty = "It needs classes and a network that can be built."
    analysis = "adversarial"
    fields = ("epsilon", "method", "target", "sample", "steps", "split")
    none_words: ClassVar[Mapping[str, str]] = {"target": "any other"}
    labels: ClassVar[Mapping[str, str]] = {"epsilon": "ε", "method": "", "target": "towards", "split": ""}

    def missing(self, context: Context) -> Need | None:
        need = super().missing(context)
        if need is None and context.data is not None and not context.classes:
            return Need("It needs data with classes; this data has numbers to predict.", "Choose other data", "data")
        return need

    def build(self) -> QWidget:
        self.figure = Attack()
        return self.figure

    def headline(self, result: Any) -> str:
        names = result.classes
        name = names[result.label] if result.label < len(names) else str(result.label)
        if result.target is None:
            return f"Attack on {name}"
        return f"Attack on {name}, towards {names[result.target]}"

    def render_result(self, result: Any) -> None:
        self.figure.show_result(result, self.context)


class Attack(Figure):
    """Four pictures with captions, then bars of the classes that matter, before and after."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._pictures: list[tuple[QImage, str, str]] = []
        self._boxes: list[QRectF] = []
        self._bars: list[tuple[QRectF, str]] = []
        self._features: tuple[str, ...] = ()

    def show_result(self, result: Any, context: Any) -> None:
        """Show an AdversarialResult."""
        self._result = result
        self._features = context.data.features if context.data is not None else ()
        self._pictures = self._make(result) if is_picture(result.original) else []
        self.update()

    def verdict(self) -> tuple[str, str]:
        """What the network says now, and in which colour: "now 1 · 97 %"."""
        t, result = theme.current(), self._result
        share = percent(float(result.after[result.predicted_after]), 0)
        changed = result.predicted_after != result.predicted_before
        words = f"{'now' if changed else 'still'} {self._name(result.predicted_after)} · {share}"
        return words, t.bad if result.success else t.good

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None:
            return
        area = area.adjusted(PAD, 4, -PAD, -10)
        bars = min(max(area.width() * 0.28, 170.0), 300.0) if area.width() > 460 else 0.0
        left = area.adjusted(0, 0, -(bars + 28 if bars else 0), 0)
        used = self._draw_pictures(painter, left) if self._pictures else self._draw_values(painter, left)
        if bars:
            width = min(bars, area.right() - used.right() - 28)
            self._draw_chances(painter, QRectF(used.right() + 28, area.top(), width, area.height()))
        elif area.bottom() - used.bottom() > CAPTION + 80:
            top = used.bottom() + CAPTION + 6
            self._draw_chances(painter, QRectF(area.left(), top, area.width(), area.bottom() - top))

    def hit(self, point: QPointF) -> Hit | None:
        if self._result is None:
            return None
        for box in self._boxes if self._pictures else []:
            if box.contains(point):
                return Hit(self._at(point, box))
        for box, words in self._bars if not self._pictures else []:
            found = bar_at(box, self._result.difference.size, point)
            if found is not None:
                return Hit(f"{self._feature(found[0])}\n{words}", found[1])
        return None

    def _make(self, result: Any) -> list[tuple[QImage, str, str]]:
        t, span = theme.current(), result.high - result.low
        change = result.difference.mean(axis=0) if result.difference.ndim == 3 else result.difference
        said = result.predicted_before
        before = f"{self._name(said)} · {percent(float(result.before[said]))}"
        return [
            (photo(result.original, result.low, result.high), before, t.dim),
            (signed_image(change, span), f"ε = {result.epsilon / span:.2f}", t.dim),
            (signed_image(change, span / 10), "×10", t.dim),
            (photo(result.adversarial, result.low, result.high), *self.verdict()),
        ]

    def _draw_pictures(self, painter: QPainter, area: QRectF) -> QRectF:
        image, gap = self._pictures[0][0], 12.0
        size = (image.width(), image.height())
        self._boxes = picture_grid(len(self._pictures), *size, area, gap=gap, caption=CAPTION)
        for place, (picture, words, colour) in zip(self._boxes, self._pictures, strict=False):
            draw_image(painter, place, picture)
            caption = QRectF(place.left(), place.bottom() + 3, place.width() + gap - 4, CAPTION - 5)
            short = words if text_width(words) <= caption.width() else words.split(" · ")[0]
            draw_text(painter, caption, short, colour)
        return around(self._boxes, area)

    def _draw_values(self, painter: QPainter, area: QRectF) -> QRectF:
        """For samples that are no pictures: bars before, of the change, and after."""
        t, result = theme.current(), self._result
        words, colour = self.verdict()
        rows = (
            (result.original, f"before: {self._name(result.predicted_before)}", t.dim),
            (result.difference, f"change, at most {compact(result.epsilon)}", t.dim),
            (result.adversarial, words, colour),
        )
        self._bars, height = [], area.height() / len(rows)
        for index, (values, caption, tone) in enumerate(rows):
            top = area.top() + index * height
            draw_text(painter, QRectF(area.left(), top, area.width(), 16), caption, tone, size=11)
            box = QRectF(area.left(), top + 18, area.width(), height - 26)
            draw_bars(painter, box, values.reshape(-1))
            self._bars.append((box, caption))
        return area

    def _draw_chances(self, painter: QPainter, rect: QRectF) -> None:
        """Per class two bars: before in grey-blue, after in orange; the classes that matter most first."""
        t, result = theme.current(), self._result
        strength = np.maximum(result.before, result.after)
        count = int(min(len(strength), max(2, (rect.height() - 20) // 26), 10))
        order = sorted(np.argsort(-strength)[:count])
        names = min(max(text_width(self._name(int(k)), 11) for k in order) + 10, 96.0)
        number = text_width("100.0 %", 11) + 4
        for x, words, tone in ((0.0, "before", t.accent), (62.0, "after", t.signed[2])):
            fill(painter, QRectF(rect.left() + names + x, rect.top() + 5, 8, 6), theme.qcolor(tone), 3)
            draw_text(painter, QRectF(rect.left() + names + x + 13, rect.top(), 48, 16), words, t.faint, size=11)
        height = min(32.0, (rect.height() - 20) / max(count, 1))
        for row, k in enumerate(map(int, order)):
            y = rect.top() + 20 + row * height
            marked = k in (result.predicted_before, result.predicted_after)
            label = QRectF(rect.left(), y, names - 8, height)
            draw_text(painter, label, self._name(k), t.text if marked else t.dim, size=11)
            for offset, share, tone in (
                (-5.0, result.before[k], t.accent),
                (1.0, result.after[k], t.signed[2]),
            ):
                track = QRectF(rect.left() + names, y + height / 2 + offset, rect.width() - names - number, 4)
                fill(painter, track, theme.qcolor(t.raised), 2)
                if share > 0.004:
                    width = max(4.0, track.width() * float(share))
                    fill(painter, QRectF(track.left(), track.top(), width, 4), theme.qcolor(tone), 2)
            box = QRectF(rect.right() - number, y, number, height)
            draw_text(
                painter,
                box,
                percent(float(result.after[k])),
                t.text if marked else t.faint,
                size=11,
                align=RIGHT,
            )

    def _at(self, point: QPointF, box: QRectF) -> str:
        shape = self._result.original.shape[-2:]
        row = min(int((point.y() - box.top()) / box.height() * shape[0]), shape[0] - 1)
        column = min(int((point.x() - box.left()) / box.width() * shape[1]), shape[1] - 1)
        before = float(self._result.original[..., row, column].mean())
        after = float(self._result.adversarial[..., row, column].mean())
        return f"{compact(before)} → {compact(after)}\nrow {row}, column {column}"

    def _name(self, index: int) -> str:
        return self._result.classes[index] if index < len(self._result.classes) else str(index)

    def _feature(self, index: int) -> str:
        names = self._features
        before, after = (float(v.reshape(-1)[index]) for v in (self._result.original, self._result.adversarial))
        return f"{names[index] if index < len(names) else f'input {index}'} {compact(before)} → {compact(after)}"
