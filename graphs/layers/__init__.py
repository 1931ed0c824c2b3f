"""The catalogue of layer kinds: a file per family, one class per kind."""

from __future__ import annotations

from graphs.layers.base import Layer

KINDS: tuple[type[Layer], ...] = ()
