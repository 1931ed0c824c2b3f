"""Widget tests leave no timer ticking and no window open."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox
from shiboken6 import isValid

_started: WeakSet[QTimer] = WeakSet()
_start = QTimer.start


def _start_and_remember(timer: QTimer, *arguments: Any) -> None:
    _started.add(timer)
    _start(timer, *arguments)


QTimer.start = _start_and_remember  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def nothing_left_open(qapp: QApplication, no_leaked_threads: None) -> Iterator[None]:
    """Fails the test that leaves a window, or a timer that still ticks."""
    before = set(QApplication.topLevelWidgets())
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
    timers = [timer for timer in _started if isValid(timer) and timer.isActive() and not timer.isSingleShot()]
    windows = [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible()]
    names = [f"{type(w).__name__} “{w.windowTitle()}”" for w in windows]
    owners = [f"a timer of {type(timer.parent()).__name__}" for timer in timers]
    for timer in timers:
        timer.stop()
    for window in windows:
        window.close()
        window.deleteLater()
    _started.clear()
    gc.collect(0)
    if names or owners:
        pytest.fail(f"The test left behind: {', '.join(names + owners)}")


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that did not expect a question is not left waiting for an answer."""

    def unexpected(*_: object) -> object:
        raise AssertionError("a question was asked that nobody answers in this test")

    monkeypatch.setattr(QDialog, "exec", unexpected)
    monkeypatch.setattr(QMessageBox, "exec", unexpected)
    for name in ("getOpenFileName", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QFileDialog, name, unexpected)
