"""What is being watched, and from which weights: views name an analysis, a worker computes it. Light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.inspection.worker import Outcome, Worker
from studio.training.governor import LONGEST, Governor

if TYPE_CHECKING:
    from studio.inspection.base import Analysis, Options
    from studio.inspection.probe import Probe
    from studio.training.snapshot import Snapshot


@dataclass
class _Watch:
    analysis: Analysis
    options: Options
    live: bool


class Watches:
    """Analyses by key. Live ones follow every snapshot, the others only when training rests or a person
    asks."""

    def __init__(self, governor: Governor) -> None:
        self._governor = governor
        self._worker = Worker(self._rest)
        self._watches: dict[str, _Watch] = {}
        self._snapshot: Snapshot | None = None
        self._ready = False

    def use(self, make_probe: Callable[[], Probe] | None) -> None:
        """Look into another network or other data from now on; asks for nothing until `show`."""
        self._worker.use(make_probe)
        self._snapshot, self._ready = None, make_probe is not None

    def watch(self, key: str, analysis: Analysis, options: Options, live: bool) -> None:
        """Keeps the result for `key` fresh."""
        self._watches[key] = _Watch(analysis, options, live)
        self._submit(key, urgent=True)

    def unwatch(self, key: str) -> None:
        """Computes nothing for `key` any more."""
        if self._watches.pop(key, None) is not None:
            self._worker.cancel(key)

    def request(self, key: str, analysis: Analysis, options: Options) -> None:
        """Computes once, from the weights shown now."""
        if self._ready:
            self._worker.submit(key, analysis, options, self._snapshot, urgent=True)

    def show(self, snapshot: Snapshot, *, everything: bool) -> None:
        """New weights: for all that is watched, or for what is live."""
        self._snapshot = snapshot
        for key, watch in self._watches.items():
            if everything or watch.live:
                self._submit(key)

    def drain(self) -> dict[str, Outcome]:
        """What was computed since the last call, the newest of each key."""
        return self._worker.drain()

    def wants_more(self, waited: float) -> bool:
        """Whether new weights should be fetched `waited` seconds after the last: something is live and not
        behind."""
        if not self._ready or not any(watch.live for watch in self._watches.values()):
            return False
        return waited >= self._governor.interval and (waited >= LONGEST or self._worker.idle)

    def close(self) -> bool:
        """Ends the worker; whether it ended in time."""
        return self._worker.close()

    def _submit(self, key: str, urgent: bool = False) -> None:
        watch: Any = self._watches[key]
        if self._ready:
            self._worker.submit(key, watch.analysis, watch.options, self._snapshot, urgent=urgent)

    def _rest(self, worked: float) -> float:
        self._governor.report("worker", worked)
        return self._governor.rest(worked)
