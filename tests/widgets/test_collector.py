"""Cycles with Qt's objects in them end in the window's thread, however much other threads allocate."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from widgets import collector


class Cycle:
    """Something that only the collector can end; it notes which thread did."""

    def __init__(self, ended: list[str]) -> None:
        self.itself, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.current_thread().name)


@pytest.fixture
def held() -> Iterator[None]:
    collector.hold("test")
    yield
    collector.release("test")


def allocate() -> None:
    """Enough to make the collector run in this thread, were it on."""
    kept = [[n] for n in range(5 * gc.get_threshold()[0])]
    assert len(kept) > gc.get_threshold()[0]


def in_a_thread() -> None:
    thread = threading.Thread(target=allocate, name="other")
    thread.start()
    thread.join()


def test_other_threads_collect_nothing_while_it_is_held(held: None) -> None:
    ended: list[str] = []
    Cycle(ended)
    in_a_thread()
    assert ended == []
    kept = [[n] for n in range(5 * gc.get_threshold()[0])]
    collector.collect()
    assert kept
    assert ended == [threading.current_thread().name]


def test_without_it_another_thread_would_collect() -> None:
    ended: list[str] = []
    gc.collect(0)
    Cycle(ended)
    in_a_thread()
    assert ended == ["other"]


def test_it_runs_by_itself_again_when_all_have_let_go() -> None:
    collector.hold("one")
    collector.hold("two")
    collector.release("one")
    assert not gc.isenabled()
    collector.release("two")
    assert gc.isenabled()


def test_what_takes_long_waits_until_the_window_is_calm(held: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(collector.gc, "get_count", lambda: (10_000, 100, 100))
    monkeypatch.setattr(collector.gc, "collect", asked.append)
    monkeypatch.setitem(collector._cost, "full", 1.0)
    collector.collect(calm=False)
    collector.collect(calm=True)
    assert asked == [1, 2]
