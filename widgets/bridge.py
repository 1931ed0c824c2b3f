"""Between the session, which knows no window, and everything a person sees.

One timer at 30 Hz drains the session and hands each visible view what is new for it, once. Views are computed
only while they can be seen, painting is measured and reported, and whatever takes long runs elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from graphs.document import Change
from graphs.network import Network
from widgets.background import Background
from widgets.views.context import Context
from widgets.views.paintclock import measure

if TYPE_CHECKING:
    from studio.session import Session

    from studio.project import Project
    from widgets.views.base import View

RATE = 30
START_DELAY = 150
"""Milliseconds after which torch is imported if nobody said earlier that the first frame stands."""
THUMBNAILS = "thumbnails"


class Bridge(QObject):
    """The window's one connection to a project that lives."""

    status = Signal(object)
    """studio.session.Status, when it has changed."""
    history = Signal(object)
    """studio.training.history.History, when it has grown; at the pace that watching may cost."""
    analysis = Signal(object)
    """graphs.shapes.Analysis of the newest network."""
    notice = Signal(str, str)
    """(level, sentence): "info", "warning" or "error"."""
    outcome = Signal(str, object)
    """(key, Outcome) of everything watched."""
    thumbnails = Signal(object)
    """studio.inspection.activations.ActivationsResult of the chosen sample, for the canvas."""
    sample_changed = Signal(int)
    node_changed = Signal(str)
    step_changed = Signal(object)
    """The recorded step that everything shows, None for live."""
    context_changed = Signal(object)
    """widgets.views.context.Context."""
    ready = Signal()
    """torch is imported: shapes can be checked and networks trained from now on."""
    wanted = Signal(str)
    """A button of an empty state that the window has to answer: "problems", "example:spiral", "open", …"""

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from studio.session import Session

        self.project = project
        self.session: Session = Session(project)
        self.context = Context(network=project.network)
        self.sample, self.node, self.step = 0, "", None
        self.views: dict[str, View] = {}
        self._canvas: QWidget | None = None
        self._painting = 0.0
        self._last_status: Any = None
        self._history_due = 0.0
        self._history_new = False
        self._background = Background(project.catalogue)
        self._was_ready = False
        self._unsubscribe: Callable[[], None] = project.document.subscribe(self._document_changed)
        self._background.submit(project.network)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // RATE)
        self._timer.timeout.connect(self.tick)
        QTimer.singleShot(START_DELAY, self, self.start)

    def start(self) -> None:
        """Begin to import torch and to drain the session; call it when the first frame stands."""
        if not self._timer.isActive() and self._background is not None:
            self._timer.start()
            if not self._background.is_alive() and not self._background.ready:
                self._background.start()

    def close(self) -> None:
        """End the timer, the threads and the session. Nothing is emitted after it."""
        self._timer.stop()
        self._unsubscribe()
        self.views.clear()
        self.session.close()
        self._background.close()

    @property
    def inference(self) -> Any:
        """The Inference for feedback while a wire is dragged; None until torch is there."""
        return self._background.inference

    # What can be seen

    def attach(self, view: View) -> None:
        """Keep this view fresh while it can be seen."""
        self.views[view.name] = view
        view.shown_changed.connect(lambda _shown: self._refresh(view))
        view.options_changed.connect(lambda: self._refresh(view))
        view.sample_selected.connect(self.set_sample)
        view.node_selected.connect(self.set_node)
        view.wanted.connect(lambda action: self._answer(view, action))
        view.painted.connect(self._count_painting)
        view.set_context(self.context)
        view.set_option("sample", self.sample)
        view.destroyed.connect(lambda *_, name=view.name: self.detach(name))
        self._refresh(view)

    def detach(self, view: View | str) -> None:
        """Forget a view and compute nothing for it any more."""
        name = view if isinstance(view, str) else view.name
        if self.views.pop(name, None) is not None:
            self.session.unwatch(name)

    def attach_canvas(self, canvas: Any) -> None:
        """Show activations on this canvas, follow its selection, count its painting."""
        self._canvas = canvas
        measure(canvas, self._count_painting)
        canvas.selection_changed.connect(self._selected)
        self._watch_thumbnails()

    def set_sample(self, index: int) -> None:
        """Everything shows this sample from now on."""
        if index == self.sample or index < 0:
            return
        self.sample = index
        for view in self.views.values():
            if view.set_option("sample", index):
                self._refresh(view)
        self._watch_thumbnails()
        self.sample_changed.emit(index)

    def set_node(self, node: str) -> None:
        """Views of one layer show this one from now on, where they can."""
        if node == self.node or node not in self.project.network.nodes:
            return
        self.node = node
        for view in self.views.values():
            if view.set_option("node", node):
                self._refresh(view)
        self.node_changed.emit(node)

    def at_step(self, step: int | None) -> None:
        """The time machine: everything shows the recorded weights of `step`, None for live."""
        if step != self.step:
            self.step = step
            self.session.at_step(step)
            for view in self.views.values():
                if hasattr(view, "set_marker"):
                    view.set_marker(step)
                view.set_stale(view.analysis is not None)
            self.step_changed.emit(step)

    # The clock

    def tick(self) -> None:
        """Drain the session once and hand out what is new."""
        start = time.thread_time()
        self._take_analysis()
        updates = self.session.poll()
        if updates.status != self._last_status:
            self._last_status = updates.status
            self.status.emit(updates.status)
        if self.session.data is not self.context.data:
            self._set_context(data=self.session.data)
        self._history_new = self._history_new or updates.history_changed
        if self._history_new and time.monotonic() >= self._history_due:
            self._hand_out_history()
        for level, sentence in updates.notices:
            self.notice.emit(level, sentence)
        for key, outcome in updates.outcomes.items():
            self._deliver(key, outcome)
        self._painting += time.thread_time() - start
        if self._painting > 0:
            self.session.report_painting(self._painting)
            self._painting = 0.0

    def _take_analysis(self) -> None:
        try:
            found = self._background.take()
        except Exception as error:  # noqa: BLE001 (whatever went wrong on the thread is told, not lost)
            self.notice.emit("error", f"The shapes could not be worked out: {error}")
            return
        if self._background.ready and not self._was_ready:
            self._was_ready = True
            self.ready.emit()
        if found is not None:
            self._set_context(analysis=found, network=self.project.network)
            self.analysis.emit(found)

    def _hand_out_history(self) -> None:
        self._history_new = False
        self._history_due = time.monotonic() + self.session.interval
        self.history.emit(self.session.history)
        for view in self.views.values():
            if view.isVisible() and hasattr(view, "show_history"):
                view.show_history(self.session.history)

    def _deliver(self, key: str, outcome: Any) -> None:
        self.outcome.emit(key, outcome)
        view = self.views.get(key)
        if key == THUMBNAILS and outcome.result is not None:
            self.thumbnails.emit(outcome.result)
        elif view is not None and outcome.error is not None:
            view.show_error(str(outcome.error))
        elif view is not None and outcome.result is not None:
            view.show_result(outcome.result, outcome.step)

    # What each view needs

    def _refresh(self, view: View) -> None:
        """Watch what the view wants to see now, or say what it lacks, or rest."""
        if self.views.get(view.name) is not view:
            return
        if not view.isVisible():
            self.session.unwatch(view.name)
            return
        need = view.missing(self.context)
        if need is not None:
            self.session.unwatch(view.name)
            view.show_empty(need)
        elif view.analysis is None:
            view.show_history(self.session.history)
        elif self._background.ready:
            view.show_busy()
            self.session.watch(view.name, view.analyse(), view.options(), live=view.live)

    def _watch_thumbnails(self) -> None:
        if self._canvas is None or not self._background.ready or not self.context.buildable:
            return
        from studio.inspection import activations

        options = activations.ActivationsOptions(sample=self.sample)
        self.session.watch(THUMBNAILS, activations.analyse, options, live=True)

    def _set_context(self, **changes: Any) -> None:
        from dataclasses import replace

        self.context = replace(self.context, **changes)
        for view in self.views.values():
            view.set_context(self.context)
            self._refresh(view)
        self._watch_thumbnails()
        self.context_changed.emit(self.context)

    def _answer(self, view: View, action: str) -> None:
        """A button of an empty or error state."""
        if action == "play":
            self.session.play()
        elif action == "retry":
            self._refresh(view)
        else:
            self.wanted.emit(action)

    def _selected(self, ids: list[str]) -> None:
        if len(ids) == 1:
            self.set_node(ids[0])

    def _document_changed(self, change: Change) -> None:
        if means_more_than_moving(change):
            self._background.submit(change.after)

    def _count_painting(self, seconds: float) -> None:
        self._painting += seconds


def means_more_than_moving(change: Change) -> bool:
    """Whether a change touches more than places and names on the canvas."""
    if change.patch.wires or change.patch.settings:
        return True
    return any(_differs(change.before, change.after, node) for node in change.patch.nodes)


def _differs(before: Network, after: Network, node: str) -> bool:
    old, new = before.nodes.get(node), after.nodes.get(node)
    return old is None or new is None or (old.kind, old.name, old.fields) != (new.kind, new.name, new.fields)
