"""The real window on an offscreen platform, driven from a benchmark: every view open, a run that never
ends."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from studio.project import open_project
from studio.recipe import Recipe

SIZE = (1680, 1050)
EVERYTHING = [
    ["curves", "activations", "filters", "gradients"],
    ["projection", "saliency", "adversarial", "confusion", "boundary"],
]
PATIENCE = 60.0


def endless(batch: int, device: str, optimiser: str = "sgd") -> Recipe:
    """A recipe that goes on for as long as it is measured."""
    return Recipe(optimiser=optimiser, learning_rate=0.01, batch_size=batch, epochs=1_000_000, device=device)


@dataclass
class Stay:
    """What happened while the event loop ran: steps, seconds, and refreshes of each view."""

    steps: int
    seconds: float
    refreshes: Counter[str]


class OpenDesk:
    """An example in the window with all views open. `device` and `batch` decide its recipe."""

    def __init__(self, example: str, batch: int, device: str, optimiser: str = "sgd") -> None:
        self._home = tempfile.TemporaryDirectory(prefix="netloom-bench-", ignore_cleanup_errors=True)
        os.environ["NETLOOM_HOME"] = self._home.name
        from widgets import app, preferences, theme

        self.app = app.application()
        theme.set_theme("dark")
        self.project = open_project(example)
        self.recipe = endless(batch, device, optimiser)
        self.project.set_recipe(self.recipe)
        self.window: Any = app.open_window(self.project, preferences.Preferences())
        self.window.resize(*SIZE)
        self.refreshes: Counter[str] = Counter()
        self._wait(lambda: self.desk is not None and self.desk.bridge is not None)
        self._wait(lambda: bool(self.desk.playable) and self.session.data is not None)
        self.window.show_workspace("Train")
        self.desk.views.set_rows(EVERYTHING)
        self.desk.bridge.outcome.connect(self._count)
        self.desk.bridge.history.connect(lambda _history: self.refreshes.update(["curves"]))

    @property
    def desk(self) -> Any:
        return self.window.desk

    @property
    def session(self) -> Any:
        return self.desk.session

    @property
    def threads(self) -> int:
        """The threads that the run trains with."""
        return int(self.session._run.trainer.threads)

    def _count(self, key: str, outcome: Any) -> None:
        if outcome.result is not None:
            self.refreshes[key] += 1

    def train(self, seconds: float) -> Stay:
        """Plays for so many seconds with the event loop running, then rests."""
        session = self.session
        session.play()
        self._wait(lambda: session.state == "running")
        self.refreshes.clear()
        before, start = len(session.history), time.perf_counter()
        self.run(seconds)
        steps, taken = len(session.history) - before, time.perf_counter() - start
        refreshes = Counter(self.refreshes)
        session.pause()
        self._wait(lambda: session.state == "paused")
        self.run(0.3)
        return Stay(steps, taken, refreshes)

    def run(self, seconds: float) -> None:
        """Runs the event loop as the application would, for so long."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def close(self) -> None:
        """Ends the window and its threads."""
        self.project.document.mark_saved()
        self.window.close()
        self.run(0.05)
        self._home.cleanup()

    def _wait(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError("the window did not get ready")
            self.run(0.02)
