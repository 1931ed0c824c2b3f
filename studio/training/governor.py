"""Keeps the cost of watching inside a share of the training time; light.

Everything that watching does reports the seconds it took when it is done: a snapshot (the trainer itself),
an analysis (a worker), painting (the window, which holds the interpreter meanwhile). The trainer reports
each stretch of steps. Steps that ran while nobody watched, beside all steps, show what watching really
costs, other processors included. While there are too few of them, or they differ too much from each other (a
busy computer), the reports are added up with weights instead.
Above the share the time between refreshes grows, below it shrinks, between fifteen times a second and
twice.
"""

from __future__ import annotations

import math
import statistics
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

Result = TypeVar("Result")
Watching = Literal["worker", "painting", "snapshot"]
SHORTEST, LONGEST = 1 / 15, 0.45
"""Seconds; a refresh also waits for the next tick of 1/30 s, and there are to be two a second at least."""
WINDOW, BLOCK = 8.0, 0.5
CALM = 6.0
"""Seconds over which the cost that is shown is smoothed, so that it can be read."""
SETTLED = 0.6
"""Seconds after which every report about a moment has come in: no painting takes longer."""
WEIGHTS: dict[Watching, float] = {"worker": 0.3, "painting": 0.7, "snapshot": 1.0}
ENOUGH_SEEN = 1.0
"""Seconds of training before a cost is shown."""
MEMORY = 30.0
"""Seconds for which the speed without watching is remembered: views that are always busy leave no free steps."""
AIM, STEERING = 0.85, 0.1
ENOUGH = 0.15
"""The share of the time without watching that makes the measured cost worth more than the added one."""


@dataclass(frozen=True)
class Span:
    """Something that took from `start` to `end`."""

    start: float
    end: float
    kind: Watching


@dataclass(frozen=True)
class Free:
    """Seconds that a step took while nobody watched, how far they may be off, and when that was."""

    per_step: float
    doubt: float
    at: float


@dataclass
class _Ran:
    """Steps of training, and how much of their time was watched (unknown until it is settled)."""

    start: float
    end: float
    steps: int
    watched: float | None = None


class Governor:
    """Thread-safe. `share` is the part of the training time that watching may take; it can be changed at
    any time."""

    def __init__(self, share: float = 0.05, clock: Callable[[], float] = time.perf_counter) -> None:
        self.share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._spans: deque[Span] = deque()
        self._ran: deque[_Ran] = deque()
        self._interval = 0.1
        self._cost = 0.0
        self._shown: float | None = None
        self._free: Free | None = None
        self._assessed = clock()

    def report(self, kind: Watching, seconds: float) -> None:
        """Says that watching took `seconds` until now."""
        end = self._clock()
        with self._lock:
            self._spans.append(Span(end - seconds, end, kind))

    def timed(self, kind: Watching, work: Callable[[], Result]) -> Result:
        """Does `work` and reports how long it took."""
        start = self._clock()
        result = work()
        self.report(kind, self._clock() - start)
        return result

    def trained(self, start: float, end: float, steps: int) -> None:
        """Says that `steps` steps ran from `start` to `end` (perf_counter)."""
        with self._lock:
            self._ran.append(_Ran(start, end, steps))

    @property
    def interval(self) -> float:
        """Seconds between two refreshes of a view."""
        self._assess()
        return self._interval if self._training() else SHORTEST

    @property
    def cost(self) -> float:
        """The share of the training time that watching took lately, 0…1; 0 when nothing trains."""
        self._assess()
        return (self._shown or 0.0) if self._training() else 0.0

    def rest(self, worked: float) -> float:
        """How long a worker rests after `worked` seconds: not at all while it is cheap, three times as long
        at most."""
        if not self._training():
            return 0.0
        strain = (self._interval - SHORTEST) / (LONGEST - SHORTEST)
        return min(0.1, strain * worked)

    def reset(self) -> None:
        """Forgets the reports, when another run starts; the interval stays."""
        with self._lock:
            self._spans.clear()
            self._ran.clear()
            self._cost, self._shown, self._free = 0.0, None, None

    def _training(self) -> bool:
        ran = self._ran
        try:
            return self._clock() - ran[-1].end < 1.0
        except IndexError:
            return False

    def _assess(self) -> None:
        now = self._clock()
        with self._lock:
            since = now - self._assessed
            if since < 0.25:
                return
            self._assessed = now
            self._forget(now - WINDOW)
            self._settle(now - SETTLED)
            self._cost = self._measured()
            self._show(since)
            self._steer()

    def _show(self, since: float) -> None:
        """Lets the shown cost follow the measured one, once a run is past its first seconds, when all loads."""
        settled = [ran for ran in self._ran if ran.watched is not None]
        if self._shown is None:
            self._shown = self._cost if settled and settled[-1].end - settled[0].start > ENOUGH_SEEN else None
        else:
            self._shown += (1 - math.exp(-since / CALM)) * (self._cost - self._shown)

    def _forget(self, before: float) -> None:
        while self._ran and self._ran[0].end < before:
            self._ran.popleft()
        while self._spans and self._spans[0].end < before - 1.0:
            self._spans.popleft()

    def _settle(self, until: float) -> None:
        fresh = [ran for ran in self._ran if ran.watched is None and ran.end < until]
        if fresh:
            since = fresh[0].start
            busy = _merged([span for span in self._spans if span.kind != "snapshot" and span.end > since])
            ends = [end for _, end in busy]
            for ran in fresh:
                ran.watched = _overlap(ran, busy, bisect_right(ends, ran.start))

    def _measured(self) -> float:
        """The share of the time that was lost: what steps show beside free ones, as far as these agree."""
        settled = [ran for ran in self._ran if ran.watched is not None]
        seconds = sum(ran.end - ran.start for ran in settled)
        if not settled or seconds <= 0:
            return 0.0
        start, end = settled[0].start, settled[-1].end
        snapshots, added = self._seconds("snapshot", start, end), self._added(start, end, seconds)
        free = [ran for ran in settled if (ran.watched or 0.0) < 0.1 * (ran.end - ran.start)]
        free_seconds = sum(ran.end - ran.start for ran in free)
        if free_seconds >= ENOUGH * seconds:
            self._free = Free(free_seconds / max(1, sum(ran.steps for ran in free)), _doubt(free), end)
        known = self._free
        if known is None or end - known.at > MEMORY:
            return added
        slowed = max(0.0, seconds - known.per_step * sum(ran.steps for ran in settled))
        shown = min(1.0, (slowed + snapshots) / (seconds + snapshots))
        return _blended(shown, known.doubt, added)

    def _added(self, start: float, end: float, seconds: float) -> float:
        taken = {kind: self._seconds(kind, start, end) for kind in WEIGHTS}
        return min(1.0, sum(WEIGHTS[kind] * taken[kind] for kind in WEIGHTS) / (seconds + taken["snapshot"]))

    def _seconds(self, kind: Watching, start: float, end: float) -> float:
        return sum(span.end - span.start for span in self._spans if span.kind == kind and start < span.end < end)

    def _steer(self) -> None:
        """Towards an interval at which the cost is a little under the share; slower than the cost is measured."""
        goal = AIM * max(self.share, 0.001)
        factor = (max(self._cost, 0.1 * goal) / goal) ** STEERING
        self._interval = min(LONGEST, max(SHORTEST, self._interval * factor))


def _overlap(ran: _Ran, busy: list[tuple[float, float]], first: int) -> float:
    """Seconds of a stretch during which something was busy, from the busy time `first` on."""
    seconds = 0.0
    for start, end in islice(busy, first, None):
        if start >= ran.end:
            break
        seconds += min(ran.end, end) - max(ran.start, start)
    return seconds


def _doubt(free: list[_Ran]) -> float:
    """How far the mean time of a free step may be off, as a share of it: other programs disturb it too."""
    blocks: dict[int, list[float]] = {}
    for ran in free:
        block = blocks.setdefault(int(ran.start / BLOCK), [0.0, 0.0])
        block[0] += ran.end - ran.start
        block[1] += ran.steps
    times = [seconds / steps for seconds, steps in blocks.values() if steps]
    if len(times) < 3:
        return 1.0
    return statistics.stdev(times) / statistics.fmean(times) / math.sqrt(len(times))


def _blended(shown: float, doubt: float, added: float) -> float:
    """Between the shown and the added cost, each by how sure it is; the added one is taken to be half off."""
    trust = max(0.02, 0.5 * added) ** 2
    weight = trust / (trust + doubt**2)
    return weight * shown + (1 - weight) * added


def _merged(spans: list[Span]) -> list[tuple[float, float]]:
    """The times covered by any of the spans, apart from each other and in order."""
    merged: list[tuple[float, float]] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end))
        else:
            merged.append((span.start, span.end))
    return merged
