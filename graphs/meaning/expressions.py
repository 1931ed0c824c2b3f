"""Arithmetic over named hyperparameters, as fields hold it: "=width*2". Read by hand, never by `eval`.

The grammar is a small part of Python's: + - * / // % ** with Python's precedence and results, brackets, numbers,
names and a few functions. Text, nesting, exponents and every result on the way are bounded: hostile text costs nothing.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeGuard

Number = int | float
Names = Mapping[str, int | float | None]
"""What names stand for; None for one that is there but has no value (its own expression is at fault)."""

LENGTH, DEPTH, EXPONENT, LIMIT = 200, 20, 64, 10**12
"""Bounds: characters, nesting, the size of an exponent, the size of any result on the way."""
MOST_NAMES = 256
"""Hyperparameters of one design."""

FUNCTIONS: Mapping[str, tuple[Callable[..., Number], bool]] = {
    "ceil": (math.ceil, False),
    "floor": (math.floor, False),
    "max": (max, True),
    "min": (min, True),
    "round": (round, False),
    "sqrt": (math.sqrt, False),
}
"""The functions, and whether they take several numbers."""

_OPERATORS: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod,
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|//|[-+*/%(),]))",
    re.ASCII,
)
_INSTEAD = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "^": "**"}


class ExpressionFault(ValueError):
    """Why an expression has no value, as one sentence. `field` is the field it stands in, where that is known."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Hyperparameters(NamedTuple):
    """The values of all hyperparameters in their order (None: no value), and one sentence for each that has none."""

    values: dict[str, int | float | None]
    faults: dict[str, str]


def is_expression(value: Any) -> TypeGuard[str]:
    """Whether a field's value is an expression: a text that begins with "="."""
    return isinstance(value, str) and value.startswith("=")


def evaluate(text: str, names: Names) -> Number:
    """The value of an expression, with or without its leading "=". Raises ExpressionFault."""
    text = text.removeprefix("=")
    if len(text) > LENGTH:
        raise ExpressionFault(f"An expression has at most {LENGTH} characters; this one has {len(text):,}.")
    return _Reader(_tokens(text), names).whole()


def names_in(text: str) -> tuple[str, ...]:
    """The names an expression speaks of, each once, in order; whether or not it can be read. Never raises."""
    found = (match["name"] for match in _TOKEN.finditer(text[: LENGTH + 1]) if match["name"])
    return tuple(dict.fromkeys(name for name in found if name not in FUNCTIONS))


def substituted(text: str, written: Mapping[str, str]) -> str:
    """The expression with other texts for some of its names, all at once; all else, spaces included, stays."""
    made, end = [], 0
    for match in _TOKEN.finditer(text):
        if match["name"] in written:
            made.append(text[end : match.start("name")] + written[match["name"]])
            end = match.end()
    return "".join(made) + text[end:]


def resolve_fields(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The fields with the value of every expression, inside lists too. Raises ExpressionFault with its `field`."""
    made = {}
    for field, value in fields.items():
        try:
            made[field] = _resolved(value, names)
        except ExpressionFault as fault:
            raise ExpressionFault(str(fault), field) from None
    return made


def expressions_in(value: Any) -> tuple[str, ...]:
    """Every expression in a field's value: the value itself, or those inside its lists."""
    if is_expression(value):
        return (value,)
    return tuple(found for item in value for found in expressions_in(item)) if isinstance(value, list | tuple) else ()


def hyperparameters(section: Any) -> Hyperparameters:
    """What the settings' section "hyperparameters" says: numbers, and expressions over its other names.

    Whatever a file holds, this says it in words: a name without a value has a sentence in `faults`. Names beyond
    `MOST_NAMES` have none.
    """
    section = section if isinstance(section, Mapping) else {}
    read = dict(islice(section.items(), MOST_NAMES))
    order, faults = in_order(read)
    values: dict[str, int | float | None] = dict.fromkeys(section)
    for name in order:
        try:
            _check_name(name)
            values[name] = None if name in faults else _value(read[name], values)
        except ExpressionFault as fault:
            faults[name] = str(fault)
    faults |= {name: f"A design has at most {MOST_NAMES} hyperparameters." for name in section if name not in read}
    return Hyperparameters({name: values[name] for name in section}, {n: faults[n] for n in section if n in faults})


def name_fault(name: str) -> str:
    """Why a hyperparameter can't have this name, as one sentence; empty where it can."""
    if not name:
        return "A hyperparameter needs a name."
    if not re.fullmatch(r"[A-Za-z]\w{0,39}", name, re.ASCII):
        return "A name has letters, digits and _, begins with a letter, and is at most 40 characters long."
    if name in FUNCTIONS or name == "same":
        return f"“{name}” already means something in expressions; take another name."
    return ""


def _check_name(name: Any) -> None:
    if sentence := name_fault(name if isinstance(name, str) else ""):
        raise ExpressionFault(sentence)


def _value(value: Any, names: Names) -> Number:
    if is_expression(value):
        return evaluate(value, names)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionFault("A hyperparameter is a number or an expression.")
    return _bounded(value)


def _resolved(value: Any, names: Names) -> Any:
    if is_expression(value):
        return evaluate(value, names)
    return [_resolved(item, names) for item in value] if expressions_in(value) else value


def in_order(values: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The names, each behind those of them that its value speaks of, and a sentence for every name that needs itself.

    Each name and each mention is looked at a bounded number of times: depth first, as Tarjan finds circles.
    """
    found = _Circles({name: _needs(value, values) for name, value in values.items()})
    return found.order, found.faults


def _needs(value: Any, known: Mapping[str, Any]) -> list[str]:
    return [name for name in names_in(value) if name in known] if is_expression(value) else []


class _Circles:
    """Tarjan's strongly connected components, without recursion: they come out each behind what it needs."""

    def __init__(self, needs: Mapping[str, list[str]]) -> None:
        self.order: list[str] = []
        self.faults: dict[str, str] = {}
        self._needs = needs
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        for name in needs:
            if name not in self._low:
                self._walk(name)

    def _walk(self, start: str) -> None:
        number = {start: len(self._low)}
        self._low[start], self._open[start] = number[start], None
        stack = [(start, iter(self._needs[start]))]
        while stack:
            name, rest = stack[-1]
            for other in rest:
                if other not in self._low:
                    number[other] = self._low[other] = len(self._low)
                    self._open[other] = None
                    stack.append((other, iter(self._needs[other])))
                    break
                if other in self._open:
                    self._low[name] = min(self._low[name], number[other])
            else:
                stack.pop()
                if stack:
                    self._low[stack[-1][0]] = min(self._low[stack[-1][0]], self._low[name])
                if self._low[name] == number[name]:
                    self._close(name)

    def _close(self, first: str) -> None:
        group: list[str] = []
        while not group or group[-1] != first:
            group.append(self._open.popitem()[0])
        self.order += group
        if len(group) > 1 or first in self._needs[first]:
            self.faults |= dict.fromkeys(group, f"It needs itself: {self._way(first, set(group))}.")

    def _way(self, first: str, group: set[str]) -> str:
        """A circle through the names of a group, as far as it is short enough to read."""
        way = {first: None}
        name = next(n for n in self._needs[first] if n in group)
        while name not in way:
            way[name] = None
            name = next((n for n in self._needs[name] if n == first), None) or next(
                n for n in self._needs[name] if n in group
            )
        shown = list(way)[list(way).index(name) :]
        return " → ".join([*shown, name]) if len(shown) <= 5 else f"{name} and {len(shown) - 1} others"


def _tokens(text: str) -> list[tuple[str, str]]:
    """The expression as (kind, text) pairs. Raises ExpressionFault at a character that means nothing."""
    made, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionFault(_strange(text[at:].lstrip()[0]))
        made.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return made


def _strange(sign: str) -> str:
    if sign in _INSTEAD:
        return f"“{sign}” is not known here; write {_INSTEAD[sign]}."
    if sign.isprintable():
        return f"“{sign}” can't stand in an expression; there are numbers, names, + - * / // % ** and brackets."
    return "An invisible character stands in this expression."


def _bounded(value: Number) -> Number:
    if not abs(value) <= LIMIT:  # also what is no number at all
        raise ExpressionFault("The result is too large; the most is 1,000,000,000,000.")
    return value


class _Reader:
    """Recursive descent over the tokens, computing on the way."""

    def __init__(self, tokens: list[tuple[str, str]], names: Names) -> None:
        self._tokens, self._names = tokens, names
        self._at = self._depth = 0

    def whole(self) -> Number:
        if not self._tokens:
            raise ExpressionFault("An expression is needed, for example width*2.")
        value = self._sum()
        if self._at < len(self._tokens):
            raise ExpressionFault(self._left_over())
        return value

    def _left_over(self) -> str:
        _, text = self._tokens[self._at]
        if text == ")":
            return "A bracket is closed that was never opened."
        if text == ",":
            return "A comma separates the numbers of a function; write a point for decimals."
        return f"Something like + or * is missing before “{text[:40]}”."

    def _peek(self) -> str:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        return text if kind == "sign" else ""

    def _take(self, *signs: str) -> str:
        sign = self._peek()
        if sign and sign in signs:
            self._at += 1
            return sign
        return ""

    def _sum(self) -> Number:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Number:
        return self._chain(self._signed, "*", "/", "//", "%")

    def _chain(self, part: Callable[[], Number], *signs: str) -> Number:
        value = part()
        while sign := self._take(*signs):
            value = _computed(partial(_OPERATORS[sign], value, part()))
        return value

    def _signed(self) -> Number:
        """Minus and plus bind less than a power on their right: -2**2 is -4."""
        if sign := self._take("-", "+"):
            value = self._deeper(self._signed)
            return -value if sign == "-" else value
        return self._power()

    def _power(self) -> Number:
        base = self._atom()
        if not self._take("**"):
            return base
        exponent = self._deeper(self._signed)
        if abs(exponent) > EXPONENT:
            raise ExpressionFault(f"An exponent is at most {EXPONENT}.")
        if base < 0 and exponent != int(exponent):
            raise ExpressionFault("A negative number has no such power.")
        return _computed(lambda: base**exponent)

    def _atom(self) -> Number:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if kind == "number":
            return _bounded(int(text) if text.isdigit() else float(text))
        if kind == "name":
            return self._called(text) if text in FUNCTIONS or self._peek() == "(" else self._named(text)
        if text == "(":
            value = self._deeper(self._sum)
            self._close()
            return value
        raise ExpressionFault(
            f"A number or name is missing before “{text}”." if text else "The expression is not finished."
        )

    def _named(self, name: str) -> Number:
        if name not in self._names:
            raise ExpressionFault(_unknown(name, self._names))
        value = self._names[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExpressionFault(f"“{name}” has no value itself.")
        return _bounded(value)

    def _called(self, name: str) -> Number:
        if name not in FUNCTIONS:
            raise ExpressionFault(f"There is no function “{name[:40]}”; there are {_listed(FUNCTIONS)}.")
        function, several = FUNCTIONS[name]
        if not self._take("("):
            raise ExpressionFault(f"“{name}” takes numbers in brackets: {name}({'a, b' if several else 'a'}).")
        values = [self._deeper(self._sum)]
        while self._take(","):
            values.append(self._deeper(self._sum))
        self._close()
        if not several and len(values) > 1:
            raise ExpressionFault(f"“{name}” takes one number.")
        return _computed(lambda: max(values) if name == "max" else min(values) if several else function(values[0]))

    def _close(self) -> None:
        if not self._take(")"):
            finished = self._at >= len(self._tokens)
            raise ExpressionFault("A bracket is not closed." if finished else self._left_over())

    def _deeper(self, part: Callable[[], Number]) -> Number:
        self._depth += 1
        if self._depth > DEPTH:
            raise ExpressionFault(f"An expression is nested at most {DEPTH} deep.")
        value = part()
        self._depth -= 1
        return value


def _computed(compute: Callable[[], Number]) -> Number:
    try:
        return _bounded(compute())
    except ZeroDivisionError:
        raise ExpressionFault("It divides by zero.") from None
    except OverflowError:
        raise ExpressionFault("The result is too large; the most is 1,000,000,000,000.") from None
    except ValueError as error:
        if isinstance(error, ExpressionFault):
            raise
        raise ExpressionFault("A negative number has no square root.") from None


def _unknown(name: str, names: Iterable[str]) -> str:
    """That a name is not known, with those that are near it, or those there are."""
    known = [n for n in names if isinstance(n, str)][:1000]
    near = difflib.get_close_matches(name, known, 3, 0.65) or [n for n in known if n.lower() == name.lower()]
    shown = f"“{name[:40]}”"
    if near:
        return f"There is no {shown}; did you mean {' or '.join(near)}?"
    return (
        f"There is no {shown}; there are {_listed(known)}."
        if known
        else f"There is no {shown}; no names are defined yet."
    )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
