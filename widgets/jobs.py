"""Work away from the GUI thread: a plain function in a plain thread, its result back as a signal."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any
from weakref import WeakValueDictionary

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid


class _Post(QObject):
    """Takes what threads have to say into the GUI thread. There is one, for as long as the program runs: a job may be
    deleted while its thread is at work, so no thread ever touches one."""

    came = Signal(int, int, str, object)

    def __init__(self) -> None:
        super().__init__()
        self.jobs: WeakValueDictionary[int, Job] = WeakValueDictionary()
        self._keys = itertools.count()
        self.came.connect(self._deliver)

    def enter(self, job: Job) -> int:
        """The number under which this job gets its post."""
        key = next(self._keys)
        self.jobs[key] = job
        return key

    def _deliver(self, key: int, number: int, what: str, value: object) -> None:
        job = self.jobs.get(key)
        if job is not None and isValid(job):
            job.deliver(number, what, value)


@cache
def _post() -> _Post:
    return _Post()


class Job(QObject):
    """One piece of work at a time; the latest wins, the result of an older one is dropped.

    The function is given `report(fraction, words)`; it may raise, which arrives as `failed(exception)`. The job may be
    deleted while the thread is still at work: then nobody hears how it ended."""

    done = Signal(object)
    failed = Signal(object)
    progressed = Signal(float, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._thread: threading.Thread | None = None
        self._key = _post().enter(self)

    def start(self, work: Callable[[Callable[[float, str], None]], Any], name: str = "background") -> None:
        """Run `work(report)` in a thread."""
        self._number += 1
        send = partial(_post().came.emit, self._key, self._number)
        self._thread = threading.Thread(target=_run, args=(send, work), name=f"netloom-{name}", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Whatever is under way no longer matters to anyone."""
        self._number += 1

    @property
    def running(self) -> bool:
        """Whether there is work whose result is still awaited."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self, seconds: float = 10.0) -> None:
        """Wait for the thread, before leaving."""
        if self._thread is not None:
            self._thread.join(seconds)

    def deliver(self, number: int, what: str, value: Any) -> None:
        """Hands on what a thread sent; called in the GUI thread."""
        if number != self._number:
            return
        if what == "progress":
            self.progressed.emit(float(value[0]), str(value[1]))
        else:
            (self.done if what == "done" else self.failed).emit(value)


def _run(send: Callable[[str, object], None], work: Callable[..., Any]) -> None:
    def report(fraction: float, words: str = "") -> None:
        send("progress", (fraction, words))

    try:
        result = work(report)
    except Exception as error:  # noqa: BLE001 (a thread's boundary: every error is handed over)
        send("failed", error)
    else:
        send("done", result)
