"""Ways to run a trainer to an end. What is shared as plain functions stands in tests_training."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tests_training import Runs


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.fixture(scope="session")
def wait() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds; fails after half a minute."""

    def until(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "it never came to hold"
            time.sleep(0.002)

    return until
