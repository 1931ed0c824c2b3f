"""What the window talks to: one project being trained and looked at. No Qt; light at import.

All methods are called from one thread. Nothing here waits: orders go to a trainer, a worker and a
groundwork thread, and `poll` collects what they have to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphs.document import Change
from studio.data.base import DataFault
from studio.data.spec import dump_spec
from studio.groundwork import Ground, Groundwork, Wish
from studio.inspection.worker import Outcome
from studio.project import Project, ProjectFault
from studio.run import Run
from studio.status import Level, State, Status, Updates, memory
from studio.training.governor import Governor
from studio.training.history import History
from studio.watches import Watches

if TYPE_CHECKING:
    from studio.data.prepare import Prepared
    from studio.inspection.base import Analysis, Options
    from studio.inspection.probe import Probe
    from studio.training.recorder import Recorder
    from studio.training.snapshot import Snapshot
    from studio.training.trainer import Trainer

Order = Callable[["Trainer"], None]
Launch = Callable[[Ground], "Trainer"]
EDIT_DELAY = 0.15
"""Seconds without another edit after which a changed design is readied."""


class Session:
    """A project's training and all that watches it. `history` and `recorder` are those of the newest run."""

    def __init__(self, project: Project, share: float = 0.05) -> None:
        self.project = project
        self.governor = Governor(share)
        self.history = History()
        self.recorder: Recorder | None = None
        self._watches = Watches(self.governor)
        self._groundwork = Groundwork()
        self._ground: Ground | None = None
        self._run: Run | None = None
        self._aside: Run | None = None
        self._leaving: list[Trainer] = []
        self._pending = False
        self._first_order: Order | None = None
        self._used: object = None
        self._shown: int | None = None
        self._asked_at, self._asked_step = 0.0, -1
        self._edited_at: float | None = time.monotonic() - EDIT_DELAY
        self._history_seen: tuple[int, int] = (0, 0)
        self._message = ""
        self._notices: list[tuple[Level, str]] = []
        self._unsubscribe = project.document.subscribe(self._document_changed)

    # Training

    def play(self) -> None:
        """Trains to the end: goes on with a run that rests or was stopped, else starts one."""
        self._order(lambda trainer: trainer.play())

    def step(self) -> None:
        """Makes one step."""
        self._order(lambda trainer: trainer.step())

    def epoch(self) -> None:
        """Trains to the end of the epoch."""
        self._order(lambda trainer: trainer.epoch())

    def pause(self) -> None:
        """Rests after the step at work."""
        self._first_order = None
        if self._run is not None:
            self._run.trainer.pause()

    def stop(self) -> None:
        """Ends the run after the step at work; `play` goes on with it."""
        self._pending, self._first_order = False, None
        if self._run is not None:
            self._run.trainer.stop()

    def reset(self) -> None:
        """Forgets the run, and weights that the project brought along: they are those before training again."""
        self.stop()
        self.project.learnt = None
        self._leave()
        self.history, self.recorder, self._aside = History(), None, None
        self._message = ""
        self._edited_at = time.monotonic() - EDIT_DELAY
        self._look_at_ground()

    def set_learning_rate(self, rate: float) -> None:
        """Changes the learning rate of the run that trains."""
        if self._run is not None:
            self._run.trainer.set_learning_rate(rate)

    def fork(self, step: int) -> bool:
        """Starts another run, at rest, from the state recorded at `step` or before it; whether there is
        one."""
        run = self._run or self._aside
        if run is None or run.recorder is None or (state := run.recorder.nearest(step)) is None:
            return False
        history, recorder = run.history.copy(state.step), run.recorder.copy(state.step)
        forked = {"run": run.trainer.run, "step": state.step}
        how = {"state": state, "history": history, "recorder": recorder, "forked": forked}
        self.stop()
        self._launch(None, lambda ground: self._trainer(ground, run.trainer.recipe, how), run.ground)
        return True

    def resume(self, run: str) -> None:
        """Goes on with a run on disk from its last checkpoint, at rest; one of another design is refused."""
        self.stop()
        self._launch(None, lambda ground: self._trainer(ground, self.project.recipe, {"run": run, "resume": True}))

    # Watching

    def watch(self, key: str, analysis: Analysis, options: Options, live: bool = True) -> None:
        """Keeps the result for `key` fresh: with every refresh where `live`, else when training rests."""
        self._watches.watch(key, analysis, options, live)

    def unwatch(self, key: str) -> None:
        """Computes nothing for `key` any more."""
        self._watches.unwatch(key)

    def request(self, key: str, analysis: Analysis, options: Options) -> None:
        """Computes once, from the weights shown now."""
        self._watches.request(key, analysis, options)

    def results(self) -> dict[str, Outcome]:
        """What was computed since the last call or poll, the newest of each key."""
        return self._watches.drain()

    def report_painting(self, seconds: float) -> None:
        """Says how long the window painted, for the cost of watching."""
        self.governor.report("painting", seconds)

    @property
    def interval(self) -> float:
        """Seconds between two refreshes."""
        return self.governor.interval

    def at_step(self, step: int | None) -> None:
        """The time machine: everything watched shows the weights recorded at `step`; None shows the newest."""
        self._shown = step
        snapshot = self.snapshot(step)
        if snapshot is not None:
            self._watches.show(snapshot, everything=True)
        self._asked_step = -1

    def snapshot(self, step: int | None = None) -> Snapshot | None:
        """The weights recorded at `step` or just before, or the newest at hand; None when there are none."""
        if step is not None and self.recorder is not None and (recorded := self.recorder.at(step)) is not None:
            return recorded
        newest = self._run.newest() if self._run is not None else None
        return newest or (self._ground.snapshot if self._ground is not None else None)

    @property
    def data(self) -> Prepared | None:
        """The samples of the run, or those that a run would have; None until they are loaded."""
        ground = self._run.ground if self._run is not None else self._ground
        return ground.data if ground is not None else None

    @property
    def problem(self) -> str:
        """Why there is nothing to train or look at, in one sentence; empty while there is, or while it is readied."""
        if self._run is not None:
            return ""
        return self._message or (self._ground.problem if self._ground is not None else "")

    # What is new

    @property
    def state(self) -> State:
        """What the run does."""
        if self._pending:
            return "preparing"
        return self._run.phase if self._run is not None else "idle"

    def poll(self) -> Updates:
        """Everything new; to be called about 30 times a second."""
        self._ready_when_edited()
        ground = self._groundwork.take()
        if ground is not None:
            self._take(ground)
        if self._run is not None:
            self._follow(self._run)
        seen, self._history_seen = self._history_seen, (id(self.history), self.history.version)
        notices, self._notices = tuple(self._notices), []
        return Updates(self.status(), seen != self._history_seen, self.results(), notices)

    def status(self) -> Status:
        """Where the run is."""
        run, state = self._run, self.state
        ended = run.ended if run is not None else None
        message, node = (ended.message, ended.node) if ended else (self._message, "")
        if run is None or run.progress is None:
            return Status(state, message=message, node=node)
        told, used = run.progress, memory(run.trainer.device)
        cost = self.governor.cost if state == "running" else 0.0
        return Status(
            *(state, told.epoch, told.epochs, told.step, told.steps, told.samples_per_second, told.seconds_left),
            *(cost, run.trainer.device, *used, message, told.loss, told.learning_rate),
            *(node, told.run),
        )

    def close(self, timeout: float = 10.0) -> bool:
        """Ends all threads, keeping the run on disk; False where one did not end in time."""
        self._unsubscribe()
        self.stop()
        self._leave()
        ended = [trainer.join(timeout) for trainer in self._leaving]
        return all([*ended, self._watches.close(), self._groundwork.close(timeout)])

    # Inside

    def _document_changed(self, change: Change) -> None:
        moved = not change.patch.wires and not change.patch.settings and _same_design(change)
        if not moved:
            self._edited_at = time.monotonic()

    def _ready_when_edited(self) -> None:
        if self._edited_at is not None and time.monotonic() - self._edited_at >= EDIT_DELAY:
            self._edited_at = None
            self._wish(None)

    def _wish(self, launch: Launch | None, ground: Ground | None = None) -> bool:
        """Has the design readied; False, with a message, where its settings are unsound."""
        try:
            project = self.project
            network = ground.network if ground else project.network
            wish = Wish(network, project.catalogue, project.data, project.recipe.seed, launch, project.learnt)
        except (DataFault, ProjectFault) as fault:
            self._tell("error" if launch else None, str(fault))
            return False
        self._message = ""
        self._groundwork.want(wish)
        return True

    def _order(self, order: Order) -> None:
        if self._run is not None and self._run.phase != "ended":
            order(self._run.trainer)
        elif self._pending:
            self._first_order = order
        else:
            run = self._run
            self._launch(order, lambda ground: self._new_or_continued(ground, run))

    def _launch(self, order: Order | None, launch: Launch, ground: Ground | None = None) -> None:
        self._edited_at = None
        self._first_order = order
        self._pending = self._wish(launch, ground)

    def _new_or_continued(self, ground: Ground, run: Run | None) -> Trainer:
        """In the groundwork thread: a trainer for the design as it is, from where `run` ended if that fits."""
        recipe = self.project.recipe
        if run is None or not run.can_go_on(recipe, ground):
            return self._trainer(ground, recipe, {})
        old = run.trainer
        how = {"state": old.final_state, "threads": old.threads, "history": old.history, "recorder": old.recorder}
        return self._trainer(ground, recipe, {**how, "run": old.run})

    def _trainer(self, ground: Ground, recipe: Any, how: Mapping[str, Any]) -> Trainer:
        """In the groundwork thread: a trainer on this ground."""
        from studio.training.launch import launch
        from studio.training.recorder import Recorder
        from studio.training.runs import fresh_id

        runs, project = self.project.runs, self.project
        run = how.get("run") or fresh_id(runs)
        assert ground.data is not None
        options = {"recorder": Recorder(), "governor": self.governor, "spec": dump_spec(project.data), **how}
        options |= {"run": run, "folder": runs / run, "spare": 1}  # a window and its worker need one
        return launch(ground.network, project.catalogue, ground.data, recipe, **options)

    def _take(self, ground: Ground) -> None:
        self._ground = ground
        if ground.note:
            self._notices.append(ground.note)
        if ground.launched and self._pending:
            self._pending = False
            self._start(ground)
        elif self._run is None or self._run.phase == "ended":
            self._set_aside(ground)
            self._look_at_ground()

    def _start(self, ground: Ground) -> None:
        if ground.trainer is None:
            self._tell("error", ground.problem)
            return
        self._leave()
        self._aside, self._shown = None, None
        self._run = Run(ground, ground.trainer)
        self.history, self.recorder = self._run.history, self._run.recorder
        self.governor.reset()
        self._look(ground)
        self._run.trainer.start()
        if self._first_order is not None:
            self._first_order(self._run.trainer)
            self._first_order = None

    def _set_aside(self, ground: Ground) -> None:
        """A run that has ended is shown while the design is its own, and again when an edit is undone."""
        run = self._run or self._aside
        fits = run is not None and run.ground.key == ground.key
        self._run, self._aside = (run, None) if fits else (None, run)

    def _look_at_ground(self) -> None:
        ground = self._run.ground if self._run is not None else self._ground
        if ground is None:
            return
        self._look(ground)
        snapshot = self.snapshot(self._shown)
        if snapshot is not None:
            self._watches.show(snapshot, everything=True)

    def _look(self, ground: Ground) -> None:
        """Has the worker look into this network and these samples."""
        if self._used == ground.key:
            return
        self._used, self._shown = ground.key, None
        data, catalogue = ground.data, self.project.catalogue

        def probe() -> Probe:
            from studio.inspection.probe import Probe

            assert data is not None
            return Probe(ground.network, catalogue, data)

        self._watches.use(probe if data is not None and ground.snapshot is not None else None)

    def _follow(self, run: Run) -> None:
        fresh = run.poll()
        self._notices += run.notices
        run.notices = []
        at_rest = run.phase in ("paused", "ended")
        if fresh is not None and self._shown is None:
            self._watches.show(fresh, everything=at_rest)
        if self._shown is None and run.phase in ("paused", "running"):
            self._fetch(run, at_rest)

    def _fetch(self, run: Run, at_rest: bool) -> None:
        """Asks the trainer for new weights: at once when it has come to rest, else when something live is
        due."""
        now, step = time.monotonic(), run.progress.step if run.progress else 0
        due = step != self._asked_step if at_rest else self._watches.wants_more(now - self._asked_at)
        if due:
            self._asked_at, self._asked_step = now, step if at_rest else -1
            run.trainer.request_snapshot()

    def _leave(self) -> None:
        """Lets the run go; its thread is waited for in `close`."""
        self._leaving = [trainer for trainer in self._leaving if not trainer.join(0)]
        if self._run is not None:
            self._run.trainer.stop()
            self._leaving.append(self._run.trainer)
            self._run = None

    def _tell(self, level: Level | None, message: str) -> None:
        self._message = message
        if level is not None:
            self._notices.append((level, message))


def _same_design(change: Change) -> bool:
    """Whether the nodes that changed only moved."""
    for node in change.patch.nodes:
        old, new = change.before.nodes.get(node), change.after.nodes.get(node)
        if old is None or new is None or (old.kind, old.name, old.fields) != (new.kind, new.name, new.fields):
            return False
    return True
