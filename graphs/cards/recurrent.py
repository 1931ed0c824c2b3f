"""Cards of the layers that read a series, and of the table of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.cards import unrolled
from graphs.cards.base import Card, Demonstration, Line, Part, Source, Step, Table
from graphs.cards.lines import axis, multiply_adds, parameters, times
from graphs.cards.sources import ELMAN, arxiv, doi
from graphs.layers.base import Shape


def embedding(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Tokens, numbers for each, and the size of the table."""
    dims, rows, width = inputs[0].dims, layer.num_embeddings, layer.embedding_dim
    tokens = (axis("Tokens" if len(dims) == 1 else f"Axis {i + 1}", n, n, i) for i, n in enumerate(dims))
    return (
        *tokens,
        axis("Numbers a token", width, width, len(dims)),
        parameters(f"{rows}·{width}", rows * width, "a row for each token"),
        multiply_adds(note="rows are looked up"),
    )


def arithmetic(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Result, parameters and multiply-adds of RNN, LSTM and GRU."""
    steps, features = inputs[0].dims
    h, ways, depth = layer.hidden_size, 2 if layer.bidirectional else 1, layer.num_layers
    shape = [axis("Steps", steps, steps, 0)] if layer.result == "all" else []
    wide = f"2·{h}" if ways == 2 else str(h)
    note = "both directions" if ways == 2 else "what it remembers"
    shape.append(axis("Numbers", wide, ways * h, len(shape), note))
    each, later = _layer(layer, features, True), _layer(layer, ways * h, True)
    learnt = _stack(each[0], later[0], depth), each[1] + (depth - 1) * later[1]
    each, later = _layer(layer, features, False), _layer(layer, ways * h, False)
    adds = f"{steps}·({_stack(each[0], later[0], depth)})" if depth > 1 else f"{steps}·{each[0]}"
    return (*shape, parameters(*learnt), multiply_adds(adds, steps * (each[1] + (depth - 1) * later[1])))


def _stack(first: str, later: str, depth: int) -> str:
    return first if depth == 1 else f"{first} + {f'{depth - 1}·' if depth > 2 else ''}{later}"


def _layer(layer: Any, width: int, learnt: bool) -> tuple[str, int]:
    """ "4·(64·(8 + 64) + 2·64)": one layer of the stack, with its biases where parameters are counted."""
    h, gates, ways = layer.hidden_size, layer.gates, 2 if layer.bidirectional else 1
    factors = [str(n) for n in (ways, gates) if n > 1]
    inside, value = f"{h}·({width} + {h})", h * (width + h)
    if learnt and layer.bias:
        inside, value = f"({inside} + 2·{h})" if factors else f"{inside} + 2·{h}", value + 2 * h
    return times([*factors, inside]), ways * gates * value


def lookup() -> Demonstration:
    """Four tokens and the rows of a table of five."""
    rows = ((0.2, -0.5, 1.0), (0.9, 0.1, -0.3), (-0.7, 0.4, 0.6), (0.0, 1.2, -0.8), (0.5, -0.1, 0.3))
    tokens = (2, 0, 3, 2)
    result = tuple(rows[t] for t in tokens)
    steps = []
    for i, token in enumerate(tokens):
        cells = tuple((token, j) for j in range(3))
        marks = {"tokens": ((i, 0),), "table": cells, "result": tuple((i, j) for j in range(3))}
        steps.append(Step((f"Token {token} takes row {token} of the table.",), marks))
    known = tuple(i for i in range(4) for _ in range(3))
    shown: tuple[tuple[Part | str, ...], ...] = (
        (
            Table("tokens", tuple((t,) for t in tokens)),
            Table("table", rows, "weight", down=tuple(map(str, range(5)))),
            "→",
            Table("result", result, "output", known),
        ),
    )
    fields, weights = {"num_embeddings": 5, "embedding_dim": 3}, {"weight": rows}
    caption = "The same token always gets the same row; the rows are learnt."
    return Demonstration(shown, tuple(steps), ([tokens],), [result], fields, weights, caption=caption)


_TIME = (("x_t", "the input at step t"), ("h_t", "what is remembered after step t"), ("W, U, b", "learnt"))

CARDS: Mapping[str, Card] = {
    "Embedding": Card(
        (r"y_t = E_{x_t}",),
        (("x_t", "the token at place t, a whole number"), ("E", "the table, a row for each token")),
        Source(
            "A Neural Probabilistic Language Model",
            "Bengio, Ducharme, Vincent, Jauvin",
            2003,
            "https://www.jmlr.org/papers/v3/bengio03a.html",
        ),
        embedding,
        lookup,
    ),
    "RNN": Card((r"h_t = tanh(W x_t + U h_{t-1} + b)",), _TIME, ELMAN, arithmetic, unrolled.rnn),
    "LSTM": Card(
        (
            r"i_t = σ(W_i x_t + U_i h_{t-1} + b_i),   f_t = σ(W_f x_t + U_f h_{t-1} + b_f)",
            r"g_t = tanh(W_g x_t + U_g h_{t-1} + b_g),   o_t = σ(W_o x_t + U_o h_{t-1} + b_o)",
            r"c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t,   h_t = o_t ⊙ tanh(c_t)",
        ),
        (
            ("i, f, o", "input, forget and output gate: how much is let in, kept, shown"),
            ("g", "what could be written"),
            ("c", "the memory"),
            ("σ, ⊙", "sigmoid; product number by number"),
        ),
        doi("Long Short-Term Memory", "Hochreiter, Schmidhuber", 1997, "10.1162/neco.1997.9.8.1735"),
        arithmetic,
        unrolled.lstm,
    ),
    "GRU": Card(
        (
            r"r_t = σ(W_r x_t + U_r h_{t-1} + b_r),   z_t = σ(W_z x_t + U_z h_{t-1} + b_z)",
            r"n_t = tanh(W_n x_t + b_n + r_t ⊙ (U_n h_{t-1} + d_n))",
            r"h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}",
        ),
        (
            ("r, z", "reset and update gate: how much of the past is used, kept"),
            ("n", "what could be written"),
            ("σ, ⊙", "sigmoid; product number by number"),
        ),
        arxiv(
            "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
            "Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk, Bengio",
            2014,
            "1406.1078",
        ),
        arithmetic,
        unrolled.gru,
    ),
}
