from __future__ import annotations

from itertools import pairwise

import pytest

from studio.training.governor import LONGEST, SHORTEST, Governor


class World:
    """A clock, a trainer of 1 ms a step, and views that slow it down while they work."""

    def __init__(self, share: float, worker: float, painting: float, slowdown: float) -> None:
        self.now = 100.0
        self.governor = Governor(share, clock=lambda: self.now)
        self.worker, self.painting, self.slowdown = worker, painting, slowdown
        self.refreshes = 0

    def train(self, seconds: float, per_step: float) -> None:
        """Stretches of 30 ms."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            start, length = self.now, min(0.03, end - self.now)
            self.now += length
            self.governor.trained(start, self.now, round(length / per_step))

    def refresh(self) -> None:
        self.refreshes += 1
        self.train(self.worker, 0.001 / (1 - self.slowdown))
        self.governor.report("worker", self.worker)
        self.train(self.painting, 0.001 / (1 - self.slowdown))
        self.governor.report("painting", self.painting)

    def run(self, seconds: float) -> None:
        end, due = self.now + seconds, self.now
        while self.now < end:
            if self.now >= due:
                due = self.now + self.governor.interval
                self.refresh()
            else:
                self.train(0.01, 0.001)


def test_cheap_views_refresh_often() -> None:
    world = World(0.05, worker=0.001, painting=0.001, slowdown=0.3)
    world.run(20)
    assert world.governor.interval == pytest.approx(SHORTEST)
    assert world.governor.cost < 0.05


def test_dear_views_are_slowed_until_they_fit() -> None:
    world = World(0.05, worker=0.02, painting=0.01, slowdown=0.5)
    world.run(40)
    assert SHORTEST < world.governor.interval <= LONGEST
    assert world.governor.cost == pytest.approx(0.04, abs=0.03)


def test_views_are_never_slower_than_twice_a_second() -> None:
    world = World(0.01, worker=0.1, painting=0.05, slowdown=0.9)
    world.run(20)
    before = world.refreshes
    world.run(20)
    assert world.governor.interval == LONGEST
    assert world.governor.cost > 0.1
    assert world.refreshes - before >= 30


def test_what_is_measured_counts_more_than_what_is_added_up() -> None:
    """A worker on a processor of its own: long reports, and steps as quick as ever."""
    world = World(0.05, worker=0.1, painting=0.0, slowdown=0.0)
    world.run(30)
    assert world.governor.cost < 0.05
    assert world.governor.interval < 0.2


def test_snapshots_always_count() -> None:
    now = [0.0]
    governor = Governor(0.05, clock=lambda: now[0])
    for _ in range(200):
        now[0] += 0.03
        governor.trained(now[0] - 0.03, now[0], 30)
        governor.timed("snapshot", lambda: now.__setitem__(0, now[0] + 0.01))
    assert governor.cost == pytest.approx(0.25, abs=0.03)


def test_nothing_costs_and_nobody_rests_while_nothing_trains() -> None:
    world = World(0.01, worker=0.1, painting=0.05, slowdown=0.9)
    world.run(10)
    assert world.governor.rest(0.02) > 0
    world.now += 2
    assert (world.governor.cost, world.governor.interval, world.governor.rest(0.02)) == (0.0, SHORTEST, 0.0)
    world.governor.reset()
    assert world.governor.cost == 0.0


def test_the_shown_cost_is_calm_but_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(0.05, worker=0.0, painting=0.0, slowdown=0.0)
    measured = [0.04]
    monkeypatch.setattr(world.governor, "_measured", lambda: measured[0])
    shown = []
    for turn in range(80):
        world.train(0.26, 0.001)
        measured[0] = 0.0 if turn % 2 else 0.08
        shown.append(world.governor.cost)
    assert max(abs(a - b) for a, b in pairwise(shown[20:])) < 0.005
    assert sum(shown[40:]) / 40 == pytest.approx(0.04, abs=0.006)
    measured[0] = 0.3
    for _ in range(80):
        world.train(0.26, 0.001)
        shown.append(world.governor.cost)
    assert shown[-1] == pytest.approx(0.3, abs=0.02)
