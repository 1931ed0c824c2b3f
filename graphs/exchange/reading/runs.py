"""Runs of operators that are one layer."""

from __future__ import annotations

from graphs.exchange.reading.folding import Folded


def joined_up(folded: Folded) -> Folded:
    """The model with such runs as one operator each."""
    return folded
