"""Files that are either the old ones or the new ones, never half of each."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def write_with(path: str | os.PathLike[str], write: Callable[[Path], None]) -> None:
    """Lets `write` fill a temporary file beside `path`, then puts it in the place of `path` in one step.

    Whatever goes wrong (a full disk, an error in `write`) leaves an existing file untouched and no
    temporary file behind. Raises whatever `write` raises, and OSError.
    """
    target = Path(os.path.realpath(path))  # a link stays a link: its target is replaced
    part = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.part")
    part.open("xb").close()
    usual = part.stat().st_mode & 0o777
    try:
        write(part)
        part.chmod(usual)  # safetensors puts a file of its own there that only its owner may read
        _flush(part)
        _keep_permissions(target, part)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Replaces the file `path` by `data` in one step. Raises OSError."""

    def write(part: Path) -> None:
        part.write_bytes(data)

    write_with(path, write)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Replaces the file `path` by `text` in UTF-8, with its line ends as they are. Raises OSError."""
    write_bytes(path, text.encode("utf-8"))


def _flush(part: Path) -> None:
    """Waits until the bytes are on the disk: a power cut could leave an empty file otherwise."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def _keep_permissions(target: Path, part: Path) -> None:
    """Gives the new file the permissions of the one that it replaces, where there is one."""
    with contextlib.suppress(FileNotFoundError):
        part.chmod(target.stat().st_mode & 0o777)
