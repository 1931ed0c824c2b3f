"""Cards of attention, transformers, and what turns pictures and places into series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.cards import attending
from graphs.cards.base import Card, Demonstration, Line
from graphs.cards.lines import axis, free, keeps, multiply_adds, parameters, product, times, whole
from graphs.cards.nested import added, number, places
from graphs.cards.sources import arxiv
from graphs.cards.worked import Index, Told, tables, worked
from graphs.layers.base import Shape

Shapes = tuple[Shape, ...]
SERIES = ((1.0, 2.0, 0.0, -1.0), (0.0, 1.0, 3.0, 1.0))


def patched(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Patches become steps."""
    (channels, height, width), (p, q), features = inputs[0].dims, layer.patch_size, layer.features
    steps = axis("Steps", f"⌊{height} / {p}⌋·⌊{width} / {q}⌋", (height // p) * (width // q), 0, "one for each patch")
    seen = f"{channels}·{p}·{q}"
    learnt = parameters(
        f"{features}·({seen} + 1)" if layer.bias else f"{features}·{seen}", features * (channels * p * q + layer.bias)
    )
    adds = multiply_adds(f"{times(outputs[0].dims)}·{seen}", outputs[0].size * channels * p * q)
    return (steps, axis("Features", features, features, 1), learnt, adds)


def patches() -> Demonstration:
    """A picture of 2×4 in two patches."""
    x, w = [[[1, 2, 0, 1], [0, 3, 4, 1]]], ((1, 0, 0, 1), (0, 1, -1, 0))
    cells = [[(0, i, 2 * t + j) for i in range(2) for j in range(2)] for t in range(2)]
    result = [
        [sum(a * x[0][i][j] for a, (_, i, j) in zip(w[f], cells[t], strict=True)) for f in range(2)] for t in range(2)
    ]

    def says(t: int, f: int) -> Told:
        said = " + ".join(f"{x[0][i][j]}·{number(a)}" for a, (_, i, j) in zip(w[f], cells[t], strict=True))
        return f"Patch {t + 1}: {said} = {number(result[t][f])}", {"x": cells[t], "w": [(f, k) for k in range(4)]}

    weights = {"weight": [[[list(r[:2]), list(r[2:])]] for r in w], "bias": [0, 0]}
    caption = "Two patches of 2×2 become two steps of two features; a row of w holds the weights of one feature."
    return worked({"x": x}, result, says, caption, {"patch_size": 2, "features": 2}, weights, tables("w", w, "weight"))


def one_more(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """One step more."""
    steps, features = inputs[0].dims
    lines = (axis("Steps", f"{steps} + 1", steps + 1, 0), axis("Features", features, features, 1))
    return (*lines, parameters(str(features), features, "one step"), free()[1])


def token() -> Demonstration:
    """A step in front."""
    w = (0.5, -0.5, 1.0, 0.0)
    result = [w, *SERIES]

    def says(t: int, j: int) -> Told:
        if t:
            return f"Step {t} goes one place down.", {"x": [(t - 1, j)]}
        return f"The learnt number {number(w[j])}.", {"w": [(j,)]}

    caption = "The learnt step is the same for every sample; what stands there later has seen all others."
    return worked({"x": SERIES}, result, says, caption, weights={"weight": [[w]]}, beside=tables("w", w, "weight"))


def a_row_each(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A number for each feature of each place."""
    dims = inputs[0].dims
    return (whole(outputs[0], "as many as came in"), parameters(times(dims), product(dims), "a row a place"), free()[1])


def embedding() -> Demonstration:
    """Learnt numbers are added."""
    w = ((0.1, 0.2, -0.1, 0.0), (0.3, -0.2, 0.1, 0.5))
    result = [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(SERIES, w, strict=True)]

    def says(t: int, j: int) -> Told:
        return f"{added([SERIES[t][j], w[t][j]])} = {number(result[t][j])}", {"x": [(t, j)], "w": [(t, j)]}

    return worked(
        {"x": SERIES},
        result,
        says,
        "A learnt row for each place.",
        weights={"weight": [w]},
        beside=tables("w", w, "weight"),
    )


def encoding() -> Demonstration:
    """Sines and cosines are added."""
    waves = [[(math.cos if j % 2 else math.sin)(t / 10000 ** (2 * (j // 2) / 4)) for j in range(4)] for t in range(2)]
    result = [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(SERIES, waves, strict=True)]

    def says(t: int, j: int) -> Told:
        slower = " / 100" if j > 1 else ""
        wave = f"{'cos' if j % 2 else 'sin'}({t}{slower})"
        return f"{number(SERIES[t][j])} + {wave} = {number(result[t][j], 3)}", {"x": [(t, j)], "waves": [(t, j)]}

    caption = "Features 1 and 2 are a fast wave, 3 and 4 a slow one."
    return worked({"x": SERIES}, result, says, caption, beside=tables("waves", waves, "state"))


def attention(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Three projections, the scores, what is gathered, and a projection again."""
    query, key, value = (inputs * 3)[:3]
    (t, e), (s, k), v = query.dims, key.dims, value.dims[-1]
    learnt = f"2·{e}·{e} + {e}·{k} + {e}·{v}" + (f" + 4·{e}" if layer.bias else "")
    count = 2 * e * e + e * k + e * v + 4 * e * layer.bias
    adds = f"2·{t}·{e}·{e} + {s}·{k}·{e} + {s}·{v}·{e} + 2·{t}·{s}·{e}"
    made = 2 * t * e * e + s * k * e + s * v * e + 2 * t * s * e
    note = "scores and what is gathered are products as well"
    return (*_series(outputs), parameters(learnt, count), multiply_adds(adds, made, note))


def _series(outputs: Shapes) -> tuple[Line, Line]:
    steps, features = outputs[0].dims
    return axis("Steps", steps, steps, 0, "those of the query"), axis("Features", features, features, 1)


def encoder(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Attention, two Linear, two normalisations."""
    return _transformer(layer, inputs, outputs, 1)


def decoder(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Two attentions, two Linear, three normalisations."""
    return _transformer(layer, inputs, outputs, 2)


def _transformer(layer: Any, inputs: Shapes, outputs: Shapes, looks: int) -> tuple[Line, ...]:
    (t, e), f, b = inputs[0].dims, layer.dim_feedforward, layer.bias
    biases = f" + {looks}·4·{e} + {f} + {e} + {looks + 1}·{e}" if b else ""
    learnt = f"{looks}·4·{e}·{e} + 2·{e}·{f} + {looks + 1}·{e}{biases}"
    count = looks * 4 * e * e + 2 * e * f + (looks + 1) * e + b * (looks * 4 * e + f + e + (looks + 1) * e)
    adds, made = f"4·{t}·{e}·{e} + 2·{t}·{t}·{e} + 2·{t}·{e}·{f}", 4 * t * e * e + 2 * t * t * e + 2 * t * e * f
    if looks == 2:
        s = inputs[1].dims[0]
        adds += f" + 2·{t}·{e}·{e} + 2·{s}·{e}·{e} + 2·{t}·{s}·{e}"
        made += 2 * t * e * e + 2 * s * e * e + 2 * t * s * e
    return (*_series(outputs), parameters(learnt, count), multiply_adds(adds, made))


def squeezed(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Two small Linear over the channels."""
    c = inputs[0].dims[0]
    s = layer.between(c)
    learnt = parameters(f"{s}·({c} + 1) + {c}·({s} + 1)", s * (c + 1) + c * (s + 1))
    return (whole(outputs[0], "as many as came in"), learnt, multiply_adds(f"2·{c}·{s}", 2 * c * s))


def squeezing() -> Demonstration:
    """Two channels and one in between."""
    x = [[[1.0, 3.0], [2.0, 2.0]], [[0.0, 1.0], [1.0, 2.0]]]
    means = [sum(map(sum, rows)) / 4 for rows in x]
    inner = max(means[0] - means[1], 0.0)
    gates = [1 / (1 + math.exp(-inner)), 1 / (1 + math.exp(inner))]
    result = [[[v * gates[c] for v in row] for row in rows] for c, rows in enumerate(x)]
    weights = {
        "fc1.weight": [[[[1.0]], [[-1.0]]]],
        "fc1.bias": [0.0],
        "fc2.weight": [[[[1.0]]], [[[-1.0]]]],
        "fc2.bias": [0.0, 0.0],
    }

    def says(c: int, i: int, j: int) -> Told:
        sign = "" if c == 0 else "−"
        gate = f"gate sigmoid({sign}max(0, {added([means[0], -means[1]])})) = {number(gates[c], 3)}"
        looked: dict[str, list[Index]] = {
            "x": [(c, *at) for at in places((2, 2))],
            "means": [(0,), (1,)],
            "gates": [(c,)],
        }
        return f"{gate};  {number(x[c][i][j])}·{number(gates[c], 3)} = {number(result[c][i][j], 3)}", looked

    beside = (*tables("means", means, "state"), *tables("gates", gates, "state"))
    caption = "The means of both channels decide how much of each goes on."
    return worked({"x": x}, result, says, caption, {"squeezed": 1}, weights, beside)


_VIT = arxiv(
    "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    "Dosovitskiy et al.",
    2020,
    "2010.11929",
)
_BERT = arxiv(
    "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    "Devlin, Chang, Lee, Toutanova",
    2018,
    "1810.04805",
)
_VASWANI = arxiv("Attention Is All You Need", "Vaswani et al.", 2017, "1706.03762")
_ATTEND = r"head = softmax(\frac{Q · K^T}{\sqrt{d}}) · V,   y = [head_1; head_2; …] · W_O"
_QUERIES = (
    ("Q, K, V", "queries, keys and values: the inputs times learnt weights"),
    ("d", "features of one head"),
)

CARDS: Mapping[str, Card] = {
    "PatchEmbedding": Card(
        (r"y_t = W · patch_t + b,   T = ⌊\frac{H}{P}⌋ · ⌊\frac{W}{P}⌋",),
        (("P", "size of a patch"),),
        _VIT,
        patched,
        patches,
    ),
    "ClassToken": Card((r"y = [w; x_1; x_2; …]",), (("w", "the learnt step"),), _BERT, one_more, token),
    "PositionalEmbedding": Card(
        (r"y_t = x_t + w_t",), (("w_t", "learnt, for each place"),), _VIT, a_row_each, embedding
    ),
    "PositionalEncoding": Card(
        (r"y_{t,2i} = x_{t,2i} + sin \frac{t}{b^{2i/E}},   y_{t,2i+1} = x_{t,2i+1} + cos \frac{t}{b^{2i/E}}",),
        (("b", "the base, 10000 unless set"), ("E", "features")),
        _VASWANI,
        keeps,
        encoding,
    ),
    "MultiheadAttention": Card((_ATTEND,), _QUERIES, _VASWANI, attention, attending.attention),
    "TransformerEncoderLayer": Card(
        (r"z = norm(x + attention(x)),   y = norm(z + W_2 · max(0, W_1 · z))", _ATTEND),
        _QUERIES,
        _VASWANI,
        encoder,
        attending.encoder,
    ),
    "TransformerDecoderLayer": Card(
        (r"z = norm(x + attention(x)),   u = norm(z + attention(z, memory))", r"y = norm(u + W_2 · max(0, W_1 · u))"),
        _QUERIES,
        _VASWANI,
        decoder,
        attending.decoder,
    ),
    "SqueezeExcitation": Card(
        (r"y_c = x_c · σ(W_2 · max(0, W_1 · m))_c,   m_c = mean of x_c",),
        (("σ", "the gate, a sigmoid"), ("W_1, W_2", "learnt; r times fewer channels in between")),
        arxiv("Squeeze-and-Excitation Networks", "Hu, Shen, Albanie, Sun, Wu", 2017, "1709.01507"),
        squeezed,
        squeezing,
    ),
}
