"""How soon an edit in a chain of 1,000 layers shows its new shapes on the screen, and when all of it is known.

The shapes come from the thread behind the window, as in the program; every edit gives shapes that were never
asked for before. Time runs from the edit until the frame that shows them is painted.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from tests.bench.apart import apart
from tests.bench.table import Row, render

LAYERS, EDITS, MOST = 1_000, 12, 16.0
PATIENCE_S = 30.0


def run() -> list[Row]:
    """About fifteen seconds."""
    seen, whole = apart(edited, LAYERS, EDITS)
    name, note = f"edit in {LAYERS:,} layers: shapes on the screen", f"median of {EDITS}; reference: all of them known"
    return [Row(name, seen, whole, seen, MOST, "ms", least=False, note=note)]


def edited(layers: int, edits: int) -> tuple[float, float]:
    """Milliseconds (medians) until the new shapes in view are painted, and until all are."""
    from graphs.layers.catalogue import standard
    from tests.bench import drawings
    from tests.bench.editors import Ours, application, shown
    from widgets.background import Background

    application()
    made = Ours(drawings.layers(layers))
    target, canvas = shown(made), made.canvas
    background = Background(standard())
    background.submit(canvas.document.network)
    background.start()
    first = _awaited(background)
    canvas.set_analysis(first)
    made.look("close")
    target.repaint()
    node = next(i for i in canvas.visible_nodes() if i.startswith("conv"))
    times = [_one(canvas, background, node, kernel) for kernel in range(3, 3 + 2 * edits, 2)]
    background.close()
    return statistics.median(a for a, _ in times), statistics.median(b for _, b in times)


def _one(canvas: Any, background: Any, node: str, kernel: int) -> tuple[float, float]:
    """Makes a kernel larger, which makes every map behind it smaller."""
    from graphs.edits import SetFields

    start = time.perf_counter()
    canvas.document.apply(SetFields(node, {"kernel_size": [kernel, 3], "padding": 0}))
    background.submit(canvas.document.network, canvas.visible_nodes())
    seen, whole = 0.0, None
    while whole is None:
        whole = background.take()
        found = whole or background.take_glance()
        if found is not None:
            canvas.set_analysis(found)
            canvas.repaint()
            seen = seen or 1000 * (time.perf_counter() - start)
        time.sleep(0.0002)
    return seen, 1000 * (time.perf_counter() - start)


def _awaited(background: Any) -> Any:
    """The first analysis from the thread."""
    until = time.monotonic() + PATIENCE_S
    while (found := background.take()) is None:
        if time.monotonic() > until:
            raise TimeoutError("no shapes came")
        time.sleep(0.002)
    return found


if __name__ == "__main__":
    print(render(run()))
