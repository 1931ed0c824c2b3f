"""Which classes the network takes for which; a cell shows its samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Figure, Hit
from widgets.views.painting import (
    CENTRE,
    RIGHT,
    draw_image,
    draw_text,
    fill,
    fit_grid,
    outline,
    percent,
    text_width,
)
from widgets.views.samples import sample_picture, sample_words
from widgets.views.states import Need

PAD = 16.0


class CellSamples(NamedTuple):
    """The samples of class `label` that were taken for `predicted`, as positions in the part `split`."""

    label: int
    predicted: int
    split: str
    indices: tuple[int, ...]


class Confusion(View):
    """The matrix with its numbers, precision and recall, and the samples of the chosen cell."""

    name = "confusion"
    title = "Confusion"
    icon = "view-confusion"
    section = "Results"
    help = "Which classes the network takes for which. A click on a cell shows its samples."
    empty = "It needs classes and a network that can be built."
    analysis = "confusion"
    fields = ("split", "samples")
    labels: ClassVar[Mapping[str, str]] = {"split": "", "samples": "at most"}

    def missing(self, context: Context) -> Need | None:
        need = super().missing(context)
        if need is None and context.data is not None and not context.classes:
            return Need("It needs data with classes; this data has numbers to predict.", "Choose other data", "data")
        return need

    def build(self) -> QWidget:
        body = QWidget()
        self.matrix, self.samples = Matrix(), CellFigure()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.matrix, 3)
        row.addWidget(self.samples, 2)
        self._chosen: tuple[int, int] | None = None
        self.matrix.clicked.connect(self.choose_cell)
        self.samples.clicked.connect(self.sample_selected.emit)
        return body

    def painting_widgets(self) -> list[QWidget]:
        return [self.matrix, self.samples]

    def headline(self, result: Any) -> str:
        return f"{percent(result.accuracy)} of {len(result.labels):,} right"

    def render_result(self, result: Any) -> None:
        if self._chosen is not None and max(self._chosen) >= len(result.matrix):
            self._chosen = None
        self.matrix.show_result(result, self.cell)
        self._show_cell()

    @property
    def cell(self) -> tuple[int, int]:
        """The cell that is looked at: the chosen one, or the commonest mistake until one is chosen."""
        return self._chosen if self._chosen is not None else _worst(self.result)

    def choose_cell(self, cell: tuple[int, int]) -> None:
        """Show the samples of this (true class, predicted class)."""
        self._chosen = cell
        self.matrix.choose(cell)
        self._show_cell()
        self.cell_selected.emit(self.cell_samples())

    def cell_samples(self) -> CellSamples:
        """The samples of the chosen cell, the surest first."""
        label, predicted = self.cell
        indices = tuple(int(i) for i in self.result.cell(label, predicted))
        return CellSamples(label, predicted, self.result.split, indices)

    def _show_cell(self) -> None:
        self.samples.show_cell(self.cell_samples(), self.result, self.context)


class Matrix(Figure):
    """Rows are true classes, columns what the network says; colour is the share of the row."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Any = None
        self._chosen: tuple[int, int] | None = None
        self.grid = QRectF()
        self._foot = True

    def show_result(self, result: Any, chosen: tuple[int, int] | None) -> None:
        """Show a ConfusionResult with one cell marked."""
        self._result, self._chosen = result, chosen
        self.update()

    def choose(self, cell: tuple[int, int]) -> None:
        """Mark a cell."""
        self._chosen = cell
        self.update()

    def cell_box(self, label: int, predicted: int) -> QRectF:
        """Where a cell lies."""
        count = len(self._result.matrix)
        width, height = self.grid.width() / count, self.grid.height() / count
        return QRectF(self.grid.left() + predicted * width, self.grid.top() + label * height, width, height)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._result is None:
            return
        area = area.adjusted(PAD, 2, -PAD, -10)
        count, names = len(self._result.matrix), [self._name(k) for k in range(len(self._result.matrix))]
        left = min(max(text_width(n, 11) for n in names) + 10, 96.0)
        foot = 34.0 if area.height() - 52 >= 12 * count else 0.0
        readable = area.height() - 18 - foot >= 12 * count
        side = 46.0 if readable and area.width() > 260 else 0.0
        left = left if readable else 0.0
        room = area.adjusted(16 + left, 18, -side, -foot)
        height = room.height() / count
        width = min(room.width() / count, height * 2.1)
        self.grid = QRectF(room.left(), room.top(), width * count, height * count)
        self._foot = foot > 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for label in range(count):
            self._draw_row(painter, label, names[label], left)
        self._draw_columns(painter, names)
        if side:
            self._draw_recall(painter, side)
        if self._chosen is not None:
            outline(
                painter,
                self.cell_box(*self._chosen).adjusted(0.5, 0.5, -1.5, -1.5),
                theme.current().text,
                1.5,
            )

    def hit(self, point: QPointF) -> Hit | None:
        if self._result is None or not self.grid.contains(point):
            return None
        count = len(self._result.matrix)
        predicted = min(int((point.x() - self.grid.left()) / self.grid.width() * count), count - 1)
        label = min(int((point.y() - self.grid.top()) / self.grid.height() * count), count - 1)
        number, total = int(self._result.matrix[label, predicted]), int(self._result.matrix[label].sum())
        taken = "recognised" if label == predicted else f"taken for {self._name(predicted)}"
        share = percent(number / total) if total else "none"
        return Hit(
            f"{number} of {total} · {share}\n{self._name(label)} {taken}",
            self.cell_box(label, predicted).adjusted(0, 0, -1, -1),
            key=(label, predicted),
        )

    def _draw_row(self, painter: QPainter, label: int, name: str, left: float) -> None:
        t, row = theme.current(), self._result.matrix[label]
        total = max(int(row.sum()), 1)
        first = self.cell_box(label, 0)
        readable = first.height() >= 12
        if readable:
            draw_text(
                painter,
                QRectF(first.left() - left, first.top(), left - 8, first.height()),
                name,
                t.dim,
                size=11,
                align=RIGHT,
            )
        for predicted, number in enumerate(row):
            box = self.cell_box(label, predicted).adjusted(0, 0, -1, -1)
            share = float(number) / total
            strong = t.accent if label == predicted else t.signed[2]
            fill(painter, box, theme.qcolor(t.raised, 0.6))
            if number:
                fill(
                    painter,
                    box,
                    theme.qcolor(strong, 0.12 + 0.78 * (share if label == predicted else share**0.5)),
                )
            if readable and box.width() >= 4 + 6.5 * len(str(number)) and number:
                draw_text(painter, box, str(number), _ink(strong, share, label == predicted), size=11, align=CENTRE)

    def _draw_columns(self, painter: QPainter, names: list[str]) -> None:
        """Names over the columns, precision below them, and what the axes are."""
        t, count = theme.current(), len(names)
        width = self.grid.width() / count
        for k in range(count if width >= 14 else 0):
            box = QRectF(self.grid.left() + k * width, self.grid.top() - 17, width - 1, 16)
            draw_text(painter, box, names[k], t.dim, size=11, align=CENTRE)
            if width >= 26 and self._foot:
                below = QRectF(box.left(), self.grid.bottom() + 2, width - 1, 15)
                draw_text(
                    painter,
                    below,
                    f"{100 * float(self._result.precision[k]):.0f}",
                    t.faint,
                    size=11,
                    align=CENTRE,
                )
        if self._foot:
            foot = QRectF(self.grid.left(), self.grid.bottom() + 17, max(self.grid.width(), 230), 15)
            words = "predicted class → · below: precision, %" if width >= 26 else "predicted class →"
            draw_text(painter, foot, words, t.faint, size=11)
        painter.save()
        painter.translate(self.area().left() + PAD + 6, self.grid.center().y())
        painter.rotate(-90)
        draw_text(painter, QRectF(-60, -8, 120, 16), "← true class", t.faint, size=11, align=CENTRE)
        painter.restore()

    def _draw_recall(self, painter: QPainter, side: float) -> None:
        t, count = theme.current(), len(self._result.matrix)
        if self.grid.height() / count < 12:
            return
        head = QRectF(self.grid.right(), self.grid.top() - 17, side + 8, 16)
        draw_text(painter, head, "recall", t.faint, size=11, align=CENTRE)
        for k in range(count):
            box = self.cell_box(k, count - 1)
            place = QRectF(self.grid.right(), box.top(), side - 4, box.height())
            draw_text(painter, place, f"{100 * float(self._result.recall[k]):.0f} %", t.faint, size=11, align=RIGHT)

    def _name(self, index: int) -> str:
        return self._result.classes[index] if index < len(self._result.classes) else str(index)


class CellFigure(Figure):
    """The samples of one cell as pictures, with how sure the network was; a click chooses one everywhere."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._cell: CellSamples | None = None
        self._result: Any = None
        self._context = Context()
        self._places: list[tuple[QRectF, int]] = []
        self._pictures: dict[tuple[str, int], Any] = {}
        self._data: Any = None

    def show_cell(self, cell: CellSamples, result: Any, context: Context) -> None:
        """Show these samples."""
        if context.data is not self._data:
            self._pictures, self._data = {}, context.data
        self._cell, self._result, self._context = cell, result, context
        self.update()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        if self._cell is None:
            return None
        t, cell = theme.current(), self._cell
        area = area.adjusted(4, 2, -PAD, -10)
        draw_text(painter, QRectF(area.left(), area.top(), area.width(), 16), self.words(), t.dim)
        self._places = []
        room = area.adjusted(0, 24, 0, 0)
        if not cell.indices or self._picture(cell.indices[0]) is None:
            return self._draw_lines(painter, room)
        shown, grid = self._fitting(room)
        confidence = dict(zip(self._result.indices.tolist(), self._result.confidence.tolist(), strict=True))
        for index, sample in enumerate(shown):
            box = grid.tile(index, room.topLeft())
            picture = QRectF(box.left(), box.top(), box.width(), box.height() - 16)
            draw_image(painter, picture, self._picture(sample))
            label = QRectF(box.left(), picture.bottom() + 1, box.width() + 4, 15)
            draw_text(painter, label, percent(confidence[sample], 0), t.faint, size=11)
            self._places.append((picture, sample))
        return None

    def words(self) -> str:
        """What the cell holds, in words."""
        assert self._cell is not None
        label, predicted, _, indices = self._cell
        name = self._result.classes[label] if label < len(self._result.classes) else str(label)
        other = self._result.classes[predicted] if predicted < len(self._result.classes) else str(predicted)
        what = f"{name} recognised" if label == predicted else f"{name} taken for {other}"
        return f"{what} · {len(indices)} sample{'' if len(indices) == 1 else 's'}"

    def hit(self, point: QPointF) -> Hit | None:
        for box, sample in self._places:
            if box.contains(point):
                return Hit(f"sample {sample}\nclick to look at it everywhere", box, key=sample)
        return None

    def _fitting(self, room: QRectF) -> tuple[tuple[int, ...], Any]:
        """As many samples as stay large enough to be recognised."""
        assert self._cell is not None
        most = max(1, int((room.width() + 6) // 46) * int((room.height() + 6) // 62))
        shown = self._cell.indices[:most]
        return shown, fit_grid(len(shown), 1.0, room, gap=6, largest=104, extra=16)

    def _draw_lines(self, painter: QPainter, room: QRectF) -> None:
        t, cell = theme.current(), self._cell
        assert cell is not None
        for row, sample in enumerate(cell.indices[: int(room.height() // 19)]):
            box = QRectF(room.left(), room.top() + 19 * row, room.width(), 18)
            words = f"{sample}   {sample_words(self._context, cell.split, sample)}"
            draw_text(painter, box, words, t.text, size=11)
            self._places.append((box, sample))

    def _picture(self, sample: int) -> Any:
        """A sample's picture, made once."""
        assert self._cell is not None
        key = (self._cell.split, sample)
        if key not in self._pictures:
            self._pictures[key] = sample_picture(self._context, *key)
        return self._pictures[key]


def _worst(result: Any) -> tuple[int, int]:
    """The commonest mistake, or the first class where there is none."""
    matrix = result.matrix.copy()
    matrix[range(len(matrix)), range(len(matrix))] = 0
    label, predicted = divmod(int(matrix.argmax()), len(matrix))
    return (label, predicted) if matrix[label, predicted] else (0, 0)


def _ink(ground: str, share: float, right: bool) -> str:
    """Readable ink on a cell of this strength."""
    t = theme.current()
    strength = 0.12 + 0.78 * (share if right else share**0.5)
    return t.on_accent if strength > 0.6 else t.text
