"""What the window talks to: one project being trained and looked at. No Qt; light at import.

All methods are called from one thread. Nothing here waits: orders go to a trainer, a worker and a
groundwork thread, and `poll` collects what they have to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from graphs.document import Change
from studio.data.base import DataFault
from studio.design import design_of, only_moved
from studio.groundwork import Ground, Groundwork, PassedOver, Wish
from studio.inspection.worker import Outcome
from studio.launching import new_or_continued, reopened, trainer_of
from studio.project import Project, ProjectFault
from studio.run import Run
from studio.status import Level, State, Status, Updates
from studio.training.governor import Governor
from studio.training.history import History
from studio.watches import Watches
from studio.weights.learnt import Learnt

if TYPE_CHECKING:
    from graphs.inference.problems import Problem
    from studio.data.prepare import Prepared
    from studio.inspection.base import Analysis, Options
    from studio.inspection.probe import Probe
    from studio.training.recorder import Recorder
    from studio.training.snapshot import Snapshot
    from studio.training.trainer import Trainer

Order = Callable[["Trainer"], None]
Launch = Callable[[Ground], "Trainer | PassedOver | None"]
EDIT_DELAY = 0.15
"""Seconds without another edit after which a changed design is readied."""


class Session:
    """A project's training and all that watches it. `history` and `recorder` are those of the newest run.

    A project that has a file is opened with its newest run on disk, at rest, where that is of this very design."""

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
        self._opening, self._anew = project.path is not None, False
        self._first_order: Order | None = None
        self._used: tuple[object, object] | None = None
        self._shown: int | None = None
        self._asked_at, self._asked_step = 0.0, -1
        self._edited_at: float | None = time.monotonic() - EDIT_DELAY
        self._history_seen, self._message = (0, 0), ""
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
        self._opening = False
        self.project.learnt = None
        self._leave()
        self.history, self.recorder, self._aside = History(), None, None
        self._message = ""
        self._edited_at = time.monotonic() - EDIT_DELAY
        self._look_at_ground()

    def renew(self) -> None:
        """Readies the design again: a file that it needs may be there now."""
        self._edited_at = time.monotonic() - EDIT_DELAY

    def set_learning_rate(self, rate: float) -> None:
        """Changes the learning rate of the run that trains."""
        if self._run is not None:
            self._run.trainer.set_learning_rate(rate)

    def fork(self, step: int) -> bool:
        """Starts another run, at rest, from the state recorded at `step` or before it; whether there is one."""
        run = self._run or self._aside
        if run is None or run.recorder is None or (state := run.recorder.nearest(step)) is None:
            return False
        history, recorder = run.history.copy(state.step), run.recorder.copy(state.step)
        forked = {"run": run.trainer.run, "step": state.step}
        how = {"state": state, "history": history, "recorder": recorder, "forked": forked}
        self.stop()
        launch = partial(trainer_of, self.project, self.governor, how=how, recipe=run.trainer.recipe)
        self._launch(None, launch, run.ground)
        return True

    def resume(self, run: str) -> None:
        """Goes on with a run on disk from its last checkpoint, at rest; one of another design is refused."""
        self.stop()
        self._opening = False
        self._launch(None, partial(trainer_of, self.project, self.governor, how={"run": run, "resume": True}))

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
        if (snapshot := self.snapshot(step)) is not None:
            self._watches.show(snapshot, everything=True)
        self._asked_step = -1

    def snapshot(self, step: int | None = None) -> Snapshot | None:
        """The weights recorded at `step` or just before, or the newest at hand; None when there are none."""
        if step is not None and self.recorder is not None and (recorded := self.recorder.at(step)) is not None:
            return recorded.under(self._standing.names if self._standing else {})
        newest = self._run.newest() if self._run is not None else None
        return newest or (self._ground.snapshot if self._ground is not None else None)

    @property
    def learnt(self) -> Learnt | None:
        """What the newest weights have learnt, with what they were learnt on; None where they are fresh."""
        if self._run is not None:
            return self._run.learnt(self.project.catalogue)
        return self._ground.learnt if self._ground is not None else None

    @property
    def outgrown(self) -> bool:
        """Whether the network as it stands is another than the one whose weights are shown."""
        ground = self._standing
        return ground is not None and ground.key[0] != design_of(self.project.network, self.project.catalogue)

    @property
    def past(self) -> bool:
        """Whether the history is that of a run on another network or other data than there is now."""
        if self._run is None:
            return self._aside is not None
        return self._ground is not None and self._ground.key[:2] != self._run.ground.key[:2]

    @property
    def data(self) -> Prepared | None:
        """The samples of the run, or those that a run would have; None until they are loaded."""
        return self._standing.data if self._standing is not None else None

    @property
    def problem(self) -> str:
        """Why there is nothing to train or look at, in one sentence; empty while there is, or while it is readied."""
        if self._run is not None:
            return ""
        return self._message or (self._ground.problem if self._ground is not None else "")

    @property
    def fault(self) -> Problem | None:
        """That network and data do not fit each other as they stand, with the edit that mends it; else None."""
        return self._ground.fault if self._ground is not None else None

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
        if (ground := self._groundwork.take()) is not None:
            self._take(ground)
        if self._run is not None:
            self._follow(self._run)
        seen, self._history_seen = self._history_seen, (id(self.history), self.history.version)
        notices, self._notices = tuple(self._notices), []
        return Updates(self.status(), seen != self._history_seen, self.results(), notices)

    def status(self) -> Status:
        """Where the run is."""
        run, state = self._run, self.state
        if run is not None:
            return run.status(state, self.governor.cost if state == "running" else 0.0, self._message)
        return Status(state, message=self._message or (self._ground.words if self._ground and state == "idle" else ""))

    def close(self, timeout: float = 10.0) -> bool:
        """Ends all threads, keeping the run on disk; False where one did not end in time."""
        self._unsubscribe()
        self.stop()
        self._leave()
        ended = [trainer.join(timeout) for trainer in self._leaving]
        return all([*ended, self._watches.close(), self._groundwork.close(timeout)])

    # Inside

    @property
    def _standing(self) -> Ground | None:
        """What the weights shown stand on."""
        return self._run.ground if self._run is not None else self._ground

    def _document_changed(self, change: Change) -> None:
        if not only_moved(change):
            self._edited_at = time.monotonic()

    def _ready_when_edited(self) -> None:
        if self._edited_at is not None and time.monotonic() - self._edited_at >= EDIT_DELAY:
            self._edited_at = None
            opening = partial(reopened, self.project, self.governor) if self._opening else None
            self._opening = self._wish(opening) and self._opening

    def _wish(self, launch: Launch | None, ground: Ground | None = None) -> bool:
        """Has the design readied; False, with a message, where its settings are unsound."""
        try:
            project = self.project
            network = ground.network if ground else project.network
            recipe = project.recipe
            wish = Wish(network, project.catalogue, project.data, recipe.seed, launch, project.learnt, recipe)
        except (DataFault, ProjectFault) as fault:
            self._tell("error" if launch else None, str(fault))
            return False
        self._message = ""
        self._groundwork.want(wish)
        return True

    def _order(self, order: Order) -> None:
        if self._run is not None and self._run.phase != "ended":
            order(self._run.trainer)
        elif self._pending or self._opening:
            self._first_order, self._pending = order, True
        else:
            self._launch(order, partial(new_or_continued, self.project, self.governor, self._run))

    def _launch(self, order: Order | None, launch: Launch, ground: Ground | None = None) -> None:
        self._edited_at = None
        self._first_order, self._anew = order, order is not None
        self._pending = self._wish(launch, ground)

    def _take(self, ground: Ground) -> None:
        self._ground = ground
        run = self._run or self._aside
        if ground.note and (run is None or run.ground.key != ground.key):  # else that run's weights are shown
            self._notices.append(ground.note)
        if ground.launched and self._opening:
            self._open(ground)
        elif ground.launched and self._pending:
            self._pending = False
            self._start(ground)
        elif self._run is None or self._run.phase == "ended":
            self._set_aside(ground)
            self._look_at_ground()
        else:
            self._notices += self._run.outgrown_by(ground)
            if self._run.follow(ground):
                self._look_at_ground()

    def _open(self, ground: Ground) -> None:
        """The project is there: with its last run at rest, or without one; what was ordered meanwhile is done."""
        order, self._first_order = self._first_order, None
        self._opening = self._pending = False
        if ground.trainer is not None:
            self._start(ground)
        else:
            self._look_at_ground()
        if order is not None:
            self._order(order)

    def _start(self, ground: Ground) -> None:
        if ground.trainer is None:
            self._tell("error", ground.problem or (ground.fault.message if ground.fault else ""))
            return
        if self._anew and self._run is not None:
            self._notices += self._run.replaced_by(ground.trainer.run, self.project.runs)
        self._leave()
        self._aside, self._shown, self._asked_step = None, None, -1
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
        if self._run is not None:
            self._run.follow(ground)

    def _look_at_ground(self) -> None:
        ground = self._run.ground if self._run is not None else self._ground
        if ground is None:
            return
        self._look(ground)
        if (snapshot := self.snapshot(self._shown)) is not None:
            self._watches.show(snapshot, everything=True)

    def _look(self, ground: Ground) -> None:
        """Has the worker look into this network and these samples."""
        used, self._used = self._used, (ground.key, ground.names)
        if used == self._used:
            return
        self._shown = self._shown if used and used[0] == ground.key else None
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
        """Asks the trainer for new weights: at once when it has come to rest, else when something live is due."""
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
