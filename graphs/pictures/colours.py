"""The colours of both themes in pictures, as the window has them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COLOURS"]

COLOURS: Mapping[str, Mapping[str, str]] = {
    "dark": {
        "background": "#14161a", "card": "#22262e", "line": "#2e333d", "wire": "#5d6779", "text": "#e6e9ef",
        "dim": "#9aa3b2", "faint": "#8b94a5", "warn": "#f2b84b", "bad": "#f2665c", "io": "#7c8798",
        "convolution": "#4f8ef7", "pooling": "#2fb3a5", "activation": "#f2994a", "linear": "#9b6cf0",
        "recurrent": "#c06cf0", "normalisation": "#d9d057", "combine": "#7c8798", "loss": "#e5657a",
        "blocks": "#5fb4d9",
    },
    "light": {
        "background": "#f6f7f9", "card": "#ffffff", "line": "#d7dbe2", "wire": "#8b94a5", "text": "#1a1d23",
        "dim": "#4b5565", "faint": "#5d6779", "warn": "#8a5a00", "bad": "#bd2d26", "io": "#5f6b7e",
        "convolution": "#2b6fde", "pooling": "#14897c", "activation": "#c9701a", "linear": "#7a45d6",
        "recurrent": "#a045d6", "normalisation": "#9a9110", "combine": "#5f6b7e", "loss": "#cc4059",
        "blocks": "#1c7ea8",
    },
}  # fmt: skip
