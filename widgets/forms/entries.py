"""How one declared field is written and read as text: no Qt here, so that it can be tested by the thousand.

An `Entry` is what a form needs to know about a pydantic field: which editor suits it, its bounds, its unit,
its choices. `write` turns a value into the text a person sees, `read` turns a person's text into candidate
values, best first; pydantic has the last word on which of them is valid (`accept`)."""

from __future__ import annotations

import enum
import json
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

Kind = Literal["switch", "choice", "number", "numbers", "text", "path", "model", "json"]
_NONE = type(None)
_COMMAS = re.compile(r"\s*[,;]\s*")
_SEPARATORS = re.compile(r"\s*[×x*,;\s]\s*")


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
    step: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def entries(model: type[BaseModel]) -> list[Entry]:
    """The rows of a form for `model`, in the order of its fields."""
    return [entry(name, info) for name, info in model.model_fields.items() if not _hidden(info)]


def entry(name: str, info: FieldInfo) -> Entry:
    """What the editor of the field `name` has to know."""
    annotation = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    core, optional = core_of(info.annotation)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
    low, high = _bounds(info.metadata)
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
        step=float(step) if isinstance(step := extra.get("step"), int | float) else None,
        extra=extra,
    )


def write(entry: Entry, value: Any) -> str:
    """The text that stands for `value` in the field."""
    if value is None:
        return ""
    if entry.kind == "json":
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (list, tuple)):
        between = " × " if all(isinstance(item, int) for item in value) else ", "
        return between.join(_word(item) for item in value)
    return _word(value)


def read(entry: Entry, text: str) -> list[Any]:
    """What `text` may mean, likeliest first; pydantic decides. An empty list never happens."""
    text = text.strip()
    if not text and entry.optional:
        return [None]
    if entry.kind == "json":
        return _json(text)
    if entry.kind == "number":
        return [_number(text), text]
    if entry.kind == "numbers":
        return _series(entry, text)
    return [text]


def accept(model: type[BaseModel], values: Mapping[str, Any], name: str, candidates: Iterable[Any]) -> tuple[Any, str]:
    """The first candidate that `model` accepts, as plain JSON, and ""; or None and one sentence."""
    sentence = ""
    for candidate in candidates:
        try:
            return plain(model.model_validate({**values, name: candidate}), name), ""
        except ValidationError as error:
            mine = [fault for fault in error.errors() if not fault["loc"] or fault["loc"][0] == name]
            if not mine:  # another field is at fault and says so itself: this one has to suit its own type
                return _alone(model, name, candidate)
            sentence = sentence or sentence_of(mine)
    return None, sentence


def plain(made: BaseModel, name: str) -> Any:
    """The field's value as plain JSON (pairs are lists, paths are strings)."""
    return made.model_dump(mode="json", include={name}, by_alias=False)[name]


def sentence_of(errors: list[Any]) -> str:
    """One plain sentence for pydantic's errors of one field."""
    fault = errors[0] if len({error["type"] for error in errors}) == 1 else _worst(errors)
    context = fault.get("ctx", {})
    known = {
        "greater_than_equal": "The least is {ge}.",
        "greater_than": "It has to be more than {gt}.",
        "less_than_equal": "The most is {le}.",
        "less_than": "It has to be less than {lt}.",
        "int_parsing": "A whole number is needed, for example 8.",
        "int_type": "A whole number is needed, for example 8.",
        "int_from_float": "A whole number is needed, for example 8.",
        "float_parsing": "A number is needed, for example 0.1.",
        "float_type": "A number is needed, for example 0.1.",
        "finite_number": "A finite number is needed.",
        "tuple_type": "Numbers are needed, for example 3 or 3×5.",
        "list_type": "Numbers are needed, for example 3 or 3×5.",
        "too_long": "At most {max_length} of them.",
        "too_short": "At least {min_length} of them.",
        "string_too_short": "It can't be empty.",
        "missing": "It can't be empty.",
        "literal_error": "It has to be one of {expected}.",
    }
    pattern = known.get(fault["type"])
    if pattern:
        return pattern.format(**{key: _word(value) for key, value in context.items()})
    message = re.sub(r"^(Value|Assertion) error, ", "", str(fault["msg"])).strip()
    return message[:1].upper() + message[1:].rstrip(".") + "."


def _worst(errors: list[Any]) -> Any:
    """Of a union's complaints, the one about a bound says most; then our own sentences, then types."""
    order = ("greater", "less", "value_error", "too_", "int_from", "literal")

    def rank(fault: Any) -> int:
        return next((i for i, start in enumerate(order) if fault["type"].startswith(start)), len(order))

    return min(errors, key=rank)


def _alone(model: type[BaseModel], name: str, candidate: Any) -> tuple[Any, str]:
    field = model.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(entry(name, field).annotation)
    try:
        return adapter.dump_python(adapter.validate_python(candidate), mode="json"), ""
    except ValidationError as error:
        return None, sentence_of(list(error.errors()))


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


def _bounds(metadata: Iterable[Any]) -> tuple[float | None, float | None]:
    low = high = None
    for item in metadata:
        low = getattr(item, "ge", getattr(item, "gt", low))
        high = getattr(item, "le", getattr(item, "lt", high))
    return low, high


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):  # the shortest text that means this very number
        return re.sub(
            r"e([+-])0*(\d)", lambda m: f"e{'-' if m[1] == '-' else ''}{m[2]}", repr(value).removesuffix(".0")
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_word, value))
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
    inner = text.strip("()[] ")
    between = _SEPARATORS if re.search(r"\d", inner) else _COMMAS
    words = [word for word in between.split(inner) if word]
    items = [_number(word) for word in words]
    rank = _rank(entry.annotation)
    if len(items) == 1:
        return [items * rank, items[0], items, text] if rank > 1 else [items[0], items, text]
    return [items, text]


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
