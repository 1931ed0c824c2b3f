"""Pictures of the real program, for the README and for whoever looks at every view in both themes.

Everything shown is real: the digits are trained for a little while first, views show what they compute. Runs
offscreen, so that it needs no display."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from graphs.layers.base import FAMILIES
from widgets import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from widgets.desk import Desk
    from widgets.window import Window

VIEWS = ("curves", "activations", "filters", "gradients", "projection", "saliency", "adversarial", "confusion")
STEPS = 150
"""Steps of training before the pictures of what was learnt are taken."""
PATIENCE = 60.0
"""Seconds that a picture waits for what it shows."""


class Stage:
    """A window to be photographed."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._shown: tuple[str, object] = ("", None)

    @property
    def desk(self) -> Desk:
        """The open project."""
        assert self.window.desk is not None
        return self.window.desk

    def until(self, done: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Let the program run until something is so; whether it came to be."""
        limit = time.monotonic() + seconds
        while not done() and time.monotonic() < limit:
            self.run(0.02)
        return done()

    def run(self, seconds: float) -> None:
        """Let the program run for a while."""
        limit = time.monotonic() + seconds
        while True:
            QApplication.processEvents()
            if time.monotonic() >= limit:
                return
            time.sleep(0.004)

    def open(self, name: str) -> None:
        """Open an example and wait until it can be trained."""
        if self._shown != (name, self.window.project):
            self.fresh(name)
        self.until(lambda: self.desk.analysis is not None)

    def fresh(self, name: str) -> None:
        """Open an example anew, untrained."""
        self.window.show_project(_example(name))
        self._shown = (name, self.window.project)

    def spoil(self) -> None:
        """The open project is no longer what its name says."""
        self._shown = ("", None)

    def train(self, steps: int = STEPS) -> None:
        """Train for real until `steps` are done; the run goes on."""
        desk = self.desk
        if desk.transport.state == "idle":
            self.until(lambda: desk.ready)
            desk.toggle_play()
        self.until(lambda: desk.time_machine.steps.last() >= steps or desk.transport.state == "ended")

    def rest(self) -> None:
        """Pause the run and let the open views catch up with it."""
        desk = self.desk
        if desk.transport.state == "running":
            desk.toggle_play()
            self.until(lambda: desk.transport.state != "running")
        self.settle()

    def settle(self) -> None:
        """Wait until what is open shows what it has to show."""
        self.until(self._settled)
        self.run(0.4)

    def caught_up(self) -> bool:
        """Whether what is open shows weights that have learnt."""
        shown = [view for view in self.desk.views.views() if view.isVisible() and view.analysis is not None]
        fresh = all(view.step is not None and view.step >= STEPS for view in shown)
        return fresh and all(getattr(view.result, "finished", True) for view in shown)

    def _settled(self) -> bool:
        shown = [view for view in self.desk.views.views() if view.isVisible()]
        return all(view.state in ("result", "empty", "error") for view in shown)


Scene = Callable[[Stage], QWidget | None]
"""Brings the window into a state; gives a pop-up that belongs into the picture."""


@dataclass(frozen=True)
class Shot:
    """One picture."""

    name: str
    scene: Scene
    alone: bool = False
    """Only the pop-up is taken, however large it is."""


def names() -> list[str]:
    """The pictures that can be taken."""
    return [shot.name for shot in SHOTS]


def run(
    wanted: Sequence[str] | None = None,
    theme_name: str = "dark",
    size: tuple[int, int] = (1680, 1050),
    out: Path | str = ".",
    report: Callable[[str], None] | None = None,
) -> list[Path]:
    """Takes the pictures called `wanted` (all without it) as PNG in `out`; gives the files.

    Raises KeyError for a name that is none of `names()`, OSError where the folder can't be written."""
    known = {shot.name: shot for shot in SHOTS}
    chosen = [known[name] for name in wanted or known]
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with _window(theme_name, size) as window:
        stage = Stage(window)
        for shot in chosen:
            popup = shot.scene(stage)
            stage.run(0.2)
            file = folder / f"{shot.name}-{theme_name}.png"
            picture = popup.grab() if shot.alone and popup is not None else photograph(window, popup)
            if not picture.save(str(file)):
                raise OSError(f"{file} can't be written.")
            files.append(file)
            if popup is not None:
                popup.close()
            if report is not None:
                report(str(file))
    return files


def photograph(window: QWidget, popup: QWidget | None = None) -> QPixmap:
    """The window as it looks, with a pop-up over it where one is open."""
    picture = window.grab()
    if popup is not None and popup.isVisible():
        painter = QPainter(picture)
        place = window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
        painter.drawPixmap(place, popup.grab())
        painter.end()
    return picture


@contextmanager
def _window(theme_name: str, size: tuple[int, int]) -> Iterator[Window]:
    """A window without a screen, with preferences of its own; closed without questions in the end."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from widgets import app, preferences

    application = app.application()
    before, usual, wanted = os.environ.get("NETLOOM_HOME"), application.font(), theme.wanted()
    font = application.font()
    font.setPointSizeF(10.0)  # what most desktops use; an offscreen platform has a smaller one
    application.setFont(font)
    theme.set_theme(theme_name)
    with tempfile.TemporaryDirectory(prefix="netloom-") as home:
        os.environ["NETLOOM_HOME"] = home
        remembered = preferences.Preferences(theme=theme_name)  # type: ignore[arg-type]
        window = app.open_window(None, remembered)
        window.resize(*size)
        window.begin()
        try:
            yield window
        finally:
            if window.document is not None:
                window.document.mark_saved()
            window.close()
            application.processEvents()
            os.environ.pop("NETLOOM_HOME") if before is None else os.environ.update(NETLOOM_HOME=before)
            application.setFont(usual)
            theme.set_theme(wanted)


def _example(name: str) -> Any:
    from studio.project import open_project

    return open_project(name)


def _start(stage: Stage) -> None:
    stage.window.show_start()


def _train(stage: Stage) -> None:
    """A run in full flow: long enough that every view has caught up with it before it ends."""
    stage.open("lenet-digits")
    stage.window.show_workspace("Train")
    stage.desk.canvas.select(["conv1"])
    project = stage.desk.project
    if stage.desk.transport.state == "idle":
        project.set_recipe(project.recipe.model_copy(update={"epochs": 40}))
        project.document.mark_saved()
    stage.train()
    stage.settle()
    stage.until(stage.caught_up, 20.0)


def _trained(stage: Stage) -> None:
    stage.open("lenet-digits")
    stage.train()
    stage.rest()


def _workspace(name: str, select: Sequence[str] = ()) -> Scene:
    def scene(stage: Stage) -> None:
        _trained(stage)
        stage.window.show_workspace(name)
        stage.desk.canvas.select(list(select))
        stage.run(0.2)
        stage.desk.canvas.fit()
        stage.settle()

    return scene


def _view(name: str) -> Scene:
    def scene(stage: Stage) -> None:
        _trained(stage)
        stage.window.show_workspace("Inspect")
        stage.desk.views.set_rows([[name]])
        stage.settle()

    return scene


def _time_machine(stage: Stage) -> None:
    _trained(stage)
    stage.window.show_workspace("Train")
    steps = stage.desk.time_machine.steps
    steps.setValue(steps.maximum() // 2)
    stage.run(1.0)
    stage.settle()


def _boundary(stage: Stage) -> None:
    stage.open("spiral")
    stage.window.show_workspace("Inspect")
    stage.desk.views.set_rows([["boundary", "curves"]])
    stage.train()
    stage.rest()


def _untrained(stage: Stage) -> None:
    stage.fresh("lenet-digits")
    stage.window.show_workspace("Train")
    stage.until(lambda: stage.desk.ready)
    stage.run(1.0)


def _new(stage: Stage) -> None:
    from studio.project import new_project

    stage.window.show_project(new_project())
    stage.window.show_workspace("Design")
    stage.until(lambda: stage.desk.analysis is not None)
    stage.run(0.3)


def _problems(stage: Stage) -> QWidget | None:
    from graphs.edits import Disconnect, RemoveNodes

    stage.fresh("lenet-digits")
    stage.window.show_workspace("Design")
    desk = stage.desk
    desk.project.document.apply(RemoveNodes(("flatten",)))
    target = next(wire.target for wire in desk.project.network.wires.values() if wire.target.node == "fc2")
    desk.project.document.apply(Disconnect((target,)))
    stage.until(lambda: desk.has_problems)
    desk.canvas.select([desk.analysis.problems[0].node] if desk.analysis is not None else [])
    stage.run(0.5)
    desk.show_problems()
    stage.run(0.2)
    desk.project.document.mark_saved()
    stage.spoil()
    return desk.status_bar.popup


def _data(stage: Stage) -> None:
    stage.fresh("lenet-digits")
    stage.window.show_workspace("Train")
    stage.desk.show_settings("Data")
    panel = stage.desk.project_page.data
    stage.until(lambda: bool(panel.counts.height()) and not panel.job.running)
    stage.run(0.3)


def _commands(stage: Stage) -> QWidget | None:
    stage.open("lenet-digits")
    stage.window.show_commands()
    stage.run(0.2)
    return QApplication.activePopupWidget()


def _help(stage: Stage) -> QWidget | None:
    """The help card of a convolution over its network."""
    from widgets.panels.helpcard.opening import teacher_of

    stage.open("lenet-digits")
    stage.window.show_workspace("Design")
    stage.desk.canvas.select(["conv1"])
    stage.run(0.3)
    teacher = teacher_of(stage.desk)
    teacher.explain()
    teacher.card.body.player.stop()
    teacher.card.body.player.slider.setValue(12)
    stage.run(0.2)
    return teacher.card


def _cards(family: str) -> Scene:
    def scene(_stage: Stage) -> QWidget:
        from graphs.layers.catalogue import standard
        from widgets.panels.helpcard.gallery import Gallery

        shown = Gallery(standard(), family)
        shown.show()
        return shown

    return scene


SHOTS: tuple[Shot, ...] = (
    Shot("window", _train),
    Shot("train", _train),
    Shot("start", _start),
    Shot("design", _workspace("Design", ["conv2"])),
    Shot("inspect", _workspace("Inspect", ["conv1"])),
    Shot("export", _workspace("Export")),
    *(Shot(f"view-{name}", _view(name)) for name in VIEWS),
    Shot("time-machine", _time_machine),
    Shot("view-boundary", _boundary),
    Shot("untrained", _untrained),
    Shot("data", _data),
    Shot("problems", _problems),
    Shot("commands", _commands),
    Shot("new", _new),
    Shot("help", _help),
    *(Shot(f"cards-{family}", _cards(family), alone=True) for family in FAMILIES),
)
