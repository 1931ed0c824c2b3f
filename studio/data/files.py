"""Checks that every source reading from the disk makes before it reads."""

from __future__ import annotations

from pathlib import Path

from graphs.files.faults import shown
from studio.data.base import DataFault


def regular_file(path: str, kind: str, limit: int) -> Path:
    """The file at `path`, checked to be a regular file of at most `limit` bytes. Raises DataFault."""
    if not path.strip():
        raise DataFault(f"No {kind} is chosen yet: name one as the data’s “path”.")
    file = Path(path)
    try:
        if file.is_dir():
            raise DataFault(f"{shown(path, 200)} is a folder; choose a {kind}.")
        if not file.is_file():
            reason = "is no regular file" if file.exists() else "does not exist"
            raise DataFault(f"{shown(path, 200)} {reason}; choose a {kind}.")
        size = file.stat().st_size
    except (OSError, ValueError) as error:
        if isinstance(error, DataFault):
            raise
        raise unreadable(path, error) from error
    if size > limit:
        raise DataFault(f"{file.name} holds {_mib(size)} MiB, more than the {_mib(limit)} MiB that are read; split it.")
    return file


def folder(path: str) -> Path:
    """The folder at `path`. Raises DataFault."""
    if not path.strip():
        raise DataFault("No folder is chosen yet: name one as the data’s “path”.")
    place = Path(path)
    try:
        if not place.is_dir():
            reason = "is a file" if place.exists() else "does not exist"
            raise DataFault(f"{shown(path, 200)} {reason}; choose a folder with a subfolder for each class.")
    except (OSError, ValueError) as error:
        if isinstance(error, DataFault):
            raise
        raise unreadable(path, error) from error
    return place


def unreadable(path: str | Path, error: Exception) -> DataFault:
    """The fault for an error of the operating system."""
    reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
    return DataFault(f"{shown(path, 200)} could not be read ({shown(reason, 120)[1:-1]}); check that you may open it.")


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f}"
