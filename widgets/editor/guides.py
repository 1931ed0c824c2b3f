"""Smart guides: what is dragged comes to rest in line with its neighbours, or with the same gap to either side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.mirror.scene import Scene

REACH = 6.0
"""How near a line pulls, in pixels on the screen."""
MOST = 120
"""More neighbours than this in one row or column are no neighbours any more."""
Span = tuple[float, float]


class _Near(NamedTuple):
    """A neighbour along one axis (`low` to `high`), and where it lies across it."""

    low: float
    high: float
    across: Span


class _Pull(NamedTuple):
    """How far to go to come into line, and the lines that say why: pairs of (along, across) points."""

    step: float
    lines: tuple[tuple[Span, Span], ...]


class Guides:
    """Finds lines for one drag; `lines` are those of the last `pull`, in scene pixels."""

    def __init__(self, scene: Scene, moving: Iterable[str]) -> None:
        self._scene, self._moving = scene, frozenset(moving)
        self.lines: list[QLineF] = []

    def clear(self) -> None:
        """No lines."""
        self.lines = []

    def pull(self, rect: QRectF, view: QRectF, scale: float) -> tuple[float | None, float | None]:
        """How far the dragged rectangle is from a line across and down; None where no line is near.

        `view` is the part of the scene in view; what lies beyond it does not pull.
        """
        reach = REACH / scale
        column = self._near(QRectF(rect.left() - reach, view.top(), rect.width() + 2 * reach, view.height()))
        row = self._near(QRectF(view.left(), rect.top() - reach, view.width(), rect.height() + 2 * reach))
        x = _best(_span(rect, True), [_side(r, True) for r in column], [_side(r, True) for r in row], reach)
        y = _best(_span(rect, False), [_side(r, False) for r in row], [_side(r, False) for r in column], reach)
        found = QPointF(x.step if x else 0.0, y.step if y else 0.0)
        self.lines = [*_drawn(x, True, found.y()), *_drawn(y, False, found.x())]
        return (x.step if x else None), (y.step if y else None)

    def _near(self, band: QRectF) -> list[QRectF]:
        ids = [i for i in self._scene.boxes.within(band) if i not in self._moving]
        return [self._scene.items[i].rect for i in ids] if len(ids) <= MOST else []

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Draws the lines, in widget pixels."""
        painter.setPen(QPen(QColor(theme.current().accent), 1.0))
        for line in self.lines:
            painter.drawLine(QLineF(camera.to_view(line.p1()), camera.to_view(line.p2())))


def _side(rect: QRectF, across: bool) -> _Near:
    if across:
        return _Near(rect.left(), rect.right(), (rect.top(), rect.bottom()))
    return _Near(rect.top(), rect.bottom(), (rect.left(), rect.right()))


def _span(rect: QRectF, across: bool) -> _Near:
    return _side(rect, across)


def _best(own: _Near, beside: list[_Near], before: list[_Near], reach: float) -> _Pull | None:
    """The nearest line: an edge or middle in common with `beside`, or gaps equal to those of the row `before`."""
    pulls = [*_in_line(own, beside, reach), *_equal_gaps(own, before, reach)]
    return min(pulls, key=lambda pull: abs(pull.step), default=None)


def _in_line(own: _Near, others: list[_Near], reach: float) -> Iterable[_Pull]:
    middle = sum(own.across) / 2
    for other in sorted(others, key=lambda o: abs(sum(o.across) / 2 - middle)):
        pairs = ((own.low, other.low), (own.high, other.high), ((own.low + own.high) / 2, (other.low + other.high) / 2))
        for mine, theirs in pairs:
            if abs(theirs - mine) <= reach:
                ends = min(own.across[0], other.across[0]), max(own.across[1], other.across[1])
                yield _Pull(theirs - mine, (((theirs, ends[0]), (theirs, ends[1])),))


def _equal_gaps(own: _Near, row: list[_Near], reach: float) -> Iterable[_Pull]:
    """Between two neighbours with the same gap to both, or as far from one as that is from the next."""
    size = own.high - own.low
    left = sorted((o for o in row if o.high <= own.low + reach), key=lambda o: -o.high)
    right = sorted((o for o in row if o.low >= own.high - reach), key=lambda o: o.low)
    level = sum(own.across) / 2
    goals: list[tuple[float, tuple[Span, ...]]] = []
    if left and right:
        low = (left[0].high + right[0].low - size) / 2
        goals.append((low, ((left[0].high, low), (low + size, right[0].low))))
    if len(left) > 1 and (gap := left[0].low - left[1].high) > 0:
        low = left[0].high + gap
        goals.append((low, ((left[1].high, left[0].low), (left[0].high, low))))
    if len(right) > 1 and (gap := right[1].low - right[0].high) > 0:
        low = right[0].low - gap - size
        goals.append((low, ((low + size, right[0].low), (right[0].high, right[1].low))))
    for low, gaps in goals:
        if abs(low - own.low) <= reach and all(b > a for a, b in gaps):
            yield _Pull(low - own.low, tuple(((a, level), (b, level)) for a, b in gaps))


def _drawn(pull: _Pull | None, across: bool, shift: float) -> Iterable[QLineF]:
    """The lines of a pull as lines of the scene; a line that joins a moved box goes along with `shift`."""
    for (a, b), (c, d) in pull.lines if pull else ():
        if a != c:  # a gap: it lies level with what is dragged
            b, d = b + shift, d + shift
        yield QLineF(a, b, c, d) if across else QLineF(b, a, d, c)
