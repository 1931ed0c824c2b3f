"""What the classes of well-known data sets are called, in the order in which networks give them. Light."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "classes"


@cache
def labels(name: str) -> tuple[str, ...]:
    """The classes of "imagenet" or "voc", a word or two each."""
    return tuple((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())
