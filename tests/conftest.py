"""What every test can rely on: no display, one thread of arithmetic, and nothing left behind.

A test fails when it leaves a Python thread running; tests/widgets/conftest.py adds timers and windows. Qt
is not imported here, so that the other tests stay quick."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("any machine")  # how long an example takes says something of the machine alone

_SHARED = ("tqdm", "pydevd", "asyncio_", "ThreadPoolExecutor")
"""Threads of libraries that live as long as the process, by the start of their name."""


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails the test that leaves a thread running; threads that are just ending have two seconds."""
    before = set(threading.enumerate())
    yield
    left = _left(before)
    until = time.monotonic() + 2.0
    while left and time.monotonic() < until:
        time.sleep(0.01)
        left = _left(before)
    if left:
        pytest.fail(f"The test left threads running: {', '.join(sorted(thread.name for thread in left))}")


def _left(before: set[threading.Thread]) -> list[threading.Thread]:
    new = set(threading.enumerate()) - before
    return [thread for thread in new if thread.is_alive() and not thread.name.startswith(_SHARED)]


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Preferences and recovery files of a test never touch the person's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("NETLOOM_HOME", str(home))
    return home
