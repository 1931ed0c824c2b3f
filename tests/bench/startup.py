"""How long a person waits: from starting the process to the first frame, and until training can begin.

Each figure is the best of a few starts, so that what else the machine does matters little; a window of bare Qt is
started the same way, for comparison."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTS = 4
BARE = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, self.tell)
    def tell(self):
        print(f'{{"frame": {time.time() - float(os.environ["STARTED"])}}}')
        app.quit()
window = Window()
window.show()
app.exec()
"""
OURS = """
import json, os, sys, time
started = float(os.environ["STARTED"])
from widgets import app, preferences
application = app.application()
figures = {}
class Noticing(app.FirstFrame):
    def _call(self):
        figures.setdefault("frame", time.time() - started)
        heavy = ("torch", "pyqtgraph", "sklearn", "networkx", "captum")
        figures["heavy"] = [name for name in heavy if name in sys.modules]
        super()._call()
app.FirstFrame = Noticing
window = app.open_window("lenet-digits", preferences.Preferences())
def look():
    if window.desk is not None and "shown" not in figures and window.desk.isVisible():
        figures["shown"] = time.time() - started
    if window.desk is not None and window.desk.ready and window.desk.transport.play_button.isEnabled():
        figures["able"] = time.time() - started
        print(json.dumps(figures))
        sys.stdout.flush()
        window.close()
        application.quit()
from PySide6.QtCore import QTimer
timer = QTimer()
timer.timeout.connect(look)
timer.start(5)
application.exec()
"""


def start(program: str) -> dict[str, Any]:
    """Run a program in a fresh process and give what it printed last."""
    home = os.environ.get("NETLOOM_HOME") or str(Path(tempfile.gettempdir()) / "netloom-bench")
    surroundings = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "NETLOOM_HOME": home,
        "PYTHONPATH": str(ROOT),
        "STARTED": str(time.time()),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(done.stderr[-2000:])
    figures: dict[str, Any] = json.loads(lines[-1])
    return figures


def run() -> list[Any]:
    """First frame (aim 0.5 s) and able to train (aim 3 s), in seconds from the start of the process."""
    row = _row_class()
    bare = [start(BARE)["frame"] for _ in range(STARTS)]
    ours = [start(OURS) for _ in range(STARTS)]
    frame, shown, able = (min(figures[name] for figures in ours) for name in ("frame", "shown", "able"))
    heavy = ", ".join(ours[0]["heavy"]) or "none"
    floor = min(bare)
    return [
        row("first frame", frame, floor, frame, 0.5, "s", False, f"bare Qt {floor:.2f} s; heavy imports: {heavy}"),
        row("network on the canvas", shown, floor, shown, 1.0, "s", False),
        row("able to train", able, floor, able, 3.0, "s", False, "play can be pressed"),
    ]


def _row_class() -> Any:
    """`Row` of the file beside this one, wherever this is run from."""
    place = Path(__file__).with_name("table.py")
    spec = importlib.util.spec_from_file_location("bench_table", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("bench_table", module)
    spec.loader.exec_module(module)
    return module.Row


if __name__ == "__main__":
    for figure in run():
        print(figure)
