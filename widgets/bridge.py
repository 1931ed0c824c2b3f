"""Between the session, which knows no window, and everything a person sees.

One timer at 30 Hz drains the session and hands each visible view what is new for it, once. Views are computed
only while they can be seen, painting is measured and reported, and whatever takes long runs elsewhere.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from graphs.document import Change
from widgets import collector
from widgets.shapes import Shapes, means_more_than_moving
from widgets.views.context import Context
from widgets.views.paintclock import measure

if TYPE_CHECKING:
    from graphs.inference.shapes import Inference
    from studio.inspection.worker import Outcome
    from studio.project import Project
    from studio.session import Session
    from widgets.views.base import View

RATE = 30
IN_VIEW, A_TICK = 200, 2
"""So many nodes in view are looked at before all others; so many views get something new in one tick at most."""
CALM_S = 1.0
"""After so long without an edit and without a frame nobody notices a pause."""
START_DELAY = 150
"""Milliseconds after which torch is imported if nobody said earlier that the first frame stands."""
THUMBNAILS, HISTORY = "thumbnails", "history"


class Bridge(QObject):
    """The window's one connection to a project that lives."""

    status = Signal(object)
    """studio.session.Status, when it has changed."""
    history = Signal(object)
    """studio.training.history.History, when it has grown; at the pace that watching may cost."""
    glance = Signal(object)
    """graphs.inference.shapes.Analysis in which only what is in view is up to date; the whole one follows."""
    analysis = Signal(object)
    """graphs.inference.shapes.Analysis of the newest network."""
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
    misfit = Signal()
    """Network and data do not fit each other, or do again."""
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
        self.sample, self.split, self.node = 0, "validation", ""
        self.step: int | None = None
        self.views: dict[str, View] = {}
        self._canvas: Any = None
        self._choosing = False
        self._painting = 0.0
        self._last_status: Any = None
        self._fault: Any = None
        self._pending: dict[str, Outcome] = {}
        self._due: dict[str, float] = {}
        self._history_new = False
        self._seen: set[str] = set()
        self._shapes = Shapes(project.catalogue, self)
        self._shapes.glance.connect(self.glance)
        self._stirred = 0.0
        self._told_ready = False
        self._closed = False
        self._unsubscribe: Callable[[], None] = project.document.subscribe(self._document_changed)
        self._shapes.submit(project.network)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // RATE)
        self._timer.timeout.connect(self.tick)
        QTimer.singleShot(START_DELAY, self, self.start)

    def start(self) -> None:
        """Begin to import torch and to drain the session; call it when the first frame stands."""
        if not self._closed and not self._timer.isActive():
            collector.hold(self)
            self._timer.start()
            self._shapes.start()

    def close(self) -> None:
        """End the timer, the threads and the session. Nothing is emitted after it."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        self._unsubscribe()
        self.views.clear()
        self.session.close()
        self._shapes.close()
        collector.release(self)

    @property
    def inference(self) -> Inference | None:
        """For feedback while a wire is dragged; None until torch is there."""
        return self._shapes.inference

    # What can be seen

    def attach(self, view: View) -> None:
        """Keep this view fresh while it can be seen."""
        self.views[view.name] = view
        view.shown_changed.connect(lambda _shown: self._refresh(view))
        view.options_changed.connect(lambda: self._options_changed(view))
        view.sample_selected.connect(lambda index: self.set_sample(index, view.split))
        view.node_selected.connect(self._choose_node)
        view.wanted.connect(lambda action: self._answer(view, action))
        view.painted.connect(self._count_painting)
        view.destroyed.connect(lambda *_, name=view.name: self.detach(name))
        view.set_context(self.context)
        view.set_option("sample", self.sample)
        view.set_option("split", self.split)
        if self.node:
            view.set_option("node", self.node)
        self._mark(view)
        self._refresh(view)

    def detach(self, view: View | str) -> None:
        """Forget a view and compute nothing for it any more."""
        name = view if isinstance(view, str) else view.name
        if self.views.pop(name, None) is not None:
            self.session.unwatch(name)

    def attach_canvas(self, canvas: Any) -> None:
        """Compute activations for this canvas, follow its selection, count its painting."""
        self._canvas = canvas
        measure(canvas, self._count_painting)
        canvas.selection_changed.connect(self._selected)
        self._watch_thumbnails()

    def set_sample(self, index: int, split: str = "") -> None:
        """Everything shows this sample from now on."""
        split = split or self.split
        if index < 0 or (index, split) == (self.sample, self.split):
            return
        self.sample, self.split = index, split
        for view in self.views.values():
            if view.has_option("sample"):
                changed = view.set_option("split", split)
                view.set_context(self.context)
                if view.set_option("sample", index) or changed:
                    self._refresh(view)
            self._mark(view)
        self._watch_thumbnails()
        self.sample_changed.emit(index)

    def set_node(self, node: str) -> None:
        """Views of one layer show this one from now on, where they can."""
        if node == self.node or not self._knows(node):
            return
        self.node = node
        for view in self.views.values():
            if view.set_option("node", node):
                view.set_stale(True)
                self._refresh(view)
        self.node_changed.emit(node)

    def at_step(self, step: int | None) -> None:
        """The time machine: everything shows the recorded weights of `step`, None for live."""
        if step != self.step:
            self.step = step
            self.session.at_step(step)
            for view in self.views.values():
                self._mark(view)
                view.set_stale(view.analysis is not None and view.isVisible())
            self.step_changed.emit(step)

    # The clock

    def tick(self) -> None:
        """Drain the session once and hand out what is new."""
        collector.collect(calm=time.monotonic() > self._stirred + CALM_S)
        if not self._shapes.preloaded:
            return  # the session would import torch, and with it hold up the window
        start = time.thread_time()
        self._take_analysis()
        updates = self.session.poll()
        if updates.status != self._last_status:
            self._last_status = updates.status
            self.status.emit(updates.status)
        self._take_data()
        for level, sentence in updates.notices:
            self.notice.emit(level, sentence)
        self._history_new = self._history_new or updates.history_changed
        if self._history_new and self._is_due(HISTORY):
            self._hand_out_history()
        self._pending.update(updates.outcomes)
        due = [key for key in self._pending if time.monotonic() >= self._due.get(key, 0.0)]
        for key in due[:A_TICK]:  # the oldest first, and never so many that one frame takes long
            self._is_due(key)
            self._deliver(key, self._pending.pop(key))
        self._report(time.thread_time() - start)

    def _take_analysis(self) -> None:
        try:
            found = self._shapes.take()
        except Exception as error:  # noqa: BLE001 (whatever went wrong on the thread is told, not lost)
            self.notice.emit("error", f"The shapes could not be worked out: {error}")
            return
        if self.inference is not None and not self._told_ready:
            self._told_ready = True
            self.ready.emit()
        if found is not None:
            self._set_context(analysis=found, network=found.network)
            self.analysis.emit(found)

    def _take_data(self) -> None:
        """The samples, once they are loaded, or why they are not; and whether the network can learn them."""
        fault, self._fault = self._fault, self.session.fault
        if fault != self._fault:
            self.misfit.emit()
        if self.session.past != self.context.past:
            self._set_context(past=self.session.past)
        data = self.session.data
        problem = self.session.problem if data is None else ""
        if data is not self.context.data or problem != self.context.problem:
            self._set_context(data=data, problem=problem)

    def _is_due(self, key: str) -> bool:
        """Whether a refresh of `key` is due at the pace that the governor allows; if so, sets the next."""
        now = time.monotonic()
        if now < self._due.get(key, 0.0):
            return False
        self._due[key] = now + self.session.interval
        return True

    def _hand_out_history(self) -> None:
        self._history_new = False
        self.history.emit(self.session.history)
        for view in self.views.values():
            if view.analysis is None and _seen(view):
                view.show_history(self.session.history)

    def _deliver(self, key: str, outcome: Outcome) -> None:
        self.outcome.emit(key, outcome)
        if key == THUMBNAILS and outcome.result is not None:
            self.thumbnails.emit(outcome.result)
        view = self.views.get(key)
        if view is not None and _seen(view):
            view.show_outcome(outcome)
        if key not in self._seen:
            self._seen.add(key)
            gc.freeze()  # what its analysis imported is left alone by the collector, as in Background

    def _report(self, seconds: float) -> None:
        """Tell the governor what the window's thread spent on watching since the last tick."""
        spent, self._painting = self._painting + seconds, 0.0
        self.session.report_painting(spent)

    # What each view needs

    def _refresh(self, view: View) -> None:
        """Watch what the view wants to see now, or say what it lacks, or rest."""
        if self._closed or self.views.get(view.name) is not view:
            return
        if not _seen(view):
            self.session.unwatch(view.name)
            return
        history = self.session.history
        if view.analysis is None and (len(history) or history.epochs):
            view.show_history(history)
            return
        need = view.missing(self.context)
        if need is not None:
            self.session.unwatch(view.name)
            view.show_empty(need)
        elif view.analysis is None:
            view.show_history(history)
        elif self.context.data is None and self.context.problem:
            self.session.unwatch(view.name)
            view.show_error(self.context.problem)
        else:
            view.show_busy()
            self._due.pop(view.name, None)
            self.session.watch(view.name, view.analyse(), view.options(), live=view.live)

    def _watch_thumbnails(self) -> None:
        if self._canvas is None or self._closed:
            return
        if not self.context.buildable:
            self.session.unwatch(THUMBNAILS)
            return
        from studio.inspection import activations

        options = activations.ActivationsOptions(sample=self.sample, split=self.split)
        self.session.watch(THUMBNAILS, activations.analyse, options, live=True)

    def _set_context(self, **changes: Any) -> None:
        before = self.context
        self.context = replace(before, **changes)
        changed = before.data is not self.context.data or before.buildable != self.context.buildable
        for view in list(self.views.values()):
            view.set_context(self.context)
            if changed or before.problem != self.context.problem:
                self._refresh(view)
            elif before.network is not self.context.network:
                view.set_stale(view.analysis is not None and _seen(view))
        if changed:
            self._watch_thumbnails()
        self.context_changed.emit(self.context)

    def _options_changed(self, view: View) -> None:
        if view.has_option("sample"):
            self.set_sample(view.options().sample, view.split)
        self._refresh(view)

    def _answer(self, view: View, action: str) -> None:
        """A button of an empty or error state."""
        if action == "play":
            self.session.play()
        elif action == "retry":
            self._refresh(view)
        else:
            self.wanted.emit(action)

    def _mark(self, view: View) -> None:
        """Show the chosen sample and step where a view marks them."""
        view.set_marker(self.step)
        view.choose(self.sample, self.split)

    def _knows(self, node: str) -> bool:
        """Whether there is such a layer, inside the blocks too."""
        plain = self.context.plain
        return node in self.project.network.nodes or (plain is not None and node in plain.nodes)

    def _choose_node(self, node: str) -> None:
        """A layer was chosen in a view: the canvas selects it too, in the block that it is in."""
        if self._canvas is not None:
            self._choosing = True
            try:
                self._canvas.show_layer(node)
            finally:
                self._choosing = False
        self.set_node(node)

    def _selected(self, ids: list[str]) -> None:
        if len(ids) == 1 and self._canvas is not None and not self._choosing:
            self.set_node(self._canvas.layer_of(ids[0]))

    def renew(self) -> None:
        """Code that layers name may run now, or is another: shapes and weights are worked out anew."""
        self._shapes.submit(self.project.network)
        self.session.renew()

    def _document_changed(self, change: Change) -> None:
        self._stirred = time.monotonic()
        if means_more_than_moving(change):
            near = self._canvas.visible_nodes(IN_VIEW) if self._canvas else []
            touched = [i for i in change.patch.nodes if i in change.after.nodes][:IN_VIEW] if near else []
            self._shapes.submit(change.after, tuple(dict.fromkeys((*touched, *near))))

    def _count_painting(self, seconds: float) -> None:
        self._painting += seconds
        self._stirred = time.monotonic()


def _seen(view: View) -> bool:
    """Whether anybody can see it."""
    return view.isVisible() and not view.window().isMinimized()
