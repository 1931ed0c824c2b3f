"""Training with every live view open in the real window, over the plain loop while the window rests."""

from __future__ import annotations

import statistics

from graphs.layers.catalogue import standard
from tests.bench.desk import OpenDesk, Stay
from tests.bench.plain import PlainLoop
from tests.bench.table import Row

TURNS, SECONDS, SETTLING = 7, 4.0, 12.0
LEAST_REFRESHES = 2.0


def with_views(name: str, device: str) -> list[Row]:
    """Throughput, and how often the slowest live view was refreshed meanwhile."""
    from tests.bench.training import CASES

    example, batch, _, aim = CASES[name]
    desk = OpenDesk(example, batch, device)
    try:
        stays, plain, threads = _measure(desk, device)
    finally:
        desk.close()
    ours = [stay.steps / stay.seconds for stay in stays]
    ratio = statistics.median(a / b for a, b in zip(ours, plain, strict=True))
    figures = (statistics.median(ours), statistics.median(plain), ratio)
    slowest, rate = _slowest(stays)
    plural = "s" if threads > 1 else ""
    note = f"{batch} samples a step, {threads} thread{plural}, {device}; painting counted"
    return [
        Row(f"training: {name}, every view open", *figures, aim, "steps/s", note=note),
        Row(f"refreshes: {name}, slowest view", rate, LEAST_REFRESHES, rate, LEAST_REFRESHES, "a second", note=slowest),
    ]


def _measure(desk: OpenDesk, device: str) -> tuple[list[Stay], list[float], int]:
    """Turns of our training in the window and of the plain loop while it rests."""
    desk.train(SETTLING)
    threads = desk.threads
    data, network = desk.session.data, desk.project.network
    plain = PlainLoop(network, standard(), data, desk.recipe, device=device, threads=threads, validates=True)
    plain.speed(0.5)
    stays, speeds = [], []
    for _ in range(TURNS):
        before = plain.speed(SECONDS / 4)
        stays.append(desk.train(SECONDS))
        speeds.append((before + plain.speed(SECONDS / 4)) / 2)
    return stays, speeds, threads


def _slowest(stays: list[Stay]) -> tuple[str, float]:
    """The view that was refreshed least, over all turns together."""
    seconds = sum(stay.seconds for stay in stays)
    names = {name for stay in stays for name in stay.refreshes}
    rates = {name: sum(stay.refreshes[name] for stay in stays) / seconds for name in names}
    slowest = min(rates, key=lambda name: rates[name])
    return f"{slowest} of {len(rates)} that move", rates[slowest]
