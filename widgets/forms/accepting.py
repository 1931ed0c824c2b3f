"""Which of the candidates for a field is valid, and one sentence where none is: pydantic has the last word. No Qt.

A candidate may be an expression over names ("=width*2"): its value now has to be valid, the expression is what is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from graphs.meaning.expressions import ExpressionFault, expressions_in
from widgets.forms.entries import entry, said, word
from widgets.forms.formulas import Names, has_names, value_of, without_expressions


def accept(
    model: type[BaseModel],
    values: Mapping[str, Any],
    name: str,
    candidates: Iterable[Any],
    names: Names | None = None,
) -> tuple[Any, str]:
    """The first candidate that `model` accepts, as plain JSON, and ""; or None and one sentence.

    `names` are what expressions may use; None where the field takes none.
    """
    first = formula = ""
    others = without_expressions(values, names)
    for candidate in candidates:
        if has_names(candidate) and names is None:
            continue
        value, sentence = _judge(model, others, name, candidate, names or {})
        if not sentence:
            return value, ""
        first = first or sentence
        if expressions_in(candidate):
            formula = formula or sentence
    return None, formula or first or "Names mean nothing here; a number is needed."


def _judge(
    model: type[BaseModel], others: Mapping[str, Any], name: str, candidate: Any, names: Names
) -> tuple[Any, str]:
    """What is kept of the candidate, or why it is not valid; of an expression, its value now has to be valid."""
    if not expressions_in(candidate):
        value, sentence = _valid(model, others, name, candidate)
        return value, (_unfinished(model, name, candidate) if sentence else "") or sentence
    try:
        now = value_of(candidate, names)
    except ExpressionFault as fault:
        return None, str(fault)
    _, sentence = _valid(model, others, name, now)
    if sentence:
        return None, f"It is {said(now)} now; {sentence[:1].lower()}{sentence[1:]}"
    return candidate, ""


def _unfinished(model: type[BaseModel], name: str, candidate: Any) -> str:
    """What is wrong with text that should be JSON and is none; empty for everything else."""
    field = model.model_fields.get(name)
    if not isinstance(candidate, str) or field is None or entry(name, field).kind != "json":
        return ""
    try:
        json.loads(candidate)
    except ValueError as fault:
        place = getattr(fault, "pos", 0) + 1
        return f"This cannot be read from character {place} on: a bracket, quote or comma is missing or too many."
    return "A list in [ ] is needed, or names and values in { }."


def _valid(model: type[BaseModel], others: Mapping[str, Any], name: str, candidate: Any) -> tuple[Any, str]:
    try:
        return plain(model.model_validate({**others, name: candidate}), name), ""
    except ValidationError as error:
        mine = [fault for fault in error.errors() if not fault["loc"] or fault["loc"][0] == name]
        if not mine:  # another field is at fault and says so itself: this one has to suit its own type
            return _alone(model, name, candidate)
        return None, sentence_of(mine)


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
        return pattern.format(**{key: _counted(value) for key, value in context.items()})
    message = re.sub(r"^(Value|Assertion) error, ", "", str(fault["msg"])).strip()
    return message[:1].upper() + message[1:].rstrip(".") + "."


def _counted(value: Any) -> str:
    """A bound as the row of its field names it: 65,536."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else word(value)


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
