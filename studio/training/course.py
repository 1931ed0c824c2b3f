"""The course of a run: stretch after stretch, with all that is due between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np

from graphs.files.faults import FileFault
from studio.recipe import Recipe
from studio.training.events import EpochEnd, Notice, Progress, Reason
from studio.training.events import State as RunState
from studio.training.faults import Fault, retrace
from studio.training.governor import Governor
from studio.training.history import EpochRow, History
from studio.training.recorder import Recorder, on_host, snapshot_of
from studio.training.scaling import finite
from studio.training.setup import Setup
from studio.training.snapshot import Snapshot
from studio.training.speed import Speed
from studio.training.state import State
from studio.training.stream import Stream

TOLD_EVERY = 1 / 30
SOUND_EVERY, SOUND_SHARE = 0.25, 0.005
MOST_RETRACES = 3


class Ending(Exception):
    """Ends a run from within: `reason`, one sentence, and the id of the node at fault."""

    def __init__(self, reason: Reason, message: str = "", node: str = "") -> None:
        super().__init__(message)
        self.reason, self.message, self.node = reason, message, node


class Keeper(Protocol):
    """What keeps a run on disk, in the folder `path`; `studio.training.runs.RunFolder` is one."""

    path: Path

    def begin(self, device: str, threads: int) -> str: ...
    def epoch_ended(self, row: EpochRow) -> None: ...
    def due(self) -> bool: ...
    def save(self, state: State, history: History) -> None: ...


class Course:
    """A run under way; one thread drives it. `nodes` gives id and title of the node behind a submodule's
    name."""

    def __init__(
        self,
        setup: Setup,
        recipe: Recipe,
        stream: Stream,
        history: History,
        *,
        run: str,
        governor: Governor,
        recorder: Recorder | None,
        keeper: Keeper | None,
        nodes: Mapping[str, tuple[str, str]],
        cancelled: Callable[[], bool],
    ) -> None:
        self.setup, self.loop, self.recipe = setup, setup.loop, recipe
        self.stream, self.history, self.run = stream, history, run
        self._governor, self._recorder, self._keeper = governor, recorder, keeper
        self._nodes, self._cancelled = nodes, cancelled
        self._speed = Speed()
        self._epoch_seconds = 0.0
        self._retraces = 0
        self._keep_sound()
        self._record()

    @property
    def steps(self) -> int:
        """All steps of the run."""
        return self.recipe.epochs * self.loop.batches.per_epoch

    def end_of_epoch(self, step: int) -> int:
        """The step that ends the epoch in which the step after `step` lies."""
        per_epoch = self.loop.batches.per_epoch
        return (step // per_epoch + 1) * per_epoch

    def advance(self, until: int) -> None:
        """A stretch of steps, up to the step `until`, and what is due after it. Raises Ending."""
        start = time.perf_counter()
        stretch = self.loop.stretch(self._most(until), start + TOLD_EVERY)
        self._governor.trained(start, time.perf_counter(), len(stretch.loss))
        self.history.extend(stretch.first_step, stretch.loss, stretch.accuracy, stretch.learning_rate)
        if stretch.bad:
            self._rescue(self.loop.step + 1)
            return
        self._record()
        self._epoch_seconds += time.perf_counter() - start
        if self.loop.place == 0 and stretch.loss:
            self._end_epoch()
        self._keep_sound_when_due()
        self._speed.ran(time.perf_counter() - start, stretch.samples, len(stretch.loss))
        self._save_when_due()

    def begin(self) -> None:
        """Opens the run on disk; a disk that refuses is told and the run goes on."""
        self._tell_of_one_batch()

        def opened(keeper: Keeper) -> None:
            if told := keeper.begin(self.setup.device.type, self.setup.threads):
                self.stream.put(Notice(self.run, told))

        self._kept(opened)

    def _tell_of_one_batch(self) -> None:
        batch, count = self.recipe.batch_size, sum(self.loop.batches.sizes)
        if batch > count:
            words = f"A batch of {batch} is larger than the {count} training samples: every step takes them all."
            self.stream.put(Notice(self.run, words))

    def finish(self) -> State:
        """Makes sure that what is left is sound, saves it, and gives it. Raises Ending."""
        if not self._is_sound():
            self._rescue(self.loop.step)
        self.save()
        return on_host(self.loop.capture())

    def snapshot(self) -> Snapshot:
        """A copy of the network as it is, on the host."""
        return snapshot_of(on_host(self.loop.capture()), self.run, self.loop.batches.per_epoch)

    def progress(self, state: RunState) -> Progress:
        """How far the run is."""
        loop, per_epoch = self.loop, self.loop.batches.per_epoch
        loss = float(self.history.loss[-1]) if len(self.history) else float("nan")
        left = self._speed.seconds_for(self.steps - loop.step)
        rate = loop.rates.at(max(0, min(loop.step, self.steps - 1)))
        return Progress(
            self.run,
            state,
            loop.step,
            self.steps,
            loop.step / per_epoch,
            self.recipe.epochs,
            loss,
            rate,
            self._speed.samples_per_second,
            left,
        )

    def set_rate(self, rate: float) -> None:
        """Makes `rate` the learning rate of the next step."""
        self.loop.rates.set(rate, self.loop.step)
        self._keep_sound()

    def save(self) -> None:
        """Writes a checkpoint, where the run is kept."""
        self._kept(lambda keeper: keeper.save(on_host(self.loop.capture()), self.history))

    def _most(self, until: int) -> int:
        most = until - self.loop.step
        return min(most, self._recorder.next - self.loop.step) if self._recorder else most

    def _record(self) -> None:
        if self._recorder is not None and self.loop.step >= self._recorder.next:
            self._recorder.record(self.loop.capture())

    # Epochs

    def _end_epoch(self) -> None:
        start = time.perf_counter()
        row = self._row(start)
        self.history.append_epoch(row)
        self._epoch_seconds = 0.0
        self.stream.put(EpochEnd(self.run, **asdict(row)))
        self._kept(lambda keeper: keeper.epoch_ended(row))
        watched = row.train_loss if np.isnan(row.val_loss) else row.val_loss
        if self.loop.rates.epoch_ended(watched):
            self._keep_sound()
            rate = self.loop.rates.at(self.loop.step)
            self.stream.put(Notice(self.run, f"The loss stands still: the learning rate falls to {rate:.3g}."))
        self._stop_early()

    def _row(self, start: float) -> EpochRow:
        loop, sizes = self.loop, np.asarray(self.loop.batches.sizes)
        table = self.history.steps_table()
        losses, accuracies = (column[-len(sizes) :].astype(np.float64) for column in table[1:3])
        score = self.setup.evaluation.score(loop.module, self.recipe.batch_size)
        accuracy = float(np.round(accuracies * sizes).sum() / sizes.sum())
        seconds = self._epoch_seconds + time.perf_counter() - start
        loss = float((losses * sizes).sum() / sizes.sum())
        return EpochRow(loop.epoch, loop.step, loss, accuracy, *score, float(table.learning_rate[-1]), seconds)

    def _stop_early(self) -> None:
        patience, rows = self.recipe.patience, self.history.epochs
        if not patience or len(rows) <= patience:
            return
        best = min(rows, key=lambda row: row.val_loss)
        if len(rows) - best.epoch >= patience and self.loop.step < self.steps:
            words = f"The validation loss has not improved for {patience} epochs"
            raise Ending("done", f"{words}; it was best after epoch {best.epoch}.")

    # Sound weights

    def _is_sound(self) -> bool:
        return finite(list(self.loop.module.state_dict().values()))

    def _keep_sound_when_due(self) -> None:
        if time.perf_counter() >= self._sound_until:
            if self._is_sound():
                self._keep_sound()
            else:
                self._rescue(self.loop.step)

    def _keep_sound(self) -> None:
        start = time.perf_counter()
        self._sound = self.loop.capture()
        end = time.perf_counter()
        self._sound_until = end + max(SOUND_EVERY, (end - start) / SOUND_SHARE)

    def _rescue(self, last: int) -> None:
        """Goes back to the last finite weights and ends the run, naming what went wrong. Raises Ending."""
        fault = retrace(self.loop, self._sound, last, self._cancelled)
        if fault is None:
            self.loop.restore(self._sound)
        self.history.truncate(self.loop.step)
        if self._recorder is not None:
            self._recorder.forget_after(self.loop.step)
        if fault is not None:
            raise self._ending(fault)
        self._retraces += 1
        if self._retraces >= MOST_RETRACES and not self._cancelled():
            raise Ending("failed", f"Numbers are not finite after step {self.loop.step}: take a smaller learning rate.")

    def _ending(self, fault: Fault) -> Ending:
        node, title = self._nodes.get(fault.module, ("", fault.module))
        return Ending("failed", fault.message.replace("{name}", title), node)

    # The disk

    def _save_when_due(self) -> None:
        if self._keeper is not None and self._keeper.due():
            if self._is_sound():
                self.save()
            else:
                self._rescue(self.loop.step)

    def _kept(self, keep: Callable[[Keeper], None]) -> None:
        """Writes to the disk; when it is full or gone the run goes on without it, and says so once."""
        if self._keeper is None:
            return
        try:
            keep(self._keeper)
        except (OSError, FileFault) as error:
            self._keeper = None
            reason = str(error).rstrip(".")
            self.stream.put(Notice(self.run, f"This run is no longer saved to disk: {reason}."))
