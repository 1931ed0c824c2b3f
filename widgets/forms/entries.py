"""How one declared field is written and read as text: no Qt here, so that it can be tested by the thousand.

An `Entry` is what a form needs to know about a pydantic field: which editor suits it, its bounds, its unit,
its choices. `write` turns a value into the text a person sees, `read` turns a person's text into candidate
values, best first; `widgets.forms.accepting` says which of them is valid."""

from __future__ import annotations

import enum
import json
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from graphs.meaning.expressions import expressions_in
from widgets.forms.formulas import arithmetic, parts, typed

Kind = Literal["switch", "choice", "number", "numbers", "text", "path", "model", "json"]
_NONE = type(None)
_COMMAS = re.compile(r"\s*[,;]\s*")


@dataclass(frozen=True)
class Entry:
    """One row of a form: everything the editor of one field has to know."""

    name: str
    title: str
    help: str
    kind: Kind
    annotation: Any
    unit: str = ""
    optional: bool = False
    choices: tuple[tuple[Any, str], ...] = ()
    whole: bool = False
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    step: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether it takes numbers, alone or in a series, and so arithmetic."""
        leaves = _leaves(self.annotation)
        return self.kind in ("number", "numbers") and bool(leaves & {int, float}) and str not in leaves

    @property
    def words(self) -> tuple[str, ...]:
        """Words it takes in place of numbers, such as "same"."""
        return _words(self.annotation)


def entries(model: type[BaseModel]) -> list[Entry]:
    """The rows of a form for `model`, in the order of its fields."""
    return [entry(name, info) for name, info in model.model_fields.items() if not _hidden(info)]


def entry(name: str, info: FieldInfo) -> Entry:
    """What the editor of the field `name` has to know."""
    annotation = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    core, optional = core_of(info.annotation)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
    low, high, open_low, open_high = _bounds(info.metadata) or _bounds_inside(info.annotation) or _FREE
    return Entry(
        name=name,
        title=info.title or name.replace("_", " ").capitalize(),
        help=info.description or "",
        kind=_kind(core, extra),
        annotation=annotation,
        unit=str(extra.get("unit", "")),
        optional=optional,
        choices=_choices(core, optional, extra),
        whole=int in _leaves(core) and float not in _leaves(core),
        low=low,
        high=high,
        open_low=open_low,
        open_high=open_high,
        step=float(step) if isinstance(step := extra.get("step"), int | float) else None,
        extra=extra,
    )


def write(entry: Entry, value: Any) -> str:
    """The text that stands for `value` in the field."""
    if value is None:
        return ""
    if entry.kind == "json":
        return json.dumps(value, ensure_ascii=False, default=str)
    if entry.kind in ("number", "numbers") and expressions_in(value):
        value = [typed(item) for item in value] if isinstance(value, (list, tuple)) else typed(value)
        return " × ".join(map(word, value)) if isinstance(value, list) else value
    if isinstance(value, (list, tuple)):
        between = " × " if all(isinstance(item, int) for item in value) else ", "
        return between.join(word(item) for item in value)
    return word(value)


def said(value: Any) -> str:
    """A value in a sentence or beside an expression: 64, 0.3333, 3 × 5."""
    if isinstance(value, (list, tuple)):
        return " × ".join(map(said, value))
    return word(float(f"{value:.6g}")) if isinstance(value, float) else word(value)


def read(entry: Entry, text: str) -> list[Any]:
    """What `text` may mean, likeliest first; pydantic decides. An empty list never happens."""
    text = text.strip()
    if not text and entry.optional:
        return [None]
    if entry.kind == "json":
        return _json(text)
    if entry.kind == "number":
        number = _number(text)
        return [number, text] if number is not text else [*arithmetic(text), text]
    if entry.kind == "numbers":
        return _series(entry, text)
    return [text]


def _hidden(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and extra.get("hidden"):
        return True
    return get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1


def core_of(annotation: Any) -> tuple[Any, bool]:
    """The annotation without Annotated and without None, and whether None was in it."""
    if get_origin(annotation) is Annotated:
        return core_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [arm for arm in get_args(annotation) if arm is not _NONE]
        optional = len(inner) < len(get_args(annotation))
        return (core_of(inner[0])[0] if len(inner) == 1 else Union[tuple(inner)]), optional  # noqa: UP007
    return annotation, False


def _leaves(annotation: Any) -> set[Any]:
    """The plain types an annotation is made of."""
    core, _ = core_of(annotation)
    if get_origin(core) is Literal:
        return {Literal}
    arguments = [argument for argument in get_args(core) if argument is not Ellipsis]
    return set().union(*map(_leaves, arguments)) if arguments else {core}


def _words(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(word for word in get_args(annotation) if isinstance(word, str))
    return tuple(word for arm in get_args(annotation) for word in _words(arm))


def _kind(core: Any, extra: Mapping[str, Any]) -> Kind:
    leaves = _leaves(core)
    nested = get_origin(core) in (Union, types.UnionType)
    if core is bool:
        return "switch"
    if get_origin(core) is Literal or (isinstance(core, type) and issubclass(core, enum.Enum)):
        return "choice"
    if isinstance(core, type) and issubclass(core, BaseModel):
        return "model"
    if (isinstance(core, type) and issubclass(core, Path)) or extra.get("path"):
        return "path"
    if core in (int, float) or ((nested and leaves <= {int, float}) and not _has_series(core)):
        return "number"
    if leaves <= {int, float, str, Literal} and _has_series(core):
        return "numbers"
    if leaves <= {int, float, str, Literal}:
        return "numbers" if leaves & {int, float} else "text"
    return "json"


def _has_series(core: Any) -> bool:
    """Whether the annotation is, or may be, a tuple or list."""
    if get_origin(core) in (tuple, list):
        return True
    if get_origin(core) in (Union, types.UnionType):
        return any(_has_series(core_of(arm)[0]) for arm in get_args(core))
    return False


def _choices(core: Any, optional: bool, extra: Mapping[str, Any]) -> tuple[tuple[Any, str], ...]:
    labels: Mapping[Any, str] = extra.get("labels", {})
    values: list[Any] = []
    if get_origin(core) is Literal:
        values = list(get_args(core))
    elif isinstance(core, type) and issubclass(core, enum.Enum):
        values = [member.value for member in core]
    rows = [(value, labels.get(value, str(value).replace("_", " "))) for value in values]
    return tuple(([(None, extra.get("none", "none"))] if optional and rows else []) + rows)


_FREE = (None, None, False, False)
Bounds = tuple[float | None, float | None, bool, bool]


def _bounds(metadata: Iterable[Any]) -> Bounds | None:
    """Least, most, and whether each of them is itself left out; None where there are no bounds."""
    low = high = None
    open_low = open_high = False
    rules = [rule for part in metadata for rule in (part.metadata if isinstance(part, FieldInfo) else [part])]
    for item in rules:
        if (found := getattr(item, "ge", None)) is not None or (found := getattr(item, "gt", None)) is not None:
            low, open_low = found, getattr(item, "ge", None) is None
        if (found := getattr(item, "le", None)) is not None or (found := getattr(item, "lt", None)) is not None:
            high, open_high = found, getattr(item, "le", None) is None
    return None if low is None and high is None else (low, high, open_low, open_high)


def _bounds_inside(annotation: Any) -> Bounds | None:
    """The bounds of the numbers that an annotation is made of: those of a pair's elements."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return _bounds(metadata) or _bounds_inside(inner)
    return next((found for arm in get_args(annotation) if (found := _bounds_inside(arm))), None)


def word(value: Any) -> str:
    """One value as text: the shortest that means it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):  # the shortest text that means this very number
        return re.sub(
            r"e([+-])0*(\d)", lambda m: f"e{'-' if m[1] == '-' else ''}{m[2]}", repr(value).removesuffix(".0")
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(map(word, value))
    return str(value)


def _number(text: str) -> Any:
    cleaned = text.replace("−", "-").replace(" ", "").replace("\u202f", "")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", cleaned):
        cleaned = cleaned.replace(",", "")
    elif cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    if cleaned.endswith("%"):
        return _scaled(cleaned[:-1], 0.01, text)
    try:
        return int(cleaned)
    except ValueError:
        return _scaled(cleaned, 1.0, text)


def _scaled(text: str, factor: float, otherwise: str) -> Any:
    try:
        return float(text) * factor if factor != 1.0 else float(text)
    except ValueError:
        return otherwise


def _series(entry: Entry, text: str) -> list[Any]:
    """A series typed as "3×5", "3x5", "3, 5" or "3 5"; one number alone stands for a pair of equal ones."""
    words = parts(text) if entry.numeric else _COMMAS.split(text.strip("()[] "))
    items = [_item(word) if entry.numeric else _number(word) for word in words if word]
    rank = _rank(entry.annotation)
    if len(items) != 1:
        return [items, text]
    if expressions_in(items[0]):  # a word such as “same” comes before a name
        return [text, *(items if rank > 1 else []), items, *items]
    return [items * rank, items[0], items, text] if rank > 1 else [items[0], items, text]


def _item(word: str) -> Any:
    """One number of a series; an expression where there are names in it."""
    number = _number(word)
    return number if number is not word else next(iter(arithmetic(word)), word)


def _rank(annotation: Any) -> int:
    """How many numbers a fixed tuple in the annotation takes (1 where there is none)."""
    core, _ = core_of(annotation)
    if get_origin(core) is tuple and Ellipsis not in get_args(core):
        return len(get_args(core))
    if get_origin(core) in (Union, types.UnionType):
        return max(_rank(arm) for arm in get_args(core))
    return 1


def _json(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [text]
