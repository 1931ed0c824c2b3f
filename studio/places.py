"""Where a run is put: the folder that was asked for, the last one to go on with, or a new one. No torch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graphs.files.faults import unwritable
from studio.project import Project, ProjectFault


@contextmanager
def place(project: Project, out: Path | None, resume: bool) -> Iterator[Path]:
    """The folder of a run, there and writable; one that stays empty is taken away again. Raises ProjectFault."""
    runs = project.runs if project.path else Path.cwd() / f"{project.name}.runs"
    if resume:
        yield _last(out, runs)
        return
    with reserved(out or runs) as folder:
        if out is not None:
            yield folder
            return
        claimed = _claimed(runs)
        try:
            yield claimed
        finally:
            with suppress(OSError):  # what holds something stays
                claimed.rmdir()


@contextmanager
def reserved(folder: Path) -> Iterator[Path]:
    """The folder, made where it is missing and tried out; what was made and is still empty goes again."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        _make(folder)
        yield folder
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ProjectFault(f"{folder} is a file; name a folder.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProjectFault(f"The folder {folder} cannot be made ({reason}); choose another one.") from None
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        reason = error.strerror or error
        raise ProjectFault(f"The folder {folder} cannot be written to ({reason}); choose another one.") from None


def _claimed(runs: Path) -> Path:
    """A new folder below `runs` that no other run has."""
    from studio.training.runs import claim

    try:
        return claim(runs)
    except OSError as error:
        raise ProjectFault(f"The folder {runs} cannot be written to ({error.strerror or error}).") from None


def _last(out: Path | None, runs: Path) -> Path:
    """The folder of the run to go on with."""
    from studio.training.runs import run_ids

    if out is not None:
        if not (out / "run.json").is_file():
            raise ProjectFault(f"{out} holds no run to resume; name another folder, or leave --resume out.")
        return out
    last = run_ids(runs)[-1:]
    if not last:
        raise ProjectFault(f"{runs} holds no run to resume; name its folder with --out, or start one.")
    return runs / last[0]


def take_along(run: Path | None, runs: Path) -> None:
    """Copies the run in the folder `run` into `runs`, those of a project that was saved elsewhere. Raises FileFault."""
    if run is None or run.parent == runs or not (run / "run.json").is_file():
        return
    try:
        shutil.copytree(run, runs / run.name, dirs_exist_ok=True)
    except OSError as error:
        raise unwritable(runs / run.name, error) from error
