"""All sources of data, found by the name that a project writes under `source`.

A source is declared once, by a class in one of the families below; adding one is a class and an entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError

from studio.data.arrays import Npz
from studio.data.base import DataFault, DataSpec
from studio.data.bundled import Digits, Iris, Wine
from studio.data.made import And, Circles, Moons, Or, Spirals, Xor
from studio.data.pictures import ImageFolder
from studio.data.tables import Csv

__all__ = [
    "SOURCES",
    "And",
    "Circles",
    "Csv",
    "DataFault",
    "DataSpec",
    "Digits",
    "ImageFolder",
    "Iris",
    "Moons",
    "Npz",
    "Or",
    "Spirals",
    "Wine",
    "Xor",
    "dump_spec",
    "make",
    "parse_spec",
    "relative_to",
    "resolved",
]

_ALL: tuple[type[DataSpec], ...] = (
    *(Digits, Iris, Wine),
    *(Xor, And, Or, Moons, Spirals, Circles),
    *(Npz, Csv, ImageFolder),
)
SOURCES: Mapping[str, type[DataSpec]] = {str(kind.model_fields["source"].default): kind for kind in _ALL}
"""Every source by its name, in the order they are offered in."""


def make(source: str, **options: Any) -> DataSpec:
    """The spec of a source by its name: `make("digits", size=28)`. Raises DataFault."""
    return parse_spec({"source": source, **options})


def parse_spec(values: Mapping[str, Any] | None) -> DataSpec:
    """The spec that a project's "data" section describes; the digits without one. Raises DataFault."""
    if values is None:
        return Digits()
    if not isinstance(values, Mapping):
        raise DataFault("The project's data section is no table of options; choose a source again.")
    source = str(values.get("source", "digits"))
    if source not in SOURCES:
        close = get_close_matches(source, SOURCES, 1)
        hint = f"did you mean “{close[0]}”?" if close else f"choose one of {', '.join(SOURCES)}."
        raise DataFault(f"There is no data source “{source[:60]}”; {hint}")
    try:
        return SOURCES[source].model_validate(dict(values))
    except ValidationError as error:
        raise _fault(SOURCES[source], error) from None


def dump_spec(spec: DataSpec) -> dict[str, Any]:
    """The spec as plain JSON values, without what has its default, so that projects stay short."""
    return {"source": spec.source, **spec.model_dump(mode="json", exclude_defaults=True)}


def resolved(spec: DataSpec, folder: Path | None) -> DataSpec:
    """The spec with its path, where it has one, taken as relative to `folder`."""
    path = getattr(spec, "path", "")
    if folder is None or not path or Path(path).is_absolute():
        return spec
    return spec.model_copy(update={"path": str(folder / path)})


def relative_to(spec: DataSpec, folder: Path | None) -> DataSpec:
    """The opposite of `resolved`: a path inside `folder` is written relative to it, with slashes."""
    path = getattr(spec, "path", "")
    if folder is None or not path or not PurePath(path).is_relative_to(folder):
        return spec
    return spec.model_copy(update={"path": PurePath(path).relative_to(folder).as_posix()})


def _fault(kind: type[DataSpec], error: ValidationError) -> DataFault:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return DataFault(f"The data source {kind.title} has no option “{name[:60]}”; remove it.")
    field = kind.model_fields.get(name)
    reason = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
    shown = repr(first["input"])[:60]
    return DataFault(f"{(field and field.title) or name} of {kind.title} cannot be {shown}: it {reason}.")
