"""RNN, LSTM and GRU worked out step by step, with one number in and one remembered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from graphs.cards.base import Cell, Demonstration, Nested, Part, Step, Table
from graphs.cards.nested import added, factor, number

SERIES = (1.0, 0.5, -1.0, 2.0)
Learnt = tuple[float, float, float]
"""The weight of the input, that of what is remembered, and the bias."""
RNN: Mapping[str, Learnt] = {"h": (0.8, 0.5, 0.1)}
LSTM: Mapping[str, Learnt] = {"i": (1.0, 0.5, 0.0), "f": (0.5, -0.5, 1.0), "g": (0.9, 0.4, 0.0), "o": (0.6, 0.3, 0.2)}
GRU: Mapping[str, Learnt] = {"r": (0.7, -0.4, 0.0), "z": (0.6, 0.3, -0.2), "n": (1.0, 0.8, 0.1)}
_SUB = "₀₁₂₃₄₅"


def sigmoid(x: float) -> float:
    """1 / (1 + exp(−x))."""
    return 1 / (1 + math.exp(-x))


def _inside(weights: Learnt, x: float, h: float) -> tuple[float, str]:
    """ "0.8·1 + 0.5·0 + 0.1" and its value."""
    w, u, b = weights
    text = f"{factor(w)}·{factor(x)} + {factor(u)}·{factor(h)}"
    return w * x + u * h + b, f"{text} {'−' if b < 0 else '+'} {number(abs(b))}"


class _Story:
    """Rows of values over time, and the steps that fill them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.values: dict[str, list[float]] = {name: [] for name in names}
        self.known: dict[str, list[int]] = {name: [] for name in names}
        self.steps: list[Step] = []

    def tell(self, name: str, t: int, value: float, words: str, weights: tuple[tuple[int, int], ...] = ()) -> None:
        """One value at time t, and how it comes about."""
        self.values[name].append(value)
        self.known[name].append(len(self.steps))
        marks: dict[str, tuple[Cell, ...]] = {"x": ((0, t),), "over time": ((self.names.index(name), t),)}
        if weights:
            marks["learnt"] = weights
        self.steps.append(Step((f"Step {t + 1}: {name}{_SUB[t + 1]} = {words} = {number(value, 3)}",), marks))

    def table(self) -> Table:
        """The values over time."""
        rows = tuple(tuple(round(v, 3) for v in self.values[name]) for name in self.names)
        known = tuple(step for name in self.names for step in self.known[name])
        return Table("over time", rows, "output", known, down=self.names)


def _gate(
    story: _Story, weights: Mapping[str, Learnt], name: str, t: int, x: float, h: float, bend: Callable[[float], float]
) -> float:
    """A gate: a weighed sum, bent."""
    inside, text = _inside(weights[name], x, h)
    row = list(weights).index(name)
    value = bend(inside)
    word = "tanh" if bend is math.tanh else "σ"
    story.tell(name, t, value, f"{word}({text}) = {word}({number(inside)})", tuple((row, c) for c in range(3)))
    return value


def _shown(story: _Story, weights: Mapping[str, Learnt], caption: str) -> Demonstration:
    across = tuple(f"t = {t + 1}" for t in range(len(SERIES)))
    rows: tuple[tuple[Part | str, ...], ...] = (
        (Table("x", (SERIES,), across=across),),
        (Table("learnt", tuple(weights.values()), "weight", across=("W", "U", "b"), down=tuple(weights)),),
        (story.table(),),
    )
    count = len(weights)
    hidden: Nested = [[u] for _, u, _ in weights.values()]
    learnt = {
        "weight_ih_l0": [[w] for w, _, _ in weights.values()],
        "weight_hh_l0": hidden,
        "bias_ih_l0": [b for _, _, b in weights.values()],
        "bias_hh_l0": [0.0] * count,
    }
    result = [[[h] for h in story.values["h"]]]
    fields = {"hidden_size": 1, "result": "all"}
    inputs = ([[[x] for x in SERIES]],)
    return Demonstration(rows, tuple(story.steps), inputs, result, fields, learnt, caption=caption)


def rnn() -> Demonstration:
    """h = tanh(W x + U h + b)."""
    story, h = _Story(("h",)), 0.0
    for t, x in enumerate(SERIES):
        h = _gate(story, RNN, "h", t, x, h, math.tanh)
    return _shown(story, RNN, "The same three numbers are used at every step; h carries what came before.")


def lstm() -> Demonstration:
    """Three gates, a memory and what is shown of it."""
    story, h, c = _Story(("i", "f", "g", "o", "c", "h")), 0.0, 0.0
    for t, x in enumerate(SERIES):
        i = _gate(story, LSTM, "i", t, x, h, sigmoid)
        f = _gate(story, LSTM, "f", t, x, h, sigmoid)
        g = _gate(story, LSTM, "g", t, x, h, math.tanh)
        o = _gate(story, LSTM, "o", t, x, h, sigmoid)
        words = f"{factor(f)}·{factor(c)} + {factor(i)}·{factor(g)}"
        c = f * c + i * g
        story.tell("c", t, c, words)
        h = o * math.tanh(c)
        story.tell("h", t, h, f"{factor(o)}·tanh({number(c)})")
    return _shown(story, LSTM, "Gates between 0 and 1 decide what the memory c takes in, keeps and shows.")


def gru() -> Demonstration:
    """Two gates and a candidate."""
    story, h = _Story(("r", "z", "n", "h")), 0.0
    for t, x in enumerate(SERIES):
        r = _gate(story, GRU, "r", t, x, h, sigmoid)
        z = _gate(story, GRU, "z", t, x, h, sigmoid)
        w, u, b = GRU["n"]
        inside = w * x + b + r * u * h
        n = math.tanh(inside)
        words = f"tanh({added([w * x, b])} + {factor(r)}·{factor(u)}·{factor(h)}) = tanh({number(inside)})"
        story.tell("n", t, n, words, ((2, 0), (2, 1), (2, 2)))
        words = f"{factor(1 - z)}·{factor(n)} + {factor(z)}·{factor(h)}"
        h = (1 - z) * n + z * h
        story.tell("h", t, h, words)
    return _shown(story, GRU, "z decides how much of the old h stays and how much of the new n comes in.")
