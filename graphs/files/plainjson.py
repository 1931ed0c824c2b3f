"""Reading JSON that may be broken or hostile, and writing JSON that a person can read and compare.

Python's parser takes duplicate keys, NaN and numbers that overflow without a word; here each is a FileFault.
"""

import json
import math
from typing import Any

from graphs.files.faults import FileFault, shown

MAX_DEPTH = 32
MAX_STRING = 100_000
MAX_VALUES = 2_000_000
MAX_INTEGER = 2**63


def parse(text: str, name: str) -> Any:
    """The JSON value in `text`, checked. `name` is the file that a FileFault speaks of."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_integer)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FileFault(name, place, f"is no valid JSON here ({_plain(error.msg)})") from error
    except RecursionError as error:
        raise FileFault(name, "", f"is nested more than {MAX_DEPTH} levels deep") from error
    except UnicodeDecodeError as error:
        raise FileFault(name, "", "is no text in UTF-8") from error
    except ValueError as error:
        raise FileFault(name, "", str(error)) from error
    check(value, name)
    return value


def check(value: Any, name: str) -> None:
    """Raises FileFault unless `value` is plain, finite and of bounded depth, length and number."""
    seen = 0
    stack: list[tuple[tuple[Any, ...], Any]] = [((), {"": value})]
    while stack:
        where, container = stack.pop()
        seen += len(container)
        if len(where) > MAX_DEPTH:
            raise FileFault(name, place(where), f"is nested more than {MAX_DEPTH} levels deep")
        if seen > MAX_VALUES:
            raise FileFault(name, place(where), f"is beyond the {MAX_VALUES:,} values that are read")
        stack.extend(_deeper(where, container, name))


def _deeper(where: tuple[Any, ...], container: Any, name: str) -> list[tuple[tuple[Any, ...], Any]]:
    """The containers in a container, the last first, after a look at everything that it holds."""
    found = []
    keyed = isinstance(container, dict)
    for key, item in container.items() if keyed else enumerate(container, 1):
        problem = (_key_problem(key) if keyed else "") or _problem(item)
        if problem:
            raise FileFault(name, place((*where, key)), problem)
        if isinstance(item, dict | list | tuple):
            found.append(((*where, key), item))
    return found[::-1]


def place(where: tuple[Any, ...]) -> str:
    """Where in the file a value stands, for a person: "nodes › conv1 › fields"."""
    shortened = where if len(where) <= 6 else (*where[:5], "…")
    parts = ["".join(c for c in str(key)[:80] if c.isprintable()) for key in shortened]
    return " › ".join(part for part in parts if part)


def _key_problem(key: Any) -> str:
    fine = isinstance(key, str) and len(key) <= 200 and not _text_problem(key)
    return "" if fine else "is a key that is no text of up to 200 characters"


def _problem(item: Any) -> str:
    if isinstance(item, str):
        return _text_problem(item)
    if item is None or isinstance(item, bool | dict | list | tuple):
        return ""
    if isinstance(item, int):
        return "" if -MAX_INTEGER <= item < MAX_INTEGER else "holds a whole number beyond 64 bits"
    if isinstance(item, float):
        return "" if math.isfinite(item) else "holds a number that is not finite"
    return f"holds a {type(item).__name__}, which is no JSON value"


def _text_problem(text: str) -> str:
    if len(text) > MAX_STRING:
        return f"holds a text longer than {MAX_STRING:,} characters"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which is no character"
    return ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"has the key {shown(key)} twice in one object")
        found[key] = value
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"holds {constant}, which is no finite number")


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"holds the whole number {shown(digits, 20)}, which is beyond 64 bits")
    return int(digits)


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def compact(value: Any) -> str:
    """`value` on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def pretty(value: Any, indent: str = "") -> str:
    """`value` with one key per line and lists of plain values on one line."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{compact(k)}: {pretty(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and any(isinstance(v, dict | list | tuple) for v in value):
        return "[\n" + ",\n".join(inner + pretty(v, inner) for v in value) + f"\n{indent}]"
    return compact(value)
