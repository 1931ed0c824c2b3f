"""What 20,000 nodes take over an empty window, with their shapes known and seen from near and far."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from tests.bench.apart import apart
from tests.bench.table import Row, render

NODES, MOST = 20_000, 150.0


def run() -> list[Row]:
    """About half a minute."""
    plain = apart(taken, "plain", "chains", NODES)
    return [
        Row(f"memory of {NODES:,} nodes", ours, plain, ours, MOST, "MB", least=False, note=f"{drawing}, {words}")
        for drawing, words in (
            ("chains", "reference: plain QGraphicsScene"),
            ("residual", "with shapes; reference: plain QGraphicsScene"),
        )
        for ours in [apart(taken, "ours", drawing, NODES)]
    ]


def taken(editor: str, drawing: str, count: int) -> float:
    """Megabytes (2**20) that the process grows by: the network, its document, its shapes, its canvas."""
    import torch  # noqa: F401 (both before and after)

    from tests.bench import drawings
    from tests.bench.editors import application, shown
    from tests.bench.frames import analysed
    from tests.bench.opening import kind_of

    application()
    kind = kind_of(editor)
    small = drawings.residual(40)
    empty = kind(small, analysed(small) if editor == "ours" else None)
    _look_around(empty, shown(empty))
    gc.collect()
    before = resident()
    design = getattr(drawings, drawing)(count)
    made = kind(design, analysed(design) if editor == "ours" and drawing == "residual" else None)
    _look_around(made, shown(made))
    gc.collect()
    return resident() - before


def _look_around(editor: object, target: object) -> None:
    for place in ("fitted", "close"):
        editor.look(place)  # type: ignore[attr-defined]
        target.repaint()  # type: ignore[attr-defined]


def resident() -> float:
    """Megabytes of memory that this process holds; the most it ever held where the system says no more."""
    try:
        import psutil

        return float(psutil.Process().memory_info().rss) / 2**20
    except ImportError:
        pages = Path("/proc/self/statm")
    import resource

    if pages.exists():
        return int(pages.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    print(render(run()))
