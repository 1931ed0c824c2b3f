"""How long the automatic layout of 5,000 nodes takes, and how soon it ends when it is not wanted any more.

The reference is the longest time between two questions whether it is still wanted.
"""

from __future__ import annotations

import time
from itertools import pairwise

from tests.bench.apart import apart
from tests.bench.table import Row, render

NODES, MOST, LATE = 5_000, 2000.0, 50.0
DRAWINGS = ("chains", "residual", "tangle")


def run() -> list[Row]:
    """About twenty seconds."""
    found = {name: apart(arranged, name, NODES) for name in DRAWINGS}
    rows = [
        Row(f"layout of {NODES:,} nodes", taken, taken, taken, MOST, "ms", least=False, note=name)
        for name, (taken, _) in found.items()
    ]
    return rows + [
        Row("layout: given up within", late, late, late, LATE, "ms", least=False, note=name)
        for name, (_, late) in found.items()
    ]


def arranged(drawing: str, count: int) -> tuple[float, float]:
    """Milliseconds in all, and the longest between two questions."""
    from graphs.placing.layout import arrange
    from tests.bench import drawings

    network = getattr(drawings, drawing)(count)
    asked: list[float] = []

    def cancel() -> bool:
        asked.append(time.perf_counter())
        return False

    start = time.perf_counter()
    arrange(network, {}, wrap_width=17_000.0, cancel=cancel)
    end = time.perf_counter()
    times = [start, *asked, end]
    return 1000 * (end - start), 1000 * max(b - a for a, b in pairwise(times))


if __name__ == "__main__":
    print(render(run()))
