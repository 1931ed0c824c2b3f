"""How a number moves when it is stepped with a key or dragged sideways: bounded, in round steps. No Qt."""

from __future__ import annotations

import math

from widgets.forms.entries import Entry

DECADE = 40
"""Steps of a drag that multiply a free number by ten."""


def stepped(entry: Entry, value: float, count: int) -> float | int:
    """`value` moved by `count` steps: whole numbers by one, bounded ones by a round grain, others along 1-2-5."""
    if entry.whole:
        new: float | int = int(value) + count * int(entry.step or 1)
    elif grain := grain_of(entry):
        new = round((value + count * grain) / grain) * grain
    else:
        new = _along_125(value, count)
    return bounded(entry, new, value)


def dragged(entry: Entry, start: float, steps: float, *, fine: bool = False) -> float | int:
    """`start` after a drag of so many steps; `fine` keeps one more digit."""
    if not steps:
        return start
    if entry.whole:
        new: float | int = int(start) + round(steps) * int(entry.step or 1)
    elif grain := grain_of(entry):
        unit = grain / 10 if fine else grain
        new = round((start + steps * grain) / unit) * unit
    elif start > 0:
        new = float(f"{start * 10 ** max(-300.0, min(300.0, steps / DECADE)):.{3 if fine else 2}g}")
    else:
        new = round(start + steps / 10, 2 if fine else 1)
    return bounded(entry, new, start)


def grain_of(entry: Entry) -> float:
    """The step of a number that is not whole: declared, or round for its bounds; 0 for one without both bounds."""
    if entry.step:
        return entry.step
    if entry.low is None or entry.high is None:
        return 0.0
    return float(10.0 ** math.floor(math.log10(max(entry.high - entry.low, 1e-12) / 10)))


def bounded(entry: Entry, new: float, before: float) -> float | int:
    """`new` inside the bounds; `before` where it would reach a bound that is itself left out."""
    new = max(new, entry.low) if entry.low is not None else new
    new = min(new, entry.high) if entry.high is not None else new
    if (entry.open_low and new == entry.low) or (entry.open_high and new == entry.high):
        return before
    return int(new) if entry.whole else float(f"{new:.12g}")


def _along_125(value: float, count: int) -> float:
    if value <= 0:
        return 10.0**-4 if count > 0 and value == 0 else value + count
    exponent = math.floor(math.log10(value) + 1e-9)
    lead = value / 10.0**exponent
    ladder = [1.0, 2.0, 5.0]
    nearest = min(range(3), key=lambda i: abs(math.log(lead / ladder[i])))
    position = 3 * exponent + nearest + count
    return ladder[position % 3] * 10.0 ** (position // 3)


def limits(entry: Entry) -> str:
    """What a number may be, in short: "1–4,096", "≥ 0", "> 0"; empty where it is free."""
    low, high = (None if bound is None else f"{bound:,.10g}" for bound in (entry.low, entry.high))
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"{'>' if entry.open_low else '≥'} {low}" if low else f"{'<' if entry.open_high else '≤'} {high}"
    return f"{'> ' if entry.open_low else ''}{low}–{'< ' if entry.open_high else ''}{high}"


def allowed(entry: Entry) -> str:
    """What a field takes, as a short line for its tooltip: "1–4,096 samples, or same"."""
    rule = " ".join(part for part in (limits(entry), entry.unit) if part)
    return ", or ".join(part for part in (rule, *entry.words) if part)
