"""A thread that computes analyses beside the training: the newest request of each view, in turn, and at the
pace it is told.

Light at import. The thread owns its probe; nothing in it touches Qt, the live model or torch's global random
generator.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.inspection.base import Analysis, Cancelled, InspectionFault, Options, Rest, Result
from studio.inspection.probe import Probe

if TYPE_CHECKING:
    from studio.training.snapshot import Snapshot

log = logging.getLogger(__name__)
PATIENCE = 1.0
"""Seconds after which a request goes before quicker ones."""
MOST_REST = 2.0
"""The longest rest in seconds after a piece of work, whatever the pace."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a request: a result, or an error in one sentence.

    `step` is that of the snapshot it was computed from (0 before training), `seconds` what it cost the thread
    (processor time). `partial` results are followed by others; `fraction` (0…1) says how far the analysis is.
    """

    key: str
    result: Result | None
    error: str | None
    step: int
    seconds: float
    partial: bool = False
    fraction: float = 1.0
    run: str = ""


@dataclass(eq=False)
class Job:
    """A request: an analysis with options, on a snapshot (None: the weights before training)."""

    key: str
    analysis: Analysis
    options: Options
    snapshot: Snapshot | None
    urgent: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)
    continues: bool = field(init=False)
    """Whether the analysis goes on from the last result of its key: a long one."""
    since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.continues = "previous" in inspect.signature(self.analysis).parameters

    @property
    def step(self) -> int:
        """The step of its snapshot, 0 before training."""
        return self.snapshot.step if self.snapshot is not None else 0

    @property
    def run(self) -> str:
        """The run of its snapshot."""
        return self.snapshot.run if self.snapshot is not None else ""

    @property
    def turn(self) -> tuple[bool, bool, bool]:
        """The least goes first: what has waited long, what is quick, what a person waits for."""
        return time.monotonic() - self.since < PATIENCE, self.continues, not self.urgent

    def asks_the_same(self, other: Job) -> bool:
        """Whether it differs in nothing but the weights."""
        return self.analysis is other.analysis and self.options == other.options


class Worker:
    """Computes requests one at a time in a plain thread that starts with the first of them.

    Of each key only the newest request is kept, and keys take turns, also in the middle of a long analysis,
    whenever it reports progress. A running request is cancelled when one of the same key asks for something
    else; newer weights alone wait until it is done. After each piece of work of s seconds the thread rests
    for `rest(s)` seconds, except for urgent requests (a person waits for them).
    """

    def __init__(self, rest: Rest | None = None) -> None:
        self._rest = rest
        self._make: Callable[[], Probe] | None = None
        self._probe: Probe | None = None
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._running: list[Job] = []  # the one that runs, and one that was let in in its middle
        self._outcomes: dict[str, Outcome] = {}
        self._last: dict[str, tuple[Analysis, Result]] = {}
        self._change = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._spent = 0.0

    # what the owner calls, from any thread

    def use(self, make_probe: Callable[[], Probe] | None) -> None:
        """Look into another network or other data from now on; `make_probe` is called in the thread, when
        needed.

        Requests, results and whatever runs are dropped.
        """
        with self._change:
            self._make, self._probe = make_probe, None
            self._drop_all()

    def submit(
        self,
        key: str,
        analysis: Analysis,
        options: Options,
        snapshot: Snapshot | None = None,
        *,
        urgent: bool = False,
    ) -> None:
        """Ask for an analysis under `key`, instead of what `key` asked for before."""
        job = Job(key, analysis, options, snapshot, urgent)
        with self._change:
            if self._closed:
                return
            for running in self._running:
                if running.key == key and not running.asks_the_same(job):
                    running.cancelled.set()
            if key in self._jobs:
                job.since = self._jobs[key].since
            self._jobs[key] = job  # a key that waits already keeps its turn
            self._start()
            self._change.notify_all()

    def cancel(self, key: str) -> None:
        """Forget what `key` asked for, what it was given, and the result it would go on from."""
        with self._change:
            self._jobs.pop(key, None)
            self._outcomes.pop(key, None)
            self._last.pop(key, None)
            for running in self._running:
                if running.key == key:
                    running.cancelled.set()
            self._change.notify_all()

    def clear(self) -> None:
        """Forget everything that was asked for and given."""
        with self._change:
            self._drop_all()

    def drain(self) -> dict[str, Outcome]:
        """Outcomes since the last call, the newest of each key."""
        with self._change:
            outcomes, self._outcomes = self._outcomes, {}
            return outcomes

    def waits(self, key: str) -> bool:
        """Whether a request of this key waits or runs."""
        with self._change:
            return key in self._jobs or any(job.key == key for job in self._running)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._change:
            return not self._jobs and not self._running

    @property
    def thread_seconds(self) -> float:
        """Processor time the thread has spent on requests so far."""
        return self._spent

    def close(self, timeout: float = 10.0) -> bool:
        """End the thread and wait for it; False where it did not end in time. Nothing can be asked for
        afterwards.
        """
        with self._change:
            self._closed = True
            self._drop_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
            return not thread.is_alive()
        return True

    def _drop_all(self) -> None:
        self._jobs.clear()
        self._outcomes.clear()
        self._last.clear()
        for running in self._running:
            running.cancelled.set()
        self._change.notify_all()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="inspection", daemon=True)
            self._thread.start()

    # what the thread does

    def _work(self) -> None:
        one_thread()
        while (job := self._next(wait=True)) is not None:
            self._serve(job)

    def _next(self, wait: bool) -> Job | None:
        """Take a request: quick ones before long ones, urgent ones before others, else the one that has waited
        longest. None: the end, or nothing waits.
        """
        with self._change:
            if wait:
                self._change.wait_for(lambda: self._closed or self._jobs)
            running = {job.key for job in self._running}
            waiting = [job for key, job in self._jobs.items() if key not in running]
            if self._closed or not waiting:
                return None
            job = min(waiting, key=lambda job: job.turn)
            del self._jobs[job.key]
            self._running.append(job)
            return job

    def _serve(self, job: Job) -> None:
        watch = _Watch(self, job)
        try:
            result = self._compute(job, watch)
            watch.count()
            self._give(job, Outcome(job.key, result, None, job.step, watch.seconds, run=job.run))
            watch.rest()
        except Cancelled:
            watch.count()
        except Exception as error:  # noqa: BLE001 (a broken analysis must not end the others)
            watch.count()
            self._give(job, Outcome(job.key, None, sentence(error), job.step, watch.seconds, run=job.run))
            watch.rest()
        finally:
            with self._change:
                self._running.remove(job)
                self._change.notify_all()

    def _compute(self, job: Job, watch: _Watch) -> Result:
        probe = watch.probe = self._ready(job)
        if not job.continues:
            return job.analysis(probe, job.options, watch)
        with self._change:
            analysis, previous = self._last.get(job.key, (job.analysis, None))
        return job.analysis(probe, job.options, watch, previous=previous if analysis is job.analysis else None)

    def _ready(self, job: Job) -> Probe:
        """The probe with the job's weights."""
        with self._change:
            probe, make = self._probe, self._make
        if probe is None:
            if make is None:
                raise InspectionFault("There is no network to look into yet.")
            probe = make()
            with self._change:
                if self._make is make:
                    self._probe = probe
        if job.cancelled.is_set():
            raise Cancelled
        probe.load(job.snapshot)
        return probe

    def _give(self, job: Job, outcome: Outcome) -> None:
        with self._change:
            if job.cancelled.is_set():
                return
            self._outcomes[job.key] = outcome
            if outcome.result is not None and job.continues:
                self._last[job.key] = (job.analysis, outcome.result)

    def _superseded(self, job: Job) -> bool:
        with self._change:
            waiting = self._jobs.get(job.key)
            return waiting is not None and waiting.asks_the_same(job)

    def _sleep(self, job: Job, seconds: float) -> None:
        """Rest, unless the job is cancelled, something urgent is asked for, or the end comes."""
        with self._change:
            self._change.wait_for(
                lambda: self._closed or job.cancelled.is_set() or any(j.urgent for j in self._jobs.values()),
                timeout=min(seconds, MOST_REST),
            )

    def _let_others(self, job: Job) -> bool:
        """In the middle of a long request, serve one that waits under another key; whether there was one."""
        if self._running[0] is not job or (other := self._next(wait=False)) is None:
            return False
        self._serve(other)
        return True


class _Watch:
    """The progress of one job: counts its processor time, hands on partial results, lets others in, and ends
    it.
    """

    def __init__(self, worker: Worker, job: Job) -> None:
        self._worker, self._job = worker, job
        self._mark = time.thread_time()
        self._unrested = 0.0
        self.seconds = 0.0
        self.probe: Probe | None = None

    @property
    def superseded(self) -> bool:
        """Whether newer weights wait for the same analysis."""
        return self._worker._superseded(self._job)

    def __call__(self, fraction: float, partial: Result | None = None) -> None:
        job = self._job
        if job.cancelled.is_set():
            raise Cancelled
        self.count()
        if partial is not None:
            outcome = Outcome(job.key, partial, None, job.step, self.seconds, True, fraction, job.run)
            self._worker._give(job, outcome)
        self.rest()
        if self._worker._let_others(job) and self.probe is not None and not job.cancelled.is_set():
            self.probe.load(job.snapshot)
        self._mark = time.thread_time()
        if job.cancelled.is_set():
            raise Cancelled

    def count(self) -> None:
        """Add the processor time since the last call."""
        now = time.thread_time()
        spent, self._mark = now - self._mark, now
        self.seconds += spent
        self._unrested += spent
        self._worker._spent += spent

    def rest(self) -> None:
        """Rest for what was worked since the last rest, as the pace says; not while someone waits for the
        result.
        """
        worked, self._unrested = self._unrested, 0.0
        seconds = self._worker._rest(worked) if self._worker._rest is not None else 0.0
        if seconds > 0 and not any(job.urgent for job in self._worker._running):
            self._worker._sleep(self._job, seconds)


def one_thread() -> None:
    """Let torch use one core in this thread, and leave the setting that new threads take over as it was.

    torch keeps the number per thread and hands the last one set to threads that start later.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    other = threading.Thread(target=torch.set_num_threads, args=(before,), name="inspection-threads")
    other.start()
    other.join()


def sentence(error: Exception) -> str:
    """One sentence for a person about what went wrong in an analysis."""
    if isinstance(error, (InspectionFault, MemoryError)) or "memory" in str(error).lower():
        full = "There is not enough memory for this view; choose fewer samples."
        return str(error) if isinstance(error, InspectionFault) else full
    if type(error).__module__.startswith(("graphs.", "studio.")) and str(error):
        return str(error)
    log.error("an analysis failed", exc_info=error)
    first = (str(error).strip().splitlines() or [""])[0].rstrip(".")[:200]
    return f"This view could not be computed: {type(error).__name__}: {first}."
