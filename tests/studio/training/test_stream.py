from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as some

from studio.training.events import Ended, EpochEnd, Event, Notice, Progress, Started
from studio.training.stream import Stream


def epoch(number: int) -> EpochEnd:
    return EpochEnd("run", number, number, 1.0, 0.5, 1.0, 0.5, 0.1, 0.1)


def progress(step: int) -> Progress:
    return Progress("run", "running", step, 10, 0.0, 1, 0.5, 0.1)


makers = {
    "epoch": epoch,
    "notice": lambda number: Notice("run", str(number)),
    "ended": lambda number: Ended("run", "done", str(number)),
    "started": lambda number: Started("run", "cpu", 1, number, 10, 1),
    "progress": progress,
    "drain": None,
}


@settings(deadline=None)
@given(some.lists(some.sampled_from(sorted(makers)), max_size=60), some.integers(0, 5))
def test_starts_and_endings_are_never_dropped_and_order_holds(actions: list[str], room: int) -> None:
    stream = Stream(most_waiting=room)
    put: list[Event] = []
    got: list[Event] = []
    for number, action in enumerate(actions):
        make = makers[action]
        if make is None:
            got += stream.drain().events
        else:
            event = make(number)
            stream.put(event)
            put += [] if isinstance(event, Progress) else [event]
    got += stream.drain().events
    kept = [event for event in put if isinstance(event, Ended | Started)]
    assert [event for event in got if isinstance(event, Ended | Started)] == kept
    assert [event for event in put if event in got] == got
    assert len(put) - len(got) == stream.dropped


def test_the_newest_progress_and_slots_win() -> None:
    stream = Stream()
    for step in range(5):
        stream.put(progress(step))
        stream.offer("snapshot", step)
    batch = stream.drain()
    assert batch.progress == progress(4)
    assert batch.latest == {"snapshot": 4}
    assert not stream.drain()


def test_threads_may_put_while_another_drains() -> None:
    stream, got = Stream(), []
    threads = [threading.Thread(target=lambda: [stream.put(epoch(i)) for i in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        got += stream.drain().events
    got += stream.drain().events
    assert len(got) == 2000
