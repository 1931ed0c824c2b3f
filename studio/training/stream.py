"""The one channel from a trainer to whoever watches: small events line up, heavy values overwrite each
other; light."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.training.events import EpochEnd, Event, Notice, Progress

MOST_WAITING = 10_000


@dataclass(frozen=True)
class Batch:
    """What came since the last drain: events in order, the newest progress, and the newest value of each
    slot."""

    events: tuple[Event, ...] = ()
    progress: Progress | None = None
    latest: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        return bool(self.events or self.progress or self.latest)


class Stream:
    """Thread-safe and bounded. Starts and endings are never dropped; of the rest the oldest goes when
    nobody drains."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._droppable = 0
        self._most_waiting = most_waiting
        self._progress: Progress | None = None
        self._latest: dict[str, Any] = {}
        self.dropped = 0

    def put(self, event: Event) -> None:
        """Lines up an event; a `Progress` replaces the one before."""
        with self._lock:
            if isinstance(event, Progress):
                self._progress = event
                return
            self._events.append(event)
            if isinstance(event, EpochEnd | Notice):
                self._droppable += 1
                self._make_room()

    def offer(self, slot: str, value: Any) -> None:
        """Puts a value into a slot, in the place of one that nobody took."""
        with self._lock:
            self._latest[slot] = value

    def drain(self) -> Batch:
        """Everything since the last drain; never waits for the trainer."""
        with self._lock:
            batch = Batch(tuple(self._events), self._progress, self._latest)
            self._events = deque()
            self._droppable, self._progress, self._latest = 0, None, {}
        return batch

    def _make_room(self) -> None:
        if self._droppable <= self._most_waiting:
            return
        oldest = next(i for i, event in enumerate(self._events) if isinstance(event, EpochEnd | Notice))
        del self._events[oldest]
        self._droppable -= 1
        self.dropped += 1
