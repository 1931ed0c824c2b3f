"""A view is declared once: a class says what it shows, from which analysis, and how; the rest is here.

A subclass gives the class attributes, `build` (its body), `render_result` (a result into that body) and,
where it needs more than the data, `missing`. From them come its options bar, its busy, empty, error and stale
states, its menu, its pictures (PNG, SVG) and its numbers (CSV).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.look import icons
from widgets.views.context import Context
from widgets.views.options import OptionsBar
from widgets.views.paintclock import measure
from widgets.views.saving import Saving
from widgets.views.states import Caption, Head, Message, Need, Strip


class View(Saving):
    """One way of looking at a network. All state that an analysis needs is in `options()`."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    section: ClassVar[str] = ""
    help: ClassVar[str] = ""
    """One sentence: what is seen here."""
    empty: ClassVar[str] = ""
    """One sentence: what it needs before there is something to see."""
    analysis: ClassVar[str | None] = None
    """A module of studio.inspection; None for a view that follows the history."""
    fields: ClassVar[tuple[str, ...] | None] = None
    """Which options stand in the bar, in this order (None: all of them)."""
    labels: ClassVar[Mapping[str, str]] = {}
    """Shorter words for options in the bar."""
    none_words: ClassVar[Mapping[str, str]] = {}
    """Other words for "none" in menus of layers and classes."""
    display: ClassVar[type[BaseModel] | None] = None
    """Options of the picture alone; changing them computes nothing."""
    live: ClassVar[bool] = True

    options_changed = Signal()
    sample_selected = Signal(int)
    cell_selected = Signal(object)
    node_selected = Signal(str)
    wanted = Signal(str)
    """The button of an empty state was pressed: "play", "retry", "example:spiral", "problems", …"""
    shown_changed = Signal(bool)
    painted = Signal(float)
    """Seconds of processor time that a paint event took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"view-{self.name}")
        self.setAccessibleName(self.title)
        self.context = Context()
        self._result: Any = None
        self._step: int | None = None
        self._stale = False
        self._body: QWidget | None = None
        self.message, self.strip, self.caption = Message(), Strip(), Caption()
        self.bar = self._make_bar()
        self._lay_out()
        self.message.pressed.connect(self.wanted)
        theme.notifier().changed.connect(self._restyle)
        self.show_empty()

    # What a subclass writes

    def build(self) -> QWidget:
        """The widget that shows results; made when the first one arrives."""
        raise NotImplementedError

    def render_result(self, result: Any) -> None:
        """Show `result` in the body."""
        raise NotImplementedError

    def headline(self, result: Any) -> str:
        """What the caption says over `result`."""
        return self.title

    def missing(self, context: Context) -> Need | None:
        """What this view lacks in `context`, or None if it can be computed."""
        if not context.buildable:
            return Need("The network has problems to be solved first.", "Show the problems", "problems")
        return None

    def restyle(self) -> None:
        """Take the colours of the theme now; what is painted on demand needs nothing."""

    def node_choices(self, context: Context) -> Sequence[tuple[str, str]]:
        """(id, title) of the layers that can be looked at."""
        return context.layers()

    # Options

    @classmethod
    def module(cls) -> Any:
        """The analysis module; importing it does not import torch."""
        return importlib.import_module(f"studio.inspection.{cls.analysis}") if cls.analysis else None

    @classmethod
    def option_model(cls) -> type[BaseModel] | None:
        """The options of the analysis."""
        return getattr(cls.module(), f"{str(cls.analysis).capitalize()}Options") if cls.analysis else None

    @classmethod
    def analyse(cls) -> Callable[..., Any] | None:
        """The analysis itself: `analyse(probe, options, progress) -> Result`."""
        return getattr(cls.module(), "analyse", None) if cls.analysis else None

    def options(self) -> Any:
        """The options of the analysis as they stand now."""
        model = self.option_model()
        return self.bar.parsed(model) if model is not None else None

    def display_options(self) -> Any:
        """The options of the picture as they stand now."""
        return self.bar.parsed(self.display) if self.display is not None else None

    def has_option(self, name: str) -> bool:
        """Whether the analysis has an option of this name."""
        model = self.option_model()
        return model is not None and name in model.model_fields

    def set_option(self, name: str, value: Any) -> bool:
        """Change an option from outside, without `options_changed`; whether it is another one now."""
        if not self.has_option(name) or self.bar.values().get(name) == value:
            return False
        if self.bar.choices(name) and value not in self.bar.choices(name):
            return False
        self.bar.set_value(name, value)
        return True

    def set_context(self, context: Context) -> None:
        """Look at this project state from now on: fills the menus of layers and classes."""
        self.context = context
        for name, (kind, none) in self._dynamic().items():
            rows = self.node_choices(context) if kind == "node" else list(enumerate(context.classes))
            self.bar.set_choices(name, [(None, self.none_words.get(name, none)), *rows])
        if self.has_option("sample"):
            split = str(self.bar.values().get("split", "validation"))
            self.bar.set_range("sample", 0, max(context.count(split) - 1, 0) or 999_999)

    # States

    @property
    def step(self) -> int | None:
        """The step of training whose weights are shown; None while nothing is."""
        return self._step

    def show_result(self, result: Any, step: int | None = None) -> None:
        """Show `result`, computed from the weights of `step`."""
        self._result, self._step, self._stale = result, step, False
        self.strip.set_fraction(None)
        self._show_body()
        self.render_result(result)
        self._say()

    def show_outcome(self, outcome: Any) -> None:
        """Show what became of a watch: a result, one of several on the way, or why there is none."""
        if outcome.error is not None:
            self.show_error(str(outcome.error))
        elif outcome.result is not None:
            self.show_result(outcome.result, outcome.step)
            self.strip.set_fraction(outcome.fraction if outcome.partial else None)

    def show_history(self, history: Any) -> None:
        """Follow the run; for views without an analysis."""

    def choose(self, sample: int, split: str) -> None:
        """This sample is the chosen one everywhere; for views that mark it."""

    def set_marker(self, step: int | None) -> None:
        """The step that the time machine shows, None for live; for views that mark it."""

    @property
    def split(self) -> str:
        """The part of the data that the numbers of samples belong to."""
        return str(self.bar.values().get("split", "validation"))

    def show_busy(self, fraction: float | None = None) -> None:
        """Something is being worked out; what was shown stays, and the first time a page says what comes."""
        self.strip.set_fraction(fraction or 0.0)
        if self._result is None:
            self.message.say(self.icon, f"{self.title} — working it out", Need(self.help))
            self._pages.setCurrentWidget(self.message)

    def show_empty(self, need: Need | None = None) -> None:
        """Nothing to see yet: what this is, what it needs, one button that gets it."""
        self._forget()
        self.message.say(self.icon, self.help, need or Need(self.empty, "Train", "play"))

    def show_error(self, sentence: str, button: str = "Try again", action: str = "retry") -> None:
        """It could not be worked out, and why."""
        self._forget()
        headline = f"{self.title} can't be shown"
        self.message.say("warning", headline, Need(sentence, button, action), bad=True)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown belongs to older options, weights or another network."""
        if stale != self._stale and self._result is not None:
            self._stale = stale
            self._say()

    @property
    def result(self) -> Any:
        """What is shown, None in the other states."""
        return self._result

    @property
    def state(self) -> str:
        """ "result", "stale", "busy", "empty" or "error"."""
        if self._result is not None:
            return "stale" if self._stale else "result"
        if self.strip.fraction() is not None:
            return "busy"
        return "error" if self.message.is_bad() else "empty"

    # Inner workings

    def body(self) -> QWidget:
        """The widget that shows results."""
        if self._body is None:
            self._body = self.build()
            self._body.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            self._body.customContextMenuRequested.connect(self._open_menu)
            self._pages.addWidget(self._body)
            for widget in self.painting_widgets():
                measure(widget, self.painted.emit)
        return self._body

    def painting_widgets(self) -> Sequence[QWidget]:
        """The widgets of the body whose painting is worth measuring."""
        return [self._body] if self._body is not None else []

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown_changed.emit(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._body is not None:
            self._body.update()

    def redraw(self) -> None:
        """Show the same result again, after an option of the picture has changed."""
        if self._result is not None:
            self.render_result(self._result)
            self._say()

    def _forget(self) -> None:
        self._result, self._step, self._stale = None, None, False
        self.strip.set_fraction(None)
        self._pages.setCurrentWidget(self.message)
        self._say()

    def _show_body(self) -> None:
        body = self.body()
        if self._pages.currentWidget() is not body:
            self._pages.setCurrentWidget(body)

    def _say(self) -> None:
        if self._result is None:
            return self.caption.say(self.title)
        note = "" if self._step is None else f"step {self._step:,}"
        if self._stale:
            note = f"{note} · updating".removeprefix(" · ")
        return self.caption.say(self.headline(self._result), note)

    def _make_bar(self) -> OptionsBar:
        models = [model for model in (self.option_model(), self.display) if model is not None]
        shown = self.fields
        if shown is not None and self.display is not None:
            shown = (*shown, *self.display.model_fields)
        return OptionsBar(models, shown, self._dynamic(), self.labels)

    def _dynamic(self) -> dict[str, tuple[str, str]]:
        """Options whose choices the project gives: name → ("node" or "class", the words for none)."""
        model, found = self.option_model(), {}
        for name, field in model.model_fields.items() if model is not None else ():
            extra = field.json_schema_extra
            if isinstance(extra, Mapping) and extra.get("choices"):
                found[name] = (str(extra["choices"]), str(extra.get("none", "none")))
        return found

    def _lay_out(self) -> None:
        self.bar.changed.connect(self._option_changed)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Head(self.caption, self.bar, self._save_button()))
        layout.addWidget(self.strip)
        layout.addLayout(self._pages, 1)

    def _save_button(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setToolTip("Save or copy")
        button.setAccessibleName("Save or copy")
        icons.set_icon(button, "export")
        button.clicked.connect(lambda: self._open_menu_at(button, QPoint(0, button.height())))
        return button

    def _option_changed(self, name: str, value: Any) -> None:
        if not self.has_option(name):
            self.redraw()
            return
        if name == "split":
            self.set_context(self.context)
        if name == "sample":
            self.sample_selected.emit(int(value))
        if name == "node" and value is not None:
            self.node_selected.emit(str(value))
        self.set_stale(True)
        self.options_changed.emit()

    def _restyle(self) -> None:
        icons.refresh(self)
        self.message.restyle()
        if self._body is not None:
            self.restyle()
            self.redraw()
            self._body.update()
        self.update()
