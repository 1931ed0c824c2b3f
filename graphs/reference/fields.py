"""The fields of a kind or an architecture as rows of a table: name, title, what is taken, what it is by itself, why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

HEADER = ("field", "called", "takes", "by itself", "what it says")
NAMES = {"integer": "whole number", "number": "number", "boolean": "yes or no", "string": "text", "array": "list",
         "object": "table", "null": "nothing"}  # fmt: skip
MOST = 12
"""So many choices are listed."""


def rows(kind: type[BaseModel], leave: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """A row for each field but those to `leave` out."""
    schema = kind.model_json_schema()
    return [row for name, row in _rows(kind, schema) if name not in leave]


def _rows(kind: type[BaseModel], schema: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    usual = kind.model_construct().model_dump(mode="json", warnings=False)
    for name, info in kind.model_fields.items():
        told = schema["properties"].get(name, {})
        more = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
        takes = takes_of(told, schema.get("$defs", {})) + (f", in {more['unit']}" if more.get("unit") else "")
        value = str(more["none"]) if usual.get(name) is None and more.get("none") else _value(usual.get(name))
        yield name, (f"`{name}`", info.title or name, takes, value, info.description or "")


def takes_of(told: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """What a field takes, in words, from its JSON schema."""
    if "$ref" in told:
        return takes_of(known.get(str(told["$ref"]).rpartition("/")[2], {}), known)
    if "enum" in told or "const" in told:
        choices = [_value(choice) for choice in told.get("enum", [told.get("const")])]
        return ", ".join(choices[:MOST]) + (", …" if len(choices) > MOST else "")
    if "anyOf" in told:
        return " or ".join(dict.fromkeys(takes_of(each, known) for each in told["anyOf"]))
    if "prefixItems" in told:
        inner = dict.fromkeys(takes_of(each, known) for each in told["prefixItems"])
        return f"{len(told['prefixItems'])} × {' / '.join(inner)}"
    if told.get("type") == "array" and told.get("items"):
        return f"list of {takes_of(told['items'], known)}"
    return NAMES.get(str(told.get("type")), "value") + _bounds(told)


def _bounds(told: Mapping[str, Any]) -> str:
    low, high = told.get("minimum"), told.get("maximum")
    above, below = told.get("exclusiveMinimum"), told.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" {_number(low)}…{_number(high)}"
    said = [(low, "from {}"), (above, "over {}"), (high, "to {}"), (below, "under {}")]
    words = " ".join(words.format(_number(value)) for value, words in said if value is not None)
    return f" {words}" if words else ""


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"`{value}`" if value else "empty"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
