"""Attention worked out in plain numbers, for its demonstrations."""

from __future__ import annotations

import math

from graphs.cards.base import Demonstration, Nested
from graphs.cards.nested import number, products
from graphs.cards.worked import Told, tables, worked

Matrix = list[list[float]]
X: Matrix = [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]
ONE: Matrix = [[1.0, 0.0], [0.0, 1.0]]
EPS = 1e-5


def shares(scores: list[float]) -> list[float]:
    """Softmax."""
    powers = [math.exp(s) for s in scores]
    return [p / sum(powers) for p in powers]


def attended(query: Matrix, key: Matrix, value: Matrix, causal: bool = False) -> tuple[Matrix, Matrix]:
    """One head: what each step looks at, and what it gathers."""
    width = len(query[0])
    looks = []
    for t, q in enumerate(query):
        seen = key[: t + 1] if causal else key
        row = shares([sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(width) for k in seen])
        looks.append([*row, *[0.0] * (len(key) - len(row))])
    gathered = [[sum(w * v[j] for w, v in zip(row, value, strict=True)) for j in range(width)] for row in looks]
    return looks, gathered


def plus(a: Matrix, b: Matrix) -> Matrix:
    """Number by number."""
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def normal(x: Matrix) -> Matrix:
    """Each row to mean 0 and spread 1."""
    result = []
    for row in x:
        mean = sum(row) / len(row)
        spread = math.sqrt(sum((v - mean) ** 2 for v in row) / len(row) + EPS)
        result.append([(v - mean) / spread for v in row])
    return result


def attention() -> Demonstration:
    """Three steps of two features; queries, keys and values are the input itself."""
    looks, result = attended(X, X, X)
    weights: dict[str, Nested] = {
        "in_proj_weight": ONE * 3,
        "in_proj_bias": [0.0] * 6,
        "out_proj.weight": ONE,
        "out_proj.bias": [0.0, 0.0],
    }

    def says(t: int, j: int) -> Told:
        said = products([round(w, 2) for w in looks[t]], [row[j] for row in X])
        return f"{said} = {number(result[t][j])}", {
            "x": [(s, j) for s in range(3)],
            "shares": [(t, s) for s in range(3)],
        }

    caption = (
        "One head, whose weights leave the input as it is. A row of shares is softmax(x·xᵀ / √2): it adds up to 1."
    )
    beside = tables("shares", looks, "state")
    return worked({"x": X}, result, says, caption, {"num_heads": 1}, weights, beside)


FEED: dict[str, Nested] = {
    "linear1.weight": [[1.0, 0.0], [0.0, -1.0]],
    "linear1.bias": [0.0, 0.0],
    "linear2.weight": [[0.5, 0.0], [1.0, 0.5]],
    "linear2.bias": [0.0, 0.0],
}


def fed(x: Matrix) -> Matrix:
    """The two Linear of FEED with a ReLU in between."""
    result = []
    for a, b in x:
        h, g = max(a, 0.0), max(-b, 0.0)
        result.append([0.5 * h, h + 0.5 * g])
    return result


def _norms(count: int) -> dict[str, Nested]:
    return {
        f"norm{i + 1}.{name}": [1.0 if name == "weight" else 0.0] * 2
        for i in range(count)
        for name in ("weight", "bias")
    }


def _heads(name: str) -> dict[str, Nested]:
    return {
        f"{name}.in_proj_weight": ONE * 3,
        f"{name}.in_proj_bias": [0.0] * 6,
        f"{name}.out_proj.weight": ONE,
        f"{name}.out_proj.bias": [0.0, 0.0],
    }


_FIELDS = {"nhead": 1, "dim_feedforward": 2, "dropout": 0.0, "norm_first": True}


def encoder() -> Demonstration:
    """Normalise, attend, add; normalise, feed forward, add."""
    calm = normal(X)
    middle = plus(X, attended(calm, calm, calm)[1])
    inner = fed(normal(middle))
    result = plus(middle, inner)

    def says(t: int, j: int) -> Told:
        said = f"After attention {number(middle[t][j])}, from the two Linear {number(inner[t][j])}: "
        return f"{said}{number(result[t][j])}", {"x": [(t, j)], "after attention": [(t, j)], "inner": [(t, j)]}

    beside = (*tables("after attention", middle, "state"), *tables("inner", inner, "state"))
    caption = "Both parts add to what they get: y = z + Linear(ReLU(Linear(norm z))), z = x + attention(norm x)."
    weights = {**_heads("self_attn"), **FEED, **_norms(2)}
    return worked({"x": X}, result, says, caption, _FIELDS, weights, beside)


def decoder() -> Demonstration:
    """As the encoder, with a look at the memory in between."""
    memory = [[1.0, 1.0], [0.0, 2.0]]
    calm = normal(X)
    first = plus(X, attended(calm, calm, calm, True)[1])
    second = plus(first, attended(normal(first), memory, memory)[1])
    result = plus(second, fed(normal(second)))

    def says(t: int, j: int) -> Told:
        said = f"After itself {number(first[t][j])}, after the memory {number(second[t][j])}"
        looked = {"target": [(t, j)], "memory": [(0, j), (1, j)], "after itself": [(t, j)], "after memory": [(t, j)]}
        return f"{said}, after the two Linear {number(result[t][j])}", looked

    beside = (*tables("after itself", first, "state"), *tables("after memory", second, "state"))
    caption = "Each step looks at the steps of the target up to itself, and at all of the memory."
    weights = {**_heads("self_attn"), **_heads("multihead_attn"), **FEED, **_norms(3)}
    return worked({"target": X, "memory": memory}, result, says, caption, _FIELDS, weights, beside)
