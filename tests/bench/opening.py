"""How long it takes until the first frame of a network stands, 5,000 and 20,000 nodes.

Each figure is of a process of its own that has shown another canvas before, as the program has its start page.
"""

from __future__ import annotations

import gc
import time
from typing import Any

from tests.bench.apart import apart
from tests.bench.table import Row, render

AIMS = {5_000: 500.0, 20_000: 2000.0}
THEIRS = 500
UNCHECKED = "reference: NodeGraphQt, with its check for loops off"
"""So many nodes NodeGraphQt is measured with: it opens them in seconds. With its check for loops 60 take minutes."""
REPEATS = 3


def run() -> list[Row]:
    """About half a minute."""
    return [_row(count, drawing, aim) for count, aim in AIMS.items() for drawing in ("chains", "residual")] + beside()


def _row(count: int, drawing: str, aim: float) -> Row:
    ours = min(apart(opened, "ours", drawing, count) for _ in range(REPEATS))
    plain = apart(opened, "plain", drawing, count)
    note = f"{drawing}, best of {REPEATS} processes; reference: plain QGraphicsScene"
    return Row(f"open {count:,} nodes", ours, plain, ours, aim, "ms", least=False, note=note)


def beside() -> list[Row]:
    """NodeGraphQt with as many nodes as it opens in seconds, where it is installed."""
    theirs = apart(opened, "nodegraphqt", "chains", THEIRS)
    if theirs is None:
        print("NodeGraphQt is not installed, so it is not measured.")
        return []
    ours = apart(opened, "ours", "chains", THEIRS)
    return [Row(f"open {THEIRS} nodes beside NodeGraphQt", ours, theirs, theirs / ours, 1.0, "ms", note=UNCHECKED)]


def opened(editor: str, drawing: str, count: int) -> float | None:
    """Milliseconds from a network in memory to its first frame; None where the editor is not installed."""
    from tests.bench import drawings
    from tests.bench.editors import Ours, application, closed, shown

    application()
    kind = kind_of(editor)
    if kind is None:
        return None
    warm = Ours(drawings.residual(40))
    shown(warm)
    closed(warm)
    design = getattr(drawings, drawing)(count)
    gc.collect()
    gc.freeze()
    start = time.perf_counter()
    made = kind(design)
    shown(made)
    return 1000 * (time.perf_counter() - start)


def kind_of(editor: str) -> Any:
    """The class of "ours", "plain" or "nodegraphqt"; None where it is not installed."""
    from tests.bench.editors import Ours, Plain, nodegraphqt

    return {"ours": lambda: Ours, "plain": lambda: Plain, "nodegraphqt": nodegraphqt}[editor]()


if __name__ == "__main__":
    print(render(run()))
