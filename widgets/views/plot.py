"""One panel of curves: pyqtgraph moves and thins the lines; axes, labels and crosshair are painted here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.views.labels import apart
from widgets.views.painting import RIGHT, draw_text, fill, text_width
from widgets.views.ticks import Tick, linear_ticks, log_ticks

Floats = NDArray[Any]
Span = tuple[float, float]
LONG = 4000
"""From so many points on a line is one pixel wide: a wider pen costs ten times."""
APART = 44.0
"""Lines that end so many pixels apart have labels of their own place."""
MARGINS = (46, 20, 14, 22)  # left, top, right, bottom
SHARE_AXIS = 34
"""Pixels that an axis of shares takes at the right, beyond the margin."""


@dataclass(frozen=True)
class Series:
    """A line: `x` rising, `y` with nan where there is nothing; a `label` stands at its end."""

    x: Floats
    y: Floats
    colour: str
    label: str = ""
    end: str | None = None
    """What stands before the value at the line's end; the label where nothing is given."""
    alpha: float = 1.0
    width: float = 2.0
    dots: bool = False
    words: Callable[[float], str] | None = None
    """How its values are said; as all of the panel's where nothing is given."""


class Plot(pg.GraphicsView):
    """Lines over one x axis. It follows its data until a person zooms; a double click follows again."""

    pointed = Signal(object)
    """The x value under the pointer, None when it leaves."""
    zoomed = Signal(bool)

    def __init__(self, title: str, format_y: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.title, self.format_y = title, format_y
        self.percent = False
        self.series: list[Series] = []
        self._items: list[pg.PlotDataItem] = []
        self._cross: float | None = None
        self._marker: float | None = None
        self._log = (False, False)
        self._share_top: float | None = None
        self.following = True
        self.setMinimumSize(40, 40)
        self.setFrameShape(self.Shape.NoFrame)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setAccessibleName(title)
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.addItem(self.box)
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(lambda *_: self._follow(False))
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)

    # What it shows

    def set_series(self, series: list[Series], x_range: Span, y_range: Span) -> None:
        """Show these lines, over these ranges as long as nobody has zoomed."""
        self.series = series
        while len(self._items) < len(series):
            self._items.append(self._new_item())
        for item, line in zip(self._items, series, strict=False):
            self._fill(item, line)
        for item in self._items[len(series) :]:
            item.setData([], [])
        if self.following:
            self._set_range(x_range, y_range)
        self.scene().update()

    def set_log(self, x: bool, y: bool) -> None:
        """Logarithmic axes."""
        if (x, y) != self._log:
            self._log = (x, y)
            for item in self._items:
                item.setLogMode(x, y)
            self._follow(True)

    def set_share_axis(self, top: float | None) -> None:
        """An axis of 0 to 100 % at the right, 100 % where the other axis has `top`; None: none."""
        moved = (top is None) != (self._share_top is None)
        self._share_top = top
        if moved:
            self._place()

    def set_cross(self, x: float | None) -> None:
        """Draw the crosshair at `x`."""
        if x != self._cross:
            self._cross = x
            self.scene().update()

    def set_marker(self, x: float | None) -> None:
        """Draw a line at the step that the time machine shows."""
        if x != self._marker:
            self._marker = x
            self.scene().update()

    def area(self) -> QRectF:
        """The rectangle of the lines, in the widget's pixels."""
        return self.box.sceneBoundingRect()

    def pixel(self, x: float, y: float) -> QPointF:
        """Where the values `x`, `y` lie in the widget."""
        log_x, log_y = self._log
        x = math.log10(max(x, 1e-12)) if log_x else x
        y = math.log10(max(y, 1e-12)) if log_y else y
        (x0, x1), (y0, y1) = self.box.viewRange()
        area = self.area()
        return QPointF(
            area.left() + area.width() * (x - x0) / ((x1 - x0) or 1),
            area.bottom() - area.height() * (y - y0) / ((y1 - y0) or 1),
        )

    def value_at(self, pixel_x: float) -> float:
        """The x value at a place in the widget."""
        (x0, x1), area = self.box.viewRange()[0], self.area()
        x = x0 + (pixel_x - area.left()) / max(area.width(), 1) * (x1 - x0)
        return 10.0**x if self._log[0] else x

    def restyle(self) -> None:
        """Take the colours of the theme now."""
        for item, line in zip(self._items, self.series, strict=False):
            self._fill(item, line)
        self.scene().update()

    # The pointer

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "box"):
            self._place()

    def _place(self) -> None:
        left, top, right, bottom = MARGINS
        right += SHARE_AXIS if self._share_top is not None else 0
        self.box.setGeometry(QRectF(self.rect()).adjusted(left, top, -right, -bottom))

    def sizeHint(self) -> QSize:
        return QSize(200, 120)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        inside = self.area().contains(event.position())
        self.pointed.emit(self.value_at(event.position().x()) if inside else None)

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._follow(True)
        event.accept()

    # Painting around the lines

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        t, area = theme.current(), self.area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left = max(2.0, min(area.left(), self.width() - text_width(self.title, 11) - 4))
        title = QRectF(left, 0, self.width() - left, MARGINS[1] - 2)
        draw_text(painter, title, self.title, t.faint, size=11)
        for tick in self.y_ticks():
            y = round(self._y_pixel(tick.value))
            painter.setPen(QPen(theme.qcolor(t.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            box = QRectF(0, y - 8, area.left() - 8, 16)
            draw_text(painter, box, tick.words, t.faint, size=11, align=RIGHT)
        self._draw_share_axis(painter, area)
        self._draw_x_axis(painter, area)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        area, t = self.area(), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self.series:
            if line.dots and len(line.x) <= 60:
                self._draw_points(painter, area, line)
        if self._marker is not None:
            self._draw_vertical(painter, area, self._marker, t.accent, 1.5)
        if self._cross is not None:
            self._draw_vertical(painter, area, self._cross, t.dim, 1)
            self._draw_dots(painter, area, self._cross)
        else:
            self._draw_end_labels(painter, area)

    def y_ticks(self) -> list[Tick]:
        """Ticks of the y axis as it stands."""
        low, high = self.box.viewRange()[1]
        count = max(2, min(6, int(self.area().height() / 34)))
        if self._log[1]:
            return log_ticks(low, high, count)
        if self.percent:
            return [Tick(v.value / 100, f"{v.words} %") for v in linear_ticks(100 * low, 100 * high, count)]
        return linear_ticks(low, high, count)

    def share_ticks(self) -> list[Tick]:
        """Ticks of the axis at the right, where it stands: 0 to 100 %."""
        if self._share_top is None:
            return []
        shares = (0, 25, 50, 75, 100) if self.area().height() > 110 else (0, 50, 100)
        return [Tick(self._share_top * share / 100, f"{share} %") for share in shares]

    def x_ticks(self) -> list[Tick]:
        """Ticks of the x axis as it stands."""
        low, high = self.box.viewRange()[0]
        count = max(2, min(8, int(self.area().width() / 70)))
        if self._log[0]:
            return log_ticks(low, high, count)
        ticks = linear_ticks(low, high, count, whole=True)
        return ticks if len(ticks) > 1 else linear_ticks(low, high, count + 2, whole=True)

    def end_labels(self) -> list[tuple[QRectF, str, str]]:
        """(box, words, colour) of the labels at the lines' ends, just above or below the lines that end there."""
        found = []
        for line in self.series:
            last = _last_finite(line.y) if line.label else None
            if last is not None:
                number = (line.words or self.format_y)(last)
                words = f"{line.label if line.end is None else line.end} {number}".strip()
                found.append((self.pixel(1, last).y(), words, line.colour))
        found.sort(key=lambda entry: entry[0])
        groups: list[list[tuple[float, str, str]]] = []
        for entry in found:
            if groups and entry[0] - groups[-1][-1][0] < APART:
                groups[-1].append(entry)
            else:
                groups.append([entry])
        return apart([box for group in groups for box in self._stack(group)], self.area())

    def _stack(self, group: list[tuple[float, str, str]]) -> list[tuple[QRectF, str, str]]:
        """The labels of lines that end close together, one above the other."""
        area = self.area()
        width = max(text_width(words, 11) for _, words, _ in group) + 8
        top, bottom = self._occupied(width, {colour for _, _, colour in group})
        height = 16 * len(group)
        above = top - height - 2 >= area.top() or top - area.top() >= area.bottom() - bottom
        start = max(top - height - 2, area.top()) if above else min(bottom + 2, area.bottom() - height)
        left = max(area.right() - width, area.left())
        return [
            (QRectF(left, start + 16 * index, area.right() - left, 16), words, colour)
            for index, (_, words, colour) in enumerate(group)
        ]

    def _occupied(self, width: float, colours: set[str]) -> tuple[float, float]:
        """Where lines of these colours run in the last `width` pixels, rare peaks left out."""
        area = self.area()
        start, tops, bottoms = self.value_at(area.right() - width), [area.bottom()], [area.top()]
        for line in self.series:
            if line.colour not in colours:
                continue
            part = line.y[int(np.searchsorted(line.x, line.x.dtype.type(start))) :]
            part = part[:: max(1, len(part) // 2000)]
            part = part[np.isfinite(part)]
            if line.dots and len(line.x) and np.isfinite(line.y).all():
                part = np.append(part, np.interp(start, line.x, line.y))  # between two dots
            if not len(part) and (last := _last_finite(line.y)) is not None:
                part = np.array([last])
            if len(part):
                low, high = (0.04, 0.96) if len(part) > 20 else (0.0, 1.0)
                tops.append(self.pixel(1, float(np.quantile(part, high))).y())
                bottoms.append(self.pixel(1, float(np.quantile(part, low))).y())
        return max(min(tops), area.top()), min(max(bottoms), area.bottom())

    def nearest(self, line: Series, x: float) -> tuple[float, float] | None:
        """The point of `line` next to `x`."""
        at = int(np.searchsorted(line.x, line.x.dtype.type(x)))
        near = slice(max(0, at - 200), at + 200)
        xs, ys = line.x[near], line.y[near]
        xs, ys = xs[np.isfinite(ys)], ys[np.isfinite(ys)]
        if not len(xs):
            return None
        index = int(np.abs(xs - x).argmin())
        return float(xs[index]), float(ys[index])

    def _draw_share_axis(self, painter: QPainter, area: QRectF) -> None:
        t = theme.current()
        for tick in self.share_ticks():
            y = round(self._y_pixel(tick.value))
            if area.top() - 1 <= y <= area.bottom() + 1:
                box = QRectF(area.right() + 4, y - 8, self.width() - area.right() - 6, 16)
                draw_text(painter, box, tick.words, t.good, size=11, align=RIGHT)

    def _draw_x_axis(self, painter: QPainter, area: QRectF) -> None:
        t = theme.current()
        free, ticks = -1e9, self.x_ticks()
        low, high = self.box.viewRange()[0]
        for tick in [*ticks[:-1], *(last._replace(words=f"{last.words} steps") for last in ticks[-1:])]:
            x = area.left() + area.width() * (tick.value - low) / ((high - low) or 1)
            width = text_width(tick.words, 11)
            left = min(max(x - width / 2, area.left() - 8), area.right() + 12 - width)
            if left > free:
                box = QRectF(left, area.bottom() + 4, width + 2, 16)
                draw_text(painter, box, tick.words, t.faint, size=11)
                free = left + width + 12

    def _draw_vertical(self, painter: QPainter, area: QRectF, x: float, colour: str, width: float) -> None:
        at = self.pixel(x, 1).x()
        if area.left() - 1 <= at <= area.right() + 1:
            painter.setPen(QPen(theme.qcolor(colour, 0.7), width))
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))

    def _draw_points(self, painter: QPainter, area: QRectF, line: Series) -> None:
        """A dot at each of a few values."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.qcolor(line.colour))
        for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True):
            at = self.pixel(x, y) if math.isfinite(y) else area.bottomRight() + QPointF(99, 99)
            if area.adjusted(-2, -2, 2, 2).contains(at):
                painter.drawEllipse(at, 2.2, 2.2)

    def _draw_dots(self, painter: QPainter, area: QRectF, x: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self.series:
            near = self.nearest(line, x) if line.label else None
            if near is None:
                continue
            at = self.pixel(*near)
            if area.adjusted(-2, -2, 2, 2).contains(at):
                painter.setPen(QPen(theme.qcolor(theme.current().panel), 1.5))
                painter.setBrush(theme.qcolor(line.colour))
                painter.drawEllipse(at, 4, 4)

    def _draw_end_labels(self, painter: QPainter, area: QRectF) -> None:
        t = theme.current()
        for box, words, colour in self.end_labels():
            fill(painter, box, theme.qcolor(t.panel, 0.8), 3)
            draw_text(painter, box.adjusted(0, 0, -3, 0), words, colour, size=11, align=RIGHT)

    # Lines

    def _new_item(self) -> pg.PlotDataItem:
        item = pg.PlotDataItem(skipFiniteCheck=False)
        self.box.addItem(item)
        item.setDownsampling(auto=True, method="peak")
        item.setClipToView(True)
        item.setLogMode(*self._log)
        return item

    def _fill(self, item: pg.PlotDataItem, line: Series) -> None:
        colour = theme.qcolor(line.colour, line.alpha)
        pen = QPen(colour, 1.0 if len(line.x) > LONG else line.width)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        item.setData(line.x, line.y, pen=pen, antialias=len(line.x) <= (20_000 if line.label else 600))

    def _set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        log_x, log_y = self._log
        if log_x:
            x = (0.0, math.log10(max(x[1], 10.0)))
        if log_y:
            low = min(self._positive(), y[1] / 10)
            y = (math.floor(2 * math.log10(low)) / 2, math.log10(max(y[1], 1e-9)))
        self.box.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)
        self.box.updateMatrix()  # now, not while painting: that would paint everything a second time

    def _positive(self) -> float:
        """The least value worth showing on a logarithmic axis."""
        lowest = [np.quantile(good, 0.01) for line in self.series if len(good := line.y[line.y > 0])]
        return float(max(min(lowest, default=1e-3), 1e-9))

    def _y_pixel(self, value: float) -> float:
        low, high = self.box.viewRange()[1]
        area = self.area()
        return area.bottom() - area.height() * (value - low) / ((high - low) or 1)

    def _follow(self, follow: bool) -> None:
        if follow != self.following:
            self.following = follow
        self.zoomed.emit(not follow)


def _last_finite(values: Floats) -> float | None:
    """The last number in `values`; None where the last thousand hold none."""
    tail = values[-1000:]
    found = np.flatnonzero(np.isfinite(tail))
    return float(tail[found[-1]]) if len(found) else None
