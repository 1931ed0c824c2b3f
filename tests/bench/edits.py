"""How soon an edit in a chain of 1,000 layers shows its new shapes on the screen, and when all of it is known.

In the real window: with its thread, its panels, and what it does meanwhile. Every edit gives shapes that were never
asked for before. Time runs from the edit until the frame that shows them is painted; the same for a chain in which a
layer is bypassed and a block is used, which has to be resolved first.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.apart import apart
from tests.bench.table import Row, render

LAYERS, EDITS, MOST, SMOOTH = 1_000, 12, 16.0, 50.0
PATIENCE_S = 30.0


def run() -> list[Row]:
    """About half a minute."""
    return [row for drawing in ("layers", "special") for row in _rows(drawing)]


def _rows(drawing: str) -> list[Row]:
    seen, whole, stopped = apart(edited, drawing, LAYERS, EDITS)
    what = f"edit in {LAYERS:,} layers" + (", one bypassed, a block" if drawing == "special" else "")
    note = f"median of {EDITS} in the real window; reference: all of them known"
    longest = f"longest the window does nothing else, of {EDITS} edits"
    return [
        Row(f"{what}: shapes on the screen", seen, whole, seen, MOST, "ms", least=False, note=note),
        Row(f"{what}: window held up", stopped, whole, stopped, SMOOTH, "ms", least=False, note=longest),
    ]


def edited(drawing: str, layers: int, edits: int) -> tuple[float, float, float]:
    """Milliseconds until new shapes in view are painted and until all are known (medians), and the longest pause."""
    from tests.bench import drawings

    with tempfile.TemporaryDirectory() as folder:
        window = _Window(getattr(drawings, drawing)(layers), Path(folder))
        node = window.node_in_the_middle()
        times = [window.edit(node, kernel) for kernel in range(3, 5 + 2 * edits, 2)][1:]
        window.close()
    seen, whole, stopped = zip(*times, strict=True)
    return statistics.median(seen), statistics.median(whole), max(stopped)


class _Window:
    """The program's window on a design, at 100 %."""

    def __init__(self, design: Any, folder: Path) -> None:
        import os

        os.environ["NETLOOM_HOME"] = str(folder)
        from tests.bench.editors import application

        self.app = application()
        from graphs.document import Document
        from studio.project import Project
        from widgets import app, preferences

        design = replace(design, settings={"data": {"source": "digits", "size": 8}})
        self.window: Any = app.open_window(Project(Document(design), name="bench"), preferences.Preferences())
        self.window.resize(1600, 900)
        self._until(lambda: self.window.desk is not None and self.window.desk.analysis is not None)
        self.canvas = self.window.desk.canvas
        self.canvas.fit()
        self.canvas.zoom(1.0 / self.canvas.camera.scale)
        self._painted: list[tuple[float, object]] = []
        paint = self.canvas.picture.paint

        def watched(*given: Any) -> bool:
            waiting: bool = paint(*given)
            self._painted.append((time.perf_counter(), self.canvas.scene.analysis))
            return waiting

        self.canvas.picture.paint = watched
        self._rest(0.5)

    def node_in_the_middle(self) -> str:
        """The convolution nearest to the middle of what is seen."""
        middle = self.canvas.camera.scene_rect(self.canvas.rect().toRectF()).center()
        seen = [i for i in self.canvas.visible_nodes() if i.startswith("conv")]
        items: Any = self.canvas.scene.items
        return min(seen, key=lambda i: (items[i].rect.center() - middle).manhattanLength())

    def edit(self, node: str, kernel: int) -> tuple[float, float, float]:
        """Makes a kernel larger, which makes every map behind it smaller."""
        from graphs.edits import SetFields

        desk, before = self.window.desk, self.canvas.scene.analysis.facts[node]
        known, longest = desk.analysis, 0.0
        self._painted.clear()
        start = last = time.perf_counter()
        self.canvas.document.apply(SetFields(node, {"kernel_size": [kernel, 3], "padding": 0}))
        while desk.analysis is known or self.canvas.scene.behind or not self._seen(node, before):
            self.app.processEvents()
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
            time.sleep(0.0002)
        whole = time.perf_counter() - start
        seen = self._seen(node, before) - start
        self._rest(0.2)
        return 1000 * seen, 1000 * whole, 1000 * longest

    def _seen(self, node: str, before: object) -> float:
        """When the first frame with new shapes of a node was painted; 0 before."""
        return next((when for when, known in self._painted if known.facts[node] != before), 0.0)  # type: ignore[attr-defined]

    def _rest(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        self._until(lambda: time.perf_counter() > until)

    def _until(self, condition: Any) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError("the window did not get ready")
            self.app.processEvents()
            time.sleep(0.001)

    def close(self) -> None:
        """Ends the window and its threads."""
        self.window.desk.project.document.mark_saved()
        self.window.close()
        self.app.processEvents()


if __name__ == "__main__":
    print(render(run()))
