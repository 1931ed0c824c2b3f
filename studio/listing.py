"""What there is to build with, for the terminal and for Python: the architectures and the kinds of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from graphs.architectures import ARCHITECTURES, Architecture, find
from graphs.architectures.base import Picture
from graphs.architectures.measured import measured
from graphs.architectures.weights import Weights, weights_of
from graphs.document import Document
from graphs.layers.base import FAMILIES, Layer
from graphs.layers.catalogue import standard
from graphs.network import Network
from studio.project import Project
from studio.weights import starting

UNFIT = {"/": "-", ":": "", "×": "x"}
"""What a title may hold and the name of a file had better not."""


@dataclass(frozen=True)
class Listed:
    """An architecture as it is published. `parameters` are learned values, `multiply_adds` for one sample, both counted
    on what is drawn."""

    name: str
    title: str
    family: str
    parameters: int
    multiply_adds: int
    source: str
    kind: type[Architecture]

    @property
    def year(self) -> int:
        """When its paper came out."""
        return self.kind.paper.year

    @property
    def cited(self) -> str:
        """Its paper on one line."""
        paper = self.kind.paper
        return f"{paper.authors}: {paper.title}, {paper.year}. {paper.url}".strip()

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        paper = vars(self.kind.paper)
        fields = {name: _field(info) for name, info in self.kind.model_fields.items() if name != "variant"}
        told = {key: value for key, value in vars(self).items() if key != "kind"}
        weights = [{"name": each.name, "score": each.score, "url": each.url} for each in weights_of(self.name)]
        return {**told, "help": self.kind.help, "paper": paper, "fields": fields, "weights": weights}


def names() -> tuple[str, ...]:
    """The names of all architectures, by the year of their paper."""
    return tuple(variant for kind in ARCHITECTURES for variant in kind.variants())


def architectures(chosen: Iterable[str] = ()) -> Iterator[Listed]:
    """What is known of these architectures, of all without names. Raises ValueError for a name that there is not."""
    for name in tuple(chosen) or names():
        kind, variant = found(name)
        counts, source = measured()[variant], kind.published[variant].source
        yield Listed(variant, kind.titles.get(variant, kind.title), kind.family, *counts, source, kind)


def found(name: str) -> tuple[type[Architecture], str]:
    """The architecture and the variant of a name. Raises ValueError, whose message says what comes near."""
    try:
        return find(name)
    except LookupError as fault:
        raise ValueError(str(fault.args[0])) from None


def architecture(name: str, fields: Mapping[str, Any], *, weights: str = "") -> Network:
    """The network of an architecture with these fields, which begins with published weights where they are named
    ("pretrained" for the usual ones). Raises ValueError with one sentence."""
    kind, variant = found(name)
    variant = str(fields.get("variant", variant))
    start = starting.of(f"{variant}{starting.AT}{weights}") if weights else None
    seen = start.chosen if start is not None else None
    try:
        made = kind.model_validate({**sides(kind, seen, variant), "variant": variant, **fields})
        return starting.starting(made.network(), start)
    except ValidationError as error:
        raise ValueError(refusal(kind, error)) from None


def sides(kind: type[Architecture], weights: Weights | None, variant: str) -> dict[str, int]:
    """How large pictures must be for weights that saw larger ones than the architecture was published for."""
    if weights is None or weights.crop is None or not issubclass(kind, Picture):
        return {}
    usual = kind.sizes.get(variant, kind.side)
    return {} if weights.crop == usual else {"height": weights.crop, "width": weights.crop}


def refusal(kind: type[Architecture], error: ValidationError) -> str:
    """Why an architecture does not take its fields, as one sentence."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        near = get_close_matches(name, kind.model_fields, 1)
        return f"{kind.title} has no field “{name}”" + (f"; did you mean “{near[0]}”?" if near else ".")
    reason = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
    title = kind.model_fields[name].title if name in kind.model_fields else name
    return f"{title or name} of {kind.title} cannot be {first['input']!r}: it {reason}."


def as_project(name: str, fields: Mapping[str, Any] | None = None, *, weights: str = "") -> Project:
    """A new project that holds an architecture and has its title: “U-Net”, “ResNet-18”; with the name of published
    weights, training begins with those. Raises ValueError."""
    kind, variant = found(name)
    title = kind.titles.get(variant, kind.title)
    short = title.partition(", ")[0].partition(" (")[0]
    named = "".join(UNFIT.get(sign, sign) for sign in short)
    return Project(Document(architecture(name, fields or {}, weights=weights)), None, None, named)


def layers() -> list[dict[str, Any]]:
    """Every kind of layer as plain JSON values: what it is called, does, takes, gives, and its fields."""
    return [_layer(kind) for group in standard().families().values() for kind in group]


def _layer(kind: type[Layer]) -> dict[str, Any]:
    usual = kind()
    return {
        "name": kind.kind(),
        "title": kind.title,
        "family": FAMILIES[kind.family],
        "help": kind.help,
        "synonyms": list(kind.synonyms),
        "torch": kind.torch,
        "inputs": [port.name for port in usual.inputs()],
        "outputs": [port.name for port in usual.outputs()],
        "fields": {name: _field(info, usual.model_dump(mode="json")[name]) for name, info in kind.model_fields.items()},
    }


def _field(info: Any, default: Any = None) -> dict[str, Any]:
    return {"title": info.title, "help": info.description, "default": info.default if default is None else default}
