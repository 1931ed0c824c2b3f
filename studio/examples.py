"""The projects that ship with Netloom, each a `*.netloom` file under resources/examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "examples"
ORDER = (
    *("lenet-digits", "resnet-digits", "mlp-digits", "xor"),
    *("perceptron-xor", "perceptron-and", "spiral", "iris"),
)
"""The order they are shown in."""


@dataclass(frozen=True)
class Example:
    """What the gallery and the terminal say about an example."""

    name: str
    title: str
    text: str
    path: Path


def names() -> tuple[str, ...]:
    """The names of all examples, the one to begin with first."""
    return ORDER


def path(name: str) -> Path:
    """The file of an example. Raises KeyError for a name that is none."""
    if name not in ORDER:
        raise KeyError(name)
    return FOLDER / f"{name}.netloom"


@cache
def describe(name: str) -> Example:
    """Title and text of an example, from its own file. Raises KeyError, FileFault."""
    from graphs.files.storage import load

    about = load(path(name)).settings.get("about") or {}
    return Example(name, str(about.get("title", name)), str(about.get("text", "")), path(name))


def gallery() -> tuple[Example, ...]:
    """All examples with title and text."""
    return tuple(describe(name) for name in names())
