"""Layers whose weights others have too, as their cards say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.meaning.ties import TIES, ties_of
from graphs.network import Network


class Owners:
    """Remembers the last section of a design that was asked about, since every card asks."""

    def __init__(self) -> None:
        self._section: Any = None
        self._found: frozenset[str] = frozenset()

    def of(self, settings: Mapping[str, Any]) -> frozenset[str]:
        """The ids of the layers that others follow."""
        section = settings.get(TIES)
        if section is not self._section:
            self._section, self._found = section, frozenset(ties_of(settings).values())
        return self._found


_owners = Owners()


def counted(count: str, id: str, network: Network) -> str:
    """The number of weights on a card, with a word where others share them."""
    return f"{count} · shared" if count and count != "shared" and id in _owners.of(network.settings) else count


def retied(before: Network, after: Network) -> set[str]:
    """Ids of nodes whose cards say something else of that after a change."""
    return set(ties_of(before.settings).values()) ^ set(ties_of(after.settings).values())
