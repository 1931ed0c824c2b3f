"""Loss, accuracy and learning rate over the run, live."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QBoxLayout, QWidget

from widgets import theme
from widgets.views.base import View
from widgets.views.context import Context
from widgets.views.figure import Hit, HoverCard
from widgets.views.painting import compact, percent
from widgets.views.smoothing import RunningMean
from widgets.views.states import Need
from widgets.views.ticks import nice_ceiling

if TYPE_CHECKING:
    from studio.training.history import History
    from widgets.views.plot import Plot, Series

Floats = NDArray[Any]
STEP_COLUMNS = ("step", "loss", "accuracy", "learning_rate")
EPOCH_COLUMNS = ("epoch", "train_loss", "val_loss", "val_accuracy")


class CurvesDisplay(BaseModel):
    """Options of the picture."""

    model_config = ConfigDict(frozen=True)

    smoothing: int = Field(
        default=20,
        title="Smoothing",
        description="The bold line is the mean over about so many steps; 1 shows every step.",
        ge=1,
        le=1000,
        json_schema_extra={"slider": True, "scale": "log"},
    )
    log_x: bool = Field(default=False, title="Log x", description="A logarithmic axis of steps.")
    log_y: bool = Field(default=False, title="Log y", description="A logarithmic axis of the loss.")


class Numbers(NamedTuple):
    """What `table` gives: a row a step, the epoch's own numbers in the row it ended with."""

    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Frame(NamedTuple):
    """The history as it was when it was drawn."""

    step: Floats
    loss: Floats
    accuracy: Floats
    learning_rate: Floats
    epochs: tuple[Any, ...]

    @classmethod
    def of(cls, history: History) -> Frame:
        """The history as it is now."""
        steps = history.steps_table()
        return cls(steps.step, steps.loss, steps.accuracy, steps.learning_rate, history.epochs)

    def epoch_column(self, name: str) -> Floats:
        """A column of the epoch rows."""
        return np.array([getattr(row, name) for row in self.epochs], np.float64)

    def epoch_at(self, step: float) -> float:
        """The epoch, with its fraction, that `step` lies in."""
        ends = np.concatenate([[0.0], self.epoch_column("step")])
        counts = np.concatenate([[0.0], self.epoch_column("epoch")])
        if len(ends) < 2:
            return math.nan
        length = ends[-1] / max(counts[-1], 1)
        return float(np.interp(step, ends, counts)) if step <= ends[-1] else float(step / length)


class Curves(View):
    """The training so far; a crosshair reads off every line at once."""

    name = "curves"
    title = "Curves"
    icon = "view-curves"
    section = "Training"
    help = "How loss, accuracy and learning rate change while the network learns."
    empty = "Nothing has been learnt yet; the curves begin with the first step."
    display = CurvesDisplay

    def missing(self, context: Context) -> Need | None:
        if self._result is not None:
            return None
        return super().missing(context) or Need(self.empty, "Train", "play")

    def show_history(self, history: History) -> None:
        """Draw the history as it is now."""
        if len(history) or history.epochs:
            self.show_result(history)
        elif self.state != "empty":
            self.show_empty()

    def set_marker(self, step: int | None) -> None:
        """The step that the time machine shows, None for live."""
        self._marker = step
        if self._body is not None:
            for plot in self._plots:
                plot.set_marker(step)

    def set_context(self, context: Context) -> None:
        """Also says whether the curves are of the network as it was before an edit."""
        super().set_context(context)
        self._say()

    def headline(self, result: Any) -> str:
        return "Loss and accuracy" + (" · before the edit" if self.context.past else "")

    def build(self) -> QWidget:
        from widgets.views.plot import Plot

        self.loss = Plot("loss", compact)
        self.accuracy = Plot("accuracy", percent)
        self.rate = Plot("learning rate", compact)
        self.accuracy.percent = True
        self._plots: tuple[Plot, ...] = (self.loss, self.accuracy, self.rate)
        self._means = {"loss": RunningMean(), "accuracy": RunningMean()}
        body = self._panels = Panels(self._plots, (5, 4, 2), self.redraw)
        self.card = HoverCard(body)
        for plot in self._plots:
            plot.pointed.connect(lambda x, plot=plot: self.point_at(x, plot))
            plot.zoomed.connect(lambda zoomed, plot=plot: self._zoomed(plot, zoomed))
            plot.box.sigXRangeChanged.connect(lambda _, span, plot=plot: self._link(plot, span))
        return body

    def painting_widgets(self) -> Sequence[QWidget]:
        return self._plots

    def restyle(self) -> None:
        for plot in self._plots:
            plot.restyle()

    def render_result(self, result: History) -> None:
        self.frame = Frame.of(result)
        look = self.display_options()
        classes = bool(np.isfinite(self.frame.accuracy[-1000:]).any())
        self.accuracy.setVisible(classes and self._panels.count > 1)
        self.rate.setVisible(self._panels.count > 2)
        for plot in self._plots:
            plot.set_log(look.log_x, look.log_y and plot is not self.accuracy)
            plot.set_marker(getattr(self, "_marker", None))
        last = float(self.frame.step[-1]) if len(self.frame.step) else 1.0
        span = (0.0, max(last, 2.0))
        top = self._top()
        shared = classes and not look.log_y and self._panels.count == 1
        self.loss.set_share_axis(top if shared else None)
        lines = self._loss_lines(look.smoothing, top if shared else None)
        self.loss.set_series(lines, span, (0.0, top))
        self.accuracy.set_series(self._accuracy_lines(look.smoothing), span, (0.0, 1.0))
        rate = float(_thinned(self.frame.learning_rate).max(initial=0.0))
        self.rate.set_series(self._rate_lines(), span, (0.0, nice_ceiling(rate * 1.05, 3)))

    def point_at(self, x: float | None, plot: Plot | None = None) -> None:
        """Put the crosshair of all panels at the step next to `x` (None: away) and read the values off."""
        step = None if x is None or not len(self.frame.step) else float(self._nearest_step(x))
        for each in self._plots:
            each.set_cross(step)
        if step is None:
            self.card.hide()
            return
        owner = plot or self.loss
        at = owner.mapTo(self.body(), owner.pixel(step, 1).toPoint())
        self.card.show_hit(Hit("\n".join(self.readout(step))), QPointF(at.x(), owner.area().top()))

    def readout(self, step: float) -> list[str]:
        """The values of every line at `step`, as the crosshair says them."""
        epoch = self.frame.epoch_at(step)
        lines = [f"step {step:,.0f}" + ("" if math.isnan(epoch) else f" · epoch {epoch:.1f}")]
        for plot in self._plots:
            for line in plot.series if not plot.isHidden() else ():
                near = plot.nearest(line, step) if line.label else None
                if near is not None:
                    lines.append(f"{line.label} {(line.words or plot.format_y)(near[1])}")
        return lines

    def table(self) -> Numbers | None:
        if self._result is None:
            return None
        frame = Frame.of(self._result)
        ends = {row.step: row for row in frame.epochs}
        columns = [column.tolist() for column in frame[:4]]
        rows = [(*row, *_epoch_cells(ends.get(row[0]))) for row in zip(*columns, strict=True)]
        return Numbers((*STEP_COLUMNS, *EPOCH_COLUMNS), rows)

    def _loss_lines(self, window: int, top: float | None) -> list[Series]:
        """Loss; where there is one panel only, the accuracy too, 100 % at the `top` of the axis."""
        lines = self._smoothed("loss", window, "training loss", None)
        if top is not None:
            return [*lines, *self._epoch_line("val_accuracy", "validation accuracy", None, top)]
        return [*lines, *self._epoch_line("val_loss", "validation loss", None)]

    def _accuracy_lines(self, window: int) -> list[Series]:
        if self.accuracy.isHidden():
            return []
        lines = self._smoothed("accuracy", window, "training accuracy", "training")
        return [*lines, *self._epoch_line("val_accuracy", "validation accuracy", "validation")]

    def _smoothed(self, column: str, window: int, label: str, end: str | None) -> list[Series]:
        """Every step faintly, and the mean over `window` steps boldly."""
        from widgets.views.plot import Series

        step, values, colour = self.frame.step, getattr(self.frame, column), theme.current().accent
        if window <= 1:
            return [Series(step, values, colour, label, end, width=1.0)]
        raw = Series(step, values, colour, alpha=0.34, width=1.0)
        return [raw, Series(step, self._means[column](values, window), colour, label, end)]

    def _epoch_line(self, column: str, label: str, end: str | None, top: float | None = None) -> list[Series]:
        """A column of the epochs; `top` is where a share of 1 lies on an axis of something else."""
        from widgets.views.plot import Series

        values = self.frame.epoch_column(column)
        if not np.isfinite(values).any():
            return []
        steps, colour = self.frame.epoch_column("step"), theme.current().good
        if top is None:
            return [Series(steps, values, colour, label, end, dots=True)]
        return [Series(steps, top * values, colour, label, end, dots=True, words=lambda y: percent(y / top))]

    def _rate_lines(self) -> list[Series]:
        from widgets.views.plot import Series

        t, frame = theme.current(), self.frame
        return [Series(frame.step, frame.learning_rate, t.warn, "learning rate", "", width=1.5)]

    def _top(self) -> float:
        """The top of the loss axis: above all but the rarest peaks, at a round number, so it stays calm."""
        some = np.concatenate([self.frame.loss[:8], _thinned(self.frame.loss)])
        finite = some[np.isfinite(some)]
        if not len(finite):
            return 1.0
        calm = max(float(np.quantile(finite, 0.995)), float(finite[:8].max()))
        epochs = self.frame.epoch_column("val_loss")
        valid = epochs[np.isfinite(epochs)]
        return nice_ceiling(1.04 * max(calm, float(valid[-20:].max(initial=0.0))), 5)

    def _nearest_step(self, x: float) -> float:
        steps = self.frame.step
        index = int(np.clip(np.searchsorted(steps, x), 0, len(steps) - 1))
        if index and abs(steps[index - 1] - x) <= abs(steps[index] - x):
            index -= 1
        return float(steps[index])

    def _zoomed(self, plot: Plot, zoomed: bool) -> None:
        for other in self._plots:
            other.following = plot.following
        if not zoomed:
            self.redraw()

    def _link(self, plot: Plot, span: tuple[float, float]) -> None:
        """All panels show the same steps."""
        for other in self._plots:
            if other is not plot and tuple(other.box.viewRange()[0]) != tuple(span):
                other.box.setXRange(*span, padding=0)


class Panels(QWidget):
    """Panels side by side with shares of the width. A high view has them as a column, a narrow one leaves the
    last away, and a very narrow one shows only the first.
    """

    ONE, TWO, COLUMN = 430, 640, 420

    def __init__(self, plots: Sequence[QWidget], shares: Sequence[int], changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed
        self.count = len(plots)
        """How many panels there is room for."""
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(8, 0, 8, 6)
        self._row.setSpacing(0)
        for plot, share in zip(plots, shares, strict=True):
            self._row.addWidget(plot, share)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        tall = self.height() > 1.1 * self.width()
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if tall else directions.LeftToRight)
        count = (2 if self.height() < self.COLUMN else 3) if tall else 1 + (self.width() >= self.ONE)
        count += not tall and self.width() >= self.TWO
        if count != self.count:
            self.count = count
            self._changed()


def _thinned(values: Floats) -> Floats:
    """At most about 5,000 of the values, evenly spread."""
    return values[:: max(1, len(values) // 5000)]


def _epoch_cells(row: Any) -> tuple[Any, ...]:
    return ("", "", "", "") if row is None else tuple(getattr(row, name) for name in EPOCH_COLUMNS)
