"""Autosave and recovery: what is unsaved is on disk within seconds, and offered again after a crash.

Each open project has one recovery file in the user's data folder, written in one step, held by a lock that
dies with the process. A file whose lock is free belongs to a program that ended without saving."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from graphs.document import Change, Document, difference
from graphs.edits import Patch
from graphs.files import storage
from graphs.files.atomic import write_text
from graphs.network import Network
from studio.project import Project
from studio.weights import learnt
from widgets.jobs import Job
from widgets.preferences import home

DELAY = 1500
"""Milliseconds of quiet after a change before it is written."""
LONGEST = 10_000
"""Milliseconds after which it is written although changes go on."""
SUFFIX = ".recovery.netloom"


@dataclass(frozen=True)
class Restore:
    """The edit that leads to a whole network at once."""

    network: Network
    label: str = "Recover unsaved work"

    def patch(self, network: Network) -> Patch:
        """What differs."""
        return difference(network, self.network)

    def apply(self, network: Network) -> tuple[Network, Patch]:
        """The restored network, and the patch back."""
        return self.patch(network).apply(network)


@dataclass(frozen=True)
class Recoverable:
    """Work that was not saved when a program ended."""

    file: Path
    name: str
    path: Path | None
    when: datetime

    def load(self) -> Project:
        """The project as it was, still unsaved, with what it has learnt; undo leads back to what is saved.

        Raises storage.FileFault.
        """
        network = storage.load(self.file)
        saved = storage.load(self.path) if self.path is not None and self.path.is_file() else Network()
        project = Project(Document(saved), self.path, name=self.name)
        if self.path is not None:
            project.learnt = partial(learnt.read, learnt.beside(self.path))
        project.document.apply(Restore(network))
        return project

    def discard(self) -> None:
        """Forget it."""
        for file in (self.file, _note(self.file), _lock(self.file)):
            with suppress(OSError):
                file.unlink(missing_ok=True)


def folder() -> Path:
    """Where recovery files are."""
    return home("data") / "recovery"


def recoverable() -> list[Recoverable]:
    """Work of programs that ended without saving, the latest first."""
    found = [one for file in folder().glob(f"*{SUFFIX}") if (one := _read(file)) is not None]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _read(file: Path) -> Recoverable | None:
    lock = QLockFile(str(_lock(file)))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return None
    lock.unlock()
    try:
        note = json.loads(_note(file).read_text(encoding="utf-8"))
        path = Path(note["path"]) if note.get("path") else None
        return Recoverable(file, str(note["name"]), path, datetime.fromtimestamp(file.stat().st_mtime))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(SUFFIX) + ".json")


def _lock(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(SUFFIX) + ".lock")


class Autosave(QObject):
    """Keeps the recovery file of one project; `close` removes it. `failed(sentence)`: it was not written."""

    failed = Signal(str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._written: Network | None = None
        self._told = False
        self.file = folder() / f"{secrets.token_hex(8)}{SUFFIX}"
        self._held: QLockFile | None = None
        self._quiet, self._late = self._timer(DELAY), self._timer(LONGEST)
        self._job = Job(self)
        self._job.failed.connect(self._say)
        self._end: Callable[[], None] = project.document.subscribe(self._changed)

    def write(self) -> None:
        """Write now what is unsaved, and wait for it; remove the file where nothing is."""
        self._job.wait()
        self.begin()
        self._job.wait()

    def begin(self) -> None:
        """Begin to write what is unsaved, beside the window; remove the file where nothing is."""
        self._quiet.stop()
        self._late.stop()
        if self._job.running:
            self._quiet.start()  # one after the other
            return
        if not self._project.modified:
            self.clear()
            return
        network, path = self._project.network, self._project.path
        if network is not self._written:
            self._hold()
            note = {"name": self._project.name, "path": str(path) if path else None}
            self._job.start(lambda _report: self._write(network, note), "recovery")

    def _say(self, error: object) -> None:
        if not self._told:
            self._told = True
            self.failed.emit(f"Your changes could not be kept for recovery: {error}")

    def clear(self) -> None:
        """Remove the recovery file: there is nothing that could be lost."""
        self._job.wait()
        self._written = None
        for file in (self.file, _note(self.file)):
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """The project was saved or given up."""
        self._end()
        self._quiet.stop()
        self._late.stop()
        self.clear()
        if self._held is not None:
            self._held.unlock()

    def _hold(self) -> None:
        """Take the lock that says that somebody still works on it."""
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        if self._held is None:
            self._held = QLockFile(str(_lock(self.file)))
            self._held.setStaleLockTime(0)
            self._held.tryLock(0)

    def _write(self, network: Network, note: dict[str, str | None]) -> None:
        """Runs in a thread: thousands of nodes take a while to write."""
        write_text(_note(self.file), json.dumps(note, ensure_ascii=False))
        storage.save(self.file, network)
        self._written = network
        self._told = False

    def _changed(self, _change: Change) -> None:
        self._quiet.start()
        if not self._late.isActive():
            self._late.start()

    def _timer(self, milliseconds: int) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(self.begin)
        return made
