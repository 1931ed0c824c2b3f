"""Work away from the GUI thread: a plain function in a plain thread, its result back as a signal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid


class Job(QObject):
    """One piece of work at a time; the latest wins, the result of an older one is dropped.

    The function is given `report(fraction, words)`; it may raise, which arrives as `failed(exception)`."""

    done = Signal(object)
    failed = Signal(object)
    progressed = Signal(float, str)
    _came = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._thread: threading.Thread | None = None
        self._came.connect(self._deliver)

    def start(self, work: Callable[[Callable[[float, str], None]], Any], name: str = "background") -> None:
        """Run `work(report)` in a thread."""
        self._number += 1
        self._thread = threading.Thread(
            target=self._run, args=(self._number, work), name=f"netloom-{name}", daemon=True
        )
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

    def _run(self, number: int, work: Callable[..., Any]) -> None:
        def report(fraction: float, words: str = "") -> None:
            self._send(number, "progress", (fraction, words))

        try:
            result = work(report)
        except Exception as error:  # noqa: BLE001 (a thread's boundary: every error is handed over)
            self._send(number, "failed", error)
        else:
            self._send(number, "done", result)

    def _send(self, number: int, what: str, value: object) -> None:
        if isValid(self):
            try:
                self._came.emit(number, what, value)
            except RuntimeError:  # the window was closed in between
                return

    def _deliver(self, number: int, what: str, value: Any) -> None:
        if number != self._number:
            return
        if what == "progress":
            self.progressed.emit(float(value[0]), str(value[1]))
        else:
            (self.done if what == "done" else self.failed).emit(value)


class LastingJob(Job):
    """A job that outlives what asked for it: that may be deleted while the thread is still at work.

    It has no parent, and is kept until its last thread has told how it ended.
    """

    _kept: ClassVar[set[LastingJob]] = set()

    def __init__(self) -> None:
        super().__init__()
        self._under_way = 0

    def start(self, work: Callable[[Callable[[float, str], None]], Any], name: str = "background") -> None:
        """Run `work(report)` in a thread."""
        self._under_way += 1
        self._kept.add(self)
        super().start(work, name)

    def _deliver(self, number: int, what: str, value: Any) -> None:
        super()._deliver(number, what, value)
        self._under_way -= what != "progress"
        if not self._under_way:
            self._kept.discard(self)
