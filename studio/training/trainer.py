"""The trainer: a plain thread that drives a run, obeys orders between steps, and tells its stream what
happens."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Literal

import torch

from studio.data.prepare import Prepared
from studio.recipe import Recipe
from studio.training.course import Course, Ending, Keeper
from studio.training.events import Ended, Notice, Reason, Started
from studio.training.governor import Governor
from studio.training.history import History
from studio.training.mishaps import sentence
from studio.training.recorder import Recorder, snapshot_of
from studio.training.setup import CannotTrain, Setup, Trainable, set_up
from studio.training.snapshot import Snapshot
from studio.training.state import State
from studio.training.stream import Stream

log = logging.getLogger("netloom.training")

LARGEST_RATE = 1e6
Phase = Literal["preparing", "paused", "running", "ended"]


class Trainer:
    """Trains `built.module` in place. It starts paused; orders come from any thread and take effect between
    steps.

    `state` and `history` continue an earlier run, `threads` repeats its number of threads;
    `spare` processors are left to others when the number is chosen. After the end
    `final` holds the network and `ended` the event that the stream was told.
    """

    def __init__(
        self,
        built: Trainable,
        data: Prepared,
        recipe: Recipe,
        *,
        stream: Stream,
        run: str = "run",
        recorder: Recorder | None = None,
        checkpoint: Keeper | None = None,
        governor: Governor | None = None,
        state: State | None = None,
        history: History | None = None,
        threads: int | None = None,
        spare: int = 0,
    ) -> None:
        self.built, self.data, self.recipe = built, data, recipe
        self.run, self.stream, self.recorder = run, stream, recorder
        self.history = history if history is not None else History()
        self.phase: Phase = "preparing"
        self.threads = threads
        self.device = ""
        self.final: Snapshot | None = None
        self.final_state: State | None = None
        self.ended: Ended | None = None
        self.folder = checkpoint.path if checkpoint is not None else None
        """Where the run is kept."""
        self._keeper, self._first, self._spare = checkpoint, state, spare
        self._governor = governor or Governor()
        self._course: Course | None = None
        self._orders: queue.SimpleQueue[Callable[[Course], None]] = queue.SimpleQueue()
        self._stopping = False
        self._until: int | None = None
        self._playing = False
        self._thread = threading.Thread(target=self._main, name=f"training {run}", daemon=True)

    @property
    def first(self) -> State | None:
        """The state that it goes on from, until it has; None for a new run."""
        return self._first

    def start(self) -> None:
        """Starts the thread; it prepares and then waits for `play`, `step` or `epoch`."""
        self._thread.start()

    def play(self) -> None:
        """Trains until the end."""
        self._order(lambda course: self._go(course.steps, playing=True))

    def pause(self) -> None:
        """Waits after the step at work."""
        self._order(lambda course: self._rest())

    def step(self, count: int = 1) -> None:
        """Makes `count` steps, then waits; orders that come before that add up."""
        self._order(lambda course: self._go(self._from(course) + count))

    def epoch(self) -> None:
        """Goes on to the end of the epoch, then waits."""
        self._order(lambda course: self._go(course.end_of_epoch(self._from(course))))

    def stop(self) -> None:
        """Ends the run after the step at work; what it learnt stays."""
        self._stopping = True
        self._order(lambda course: None)

    def set_learning_rate(self, rate: float) -> None:
        """Makes `rate` the learning rate from the next step on; a schedule keeps its shape. Raises
        ValueError."""
        if not 0 <= rate <= LARGEST_RATE:
            raise ValueError(f"A learning rate lies between 0 and {LARGEST_RATE:g}.")
        self._order(lambda course: course.set_rate(rate))

    def request_snapshot(self) -> None:
        """Has a snapshot put into the stream's slot "snapshot" after the step at work."""
        self._order(self._give_snapshot)

    def save(self) -> None:
        """Has a checkpoint written after the step at work."""
        self._order(lambda course: course.save())

    def join(self, timeout: float | None = None) -> bool:
        """Waits for the thread to end; whether it did."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _order(self, order: Callable[[Course], None]) -> None:
        self._orders.put(order)
        course = self._course
        if course is not None:
            course.loop.attention = True

    def _main(self) -> None:
        try:
            course = self._prepared()
            self._drive(course)
            self._finish(course, "stopped" if course.loop.step < course.steps else "done")
        except CannotTrain as error:
            self._end("failed", str(error))
        except Exception as error:  # whatever goes wrong ends this run, never the program
            log.exception("run %s failed", self.run)
            self._end("failed", sentence(error, self.recipe))
        finally:
            self._let_go()

    def _prepared(self) -> Course:
        setup = set_up(self.built, self.data, self.recipe, self.threads, self._spare)
        self.threads, self.device = setup.threads, setup.device.type
        if self._first is not None:
            setup.loop.restore(self._first)
            self._first = None
        if self.recorder is not None:
            self.recorder.run, self.recorder.per_epoch = self.run, setup.loop.batches.per_epoch
        course = self._course_of(setup)
        course.begin()
        self._course, self.phase = course, "paused"
        self.stream.put(
            Started(self.run, self.device, setup.threads, course.loop.step, course.steps, self.recipe.epochs)
        )
        if setup.rehearsed.idle:
            names = ", ".join(setup.rehearsed.idle)
            self.stream.put(Notice(self.run, f"These weights do not reach the output and will not learn: {names}."))
        return course

    def _course_of(self, setup: Setup) -> Course:
        network = self.built.network
        nodes = {name: (node, str(network.nodes[node].title)) for node, name in self.built.names.items()}
        return Course(
            setup,
            self.recipe,
            self.stream,
            self.history,
            run=self.run,
            governor=self._governor,
            recorder=self.recorder,
            keeper=self._keeper,
            nodes=nodes,
            cancelled=lambda: self._stopping,
        )

    def _drive(self, course: Course) -> None:
        try:
            while not self._stopping and course.loop.step < course.steps:
                self._obey(course)
                if self._until is not None and not self._stopping:
                    self._advance(course, self._until)
        except Ending as ending:
            self._finish(course, ending.reason, ending.message, ending.node)

    def _advance(self, course: Course, until: int) -> None:
        course.advance(min(until, course.steps))
        if course.loop.step >= until:
            self._rest()
        self._tell(course)

    def _obey(self, course: Course) -> None:
        """Carries out what was ordered; waits for an order while the run rests."""
        course.loop.attention = False
        if self._until is None:
            self._tell(course)
            self._orders.get()(course)
        while not self._orders.empty():
            self._orders.get()(course)

    def _from(self, course: Course) -> int:
        """The step that was ordered last while it counts them, else the present one."""
        return course.loop.step if self._until is None or self._playing else self._until

    def _go(self, until: int, playing: bool = False) -> None:
        self._until, self._playing, self.phase = until, playing, "running"

    def _rest(self) -> None:
        self._until, self.phase = None, "paused"

    def _tell(self, course: Course) -> None:
        self.stream.put(course.progress("paused" if self._until is None else "running"))

    def _give_snapshot(self, course: Course) -> None:
        self.stream.offer("snapshot", self._governor.timed("snapshot", course.snapshot))

    def _finish(self, course: Course, reason: Reason, message: str = "", node: str = "") -> None:
        if self.ended is not None:
            return
        try:
            self.final_state = course.finish()
        except Ending as ending:
            reason, message, node = ending.reason, ending.message, ending.node
            self.final_state = course.finish()
        self._until = None
        self.final = snapshot_of(self.final_state, self.run, course.loop.batches.per_epoch)
        self._tell(course)
        self.stream.offer("snapshot", self.final)
        self._end(reason, message, node, course.loop.step)

    def _end(self, reason: Reason, message: str = "", node: str = "", step: int = 0) -> None:
        self.phase = "ended"
        self.ended = Ended(self.run, reason, message, node, step)
        self.stream.put(self.ended)

    def _let_go(self) -> None:
        """Gives memory back; orders that come later find nobody.

        Python's collector is left alone: it would end a window's objects in this thread, which Qt does not survive.
        """
        self._course = None
        if self.ended is not None and self.ended.reason == "failed" and torch.cuda.is_available():
            torch.cuda.empty_cache()
