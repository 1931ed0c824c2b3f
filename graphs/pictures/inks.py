"""Colours of figures: light or dark, in the families' colours or in greys that a printer keeps apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graphs.pictures.colours import COLOURS

__all__ = ["Ink", "ink", "mix"]

GREYS: Mapping[str, float] = {
    "io": 0.08, "convolution": 0.42, "pooling": 0.72, "activation": 0.34, "linear": 0.24, "recurrent": 0.55,
    "normalisation": 0.14, "combine": 0.05, "loss": 0.62, "blocks": 0.3,
}  # fmt: skip
"""How far each family's grey is from the ground towards the text."""


@dataclass(frozen=True)
class Ink:
    """The colours of one figure, as #rrggbb."""

    background: str
    text: str
    dim: str
    line: str
    families: Mapping[str, str]
    grey: bool = False

    def fill(self, family: str, share: float = 0.3) -> str:
        """The ground of something of a family; `share` is how strong it is."""
        if self.grey:
            return mix(self.text, self.background, GREYS.get(family, 0.1) * share / 0.55)
        return mix(self._colour(family), self.background, share)

    def edge(self, family: str) -> str:
        """Its outline."""
        if self.grey:
            return mix(self.text, self.background, 0.8)
        return mix(self._colour(family), self.text, 0.78)

    def _colour(self, family: str) -> str:
        return self.families.get(family, self.families["combine"])


def ink(theme: Literal["light", "dark"] = "light", grey: bool = False) -> Ink:
    """The colours of a theme. A light figure stands on white, as paper is."""
    look = COLOURS[theme]
    background = "#ffffff" if theme == "light" else look["background"]
    return Ink(background, look["text"], look["dim"], look["faint"], look, grey)


def mix(first: str, second: str, share: float) -> str:
    """So much of the first colour, the rest of the second."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)
