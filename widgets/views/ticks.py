"""Round numbers for axes, and the words that stand beside them."""

from __future__ import annotations

import math
from typing import NamedTuple


class Tick(NamedTuple):
    """A place on an axis and its words."""

    value: float
    words: str


def nice_step(span: float, count: int) -> float:
    """The 1-2-5 step that cuts `span` into at most `count` parts."""
    if span <= 0 or not math.isfinite(span):
        return 1.0
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9)), 10 * power)


def nice_ceiling(value: float, count: int = 4) -> float:
    """The least multiple of a round step that is not below `value`: an axis that ends there stays calm."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    step = nice_step(value, count)
    return step * math.ceil(value / step - 1e-9)


def linear_ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[Tick]:
    """At most about `count` ticks between `low` and `high`; `whole`: at whole numbers only."""
    step = nice_step(high - low, count)
    step = max(1.0, round(step)) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Tick(n * step, number(n * step, step)) for n in range(first, min(last, first + 50) + 1)]


def log_ticks(low: float, high: float, count: int) -> list[Tick]:
    """Ticks between the exponents `low` and `high`: decades, with 2 and 5 between them where few fit."""
    first, last = math.floor(low), math.ceil(high)
    every = max(1, math.ceil((last - first) / max(count, 1)))
    leads = (1,) if last - first > max(2, count // 2) else (1, 2, 5)
    found = []
    for exponent in range(first, last + 1, every):
        for lead in leads:
            place = exponent + math.log10(lead)
            if low - 1e-9 <= place <= high + 1e-9:
                found.append(Tick(place, number(lead * 10.0**exponent, lead * 10.0**exponent)))
    return found


def number(value: float, step: float) -> str:
    """`value` with as many digits as ticks `step` apart need."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    if step >= 1:
        return f"{value:,.0f}"
    return f"{value:.{min(6, math.ceil(-math.log10(step) - 1e-9))}f}"
