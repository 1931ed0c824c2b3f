"""What a saved project learns is kept with it: one rule for when its weights are written beside its file.

Whenever a run that was ordered here rests or ends, and once more when the project is closed, what it has learnt is
written where that loses nothing: the project itself is saved, and beside it lie older weights of this same run, or
none. Where others lie there, a person is asked instead: the project counts as unsaved."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from widgets.jobs import Job

if TYPE_CHECKING:
    from studio.session import Session
    from studio.weights.learnt import Learnt
    from widgets.desk import Desk

PAUSE = 300
"""Milliseconds between two looks at whether a run has come to rest."""
LEARNING, RESTING = ("play", "step", "epoch"), ("paused", "ended")
PATIENCE = 10.0
"""Seconds that a run may take to end when its project is closed."""


class Keeping(QObject):
    """Writes what the project on this desk has learnt beside it, away from the window's thread."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._seen: tuple[str, int] | None = None
        self._other = False
        self._one = threading.Lock()
        self._job = Job(self)
        self._job.failed.connect(lambda error: desk.said.emit("warning", f"The weights were not kept: {error}"))
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._look)

    def begin(self, order: str) -> None:
        """A person has ordered this of the run."""
        if order in LEARNING:
            self._timer.start()

    def keep(self, project: Path) -> None:
        """Write now, whatever lies beside the file; only what belongs to this very design."""
        self._show(False)
        kept = self._learnt() or self._brought()
        if kept is not None:
            self._job.start(partial(self._write, kept, project, self._desk.project.runs), "keeping")

    @property
    def owed(self) -> bool:
        """Whether weights of another run lie beside the saved project than those it has learnt here."""
        return self._timer.isActive() and self._standing(self._learnt()) == "other"

    @property
    def shown(self) -> bool:
        """The same, as it was when the run last came to rest."""
        return self._other

    def wait(self) -> None:
        """Wait until everything is written."""
        self._job.wait()

    def close(self) -> None:
        """The project is left: let a run come to its end, and keep what it has learnt."""
        self.wait()
        session, path = self._desk.session, self._desk.project.path
        saved = path is not None and not self._desk.project.modified
        if session is not None and saved and self._timer.isActive() and self._standing(self._learnt()) != "other":
            _let_end(session)
            if path is not None and self._standing(self._learnt()) == "behind":
                self.keep(path)
                self.wait()
        self._timer.stop()

    def _learnt(self) -> Learnt | None:
        """What a run has learnt for this very design."""
        session = self._desk.session
        return session.learnt if session is not None and not session.outgrown else None

    def _brought(self) -> Learnt | None:
        """What an imported project came with, where it still fits and no file of ours holds it."""
        from studio.design import known_as
        from studio.weights.brought import Brought
        from studio.weights.following import names_of

        project = self._desk.project
        found = project.learnt() if isinstance(project.learnt, Brought) else None
        if found is None or found.digest not in known_as(project.network, project.catalogue):
            return None
        return found.under(names_of(project.network, project.catalogue))

    def _standing(self, found: Learnt | None) -> str:
        from studio.weights import learnt

        path = self._desk.project.path
        if found is None or found.run is None or path is None:
            return "kept"
        return learnt.standing(learnt.beside(path), found)

    def _look(self) -> None:
        """At rest, once for each step at which a run rests while the project is otherwise saved."""
        session, project = self._desk.session, self._desk.project
        if session is None or project.path is None or project.modified or self._job.running:
            return
        status, newest = session.status(), session.snapshot()
        if status.state not in RESTING or newest is None or newest.step != status.step:
            return
        where = (f"{project.path} {status.run}", status.step)
        if where != self._seen:
            self._seen = where
            standing = self._standing(self._learnt())
            self._show(standing == "other")
            if standing == "behind":
                self.keep(project.path)

    def _write(self, kept: Learnt, project: Path, runs: Path, _report: object) -> None:
        from studio import places
        from studio.weights import learnt

        with self._one:
            learnt.write(learnt.beside(project), kept)
            places.take_along(kept.run, runs)

    def _show(self, other: bool) -> None:
        if other != self._other:
            self._other = other
            self._desk.changed.emit()


def _let_end(session: Session) -> None:
    """Stop the run after the step at work, and take all that it told."""
    session.stop()
    until = time.monotonic() + PATIENCE
    while session.state not in ("ended", "idle") and time.monotonic() < until:
        session.poll()
        time.sleep(0.01)
