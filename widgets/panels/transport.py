"""The transport bar: play, pause, step, epoch, stop; where the run is; what watching costs; the rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, Field
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from widgets import theme
from widgets.forms.accepting import accept
from widgets.forms.entries import entries
from widgets.forms.fields import NumberField
from widgets.look import holding
from widgets.look.icons import set_icon
from widgets.look.style import Panel, flat_button, label, set_tone
from widgets.panels.where import Where, passages, wordings
from widgets.shortcuts import shortcuts

ACTIVE = ("preparing", "running")
NEVER = "Not trained yet"
READY = "Getting ready"
"""What stands there from the press of play until the first step."""


class Rate(BaseModel):
    """The learning rate as the bar's field declares it."""

    learning_rate: float = Field(
        0.001, title="Learning rate", description="The size of a step; may change while it trains.",
        ge=1e-8, le=10.0,
    )  # fmt: skip


class Track(QWidget):
    """The run's progress as a thin bar; what is done is in the accent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(48)
        self.setMaximumWidth(360)
        self.setAccessibleName("Progress of the run")

    def set_share(self, share: float) -> None:
        """0…1; repaints only where a pixel changes."""
        share = min(max(share, 0.0), 1.0)
        if round(share * self.width()) != round(self._share * self.width()):
            self._share = share
            self.update()
        self._share = share

    def sizeHint(self) -> QSize:
        return QSize(240, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, self.height() / 2 - 3, self.width(), 6)
        painter.setBrush(theme.qcolor(now.line))
        painter.drawRoundedRect(groove, 3, 3)
        if self._share > 0:
            groove.setWidth(max(6.0, groove.width() * self._share))
            painter.setBrush(theme.qcolor(now.accent))
            painter.drawRoundedRect(groove, 3, 3)
        painter.end()


class Transport(Panel):
    """The bar over the canvas. It only says what a person wants; the session decides."""

    play = Signal()
    pause = Signal()
    step = Signal()
    epoch = Signal()
    stop = Signal()
    reset = Signal()
    learning_rate = Signal(float)
    fix = Signal(object, object)
    """(problem, fix): the remedy was chosen of what keeps a run from starting."""
    began = Signal()
    """A run begins or goes on."""
    problems = Signal()
    """Somebody wants to see what keeps a run from starting."""

    def __init__(self, parent: QWidget | None = None, budget: Callable[[], float] = lambda: 0.05) -> None:
        super().__init__("transport", across=True, parent=parent)
        self.state = "idle"
        self._budget = budget
        self._playable = True
        self._held = False
        self._why: tuple[str, ...] = ()
        self._fault: Any | None = None
        self._narrow = False
        self._status: Any | None = None
        self._rate = 0.001
        self._grow()
        self.box.setContentsMargins(12, 0, 12, 0)
        self.box.setSpacing(4)
        self.play_button = self._button("play", "Play", self._toggle, 18)
        self.step_button = self._button("step", "One step", self.step.emit)
        self.epoch_button = self._button("epoch", "One epoch", self.epoch.emit)
        self.stop_button = self._button("stop", "Stop", self.stop.emit)
        self.reset_button = self._button("reset", "Start over with fresh weights", self.reset.emit)
        self.box.addSpacing(12)
        self.where = Where()
        self.where.clicked.connect(self.problems)
        self.box.addWidget(self.where, 7)
        self._add_remedy()
        self.box.addSpacing(12)
        self.track = Track()
        self.box.addWidget(self.track, 2)
        self.box.addSpacing(12)
        self.cost = label(tone="good")
        self.cost.setToolTip("The share of the training time that the open views take. Preferences set the most.")
        self.box.addWidget(self.cost)
        self.box.addSpacing(12)
        self._add_rate()
        self.show_status(None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._grow()

    def _grow(self) -> None:
        self.setFixedHeight(max(40, self.fontMetrics().height() + 24))

    def show_status(self, status: Any | None) -> None:
        """Show where the run is (a studio Status; None before there is one)."""
        state = status.state if status is not None else "idle"
        waiting = state == "idle" and status is not None and not status.message and self.waiting
        if state in ACTIVE and self.state not in ACTIVE:
            self.began.emit()
        if state != self.state or status is None:
            self._show_state(state)
        if status is None:
            return
        self._say_where(status, waiting)
        self._settle(waiting)
        self.track.set_share(status.step / status.steps if status.steps else 0.0)
        self._show_cost(status)

    def _say_where(self, status: Any | None, waiting: bool = False) -> None:
        """Where the run is; while there is none, what keeps one from starting."""
        idle = status is None or status.state == "idle"
        if waiting:
            self.where.say((READY,))
        elif idle and self._why:
            self.where.say(self._why, self._why[0], more=True)
        elif status is None:
            self.where.say((NEVER,))
        elif idle or status.state == "preparing" or not status.epochs:
            self.where.say(wordings(sentence(status)), status.message, more=bool(status.message))
        else:
            self.where.say(passages(parts_of(status, short=self._narrow), status), status.message)
        self._status = status

    @property
    def waiting(self) -> bool:
        """Whether play was pressed before there was anything to train with."""
        return self.state == "idle" and self.where.text() == READY

    def show_fault(self, fault: Any | None) -> None:
        """What keeps a run from starting; its first remedy is a button beside the words."""
        self._fault = fault
        self._show_remedy()

    def _show_remedy(self) -> None:
        fault = self._fault
        offered = fault is not None and bool(fault.fixes)
        holding.show(self.remedy, offered and self.state in ("idle", "ended"))
        self._make_room()
        if fault is not None and offered:
            self.remedy.setText(fault.fixes[0].label)
            self.remedy.setToolTip(fault.message)

    def _add_remedy(self) -> None:
        self.remedy = QPushButton()
        self.remedy.setProperty("rank", "small")
        self.remedy.clicked.connect(lambda: self._fault and self.fix.emit(self._fault, self._fault.fixes[0]))
        self.remedy.hide()
        self.box.addWidget(self.remedy)

    def show_rate(self, rate: float) -> None:
        """Show the learning rate that is in force, unless it is being typed."""
        shown = float(f"{rate:.3g}")  # a schedule changes it at every step: three figures stay readable
        if not self.rate.hasFocus() and shown != self._rate:
            self._rate = shown
            self.rate.show_value(shown)

    def set_playable(self, playable: bool, why: str = "", forms: Sequence[str] = ()) -> None:
        """Whether a run can start; `why` not is the button's tooltip, and stands in the bar as one of `forms`, of which
        the first is the longest."""
        waiting = self.waiting and not why
        self._playable, self._why = playable, tuple(forms) or ((why,) if why else ())
        if self.state == "idle":
            self._say_where(self._status, waiting)
        self._enable()
        self.play_button.setToolTip(why or self._tip())

    def _enable(self) -> None:
        for button in (self.play_button, self.step_button, self.epoch_button):
            holding.enable(button, (self._playable or self.state in ACTIVE) and not self.waiting)

    def _tip(self) -> str:
        return f"{'Pause' if self.state in ACTIVE else 'Play'}{shortcuts().aside('play')}"

    def _settle(self, waiting: bool) -> None:
        """While a run that was asked for cannot begin yet, there is nothing to press."""
        if waiting != self._held:
            self._held = waiting
            self._enable()

    def _show_state(self, state: str) -> None:
        self.state = state
        self._show_remedy()
        active = state in ACTIVE
        set_icon(self.play_button, "pause" if active else "play", 18, "text")
        words = "Pause" if active else "Play"
        self.play_button.setAccessibleName(words)
        self.play_button.setToolTip(self._tip())
        holding.enable(self.stop_button, state in (*ACTIVE, "paused"))
        holding.enable(self.reset_button, state in ("paused", "ended"))
        holding.enable(self.step_button, state != "preparing")
        holding.enable(self.epoch_button, state != "preparing")
        if state == "idle":
            self._say_where(None)
            self.cost.setText("")
            self.cost.hide()
            self.track.set_share(0.0)

    def _show_cost(self, status: Any) -> None:
        running = status.state == "running" and status.step > 0
        cost = float(status.view_cost or 0.0)
        if status.state in ("running", "paused", "ended"):
            pattern = "views {:.1f} %" if self._narrow else "views cost {:.1f} % of training"
            measured = pattern.format(100 * cost) if cost else ""  # nothing is said before it is known
            _set(self.cost, measured if running else self.cost.text())
            self.cost.setVisible(bool(self.cost.text()))
            set_tone(self.cost, "faint" if not running else "good" if cost <= self._budget() + 0.0005 else "warn")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorter words where there is little room, so that the place of the run stays readable."""
        super().resizeEvent(event)
        self._narrow = self.width() < self.fontMetrics().averageCharWidth() * 150
        self._rate_words.setText("Rate" if self._narrow else "Learning rate")
        sample = "views 88.8 %" if self._narrow else "views cost 88.8 % of training"
        self.track.setMaximumWidth(64 if self._narrow else 360)
        self._make_room()
        self.cost.setFixedWidth(self.fontMetrics().horizontalAdvance(sample) + 4)

    def _make_room(self) -> None:
        """Where there is little, a bar of progress stands only beside a run."""
        idle = self.state == "idle" or not self.remedy.isHidden()
        self.track.setVisible(not (self._narrow and idle))

    def _toggle(self) -> None:
        (self.pause if self.state in ACTIVE else self.play).emit()

    def _button(self, shape: str, tip: str, act: Any, size: int = 16) -> QToolButton:
        button = flat_button(tip=tip)
        set_icon(button, shape, size, "text" if shape == "play" else "dim")
        button.setFixedSize(30, 30)
        button.clicked.connect(lambda: act())
        self.box.addWidget(button)
        return button

    def _add_rate(self) -> None:
        entry = entries(Rate)[0]
        words = self._rate_words = label("Learning rate", tone="dim")
        self.rate = NumberField(entry)
        self.rate.setFixedWidth(max(88, self.fontMetrics().horizontalAdvance("0.000125") + 44))
        self.rate.setAccessibleName(entry.title)
        self.rate.setToolTip(entry.help)
        words.setBuddy(self.rate)
        self.rate.show_value(self._rate)
        self.rate.entered.connect(self._enter_rate)
        self.box.addWidget(words)
        self.box.addSpacing(4)
        self.box.addWidget(self.rate)

    def _enter_rate(self, candidates: list[Any]) -> None:
        value, fault = accept(Rate, {}, "learning_rate", candidates)
        self.rate.setToolTip(fault or entries(Rate)[0].help)
        self.rate.setProperty("invalid", bool(fault))
        self.rate.style().unpolish(self.rate)
        self.rate.style().polish(self.rate)
        if not fault:
            self._rate = value
            self.rate.show_value(value)
            self.learning_rate.emit(value)


def sentence(status: Any, *, short: bool = False) -> str:
    """Where the run is, in one line: "epoch 6 / 20 · step 282 · 41,200 images/s · 3 s left"."""
    if status.state == "idle":
        return status.message or NEVER
    if status.state == "preparing":
        return status.message or READY
    if not status.epochs:
        return status.message or "Not started"
    return " · ".join(parts_of(status, short=short))


def parts_of(status: Any, *, short: bool = False) -> list[str]:
    """The parts of that line, of a run that has begun."""
    epoch = min(int(status.epoch) + (1 if status.state == "running" else 0), status.epochs)
    parts = [f"epoch {max(epoch, 1)} / {status.epochs}", f"step {status.step:,}"]
    if status.state == "running":
        unit = "/s" if short else " samples/s"
        parts += [f"{round_speed(status.samples_per_second)}{unit}", f"{duration(status.seconds_left)} left"]
    elif status.state == "paused":
        parts.append("paused")
    else:
        parts.append(brief(status.message) or "done")
    return parts


def brief(message: str) -> str:
    """How a run ended, in the few words that fit into the bar; the whole stands in the notice and the tooltip."""
    if "finite" in message:
        return "stopped: loss not finite"
    return message.split(": ", 1)[0].rstrip(".") if len(message) > 48 else message


def round_speed(speed: float | None) -> str:
    """Three figures that do not flicker: 41,200."""
    if not speed or speed <= 0:
        return "–"
    digits = len(str(int(speed)))
    return f"{round(speed, min(0, 3 - digits)):,.0f}" if speed >= 1 else f"{speed:.1f}"


def duration(seconds: float | None) -> str:
    """3 s, 2 min 10 s, 1 h 20 min."""
    if seconds is None or seconds != seconds or seconds > 360_000:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min"


def _set(widget: QLabel, text: str) -> None:
    if widget.text() != text:
        widget.setText(text)
