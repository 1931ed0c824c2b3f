"""python -m graphs.reference FOLDER: writes the whole reference there, and takes away what belongs to it no more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from graphs.architectures import measured
from graphs.files import atomic
from graphs.reference import architectures, front, kinds


def everything() -> Iterator[tuple[str, str]]:
    """Path and text of every page and picture."""
    yield "README.md", front.page()
    yield from kinds.pages()
    yield from architectures.pages()


def write(folder: Path) -> tuple[int, int]:
    """Writes all files that are different; how many there are, and how many bytes they have."""
    kept, whole = set(), 0
    for name, text in everything():
        path, data = folder / name, text.encode()
        kept.add(path)
        whole += len(data)
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for path in folder.rglob("*"):
        if path.suffix in (".md", ".svg") and path not in kept:
            path.unlink()
    return len(kept), whole


if __name__ == "__main__":
    atomic.write_text(measured.FILE, measured.text())
    files, size = write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
    print(f"{files:,} files, {size / 1e6:.1f} MB")
