"""What an export came to, and the faults it can end with. Light: the window and the terminal read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Report = Callable[[float, str], None]
"""Told a share from 0 to 1 and what is being done; raises `Cancelled` where nobody wants the result any more."""


class ShippingFault(ValueError):
    """Why something was not exported, in one sentence."""


class Cancelled(Exception):
    """Nobody wants the export any more; nothing was written."""


@dataclass(frozen=True)
class Shipped:
    """What was written: one line about it, lines of detail for a person, and the same as plain JSON values.

    `warning` is what a person should know before using it, in one sentence; `summary` what verifying it found, short.
    """

    path: Path
    headline: str
    details: tuple[tuple[str, str], ...] = ()
    trained: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)
    warning: str = ""
    summary: str = ""

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        warned = {"warning": self.warning} if self.warning else {}
        return {"path": str(self.path), "trained": self.trained, **self.facts, **warned}


def quietly(share: float, words: str) -> None:
    """Reports to nobody."""


def part(report: Report, first: float, last: float) -> Report:
    """A report for the part of the work from `first` to `last`."""
    return lambda share, words: report(first + (last - first) * share, words)


def size_of(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
