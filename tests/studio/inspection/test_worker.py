from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch

from studio.inspection import activations, projection
from studio.inspection.base import InspectionFault, Options, Result, Table
from studio.inspection.worker import MOST_REST, PATIENCE, Job, Outcome, Worker, one_thread, sentence
from studio.training.snapshot import Snapshot

LONG = 20.0


class Ask(Options):
    """Options of the made-up analyses here."""

    number: int = 0


@dataclass(frozen=True, eq=False)
class Answer(Result):
    number: int
    before: int | None = None

    def table(self) -> Table:
        return Table(("number",), [(self.number,)])


class FakeProbe:
    """A probe that counts what it is given."""

    def __init__(self) -> None:
        self.loaded: list[Any] = []
        self.thread = threading.current_thread().name

    def load(self, snapshot: Any) -> None:
        self.loaded.append(snapshot)


class Gate:
    """An analysis that says when it runs, and goes on when it is let; reports a partial result each time."""

    def __init__(self) -> None:
        self.runs = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.seen: list[int] = []

    def __call__(self, probe: Any, options: Ask, progress: Any) -> Answer:
        self.seen.append(options.number)
        self.runs.release()
        for part in range(2):
            assert self.go.acquire(timeout=LONG)
            progress((part + 1) / 2, Answer(-part))
        return Answer(options.number)

    def wait(self) -> None:
        assert self.runs.acquire(timeout=LONG)

    def open(self) -> None:
        self.go.release(2)


def echo(probe: Any, options: Ask, progress: Any) -> Answer:
    progress(0.5)
    return Answer(options.number)


def fail(probe: Any, options: Ask, progress: Any) -> Answer:
    raise RuntimeError("shapes do not fit\nmore lines")


def counting(probe: Any, options: Ask, progress: Any, previous: Answer | None = None) -> Answer:
    return Answer(options.number, previous.number if previous else None)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    worker.use(FakeProbe)  # type: ignore[arg-type]
    yield worker
    assert worker.close(LONG)


def outcomes(worker: Worker, until: Callable[[dict[str, Outcome]], bool]) -> dict[str, Outcome]:
    """What the worker gives until that is enough."""
    found: dict[str, Outcome] = {}
    end = time.monotonic() + LONG
    while not until(found):
        assert time.monotonic() < end, f"still waiting; so far {found}"
        found.update(worker.drain())
        time.sleep(0.001)
    return found


def result(worker: Worker, key: str = "a") -> Outcome:
    return outcomes(worker, lambda found: key in found and not found[key].partial)[key]


def number(outcome: Outcome) -> int:
    assert isinstance(outcome.result, Answer)
    return outcome.result.number


def test_a_request_is_answered_with_the_step_it_was_computed_from(worker: Worker) -> None:
    worker.submit("a", echo, Ask(number=7), Snapshot("run 1", 42, 1.5, {}))
    outcome = result(worker)
    assert (number(outcome), outcome.step, outcome.run, outcome.error) == (7, 42, "run 1", None)
    assert outcome.seconds >= 0 and outcome.fraction == 1.0
    assert worker.drain() == {}


def test_of_each_key_only_the_newest_request_is_computed(worker: Worker) -> None:
    gate = Gate()
    worker.submit("a", gate, Ask())
    gate.wait()
    for count in range(1, 6):
        worker.submit("b", echo, Ask(number=count))
    worker.submit("a", gate, Ask(), Snapshot("run", 9, 0, {}))
    gate.open()
    gate.wait()
    gate.open()
    found = outcomes(worker, lambda f: "b" in f and "a" in f and f["a"].step == 9 and not f["a"].partial)
    assert number(found["b"]) == 5 and gate.seen == [0, 0]


def test_other_options_cancel_what_runs_and_newer_weights_do_not(worker: Worker) -> None:
    gate = Gate()
    worker.submit("a", gate, Ask(number=1))
    gate.wait()
    worker.submit("a", gate, Ask(number=2))
    gate.go.release()  # the first one notices at its next report
    gate.wait()
    gate.open()
    assert number(result(worker)) == 2 and gate.seen == [1, 2]


def test_partial_results_come_before_the_result(worker: Worker) -> None:
    gate = Gate()
    worker.submit("a", gate, Ask(number=3))
    gate.wait()
    gate.go.release()
    partial = outcomes(worker, lambda found: "a" in found)["a"]
    assert partial.partial and partial.fraction == 0.5 and number(partial) == 0
    gate.go.release()
    assert number(result(worker)) == 3


def test_others_are_served_in_the_middle_of_a_long_request(worker: Worker) -> None:
    gate = Gate()
    worker.submit("long", gate, Ask(), Snapshot("run", 1, 0, {}))
    gate.wait()
    worker.submit("a", echo, Ask(number=1), Snapshot("run", 2, 0, {}))
    worker.submit("b", echo, Ask(number=2), Snapshot("run", 2, 0, {}))
    gate.go.release()
    assert number(result(worker)) == 1 and worker.waits("long")
    gate.go.release()
    outcomes(worker, lambda found: {"b", "long"} <= found.keys() and not found["long"].partial)
    probe = worker._probe
    assert isinstance(probe, FakeProbe)
    assert [snapshot.step for snapshot in probe.loaded] == [1, 2, 1, 2, 1]


def test_urgent_requests_go_first(worker: Worker) -> None:
    gate, order = Gate(), list[int]()

    def note(probe: Any, options: Ask, progress: Any) -> Answer:
        order.append(options.number)
        return Answer(options.number)

    worker.submit("a", gate, Ask())
    gate.wait()
    for count in range(3):
        worker.submit(f"slow {count}", note, Ask(number=count))
    worker.submit("quick", note, Ask(number=9), urgent=True)
    gate.open()
    outcomes(worker, lambda _: worker.idle)
    assert order == [9, 0, 1, 2]


def test_an_error_becomes_one_sentence_and_the_worker_lives(worker: Worker) -> None:
    worker.submit("a", fail, Ask())
    outcome = result(worker)
    assert outcome.result is None
    assert outcome.error == "This view could not be computed: RuntimeError: shapes do not fit."
    worker.submit("a", echo, Ask(number=1))
    assert number(result(worker)) == 1


def test_sentences_for_a_person() -> None:
    assert sentence(InspectionFault("It needs classes.")) == "It needs classes."
    assert "choose fewer samples" in sentence(MemoryError())
    assert "choose fewer samples" in sentence(RuntimeError("CUDA out of memory. Tried to allocate"))


def test_without_a_network_it_says_so() -> None:
    worker = Worker()
    worker.submit("a", echo, Ask())
    assert result(worker).error == "There is no network to look into yet."
    assert worker.close()


def test_a_network_that_cannot_be_built_is_said_with_its_problem() -> None:
    from graphs.building.build import BuildError
    from graphs.inference.problems import Problem

    def broken() -> Any:
        raise BuildError((Problem("fc1", "error", "fc1 has no input."),))

    worker = Worker()
    worker.use(broken)
    worker.submit("a", echo, Ask())
    error = result(worker).error
    assert error is not None and "fc1 has no input" in error
    assert worker.close()


def test_the_last_result_is_handed_on_until_the_key_is_cancelled(worker: Worker) -> None:
    seen = []
    for count in (1, 2):
        worker.submit("a", counting, Ask(number=count))
        seen.append(result(worker).result)
    worker.cancel("a")
    worker.submit("a", counting, Ask(number=3))
    seen.append(result(worker).result)
    worker.submit("a", echo, Ask(number=4))
    result(worker)
    worker.submit("a", counting, Ask(number=5))
    seen.append(result(worker).result)
    assert [answer.before for answer in seen if isinstance(answer, Answer)] == [None, 1, None, 3]


def test_cancelling_drops_what_waits_and_what_runs(worker: Worker) -> None:
    gate = Gate()
    worker.submit("a", gate, Ask())
    worker.submit("b", echo, Ask())
    gate.wait()
    worker.cancel("a")
    worker.cancel("b")
    gate.open()
    outcomes(worker, lambda _: worker.idle)
    assert worker.drain() == {}


def test_another_network_drops_everything_and_gets_a_probe_of_its_own(worker: Worker) -> None:
    worker.submit("a", echo, Ask())
    result(worker)
    first, gate = worker._probe, Gate()
    assert isinstance(first, FakeProbe) and first.thread == "inspection"
    worker.submit("a", gate, Ask())
    gate.wait()
    worker.use(FakeProbe)  # type: ignore[arg-type]
    gate.open()
    outcomes(worker, lambda _: worker.idle)
    assert worker.drain() == {}
    worker.submit("a", echo, Ask())
    result(worker)
    assert worker._probe is not first


def test_it_rests_as_it_is_told_and_not_for_urgent_requests() -> None:
    told: list[float] = []

    def rest(worked: float) -> float:
        told.append(worked)
        return 1000.0

    worker = Worker(rest)
    worker.use(FakeProbe)  # type: ignore[arg-type]
    worker.submit("a", echo, Ask(number=1), urgent=True)
    assert number(result(worker)) == 1
    assert len(told) >= 1 and all(worked >= 0 for worked in told)
    worker.submit("b", echo, Ask(number=2))
    outcomes(worker, lambda _: worker.waits("b") and len(told) >= 3)
    started = time.monotonic()
    worker.submit("c", echo, Ask(number=3), urgent=True)  # ends the rest in the middle of b
    outcomes(worker, lambda found: "c" in found)
    assert worker.close(LONG)  # ends the rest too
    assert time.monotonic() - started < 2 * MOST_REST + LONG


def test_closing_ends_a_running_request_and_takes_no_more() -> None:
    worker, gate = Worker(), Gate()
    worker.use(FakeProbe)  # type: ignore[arg-type]
    worker.submit("a", gate, Ask())
    gate.wait()
    closer = threading.Thread(target=worker.close)
    closer.start()
    gate.open()
    closer.join(LONG)
    worker.submit("b", echo, Ask())
    assert not closer.is_alive() and worker.drain() == {}
    assert Worker().close()


def test_torch_keeps_its_threads_elsewhere() -> None:
    before, seen = torch.get_num_threads(), dict[str, int]()

    def work() -> None:
        one_thread()
        seen["worker"] = torch.get_num_threads()
        later = threading.Thread(target=lambda: seen.update(later=torch.get_num_threads()))
        later.start()
        later.join()

    try:
        torch.set_num_threads(2)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == {"worker": 1, "later": 2}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_real_analyses_of_a_real_network(trained: Any, digits: Any) -> None:
    from graphs.layers.catalogue import standard
    from studio.inspection.probe import Probe

    network, snapshot = trained
    worker = Worker()
    worker.use(lambda: Probe(network, standard(), digits))
    layout = projection.ProjectionOptions(samples=80, iterations=40, refresh=10)
    worker.submit("layout", projection.analyse, layout, snapshot)
    worker.submit("layout", projection.analyse, layout, replace(snapshot, step=31))
    worker.submit("maps", activations.analyse, activations.ActivationsOptions(), snapshot)
    worker.submit("wrong", activations.analyse, activations.ActivationsOptions(sample=10_000), snapshot)
    found = outcomes(worker, lambda f: len(f) == 3 and worker.idle)
    assert found["layout"].step == 31 and isinstance(found["layout"].result, projection.ProjectionResult)
    assert isinstance(found["maps"].result, activations.ActivationsResult)
    assert "no validation sample 10000" in (found["wrong"].error or "")
    assert worker.thread_seconds > 0
    assert worker.close()


def test_quick_requests_go_before_long_ones_though_they_came_later(worker: Worker) -> None:
    order: list[str] = []

    def quick(probe: Any, options: Ask, progress: Any) -> Answer:
        order.append("quick")
        return Answer(1)

    def long(probe: Any, options: Ask, progress: Any, previous: Answer | None = None) -> Answer:
        order.append("long")
        return Answer(2)

    gate = Gate()
    worker.submit("first", gate, Ask())
    gate.wait()
    for key, analysis in (("a", long), ("b", quick), ("c", quick)):
        worker.submit(key, analysis, Ask(), urgent=analysis is long)
    gate.open()
    outcomes(worker, lambda found: {"a", "b", "c"} <= set(found))
    assert order == ["quick", "quick", "long"]


def test_a_long_request_is_not_put_off_for_ever() -> None:
    old, new = Job("old", counting, Ask(), None), Job("new", echo, Ask(), None)
    assert old.continues and not new.continues
    assert new.turn < old.turn
    old.since -= 2 * PATIENCE
    assert old.turn < new.turn
