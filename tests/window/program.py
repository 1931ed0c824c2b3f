"""The real program in a real window: `python main.py` on a display of its own, driven with xdotool.

What it did is read from the project's file after Ctrl+S, as a person could; the program has no door for tests. Where
the canvas lies is found by its own means too: two bookmarks, before and after the wheel turned at a known place, tell
it. Events keep their order on their way to the program, so nothing waits for a fixed time; whoever wants to know
something asks again until it is so, or until PATIENCE is over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPointF

from graphs.edits import SetSetting
from graphs.files import storage
from graphs.files.faults import FileFault
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import Network
from widgets.editor.mirror.scene import Scene

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 1280, 800
PATIENCE = float(os.environ.get("PATIENCE", "60"))
"""Seconds that a busy machine may take for anything."""
LEFT, MIDDLE, RIGHT, UP = 1, 2, 3, 4
T = TypeVar("T")


def missing() -> str:
    """What this machine lacks for a window; empty where it has everything."""
    if sys.platform != "linux":
        return "windows are driven with xdotool, on Linux only"
    gone = [name for name, tool in (("xvfb", "Xvfb"), ("xdotool", "xdotool")) if shutil.which(tool) is None]
    return f"needs the package{'s' * (len(gone) > 1)} {' and '.join(gone)}" if gone else ""


def wait_for(what: str, ask: Callable[[], T | None], every: float = 0.05, patience: float = PATIENCE) -> T:
    """Asks until the answer is true. Raises AssertionError once patience is over."""
    until = time.monotonic() + patience
    while True:
        if answer := ask():
            return answer
        assert time.monotonic() < until, f"waited {patience:.0f} s for {what}"
        time.sleep(every)


class Program:
    """One run of the program on one project. Points are scene points as bookmark 9 shows them, at 100 %."""

    def __init__(self, network: Network, folder: Path, look_at: QPointF) -> None:
        self.folder, self.file = folder, folder / "window.netloom"
        self.look_at, self.middle = look_at, QPointF(WIDTH / 2, HEIGHT / 2)
        place = {"x": look_at.x(), "y": look_at.y(), "scale": 1.0}
        self.start = SetSetting("canvas", {"bookmarks": {"9": place}}).apply(network)[0]
        self.scene = Scene(standard())
        self.scene.analysis = Inference(standard()).analyse(self.start)
        self.scene.load(self.start)
        self._display = self._open_display()
        self._environment = {
            **{key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")},
            "DISPLAY": self._display, "NETLOOM_HOME": str(folder / "home"),
        }  # fmt: skip
        try:
            self._open_window()
        except BaseException:
            self.close()
            raise

    def _open_display(self) -> str:
        read, write = os.pipe()
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-dpi", "96", "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), *screen], pass_fds=(write,), stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as answer:
            return f":{answer.readline().strip()}"

    def _open_window(self) -> None:
        storage.save(self.file, self.start)
        home = self.folder / "home" / "config"
        home.mkdir(parents=True)
        (home / "preferences.json").write_text('{"workspace": "Design"}', encoding="utf-8")
        self.said = self.folder / "said.txt"
        with self.said.open("wb") as said:
            self._program = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py"), str(self.file)], env=self._environment, stdout=said, stderr=said
            )
        wait_for("the window", self._fill_screen, 0.3, 3 * PATIENCE)
        self.keys("ctrl+shift+l", "ctrl+shift+i")  # only the canvas
        self._find_canvas()

    def _fill_screen(self) -> bool:
        if "platform plugin" in self.complaints() and "could not connect" not in self.complaints():
            pytest.skip("Qt lacks libraries of X11 here; `make qt-libraries` names them")
        assert self._program.poll() is None, self.complaints()
        found = self._tool("search", "--onlyvisible", "--name", "window · Netloom")
        if found.returncode or not (window := found.stdout.split()[-1:]):
            return False
        self._tool("windowsize", window[0], str(WIDTH), str(HEIGHT), "windowmove", window[0], "0", "0")
        return (
            self._tool("windowfocus", window[0]).returncode == 0
            and f"WIDTH={WIDTH}" in self._tool("getwindowgeometry", "--shell", window[0]).stdout.split()
        )

    def _find_canvas(self) -> None:
        """Where on the screen the middle of the canvas is."""
        wheel = QPointF(WIDTH / 2 + 200, HEIGHT / 2 + 100)
        self.settled()
        self._tool("mousemove", *_pixels(wheel), "click", "--repeat", "4", "--delay", "5", str(UP))
        self.keys("ctrl+8")
        after = self.read("a bookmark that is nearer", lambda n: bookmark(n, 8) if bookmark(n, 8)[2] > 1.5 else None)
        away = [(a - b) / (1 / after[2] - 1) for a, b in zip((self.look_at.x(), self.look_at.y()), after, strict=False)]
        self.middle = wheel - QPointF(*away)
        self.start_over()

    def close(self) -> None:
        """Ends the program and its display."""
        for process in (getattr(self, "_program", None), self._server):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGKILL if process is not self._server else signal.SIGTERM)
                process.wait(10)

    # Hands

    def _tool(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def do(self, *words: str) -> None:
        """One call of xdotool, which must succeed."""
        done = self._tool(*words)
        assert done.returncode == 0, done.stderr

    def keys(self, *keys: str) -> None:
        """Presses keys such as "ctrl+g", one after the other."""
        self.do("key", "--delay", "15", *keys)

    def type(self, text: str) -> None:
        """Types letters where the keyboard is."""
        self.do("type", "--delay", "15", text)

    def at(self, point: QPointF) -> tuple[str, str]:
        """Where a scene point is on the screen."""
        return _pixels(self.middle + point - self.look_at)

    def port(self, id: str, port: str, output: bool) -> QPointF:
        """Where a port of a node of the start is."""
        return self.scene.items[id].point(port, output)

    def grip(self, id: str) -> QPointF:
        """A place on the head of a card, far from its ports."""
        return self.scene.items[id].rect.topLeft() + QPointF(30, 12)

    def hover(self, point: QPointF) -> None:
        """Moves the pointer."""
        self.do("mousemove", *self.at(point))

    def click(self, point: QPointF, keys: str = "", times: int = 1, button: int = LEFT) -> None:
        """Clicks with keys held."""
        held, let = (["keydown", keys], ["keyup", keys]) if keys else ([], [])
        repeat = ["click", "--repeat", str(times), "--delay", "40", str(button)]
        self.do("mousemove", *self.at(point), *held, *repeat, *let)

    def drag(self, way: list[QPointF], keys: str = "", button: int = LEFT, pause: float = 0.01) -> None:
        """Presses at the first point, goes by all, lets go at the last."""
        held, let = (["keydown", keys], ["keyup", keys]) if keys else ([], [])
        moves: list[str] = []
        for before, after in pairwise(way):
            for part in (0.1, 0.4, 0.7, 1.0):
                moves += ["mousemove", *self.at(before + (after - before) * part), "sleep", str(pause)]
        self.do("mousemove", *self.at(way[0]), *held, "mousedown", str(button), *moves, "mouseup", str(button), *let)

    # Eyes

    def read(self, what: str, ask: Callable[[Network], T | None]) -> T:
        """Saves and reads the file until the answer is true."""

        def saved() -> T | None:
            assert self._program.poll() is None, self.complaints()
            self.keys("ctrl+s")
            try:
                return ask(storage.load(self.file))
            except FileFault:
                return None  # it is just being written

        return wait_for(what, saved, 0.15)

    def settled(self) -> None:
        """Looks where bookmark 9 looks, and waits until it does."""

        def there(network: Network) -> bool:
            self.keys("9", "ctrl+8")
            return bookmark(network, 8) == (self.look_at.x(), self.look_at.y(), 1.0)

        self.read("the view of bookmark 9", there)

    def start_over(self) -> None:
        """Takes everything back, by keys. The view may move, since it follows what is undone: see `settled`."""
        self.do("keyup", "ctrl", "keyup", "alt", "keyup", "shift")
        self.keys("Escape", "Escape", "Escape", "Escape")

        def clean(network: Network) -> bool:
            self.keys(*["ctrl+z"] * 6)
            return network == self.start

        self.read("everything to be taken back", clean)

    def picture(self, file: Path) -> None:
        """What is on the screen, where ImageMagick is there to photograph it."""
        if shutil.which("import"):
            subprocess.run(
                ["import", "-window", "root", str(file)], env=self._environment, check=False, timeout=PATIENCE
            )

    def complaints(self) -> str:
        """What the program said on its way, errors included."""
        return self.said.read_text(encoding="utf-8", errors="replace")


def bookmark(network: Network, number: int) -> tuple[float, float, float]:
    """The middle and the scale of a bookmark; zeros where it is not set."""
    canvas = network.settings.get("canvas")
    place = canvas["bookmarks"].get(str(number), {}) if isinstance(canvas, dict) else {}
    return (place.get("x", 0.0), place.get("y", 0.0), place.get("scale", 0.0))


def _pixels(point: QPointF) -> tuple[str, str]:
    return str(round(point.x())), str(round(point.y()))
