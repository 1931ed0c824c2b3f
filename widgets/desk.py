"""A project on the desk: the bench with its parts, and all that joins them to the session through the bridge.

The desk lives as long as its project is open. It composes: decisions are the document's, the session's or a part's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from graphs.document import Change
from studio.design import named_of
from studio.project import Project, ProjectFault
from widgets import typed
from widgets.bench import Bench
from widgets.indoors import Indoors
from widgets.keeping import Keeping
from widgets.misfits import Misfits
from widgets.owncode import OwnCode
from widgets.panels.transport import ACTIVE, READY
from widgets.panels.where import wordings
from widgets.preferences import Preferences
from widgets.shipping import Source
from widgets.shortcuts import shortcuts

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis
    from studio.session import Session
    from studio.status import Status
    from widgets.bridge import Bridge


class Desk(Misfits, OwnCode, Indoors, Bench):
    """`said(level, sentence)`: something for the quiet bar. `changed()`: what can be done may be different now."""

    changed = Signal()
    edited = Signal()
    status = Signal(object)
    wanted = Signal(str)
    started = Signal()

    def __init__(self, project: Project, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(project, preferences, parent)
        self._closed = self._waiting = False
        self._said = ""
        self.analysis: Analysis | None = None
        self._keeping = Keeping(self)
        self._filters: Any | None = None
        self._spread: Any | None = None
        self.bridge: Bridge | None = None
        self._join()
        self._unsubscribe: Callable[[], None] = project.document.subscribe(self._document_changed)
        self._show_network()

    # Life

    def start(self) -> None:
        """Load what is heavy, now that the window stands: the session and the views, then torch behind them."""
        if self.bridge is not None or self._closed:
            return
        from widgets.bridge import Bridge
        from widgets.views import VIEWS

        self.bridge = Bridge(self.project, self)
        self._join_bridge(self.bridge)
        self.views.load(VIEWS, self.bridge.attach)
        self.bridge.attach_canvas(self.canvas)
        self.bridge.start()
        self.shelf.renew()
        self.started.emit()

    def close_project(self) -> None:
        """End the session and its threads, and remember how everything was arranged."""
        self.remember()
        self._unsubscribe()
        if self._exports is not None:
            self._exports.cancel()
        if self._preview is not None:
            self._preview.job.cancel()
        self.project_page.cancel()
        self._closed = True
        self._keeping.close()
        if self.bridge is not None:
            self.bridge.close()

    def keep_learnt(self, project: Path) -> None:
        """Keep what the network has learnt, and the run it did so in, beside the file of its project.

        Only where it belongs to this very design.
        """
        self._keeping.keep(project)

    @property
    def learnt_anew(self) -> bool:
        """Whether a run has learnt since the project was saved what is not kept beside it."""
        return self._keeping.owed

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save; of what a run learns, as it was when that last came to rest."""
        return self.project.modified or self._keeping.shown

    @property
    def session(self) -> Session | None:
        """The session, None before the window has begun."""
        return self.bridge.session if self.bridge is not None else None

    def source(self) -> Source:
        """What an export takes at this moment."""
        session = self.session
        if session is None:
            return Source(self.project)
        unfit = session.fault.message if session.fault is not None else session.problem
        return Source(self.project, session.snapshot(), session.data, session.learnt, session.outgrown, unfit)

    # What actions ask for

    @property
    def ready(self) -> bool:
        """Whether a run would start at once."""
        return self.analysis is not None and self.analysis.buildable and bool(self.project.network.nodes)

    @property
    def playable(self) -> bool:
        """Whether play can be pressed: also before torch is there, the run begins as soon as it is."""
        early = self.analysis is None and bool(self.project.network.nodes)
        return self.ready or early or self.transport.state in ACTIVE

    @property
    def is_live(self) -> bool:
        """Whether the weights shown are those of now."""
        return self.time_machine.steps.is_live()

    def toggle_play(self) -> None:
        """Play, or pause what runs."""
        if self.transport.state in ACTIVE:
            self._order("pause")
        else:
            self.play()

    def play(self) -> None:
        """Play now, or as soon as everything is there."""
        self._waiting = self.analysis is None
        if self._waiting:
            self.transport.where.say((READY,))
        else:
            self._order("play")

    def step(self) -> None:
        """One step of training."""
        self._order("step")

    def epoch(self) -> None:
        """One epoch of training."""
        self._order("epoch")

    def stop(self) -> None:
        """End the run."""
        self._order("stop")

    def reset(self) -> None:
        """Fresh weights."""
        self.back_to_live()
        self._order("reset")

    def back_to_live(self) -> None:
        """Leave the time machine."""
        self.time_machine.steps.setValue(self.time_machine.steps.maximum())

    def fork(self) -> None:
        """Start another run from the recorded step that is shown."""
        step = self.time_machine.steps.step()
        if step is not None and self.session is not None and self.session.fork(step):
            self.back_to_live()
            self.said.emit("good", f"A new run begins at step {step:,}. Press play to go on from there.")

    def export(self, kind: str, path: str | Path | None = None) -> None:
        """Export as "onnx", "deploy", "program", "python", "weights" or "picture", where what came of it is shown."""
        self.wanted.emit("workspace:Export")
        getattr(self.export_panel, f"export_{kind}")(path)

    def search_layers(self) -> None:
        """Put the cursor into the palette's search."""
        self.palette_panel.show()
        self.palette_panel.focus_search()

    def show_problems(self) -> None:
        """List the problems."""
        if self.has_problems:
            self.status_bar.open_problems()

    def show_settings(self, tab: str) -> None:
        """Show the project's data or recipe."""
        if self.workspace == "Export":
            self.wanted.emit("workspace:Train")
        self._right.show()
        self.close_aside()
        self.canvas.select([])
        self.project_page.open_tab(tab)

    def commit(self) -> None:
        """Accept what is being typed, wherever that is."""
        typed.commit(self)

    # Joining the parts

    def _join(self) -> None:
        shortcuts().changed.connect(self._show_playable)
        self.transport.play.connect(self.play)
        for order in ("pause", "step", "epoch", "stop"):
            getattr(self.transport, order).connect(lambda order=order: self._order(order))
        self.transport.reset.connect(self.reset)
        self.transport.learning_rate.connect(self._set_rate)
        self.time_machine.picked.connect(self._travel)
        self.palette_panel.chosen.connect(self._add_layer)
        self.canvas.selection_changed.connect(self._selected)
        self.canvas.marked.connect(
            lambda: self.inspector.show_marks(sorted(self.canvas.chosen_marks), sorted(self.canvas.chosen_wires))
        )
        self.canvas.message.connect(lambda sentence: self.said.emit("warning", sentence))
        self.canvas.told.connect(lambda sentence: self.said.emit("info", sentence))
        self.inspector.failed.connect(lambda sentence: self.said.emit("warning", sentence))
        self.project_page.failed.connect(lambda sentence: self.said.emit("warning", sentence))
        self.inspector.watching.connect(self.watch_node)
        self.inspector.select.connect(self.show_nodes)
        self.inspector.fix.connect(self.fix_here)
        self.transport.problems.connect(self.show_problems)
        for part in (self.status_bar, self.transport, self.project_page):
            part.fix.connect(self.fix)
        self.project_page.recipe.weights.connect(lambda: self.wanted.emit("weights"))
        self.join_blocks()
        self.begin_code()
        self.status_bar.go.connect(self.go)

    def _join_bridge(self, bridge: Bridge) -> None:
        bridge.status.connect(self._show_status)
        bridge.analysis.connect(self._show_analysis)
        bridge.glance.connect(self.canvas.set_analysis)
        bridge.thumbnails.connect(self.canvas.show_activations)
        bridge.outcome.connect(self.show_weights)
        bridge.ready.connect(self._ready)
        bridge.notice.connect(self.said)
        bridge.wanted.connect(self._answer)
        bridge.misfit.connect(self._show_problems)
        bridge.context_changed.connect(self.take_data)

    # What arrives

    def _document_changed(self, change: Change) -> None:
        self.edited.emit()
        self.watch_code()
        self._show_network()
        if change.patch.blocks or "hyperparameters" in change.patch.settings:
            self.list_blocks()
        if change.patch.settings:
            self.canvas.answers = None if "data" in change.patch.settings else self.canvas.answers
            self.project_page.show_project()
        self.changed.emit()

    def _show_network(self) -> None:
        self._show_rate()
        self._show_problems()
        self.inspector.show_network(self.here)
        self._show_playable()

    def _show_analysis(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.canvas.set_analysis(self.known)
        self._show_network()
        self.export_shown()
        if self._preview is not None:
            self._preview.renew()
        if self._waiting:
            self.play()
        self.changed.emit()

    def _show_playable(self) -> None:
        why, forms = "", tuple[str, ...]()
        if not self.project.network.nodes:
            why = f"Add layers first: drag them from the left, or search one{shortcuts().aside('add_layer')}."
            forms = (why, "Add layers first")
        elif self.analysis is not None and not self.analysis.buildable:
            why = f"The network has problems that must be solved first{shortcuts().aside('problems')}."
            forms = self._first_problem()
        self.transport.set_playable(self.playable, why, forms)

    def _first_problem(self) -> tuple[str, ...]:
        """What stands in the way of a run: the first error, in ever fewer words."""
        listed = self.analysis.listed if self.analysis is not None else ()
        errors = [problem for problem in listed if problem.severity == "error"]
        return wordings(errors[0].message, len(errors) - 1) if errors else ()

    def _show_status(self, status: Status) -> None:
        before, said = self.transport.state, self._said
        self._said = status.message
        self.transport.show_status(status)
        self._show_rate(status.learning_rate)
        session = self.session
        if session is not None and session.recorder is not None:
            self.time_machine.set_steps(session.recorder.steps(), status.step)
        self.status.emit(status)
        if status.state != before:
            self._show_playable()
            self.watch_node(self.inspector.watched())
            self.changed.emit()
        if (status.state, status.message) != (before, said):
            self.export_shown()

    def _show_rate(self, now: float | None = None) -> None:
        """The rate in force while a run is on; that of the recipe, with which the next one begins, otherwise."""
        if self.transport.state in ("idle", "ended"):
            with suppress(ProjectFault):
                now = self.project.recipe.learning_rate
        if now is not None:
            self.transport.show_rate(now)

    def _ready(self) -> None:
        if self.bridge is not None:
            self.canvas.set_inference(self.bridge.inference)
        self._show_playable()
        self.changed.emit()

    def export_shown(self) -> None:
        """Say which weights an export would take."""
        if self._exports is None:
            return
        source = self.source() if self.workspace == "Export" else Source(self.project)
        step = source.snapshot.step if source.snapshot is not None else 0
        buildable = self.analysis is not None and self.analysis.buildable
        self._exports.show_state(step or None, buildable, source.outgrown)
        self._exports.show_design(named_of(self.project.network, self.project.catalogue))

    # What a person wants

    def _order(self, order: str) -> None:
        """Tell the session what a person wants of the run."""
        self._keeping.begin(order)
        if self.session is not None:
            getattr(self.session, order)()

    def _selected(self, ids: list[str]) -> None:
        self.inspector.show_selection(ids)
        self.changed.emit()

    def _add_layer(self, kind: str) -> None:
        """After the one selected layer where it fits there, else beside it."""
        chosen = self.canvas.selected()
        chained = self.canvas.chain(kind, chosen[0]) if len(chosen) == 1 else None
        if chained is None:
            self.canvas.add_layer(kind)
        self.canvas.setFocus()

    def _set_rate(self, rate: float) -> None:
        """The bar's field changes the run; without one it changes the recipe."""
        if self.transport.state in ("idle", "ended"):
            recipe = self.project.recipe.model_copy(update={"learning_rate": rate})
            self.project.set_recipe(recipe, merge="recipe learning_rate")
        elif self.session is not None:
            self.session.set_learning_rate(rate)

    def _travel(self, step: int | None) -> None:
        if self.bridge is not None:
            self.bridge.at_step(step)
        self.changed.emit()

    def _answer(self, action: str) -> None:
        if action == "problems":
            self.show_problems()
        elif action in ("data", "recipe"):
            self.show_settings(action.capitalize())
        else:
            self.wanted.emit(action)
