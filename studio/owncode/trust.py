"""Whose code may run here: a person has seen a Python file and agreed to that very file, by path and SHA-256.

Agreements are kept in the user's own settings, never in a project: no file that is opened, pasted or recovered can
bring one along. Light, no torch.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from graphs.files.atomic import write_text
from graphs.files.faults import FileFault, unwritable
from graphs.files.python_files import SourceFile

Ask = Callable[[Sequence[SourceFile]], bool]
"""Shows files to a person and asks whether they may run; whether they may."""
MOST_FILES, MOST_VERSIONS = 2000, 16
"""How many files are remembered, and how many versions of each; the oldest are forgotten."""


class NotAgreed(ValueError):
    """Code that nobody has agreed to; the message says which and how to."""

    def __init__(self, files: Iterable[SourceFile], how: str = "") -> None:
        self.files = tuple(files)
        names = ", ".join(file.path.name for file in self.files)
        are = "is code that runs" if len(self.files) == 1 else "are code that runs"
        super().__init__(f"{names} {are} on this computer, and nobody has agreed to that yet{how or '.'}")


def place() -> Path:
    """The file that agreements are kept in."""
    own = os.environ.get("NETLOOM_HOME")
    folder = Path(own) / "config" if own else platformdirs.user_config_path("Netloom", appauthor=False)
    return folder / "trusted.json"


def allowed(file: SourceFile) -> bool:
    """Whether somebody has agreed to this very file: this path with this content."""
    return file.digest in _read().get(str(file.path), {})


def unknown(files: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
    """Those that nobody has agreed to."""
    known = _read()
    return tuple(file for file in files if file.digest not in known.get(str(file.path), {}))


def allow(files: Iterable[SourceFile]) -> None:
    """Remember that somebody has seen these files and agrees that they run. Raises FileFault."""
    known = _read()
    for file in files:
        versions = {**known.pop(str(file.path), {}), file.digest: time.strftime("%Y-%m-%d")}
        known[str(file.path)] = dict(list(versions.items())[-MOST_VERSIONS:])
    _write(dict(list(known.items())[-MOST_FILES:]))


def forget(path: str | os.PathLike[str]) -> None:
    """Take back what was agreed to for a file. Raises FileFault."""
    known = _read()
    if known.pop(os.path.realpath(path), None) is not None:
        _write(known)


def agreed(files: Sequence[SourceFile], ask: Ask | None, how: str = "") -> None:
    """Make sure that somebody has agreed to all of these, by asking where there is somebody. Raises NotAgreed."""
    missing = unknown(files)
    if not missing:
        return
    if ask is None or not ask(missing):
        raise NotAgreed(missing, how)
    allow(missing)


def _read() -> dict[str, dict[str, str]]:
    """What was agreed to; nothing where the file cannot be read or makes no sense."""
    try:
        found = json.loads(place().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    files: Any = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict):
        return {}
    return {path: _versions(one) for path, one in files.items() if isinstance(one, dict)}


def _versions(found: dict[str, Any]) -> dict[str, str]:
    return {digest: str(when) for digest, when in found.items()}


def _write(files: dict[str, dict[str, str]]) -> None:
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({"version": 1, "files": files}, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise unwritable(path, error) from error


__all__ = ["Ask", "FileFault", "NotAgreed", "agreed", "allow", "allowed", "forget", "place", "unknown"]
