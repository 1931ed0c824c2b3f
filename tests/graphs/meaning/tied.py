"""Designs in which layers share weights, for tests of what has to hold for every one of them."""

from __future__ import annotations

from typing import Any

from graphs.architectures.draw import Drawing
from graphs.network import Network


def _tokens(d: Drawing) -> Any:
    return d.layer("TokensInput", id="text", length=6, vocabulary=3000)


def language_model() -> Network:
    """A table for what is read and for the scores of what is said."""
    d = Drawing()
    x = d.layer("Embedding", _tokens(d), id="wte", num_embeddings=3000, embedding_dim=4)
    x = d.layer("LayerNorm", x, id="ln")
    d.output(d.linear(x, 3000, "head", bias=False, last_axis=True))
    return d.network({"ties": {"head": "wte"}})


def with_bias() -> Network:
    """The same, where the one layer has a bias that the other has not."""
    d = Drawing()
    x = d.layer("VectorInput", id="x", features=4)
    first = d.linear(x, 4, "first")
    d.output(d.linear(d.linear(first, 4, "second", bias=False), 4, "third"))
    return d.network({"ties": {"second": "first", "third": "second"}})


def twins() -> Network:
    """Two pictures seen by layers that are alike in all, normalisation included."""
    d = Drawing()
    ends = []
    for side in ("left", "right"):
        x = d.layer("ImageInput", id=side, channels=2, height=6, width=6)
        ends.append(d.norm(d.conv(x, 3, 3, id=f"conv_{side}"), id=f"norm_{side}"))
    d.output(d.linear(d.flatten(d.concat(*ends)), 2, "fc"))
    return d.network({"ties": {"conv_right": "conv_left", "norm_right": "norm_left"}})


def twin_blocks() -> Network:
    """Two uses of one block that share everything inside."""
    d = Drawing()
    with d.block("seen", "Seen", size=5) as b:
        b.output(b.relu(b.linear(b.input(), "=size", "0")))
    ends = [d.use("seen", d.layer("VectorInput", id=side, features=4), id=f"see_{side}") for side in ("a", "b")]
    d.output(d.linear(d.concat(*ends), 2, "fc"))
    return d.network({"ties": {"see_b/0": "see_a/0"}})


def repeats() -> Network:
    """One layer again and again, as in ALBERT."""
    d = Drawing()
    with d.block("step", "Step") as b:
        x = b.input()
        b.output(b.add(x, b.linear(x, 5, "fc")))
    x = d.use("step", d.layer("VectorInput", id="x", features=5), id="h", repeat=3)
    d.output(d.linear(x, 2, "fc"))
    return d.network({"ties": {"h/1/fc": "h/0/fc", "h/2/fc": "h/0/fc"}})


def other_stride() -> Network:
    """Equal filters that are moved in other steps."""
    d = Drawing()
    x = d.image(2, 8, 8)
    ends = [d.flatten(d.conv(x, 3, 3, id=f"conv{n}", stride=n)) for n in (1, 2)]
    d.output(d.linear(d.concat(*ends), 2, "fc"))
    return d.network({"ties": {"conv2": "conv1"}})


def memories() -> Network:
    """Two recurrent layers."""
    d = Drawing()
    x = d.layer("SequenceInput", id="x", length=5, features=4)
    first = d.layers("LSTM", x, id="lstm1", hidden_size=4, result="all")[0]
    last = d.layers("LSTM", first, id="lstm2", hidden_size=4, result="all")[0]
    d.output(d.linear(d.flatten(last), 2, "fc"))
    return d.network({"ties": {"lstm2": "lstm1"}})


DESIGNS = (language_model, with_bias, twins, twin_blocks, repeats, other_stride, memories)
